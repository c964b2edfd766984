"""The patience of the server: with many connections, with slow ones, and with what is no HTTP."""

from __future__ import annotations

import contextlib
import resource
import socket
from collections.abc import Iterator

import pytest

from server.http.descriptors import KEPT_BACK, most_connections
from tests.server.conftest import MakeServer
from tests.support.serving import PATIENCE, Server, asynchronous

FEW = 256
SHOWN = {"type": "Keep", "inputs": {"value": {"from": ["1", "INT"]}}}


def connect(server: Server) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE)


def said(opened: socket.socket) -> bytes:
    """All that comes until the server closes."""
    heard = b""
    with contextlib.suppress(ConnectionError):
        while chunk := opened.recv(2**16):
            heard += chunk
    return heard


def exchange(server: Server, data: bytes) -> bytes:
    with connect(server) as opened:
        opened.sendall(data)
        return said(opened)


@pytest.fixture
def room_for_many() -> Iterator[None]:
    """Descriptors for the connections of this process."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 4_096)), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_few_descriptors_leave_enough_for_a_worker() -> None:
    assert most_connections(20_000, 1_000) == 1_000
    assert 2 * most_connections(FEW, 1_000) + KEPT_BACK <= FEW


@asynchronous
async def test_a_crowd_that_says_nothing_keeps_nobody_out_and_a_dead_worker_is_replaced(
    make_server: MakeServer, room_for_many: None
) -> None:
    server = make_server()
    server.descriptors = FEW
    server.start()
    async with server.client() as client, client.watch() as watch:
        await watch.worker(state="ready")
        with contextlib.ExitStack() as crowd:
            for _ in range(1_100):
                crowd.enter_context(connect(server))
            assert (await client.call("GET", "/system"))["worker"]["state"] == "ready"
            server.kill_worker()
            await watch.worker(state="starting")
            await watch.worker(state="ready")
            async with server.client() as newcomer:
                assert (await newcomer.call("GET", "/system"))["name"] == "Jacquard"
            run = await client.submit({"1": {"type": "Count", "inputs": {"value": 3}}, "2": SHOWN})
            assert (await watch.run(run["id"]))["status"] == "finished"


@pytest.mark.parametrize(
    "begun",
    [
        b"",
        b"GET / HTTP/1.1\r\nHost: x\r\n",
        b"GET / HTTP/1.1\r\nX: ",
        b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nab",
    ],
)
def test_what_is_not_finished_in_time_is_closed(make_server: MakeServer, begun: bytes) -> None:
    server = make_server("--patience", "0.3").start()
    heard = exchange(server, begun)
    assert heard == b"" or heard.startswith((b"HTTP/1.1 408", b"HTTP/1.1 403"))


def test_a_body_that_stands_still_is_answered_and_closed(make_server: MakeServer) -> None:
    server = make_server("--patience", "0.3").start()
    head = (
        f"POST /api/v1/runs HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nAuthorization: Bearer {server.token}\r\n"
        "Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"
    )
    heard = exchange(server, head.encode())
    assert heard.startswith(b"HTTP/1.1 408")
    assert b"too_slow" in heard


SECRET = "s3cret-of-somebody"
UNREADABLE = [
    f"GET / HTTP/1.1\r\nHost: x\r\nCookie: jacquard_token_1={SECRET}{'x' * 40_000}\r\n\r\n",
    f"GET / HTTP/1.1\r\nHost: x\r\nCookie: a={SECRET}\x01\r\n\r\n",
    f"GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {SECRET}\x00\r\n\r\n",
    f"GET /{SECRET}{'x' * 40_000} HTTP/1.1\r\nHost: x\r\n\r\n",
    f"GET / HTTP/1.1\r\n{SECRET}\r\n\r\n",
    f"{SECRET} / HTTP/9.9\r\n\r\n",
    f"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: {SECRET}\r\n\r\n",
    f"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\nX: {SECRET}\r\n\r\n0\r\n\r\n",
    f"GET / HTTP/1.1\r\n{''.join(f'X{i}: {SECRET}' + chr(13) + chr(10) for i in range(500))}\r\n",
]


@pytest.mark.parametrize("request_text", UNREADABLE, ids=range(len(UNREADABLE)))
def test_what_cannot_be_parsed_is_answered_and_logged_without_its_content(server: Server, request_text: str) -> None:
    heard = exchange(server, request_text.encode("latin-1"))
    head, _, body = heard.partition(b"\r\n\r\n")
    assert head.split()[1] in (b"400", b"431")
    assert SECRET.encode() not in heard
    assert SECRET not in server.errors()
    for told in (b"aiohttp", b"Python"):
        assert told not in heard
    assert b"nosniff" in head
    assert b"clear this site" in body
    assert (b"<html" in body) == (b"text/html" in head)


def test_a_program_hears_of_a_header_that_is_too_long_in_json(server: Server) -> None:
    heard = exchange(server, f"GET /api/v1/system HTTP/1.1\r\nHost: x\r\nX: {'x' * 50_000}\r\n\r\n".encode())
    assert heard.split()[1] == b"431"
    assert b'"headers_too_large"' in heard


def test_cookies_of_other_programs_may_be_many(server: Server) -> None:
    cookie = "; ".join(f"other{i}=" + "x" * 1_000 for i in range(20))
    answer = server.ask("GET", "/api/v1/system", headers={"Authorization": f"Bearer {server.token}", "Cookie": cookie})
    assert answer.status == 200
    assert "server" not in answer.headers


@pytest.mark.parametrize("cookie", [f"{SECRET}[]=1", f"a={SECRET}; =x; ;;", f"\x80{SECRET}=\xff", f'a="{SECRET}'])
def test_cookies_that_are_none_are_not_logged(server: Server, cookie: str) -> None:
    answer = server.ask("GET", "/api/v1/system", headers={"Cookie": cookie})
    assert answer.status == 401
    assert SECRET not in server.errors()
    assert SECRET.encode() not in answer.body


@pytest.mark.parametrize("expectation", ["100-continue", SECRET])
def test_an_expectation_that_is_not_met_is_refused_without_repeating_it(server: Server, expectation: str) -> None:
    lines = ("GET / HTTP/1.1", f"Host: 127.0.0.1:{server.port}", f"Expect: {expectation}", "Connection: close")
    heard = exchange(server, ("\r\n".join(lines) + "\r\n\r\n").encode())
    assert SECRET.encode() not in heard
    assert (b"417" in heard.split(b"\r\n")[0]) == (expectation == SECRET)
