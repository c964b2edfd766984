"""Which texts and numbers are taken: the rule, and where in a document it is broken."""

from __future__ import annotations

import json
import math

import pytest

from graph.base.errors import MOST_SHOWN, Problem, WorkflowError
from graph.building.validation import validate
from graph.document.literals import (
    MOST_IN_DESCRIPTION,
    MOST_IN_NAME,
    MOST_IN_TEXT,
    MOST_IN_TITLE,
    shown,
    unfit,
    unfit_text,
    unfit_word,
    unfit_words,
)
from graph.document.reader import from_json
from graph.files.folders import Files
from tests.support.toys import toy_registry

HALF, LAST_HALF, BELL = "\ud83d", "\ude00", "\x07"


@pytest.mark.parametrize("text", ["", "plain", "tab\tand\r\nlines", "ü ö 漢字 😀", "\u200d\ufe0f", "x" * MOST_IN_TEXT])
def test_text_of_any_language_is_taken(text: str) -> None:
    assert unfit_text(text) is None


@pytest.mark.parametrize("text", [HALF, LAST_HALF, f"a red {HALF} boat", LAST_HALF + HALF])
def test_half_a_character_is_not(text: str) -> None:
    found = unfit_text(text)
    assert found is not None
    assert (found.code, found.expected) == ("bad_text", "plain text")
    assert "half of a character" in found.message
    assert (found.got + found.message).encode()


def test_its_place_is_counted_from_one() -> None:
    assert "U+D83D, at place 3" in str(unfit_text("ab" + HALF))


@pytest.mark.parametrize("control", ["\0", BELL, "\x1b[31m", "\x7f", "\x9b"])
def test_a_control_character_is_taken_in_a_value_and_not_in_a_word(control: str) -> None:
    assert unfit_text(control) is None
    found = unfit_word("a" + control)
    assert found is not None
    assert "control character" in found.message


def test_a_text_has_a_longest_length() -> None:
    found = unfit_text("x" * (MOST_IN_TEXT + 1))
    assert found is not None
    assert found.code == "too_long"
    assert f"{MOST_IN_TEXT:,}" in found.expected


@pytest.mark.parametrize(
    "value", [math.inf, -math.inf, math.nan, [1, [math.inf]], {"a": {"b": [math.nan]}}, {HALF: 1}, [{"x": HALF}]]
)
def test_what_lies_deep_in_a_value_is_found(value: object) -> None:
    assert unfit(value) is not None


NODE = {"type": "Add", "inputs": {"name": "x"}}


@pytest.mark.parametrize(
    ("document", "node", "socket", "code"),
    [
        ({"title": HALF}, "", "", "bad_text"),
        ({"title": BELL}, "", "", "bad_text"),
        ({"title": "x" * (MOST_IN_TITLE + 1)}, "", "", "too_long"),
        ({"description": "x" * (MOST_IN_DESCRIPTION + 1)}, "", "", "too_long"),
        ({"notes": [{"text": "x" * (MOST_IN_DESCRIPTION + 1)}]}, "", "", "too_long"),
        ({"groups": [{"title": "x" * (MOST_IN_TITLE + 1)}]}, "", "", "too_long"),
        ({"groups": [{"bounds": [0, 1e999, 0, 0]}]}, "", "", "not_finite"),
        ({"app": {"inputs": [HALF]}}, "", "", "bad_text"),
        ({"packs": {HALF: "1"}}, "", "", "bad_text"),
        ({"later": {"a": math.nan}}, "", "", "not_finite"),
        ({"nodes": {"7": {**NODE, "title": "x" * (MOST_IN_TITLE + 1)}}}, "7", "", "too_long"),
        ({"nodes": {"7": {**NODE, "type": "x" * (MOST_IN_NAME + 1)}}}, "7", "", "too_long"),
        ({"nodes": {"7": {**NODE, "inputs": {"text": f"a{HALF}"}}}}, "7", "text", "bad_text"),
        ({"nodes": {"7": {**NODE, "inputs": {"text": math.inf}}}}, "7", "text", "not_finite"),
        ({"nodes": {"7": {**NODE, "inputs": {"text": {"value": {"a": [HALF]}}}}}}, "7", "text", "bad_text"),
        ({"nodes": {"7": {**NODE, "inputs": {"text": {"from": [HALF, "a"]}}}}}, "7", "text", "bad_text"),
        ({"nodes": {"7": {**NODE, "inputs": {HALF: 1}}}}, "7", r"'\ud83d'", "bad_text"),
        ({"nodes": {HALF: NODE}}, r"'\ud83d'", "", "bad_text"),
        ({"nodes": {"7": {**NODE, "seeds": {"seed": HALF}}}}, "7", "", "bad_text"),
        ({"nodes": {"7": {**NODE, "color": HALF}}}, "7", "", "bad_text"),
        ({"subworkflows": {"up": {"title": HALF}}}, "@up", "", "bad_text"),
        ({"subworkflows": {"up": {"nodes": {"3": {**NODE, "inputs": {"a": HALF}}}}}}, "@up/3", "a", "bad_text"),
        ({"subworkflows": {"up": {"inputs": [{"name": HALF, "to": []}]}}}, "'@up'", "", "bad_text"),
    ],
)
def test_a_problem_names_where_it_is(document: dict[str, object], node: str, socket: str, code: str) -> None:
    (problem,) = unfit_words(from_json({"jacquard": 1, **document}))
    assert (problem.node, problem.socket, problem.code) == (node, socket, code)
    assert problem.remedy
    json.dumps(problem.as_json(), allow_nan=False).encode()
    assert str(problem).encode()


def test_everything_that_is_wrong_is_told_at_once_and_nothing_twice() -> None:
    nodes = {"1": {"type": "Sink", "inputs": {"in0": math.nan}}, "2": {"type": "Nothing", "inputs": {"x": HALF}}}
    with pytest.raises(WorkflowError) as refused:
        validate(from_json({"jacquard": 1, "title": HALF, "nodes": nodes}), toy_registry(), Files(), ["1", "2"])
    told = [(problem.code, problem.node, problem.socket) for problem in refused.value.problems]
    assert {"unknown_node_type", "bad_text"} <= {code for code, _, _ in told}
    assert len(set(told)) == len(told)


def test_a_problem_is_never_long() -> None:
    told = Problem("code", "x" * 10**6, got="y" * 10**6).as_json()
    assert all(len(part) < 2 * MOST_SHOWN for part in told.values())
    assert "998,000" in told["message"]


def test_a_text_is_shown_short_and_can_be_printed() -> None:
    assert shown("a" + HALF) == r"'a\ud83d'"
    assert len(shown("x" * 1_000)) < 100
