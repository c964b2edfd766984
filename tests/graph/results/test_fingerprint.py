"""Content marks: equal exactly for equal values of equal types, in every process; none for what is unknown."""

import itertools
import os
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.node_types.flow import BLOCK
from graph.results.fingerprint import Fingerprinter
from graph.results.result import CONTENT
from tests.support.toy_arrays import ToyArray, ToyArrays

MARKS = Fingerprinter([ToyArrays()])
ROOT = Path(__file__).resolve().parents[3]

DIFFERENT = [
    1, 1.0, True, "1", b"1", bytearray(b"1"), [1], (1,), {1}, frozenset({1}), {1: 1}, {"1": 1}, {1: None},
    0, 0.0, -0.0, False, None, "", b"", [], (), {}, set(), float("nan"), float("inf"), 2**5000, 2**5000 + 1,
    [[1], 2], [[1, 2]], [1, [2]], [1, 2], [2, 1], ["12"], ["1", "2"], [b"12"], "x" * 5000, b"x" * 5000,
    bytearray(b"x" * 5000), "x" * 4095, "x" * 4096, "é", "\ud800", "\ud83d\ude00", "\U0001f600", BLOCK, [BLOCK],
    {"a": 1, "b": 2}, {"b": 2, "a": 1},
    ToyArray(b"1"), ToyArray(b"1", "i8"), ToyArray(b"1", shape=(1, 1)), ToyArray(b"2"), [ToyArray(b"1")], ToyArray(b""),
    ToyArray(b"", shape=(0, 3)), ToyArray(b"12"), ToyArray(b"12", shape=(2, 1)), ToyArray(b"12", shape=(1, 2)),
]  # fmt: skip


def test_values_that_differ_in_anything_have_different_marks():
    marks = [MARKS.of(value) for value in DIFFERENT]
    assert None not in marks
    same = [
        (DIFFERENT[i], DIFFERENT[j]) for i, j in itertools.combinations(range(len(marks)), 2) if marks[i] == marks[j]
    ]
    assert same == []


def test_no_token_begins_with_another_so_that_no_row_of_tokens_can_be_read_in_two_ways():
    """A container is hashed as its tokens one after the other."""
    leaves = [value for value in DIFFERENT if type(value) not in (list, tuple, dict, set, frozenset)]
    tokens = [MARKS.leaf(value) for value in leaves]
    assert [
        (one, other) for one, other in itertools.permutations(tokens, 2) if other.startswith(one)
    ] == []  # fmt: skip


def test_a_mark_says_that_it_is_one_of_content_and_has_128_bits():
    for value in DIFFERENT:
        mark = MARKS.of(value)
        assert mark.startswith(CONTENT)
        assert len(mark) == len(CONTENT) + 16


plain = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.binary(max_size=5)
values = st.recursive(
    plain | st.just(BLOCK) | st.binary(max_size=5).map(bytearray) | st.binary(max_size=5).map(ToyArray)
    | st.sets(plain, max_size=3) | st.frozensets(plain, max_size=3),
    lambda inner: st.lists(inner, max_size=4)
    | st.tuples(inner, inner)
    | st.dictionaries(plain, inner, max_size=3),
    max_leaves=12,
)  # fmt: skip


def tagged(value):
    """A plain form of a value in which only what is the same compares equal."""
    if isinstance(value, list | tuple):
        return (type(value).__name__, *map(tagged, value))
    if isinstance(value, dict):
        return ("dict", *((tagged(key), tagged(item)) for key, item in value.items()))
    if isinstance(value, set | frozenset):
        return (type(value).__name__, *sorted(map(repr, map(tagged, value))))
    if isinstance(value, float):
        return ("float", struct.pack(">d", value))
    if isinstance(value, bytearray):
        return ("bytearray", bytes(value))
    if isinstance(value, ToyArray):
        return ("array", value.dtype, value.shape, bytes(value.data))
    return (type(value).__name__, value)


@given(values, values)
def test_marks_are_equal_exactly_when_the_values_are(one, other):
    assert (MARKS.of(one) == MARKS.of(other)) == (tagged(one) == tagged(other))


def copied(value):
    if isinstance(value, list | tuple):
        return type(value)(map(copied, value))
    if isinstance(value, dict):
        return {copied(key): copied(item) for key, item in value.items()}
    if isinstance(value, set | frozenset):
        return type(value)(reversed([*value]))
    if isinstance(value, ToyArray):
        return ToyArray(bytearray(value.data), value.dtype, value.shape)
    return value


@given(values)
def test_whether_parts_are_shared_does_not_matter(value):
    assert MARKS.of([value, {"again": value}]) == MARKS.of([value, {"again": copied(value)}])


@pytest.mark.process
def test_a_mark_is_the_same_in_every_process():
    code = (
        "from tests.graph.results.test_fingerprint import MARKS, DIFFERENT\n"
        "extra = [{'a', 'b', 'c', ('d', 1)}, frozenset(map(str, range(50)))]\n"
        "print(*[MARKS.of(value).hex() for value in [*DIFFERENT, *extra]])"
    )
    found = set()
    for seed in "01":
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
        answer = subprocess.run(
            [sys.executable, "-c", code], env=environment, cwd=ROOT, capture_output=True, text=True, check=True
        )
        found.add(answer.stdout)
    assert len(found) == 1


class Unknown:
    pass


class OwnInt(int):
    pass


def circle():
    value = []
    value.append((value,))
    return value


def circle_of_a_dict():
    value = {}
    value["again"] = [value]
    return value


@pytest.mark.parametrize(
    "value",
    [Unknown(), [Unknown()], {"a": (1, {Unknown()})}, {Unknown(): 1}, OwnInt(1), circle(), circle_of_a_dict(), print],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_what_is_unknown_has_no_mark(value):
    assert MARKS.of(value) is None


@pytest.mark.parametrize("step", ["owns", "describe", "buffer"])
def test_an_array_that_its_codec_cannot_read_is_unknown(step):
    class Broken(ToyArrays):
        pass

    def fail(*_):
        raise RuntimeError("it lies on a device that is gone")

    setattr(Broken, step, fail)
    assert Fingerprinter([Broken()]).of(ToyArray(b"1")) is None
    assert Fingerprinter([Broken()]).of([ToyArray(b"1")]) is None


def test_an_array_without_a_codec_is_unknown():
    assert Fingerprinter().of(ToyArray(b"1")) is None


@pytest.mark.long
def test_what_is_nested_deep_or_shared_often_is_hashed_in_linear_time_without_recursion():
    deep, wide = [], []
    for _ in range(100_000):
        deep = [deep]
    for _ in range(200):  # 2 to the 200 leaves, if each were looked at
        wide = [wide, wide]
    assert MARKS.of(deep) is not None
    assert MARKS.of(wide) is not None
    assert MARKS.of(deep) != MARKS.of(wide)


def test_a_view_has_the_mark_of_a_copy():
    whole = ToyArray(bytearray(range(100)))
    assert MARKS.of(whole.view(10, 20)) == MARKS.of(ToyArray(bytes(range(10, 20))))
