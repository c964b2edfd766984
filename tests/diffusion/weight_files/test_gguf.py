"""Headers of GGUF files: what is read, and what is refused with a reason, in bounded memory."""

from __future__ import annotations

import struct
import tracemalloc
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diffusion.errors import DiffusionError
from diffusion.weight_files.header import LongArray
from diffusion.weight_files.reading import read_header
from tests.support.sparse_files import gguf_text, gguf_value, write_gguf

if TYPE_CHECKING:
    from pathlib import Path

TENSORS = {"a.weight": ("Q4_K", (3, 512)), "b.weight": ("F16", (4, 2, 3, 3)), "c.weight": ("Q8_0", (2, 64))}
TEXT, ARRAY, UINT32 = 8, 9, 4


def array(item: int, count: int, packed: bytes) -> bytes:
    return gguf_value(ARRAY, struct.pack("<IQ", item, count) + packed)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "model.gguf"


def refused(path: Path, message: str) -> None:
    with pytest.raises(DiffusionError, match=message) as caught:
        read_header(path)
    assert caught.value.remedy
    assert path.name in caught.value.args[0]


@pytest.mark.parametrize("version", [2, 3])
def test_names_types_shapes_and_places_are_read(path: Path, version: int) -> None:
    header = read_header(write_gguf(path, TENSORS, version=version))
    assert header.format == "gguf"
    assert {name: (info.dtype, info.shape) for name, info in header.tensors.items()} == TENSORS
    assert header.tensors["a.weight"].end - header.tensors["a.weight"].start == 3 * 2 * 144
    assert all(info.start % 32 == 0 for info in header.tensors.values())
    assert header.tensors["c.weight"].end <= header.size


def test_metadata_are_read_and_long_arrays_are_passed_over(path: Path) -> None:
    words = array(TEXT, 50_000, b"".join(gguf_text(f"word {n}") for n in range(50_000)))
    metadata = {
        "general.architecture": gguf_value(TEXT, gguf_text("flux")),
        "general.quantization_version": gguf_value(UINT32, struct.pack("<I", 2)),
        "sides": array(UINT32, 3, struct.pack("<3I", 1, 2, 3)),
        "tokenizer.ggml.tokens": words,
        "tokenizer.ggml.scores": array(6, 1000, bytes(4000)),
    }
    found = read_header(write_gguf(path, TENSORS, metadata)).metadata
    assert found["general.architecture"] == "flux"
    assert found["general.quantization_version"] == 2
    assert found["sides"] == (1, 2, 3)
    assert isinstance(found["tokenizer.ggml.tokens"], LongArray)
    assert found["tokenizer.ggml.tokens"].length == 50_000
    assert isinstance(found["tokenizer.ggml.scores"], LongArray)


def test_another_alignment_is_followed(path: Path) -> None:
    alignment = {"general.alignment": gguf_value(UINT32, struct.pack("<I", 4096))}
    header = read_header(write_gguf(path, TENSORS, alignment, alignment=4096))
    assert all(info.start % 4096 == 0 for info in header.tensors.values())


def test_a_shape_that_was_flattened_to_be_quantised_is_given_back(path: Path) -> None:
    original = {"comfy.gguf.orig_shape.c.weight": array(5, 4, struct.pack("<4i", 8, 4, 2, 2))}
    assert read_header(write_gguf(path, TENSORS, original)).tensors["c.weight"].shape == (8, 4, 2, 2)


@pytest.mark.parametrize("told", [(8, 8), (-2, -64), (0, 128), (2, 64, 2)])
def test_an_original_shape_that_cannot_be_is_refused(path: Path, told: tuple[int, ...]) -> None:
    packed = array(5, len(told), struct.pack(f"<{len(told)}i", *told))
    with pytest.raises(DiffusionError, match="cannot be the one that is told beside it"):
        read_header(write_gguf(path, TENSORS, {"comfy.gguf.orig_shape.c.weight": packed}))


def test_types_that_nobody_here_knows_are_kept_by_their_numbers(path: Path) -> None:
    write_gguf(path, {"a": ("F16", (32,)), "b": ("F16", (16,))})
    raw = bytearray(path.read_bytes())
    at = raw.index(gguf_text("a")) + len(gguf_text("a")) + 4 + 8
    raw[at : at + 4] = struct.pack("<I", 99)
    path.write_bytes(raw)
    tensors = read_header(path).tensors
    assert (tensors["a"].dtype, tensors["a"].end) == ("GGML_99", tensors["b"].start)


