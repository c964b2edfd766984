"""Parses and checks JSON bodies of bounded size and depth. Refusals say why.

Unknown keys are refused, too, with the key that was probably meant: an error is better than an ignored option.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator, Collection, Iterable
from typing import Any

from aiohttp import web

from graph.base.gc_pacing import collector_at_rest
from graph.base.suggestions import did_you_mean, listed
from graph.document.json_positions import find_fault
from graph.document.json_text import DuplicateNameError, is_deeper, without_duplicates
from graph.document.literals import Unfit, shown
from server.errors import ApiError
from server.requests.memory_limit import MEMORY_LIMIT

MAX_DEPTH = 64
SMALL, LARGE = 2**16, 2**19
"""Bytes. The first is the limit for requests without a document; documents of the second size or more are parsed in
another process: `server.runs.large_bodies`."""
_CHARSETS = frozenset({"utf-8", "utf8", "us-ascii", "ascii"})
Keys = Collection[str]


@contextlib.asynccontextmanager
async def json_body(request: web.Request) -> AsyncIterator[bytes]:
    """Yields the body of a JSON request; during the context its memory is reserved."""
    check_json_type(request)
    most = request.client_max_size
    announced = request.content_length if request.content_length is not None else most
    if announced > most:
        raise _too_large(most)
    async with request.app[MEMORY_LIMIT].reserve(announced if announced > SMALL else 0):
        yield await _read(request, most)


async def _read(request: web.Request, most: int) -> bytes:
    """Returns the body. Raises `ApiError` if it exceeds the limit, whatever its header says."""
    parts, length = [], 0
    async for part in request.content.iter_any():
        parts.append(part)
        length += len(part)
        if length > most:
            raise _too_large(most)
    return b"".join(parts)


def check_json_type(request: web.Request) -> None:
    """Refuses a body whose headers do not say JSON in UTF-8."""
    if request.content_type != "application/json":
        raise ApiError(415, "not_json", "The body must be JSON.", "Send it with 'Content-Type: application/json'.")
    check_coding(request)


def check_coding(request: web.Request) -> None:
    """Refuses a body whose headers say that it is compressed, or not in UTF-8."""
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise ApiError(415, "packed", "Bodies are not unpacked here.", "Send it without 'Content-Encoding'.")
    check_charset(_charset(request))


def check_charset(charset: str | None) -> None:
    """Refuses a charset other than UTF-8."""
    if charset is not None and charset.lower() not in _CHARSETS:
        raise ApiError(400, "wrong_charset", f"The charset {shown(charset)} is not read here.", "Send UTF-8.")


async def read_small(request: web.Request) -> bytes:
    """Returns the JSON body of a request without a document."""
    check_json_type(request)
    return await _read(request, SMALL)


def parse(body: bytes) -> Any:
    """Parses JSON; refuses NaN, infinity and repeated names. Numbers that overflow to infinity are refused later."""
    try:
        with collector_at_rest():  # parsed JSON has no reference cycles
            data = json.loads(body.decode(), object_pairs_hook=without_duplicates, parse_constant=_no_constant)
    except RecursionError:
        raise _too_deep() from None
    except UnicodeDecodeError:
        raise ApiError(400, "not_json", "The body is not JSON: it is no UTF-8.", "Send UTF-8 JSON.") from None
    except json.JSONDecodeError as error:
        message = f"The body is not JSON: {error.msg}, at character {error.pos}."
        raise ApiError(400, "not_json", message, "Send UTF-8 JSON.") from None
    except DuplicateNameError as error:
        raise _twice(error, body.decode()) from None
    except _NotANumberError as error:
        raise ApiError(400, "not_json", f"The body is not JSON: {error}.", "Write a finite number.") from None
    except ValueError:  # Python reads no number of more than 4300 digits
        raise ApiError(
            400, "number_too_large", "The body holds a number with too many digits.", "Shorten it."
        ) from None
    if is_deeper([data], MAX_DEPTH + 1):
        raise _too_deep()
    return data


def refuse_unknown(given: Iterable[str], known: Keys, what: str, kind: str) -> None:
    """Raises `ApiError` for the first unknown name."""
    for name in given:
        if name not in known:
            remedy = did_you_mean(name, known) or (f"Known are {listed(known)}." if known else "Leave it out.")
            raise ApiError(
                400, "unknown_key", f"{what} has the {kind} {shown(name)}, which is not known.", _sentence(remedy)
            )


def unfit_field(name: str, found: Unfit) -> ApiError:
    """Returns the error for a text that is not accepted."""
    return ApiError(400, found.code, f"{name!r} {found.message}.", _sentence(found.remedy))


def _charset(request: web.Request) -> str | None:
    try:
        return request.charset
    except (ValueError, LookupError):
        return "?"


def _sentence(text: str) -> str:
    text = text[:1].upper() + text[1:]
    return text if text.endswith(("?", ".")) else f"{text}."


def _too_deep() -> ApiError:
    return ApiError(400, "too_deep", f"The body is nested more than {MAX_DEPTH} levels deep.")


def _twice(error: DuplicateNameError, text: str) -> ApiError:
    fault = find_fault(text)
    where = f" ({'/'.join(map(str, fault.path))}), {fault.place}" if fault and fault.what == "duplicate" else ""
    remedy = "Give each node, and each input of a node, a name of its own."
    message = f"The body has the name {shown(error.name)} twice in one object{where}."
    return ApiError(400, "duplicate_name", message, remedy)


def _too_large(most: int) -> ApiError:
    size = f"{most // 2**20} MiB" if most >= 2**20 else f"{most // 2**10} KiB"
    return ApiError(413, "too_large", f"The body has more than {size}.", "Make it smaller.")


def _no_constant(name: str) -> Any:
    raise _NotANumberError(f"{name} is not a number in JSON")


class _NotANumberError(ValueError):
    """A constant that only Python accepts in JSON."""
