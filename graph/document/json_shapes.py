"""Looking at parsed JSON: is a part there, and is its shape right? Problems are collected, not raised."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeGuard

from graph.base.errors import Problem

FARTHEST = 1e9
"""How far from the middle a node may lie, and how large it may be."""


def is_named(data: object) -> TypeGuard[dict[str, Any]]:
    """Whether it is an object with a name."""
    return isinstance(data, dict) and isinstance(data.get("name"), str) and data["name"] != ""


def section(data: Mapping[str, Any], key: str, kind: type[Any], problems: list[Problem], node_id: str = "") -> Any:
    """A part of an object, empty where it is left out; one of the wrong kind is a problem."""
    value = data.get(key)
    if value is None:
        return kind()
    if not isinstance(value, kind):
        words: dict[type[Any], str] = {dict: "an object", list: "a list", str: "text"}
        problems.append(shape_problem(f"{key!r}", words[kind], value, node_id))
        return kind()
    return value


def boxes(data: Mapping[str, Any], key: str, problems: list[Problem], where: str = "") -> tuple[Mapping[str, Any], ...]:
    """A list of objects that only the editor looks into."""
    boxes = section(data, key, list, problems, where)
    problems += [shape_problem(key, "a list of objects", box, where) for box in boxes if not isinstance(box, dict)]
    return tuple(boxes)


def pair(data: Mapping[str, Any], key: str, problems: list[Problem], node_id: str) -> tuple[float, float] | None:
    """Two numbers that a screen can place, or None where they are left out."""
    value = data.get(key)
    if value is None:
        return None
    if is_pair(value, int, float) and all(abs(part) <= FARTHEST for part in value):
        return (value[0], value[1])
    problems.append(shape_problem(f"{key!r}", "two numbers from -1e9 to 1e9", value, node_id))
    return None


def is_pair(value: object, *kinds: type) -> bool:
    """Whether it is a list of two of these types."""
    return isinstance(value, list) and len(value) == 2 and type(value[0]) in kinds and type(value[1]) in kinds


def shape_problem(what: str, expected: str, value: object, node_id: str = "") -> Problem:
    """The problem of a part that is not what it should be."""
    message = f"{what} has the wrong shape"
    return Problem("wrong_shape", message, node_id, "", "", expected, kind(value), f"make it {expected}")


def kind(value: object) -> str:
    """What sort of JSON value it is, in words."""
    names = {dict: "an object", list: "a list", str: "text", bool: "true or false", type(None): "nothing"}
    return names.get(type(value), "a number")
