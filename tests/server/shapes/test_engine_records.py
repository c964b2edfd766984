"""Shapes of the engine's dataclasses: a field of one is a field of the other."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
import pytest

from server.shapes.engine_records import shape_of

PLAIN = {str: str, int: int, bytes: bytes}


@dataclass(frozen=True)
class Fruit:
    """A fruit. It has a second sentence."""

    name: str
    seeds: tuple[int, ...] = ()
    eaten_by: str | None = None


def test_a_shape_has_the_fields_of_the_record_and_leaves_out_what_is_as_always() -> None:
    shape = shape_of(Fruit, PLAIN, tag=("kind", "fruit"), more={"at": float})
    read = msgspec.json.decode(b'{"kind": "fruit", "name": "plum", "seeds": [1], "at": 1.5}', type=shape)
    assert msgspec.to_builtins(read) == {"kind": "fruit", "name": "plum", "seeds": [1], "at": 1.5}
    assert shape.__doc__ == "A fruit. It has a second sentence."


@pytest.mark.parametrize("text", ['{"name": 1}', "{}", '{"name": "a", "peel": 1}', '{"name": "a", "seeds": ["x"]}'])
def test_another_type_a_missing_field_and_one_that_is_not_there_are_refused(text: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(text, type=shape_of(Fruit, PLAIN))


def test_fields_may_be_left_out_or_made_necessary() -> None:
    shape = shape_of(Fruit, PLAIN, left_out=("seeds",), optional=())
    assert [(field.name, field.required) for field in msgspec.structs.fields(shape)] == [
        ("name", True), ("eaten_by", True),
    ]  # fmt: skip


def test_a_type_that_has_no_shape_is_an_error_of_whoever_wrote_the_record() -> None:
    with pytest.raises(TypeError, match="no shape"):
        shape_of(Fruit, {str: str})
