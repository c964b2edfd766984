"""Quantised files paint what a file of the same weights in float32 paints, bit for bit, and stay small in memory.

The wide weights come from the writers of the quantised files, which widen by other means than the program.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from diffusion.layouts import t5
from diffusion.loading import assembly, load_checkpoint, load_denoiser, load_text_encoders
from diffusion.models import Checkpoint, DiffusionModel
from diffusion.sample import sample
from diffusion.stored.modules import StoredWeight
from diffusion.text_encoding import encode
from tests.support import quantised_files, tiny_families, tiny_files
from tests.support.backwards import run_backwards
from tests.support.quantised_files import Made, int8, plain, scaled_fp8

PAINTING: dict[str, Any] = {"seed": 1, "steps": 2, "cfg": 2.0, "sampler_name": "euler", "scheduler": "normal"}
FP8 = torch.float8_e4m3fn
SAFETENSORS: dict[str, Callable[[Mapping[str, Tensor]], Made]] = {
    "fp8 e4m3": lambda weights: plain(weights, FP8),
    "fp8 e5m2": lambda weights: plain(weights, torch.float8_e5m2),
    "fp8 scaled, old": lambda weights: scaled_fp8(weights, "old"),
    "fp8 scaled, new": lambda weights: scaled_fp8(weights, "new"),
    "fp8 scaled, metadata": lambda weights: scaled_fp8(weights, "metadata"),
    "int8": int8,
    "int8 by tensor": lambda weights: int8(weights, by_row=False, spelling="metadata"),
    "int8 rotated": lambda weights: int8(weights, group=64),
}
GGUF = ("Q4_0", "Q5_1", "Q8_0", "Q2_K", "Q4_K", "Q6_K")
CASES = [
    *(("flux", kind) for kind in (*SAFETENSORS, *GGUF)),
    *((family, kind) for family in ("sd1", "sdxl", "sd3") for kind in ("fp8 scaled, old", "int8 rotated", "Q4_K")),
]


@pytest.fixture(autouse=True)
def _nothing_is_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small models are widened when they are loaded; real ones are not small."""
    monkeypatch.setattr(assembly, "SMALL_BYTES", 0)


@cache
def painter(family: str) -> tiny_files.Painter:
    return tiny_files.painter(family, **({"guidance": True} if family == "flux" else {}))


def written(folder: Path, weights: Mapping[str, Tensor], kind: str) -> tuple[Path, Path]:
    """The quantised file, and that of the wide weights."""
    if kind in GGUF:
        path = folder / "narrow.gguf"
        wide = quantised_files.write_gguf(path, weights, kind)
    else:
        made = SAFETENSORS[kind](weights)
        path, wide = made.write(folder / "narrow.safetensors"), made.wide
    return path, tiny_files.write(folder / "wide.safetensors", wide)


def painted(model: DiffusionModel) -> Tensor:
    prompt = tiny_families.prompt(model, seed=3)
    return sample(model, prompt, prompt, {"samples": tiny_families.latent(model, seed=4)}, **PAINTING)["samples"]


def held(module: torch.nn.Module) -> set[str]:
    """The formats in which weights of layers are held."""
    return {part.stored.format for part in module.modules() if isinstance(part, StoredWeight)}


def check_equal(ours: Tensor, theirs: Tensor, kind: str) -> None:
    assert ours.isfinite().all()
    if "rotated" in kind:  # adding in another order than the writer's product of matrices does
        assert (ours - theirs).abs().max() <= 1e-4 * theirs.std()
    else:
        assert torch.equal(ours, theirs)


@pytest.mark.long
@pytest.mark.parametrize(("family", "kind"), CASES)
def test_a_quantised_denoiser_paints_what_its_wide_weights_paint(family: str, kind: str, tmp_path: Path) -> None:
    narrow, wide = written(tmp_path, tiny_files.file_tensors(painter(family), "denoiser"), kind)
    ours, theirs = load_denoiser(narrow, device="cpu"), load_denoiser(wide, device="cpu")
    assert (ours.family.id, ours.variant) == (theirs.family.id, theirs.variant) == (family, ours.variant)
    assert kind.split(",")[0].removesuffix(" by tensor") in held(ours.module)
    assert held(theirs.module) == set()
    assert ours.nbytes < 0.6 * theirs.nbytes
    check_equal(painted(ours), painted(theirs), kind)


@pytest.mark.long
@pytest.mark.parametrize("kind", ["fp8 scaled, old", "fp8 scaled, metadata", "int8 rotated"])
@pytest.mark.parametrize("family", ["sd1", "sdxl", "sd3", "flux"])
def test_a_quantised_file_of_all_parts_paints_what_its_wide_weights_paint(
    family: str, kind: str, tmp_path: Path
) -> None:
    weights = tiny_files.whole(painter(family))
    texts = {name: weights.pop(name) for name in list(weights) if name.endswith("tokenizer_json")}
    made = SAFETENSORS[kind](weights)
    made.tensors.update(texts)
    if "scaled_fp8" in made.tensors:
        made.tensors["model.diffusion_model.scaled_fp8"] = made.tensors.pop("scaled_fp8")
    narrow = made.write(tmp_path / "narrow.safetensors")
    wide = tiny_files.write(tmp_path / "wide.safetensors", {**made.wide, **texts})
    ours, theirs = load_checkpoint(narrow, device="cpu"), load_checkpoint(wide, device="cpu")
    for role, part in ours.clip.parts.items():
        assert held(part.module), role
    assert held(ours.vae.model)
    check_equal(whole_picture(ours), whole_picture(theirs), kind)


def whole_picture(checkpoint: Checkpoint) -> Tensor:
    prompt = encode(checkpoint.clip, "a red cat")
    latent = {"samples": torch.zeros(1, checkpoint.model.latent_format.channels, 8, 8)}
    return sample(checkpoint.model, prompt, prompt, latent, **PAINTING)["samples"]


def t5_weights(of_gguf: bool) -> dict[str, Tensor]:
    state = {name: tensor.detach() for name, tensor in painter("sd3").modules["t5xxl"].state_dict().items()}
    del state["encoder.embed_tokens.weight"]  # the same as shared.weight
    return run_backwards(t5.GGUF_ROWS if of_gguf else t5.ROWS, state)


@pytest.mark.long
@pytest.mark.parametrize("kind", ["fp8 scaled, old", "int8 rotated", "Q8_0", "Q5_1", "Q4_K"])
def test_a_quantised_t5_reads_prompts_as_its_wide_weights_do(kind: str, tmp_path: Path) -> None:
    """The GGUF files of T5 have names of their own, and no tokenizer that is read from them."""
    cutter = tmp_path / "tokenizers" / "t5xxl" / "tokenizer.json"
    cutter.parent.mkdir(parents=True)
    cutter.write_bytes(bytes(tiny_files.tokenizer_bytes().tolist()))
    narrow, wide = written(tmp_path, t5_weights(kind in GGUF), kind)
    others = [
        tiny_files.split_file(tmp_path / f"{role}.safetensors", painter("sd3"), role) for role in ("clip_l", "clip_g")
    ]
    ours, theirs = (load_text_encoders([path, *others], "sd3", device="cpu") for path in (narrow, wide))
    assert kind.split(",")[0] in held(ours.parts["t5xxl"].module)
    ours_read, theirs_read = (encode(clip, "a (red:1.2) cat")[0][0] for clip in (ours, theirs))
    check_equal(ours_read, theirs_read, kind)
