"""How each family joins its text encoders: as diffusers' pipelines do, over the same weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import diffusers
import pytest
import torch

from diffusion import memory
from diffusion.errors import Cancelled, DiffusionError
from diffusion.text_encoding import encode, encode_apart
from diffusion.text_encoding.styles import STYLES
from diffusion.text_models import TextEncoder, make_text_encoder
from diffusion.text_types import ROLES
from tests.support import tiny_text_models
from tests.support.tiny_text_models import WIDTHS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

pytestmark = pytest.mark.network

PROMPT = "a red cat, the dog"
_NAMES = {"clip_l": "", "clip_g": "_2", "t5xxl": "_3"}


@pytest.fixture(autouse=True)
def without_gradients() -> Iterator[None]:
    """As in a pipeline's call: with them, torch computes T5 in another order."""
    with torch.no_grad():
        yield


def handle(style: str, *roles: str, **settings: Any) -> TextEncoder:
    return make_text_encoder(style, tiny_text_models.stack(style, *(roles or ROLES[style])), **settings)


def words(clip: TextEncoder, text: str) -> torch.Tensor:
    tensor: torch.Tensor = encode(clip, text)[0][0]
    return tensor


def pooled(clip: TextEncoder, text: str) -> torch.Tensor:
    vector: torch.Tensor = encode(clip, text)[0][1]["pooled_output"]
    return vector


def pipeline(name: str, clip: TextEncoder, names: Mapping[str, str] = _NAMES, **others: Any) -> Any:
    """A pipeline of diffusers with nothing but the text encoders."""
    parts = {f"text_encoder{names[role]}": part.module for role, part in clip.parts.items()}
    parts |= {f"tokenizer{names[role]}": part.tokenizer for role, part in clip.parts.items()}
    absent = dict.fromkeys(["vae", "unet", "transformer", "scheduler", "text_encoder", "tokenizer"])
    cls = getattr(diffusers, name)
    wanted = set(cls._get_signature_keys(cls)[0]) if hasattr(cls, "_get_signature_keys") else set()
    return cls(**{key: value for key, value in {**absent, **parts, **others}.items() if key in wanted})


@pytest.mark.parametrize("text", [PROMPT, ""])
def test_sdxl_is_what_its_pipeline_encodes(text: str) -> None:
    clip = handle("sdxl")
    pipe = pipeline("StableDiffusionXLPipeline", clip)
    theirs, _, their_pooled, _ = pipe.encode_prompt(text, device="cpu", do_classifier_free_guidance=False)
    assert torch.equal(words(clip, text), theirs)
    assert torch.equal(pooled(clip, text), their_pooled)
    assert words(clip, text).shape == (1, 77, WIDTHS["clip_l"] + WIDTHS["clip_g"])


def test_sdxl_reads_an_earlier_layer_as_its_pipeline_does() -> None:
    clip = handle("sdxl")
    pipe = pipeline("StableDiffusionXLPipeline", clip)
    theirs, _, their_pooled, _ = pipe.encode_prompt(
        PROMPT, device="cpu", do_classifier_free_guidance=False, clip_skip=1
    )
    assert torch.equal(words(clip.with_stop_at_layer(-3), PROMPT), theirs)
    assert torch.equal(pooled(clip.with_stop_at_layer(-3), PROMPT), their_pooled)
    assert torch.equal(words(clip.with_stop_at_layer(-2), PROMPT), words(clip, PROMPT))


def test_the_refiner_of_sdxl_is_what_its_pipeline_encodes() -> None:
    clip = handle("sdxl_refiner")
    pipe = pipeline("StableDiffusionXLImg2ImgPipeline", clip)
    theirs, _, their_pooled, _ = pipe.encode_prompt(PROMPT, device="cpu", do_classifier_free_guidance=False)
    assert torch.equal(words(clip, PROMPT), theirs)
    assert torch.equal(pooled(clip, PROMPT), their_pooled)