def head(version: int = 3, tensors: int = 0, metadata: int = 0) -> bytes:
    return b"GGUF" + struct.pack("<IQQ", version, tensors, metadata)


def row(name: str, shape: tuple[int, ...], kind: int, offset: int) -> bytes:
    sides = struct.pack(f"<{len(shape)}Q", *reversed(shape))
    return gguf_text(name) + struct.pack("<I", len(shape)) + sides + struct.pack("<IQ", kind, offset)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (head(version=1), "its version is 1; versions 2 and 3"),
        (b"GGUF" + struct.pack(">IQQ", 3, 0, 0), "it is big-endian"),
        (head(tensors=10**6), "it tells of 1,000,000 tensors; at most 100,000"),
        (head(metadata=2**60), "texts; at most 100,000"),
        (head(metadata=1) + gguf_text("a") + gguf_value(77, b""), "unknown kind 77"),
        (head(metadata=1) + gguf_text("a") + array(ARRAY, 1, bytes(40)), "none of arrays is read"),
        (head(metadata=1) + gguf_text("a") + array(TEXT, 2**50, bytes(40)), "texts; at most 2,000,000"),
        (head(metadata=1) + gguf_text("a") + array(UINT32, 2**50, bytes(40)), "it ends inside its header"),
        (head(metadata=1) + struct.pack("<Q", 2**62), "it ends inside its header"),
        (head(metadata=2) + 2 * (gguf_text("a") + gguf_value(UINT32, bytes(4))), '"a" is there twice'),
        (head(metadata=1) + gguf_text("general.alignment") + gguf_value(UINT32, bytes(4)), "its alignment is"),
        (head(metadata=1) + gguf_text("general.alignment") + gguf_value(7, b"\1"), "its alignment is"),
        (head(tensors=1) + gguf_text("a") + struct.pack("<I", 2**31), "has 2,147,483,648 dimensions"),
        (head(tensors=1) + row("../x", (1,), 0, 0) + bytes(64), "is no name for a tensor"),
        (head(tensors=1) + row("a", (33,), 2, 0) + bytes(64), "does not go into blocks of 32"),
        (head(tensors=1) + row("a", (2**40, 2**40), 0, 0) + bytes(64), "is cut short: its header tells of"),
        (head(tensors=1) + row("a", (4,), 0, 64) + bytes(128), "leaves a hole"),
        (head(tensors=1) + row("a", (4,), 99, 2**63) + bytes(128), "leaves a hole"),
        (head(tensors=2) + row("a", (16,), 0, 0) + row("b", (4,), 0, 32) + bytes(256), "overlaps another"),
        (head(tensors=2) + row("a", (8,), 0, 0) + row("a", (8,), 0, 32) + bytes(256), "there twice"),
    ],
)
def test_what_lies_is_refused_with_what_was_found(path: Path, raw: bytes, message: str) -> None:
    path.write_bytes(raw)
    refused(path, message)


def test_a_file_that_is_cut_off_anywhere_is_refused(path: Path) -> None:
    write_gguf(path, TENSORS, {"general.architecture": gguf_value(TEXT, gguf_text("flux"))})
    whole = path.read_bytes()
    for keep in (4, 10, 40, 90, len(whole) - 200):
        path.write_bytes(whole[:keep])
        refused(path, "cut short")


def test_a_huge_header_without_end_is_refused_in_bounded_memory(path: Path) -> None:
    with path.open("wb") as file:
        file.write(head(metadata=1) + gguf_text("a") + array(0, 2**40, b""))
        file.truncate(2**41)
    tracemalloc.start()
    refused(path, "does not end within")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10_000_000


@given(st.binary(max_size=300), st.integers(0, 3), st.integers(0, 3))
def test_any_bytes_give_a_header_or_a_refusal(
    tmp_path_factory: pytest.TempPathFactory, raw: bytes, tensors: int, metadata: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzz.gguf"
    for content in (b"GGUF" + raw, head(tensors=tensors, metadata=metadata) + raw):
        path.write_bytes(content)
        try:
            assert read_header(path).size == len(content)
        except DiffusionError as error:
            assert error.remedy
