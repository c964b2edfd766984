"""Uploads are read part by part: known parts, each once, each within its limit; damaged ones are refused."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from server.errors import ApiError
from server.requests.multipart import parts, too_large
from tests.support.serving import asynchronous

MOST = {"file": 1_000, "subfolder": 100}


async def read(request: web.Request) -> web.Response:
    found: list[list[object]] = []
    try:
        async for part in parts(request, MOST):
            if part.name == "file":
                found.append([part.name, part.filename, len(b"".join([chunk async for chunk in part.chunks()]))])
            else:
                found.append([part.name, await part.text()])
    except ApiError as error:
        return error.response()
    return web.json_response(found)


@asynccontextmanager
async def client() -> AsyncIterator[TestClient]:  # type: ignore[type-arg]
    app = web.Application(client_max_size=2**20)
    app.router.add_post("/", read)
    async with TestClient(TestServer(app)) as found:
        yield found


def part(name: str, content: bytes, *headers: str, filename: str = "") -> bytes:
    disposition = f'Content-Disposition: form-data; name="{name}"' + (f'; filename="{filename}"' if filename else "")
    return "\r\n".join(["--b", disposition, *headers, "", ""]).encode() + content + b"\r\n"


END = b"--b--\r\n"
FILE = part("file", b"x" * 500, filename="cat.png")


async def answer_to(body: bytes, content_type: str = "multipart/form-data; boundary=b", **headers: str) -> object:
    """What was read, or the code of the refusal."""
    async with client() as asking:
        given = {"Content-Type": content_type, **{name.replace("_", "-"): value for name, value in headers.items()}}
        async with asking.post("/", data=body, headers=given) as response:
            found = await response.json()
            return found if response.status == 200 else found["error"]["code"]


@asynchronous
async def test_parts_are_read_in_their_order() -> None:
    expected = [["subfolder", "päste"], ["file", "cat.png", 500]]
    assert await answer_to(part("subfolder", "päste".encode()) + FILE + END) == expected
    assert await answer_to(END) == []


REFUSED = {
    "an unknown part": (part("folder", b"x") + END, "unknown_key"),
    "a part twice": (FILE + FILE + END, "wrong_shape"),
    "a file that is too large": (part("file", b"x" * 1_001, filename="a") + END, "too_large"),
    "a text that is too large": (part("subfolder", b"x" * 101) + END, "too_large"),
    "a text that is none": (part("subfolder", b"\xff") + END, "wrong_charset"),
    "a text with a zero": (part("subfolder", b"a\0") + END, "bad_text"),
    "another charset": (part("subfolder", b"x", "Content-Type: text/plain; charset=latin-1") + END, "wrong_charset"),
    "a packed part": (part("file", b"x", "Content-Encoding: gzip", filename="a") + END, "packed"),
    "parts in a part": (part("file", b"--c--", "Content-Type: multipart/mixed; boundary=c") + END, "wrong_shape"),
    "no end": (FILE[:-100], "damaged_upload"),
    "no beginning": (b"nothing that is a part", "damaged_upload"),
    "a head without end": (b"--b\r\n" + b"X: " + b"y" * 2**19, "damaged_upload"),
}


@pytest.mark.parametrize("name", REFUSED)
@asynchronous
async def test_everything_else_is_refused(name: str) -> None:
    body, code = REFUSED[name]
    assert await answer_to(body) in (code, "too_large" if name == "a head without end" else code)


@asynchronous
async def test_a_body_that_is_packed_or_has_no_boundary_is_refused() -> None:
    assert await answer_to(FILE + END, Content_Encoding="gzip") == "packed"
    assert await answer_to(FILE + END, "multipart/form-data") == "damaged_upload"


@asynchronous
async def test_what_comes_before_a_part_is_bounded_too() -> None:
    assert await answer_to(b"before\r\n" * 2**16 + FILE + END) == "too_large"


def test_a_limit_is_told_in_the_units_of_people() -> None:
    assert "more than 3 MiB" in too_large("file", 3 * 2**20).message
    assert "more than 1,000 bytes" in too_large("file", 1_000).message
