"""Reading what a request says: JSON of bounded size and depth, and query parameters; refused with a reason."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from aiohttp import web

from graph.garbage import collector_at_rest
from graph.json_text import is_deeper
from server.errors import ApiError

MAX_DEPTH = 64
_INLINE = 2**16


async def read_json(request: web.Request) -> Any:
    """The body as JSON; NaN and infinity are not JSON."""
    if request.content_type != "application/json":
        raise ApiError(415, "not_json", "The body must be JSON.", "Send it with 'Content-Type: application/json'.")
    body = await request.read()
    return _parse(body) if len(body) < _INLINE else await asyncio.to_thread(_parse, body)


async def read_object(request: web.Request) -> dict[str, Any]:
    """The body as a JSON object."""
    data = await read_json(request)
    if not isinstance(data, dict):
        raise ApiError(400, "wrong_shape", "The body must be a JSON object.")
    return data


def field(data: dict[str, Any], name: str, kind: type[Any], default: Any = None) -> Any:
    """A field of an object, checked; null and absence give the default."""
    value = data.get(name)
    if value is None:
        return default
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise ApiError(400, "wrong_shape", f"{name!r} must be a {kind.__name__}, not a {type(value).__name__}.")
    return value


def number(request: web.Request, name: str, default: int, low: int, high: int) -> int:
    """A whole number from the query, held between two limits."""
    text = request.query.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise ApiError(400, "wrong_shape", f"{name!r} must be a whole number.")
    return min(max(int(text), low), high)


def _parse(body: bytes) -> Any:
    try:
        with collector_at_rest():  # what is read refers to nothing in a circle
            data = json.loads(body, parse_constant=_no_constant)
    except RecursionError:
        raise _too_deep() from None
    except ValueError as error:
        raise ApiError(400, "not_json", f"The body is not JSON: {error}", "Send UTF-8 JSON.") from None
    if is_deeper([data], MAX_DEPTH + 1):
        raise _too_deep()
    return data


def _too_deep() -> ApiError:
    return ApiError(400, "too_deep", f"The body is nested more than {MAX_DEPTH} levels deep.")


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number in JSON")
