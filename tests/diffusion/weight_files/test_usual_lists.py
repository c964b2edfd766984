"""Lists of tensors as the format's library writes them: taken is only what the reader of all JSON reads alike."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diffusion.errors import DiffusionError
from diffusion.weight_files.safetensors import MOST_TENSORS, read_any
from diffusion.weight_files.usual_lists import read_usual_list
from tests.support.headers import FOLDER, shapes
from tests.support.sparse_files import entries

if TYPE_CHECKING:
    from collections.abc import Mapping

    from diffusion.weight_files.header import TensorInfo

BASE = 1000
ONE = '"a":{"dtype":"F16","shape":[2,3],"data_offsets":[0,12]}'
TWO = '"b":{"dtype":"U8","shape":[4],"data_offsets":[12,16]}'


def written(content: Any) -> str:
    """As the format's library writes it."""
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False)


def usual(text: str, size: int, most: int = MOST_TENSORS) -> dict[str, TensorInfo] | None:
    return read_usual_list(text, BASE, BASE + size, most)


def exact(text: str, size: int) -> Mapping[str, TensorInfo] | None:
    try:
        header = read_any(text, BASE, BASE + size, "x")
    except DiffusionError:
        return None
    return header.tensors if not header.metadata else None


def agreed(text: str, size: int) -> bool:
    """Whether a list is taken, and then as the other reader has it, in the same order."""
    found = usual(text, size)
    if found is not None:
        told = exact(text, size)
        assert told is not None
        assert list(found.items()) == list(told.items())
        assert {type(number) for info in found.values() for number in (*info.shape, info.start, info.end)} <= {int}
    return found is not None


@pytest.mark.parametrize("name", sorted(path.name.removesuffix(".json.gz") for path in FOLDER.glob("*.json.gz")))
def test_the_lists_of_real_files_are_taken_and_read_as_by_the_other_reader(name: str) -> None:
    text, size = content_of({key: ("BF16", tuple(shape)) for key, shape in shapes(name).items()})
    assert agreed(text, size)
    assert agreed(text + "      ", size), "the format's library fills up with spaces"


def content_of(tensors: Mapping[str, tuple[str, tuple[int, ...]]]) -> tuple[str, int]:
    described, size = entries(tensors)
    return written(described), size


