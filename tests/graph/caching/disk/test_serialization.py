"""A value taken apart and put together is the same value, through a file that other programs can read, too."""

import io
import json
import math
import struct

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given
from hypothesis import strategies as st

from graph.caching.disk.safetensors_file import read_from, to_pieces
from graph.caching.disk.serialization import DamagedError, UnknownArrayError, pack, unpack
from graph.node_types.flow import BLOCK
from graph.results.fingerprint import Fingerprinter
from tests.graph.results.test_fingerprint import tagged, values
from tests.support.toy_arrays import ToyArray, ToyArrays

CODECS = [ToyArrays()]
MANY_NAN = struct.unpack(">2d", bytes.fromhex("fff8000000000000 7ff8000000000123"))


def file_of(value):
    return b"".join(to_pieces(pack(value, CODECS)))


def read(data, codecs=CODECS):
    return unpack(*read_from(io.BytesIO(data), len(data)), codecs)


@given(values)
def test_every_value_comes_back_as_it_was(value):
    assert tagged(read(file_of(value))) == tagged(value)


@pytest.mark.parametrize(
    "value",
    [
        [math.nan, math.inf, -math.inf, -0.0], [math.inf - math.inf, *MANY_NAN],
        2**5000, -(2**53), "\ud800", "\ud83d\ude00", ["\ud83d", "\ude00"],
        b"", bytearray(b"x"),
        {1, 2, "a"}, frozenset({(1, 2)}), {(1, 2): {"part": 3}}, [BLOCK], {"part": 0}, ["array", "toy"],
        [ToyArray(b"", shape=(0, 3)), ToyArray(b"123456", "u8", (2, 3))], {None: None, True: False},
    ],
)  # fmt: skip
def test_what_json_has_no_words_for_comes_back_too(value):
    marks = Fingerprinter(CODECS)
    again = read(file_of(value))
    assert type(again) is type(value)
    assert marks.of(again) == marks.of(value) is not None


def test_what_was_shared_is_shared_again():
    array, inner = ToyArray(b"abc"), [1]
    again = read(file_of([array, {"x": array}, inner, inner]))
    assert again[0] is again[1]["x"]
    assert again[2] is again[3]


@pytest.mark.long
def test_what_is_nested_deep_or_shared_often_is_no_matter():
    deep, wide = [], []
    for _ in range(50_000):
        deep = [deep]
    for _ in range(200):
        wide = [wide, wide]
    marks = Fingerprinter()
    assert marks.of(read(file_of(deep))) == marks.of(deep)
    assert len(file_of(wide)) < 20_000


def test_what_is_unknown_or_holds_itself_is_not_packed():
    circle = []
    circle.append([circle])
    assert pack([object()], CODECS) is None
    assert pack(circle, CODECS) is None
    assert pack({"a": ToyArray(b"x")}, []) is None


def test_arrays_are_not_copied_on_their_way_into_the_file():
    array = ToyArray(bytearray(b"abc"))
    pieces = to_pieces(pack([array], CODECS))
    assert pieces[-1].obj is array.data.obj


def test_other_programs_can_read_the_arrays():
    array = ToyArray(struct.pack("<6f", *range(6)), "float32", (2, 3))
    found = safetensors.numpy.load(file_of({"samples": array, "rest": [ToyArray(b"xyz", "a type of its own", (3,))]}))
    first, second = (found[name] for name in sorted(found))
    assert np.array_equal(first, np.arange(6, dtype=np.float32).reshape(2, 3))
    assert (second.dtype, second.tobytes()) == (np.uint8, b"xyz")


def test_an_array_of_a_kind_that_nothing_here_knows_is_no_damage():
    with pytest.raises(UnknownArrayError):
        read(file_of([ToyArray(b"x")]), codecs=[])


def whole_file():
    return file_of({"samples": ToyArray(bytes(range(200)), shape=(10, 20)), "more": [1, "two", None, b"three"]})


def test_a_file_that_ends_too_early_is_damaged_wherever_it_ends():
    data = whole_file()
    for length in range(len(data)):
        with pytest.raises(DamagedError):
            read(data[:length])


def test_a_file_that_goes_on_is_damaged():
    with pytest.raises(DamagedError):
        read(whole_file() + b"x")


@given(st.integers(0, len(whole_file()) * 8 - 1))
def test_a_flipped_bit_is_noticed_or_changes_the_fingerprint(bit):
    data = bytearray(whole_file())
    data[bit // 8] ^= 1 << bit % 8
    marks = Fingerprinter(CODECS)
    try:
        value = read(bytes(data))
    except (DamagedError, UnknownArrayError):
        return
    same_header_meaning = bytes(data[8:]).split(b'"skeleton"')[0] != whole_file()[8:].split(b'"skeleton"')[0]
    assert marks.of(value) != marks.of(read(whole_file())) or same_header_meaning or _is_padding(bit // 8)


def _is_padding(place):
    """Whether a byte is in the part of the header that tells others of types and shapes, or in its spaces."""
    data = whole_file()
    (length,) = struct.unpack("<Q", data[:8])
    header = data[8 : 8 + length]
    return place >= 8 + header.index(b'"000000"') and place < 8 + length


@pytest.mark.parametrize(
    "header",
    [
        b"[]", b"{}", b"null", b'{"__metadata__":{"format":"jacquard-0","skeleton":"{}"}}', b'{"__metadata__":3}',
        b'{"__metadata__":{"format":"jacquard-1","skeleton":"{}"},"0":{"data_offsets":[0,99999999999]}}',
        b'{"__metadata__":{"format":"jacquard-1","skeleton":"{}"},"0":{"data_offsets":[-5,0]}}',
        b'{"__metadata__":{"format":"jacquard-1","skeleton":"{}"},"0":{"data_offsets":["a",0]}}', b"\xff\xff",
    ],
)  # fmt: skip
def test_a_header_of_another_kind_is_damage(header):
    with pytest.raises(DamagedError):
        read(struct.pack("<Q", len(header)) + header)


@pytest.mark.parametrize(
    "skeleton",
    [
        {}, [], {"parts": []}, {"parts": [], "value": {"part": 0}}, {"parts": [["list", {"part": 0}]], "value": 1},
        {"parts": [["what", 1]], "value": 1}, {"parts": [["bytes", 0]], "value": 1},
        {"parts": [["int", "xyz"]], "value": 1},
        {"parts": [["dict", 1]], "value": 1}, {"parts": [["set", {"part": -1}]], "value": 1},
        {"parts": [["array", "toy"]], "value": 1}, {"parts": [["text", 5]], "value": 1}, {"parts": [[]], "value": 1},
    ],
)  # fmt: skip
def test_a_skeleton_that_makes_no_sense_is_damage(skeleton):
    with pytest.raises(DamagedError):
        unpack(json.dumps(skeleton), [], CODECS)


@pytest.mark.parametrize("error", [RuntimeError, OverflowError, AssertionError, ZeroDivisionError])
def test_whatever_a_codec_makes_of_wrong_bytes_is_damage(error):
    class Strict(ToyArrays):
        def restore(self, dtype, shape, data):
            raise error("this is no array of mine")

    with pytest.raises(DamagedError, match="no array of mine"):
        read(file_of([ToyArray(b"abc")]), [Strict()])
