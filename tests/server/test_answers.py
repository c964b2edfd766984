"""An answer is a shape as JSON, with its status and headers."""

from __future__ import annotations

import json

from server.answers import json_answer
from server.shapes.system import Notice


def test_a_shape_is_json_in_utf8() -> None:
    answer = json_answer(Notice(code="disk", message="Die Platte ist völl.", at=1.5), 202, {"ETag": '"1"'})
    assert (answer.status, answer.content_type, answer.charset) == (202, "application/json", "utf-8")
    assert answer.headers["ETag"] == '"1"'
    assert isinstance(answer.body, bytes)
    assert json.loads(answer.body) == {"code": "disk", "message": "Die Platte ist völl.", "at": 1.5}


def test_half_a_character_is_written_as_an_escape() -> None:
    answer = json_answer(Notice(code="\ud800", message="", at=0.0))
    assert isinstance(answer.body, bytes)
    assert json.loads(answer.body)["code"] == "\ud800"
