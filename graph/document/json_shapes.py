"""Checks of the shape of parsed JSON. Problems are collected, not raised."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeGuard

from graph.base.errors import Problem

FARTHEST = 1e9
"""The largest coordinate and size of a node."""


def is_named(data: object) -> TypeGuard[dict[str, Any]]:
    """Return whether it is an object with a non-empty name."""
    return isinstance(data, dict) and isinstance(data.get("name"), str) and data["name"] != ""


def section(data: Mapping[str, Any], key: str, kind: type[Any], problems: list[Problem], node_id: str = "") -> Any:
    """Return a part of an object, empty where it is absent; a part of the wrong type is a problem."""
    value = data.get(key)
    if value is None:
        return kind()
    if not isinstance(value, kind):
        words: dict[type[Any], str] = {dict: "an object", list: "a list", str: "text"}
        problems.append(shape_problem(f"{key!r}", words[kind], value, node_id))
        return kind()
    return value


def boxes(data: Mapping[str, Any], key: str, problems: list[Problem], where: str = "") -> tuple[Mapping[str, Any], ...]:
    """Return a list of objects that only the editor interprets."""
    boxes = section(data, key, list, problems, where)
    problems += [shape_problem(key, "a list of objects", box, where) for box in boxes if not isinstance(box, dict)]
    return tuple(boxes)


def pair(data: Mapping[str, Any], key: str, problems: list[Problem], node_id: str) -> tuple[float, float] | None:
    """Return two finite numbers within range, or None where they are absent."""
    value = data.get(key)
    if value is None:
        return None
    if is_pair(value, int, float) and all(abs(part) <= FARTHEST for part in value):
        return (value[0], value[1])
    problems.append(shape_problem(f"{key!r}", "two numbers from -1e9 to 1e9", value, node_id))
    return None


def is_pair(value: object, *kinds: type) -> bool:
    """Return whether it is a list of two values of these types."""
    return isinstance(value, list) and len(value) == 2 and type(value[0]) in kinds and type(value[1]) in kinds


def shape_problem(what: str, expected: str, value: object, node_id: str = "") -> Problem:
    """Return the problem of a part with the wrong shape."""
    message = f"{what} has the wrong shape"
    return Problem("wrong_shape", message, node_id, "", "", expected, kind(value), f"make it {expected}")


def kind(value: object) -> str:
    """Name the type of a JSON value in words."""
    names = {dict: "an object", list: "a list", str: "text", bool: "true or false", type(None): "nothing"}
    return names.get(type(value), "a number")
