"""What a request says is read within bounds, and refused with the reason and what was probably meant."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from server.errors import ApiError
from server.requests.json_body import (
    MAX_DEPTH,
    SMALL,
    check_charset,
    json_body,
    parse,
    read_small,
    refuse_unknown,
)
from server.requests.memory_limit import MEMORY_LIMIT, MemoryLimit
from tests.support.serving import asynchronous

LARGEST = 2**17


def refusal_of(act: Callable[[], object]) -> ApiError:
    with pytest.raises(ApiError) as caught:
        act()
    return caught.value


def nested(levels: int) -> bytes:
    return b"[" * levels + b"]" * levels


REFUSED = {
    "no JSON": (b"{'a'}", "not_json", "at character 1"),
    "not UTF-8": (b'"\xff"', "not_json", "no UTF-8"),
    "NaN": (b"[NaN]", "not_json", "NaN is not a number"),
    "infinity": (b"[-Infinity]", "not_json", "-Infinity is not a number"),
    "a name twice": (b'{"a": {"b": 1,\n"b": 2}}', "duplicate_name", "'b' twice in one object (a/b), line 2"),
    "too many digits": (b"[" + b"1" * 5_000 + b"]", "number_too_large", "too many digits"),
    "too deep": (nested(MAX_DEPTH + 2), "too_deep", f"more than {MAX_DEPTH} levels"),
    "deep without end": (b"[" * 100_000, "too_deep", "levels deep"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_json_is_refused_with_the_reason(name: str) -> None:
    body, code, words = REFUSED[name]
    error = refusal_of(lambda: parse(body))
    assert (error.status, error.code) == (400, code)
    assert words in error.message


def test_json_is_read() -> None:
    assert parse('{"a": [1, 0.5, null, true, "ä"]}'.encode()) == {"a": [1, 0.5, None, True, "ä"]}
    assert parse(nested(MAX_DEPTH)) is not None


def test_a_name_that_nobody_knows_is_refused_with_what_was_meant() -> None:
    refuse_unknown(["position"], ("position",), "It", "key")
    assert "'position'" in refusal_of(lambda: refuse_unknown(["positon"], ("position",), "It", "key")).remedy
    assert refusal_of(lambda: refuse_unknown(["zzz"], ("a", "b"), "It", "key")).remedy.startswith("Known are ")
    assert refusal_of(lambda: refuse_unknown(["zzz"], (), "It", "key")).remedy == "Leave it out."


@pytest.mark.parametrize("charset", [None, "utf-8", "UTF8", "us-ascii"])
def test_utf8_is_read(charset: str | None) -> None:
    check_charset(charset)


def test_no_other_charset_is() -> None:
    error = refusal_of(lambda: check_charset("latin-1"))
    assert (error.status, error.code) == (400, "wrong_charset")


@asynccontextmanager
async def client(answer: Callable[[web.Request], Awaitable[object]]) -> AsyncIterator[TestClient]:  # type: ignore[type-arg]
    """A server that answers with what `answer` gives, or with the code of a refusal."""

    async def handle(request: web.Request) -> web.Response:
        try:
            return web.json_response(await answer(request))
        except ApiError as error:
            return error.response()

    app = web.Application(client_max_size=LARGEST)
    app[MEMORY_LIMIT] = MemoryLimit(2 * LARGEST)
    app.router.add_post("/", handle)
    async with TestClient(TestServer(app)) as found:
        yield found


async def code_of(client: TestClient, body: object, **headers: str) -> str:  # type: ignore[type-arg]
    given = {"Content-Type": "application/json", **{name.replace("_", "-"): value for name, value in headers.items()}}
    async with client.post("/", data=body, headers=given) as response:
        answer = await response.json()
        return str(answer["error"]["code"]) if response.status != 200 else "read"


async def pieces(size: int) -> AsyncIterator[bytes]:
    """A body whose length is not announced."""
    for _ in range(0, size, 2**12):
        yield b" " * 2**12


@asynchronous
async def test_a_request_that_has_little_to_say_is_read_as_far_as_that_goes() -> None:
    async def answer(request: web.Request) -> object:
        return parse(await read_small(request))

    async with client(answer) as asking:
        assert await code_of(asking, b'{"a": 1}') == "read"
        assert await code_of(asking, b" " * SMALL + b"{}") == "too_large"
        assert await code_of(asking, pieces(2 * SMALL)) == "too_large"
        assert await code_of(asking, b"{}", Content_Type="text/plain") == "not_json"
        assert await code_of(asking, b"{}", Content_Type="application/json; charset=latin-1") == "wrong_charset"
        assert await code_of(asking, b"{}", Content_Encoding="gzip") == "packed"


@asynchronous
async def test_a_document_takes_memory_while_it_is_in_use_and_no_more_than_is_allowed() -> None:
    taken: list[int] = []

    async def answer(request: web.Request) -> int:
        limit = request.app[MEMORY_LIMIT]
        async with json_body(request) as body:
            taken.append(limit.size - limit.free)
        assert limit.free == limit.size
        return len(body)

    async with client(answer) as asking:
        assert await code_of(asking, b" " * 10) == "read"
        assert await code_of(asking, b" " * (SMALL + 1)) == "read"
        assert await code_of(asking, pieces(SMALL)) == "read"
        assert taken == [0, SMALL + 1, LARGEST], "of a body that is not announced the worst is expected"
        assert await code_of(asking, b" " * (LARGEST + 1)) == "too_large"
        assert await code_of(asking, pieces(LARGEST + 2**13)) == "too_large"
