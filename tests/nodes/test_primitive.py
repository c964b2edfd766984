"""Primitive nodes give what they hold."""

import pytest

from nodes import primitive


@pytest.mark.parametrize(
    ("node", "value"),
    [
        (primitive.primitive_int, -7),
        (primitive.primitive_float, 0.25),
        (primitive.primitive_string, "a"),
        (primitive.primitive_string_multiline, "a\nb"),
        (primitive.primitive_boolean, True),
    ],
)
def test_gives_its_value(node, value):
    assert node(value=value) is value
