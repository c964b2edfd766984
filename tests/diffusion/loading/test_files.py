"""All-in-one files of each family load, and are the same as the folders of the same weights, bit for bit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import torch

from diffusion.errors import Cancelled, DiffusionError
from diffusion.loading import assembly, load_checkpoint
from diffusion.sample import sample
from diffusion.stored.modules import StoredWeight
from diffusion.text_encoding import encode
from diffusion.vae import decode
from tests.support import tiny_files

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor

    from diffusion.models import Checkpoint

pytestmark = pytest.mark.network

FAMILIES = ["sd1", "sd2", "sdxl", "sdxl_refiner", "sd3", "flux"]
PAINTING: dict[str, Any] = {"seed": 1, "steps": 2, "cfg": 2.0, "sampler_name": "euler", "scheduler": "normal"}


def made(family: str, **settings: Any) -> tiny_files.Painter:
    return tiny_files.painter(family, **({"guidance": True} if family == "flux" else {}), **settings)


def weights_of(module: Any) -> dict[str, Tensor]:
    """All weights as numbers of the type that the module computes in; a projection of no effect is none."""
    found: dict[str, Tensor] = dict(module.named_parameters(remove_duplicate=False))
    for name, part in module.named_modules():
        if isinstance(part, StoredWeight):
            found[f"{name}.weight"] = part.widened()
    found = {name.removeprefix("text_model."): weight for name, weight in found.items()}
    projection = found.get("text_projection.weight")
    if projection is not None and torch.equal(projection, torch.eye(len(projection))):
        del found["text_projection.weight"]
    return found


def equal(ours: Any, theirs: Any) -> bool:
    first, second = weights_of(ours), weights_of(theirs)
    return first.keys() == second.keys() and all(torch.equal(first[name], second[name]) for name in first)


def paint(checkpoint: Checkpoint) -> tuple[Tensor, Tensor]:
    prompt = encode(checkpoint.clip, "a red cat")
    start = {"samples": torch.zeros(1, checkpoint.model.latent_format.channels, 8, 8)}
    latent = sample(checkpoint.model, prompt, prompt, start, **PAINTING)["samples"]
    return latent, decode(checkpoint.vae, latent)


@pytest.mark.long
@pytest.mark.parametrize(
    ("family", "dtype"),
    [*((family, torch.float16) for family in FAMILIES), ("sdxl_refiner", torch.float32), ("flux", torch.float32)],
)
def test_a_file_is_the_same_as_the_folder(family: str, dtype: torch.dtype, tmp_path: Path) -> None:
    painter = made(family).to(dtype)
    ours = load_checkpoint(tiny_files.all_in_one(tmp_path / "model.safetensors", painter), device="cpu")
    theirs = load_checkpoint(tiny_files.folder(tmp_path / "model", painter), device="cpu")
    assert ours.model.family is theirs.model.family
    assert ours.model.variant == theirs.model.variant
    assert ours.model.latent_format == theirs.model.latent_format == ours.vae.latent_format
    assert ours.model.dtype == torch.float32
    assert equal(ours.model.module, theirs.model.module)
    assert equal(ours.vae.model, theirs.vae.model)
    assert ours.clip.parts.keys() == theirs.clip.parts.keys()
    assert all(equal(ours.clip.parts[role].module, theirs.clip.parts[role].module) for role in ours.clip.parts)
    for one, other in zip(paint(ours), paint(theirs), strict=True):
        assert torch.equal(one, other)


@pytest.mark.long
@pytest.mark.parametrize("family", ["sd1", "sdxl", "sd3", "flux"])
def test_weights_that_stay_in_half_precision_paint_the_same(
    family: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tiny_files.all_in_one(tmp_path / "model.safetensors", made(family).to(torch.float16))
    wide = load_checkpoint(path, device="cpu")
    monkeypatch.setattr(assembly, "SMALL_BYTES", 0)
    kept = load_checkpoint(path, device="cpu")
    assert any(isinstance(part, StoredWeight) for part in kept.model.module.modules())
    assert kept.model.nbytes < 0.6 * wide.model.nbytes
    assert torch.equal(paint(kept)[0], paint(wide)[0])


def test_names_that_mean_nothing_do_no_harm(tmp_path: Path) -> None:
    painter = made("sd1", words=520)
    more = {
        "alphas_cumprod": torch.zeros(1000),
        "model_ema.decay": torch.zeros(()),
        "cond_stage_model.transformer.text_model.embeddings.position_ids": torch.arange(77)[None],
        "first_stage_model.loss.logvar": torch.zeros(()),
    }
    path = tiny_files.all_in_one(tmp_path / "model.safetensors", painter, **more)
    assert equal(load_checkpoint(path, device="cpu").model.module, painter.modules["denoiser"])


@pytest.mark.parametrize(("marks", "variant"), [(("v_pred",), "v"), (("v_pred", "ztsnr"), "v_zero_snr")])
def test_a_file_says_by_empty_tensors_that_it_predicts_v(marks: tuple[str, ...], variant: str, tmp_path: Path) -> None:
    more = {mark: torch.zeros(0) for mark in marks}
    path = tiny_files.all_in_one(tmp_path / "model.safetensors", made("sdxl", words=8), **more)
    model = load_checkpoint(path, device="cpu").model
    assert (model.variant, model.noise_model.prediction) == (variant, "v_prediction")
    assert (model.noise_model.sigma_max > 1000) == ("ztsnr" in marks)


@pytest.mark.parametrize(("channels", "variant"), [(9, "inpaint"), (8, "instruct")])
def test_a_denoiser_that_sees_more_than_the_latent_loads(channels: int, variant: str, tmp_path: Path) -> None:
    painter = made("sd1", channels=channels, words=520)
    model = load_checkpoint(tiny_files.all_in_one(tmp_path / "model.safetensors", painter), device="cpu").model
    assert (model.variant, model.module.config.in_channels) == (variant, channels)


def test_a_part_that_is_not_in_the_file_says_what_to_load_when_it_is_used(tmp_path: Path) -> None:
    roles = ("clip_l", "clip_g", "t5xxl", "vae")
    path = tiny_files.all_in_one(tmp_path / "model.safetensors", made("sd3", words=520), without=roles[:3])
    checkpoint = load_checkpoint(path, device="cpu")
    assert checkpoint.clip.nbytes == 0
    with pytest.raises(DiffusionError, match=r"model.safetensors holds no text encoder") as caught:
        encode(checkpoint.clip, "a cat")
    assert caught.value.input == "clip"
    assert "TripleCLIPLoader" in caught.value.remedy
    assert "clip_g" in caught.value.remedy
    path = tiny_files.all_in_one(tmp_path / "other.safetensors", made("flux", words=520), without=("vae",))
    with pytest.raises(DiffusionError, match=r"holds no VAE. Load one with Load VAE \(VAELoader\): ae"):
        decode(load_checkpoint(path, device="cpu").vae, torch.zeros(1, 16, 8, 8))


def test_an_encoder_without_its_tokenizer_is_missed_when_a_prompt_is_read(tmp_path: Path) -> None:
    tensors = tiny_files.whole(made("flux", words=520))
    del tensors["text_encoders.t5xxl.tokenizer_json"]
    checkpoint = load_checkpoint(tiny_files.write(tmp_path / "model.safetensors", tensors), device="cpu")
    assert checkpoint.model.nbytes
    with pytest.raises(DiffusionError, match="T5 needs its tokenizer"):
        encode(checkpoint.clip, "a cat")


def test_only_a_denoiser_is_no_checkpoint(tmp_path: Path) -> None:
    path = tiny_files.split_file(tmp_path / "model.safetensors", made("flux", words=520), "denoiser")
    with pytest.raises(DiffusionError, match=r"holds only the denoiser of Flux.1") as caught:
        load_checkpoint(path, device="cpu")
    assert "UNETLoader" in caught.value.remedy
    assert caught.value.input == "ckpt_name"


def test_a_file_that_lacks_a_tensor_says_which(tmp_path: Path) -> None:
    tensors = tiny_files.whole(made("sd1", words=520))
    del tensors["model.diffusion_model.middle_block.1.norm.bias"]
    path = tiny_files.write(tmp_path / "model.safetensors", tensors)
    with pytest.raises(DiffusionError, match=r"denoiser in .*model.safetensors lack 1 .*mid_block.attentions.0.norm.b"):
        load_checkpoint(path, device="cpu")


def test_a_pickle_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "model.ckpt"
    torch.save({"state_dict": {"a": torch.zeros(3)}}, path)
    with pytest.raises(DiffusionError, match=r"model.ckpt cannot be used") as caught:
        load_checkpoint(path, device="cpu")
    assert "convert" in caught.value.remedy


def test_a_file_that_is_cut_short_while_it_is_loaded_is_an_error_and_ends_no_process(tmp_path: Path) -> None:
    path = tiny_files.all_in_one(tmp_path / "a.safetensors", made("sd1"))
    size = path.stat().st_size

    def cut(done: int, _: int) -> None:
        if done > size // 4 and path.stat().st_size == size:
            with path.open("rb+") as file:
                file.truncate(size // 2)

    with pytest.raises(DiffusionError, match=r"a\.safetensors was cut short while it was in use"):
        load_checkpoint(path, device="cpu", on_progress=cut)


def test_loading_reports_bytes_and_can_be_cancelled_between_weights(tmp_path: Path) -> None:
    path = tiny_files.all_in_one(tmp_path / "model.safetensors", made("sd1", words=520))
    seen: list[tuple[int, int]] = []
    load_checkpoint(path, device="cpu", on_progress=lambda done, total: seen.append((done, total)))
    assert len(seen) > 100
    assert seen == sorted(seen)
    assert seen[-1][0] == seen[-1][1] == pytest.approx(path.stat().st_size, rel=0.05)
    asked = iter([False] * 10 + [True])
    with pytest.raises(Cancelled):
        load_checkpoint(path, device="cpu", cancelled=lambda: next(asked))
