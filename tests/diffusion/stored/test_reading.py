"""Files of each format give the weights that were put in: quantised by other means, and read back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from diffusion.errors import DiffusionError
from diffusion.stored.gguf import TYPES
from diffusion.stored.reading import read_weights
from diffusion.weight_files.header import Header, TensorInfo
from diffusion.weight_files.reading import read_header
from tests.support import quantised_files


def weights() -> dict[str, torch.Tensor]:
    random = torch.Generator().manual_seed(7)
    shapes = {"q.weight": (48, 512), "q.bias": (48,), "conv.weight": (16, 32, 3, 3), "out.weight": (24, 40)}
    made = {name: torch.randn(shape, generator=random) * 0.05 for name, shape in shapes.items()}
    return {**made, "norm.weight": torch.randn(48, generator=random), "embed.weight": torch.randn(20, 320)}


MADE = {
    "fp16": lambda: quantised_files.plain(weights()),
    "bf16": lambda: quantised_files.plain(weights(), torch.bfloat16),
    "fp8": lambda: quantised_files.plain(weights(), torch.float8_e4m3fn),
    "fp8 e5m2": lambda: quantised_files.plain(weights(), torch.float8_e5m2),
    **{
        f"fp8 {how}": lambda how=how: quantised_files.scaled_fp8(weights(), how)
        for how in quantised_files.FP8_SPELLINGS
    },
    "fp8 e5m2 new": lambda: quantised_files.scaled_fp8(weights(), "new", torch.float8_e5m2),
    "int8": lambda: quantised_files.int8(weights()),
    "int8 by tensor": lambda: quantised_files.int8(weights(), by_row=False, spelling="metadata"),
    "int8 rotated": lambda: quantised_files.int8(weights(), group=256),
    "int8 rotated by 16": lambda: quantised_files.int8(weights(), group=16, spelling="metadata"),
}


@pytest.mark.parametrize("case", MADE)
def test_a_safetensors_file_gives_the_weights_that_it_stands_for(case: str, tmp_path: Path) -> None:
    made = MADE[case]()
    path = made.write(tmp_path / "a.safetensors")
    found = read_weights(path, read_header(path))
    assert set(found) == set(made.wide) == set(weights())
    for name, stored in found.items():
        wide = stored.widen(torch.float32)
        if stored.format == "int8 rotated":  # adding in another order than a product of matrices does
            torch.testing.assert_close(wide, made.wide[name], rtol=0, atol=1e-6)
        else:
            assert torch.equal(wide, made.wide[name]), name
        assert (wide - weights()[name]).std() <= 0.08 * weights()[name].std() if name != "embed.weight" else True


@pytest.mark.parametrize("kind", [*TYPES, "F16", "BF16", "F32"])
def test_a_gguf_file_gives_the_weights_that_it_stands_for(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "a.gguf"
    wide = quantised_files.write_gguf(path, weights(), kind)
    found = read_weights(path, read_header(path))
    assert set(found) == set(weights())
    for name, stored in found.items():
        assert stored.shape == tuple(weights()[name].shape)
        assert torch.equal(stored.widen(torch.float32), wide[name]), name
    if kind in TYPES:
        assert {found[name].format for name in ("q.weight", "conv.weight")} == {kind}


def test_weights_are_views_of_one_mapping_and_writing_to_them_leaves_the_file_alone(tmp_path: Path) -> None:
    path = quantised_files.scaled_fp8(weights()).write(tmp_path / "a.safetensors")
    before = path.read_bytes()
    found = read_weights(path, read_header(path))
    large = [stored.tensors()["data"].untyped_storage() for stored in found.values()]
    assert len({storage.data_ptr() for storage in large}) == 1
    assert large[0].nbytes() == len(before)
    for stored in found.values():
        stored.tensors()["data"].view(torch.uint8).zero_()
    assert path.read_bytes() == before


def test_data_that_lie_at_an_odd_byte_are_read_all_the_same(tmp_path: Path) -> None:
    path = quantised_files.plain({"a.weight": torch.randn(4, 4)}).write(tmp_path / "a.safetensors")
    good = read_header(path)
    content = path.read_bytes()
    path.write_bytes(b"\0" + content)
    info = good.tensors["a.weight"]
    odd = replace(good, size=good.size + 1, tensors={"a.weight": info._replace(start=info.start + 1, end=info.end + 1)})
    expected = torch.frombuffer(bytearray(content[info.start :]), dtype=torch.float16).view(4, 4)
    assert torch.equal(read_weights(path, odd)["a.weight"].widen(torch.float16), expected)


def test_texts_and_numbers_that_are_no_weights_come_as_they_are(tmp_path: Path) -> None:
    tensors = {"spiece_model": torch.arange(9, dtype=torch.uint8), "ids": torch.arange(4), "v_pred": torch.tensor(1.0)}
    path = quantised_files.Made(tensors, {}).write(tmp_path / "a.safetensors")
    found = read_weights(path, read_header(path))
    assert bytes(found["spiece_model"].tensors()["data"].tolist()) == bytes(range(9))
    assert found["ids"].widen(torch.int64).tolist() == [0, 1, 2, 3]
    assert found["v_pred"].shape == ()


@pytest.mark.parametrize(
    "info",
    [
        TensorInfo("F16", (4, 4), 0, 31),
        TensorInfo("F16", (4, 5), 0, 32),
        TensorInfo("F16", (4, 4), -32, 0),
        TensorInfo("F16", (4, 4), 10**9, 10**9 + 32),
        TensorInfo("F16", (4, 4), 40, 8),
        TensorInfo("F16", (0, 2**70), 0, 0),
        TensorInfo("F16", (0, -4), 0, 0),
        TensorInfo("Q8_0", (4, 32), 0, 135),
        TensorInfo("Q8_0", (4, 20), 0, 85),
        TensorInfo("Q8_0", (0, 32), 0, 34),
    ],
)
def test_a_place_that_does_not_fit_is_an_error(info: TensorInfo, tmp_path: Path) -> None:
    path = quantised_files.plain({"a.weight": torch.zeros(64, 64)}).write(tmp_path / "a.safetensors")
    lying = replace(read_header(path), format="gguf", tensors={"a.weight": info})
    with pytest.raises(DiffusionError, match=r"a\.weight is .* which does not fit"):
        read_weights(path, lying)


def test_a_file_of_another_size_than_its_header_is_an_error(tmp_path: Path) -> None:
    path = quantised_files.plain({"a.weight": torch.zeros(4, 4)}).write(tmp_path / "a.safetensors")
    header = read_header(path)
    path.write_bytes(path.read_bytes()[:-8])
    with pytest.raises(DiffusionError, match="has changed"):
        read_weights(path, header)


LEAVES = (
    "weight",
    "weight_scale",
    "scale_weight",
    "input_scale",
    "comfy_quant",
    "scaled_fp8",
    "weight_scale_2",
    "qweight",
)
TEXTS = (
    b'{"format": "int8_tensorwise", "convrot": true, "convrot_groupsize": 4}',
    b'{"format": []}',
    b"[1]",
    b"\xff",
    b"",
)
TENSORS = st.tuples(
    st.sampled_from(["F32", "BF16", "F8_E4M3", "I8", "U8", "Q8_0", "Q4_K", "F4", "BOOL", "I64"]),
    st.lists(st.sampled_from([0, 1, 4, 16, 32, 256, -1, 2**64]), max_size=3).map(tuple),
    st.integers(-8, 700),
    st.sampled_from([0, 1, 4, 16, 34, 64, 128, 144, 4096]),
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files")


@given(
    tensors=st.dictionaries(st.sampled_from([f"{layer}.{leaf}" for layer in "ab" for leaf in LEAVES]), TENSORS),
    form=st.sampled_from(["safetensors", "gguf"]),
    text=st.sampled_from(TEXTS),
    metadata=st.dictionaries(
        st.sampled_from(["_quantization_metadata", "comfy.gguf.orig_shape.a.weight"]),
        st.sampled_from(['{"layers": {"a": "nvfp4"}}', '{"layers": 3}', "{", [4, 16], [], 5]),
    ),
)
def test_what_a_header_says_is_read_or_refused_and_nothing_else_happens(
    tensors: dict[str, Any], form: str, text: bytes, metadata: dict[str, Any], place: Path
) -> None:
    path = place / "a.bin"
    path.write_bytes((text + bytes(range(256)) * 4)[:1000])
    infos = {name: TensorInfo(kind, shape, at, at + length) for name, (kind, shape, at, length) in tensors.items()}
    try:
        found = read_weights(path, Header(form, 1000, infos, metadata))
    except DiffusionError:
        return
    for stored in found.values():
        assert stored.widen(torch.float32).shape == torch.Size(stored.shape)
