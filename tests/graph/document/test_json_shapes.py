"""Parts of parsed JSON are taken where their shape is right; where it is not, a problem is noted."""

from __future__ import annotations

import pytest

from graph.base.errors import Problem
from graph.document.json_shapes import FARTHEST, boxes, is_named, is_pair, kind, pair, section, shape_problem

WORDS = [
    ({}, "an object"), ([], "a list"), ("", "text"), (True, "true or false"), (None, "nothing"), (1, "a number"),
    (0.5, "a number"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "words"), WORDS)
def test_every_sort_of_value_has_a_name(value: object, words: str) -> None:
    assert kind(value) == words


@pytest.mark.parametrize("data", [{"a": None}, {}])
def test_a_part_that_is_left_out_is_empty_and_no_problem(data: dict[str, object]) -> None:
    problems: list[Problem] = []
    assert section(data, "a", dict, problems) == {}
    assert section(data, "a", list, problems) == []
    assert section(data, "a", str, problems) == ""
    assert boxes(data, "a", problems) == ()
    assert pair(data, "a", problems, "7") is None
    assert problems == []


def test_a_part_of_the_wrong_kind_is_empty_and_a_problem_that_names_its_node() -> None:
    problems: list[Problem] = []
    assert section({"inputs": [1]}, "inputs", dict, problems, "7") == {}
    (problem,) = problems
    assert (problem.code, problem.node) == ("wrong_shape", "7")
    assert (problem.expected, problem.got) == ("an object", "a list")
    assert "'inputs'" in problem.message
    assert problem.remedy == "make it an object"


def test_each_box_that_is_no_object_is_a_problem_and_none_is_lost() -> None:
    problems: list[Problem] = []
    assert boxes({"groups": [{"a": 1}, 2, "x"]}, "groups", problems) == ({"a": 1}, 2, "x")
    assert [problem.got for problem in problems] == ["a number", "text"]


@pytest.mark.parametrize("value", [[0, 0], [-1e9, 1e9], [0.5, FARTHEST]])
def test_a_pair_of_numbers_within_reach_is_taken(value: list[float]) -> None:
    problems: list[Problem] = []
    assert pair({"position": value}, "position", problems, "7") == tuple(value)
    assert problems == []


@pytest.mark.parametrize("value", [[0], [0, 0, 0], [0, "0"], [True, 0], [1.1e9, 0], [0, float("nan")], {}, 3, "ab"])
def test_any_other_pair_is_a_problem(value: object) -> None:
    problems: list[Problem] = []
    assert pair({"position": value}, "position", problems, "7") is None
    assert [(problem.code, problem.node) for problem in problems] == [("wrong_shape", "7")]


def test_a_pair_has_two_parts_of_the_wanted_types() -> None:
    assert is_pair(["a", "b"], str)
    assert not is_pair(["a", 1], str)
    assert not is_pair(("a", "b"), str)
    assert not is_pair(["a", "b", "c"], str)
    assert not is_pair([True, 1], int), "a truth is no number"


@pytest.mark.parametrize("data", [{"name": ""}, {"name": 1}, {}, [], None, "name"])
def test_an_object_with_a_name_has_some_letters_for_it(data: object) -> None:
    assert is_named({"name": "x"})
    assert not is_named(data)


def test_a_problem_of_a_document_names_no_node() -> None:
    assert shape_problem("the workflow", "an object", []).node == ""
