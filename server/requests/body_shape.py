"""Parses the JSON object of a body into the struct that its route declares. Refusals say why.

null is as good as absent where a field may be absent. Texts are bounded, and hold no control characters.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

import msgspec
from aiohttp import web
from msgspec import inspect

from graph.document.literals import MOST_IN_NAME, unfit_word
from server.errors import ApiError
from server.requests.json_body import parse, read_small, refuse_unknown, unfit_field

S = TypeVar("S", bound=msgspec.Struct)
_KINDS: tuple[tuple[type[inspect.Type], str], ...] = (
    (inspect.StrType, "text"),
    (inspect.IntType, "a whole number"),
    (inspect.BoolType, "true or false"),
    (inspect.ListType, "a list"),
)
_VALUES = {str: "text", int: "a whole number", float: "a fraction", bool: "true or false", list: "a list"}


class NoBody(msgspec.Struct, forbid_unknown_fields=True):
    """The body of a route that reads none: an object without fields."""


async def read_small_body(request: web.Request, shape: type[S]) -> S:
    """Returns the body of a request without a document."""
    return parse_body(await read_small(request), shape)


def parse_body(body: bytes, shape: type[S]) -> S:
    """Parses a body. Raises `ApiError` for the first invalid field."""
    data = parse(body)
    if not isinstance(data, dict):
        raise ApiError(400, "wrong_shape", "The body must be a JSON object.")
    refuse_unknown(data, shape.__struct_fields__, "The body", "key")
    fields = _fields(shape)
    given = {
        field.name: data[field.name]
        for field in fields
        if field.name in data and (data[field.name] is not None or _takes_anything(field.type))
    }
    for field in fields:
        if field.name in given:
            _check_texts(field.name, given[field.name], field.type)
        elif field.required:
            raise ApiError(400, "wrong_shape", f"{field.name!r} is missing.", _remedy(field.type))
    try:
        return msgspec.convert(given, shape)
    except msgspec.ValidationError:
        raise _refusal(shape, given) from None


def _fields(shape: type[msgspec.Struct]) -> Iterable[inspect.Field]:
    described = inspect.type_info(shape)
    assert isinstance(described, inspect.StructType)  # noqa: S101 - a shape is one
    return described.fields


def _takes_anything(kind: inspect.Type) -> bool:
    return isinstance(_plain(kind), inspect.AnyType)


def _remedy(kind: inspect.Type) -> str:
    return str((kind.extra or {}).get("remedy", "")) if isinstance(kind, inspect.Metadata) else ""


def _plain(kind: inspect.Type) -> inspect.Type:
    """Returns a type without annotations and without null."""
    if isinstance(kind, inspect.Metadata):
        return _plain(kind.type)
    if isinstance(kind, inspect.UnionType):
        return _plain(next(part for part in kind.types if not isinstance(part, inspect.NoneType)))
    return kind


def _check_texts(name: str, value: object, kind: inspect.Type) -> None:
    """Refuses texts, and lists of texts, that are too long or have forbidden characters."""
    match _plain(kind), value:
        case inspect.StrType(max_length=most), str() as text if found := unfit_word(text, most or MOST_IN_NAME):
            raise unfit_field(name, found)
        case inspect.ListType(item_type=item, max_length=most), list() as items:
            if most is not None and len(items) > most:
                raise ApiError(400, "too_long", f"{name!r} has more than {most:,} entries.", _remedy(kind))
            for each in items:
                _check_texts(name, each, item)


def _refusal(shape: type[msgspec.Struct], given: dict[str, Any]) -> ApiError:
    """Returns the error for the first field of a wrong type."""
    for field in msgspec.structs.fields(shape):
        if field.name in given:
            try:
                msgspec.convert(given[field.name], field.type)
            except msgspec.ValidationError:
                kind = _plain(inspect.type_info(field.type))
                return ApiError(400, "wrong_shape", _misfit(field.name, given[field.name], kind))
    return ApiError(400, "wrong_shape", "The body is not what it should be.")


def _misfit(name: str, value: object, kind: inspect.Type) -> str:
    if isinstance(kind, inspect.ListType) and isinstance(value, list):
        return f"{name!r} must be a list in which each entry is {_in_words(_plain(kind.item_type))}."
    return f"{name!r} must be {_in_words(kind)}, not {_VALUES.get(type(value), 'an object')}."


def _in_words(kind: inspect.Type) -> str:
    return next((words for each, words in _KINDS if isinstance(kind, each)), "something else")
