"""Model files: what is not told is empty, and an override has nothing beside the file and what it is."""

from __future__ import annotations

import json

import msgspec
import pytest

from server.shapes.encoding import encode
from server.shapes.models import ModelInfo, ModelOverride, Models
from server.shapes.schema import components


def test_a_file_that_was_not_read_yet_has_a_name_a_size_and_nothing_else() -> None:
    told = json.loads(encode(ModelInfo(folder="vae", name="a.sft", bytes=5, kind="")))
    assert {name: value for name, value in told.items() if value} == {"folder": "vae", "name": "a.sft", "bytes": 5}
    assert told["licence"] is None
    one, other = (ModelInfo(folder="vae", name="a", bytes=0, kind="") for _ in range(2))
    one.needs.append("x")  # type: ignore[arg-type]
    assert other.needs == [], "they share no list"


def test_an_override_says_the_file_and_what_it_is_and_nothing_more() -> None:
    wanted = msgspec.convert({"folder": "vae", "name": "a"}, ModelOverride)
    assert (wanted.kind, wanted.family, wanted.variant) == ("", "", "")
    with pytest.raises(msgspec.ValidationError, match="unknown field `size`"):
        msgspec.convert({"folder": "vae", "name": "a", "size": 3}, ModelOverride)


def test_the_list_is_described_with_its_parts() -> None:
    found = components([Models])
    assert found["Models"]["properties"]["models"]["items"] == {"$ref": "#/components/schemas/ModelInfo"}
    assert {"ModelFolder", "ModelFamily", "ModelLicence", "ModelNeed", "ModelReading", "ModelLeftOut"} <= set(found)
