"""Whatever a body holds, the answer is one of 2xx or 4xx, and the server goes on."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import HealthCheck, given, seed
from hypothesis import strategies as st

from graph.files.folders import Files
from server.application import make_application
from server.http.websocket import MOST_MESSAGES, Rate, read_hello
from server.settings import Settings
from server.shapes.messages import Hello
from server.storage.temp_cleanup import LEFT_SECONDS, tidy_left_overs
from tests.server.storage.test_uploads import png
from tests.support.examples import examples
from tests.support.serving import PATIENCE, Answer, Server, asynchronous
from tests.support.toy_worker import ToyWorker

CALM = examples(60, suppress_health_check=[HealthCheck.function_scoped_fixture])
MULTIPART = "multipart/form-data; boundary=b"
WHOLE = (
    b'--b\r\nContent-Disposition: form-data; name="subfolder"\r\n\r\npasted\r\n'
    b'--b\r\nContent-Disposition: form-data; name="file"; filename="cat.png"\r\nContent-Type: image/png\r\n\r\n'
    + png() + b"\r\n--b--\r\n"
)  # fmt: skip


def send(server: Server, method: str, path: str, body: bytes, content_type: str) -> Answer:
    headers = {"Authorization": f"Bearer {server.token}", "Content-Type": content_type}
    return server.ask(method, path, body, headers)


def is_calm(answer: Answer) -> bool:
    assert 200 <= answer.status < 500, answer.body
    if answer.status >= 400:
        assert answer.json["error"]["message"]
    return True


@seed(20_261)
@CALM
@given(st.randoms(use_true_random=False))
def test_a_damaged_upload_is_refused(server: Server, chance: random.Random) -> None:
    body = bytearray(WHOLE)
    for _ in range(chance.randint(1, 12)):
        at = chance.randrange(len(body))
        match chance.randrange(4):
            case 0:
                body[at] = chance.randrange(256)
            case 1:
                del body[at : at + chance.randint(1, 40)]
            case 2:
                body[at:at] = chance.choice([b"\r\n", b"--b", b"\0", b": ", b"\xff" * 9, b"--b--\r\n", b"x" * 9_000])
            case _:
                body[at:] = body[: chance.randrange(len(body))]
        body = body or bytearray(b"-")
    is_calm(send(server, "POST", "/api/v1/uploads", bytes(body), MULTIPART))
    assert not list((server.folder / "input").glob(".upload*"))


HEAD = 'Content-Disposition: form-data; name="file"; filename="a.png"\r\n'


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [
        (MULTIPART, b"", 400),
        (MULTIPART, b"--b", 400),
        (MULTIPART, b"--b--", 400),
        (MULTIPART, WHOLE[:-20], 400),
        (MULTIPART, WHOLE[:120], 400),
        (MULTIPART, b"--b\r\n\r\n\r\n--b--\r\n", 400),
        (MULTIPART, f"--b\r\n{HEAD}Content-Length: 9\r\n\r\nx\r\n--b--\r\n".encode(), 415),
        (MULTIPART, f"--b\r\n{HEAD}Content-Length: x\r\n\r\nx\r\n--b--\r\n".encode(), 415),
        (MULTIPART, f"--b\r\n{HEAD}Content-Encoding: gzip\r\n\r\nx\r\n--b--\r\n".encode(), 415),
        (MULTIPART, f"--b\r\n{HEAD}Content-Transfer-Encoding: base64\r\n\r\nx\r\n--b--\r\n".encode(), 415),
        (MULTIPART, f"--b\r\n{HEAD}Content-Type: multipart/mixed; boundary=c\r\n\r\n--c--\r\n--b--\r\n".encode(), 400),
        (MULTIPART, f"--b\r\n{HEAD}Content-Type: multipart/mixed\r\n\r\n--c--\r\n--b--\r\n".encode(), 400),
        (MULTIPART, f"--b\r\n{'X: ' + 'y' * 9_000}\r\n\r\nx\r\n--b--\r\n".encode(), 400),
        (MULTIPART, f"--b\r\n{'X: y' + chr(13) + chr(10)}".encode() * 1_000, 400),
        (MULTIPART, b"no boundary at all\r\n" * 50_000, 413),
        (MULTIPART, WHOLE.replace(b'name="subfolder"', b'name="subfoldr"'), 400),
        (MULTIPART, WHOLE.replace(b'name="subfolder"', b'name="file"'), 400),
        (MULTIPART, WHOLE.replace(b"pasted", b"p" * 2_000), 413),
        (MULTIPART, WHOLE.replace(b"pasted", b"p" * 10**6), 413),
        (MULTIPART, WHOLE.replace(b"pasted", b"\xff"), 400),
        (MULTIPART, WHOLE.replace(b"pasted", b"\xed\xa0\x80"), 400),
        (MULTIPART, WHOLE.replace(b"\r\n\r\npasted", b"\r\nContent-Type: text/plain; charset=x\r\n\r\npasted"), 400),
        (MULTIPART, WHOLE.replace(b'filename="cat.png"', b"filename*=nothing''%ff.png"), 201),
        ("multipart/form-data", WHOLE, 400),
        ("multipart/form-data; boundary=", WHOLE, 400),
        (f"multipart/form-data; boundary={'b' * 200}", WHOLE, 400),
        ("multipart/form-data; boundary=b; charset=no-such", WHOLE, 400),
        ("multipart/\xff; boundary=b", WHOLE, 201),
    ],
)
def test_an_upload_of_the_wrong_shape_is_refused(server: Server, content_type: str, body: bytes, status: int) -> None:
    answer = send(server, "POST", "/api/v1/uploads", body, content_type)
    assert answer.status == status, answer.body
    assert is_calm(answer)
    assert not list((server.folder / "input").glob(".upload*"))


JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(), max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
ROUTES = [("POST", "/runs"), ("PUT", "/workflows/fuzzed"), ("POST", "/runs/x/move"), ("POST", "/runs/x/cancel")]
NAMES = st.sampled_from(
    ["workflow", "targets", "advance_seeds", "client", "key", "position", "nodes", "jacquard", "type"]
)


@seed(20_262)
@CALM
@given(
    st.sampled_from(ROUTES),
    st.binary(max_size=60) | st.dictionaries(NAMES, JSONS, max_size=5) | JSONS | st.builds(
        lambda nodes: {"workflow": {"jacquard": 1, "nodes": nodes}}, st.dictionaries(st.text(max_size=3), JSONS)
    ),
)  # fmt: skip
def test_json_of_any_shape_is_answered(server: Server, route: tuple[str, str], body: Any) -> None:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    is_calm(send(server, route[0], f"/api/v1{route[1]}", data, "application/json"))


@seed(20_263)
@CALM
@given(st.lists(st.binary(max_size=30), max_size=4), st.binary(max_size=60))
def test_headers_of_any_bytes_are_answered_or_closed(server: Server, headers: list[bytes], path: bytes) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as opened:
        lines = [b"GET /" + path + b" HTTP/1.1", b"Host: 127.0.0.1", *headers, b"Connection: close", b"", b""]
        opened.sendall(b"\r\n".join(lines))
        opened.shutdown(socket.SHUT_WR)
        heard = b""
        with contextlib.suppress(ConnectionError):
            while chunk := opened.recv(2**16):
                heard += chunk
    if heard:
        status = int(heard.split()[1])
        assert 200 <= status < 500, heard
    assert b"aiohttp" not in heard


def test_the_server_has_outlived_it_all(server: Server) -> None:
    answer = server.ask("GET", "/api/v1/system", headers={"Authorization": f"Bearer {server.token}"})
    assert answer.status == 200
    assert "Traceback" not in server.errors()
    assert "failed" not in server.errors()


@pytest.mark.parametrize(
    ("hello", "answer"),
    [
        ({}, ("only hello", None)),
        ({"type": "hello", "protocol": 1, "sek": 3}, ("'seq'", None)),
        ({"type": "hello", "protocol": 1, "zzzzzzzz": 3}, ("not known", None)),
        ({"type": "hello", "protocol": 1, "\ud800": 3}, ("not known", None)),
        ({"type": "hello", "protocol": 2}, ("protocol 1", None)),
        ({"type": "hello", "protocol": 1, "seq": 1e400}, ("whole number", None)),
        ({"type": "hello", "protocol": 1, "seq": True}, ("whole number", None)),
        ({"type": "hello", "protocol": 1, "epoch": "e", "seq": 4}, ("", Hello(protocol=1, epoch="e", seq=4))),
    ],
)
def test_a_hello_has_known_keys_only(hello: dict[str, Any], answer: tuple[str, object]) -> None:
    found = read_hello(json.dumps(hello))
    assert answer[0] in found if isinstance(found, str) else found == answer[1]


def test_messages_are_counted_over_a_while() -> None:
    rate = Rate()
    assert [rate.is_too_much(1.0) for _ in range(MOST_MESSAGES + 1)] == [False] * MOST_MESSAGES + [True]
    assert not rate.is_too_much(100.0)


def test_a_hello_says_each_thing_once() -> None:
    assert read_hello('{"type": "hello", "protocol": 1, "seq": 1, "seq": 2}') == "hello has the key 'seq' twice"


@asynchronous
async def test_a_flood_of_messages_ends_its_websocket_and_no_other(server: Server) -> None:
    async with server.client() as client, client.watch() as calm, client.session.ws_connect("/api/v1/ws") as flood:
        with contextlib.suppress(ConnectionError):
            for _ in range(MOST_MESSAGES + 50):
                await flood.send_json({"type": "hello", "protocol": 1, "epoch": None, "seq": 0})
        while (message := await flood.receive(timeout=PATIENCE)).type is aiohttp.WSMsgType.TEXT:
            pass
        assert message.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED)
        run = await client.submit({"1": {"type": "Keep"}})
        await calm.run(run["id"])


@asynchronous
async def test_a_ping_is_answered(server: Server) -> None:
    async with server.client() as client, client.session.ws_connect("/api/v1/ws", autoping=False) as wire:
        await wire.ping(b"there?")
        message = await wire.receive(timeout=PATIENCE)
        assert (message.type, bytes(message.data)) == (aiohttp.WSMsgType.PONG, b"there?")


@contextlib.contextmanager
def left(folder: Path, *names: str) -> Iterator[list[Path]]:
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / name for name in names]
    for path in paths:
        path.write_bytes(b"x")
    yield paths


def test_what_a_killed_process_left_is_removed_and_nothing_else(tmp_path: Path) -> None:
    gone = next(number for number in range(300_000, 4_000_000) if not Path(f"/proc/{number}").exists())
    names = (
        f".upload-{gone}-abcd1234.part",
        f".upload-{os.getpid()}-abcd1234.part",
        ".abcd1234.part",
        "a.part",
        ".x.part",
    )
    with left(tmp_path / "deep" / "er", *names) as (of_dead, of_living, lately, users, hidden):
        assert tidy_left_overs([tmp_path]) == 1
        assert not of_dead.exists()
        long_ago = of_living.stat().st_mtime + LEFT_SECONDS + 60
        assert tidy_left_overs([tmp_path], long_ago) == 2
        assert not of_living.exists()
        assert not lately.exists()
        assert users.exists()
        assert hidden.exists()


@asynchronous
async def test_a_server_tidies_what_a_killed_one_left(tmp_path: Path) -> None:
    inputs, data = tmp_path / "input", tmp_path / "data"
    with left(inputs, ".upload-4123456789-abcd1234.part", "cat.png") as (part, picture):
        files = Files({"input": [inputs]})
        served = Settings(data=data, files=files, worker_command=[], token="t" * 20)
        async with TestClient(TestServer(make_application(served, ToyWorker))):
            while part.exists():
                await asyncio.sleep(0)
        assert picture.exists()


@asynchronous
async def test_a_folder_that_cannot_be_written_is_named_by_its_kind(tmp_path: Path) -> None:
    hosts, data = frozenset({"jacquard.test"}), tmp_path / "data"
    served = Settings(data=data, files=Files(), worker_command=[], token="t" * 20, allowed_hosts=hosts)
    headers = {"Host": "jacquard.test", "Authorization": f"Bearer {'t' * 20}"}
    async with TestClient(TestServer(make_application(served, ToyWorker)), headers=headers) as client:
        (data / "workflows").symlink_to("workflows")  # a link to itself, which no right and no root opens
        answer = await client.put("/api/v1/workflows/x", json={"jacquard": 1})
        text = await answer.text()
        assert answer.status == 507
        assert "The data folder" in text
        assert str(tmp_path) not in text
