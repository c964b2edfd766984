"""Nodes that hold one value, to feed the same number or text to several inputs."""

from __future__ import annotations

from typing import Annotated

from graph.api import Number, Seed, Text, Toggle, node

INT_LIMIT = 2**63 - 1


@node(
    "PrimitiveInt",
    title="Whole Number",
    category="primitive",
    hands_on="value",
    aliases=("int", "integer", "number", "seed"),
)
def primitive_int(
    *,
    value: Annotated[
        int, Seed(-INT_LIMIT, INT_LIMIT), "A number without decimals; it can stay, count up or be drawn at random"
    ] = 0,
) -> int:
    """A whole number that you set once and connect to as many inputs as you like.

    Set to *increment* or *randomize* it changes before every run, so that several samplers can share one seed.
    """
    return value


@node(
    "PrimitiveFloat", title="Number", category="primitive", hands_on="value", aliases=("float", "decimal"),
)  # fmt: skip
def primitive_float(*, value: Annotated[float, Number(step=0.1), "A number, with decimals if you like"] = 0.0) -> float:
    """A number with decimals that you set once and connect to as many inputs as you like.

    For instance one *denoise* for two samplers.
    """
    return value


@node(
    "PrimitiveString", title="Text", category="primitive", hands_on="value", aliases=("string",),
)  # fmt: skip
def primitive_string(*, value: Annotated[str, "One line of text"] = "") -> str:
    """A line of text that you write once and connect to as many inputs as you like.

    For instance one file name for several Save Image nodes.
    """
    return value


@node(
    "PrimitiveStringMultiline",
    title="Long Text",
    category="primitive",
    hands_on="value",
    aliases=("string", "multiline"),
)
def primitive_string_multiline(*, value: Annotated[str, Text(multiline=True), "Text of any length"] = "") -> str:
    """Text of several lines that you write once and connect to as many inputs as you like.

    For instance one prompt for two checkpoints that you want to compare.
    """
    return value


@node(
    "PrimitiveBoolean", title="On or Off", category="primitive", hands_on="value", aliases=("bool", "boolean", "toggle")
)
def primitive_boolean(*, value: Annotated[bool, Toggle(), "On or off"] = False) -> bool:
    """A switch, on or off, that you set once and connect to as many inputs as you like.

    Connect it to any input that is a switch itself.
    """
    return value
