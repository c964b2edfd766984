"""Which tensors of a file belong together, in each spelling; and what is refused, by name and with a remedy."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from diffusion.errors import DiffusionError
from diffusion.stored.gguf import TYPES
from diffusion.stored.spellings import BLOCKS, entries
from diffusion.weight_files.header import Header, TensorInfo


def header(tensors: dict[str, tuple[str, tuple[int, ...]]], form: str = "safetensors", **metadata: Any) -> Header:
    """Each tensor at a hundred bytes more: nothing is read here."""
    infos = {
        name: TensorInfo(kind, shape, 100 * at, 100 * at) for at, (name, (kind, shape)) in enumerate(tensors.items())
    }
    return Header(form, 10_000, infos, metadata)


def read(made: Header, texts: dict[str, Any] | None = None) -> dict[str, Any]:
    by_place = {made.tensors[name].start: json.dumps(text).encode() for name, text in (texts or {}).items()}
    return entries(made, lambda info: by_place[info.start])


SCALED = {"a.weight": ("F8_E4M3", (8, 16)), "a.bias": ("F16", (8,)), "norm.weight": ("F16", (8,))}


def test_plain_numbers_are_their_own_entries() -> None:
    found = read(header({**SCALED, "position_ids": ("I64", (1, 77)), "v_pred": ("F32", ())}))
    assert set(found) == {*SCALED, "position_ids", "v_pred"}
    assert all(entry.scale is None and entry.group == 0 for entry in found.values())


@pytest.mark.parametrize("prefix", ["", "model.diffusion_model.", "text_encoders.t5xxl.transformer."])
def test_the_older_spelling_has_a_scale_beside_the_weight(prefix: str) -> None:
    extra = {"scaled_fp8": ("F8_E4M3", (0,)), "a.scale_weight": ("F32", ()), "a.scale_input": ("F32", ())}
    found = read(header({prefix + name: info for name, info in {**SCALED, **extra}.items()}))
    assert set(found) == {prefix + name for name in SCALED}
    assert found[prefix + "a.weight"].scale is not None
    assert found[prefix + "norm.weight"].scale is None


def test_the_newer_spelling_has_a_text_beside_the_weight() -> None:
    extra = {"a.weight_scale": ("F32", ()), "a.input_scale": ("F32", ()), "a.comfy_quant": ("U8", (27,))}
    found = read(header({**SCALED, **extra}), {"a.comfy_quant": {"format": "float8_e4m3fn"}})
    assert set(found) == set(SCALED)
    assert found["a.weight"].scale is not None


@pytest.mark.parametrize("prefix", ["", "model.diffusion_model."])
@pytest.mark.parametrize("layer", [{"format": "float8_e4m3fn"}, "float8_e4m3fn"])
def test_the_text_may_be_in_the_metadata_and_leave_out_the_prefix(prefix: str, layer: Any) -> None:
    tensors = {prefix + name: info for name, info in {**SCALED, "a.weight_scale": ("F32", (8, 1))}.items()}
    text = json.dumps({"format_version": "1.0", "layers": {"a": layer}})
    assert read(header(tensors, _quantization_metadata=text))[prefix + "a.weight"].scale is not None
    with pytest.raises(DiffusionError, match="nvfp4"):
        read(header(tensors, _quantization_metadata=text.replace("float8_e4m3fn", "nvfp4")))


@pytest.mark.parametrize(
    ("mark", "group"),
    [
        ({"format": "int8_tensorwise"}, 0),
        ({"format": "int8_tensorwise", "convrot": False, "convrot_groupsize": 64}, 0),
        ({"format": "int8_tensorwise", "convrot": True, "convrot_groupsize": 64}, 64),
        ({"format": "int8_tensorwise", "convrot": True}, 256),
        ({"format": "int8_tensorwise", "params": {"convrot": True, "convrot_groupsize": 16}}, 16),
        ({"convrot": True, "convrot_groupsize": 64, "per_row": True}, 64),
    ],
)
def test_int8_says_in_which_groups_it_is_rotated(mark: dict[str, Any], group: int) -> None:
    tensors = {"a.weight": ("I8", (8, 256)), "a.weight_scale": ("F32", (8, 1)), "a.comfy_quant": ("U8", (9,))}
    assert read(header(tensors), {"a.comfy_quant": mark})["a.weight"].group == group


def test_int8_needs_no_mark() -> None:
    found = read(header({"a.weight": ("I8", (8, 256)), "a.weight_scale": ("F32", (1,))}))
    assert (found["a.weight"].group, found["a.weight"].scale is None) == (0, False)


def test_gguf_tells_the_type_and_the_shape_of_each_tensor() -> None:
    tensors = {"conv.weight": ("Q4_K", (16, 16, 3, 3)), "a.weight": ("Q8_0", (8, 64)), "a.bias": ("F32", (8,))}
    found = read(header(tensors, "gguf"))
    assert {name: (entry.data.dtype, entry.shape) for name, entry in found.items()} == tensors


FOREIGN: dict[str, tuple[dict[str, tuple[str, tuple[int, ...]]], Any, str]] = {
    "nvfp4": ({"a.weight": ("U8", (8, 8)), "a.weight_scale": ("F8_E4M3", (8, 1))}, "nvfp4", "nvfp4"),
    "nvfp4 without a mark": (
        {"a.weight": ("U8", (8, 8)), "a.weight_scale": ("F8_E4M3", (8, 1)), "a.weight_scale_2": ("F32", ())},
        None,
        "nvfp4",
    ),
    "packed without a mark": ({"a.weight": ("U8", (8, 8)), "a.weight_scale": ("F32", (8, 1))}, None, "packed into U8"),
    "packed without a scale": ({"a.weight": ("U8", (64, 1))}, None, "packed into U8 without a scale"),
    "int8 without a scale": ({"a.weight": ("I8", (8, 16))}, None, "packed into I8 without a scale"),
    "mxfp8": ({"a.weight": ("F8_E4M3", (8, 32)), "a.weight_scale": ("F8_E8M0", (8, 1))}, "mxfp8", "mxfp8"),
    "four bits": ({"a.weight": ("I8", (8, 16)), "a.weight_scale": ("F32", (8,))}, "convrot_w4a4", "convrot_w4a4"),
    "AWQ of Comfy": ({"a.weight": ("I8", (8, 16)), "a.weight_scale": ("F32", (8,))}, "awq_w4a16", "awq_w4a16"),
    "Nunchaku": ({"a.qweight": ("I8", (8, 16)), "a.wscales": ("BF16", (1, 8))}, None, "SVDQuant"),
    "GPTQ": ({"a.qweight": ("I32", (8, 16)), "a.qzeros": ("I32", (1, 8))}, None, "AWQ or GPTQ"),
    "bitsandbytes": (
        {"a.weight": ("U8", (64, 1)), "a.weight.quant_state.bitsandbytes__nf4": ("U8", (90,))},
        None,
        "bitsandbytes",
    ),
    "an unknown type": ({"a.weight": ("F4", (8, 16))}, None, "F4"),
    "scales of blocks": ({"a.weight": ("F8_E4M3", (8, 16)), "a.weight_scale": ("F32", (8, 4))}, None, "32 values"),
    "scales of one byte": ({"a.weight": ("F8_E4M3", (8, 16)), "a.weight_scale": ("F8_E8M0", (8,))}, None, "F8_E8M0"),
    "scaled inputs": (
        {"a.weight": ("I8", (8, 16)), "a.weight_scale": ("F32", ()), "a.pre_quant_scale": ("F32", (16,))},
        None,
        "pre_quant_scale",
    ),
}


@pytest.mark.parametrize("case", FOREIGN)
def test_what_cannot_be_used_is_refused_by_name_with_what_to_get(case: str) -> None:
    tensors, mark, word = FOREIGN[case]
    extra = {"a.comfy_quant": ("U8", (9,))} if mark else {}
    texts = {"a.comfy_quant": {"format": mark}} if mark else {}
    with pytest.raises(DiffusionError, match=word) as caught:
        read(header({**tensors, **extra}), texts)
    assert "GGUF Q8_0" in caught.value.remedy


@pytest.mark.parametrize("kind", ["IQ4_NL", "IQ2_XXS", "TQ1_0", "MXFP4", "Q8_1"])
def test_other_types_of_gguf_are_refused_by_name(kind: str) -> None:
    with pytest.raises(DiffusionError, match=f"stored as {kind}") as caught:
        read(header({"a.weight": (kind, (8, 256))}, "gguf"))
    assert "fp8" in caught.value.remedy


CONTRADICTIONS: dict[str, tuple[dict[str, tuple[str, tuple[int, ...]]], Any]] = {
    "no scale": ({"a.weight": ("I8", (8, 16))}, {"format": "int8_tensorwise"}),
    "a scale of a number": ({"a.weight": ("F8_E4M3", ()), "a.weight_scale": ("F32", ())}, {"format": "float8_e4m3fn"}),
    "another type": ({"a.weight": ("F8_E5M2", (8, 16)), "a.weight_scale": ("F32", ())}, {"format": "int8_tensorwise"}),
    "groups of three": (
        {"a.weight": ("I8", (8, 18)), "a.weight_scale": ("F32", ())},
        {"format": "int8_tensorwise", "convrot": True, "convrot_groupsize": 3},
    ),
    "groups of a word": (
        {"a.weight": ("I8", (8, 16)), "a.weight_scale": ("F32", ())},
        {"format": "int8_tensorwise", "convrot": True, "convrot_groupsize": "16"},
    ),
    "a list": ({"a.weight": ("I8", (8, 16)), "a.weight_scale": ("F32", ())}, [1]),
    "a format of numbers": ({"a.weight": ("I8", (8, 16)), "a.weight_scale": ("F32", ())}, {"format": 5}),
}


@pytest.mark.parametrize("case", CONTRADICTIONS)
def test_a_mark_that_does_not_fit_its_weight_is_an_error(case: str) -> None:
    tensors, mark = CONTRADICTIONS[case]
    with pytest.raises(DiffusionError, match="contradicts itself"):
        read(header({**tensors, "a.comfy_quant": ("U8", (9,))}), {"a.comfy_quant": mark})


@pytest.mark.parametrize("text", ["{", "[" * 100_000, "5"])
def test_metadata_that_is_no_object_is_an_error(text: str) -> None:
    with pytest.raises(DiffusionError, match="contradicts itself"):
        read(header(SCALED, _quantization_metadata=text))


def test_the_blocks_that_are_let_through_are_those_that_can_be_widened() -> None:
    assert list(BLOCKS) == list(TYPES)


@pytest.mark.process
def test_spellings_are_read_without_torch() -> None:
    code = "import sys, diffusion.stored.spellings; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
