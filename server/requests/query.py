"""Parses the query of a request into the struct that its route declares.

Numbers are clamped to their limits; unknown parameters are refused with the one that was probably meant.
"""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar

from aiohttp import web
from msgspec import inspect

from graph.document.literals import MOST_IN_NAME, unfit_word
from server.errors import ApiError
from server.requests.json_body import refuse_unknown, unfit_field
from server.shapes.parameters import Query

_YES, _NO = frozenset({"1", "true"}), frozenset({"0", "false", ""})
Q = TypeVar("Q", bound=Query)


def check_query(request: web.Request, shape: type[Query]) -> None:
    """Refuses unknown and repeated parameters."""
    refuse_unknown(request.query, shape.__struct_fields__, "The address", "parameter")
    if len(request.query) != len(set(request.query)):
        raise ApiError(400, "wrong_shape", "A parameter of the address is given twice.", "Give it once.")


def read_query(request: web.Request, shape: type[Q]) -> Q:
    """Returns the parameters of a request."""
    found: dict[str, Any] = {}
    for name, kind in _kinds(shape).items():
        text = request.query.get(name)
        if text is None:
            continue
        match kind:
            case inspect.IntType():
                found[name] = _number(name, text, kind)
            case inspect.BoolType():
                found[name] = _flag(name, text)
            case _:
                found[name] = _word(name, text)
    return shape(**found)


@cache
def _kinds(shape: type[Query]) -> dict[str, inspect.Type]:
    described = inspect.type_info(shape)
    assert isinstance(described, inspect.StructType)  # noqa: S101 - a query is one
    return {field.name: field.type for field in described.fields}


def _number(name: str, text: str, kind: inspect.IntType) -> int:
    low, high = kind.ge or 0, kind.le or 2**53
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        raise ApiError(400, "wrong_shape", f"{name!r} must be a whole number.", f"Use one from {low} to {high}.")
    return min(max(int(text), low), high)


def _flag(name: str, text: str) -> bool:
    if text.lower() not in _YES | _NO:
        raise ApiError(400, "wrong_shape", f"{name!r} must be 1 or 0.", "Write 1 for yes.")
    return text.lower() in _YES


def _word(name: str, text: str) -> str:
    if found := unfit_word(text, MOST_IN_NAME):
        raise unfit_field(name, found)
    return text
