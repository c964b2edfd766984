"""Headers of safetensors files: what is read, and what is refused with a reason, in bounded memory."""

from __future__ import annotations

import json
import struct
import tracemalloc
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diffusion.errors import DiffusionError
from diffusion.weight_files.reading import read_header
from tests.support.sparse_files import entries, header_bytes, write_safetensors

if TYPE_CHECKING:
    from pathlib import Path

A = {"dtype": "F16", "shape": [2, 3], "data_offsets": [0, 12]}
B = {"dtype": "U8", "shape": [4], "data_offsets": [12, 16]}


def write(path: Path, content: Any, data: int = 16) -> Path:
    """A file with this header and so many bytes of tensors."""
    begin = header_bytes(content)
    with path.open("wb") as file:
        file.write(begin)
        file.truncate(len(begin) + data)
    return path


def refused(path: Path, message: str) -> None:
    with pytest.raises(DiffusionError, match=message) as caught:
        read_header(path)
    assert caught.value.remedy
    assert path.name in caught.value.args[0]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "model.safetensors"


def test_names_types_shapes_places_and_metadata_are_read(path: Path) -> None:
    write(path, {"__metadata__": {"format": "pt"}, "a": A, "b": B})
    header = read_header(path)
    begin = path.stat().st_size - 16
    assert (header.format, header.size, header.metadata) == ("safetensors", begin + 16, {"format": "pt"})
    assert header.tensors["a"] == ("F16", (2, 3), begin, begin + 12)
    assert header.tensors["b"].start == begin + 12


def test_the_order_of_keys_and_tensors_does_not_matter(path: Path) -> None:
    write(path, {"b": dict(reversed(B.items())), "a": A})
    assert read_header(path).tensors["b"].dtype == "U8"


def test_a_file_without_tensors_and_empty_tensors_are_fine(path: Path) -> None:
    assert read_header(write(path, {}, 0)).tensors == {}
    empty = {"dtype": "F32", "shape": [0, 4], "data_offsets": [0, 0]}
    assert read_header(write(path, {"e": empty, "a": A}, 12)).tensors["e"].shape == (0, 4)


def test_types_that_nobody_here_knows_are_kept_by_their_names(path: Path) -> None:
    new = {"dtype": "F3_E1M1", "shape": [7], "data_offsets": [0, 16]}
    assert read_header(write(path, {"new": new})).tensors["new"].dtype == "F3_E1M1"


def test_types_narrower_than_a_byte_are_counted_in_bits(path: Path) -> None:
    narrow = {"dtype": "F4", "shape": [4, 8], "data_offsets": [0, 16]}
    assert read_header(write(path, {"n": narrow})).tensors["n"].shape == (4, 8)


def test_a_file_of_hundreds_of_gigabytes_costs_no_more_than_its_header(path: Path) -> None:
    header = read_header(write_safetensors(path, {"huge": ("F32", (1 << 20, 1 << 16))}))
    assert header.size > 1 << 37


@pytest.mark.parametrize(
    ("content", "data", "message"),
    [
        ({"a": A, "b": {**B, "data_offsets": [11, 15]}}, 15, '"b".* overlaps another'),
        ({"a": A, "b": {**B, "data_offsets": [13, 17]}}, 17, '"b".* leaves a hole'),
        ({"a": A, "b": {**B, "data_offsets": [0, 4]}}, 12, "overlaps another"),
        ({"a": {**A, "data_offsets": [-12, 0]}}, 0, "overlaps another"),
        ({"a": {**A, "data_offsets": [12, 0]}}, 0, "cannot take -12 bytes"),
        ({"a": {"dtype": "NEW", "shape": [1], "data_offsets": [0, -4]}}, 0, "ends before it begins"),
        ({"a": {**A, "shape": [2, 4]}}, 12, r'"a", F16 "\[2, 4\]", cannot take 12 bytes'),
        ({"a": {**A, "shape": [-2, -3]}}, 12, r"has the shape"),
        ({"a": {**A, "shape": [2.0, 3]}}, 12, r"has the shape"),
        ({"a": {**A, "shape": [True, 6]}}, 12, r"has the shape"),
        ({"a": {**A, "shape": ["x", 6]}}, 12, r"has the shape"),
        ({"a": {**A, "shape": [10**200, 6]}}, 12, r"cannot take 12 bytes"),
        ({"a": {**A, "data_offsets": [0, True]}}, 12, "is no tensor"),
        ({"a": {**A, "data_offsets": [0.0, 12]}}, 12, "is no tensor"),
        ({"a": {**A, "data_offsets": [0, 6, 12]}}, 12, "is no tensor"),
        ({"a": {**A, "dtype": 5}}, 12, "is no tensor"),
        ({"a": {**A, "shape": 5}}, 12, "is no tensor"),
        ({"a": {**A, "extra": 1}}, 12, "is no tensor"),
        ({"a": "b"}, 0, "is no tensor"),
        ({"a": {"b": A}}, 12, "is no tensor"),
        ({"__metadata__": [1]}, 0, "its metadata are"),
        ({"../../evil": A}, 12, "is no name for a tensor"),
        ({"/etc/passwd": A}, 12, "is no name for a tensor"),
        ({"C:\\evil": A}, 12, "is no name for a tensor"),
        ({"a\u0000b": A}, 12, r'"a\\x00b" is no name for a tensor'),
        ({"a\nb": A}, 12, "is no name for a tensor"),
        ({"\ud800": A}, 12, "is no name for a tensor"),
        ({"": A}, 12, "is no name for a tensor"),
        ({"attn2_to_k" * 200_000: A}, 12, "is no name for a tensor"),
        (b'{"a": NaN}', 0, "is no JSON"),
        (b"[1]", 0, "is no JSON object"),
        (b"nope", 0, "is no JSON"),
        (b"{\xff}", 0, "no UTF-8 at byte 1"),
        (
            b'{"__metadata__":{"a":"b"},"\xff":' + json.dumps(A).replace(" ", "").encode() + b"}",
            12,
            "no UTF-8 at byte 27",
        ),
        (b"{" + b'"a":{' * 90_000, 0, "nested too deep"),
        (b"[" * 90_000, 0, "nested too deep"),
        (b'{"a":' + json.dumps(A).encode() + b',"a":' + json.dumps(A).encode() + b"}", 12, '"a" is there twice'),
        (b'{"a":{"dtype":"U8","dtype":"F16","shape":[6],"data_offsets":[0,12]}}', 12, '"dtype" is there twice'),
        ({"a": A}, 11, "is cut short: its header tells of"),
        ({"a": A}, 13, "is longer than its header tells"),
    ],
)
def test_what_lies_is_refused_with_what_was_found(path: Path, content: Any, data: int, message: str) -> None:
    refused(write(path, content, data), message)