def test_tensors_in_any_order_of_all_types_and_shapes_are_taken() -> None:
    text, size = content_of({"犬": ("F32", ()), "a..b": ("F4", (2, 4)), "none": ("U8", (0, 5)), "x": ("F8_E4M3", (7,))})
    listed = list(json.loads(text).items())
    for turn in range(4):
        assert agreed(written(dict(listed[turn:] + listed[:turn])), size)


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        f"[{ONE}]",
        f"{{{ONE},{ONE}}}",
        f"{{{ONE},{TWO},}}",
        f"{{{ONE}, {TWO}}}",
        f"{{{ONE},{TWO}}}x",
        f"{{{ONE},{TWO}}}\n",
        f"{{{TWO},{TWO.replace('b', 'c')}}}",
        f"{{{ONE},{TWO.replace('[4]', '[ 4]')}}}",
        f"{{{ONE},{TWO.replace('[4]', '[04]')}}}",
        f"{{{ONE},{TWO.replace('[4]', '[4.0]')}}}",
        f"{{{ONE},{TWO.replace('[4]', '[4e0]')}}}",
        f"{{{ONE},{TWO.replace('[4]', '[-4]')}}}",
        f"{{{ONE},{TWO.replace('[4]', '[4,]')}}}",
        f"{{{ONE},{TWO.replace('[4]', '[٤]')}}}",
        f"{{{ONE},{TWO.replace('[4]', '[[4]]')}}}",
        f"{{{ONE},{TWO.replace('[4]', '[9999999999999999999999]')}}}",
        f"{{{ONE},{TWO.replace('[12,16]', '[012,16]')}}}",
        f"{{{ONE},{TWO.replace('[12,16]', '[1_2,16]')}}}",
        f"{{{ONE},{TWO.replace('[12,16]', '[12,+16]')}}}",
        f"{{{ONE},{TWO.replace('[12,16]', '[12,16.0]')}}}",
        f"{{{ONE},{TWO.replace('[12,16]', '[12,16,16]')}}}",
        f"{{{ONE},{TWO.replace('[12,16]', '[12]')}}}",
        f"{{{ONE},{TWO.replace('[12,16]', '[13,17]')}}}",
        f"{{{ONE},{TWO.replace('[12,16]', '[11,15]')}}}",
        f"{{{ONE},{TWO.replace('[12,16]', '[1' + '0' * 5000 + ',16]')}}}",
        f"{{{ONE.replace('[0,12]', '[-0,12]')},{TWO}}}",
        f"{{{ONE.replace('[0,12]', '[4,16]')},{TWO.replace('[12,16]', '[16,20]')}}}",
        f"{{{ONE},{TWO.replace('U8', 'NEW')}}}",
        f"{{{ONE},{TWO.replace('U8', 'F6_E2M3').replace('[4]', '[5]')}}}",
        f"{{{ONE},{TWO.replace('U8', 'F32')}}}",
        f"{{{ONE},{TWO.replace('dtype', 'DTYPE')}}}",
        f"{{{ONE},{TWO.replace('dtype', 'shape')}}}",
        f"{{{ONE},{TWO[:-1]},{TWO[5:]}}}",
        f"{{{ONE},{TWO.replace('b', '')}}}",
        f"{{{ONE},{TWO.replace('b', '..')}}}",
        f"{{{ONE},{TWO.replace('b', '/b')}}}",
        f"{{{ONE},{TWO.replace('b', 'b' * 2000)}}}",
        f"{{{ONE},{TWO.replace('b', chr(0))}}}",
        f"{{{ONE},{TWO.replace('b', chr(127))}}}",
        f"{{{ONE},{TWO.replace('b', chr(92) + 'u0062')}}}",
        f"{{{ONE},{TWO.replace('b', chr(92))}}}",
        f"{{{ONE},{TWO.replace('b', '__metadata__')}}}",
        f'{{"__metadata__":{{"a":"b"}},{ONE},{TWO}}}',
        f"\ufeff{{{ONE},{TWO}}}",
    ],
)
def test_whatever_is_unusual_or_wrong_is_left_to_the_other_reader(text: str) -> None:
    assert usual(text, 16) is None


def test_what_these_are_made_from_is_taken_and_not_when_it_is_more_than_may_be_read() -> None:
    text = f"{{{ONE},{TWO}}}"
    assert agreed(text, 16)
    assert usual(text, 16, most=1) is None
    assert usual(text, 17) is None, "the file is longer than its header tells"


_PIECES = (
    *'"{}[]:,. \\-+0123456789eE_x/\n\0٤é',
    *('"dtype"', '"shape"', '"data_offsets"', '"F16"', '"U8"', "]},", ":{", "},{", ONE, TWO),
    *("1.0", "-0", "00", "[]", "null", "true", '"__metadata__":', '"":', ",,", "\\u0061", "\\n", ""),
)


@given(st.lists(st.tuples(st.integers(0, 120), st.integers(0, 3), st.sampled_from(_PIECES)), min_size=1, max_size=3))
def test_a_list_that_was_tampered_with_is_read_alike_or_not_taken(edits: list[tuple[int, int, str]]) -> None:
    text = f"{{{ONE},{TWO}}}"
    for place, length, piece in edits:
        text = text[:place] + piece + text[place + length :]
    for size in (16, 12, 4, 0):
        agreed(text, size)


_TENSOR = st.tuples(
    st.sampled_from(["F16", "F32", "U8", "F4", "BOOL"]), st.lists(st.integers(0, 4).map(lambda n: 2 * n), max_size=3)
)


@given(st.dictionaries(st.text(max_size=6), _TENSOR, max_size=5), st.randoms(use_true_random=False))
def test_lists_of_the_formats_library_are_read_alike_whatever_the_names(tensors: Any, chance: Any) -> None:
    described, size = entries(tensors)
    listed = list(described.items())
    chance.shuffle(listed)
    text = written(dict(listed))
    is_usual = bool(tensors) and "\\" not in text and exact(text, size) is not None
    assert agreed(text, size) or not is_usual
