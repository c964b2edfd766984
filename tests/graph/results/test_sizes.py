"""What values hold: honest, shared memory told apart, and nothing spent on what is small."""

import sys
from dataclasses import dataclass, field

import pytest

from graph.node_types.flow import BLOCK
from graph.results.sizes import measure, small_size
from tests.support.toy_arrays import ToyArrays, zeros

CODECS = [ToyArrays()]


def total(value):
    own, pieces = measure(value, CODECS)
    return own + sum(pieces.values())


class _Handle:
    nbytes = 12_345


@pytest.mark.parametrize("box", [list, tuple, lambda items: {"x": items}, lambda items: [[[items]]]])
def test_arrays_are_counted_wherever_they_lie(box):
    assert 50_000 <= total(box([zeros(50_000)])) < 52_000


def test_what_says_its_bytes_is_believed_and_is_one_piece():
    handle = _Handle()
    assert measure((handle, [handle]), CODECS)[1] == {id(handle): 12_345}


def test_handles_of_the_same_weights_are_one_piece():
    class Reader(_Handle):
        def __init__(self, weights):
            self.weights = weights

    weights = object()
    assert list(measure([Reader(weights), Reader(weights)], CODECS)[1].values()) == [12_345]


def test_what_a_handle_holds_besides_its_weights_is_a_piece_of_its_own():
    class Patched(_Handle):
        weights = object()

        def __init__(self, *beside):
            self.beside = beside

    shared = zeros(1_000)
    pieces = measure([Patched(), Patched(shared), Patched(shared, zeros(500))], CODECS)[1]
    assert sorted(pieces.values()) == [500, 1_000, 12_345]


def test_views_of_one_array_are_one_piece_of_all_its_memory():
    array = zeros(100_000)
    parts = [array.view(0, 10), array.view(10, 20), {"again": array}]
    assert list(measure(parts, CODECS)[1].values()) == [100_000]


def test_text_and_bytes_are_counted():
    assert total("x" * 10_000) >= 10_000
    assert total([b"x" * 10_000]) >= 10_000
    assert total(["x" * 1000] * 3) < 3000 < total([letter * 1000 for letter in "abc"])


def test_circles_and_deep_nesting_have_a_size():
    circle, deep = [], []
    circle.append(circle)
    for _ in range(100_000):
        deep = [deep]
    assert total(circle) < 1000
    assert total(deep) > 100_000


@pytest.mark.parametrize(
    "values", [(), (1,), (1.5, True, None), ("a short text",), ("",) * 8, (2**1000,), (BLOCK,)]
)  # fmt: skip
def test_a_few_plain_values_are_small_and_their_size_is_no_underestimate(values):
    assert small_size(values) >= sum(map(sys.getsizeof, values)) - 200


@pytest.mark.parametrize(
    "values", [(1,) * 9, ("x" * 1000,), (2**40_000,), ([],), (b"",), (zeros(1),), (_Handle(),), ((1, 2),)]
)  # fmt: skip
def test_everything_else_needs_measuring(values):
    assert small_size(values) is None


@dataclass
class _Palette:
    colors: object
    again: object = None


@dataclass(slots=True)
class _Slots:
    colors: object = field(init=False)


def test_what_a_dataclass_holds_is_counted_and_counted_once():
    colors = zeros(50_000)
    assert 50_000 <= total(_Palette([colors], _Palette(colors))) < 52_000
    assert total(_Palette) < 5_000, "the class itself holds nothing"
    assert total(_Slots()) < 1_000


class _RaisesWhenAsked:
    @property
    def nbytes(self):
        raise RuntimeError("it is sparse")

    def __sizeof__(self):
        raise RuntimeError("it is nowhere")


def test_an_object_that_raises_when_it_is_asked_has_a_size_all_the_same():
    assert 0 < total([_RaisesWhenAsked()]) < 1000
