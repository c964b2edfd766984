"""A shape as JSON: what cannot be written in UTF-8 is an escape, and what JSON does not know is null."""

from __future__ import annotations

import json

from server.shapes.artifacts import Outputs
from server.shapes.encoding import encode, encoded, forwarded
from server.shapes.runs import NodeState
from server.shapes.system import Notice


def test_half_a_character_is_an_escape_and_all_else_is_as_it_was() -> None:
    notice = Notice(code="a", message="half \ud800, whole 😀", at=1.0)
    assert json.loads(encode(notice)) == {"code": "a", "message": "half \ud800, whole 😀", "at": 1.0}


def test_numbers_that_json_does_not_know_are_null_and_large_ones_are_whole() -> None:
    assert json.loads(encode({"a": float("nan"), "b": float("inf"), "c": 10**30})) == {
        "a": None,
        "b": None,
        "c": 10**30,
    }


def test_numbers_that_json_does_not_know_are_null_also_beside_half_a_character() -> None:
    beside = {"half": "\ud800", "list": [float("-inf"), {"a": float("nan")}]}
    assert json.loads(encode(beside)) == {"half": "\ud800", "list": [None, {"a": None}]}


def test_a_field_that_is_not_set_is_left_out() -> None:
    assert json.loads(encode(NodeState(state="running", value=0.5))) == {"state": "running", "value": 0.5}


def test_a_part_may_be_written_ahead_also_beside_half_a_character() -> None:
    text = '[{"a":  1}]'
    assert encode(Outputs(outputs=forwarded(text), next=None)) == b'{"outputs":[{"a":  1}],"next":null}'
    beside = {"half": "\ud800", "part": encoded({"b": 2})}
    assert json.loads(encode(beside)) == {"half": "\ud800", "part": {"b": 2}}
