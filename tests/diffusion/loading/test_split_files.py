"""Denoiser, text encoders and VAE, each from a file of its own, are those of the whole file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import torch
from safetensors.torch import load_file

from diffusion.errors import Cancelled, DiffusionError
from diffusion.layouts import t5 as t5_layout
from diffusion.loading import assembly, load_checkpoint, load_denoiser, load_text_encoders, load_vae
from diffusion.text_encoding import encode
from tests.diffusion.loading.test_files import equal, made
from tests.support import tiny_files
from tests.support.backwards import run_backwards

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.tiny_files import Painter

pytestmark = pytest.mark.network


@pytest.fixture(scope="module")
def flux() -> Painter:
    return made("flux", words=520)


@pytest.fixture(scope="module")
def place(flux: Painter, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the parts of a Flux, the whole, and its diffusers folder."""
    folder = tmp_path_factory.mktemp("flux")
    for role in flux.modules:
        tiny_files.split_file(folder / f"{role}.safetensors", flux, role)
    tiny_files.all_in_one(folder / "whole.safetensors", flux)
    tiny_files.folder(folder / "folder", flux, name="FluxImg2ImgPipeline")
    return folder


# --- denoisers


@pytest.mark.parametrize("name", ["denoiser.safetensors", "whole.safetensors", "folder", "folder/transformer"])
def test_a_denoiser_is_loaded_from_wherever_it_lies(name: str, place: Path, flux: Painter) -> None:
    model = load_denoiser(place / name, device="cpu")
    assert equal(model.module, flux.modules["denoiser"])
    assert (model.family.id, model.variant, model.preview) == ("flux", "", None)
    assert (model.latent_format.channels, model.latent_format.scale) == (16, 0.3611)


@pytest.mark.parametrize("prefix", ["model.diffusion_model.", "diffusion_model.", "transformer."])
def test_what_stands_in_front_of_all_names_is_taken_off(prefix: str, flux: Painter, tmp_path: Path) -> None:
    tensors = tiny_files.file_tensors(flux, "denoiser")
    path = tiny_files.write(tmp_path / "a.safetensors", {f"{prefix}{name}": t for name, t in tensors.items()})
    assert equal(load_denoiser(path, device="cpu").module, flux.modules["denoiser"])


def test_a_file_with_the_names_of_diffusers_loads(flux: Painter, tmp_path: Path) -> None:
    path = tiny_files.write(tmp_path / "a.safetensors", flux.modules["denoiser"].state_dict())
    assert equal(load_denoiser(path, device="cpu").module, flux.modules["denoiser"])


@pytest.mark.parametrize(
    ("file", "settings", "variant"),
    [
        ("flux1-schnell", {"guidance": False}, "schnell"),
        ("flux1-fill-dev", {"channels": 384}, "fill"),
        ("flux1-dev-kontext", {}, "kontext"),
        ("flux1-depth-dev", {"channels": 128}, "control"),
    ],
)
def test_the_variants_of_flux(file: str, settings: dict[str, Any], variant: str, tmp_path: Path) -> None:
    painter = (
        made("flux", **settings) if "guidance" not in settings else tiny_files.painter("flux", **settings, words=8)
    )
    path = tiny_files.split_file(tmp_path / f"{file}.safetensors", painter, "denoiser")
    assert load_denoiser(path, device="cpu").variant == variant


@pytest.mark.parametrize(("variant", "name"), [("medium", "medium"), ("plain", "large"), ("without norms", "")])
def test_the_variants_of_sd3(variant: str, name: str, tmp_path: Path) -> None:
    painter = tiny_files.painter("sd3", variant=variant, words=8)
    model = load_denoiser(tiny_files.split_file(tmp_path / "a.safetensors", painter, "denoiser"), device="cpu")
    assert (model.family.id, model.variant) == ("sd3", name)
    assert equal(model.module, painter.modules["denoiser"])


@pytest.mark.parametrize(("file", "prediction"), [("v2-1_768-ema-pruned", "v_prediction"), ("v2-base", "epsilon")])
def test_what_stable_diffusion_2_predicts_is_told_by_the_name_when_nothing_else_does(
    file: str, prediction: str, tmp_path: Path
) -> None:
    painter = tiny_files.painter("sd2", words=8)
    model = load_denoiser(tiny_files.split_file(tmp_path / f"{file}.safetensors", painter, "denoiser"), device="cpu")
    assert model.noise_model.prediction == prediction


def test_a_denoiser_is_not_loaded_from_another_kind_of_file(place: Path) -> None:
    with pytest.raises(DiffusionError, match=r"vae.safetensors is a VAE; expected a diffusion model") as caught:
        load_denoiser(place / "vae.safetensors", device="cpu")
    assert caught.value.input == "unet_name"
    assert "VAELoader" in caught.value.remedy


# --- VAEs


