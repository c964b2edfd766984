"""Problems and warnings: the fields of the engine, without those that do not apply; and the body of an error."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

import msgspec
import pytest

from graph.base import errors
from graph.node_types import warnings
from server.shapes.encoding import encode
from server.shapes.problems import ErrorAnswer, ItemProblem, NodeWarning, Problem

PLAIN: dict[str, Any] = {"code": "above_max", "message": "It is too large."}


@pytest.mark.parametrize(
    ("record", "shape"),
    [
        (errors.Problem("above_max", "It is too large."), Problem),
        (errors.Problem("above_max", "It is too large.", **dict.fromkeys(
            (item.name for item in fields(errors.Problem) if item.name not in PLAIN), "x"
        )), Problem),
        (warnings.NodeWarning("dark"), NodeWarning),
        (warnings.NodeWarning("dark", 3, (1, 0)), NodeWarning),
    ],
)  # fmt: skip
def test_what_the_engine_says_is_read_and_told_again_in_the_same_words(record: Any, shape: Any) -> None:
    assert json.loads(encode(msgspec.convert(record.as_json(), shape))) == record.as_json()


@pytest.mark.parametrize(
    ("data", "shape", "words"),
    [
        ({"code": "above_max"}, Problem, "required field `message`"),
        ({"message": "no"}, Problem, "required field `code`"),
        ({**PLAIN, "node": 3}, Problem, "Expected `str`"),
        ({**PLAIN, "socket": None}, Problem, "Expected `str`"),
        ({**PLAIN, "traceback": ""}, Problem, "unknown field `traceback`"),
        ({"message": "dark", "times": 1.5}, NodeWarning, "Expected `int`"),
        ({"message": "dark", "item": 3}, NodeWarning, "Expected `array`"),
        ({"problem": PLAIN}, ItemProblem, "required field `item`"),
        ({"item": [0], "problem": {}}, ItemProblem, "`$.problem`"),
    ],
)
def test_a_problem_that_lacks_something_or_says_more_is_refused(data: Any, shape: Any, words: str) -> None:
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.convert(data, shape)
    assert words in str(caught.value)


@pytest.mark.parametrize("missing", ["code", "message", "remedy", "problems", "problem_count"])
def test_the_body_of_an_error_says_everything_even_if_there_is_nothing_to_say(missing: str) -> None:
    error = {"code": "not_found", "message": "There is none.", "remedy": "", "problems": [], "problem_count": 0}
    assert json.loads(encode(msgspec.convert({"error": error}, ErrorAnswer))) == {"error": error}
    del error[missing]
    with pytest.raises(msgspec.ValidationError, match=f"required field `{missing}`"):
        msgspec.convert({"error": error}, ErrorAnswer)
