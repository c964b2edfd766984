"""A body is read into its shape; what does not fit is refused with the field, and with what it should be."""

from __future__ import annotations

import json
from typing import Any

import pytest

from server.errors import ApiError
from server.requests.body_shape import NoBody, parse_body
from server.shapes.runs import MOST_TARGETS, Move, Submission

DOCUMENT = {"jacquard": 1, "nodes": {}, "app": {"kept": True}}


def read(data: Any, shape: Any = Submission) -> Any:
    return parse_body(json.dumps(data).encode(), shape)


def test_what_is_left_out_has_its_default_and_null_is_as_good() -> None:
    plain = read({"workflow": DOCUMENT})
    assert (plain.targets, plain.advance_seeds, plain.client, plain.key) == (None, False, "", "")
    nulls = dict.fromkeys(("targets", "advance_seeds", "client", "key"))
    assert read({"workflow": DOCUMENT, **nulls}) == plain


def test_a_document_is_handed_on_as_it_came() -> None:
    assert read({"workflow": DOCUMENT}).workflow == DOCUMENT
    assert read({"workflow": None}).workflow is None  # `graph.document` says what is wrong with it


@pytest.mark.parametrize("position", [0, -3, 10**400])
def test_a_whole_number_may_be_of_any_size(position: int) -> None:
    assert read({"position": position}, Move).position == position


@pytest.mark.parametrize(
    ("data", "shape", "code", "words"),
    [
        ([], Move, "wrong_shape", "JSON object"),
        (None, Move, "wrong_shape", "JSON object"),
        ("text", Move, "wrong_shape", "JSON object"),
        ({}, Move, "wrong_shape", "'position' is missing. Send a whole number; 0 is the front."),
        ({"position": None}, Move, "wrong_shape", "'position' is missing."),
        ({"position": True}, Move, "wrong_shape", "'position' must be a whole number, not true or false."),
        ({"position": 1.0}, Move, "wrong_shape", "'position' must be a whole number, not a fraction."),
        ({"position": {}}, Move, "wrong_shape", "not an object."),
        ({"positon": 1}, Move, "unknown_key", "'position'"),
        ({"now": 1}, NoBody, "unknown_key", "Leave it out."),
        ({}, Submission, "wrong_shape", "'workflow' is missing. Send the workflow's document."),
        ({"workflow": {}, "targets": "1"}, Submission, "wrong_shape", "'targets' must be a list, not text."),
        ({"workflow": {}, "targets": [1]}, Submission, "wrong_shape", "each entry is text"),
        ({"workflow": {}, "targets": ["x"] * (MOST_TARGETS + 1)}, Submission, "too_long", "Leave it out to run all."),
        ({"workflow": {}, "targets": ["\ud800"]}, Submission, "bad_text", "'targets'"),
        ({"workflow": {}, "targets": ["x" * 501]}, Submission, "too_long", "'targets'"),
        ({"workflow": {}, "advance_seeds": 1}, Submission, "wrong_shape", "must be true or false, not a whole number."),
        ({"workflow": {}, "client": ["x"]}, Submission, "wrong_shape", "'client' must be text, not a list."),
        ({"workflow": {}, "client": "x" * 201}, Submission, "too_long", "'client'"),
        ({"workflow": {}, "key": "\0"}, Submission, "bad_text", "'key'"),
    ],
)
def test_what_does_not_fit_is_refused_in_words(data: Any, shape: Any, code: str, words: str) -> None:
    with pytest.raises(ApiError) as caught:
        read(data, shape)
    assert (caught.value.status, caught.value.code) == (400, code)
    assert words in f"{caught.value.message} {caught.value.remedy}"