@pytest.mark.parametrize("name", ["vae.safetensors", "whole.safetensors", "folder", "folder/vae"])
def test_a_vae_is_loaded_from_wherever_it_lies(name: str, place: Path, flux: Painter) -> None:
    vae = load_vae(place / name, device="cpu")
    assert equal(vae.model, flux.modules["vae"])
    assert (vae.latent_format.scale, vae.latent_format.shift) == (0.3611, 0.1159)


def test_a_vae_of_four_channels_in_either_layout(tmp_path: Path) -> None:
    painter = tiny_files.painter("sd1", words=8)
    ldm = tiny_files.split_file(tmp_path / "ldm.safetensors", painter, "vae")
    theirs = tiny_files.write(tmp_path / "theirs.safetensors", painter.modules["vae"].state_dict())
    for path in (ldm, theirs):
        vae = load_vae(path, device="cpu")
        assert equal(vae.model, painter.modules["vae"])
        assert (vae.latent_format.channels, vae.latent_format.scale, vae.latent_format.shift) == (4, 0.18215, 0.0)


def test_a_vae_of_sdxl_takes_the_scale_of_its_checkpoint(tmp_path: Path) -> None:
    path = tiny_files.all_in_one(tmp_path / "xl.safetensors", tiny_files.painter("sdxl", words=8))
    assert load_vae(path, device="cpu").latent_format.scale == 0.13025


def test_a_file_without_a_vae_is_refused(place: Path, tmp_path: Path, flux: Painter) -> None:
    with pytest.raises(DiffusionError, match=r"denoiser.safetensors is a diffusion model; expected a VAE"):
        load_vae(place / "denoiser.safetensors", device="cpu")
    path = tiny_files.all_in_one(tmp_path / "bare.safetensors", flux, without=("vae",))
    with pytest.raises(DiffusionError, match=r"bare.safetensors holds no VAE") as caught:
        load_vae(path, device="cpu")
    assert caught.value.input == "vae_name"


# --- text encoders


@pytest.mark.parametrize("order", [("clip_l", "t5xxl"), ("t5xxl", "clip_l")])
def test_text_encoders_are_joined_in_any_order(order: tuple[str, str], place: Path, flux: Painter) -> None:
    clip = load_text_encoders([place / f"{role}.safetensors" for role in order], "flux", device="cpu")
    assert list(clip.parts) == ["clip_l", "t5xxl"]
    assert all(equal(clip.parts[role].module, flux.modules[role]) for role in clip.parts)


def test_encoders_that_were_loaded_apart_read_a_prompt_as_those_of_the_whole_file_do(tmp_path: Path) -> None:
    painter = tiny_files.painter("sd3")
    roles = ("clip_l", "clip_g", "t5xxl")
    paths = [tiny_files.split_file(tmp_path / f"{role}.safetensors", painter, role) for role in roles]
    whole = load_checkpoint(tiny_files.all_in_one(tmp_path / "whole.safetensors", painter), device="cpu").clip
    apart = load_text_encoders(paths, "sd3", device="cpu")
    for one, other in zip(encode(whole, "a red cat")[0][:1], encode(apart, "a red cat")[0][:1], strict=True):
        assert torch.equal(one, other)
    alone = load_text_encoders(paths[:2], "sd3", device="cpu")
    assert list(alone.parts) == ["clip_l", "clip_g"]


def test_text_encoders_are_loaded_from_the_folders_of_components(place: Path, flux: Painter) -> None:
    paths = [place / "folder" / "text_encoder", place / "folder" / "text_encoder_2"]
    clip = load_text_encoders(paths, "flux", device="cpu")
    assert all(equal(clip.parts[role].module, flux.modules[role]) for role in ("clip_l", "t5xxl"))
    whole = load_text_encoders([place / "whole.safetensors"], "flux", device="cpu").parts["t5xxl"].tokenizer
    assert clip.parts["t5xxl"].tokenizer("a red cat").input_ids == whole("a red cat").input_ids
    with pytest.raises(DiffusionError, match="the folder of a whole model"):
        load_text_encoders([place / "folder"], "flux", device="cpu")


def test_text_encoders_of_a_whole_file_can_be_taken_out_of_it(place: Path, flux: Painter) -> None:
    clip = load_text_encoders([place / "whole.safetensors"], "flux", device="cpu")
    assert all(equal(clip.parts[role].module, flux.modules[role]) for role in ("clip_l", "t5xxl"))


def test_an_encoder_in_the_layout_of_openclip_is_known_by_its_width(tmp_path: Path) -> None:
    painter = tiny_files.painter("sd2", words=520)
    path = tiny_files.split_file(tmp_path / "open.safetensors", painter, "clip_h")
    clip = load_text_encoders([path], "sd2", device="cpu")
    assert equal(clip.parts["clip_h"].module, painter.modules["clip_h"])


