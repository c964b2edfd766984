"""Nodes that begin a stream: which items they give, and in the engine, what runs for each of them."""

import pytest

from graph.api import NodeError
from nodes.streams import for_each_line, for_each_number, list_to_each, repeat_each


def rows(stream):
    return [tuple(item) for item in stream.items]


def test_numbers_are_counted_up_and_down():
    assert list(for_each_number(start=0, stop=4).items) == [0, 1, 2, 3]
    assert list(for_each_number(start=5, stop=0, step=-2).items) == [5, 3, 1]
    assert list(for_each_number(start=5, stop=0).items) == []
    assert for_each_number(start=0, stop=10, step=3).total == 4


def test_a_step_of_nothing_and_a_million_and_one_are_refused():
    with pytest.raises(NodeError, match="never arrives") as caught:
        for_each_number(step=0)
    assert caught.value.input == "step"
    with pytest.raises(NodeError, match="1,000,001 numbers"):
        for_each_number(start=0, stop=1_000_001)


def test_lines_that_hold_nothing_are_left_out():
    stream = for_each_line(text="  a red cat\n\n\t\na blue boat  \r\nthe sea")
    assert rows(stream) == [("a red cat", 0), ("a blue boat", 1), ("the sea", 2)]
    assert stream.total == 3
    assert rows(for_each_line(text=" \n")) == []


def test_a_value_is_repeated():
    stream = repeat_each(value="cat", times=3)
    assert rows(stream) == [("cat", 0), ("cat", 1), ("cat", 2)]
    assert stream.total == 3


def test_a_list_falls_into_its_items():
    assert rows(list_to_each(values=["a", "b"])) == [("a", 0), ("b", 1)]
    assert list_to_each(values=[]).total == 0
