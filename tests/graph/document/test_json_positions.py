"""Where in a text something is wrong that the reader of the language refuses without a place."""

from __future__ import annotations

import pytest

from graph.document.json_positions import MAX_DIGITS, Fault, find_fault, place_of

FAULTS = {
    "a name that occurs twice": ('{"a": 1, "a": 2}', ("duplicate", "a", 1, 10, ("a",))),
    "in another line": ('{\n "a": 1,\n  "a": 2}', ("duplicate", "a", 3, 3, ("a",))),
    "deep inside": ('{"n": {"7": [0, {"x": 1, "x": 2}]}}', ("duplicate", "x", 1, 26, ("n", "7", "1", "x"))),
    "written with an escape": ('{"a": 1, "\\u0061": 2}', ("duplicate", "a", 1, 10, ("a",))),
    "no number": ('{"a": [1, NaN]}', ("number", "NaN", 1, 11, ("a", "1"))),
    "beyond all measure": ('{"a": 1e999}', ("number", "1e999", 1, 7, ("a",))),
    "endless": ("[-Infinity]", ("number", "-Infinity", 1, 2, ("0",))),
}


@pytest.mark.parametrize("name", FAULTS)
def test_the_first_fault_is_told_with_its_place_and_the_way_to_it(name: str) -> None:
    text, (what, word, line, column, path) = FAULTS[name]
    assert find_fault(text) == Fault(what, word, line, column, path)


def test_a_number_may_have_only_so_many_digits() -> None:
    assert find_fault(f"[{'1' * MAX_DIGITS}, -{'1' * MAX_DIGITS}]") is None
    found = find_fault(f"[1{'1' * MAX_DIGITS}]")
    assert found is not None
    assert found.what == "digits"


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1, "b": {"a": 1}}',
        '[{"a": 1}, {"a": 1}]',
        '{"a": "a", "b": "NaN"}',
        '{"a": "{\\"a\\": 1, \\"a\\": 2}"}',
        '{"a": true, "b": null, "c": -0.5e+3}',
        "",
        "]}",
    ],
)
def test_what_only_looks_like_a_fault_is_none(text: str) -> None:
    assert find_fault(text) is None


def test_places_are_counted_from_one() -> None:
    text = "ab\ncd"
    assert [place_of(text, at) for at in range(5)] == [(1, 1), (1, 2), (1, 3), (2, 1), (2, 2)]
    assert Fault("number", "NaN", 2, 5, ()).place == "line 2, column 5"