def test_the_same_encoder_twice_and_a_missing_one_are_refused(place: Path, tmp_path: Path) -> None:
    clip, t5 = place / "clip_l.safetensors", place / "t5xxl.safetensors"
    with pytest.raises(DiffusionError, match="Prompts of flux are read by clip_l and t5xxl; given are t5xxl"):
        load_text_encoders([t5], "flux", device="cpu")
    with pytest.raises(DiffusionError, match="given are clip_l and t5xxl"):
        load_text_encoders([clip, t5], "sd1", device="cpu")
    with pytest.raises(DiffusionError, match=r"are the same encoder, t5xxl") as caught:
        load_text_encoders([clip, t5, t5], "flux", device="cpu")
    assert caught.value.input == "clip_name"
    with pytest.raises(DiffusionError, match="no way of joining text encoders named 'dream'"):
        load_text_encoders([clip], "dream", device="cpu")


def test_an_encoder_without_its_tokenizer_is_refused_with_what_to_get(place: Path, tmp_path: Path) -> None:
    tensors = load_file(place / "t5xxl.safetensors")
    del tensors["tokenizer_json"]
    path = tiny_files.write(tmp_path / "t5.safetensors", tensors)
    with pytest.raises(DiffusionError, match="T5 needs its tokenizer") as caught:
        load_text_encoders([place / "clip_l.safetensors", path], "flux", device="cpu")
    assert "models/tokenizers/t5xxl" in caught.value.remedy


def test_a_t5_in_gguf_brings_its_tokenizer(place: Path, flux: Painter, tmp_path: Path) -> None:
    import gguf

    state = {
        name: t for name, t in flux.modules["t5xxl"].state_dict().items() if not name.endswith("embed_tokens.weight")
    }
    writer = gguf.GGUFWriter(tmp_path / "t5.gguf", "t5encoder")
    pieces = [
        ("<pad>", 0.0),
        ("</s>", 0.0),
        ("<unk>", 0.0),
        ("▁a", -1.0),
        ("▁cat", -2.0),
        *((c, -9.0) for c in "▁abct"),
    ]
    pieces += [(f"▁{number}", -5.0) for number in range(70)]  # arrays of a few are kept in the header
    writer.add_tokenizer_model("t5")
    writer.add_token_list([text for text, _ in pieces])
    writer.add_token_scores([score for _, score in pieces])
    for name, tensor in run_backwards(t5_layout.GGUF_ROWS, state).items():
        writer.add_tensor(name, tensor.numpy())
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    part = load_text_encoders([place / "clip_l.safetensors", tmp_path / "t5.gguf"], "flux", device="cpu").parts["t5xxl"]
    assert equal(part.module, flux.modules["t5xxl"])
    assert part.tokenizer("a cat").input_ids == [3, 4, 1]


@pytest.mark.parametrize("small", [0, 1 << 30], ids=["stored", "widened"])
def test_t5_in_half_precision_keeps_the_products_that_leave_its_range_in_float32(
    small: int, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assembly, "SMALL_BYTES", small)
    paths = [place / "clip_l.safetensors", place / "t5xxl.safetensors"]
    half = load_text_encoders(paths, "flux", device="cpu", dtype=torch.float16)
    full = load_text_encoders(paths, "flux", device="cpu")
    feed = half.parts["t5xxl"].module.encoder.block[0].layer[1].DenseReluDense
    assert (feed.wo.weight.dtype, feed.wi_0.weight.dtype) == (torch.float32, torch.float16)
    assert {p.dtype for p in half.parts["clip_l"].module.parameters()} <= {torch.float16}
    ids = torch.tensor([[3, 4, 1]])
    ours, theirs = (clip.parts["t5xxl"].module(ids).last_hidden_state.float() for clip in (half, full))
    assert (ours - theirs).abs().max() < 0.02 * theirs.abs().max()


def test_what_is_no_text_encoder_is_refused(place: Path, tmp_path: Path) -> None:
    with pytest.raises(DiffusionError, match=r"is a VAE; expected a text encoder"):
        load_text_encoders([place / "vae.safetensors"], "flux", device="cpu")
    path = tiny_files.write(tmp_path / "strange.safetensors", {"strange.weight": torch.zeros(3, 3)})
    with pytest.raises(DiffusionError, match=r"strange.safetensors cannot be used"):
        load_text_encoders([path], "flux", device="cpu")


def test_loading_parts_can_be_cancelled_and_tells_how_far_it_is(place: Path) -> None:
    for load, paths in ((load_denoiser, place / "denoiser.safetensors"), (load_vae, place / "vae.safetensors")):
        seen: list[tuple[int, int]] = []
        load(paths, device="cpu", on_progress=lambda done, total, seen=seen: seen.append((done, total)))
        assert seen[-1][0] == seen[-1][1] > 0
        with pytest.raises(Cancelled):
            load(paths, device="cpu", cancelled=lambda: True)
    with pytest.raises(Cancelled):
        load_text_encoders([place / "clip_l.safetensors"], "sd1", device="cpu", cancelled=lambda: True)
