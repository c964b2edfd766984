"""Artifacts and outputs: always with their addresses, and with the item only where a stream made them."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from server.shapes.artifacts import Artifact, Output, Outputs
from server.shapes.encoding import encode

MADE: dict[str, Any] = {
    "folder": "output", "name": "a.wav", "media": "audio/wav", "url": "api/v1/files/output/a.wav", "thumbnail": None
}  # fmt: skip
LISTED: dict[str, Any] = {
    **MADE, "id": 1, "run": "r", "node": "2", "width": None, "height": None, "bytes": 9, "created": 1.5
}  # fmt: skip


@pytest.mark.parametrize(("shape", "data"), [(Artifact, MADE), (Output, LISTED)])
def test_without_a_stream_there_is_no_item_and_what_is_no_picture_says_null(shape: Any, data: dict[str, Any]) -> None:
    read = msgspec.convert(data, shape)
    assert read.item is msgspec.UNSET
    assert json.loads(encode(read)) == data
    assert json.loads(encode(msgspec.convert({**data, "item": [3, 0]}, shape))) == {**data, "item": [3, 0]}


@pytest.mark.parametrize("name", MADE)
def test_an_artifact_lacks_nothing_that_a_client_shows(name: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=f"missing required field `{name}`"):
        msgspec.convert({key: value for key, value in MADE.items() if key != name}, Artifact)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [({"item": 3}, "Expected `array`"), ({"item": ["3"]}, "Expected `int`"), ({"item": None}, "Expected `array`"),
     ({"url": None}, "Expected `str`"), ({"width": 1.5}, "Expected `int | null`"), ({"bytes": "9"}, "Expected `int`")],
)  # fmt: skip
def test_an_output_of_another_type_is_refused(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.convert({**LISTED, **wrong}, Output)
    assert words in str(caught.value)
    assert f"`$.{next(iter(wrong))}" in str(caught.value)


def test_the_last_page_of_outputs_says_that_none_follows() -> None:
    assert json.loads(encode(Outputs(outputs=[], next=None))) == {"outputs": [], "next": None}
