"""From bytes to JSON: each way in which it can go wrong has a code, a place and a remedy."""

from __future__ import annotations

import codecs
import json

import pytest

from graph.base.errors import Problem, WorkflowError
from graph.document import json_text
from graph.document.json_text import (
    MAX_DEPTH,
    DuplicateNameError,
    check_depth,
    is_deeper,
    load_json,
    refused,
    without_duplicates,
)

REFUSED = {
    "nothing at all": (b"  \n", "not_json", "it is empty", "restore it"),
    "no JSON": ("{'a': 1}", "not_json", "line 1, column 2", "correct the file"),
    "cut off": ('{"a": [1, 2', "not_json", "line 1, column 12", "cut off"),
    "cut off within a text": ('{"a": "one', "not_json", "line 1, column 7", "cut off"),
    "UTF-16": (codecs.BOM_UTF16_LE + '{"a": 1}'.encode("utf-16-le"), "not_text", "UTF-16", "save it as UTF-8"),
    "Latin 1": (b'{"a":\n "\xe4"}', "not_text", "byte 0xe4 at line 2, column 3", "save it as UTF-8"),
    "a name twice": ('{"a": 1, "a": 2}', "duplicate_name", "line 1, column 10", "a name of its own"),
    "no number": ('{"a": NaN}', "not_finite", "NaN at line 1, column 7", "a finite number"),
    "too large a number": ('{"a": 1e999}', "not_finite", "1e999 at line 1, column 7", "1e308"),
    "too many digits": (f"[{'1' * 5000}]", "number_too_large", "line 1, column 2", "4,300"),
    "no end of lists": ("[" * 100_000, "too_deep", "nested more than", "open a workflow file"),
}


def problem_of(data: bytes | str) -> Problem:
    with pytest.raises(WorkflowError) as caught:
        load_json(data, "it")
    (problem,) = caught.value.problems
    return problem


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_is_refused_with_its_place_and_a_remedy(name: str) -> None:
    data, code, words, remedy = REFUSED[name]
    problem = problem_of(data)
    assert problem.code == code
    assert words in problem.message
    assert remedy in problem.remedy


def test_a_byte_order_mark_is_skipped_and_counts_in_no_column() -> None:
    assert load_json(codecs.BOM_UTF8 + b'{"a": 1}', "it") == {"a": 1}
    assert "line 1, column 3" in problem_of(codecs.BOM_UTF8 + b'{"\xff": 1}').message


def test_too_many_bytes_are_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_text, "MAX_BYTES", 10)
    assert load_json(b'{"a": 123}', "it") == {"a": 123}
    problem = problem_of(b'{"a": 1234}')
    assert problem.code == "too_large"
    assert "11 bytes" in problem.message


@pytest.mark.parametrize(
    ("text", "node", "socket"),
    [
        ('{"nodes": {"7": {"inputs": {"seed": NaN}}}}', "7", "seed"),
        ('{"nodes": {"7": {"inputs": {"x": {"a": 1, "a": 2}}}}}', "7", "x"),
        ('{"nodes": {"7": {"position": [1e999, 0]}}}', "7", ""),
        ('{"groups": [1e999]}', "", ""),
    ],
)
def test_what_is_wrong_inside_of_a_node_is_told_of_the_node_and_its_input(text: str, node: str, socket: str) -> None:
    problem = problem_of(text)
    assert (problem.node, problem.socket) == (node, socket)


def test_a_long_number_is_shortened_in_the_message() -> None:
    assert len(problem_of(f"[1{'0' * 400}.5]").message) < 120


def test_depth_counts_lists_and_objects() -> None:
    assert not is_deeper({"a": [{"b": 1}]}, 3)
    assert is_deeper({"a": [{"b": 1}]}, 2)
    assert not is_deeper([[]] * 1000, 2), "how wide it is does not matter"
    nested: dict[str, object] = {}
    for _ in range(MAX_DEPTH - 1):
        nested = {"a": nested}
    check_depth(nested)
    with pytest.raises(WorkflowError, match="nested more than"):
        check_depth({"a": nested})


def test_the_first_name_that_occurs_twice_is_named() -> None:
    assert without_duplicates([("a", 1), ("b", 2)]) == {"a": 1, "b": 2}
    with pytest.raises(DuplicateNameError) as caught:
        json.loads('{"a": 1, "b": 1, "b": 2, "a": 3}', object_pairs_hook=without_duplicates)
    assert caught.value.name == "b"


def test_a_refusal_of_a_whole_text_names_no_node() -> None:
    (problem,) = refused("not_json", "it is not", "make it so").problems
    assert (problem.code, problem.message, problem.remedy, problem.node) == ("not_json", "it is not", "make it so", "")
