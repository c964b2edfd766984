"""Every event of the engine has a shape, with the time and the addresses of what was made."""

from __future__ import annotations

from dataclasses import fields
from typing import get_args

import msgspec
import pytest

from graph.running import events as engine
from server.shapes import events

SHAPES = {shape.__struct_config__.tag: shape for shape in get_args(events.RunEvent)}


def test_every_event_of_the_engine_has_a_shape() -> None:
    assert SHAPES.keys() == {*events.KINDS, "items_finished"}


@pytest.mark.parametrize("name", events.KINDS)
def test_an_event_tells_all_that_the_engine_does_and_when(name: str) -> None:
    told = {field.name for field in fields(events.KINDS[name])} - {"preview"}
    assert set(SHAPES[name].__struct_fields__) == told | {"at"}


def test_an_event_of_the_engine_is_read_as_what_it_is() -> None:
    told = {**engine.NodeSkipped("r", 1, "2", because="1").as_json(), "at": 2.0}
    read = msgspec.convert(told, events.RunEvent)
    assert (type(read).__name__, read.because) == ("NodeSkipped", "1")