@pytest.mark.parametrize("text", [PROMPT, ""])
def test_sd3_is_what_its_pipeline_encodes_for_77_tokens(text: str) -> None:
    clip = handle("sd3")
    pipe = pipeline("StableDiffusion3Pipeline", clip)
    theirs, _, their_pooled, _ = pipe.encode_prompt(
        text, text, text, device="cpu", do_classifier_free_guidance=False, max_sequence_length=77
    )
    assert torch.equal(words(clip, text), theirs)
    assert torch.equal(pooled(clip, text), their_pooled)
    assert words(clip, text).shape == (1, 154, WIDTHS["t5xxl"])


def test_sd3_without_t5_has_zeros_in_its_place_as_in_the_pipeline() -> None:
    clip = handle("sd3", "clip_l", "clip_g", widths=WIDTHS)
    whole = handle("sd3")
    assert torch.equal(words(clip, PROMPT)[:, :77], words(whole, PROMPT)[:, :77])
    assert torch.equal(words(clip, PROMPT)[:, 77:], torch.zeros(1, 77, WIDTHS["t5xxl"]))
    assert torch.equal(pooled(clip, PROMPT), pooled(whole, PROMPT))


@pytest.mark.parametrize("role", ["clip_l", "clip_g"])
def test_sd3_without_a_clip_has_zeros_in_its_channels(role: str) -> None:
    clip = handle("sd3", *(other for other in ROLES["sd3"] if other != role), widths=WIDTHS)
    left = WIDTHS["clip_l"]
    lost = slice(0, left) if role == "clip_l" else slice(left, left + WIDTHS["clip_g"])
    expected, vector = words(handle("sd3"), PROMPT), pooled(handle("sd3"), PROMPT)
    expected[:, :77, lost] = 0
    vector[:, lost] = 0
    assert torch.equal(words(clip, PROMPT), expected)
    assert torch.equal(pooled(clip, PROMPT), vector)


def test_sd3_by_t5_alone_has_a_pooled_vector_of_zeros() -> None:
    clip = handle("sd3", "t5xxl", widths=WIDTHS)
    assert torch.equal(pooled(clip, PROMPT), torch.zeros(1, WIDTHS["clip_l"] + WIDTHS["clip_g"]))
    assert torch.equal(words(clip, PROMPT)[:, 77:], words(handle("sd3"), PROMPT)[:, 77:])


@pytest.mark.parametrize("text", [PROMPT, ""])
def test_flux_is_what_its_pipeline_encodes_for_256_tokens(text: str) -> None:
    clip = handle("flux")
    pipe = pipeline("FluxPipeline", clip, {"clip_l": "", "t5xxl": "_2"})
    theirs, their_pooled, _ = pipe.encode_prompt(text, text, device="cpu", max_sequence_length=256)
    assert torch.equal(words(clip, text), theirs)
    assert torch.equal(pooled(clip, text), their_pooled)
    assert words(clip, text).shape == (1, 256, WIDTHS["t5xxl"])


def test_flux_reads_the_pooled_vector_before_the_projection_of_a_clip_that_has_one() -> None:
    parts = tiny_text_models.stack("flux", "clip_l", "t5xxl")
    projecting, tokens = tiny_text_models.clip("clip_l")
    plain = parts["clip_l"][0]
    state = {name.removeprefix("text_model."): value for name, value in projecting.state_dict().items()}
    plain.load_state_dict({name: value for name, value in state.items() if name != "text_projection.weight"})
    ours = pooled(make_text_encoder("flux", {**parts, "clip_l": (projecting, tokens)}), PROMPT)
    assert torch.equal(ours, pooled(make_text_encoder("flux", parts), PROMPT))


def test_sd2_reads_the_last_but_one_of_24_layers_as_the_folder_that_leaves_the_last_one_out() -> None:
    whole, tokens = tiny_text_models.clip("clip_h", projects=False, layers=24)
    short, _ = tiny_text_models.clip("clip_h", projects=False, layers=23)
    state = {name: value for name, value in whole.state_dict().items() if "layers.23." not in name}
    short.load_state_dict(state)
    of_whole, of_short = (make_text_encoder("sd2", {"clip_h": (module, tokens)}) for module in (whole, short))
    assert torch.equal(words(of_whole, PROMPT), words(of_short, PROMPT))
    assert of_whole.layers == of_short.layers == 24
    for layer in (-2, -5):
        early = words(of_whole.with_stop_at_layer(layer), PROMPT)
        assert torch.equal(early, words(of_short.with_stop_at_layer(layer), PROMPT))
    assert not torch.equal(words(of_whole.with_stop_at_layer(-1), PROMPT), words(of_whole, PROMPT))


