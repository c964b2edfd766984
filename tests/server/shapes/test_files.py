"""Files of the user: an upload has nothing beside its file and folder, and what is left out has a reason."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from server.shapes.encoding import encode
from server.shapes.files import Choices, LeftOut, Upload
from server.shapes.schema import components, described

FOUND = components([Upload])


def test_an_upload_goes_into_the_folder_itself_unless_it_names_another() -> None:
    assert msgspec.convert({"file": b"x"}, Upload).subfolder == ""
    assert msgspec.convert({"file": b"x", "subfolder": "cats"}, Upload).subfolder == "cats"


@pytest.mark.parametrize(
    ("data", "words"),
    [({}, "missing required field `file`"), ({"file": b"x", "folder": "a"}, "unknown field `folder`"),
     ({"file": b"x", "subfolder": 3}, "Expected `str`"), ({"file": b"x", "subfolder": None}, "Expected `str`")],
)  # fmt: skip
def test_an_upload_without_a_file_or_with_more_is_refused(data: dict[str, Any], words: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=words):
        msgspec.convert(data, Upload)


def test_the_file_of_an_upload_is_described_as_bytes() -> None:
    assert described(Upload)["properties"]["file"] == {"type": "string", "format": "binary"}
    assert FOUND["Upload"]["required"] == ["file"]


@pytest.mark.parametrize("wrong", [{"left_out": ["a.png"]}, {"left_out": [{"name": "a.png"}]}, {"names": None}])
def test_a_file_that_is_left_out_has_a_reason(wrong: dict[str, Any]) -> None:
    data = {"folder": "input", "names": ["b.png"], "left_out": [{"name": "a.png", "reason": "too long"}]}
    read = msgspec.convert(data, Choices)
    assert read.left_out == [LeftOut(name="a.png", reason="too long")]
    assert json.loads(encode(read)) == data
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({**data, **wrong}, Choices)
