"""Reads a multipart body part by part. Refuses damaged bodies, and unknown, repeated and too large parts.

The parser is aiohttp's, which expects well-formed bodies: any error that it raises means that the body is damaged.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Mapping
from typing import Any, TypeVar

from aiohttp import BodyPartReader, MultipartReader, web
from aiohttp.web_protocol import RequestPayloadError

from graph.document.literals import shown, unfit_word
from server.errors import ApiError
from server.requests.json_body import check_charset, check_coding, refuse_unknown, unfit_field

T = TypeVar("T")
_CHUNK = 2**18
_AROUND = 2**14
"""Bytes for the boundaries and headers around a part."""
_AS_IT_IS = frozenset({"", "identity", "binary", "8bit", "7bit"})


class Part:
    """One part: its field name, its file name, and its bytes."""

    def __init__(self, part: BodyPartReader, body: _Counted, most: int) -> None:
        self._part = part
        self._body = body
        self._most = most
        self.name = part.name or ""
        self.filename = part.filename or ""

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yields its bytes. Raises `ApiError` beyond the limit."""
        self._body.allow(self._most + _AROUND + _CHUNK)  # it is read ahead
        taken = 0
        while chunk := await _parsed(self._part.read_chunk(_CHUNK)):
            taken += len(chunk)
            if taken > self._most:
                raise too_large(self.name, self._most)
            yield chunk

    async def text(self) -> str:
        """Returns its bytes as a text."""
        data = b"".join([chunk async for chunk in self.chunks()])
        try:
            text = data.decode()
        except UnicodeDecodeError:
            raise ApiError(400, "wrong_charset", f"{self.name!r} is no UTF-8.", "Send UTF-8.") from None
        if found := unfit_word(text, self._most):
            raise unfit_field(self.name, found)
        return text


async def parts(request: web.Request, most: Mapping[str, int]) -> AsyncIterator[Part]:
    """Yields the parts of a body. `most` has the allowed names and the largest number of bytes of each.

    A part must be read before the next one is requested.
    """
    check_coding(request)
    body = _Counted(request.content)
    try:
        reader = MultipartReader(request.headers, body)  # type: ignore[arg-type]  # what it uses of a StreamReader
    except (ValueError, AssertionError):
        raise _damaged() from None
    seen: set[str] = set()
    while True:
        body.allow(_AROUND + _CHUNK)
        found = await _parsed(reader.next())
        if found is None:
            return
        if not isinstance(found, BodyPartReader):
            raise ApiError(400, "wrong_shape", "A part of the upload holds parts itself.", "Send plain parts.")
        part = _opened(found, body, most, seen)
        seen.add(part.name)
        yield part


def too_large(name: str, most: int) -> ApiError:
    """Returns the error for a part that is too large."""
    size = f"{most // 2**20} MiB" if most >= 2**20 else f"{most:,} bytes"
    return ApiError(413, "too_large", f"The field {name!r} has more than {size}.", "Make it smaller.")


def _opened(found: BodyPartReader, body: _Counted, most: Mapping[str, int], seen: set[str]) -> Part:
    try:
        name, coding = found.name or "", found.headers.get("Content-Encoding", "")
        transfer = found.headers.get("Content-Transfer-Encoding", "")
        charset = found.get_charset("utf-8")
        part = Part(found, body, most.get(name, 0))
    except Exception:  # noqa: BLE001 - a malformed header of a part
        raise _damaged() from None
    refuse_unknown([name], most, "The upload", "field")
    if name in seen:
        raise ApiError(400, "wrong_shape", f"The upload has the field {shown(name)} twice.", "Send it once.")
    if {coding.lower(), transfer.lower()} - _AS_IT_IS:
        raise ApiError(415, "packed", f"The field {name!r} is packed.", "Send its bytes as they are.")
    if name != "file":
        check_charset(charset)
    return part


class _Counted:
    """Reads the bytes of a request up to a limit, because a body may have no end."""

    def __init__(self, content: Any) -> None:
        self._content = content
        self._left = 0

    def allow(self, most: int) -> None:
        """Sets how many more bytes may be read."""
        self._left = most

    async def read(self, size: int = -1) -> bytes:
        """As a StreamReader does."""
        return self._count(await self._content.read(size))

    async def readline(self, **options: Any) -> bytes:
        """As a StreamReader does."""
        return self._count(await self._content.readline(**options))

    def unread_data(self, data: bytes) -> None:
        """As a StreamReader does."""
        self._left += len(data)
        self._content.unread_data(data)

    def at_eof(self) -> bool:
        """As a StreamReader does."""
        return bool(self._content.at_eof())

    def _count(self, data: bytes) -> bytes:
        self._left -= len(data)
        if self._left < 0:
            raise ApiError(413, "too_large", "The upload, or a part of it, is too large.", "Make it smaller.")
        return data


async def _parsed(reading: Awaitable[T]) -> T:
    try:
        return await reading
    except (ApiError, RequestPayloadError, ConnectionError, asyncio.CancelledError):
        raise
    except Exception:  # noqa: BLE001 - see the first lines
        raise _damaged() from None


def _damaged() -> ApiError:
    return ApiError(
        400, "damaged_upload", "The upload breaks off or is damaged.", "Send it again as multipart/form-data."
    )
