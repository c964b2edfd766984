"""Devices and types. The meta device stands for a GPU here: it is another device, and computes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch

from diffusion.loading import assembly, load_checkpoint, load_denoiser
from diffusion.loading.devices import device_of, type_of
from tests.diffusion.loading.test_files import made
from tests.support import quantised_files, tiny_files

if TYPE_CHECKING:
    from pathlib import Path


def test_a_cpu_computes_in_float32_and_others_in_the_half_precision_that_the_family_was_trained_in() -> None:
    cpu, other = torch.device("cpu"), torch.device("meta")
    assert {type_of(cpu, family) for family in ("sd1", "flux", "")} == {torch.float32}
    assert [type_of(other, family) for family in ("sd1", "sdxl", "sd3", "flux", "")] == [
        torch.float16,
        torch.float16,
        torch.bfloat16,
        torch.bfloat16,
        torch.float16,
    ]


def test_a_device_can_be_named_or_chosen() -> None:
    assert device_of("cpu") == torch.device("cpu")
    assert device_of("auto").type in ("cpu", "cuda", "mps")


@pytest.mark.network
@pytest.mark.parametrize("small", [0, 1 << 30], ids=["stored", "widened"])
def test_all_parts_come_to_the_device_in_their_types(
    small: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assembly, "SMALL_BYTES", small)
    path = tiny_files.all_in_one(tmp_path / "model.safetensors", made("flux", words=520).to(torch.float32))
    model, clip, vae = load_checkpoint(path, device="meta")
    modules = [model.module, vae.model, *(part.module for part in clip.parts.values())]
    assert all(t.is_meta for module in modules for t in (*module.parameters(), *module.buffers()))
    assert (model.dtype, vae.dtype) == (torch.bfloat16, torch.float32)
    assert {p.dtype for p in model.module.parameters()} == {torch.bfloat16}
    assert {p.dtype for p in vae.model.parameters()} == {torch.float32}


@pytest.mark.network
@pytest.mark.parametrize("kind", ["fp8", "int8", "Q8_0"])
def test_quantised_weights_come_to_the_device_as_they_are_stored(kind: str, tmp_path: Path) -> None:
    tensors, path = tiny_files.file_tensors(made("flux", words=8), "denoiser"), tmp_path / "model.safetensors"
    if kind == "Q8_0":
        quantised_files.write_gguf(path, tensors, kind)
    else:
        {"fp8": quantised_files.scaled_fp8, "int8": quantised_files.int8}[kind](tensors).write(path)
    model = load_denoiser(path, device="meta")
    held = {t.dtype for t in model.module.buffers()}
    assert all(t.is_meta for t in (*model.module.parameters(), *model.module.buffers()))
    assert held & {torch.float8_e4m3fn, torch.int8, torch.uint8}
