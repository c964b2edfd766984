"""How the weights of a file are stored, in all spellings, and which cannot be read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from diffusion.model_files.recognise import recognise
from tests.support.headers import shapes
from tests.support.sparse_files import write_gguf, write_safetensors

if TYPE_CHECKING:
    from pathlib import Path

    from diffusion.model_files.model_file import ModelFile

LAYER = "double_blocks.0.img_attn.qkv"


def flux(
    path: Path, dtype: str, *, layer_dtype: str | None = None, halved: bool = False
) -> dict[str, tuple[str, tuple[int, ...]]]:
    """The tensors of Flux.1 dev, its matrices in a type of their own; `halved`: two values to a byte."""
    tensors = {}
    for name, shape in shapes("flux1-dev").items():
        is_matrix = len(shape) == 2
        packed = (shape[0], shape[1] // 2) if halved and is_matrix else shape
        tensors[name] = (layer_dtype or dtype if is_matrix else dtype, packed)
    return tensors


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "model.safetensors"


@pytest.mark.parametrize(
    ("dtype", "precision"),
    [("F32", "fp32"), ("F16", "fp16"), ("BF16", "bf16"), ("F8_E4M3", "fp8"), ("F8_E5M2", "fp8 e5m2")],
)
def test_plain_weights_are_called_by_the_type_of_most_bytes(path: Path, dtype: str, precision: str) -> None:
    tensors = {**flux(path, dtype), "norm": ("F32", (64,))}
    found = recognise(write_safetensors(path, tensors))
    assert (found.family, found.precision, found.is_usable) == ("flux", precision, True)


@pytest.mark.parametrize(
    "more",
    [
        {"scaled_fp8": ("F8_E4M3", (2,)), f"{LAYER}.scale_weight": ("F32", ())},
        {f"{LAYER}.weight_scale": ("F32", ())},
    ],
)
def test_both_spellings_of_scaled_fp8_are_known(path: Path, more: dict[str, tuple[str, tuple[int, ...]]]) -> None:
    found = recognise(write_safetensors(path, {**flux(path, "BF16", layer_dtype="F8_E4M3"), **more}))
    assert (found.family, found.precision, found.is_usable) == ("flux", "fp8 scaled", True)


def int8(path: Path, note: bytes, *, in_metadata: bool = False) -> ModelFile:
    tensors = {**flux(path, "BF16", layer_dtype="I8"), f"{LAYER}.weight_scale": ("F32", ())}
    if in_metadata:
        whole = json.dumps({"format_version": "1.0", "layers": {LAYER: json.loads(note)}})
        return recognise(write_safetensors(path, tensors, {"_quantization_metadata": whole}))
    tensors[f"{LAYER}.comfy_quant"] = ("U8", (len(note),))
    return recognise(write_safetensors(path, tensors, values={f"{LAYER}.comfy_quant": note}))


@pytest.mark.parametrize("in_metadata", [False, True])
def test_int8_says_whether_its_weights_are_rotated(path: Path, in_metadata: bool) -> None:
    plain = int8(path, b'{"format": "int8_tensorwise"}', in_metadata=in_metadata)
    assert (plain.family, plain.precision, plain.is_usable) == ("flux", "int8", True)
    rotated = int8(path, b'{"format": "int8_tensorwise", "convrot": true}', in_metadata=in_metadata)
    assert (rotated.precision, rotated.is_usable) == ("int8 rotated", True)
    named = int8(path, b'"int8_tensorwise"', in_metadata=in_metadata)
    assert (named.precision, named.is_usable) == ("int8", True)
    packed = int8(path, b'{"format": "convrot_w4a4"}', in_metadata=in_metadata)
    assert (packed.precision, packed.is_usable) == ("int8 with convrot_w4a4", False)


@pytest.mark.parametrize(
    "note", [b"", b"\xff\xfe", b"[1]", b'"no word"', b'{"format": 5}', b"[" * 3000, b"x" * 100_000]
)
def test_notes_of_nonsense_say_nothing(path: Path, note: bytes) -> None:
    assert int8(path, note).precision == "int8"


def test_packed_4_bit_weights_have_the_shapes_of_the_model_and_are_refused_with_the_remedy(path: Path) -> None:
    tensors = flux(path, "BF16", layer_dtype="U8", halved=True)
    matrices = [name.removesuffix(".weight") for name, (dtype, _) in tensors.items() if dtype == "U8"]
    scales = {f"{name}.weight_scale_2": ("F32", ()) for name in matrices}
    found = recognise(write_safetensors(path, {**tensors, **scales}))
    assert (found.kind, found.family, found.precision) == ("denoiser", "flux", "nvfp4")
    assert "stored as nvfp4, which cannot be read here" in found.problem
    assert "fp8 scaled" in found.remedy


@pytest.mark.parametrize(
    ("more", "precision"),
    [
        ({"double_blocks.0.img_attn.qkv.wscales": ("F16", (48, 9216))}, "fp16 with svdquant"),
        ({f"{LAYER}.weight.quant_state.bitsandbytes__nf4": ("U8", (80,))}, "fp16 with nf4"),
        ({f"{LAYER}.weight_scale_2": ("F32", ())}, "fp16 with nvfp4"),
        ({"extra": ("F4", (4, 2))}, "fp16 with F4"),
    ],
)
def test_what_needs_another_package_is_refused(
    path: Path, more: dict[str, tuple[str, tuple[int, ...]]], precision: str
) -> None:
    found = recognise(write_safetensors(path, {**flux(path, "F16"), **more}))
    assert (found.family, found.precision, found.is_usable) == ("flux", precision, False)


@pytest.mark.parametrize(
    ("dtype", "usable"),
    [("Q4_0", True), ("Q5_1", True), ("Q8_0", True), ("Q2_K", True), ("Q6_K", True), ("IQ4_NL", False), ("BF16", True)],
)
def test_gguf_is_called_by_the_type_of_most_bytes(tmp_path: Path, dtype: str, usable: bool) -> None:
    tensors = {
        name: (dtype if len(shape) == 2 and shape[1] % 256 == 0 else "F32", shape)
        for name, shape in shapes("flux1-dev").items()
    }
    found = recognise(write_gguf(tmp_path / "flux1-dev.gguf", tensors))
    assert (found.kind, found.family, found.format) == ("denoiser", "flux", "gguf")
    assert (found.precision.upper(), found.is_usable) == (dtype, usable)


def test_a_model_whose_family_cannot_be_told_for_its_storage_names_the_storage(path: Path) -> None:
    tensors = dict.fromkeys(shapes("flux1-dev"), ("U8", (9, 1)))
    note = {f"model.diffusion_model.{LAYER}.weight.quant_state.bitsandbytes__nf4": ("U8", (80,))}
    found = recognise(
        write_safetensors(path, {**{f"model.diffusion_model.{n}": t for n, t in tensors.items()}, **note})
    )
    assert (found.kind, found.precision) == ("denoiser", "nf4")
    assert "stored as nf4" in found.problem


def test_a_later_family_is_named_before_how_it_is_stored(path: Path) -> None:
    tensors = {name: ("BF16", shape) for name, shape in shapes("qwen-image").items()}
    found = recognise(write_safetensors(path, {**tensors, "transformer_blocks.0.attn.to_q.wscales": ("BF16", (48, 9))}))
    assert (found.family, found.precision) == ("qwen_image", "bf16 with svdquant")
    assert "Qwen-Image" in found.problem


def test_one_tensor_that_cannot_be_read_is_enough(tmp_path: Path) -> None:
    tensors = {name: ("F16", shape) for name, shape in shapes("flux1-dev").items()}
    tensors[f"{LAYER}.weight"] = ("IQ4_NL", tensors[f"{LAYER}.weight"][1])
    found = recognise(write_gguf(tmp_path / "flux1-dev.gguf", tensors))
    assert (found.precision, found.is_usable) == ("fp16 with IQ4_NL", False)