@pytest.mark.parametrize("style", sorted(set(ROLES) - {"sd2"}))
def test_a_weight_moves_its_tokens_away_from_the_empty_prompt_in_every_encoder(style: str) -> None:
    clip = handle(style)
    plain, empty, heavy = (words(clip, text) for text in ("cat dog", "", "(cat:1.5) dog"))
    first = {"sd3": [1, 77], "flux": [0]}.get(style, [1])
    for place in first:
        moved = empty[0, place] + 1.5 * (plain[0, place] - empty[0, place])
        assert torch.allclose(heavy[0, place], moved, atol=1e-5)
        assert not torch.allclose(heavy[0, place], plain[0, place], atol=1e-3)
        assert torch.allclose(heavy[0, place + 1], plain[0, place + 1], atol=1e-5)
    assert torch.equal(pooled(clip, "(cat:1.5) dog"), pooled(clip, "cat dog"))


@pytest.mark.parametrize(("style", "tokens"), [("sdxl", 154), ("sd3", 154 + 81), ("flux", 256)])
def test_a_long_prompt_makes_windows_for_clip_and_one_sequence_for_t5(style: str, tokens: int) -> None:
    clip = handle(style)
    long = words(clip, " ".join(["cat"] * 80))
    assert long.shape[1] == tokens
    assert torch.equal(pooled(clip, " ".join(["cat"] * 80)), pooled(clip, " ".join(["cat"] * 75 + ["dog"])))


def test_a_break_starts_a_window_of_clip_and_means_nothing_to_t5() -> None:
    clip = handle("sd3")
    broken, plain = words(clip, "cat BREAK dog"), words(clip, "cat dog")
    assert broken.shape[1] == 154 + 77
    assert torch.allclose(broken[:, 154:], plain[:, 77:], atol=1e-6)


def test_each_encoder_may_have_a_text_of_its_own() -> None:
    clip = handle("sd3")
    ((joined, settings),) = encode_apart(clip, {"l": "cat", "g": "dog", "t5xxl": "red"})
    left = WIDTHS["clip_l"]
    assert torch.equal(joined[:, :77, :left], words(clip, "cat")[:, :77, :left])
    assert torch.equal(joined[:, :77, left:], words(clip, "dog")[:, :77, left:])
    assert torch.equal(joined[:, 77:], words(clip, "red")[:, 77:])
    assert torch.equal(settings["pooled_output"][:, :left], pooled(clip, "cat")[:, :left])


def test_a_short_text_beside_a_long_one_is_followed_by_empty_windows() -> None:
    clip = handle("sdxl")
    left = WIDTHS["clip_l"]
    ((joined, _),) = encode_apart(clip, {"l": "cat", "g": " ".join(["dog"] * 80)})
    assert joined.shape[1] == 154
    assert torch.allclose(joined[:, 77:, :left], words(clip, "")[:, :, :left], atol=1e-6)


def test_an_encoder_of_sd3_without_a_text_counts_as_one_that_is_not_there() -> None:
    clip = handle("sd3")
    ((joined, settings),) = encode_apart(clip, {"l": "cat", "g": "cat"})
    assert not joined[:, 77:].any()
    assert torch.equal(settings["pooled_output"], pooled(clip, "cat"))


def test_a_text_that_a_family_cannot_do_without_is_named() -> None:
    with pytest.raises(DiffusionError, match=r"no text for the text encoder clip_g.*Use the prompt node"):
        encode_apart(handle("sdxl"), {"l": "cat"})