@pytest.mark.long
def test_what_is_there_twice_is_found_in_one_pass(path: Path) -> None:
    many = ",".join(f'"t{n}":{{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}' for n in range(90_000))
    refused(write(path, f'{{{many},"t89999":[]}}'.encode(), 0), '"t89999" is there twice')


def test_names_with_dots_slashes_and_letters_of_all_kinds_are_fine(path: Path) -> None:
    names = ["a..b", "folder/name", "<犬>", "a b", "👩‍🚀", "model.0.weight"]
    write_safetensors(path, dict.fromkeys(names, ("F16", (1,))))
    assert list(read_header(path).tensors) == names


@pytest.mark.parametrize("keep", [1, 7, 8, 30, -1])
def test_a_file_that_is_cut_off_anywhere_is_refused(path: Path, keep: int) -> None:
    write(path, {"a": A, "b": B})
    path.write_bytes(path.read_bytes()[:keep])
    refused(path, "cut short|ends inside its header")


def test_a_header_longer_than_the_file_or_than_any_is_refused_unread(path: Path) -> None:
    path.write_bytes(struct.pack("<Q", 2**63) + b"{}")
    refused(path, "ends inside its header")
    with path.open("wb") as file:
        file.write(struct.pack("<Q", 200_000_000) + b"{")
        file.truncate(300_000_000)
    refused(path, "has a header of 200,000,000 bytes; at most 100,000,000")


@pytest.mark.long
@pytest.mark.parametrize(
    "piece",
    [b'"t%d":{"dtype":"U8","shape":[1],"data_offsets":[%d,%d]},', b'"%d":[],', b'"%d%d":{},', b'"x%d":[[],[],[0,0]],'],
)
def test_a_million_of_anything_is_refused_before_it_costs_memory(path: Path, piece: bytes) -> None:
    numbers = piece.count(b"%d")
    body = b"".join(piece % tuple([n, n, n + 1][:numbers]) for n in range(1_000_000))
    path.write_bytes(header_bytes(b"{" + body[:-1] + b"}") + b"\0" * 1_000_000)
    del body
    tracemalloc.start()
    refused(path, "more than 100,000 tensors|tells of 1,000,000 tensors")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 250_000_000


def test_errors_do_not_print_long_or_wild_names(path: Path) -> None:
    write(path, {"\u001b[31m" + "x" * 100_000: A}, 12)
    with pytest.raises(DiffusionError) as caught:
        read_header(path)
    assert len(str(caught.value)) < 500
    assert str(caught.value).isprintable()


@given(st.binary(max_size=400))
def test_any_bytes_give_a_header_or_a_refusal(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzz.safetensors"
    for content in (raw, header_bytes(raw), header_bytes(b'{"a":' + raw + b"}")):
        path.write_bytes(content)
        try:
            assert read_header(path).size == len(content)
        except DiffusionError as error:
            assert error.remedy


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["dtype", "shape", "data_offsets", "more"]), _JSON), _JSON)
def test_any_entry_gives_a_header_or_a_refusal(
    tmp_path_factory: pytest.TempPathFactory, entry: dict[str, Any], other: Any
) -> None:
    path = tmp_path_factory.getbasetemp() / "entry.safetensors"
    good, size = entries({"good": ("F32", (2, 2))})
    write(path, {**good, "entry": entry, "__metadata__": other}, size)
    try:
        header = read_header(path)
        assert all(isinstance(length, int) for tensor in header.tensors.values() for length in tensor.shape)
    except DiffusionError as error:
        assert error.remedy