@pytest.mark.parametrize(("style", "least"), [("sd3", 77), ("flux", 256)])
def test_t5_reads_a_prompt_that_is_longer_than_the_least_length_to_its_end(style: str, least: int) -> None:
    clip = handle(style)
    exact = words(clip, " ".join(["cat"] * (least - 1)))[:, -least:]
    longer = words(clip, " ".join(["cat"] * least))[:, -least - 1 :]
    part = clip.parts["t5xxl"]
    for text, embeds in ((" ".join(["cat"] * (least - 1)), exact), (" ".join(["cat"] * least), longer)):
        ids = part.tokenizer([text], return_tensors="pt").input_ids
        assert torch.equal(embeds, part.module(ids)[0])


def test_a_prompt_that_is_too_long_for_t5_is_refused_with_its_length() -> None:
    with pytest.raises(DiffusionError, match=r"The prompt has 5,000 tokens for T5; the limit is 4,095"):
        encode(handle("sd3", "t5xxl"), "cat " * 5_000)


def test_a_prompt_for_whose_reading_there_is_no_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "memory_left", lambda: 2**20)
    with pytest.raises(DiffusionError, match=r"Reading a prompt of 2,000 tokens with T5 would take .* Shorten it"):
        encode(handle("sd3", "t5xxl"), "cat " * 2_000)


def test_a_device_without_memory_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    clip = handle("sdxl")

    def full(*_: object, **__: object) -> None:
        raise torch.OutOfMemoryError

    monkeypatch.setattr(clip.parts["clip_l"].module, "forward", full)
    with pytest.raises(DiffusionError, match=r"not enough memory for reading the prompt"):
        encode(clip, "cat")


def test_reading_by_t5_can_be_cancelled_inside() -> None:
    clip = handle("sd3", "t5xxl")
    asked: list[None] = []

    def cancelled() -> bool:
        asked.append(None)
        return len(asked) == 2

    with pytest.raises(Cancelled):
        encode(clip, "cat", cancelled=cancelled)
    assert not any(block._forward_pre_hooks for block in clip.parts["t5xxl"].module.encoder.block)


def test_a_stack_has_the_layers_of_its_smallest_clip_and_the_bytes_of_all() -> None:
    parts = tiny_text_models.stack("sdxl", "clip_l", "clip_g")
    clip = make_text_encoder("sdxl", {**parts, "clip_g": tiny_text_models.clip("clip_g", layers=6)})
    assert clip.layers == 4
    assert clip.nbytes > sum(p.nbytes for p in parts["clip_l"][0].parameters()) + 1000
    assert clip.with_stop_at_layer(-3).weights is clip.weights
    with pytest.raises(DiffusionError, match="from -4 to -1"):
        clip.with_stop_at_layer(-5)


def test_t5_alone_has_no_layers_to_stop_at() -> None:
    with pytest.raises(DiffusionError, match="no CLIP"):
        handle("sd3", "t5xxl").with_stop_at_layer(-2)


@pytest.mark.parametrize(
    ("style", "roles"), [("sdxl", ("clip_l",)), ("flux", ("t5xxl",)), ("sd1", ("clip_l", "clip_g")), ("sd3", ())]
)
def test_a_stack_that_lacks_an_encoder_or_has_a_strange_one_is_refused(style: str, roles: tuple[str, ...]) -> None:
    given = " and ".join(roles) or "none"
    with pytest.raises(DiffusionError, match=rf"read by {' and '.join(ROLES[style])}; given are {given}"):
        make_text_encoder(style, tiny_text_models.stack(style, *roles))


def test_a_style_that_nobody_knows_is_refused_with_those_that_are_there() -> None:
    with pytest.raises(DiffusionError, match="sdxl_refiner, sd3, flux"):
        make_text_encoder("pixel", {})


def test_each_style_reads_the_clips_among_its_roles() -> None:
    assert set(STYLES) == set(ROLES)
    for style, roles in ROLES.items():
        assert [role for role in roles if role != "t5xxl"] == list(STYLES[style].clips)


def test_a_t5_that_is_narrower_than_sd3_s_clips_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(WIDTHS, "t5xxl", 64)
    with pytest.raises(DiffusionError, match=r"T5 gives embeddings of width 64; .* expects at least 72") as caught:
        words(handle("sd3"), PROMPT)
    assert caught.value.input == "clip"
    assert "t5xxl" in caught.value.remedy
