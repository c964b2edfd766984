"""A client says hello and sees every message once and in order, however often its connection is cut."""

from __future__ import annotations

import itertools
import random
from typing import Any

import aiohttp
import pytest

from server.http.websocket import MOST_MESSAGES, RATE_SECONDS, Rate, read_hello
from server.shapes.messages import Hello
from tests.server.conftest import MakeServer
from tests.support.dropping_proxy import dropping_proxy
from tests.support.serving import Client, Server, Watch, asynchronous


async def _listen_through_cuts(
    client: Client, address: str, epoch: str, seq: int, run_id: str, host: str
) -> tuple[list[dict[str, Any]], int]:
    """Everything after `seq` up to the end of a run, and how often the connection was cut."""
    heard: list[dict[str, Any]] = []
    cuts = 0
    headers = {**client.session.headers, "Host": host}
    async with aiohttp.ClientSession(headers=headers) as session:
        while True:
            try:
                async with session.ws_connect(f"{address}/api/v1/ws", max_msg_size=0) as socket:
                    await socket.send_json({"type": "hello", "protocol": 1, "epoch": epoch, "seq": seq})
                    watch = Watch(socket)
                    resumed = await watch.next()
                    assert resumed == {"type": "resume", "epoch": epoch, "seq": seq}
                    while True:
                        message = await watch.next()
                        heard.append(message)
                        seq = message["seq"]
                        if message["type"] == "run" and message["run"]["id"] == run_id and message["run"]["finished"]:
                            return heard, cuts
            except (ConnectionError, aiohttp.ClientError):
                cuts += 1


@asynchronous
async def test_a_client_that_is_cut_off_again_and_again_misses_nothing_and_hears_nothing_twice(
    make_server: MakeServer,
) -> None:
    server = make_server().start()
    draw = random.Random(3)  # noqa: S311
    # The largest message, the events of the chain, passes in one of them; all together take many.
    allowances = (draw.choice((0, 300, 2_000, 6_000, 6_000, 6_000, 60_000)) for _ in itertools.count())
    nodes: dict[str, Any] = {"0": {"type": "Count"}}
    for index in range(1, 60):
        nodes[str(index)] = {"type": "Count", "inputs": {"value": {"from": [str(index - 1), "INT"]}}}
    nodes["end"] = {"type": "Keep", "inputs": {"value": {"from": ["59", "INT"]}}}
    nodes["p"] = {"type": "Progress", "inputs": {"steps": 2000}}
    async with server.client() as client, client.watch() as steady, dropping_proxy(server.port, allowances) as port:
        await steady.worker(state="ready")
        start = steady.heard[0]
        runs = [await client.submit(nodes)]
        runs += [await client.submit({"1": {"type": "Keep", "inputs": {"value": value}}}) for value in range(30)]
        last = runs[-1]["id"]
        heard, cuts = await _listen_through_cuts(
            client, f"http://127.0.0.1:{port}", start["epoch"], start["seq"], last, f"127.0.0.1:{server.port}"
        )
        await steady.until(lambda m: m["type"] == "run" and m["run"]["id"] == last and m["run"]["finished"])
        assert cuts > 5
        assert heard == [message for message in steady.heard[1:] if message["seq"] <= heard[-1]["seq"]]
        assert [message["seq"] for message in heard] == list(range(start["seq"] + 1, heard[-1]["seq"] + 1))


@asynchronous
async def test_after_a_restart_of_the_server_a_client_gets_a_snapshot(make_server: MakeServer) -> None:
    server = make_server().start()
    async with server.client() as client, client.watch() as watch:
        run = await client.submit({"1": {"type": "Keep"}})
        await watch.run(run["id"])
        epoch, seq = watch.heard[0]["epoch"], watch.heard[-1]["seq"]
        async with client.watch(epoch, seq) as again:
            assert (await again.next())["type"] == "resume"
        async with client.watch(epoch, seq + 1000) as again:
            assert (await again.next())["type"] == "snapshot"
    server.kill()
    server.start()
    async with server.client() as client, client.watch(epoch, seq) as watch:
        snapshot = await watch.next()
        assert snapshot["type"] == "snapshot"
        assert snapshot["epoch"] != epoch
        assert [entry["id"] for entry in snapshot["recent"]] == [run["id"]]


@asynchronous
async def test_a_snapshot_in_the_middle_of_a_run_shows_it_as_it_is(make_server: MakeServer, tmp_path: Any) -> None:
    server = make_server().start()
    nodes = {
        "1": {"type": "Count"},
        "2": {"type": "WaitForFile", "inputs": {"path": str(tmp_path / "go"), "value": {"from": ["1", "INT"]}}},
        "3": {"type": "Keep", "inputs": {"value": {"from": ["2", "INT"]}}},
    }
    async with server.client() as client, client.watch() as watch:
        run = await client.submit(nodes)
        queued = await client.submit({"1": {"type": "Keep"}})
        await watch.event(run["id"], "node_progressed", node="2")
        async with client.watch() as late:
            snapshot = await late.next()
            assert snapshot["running"]["run"]["id"] == run["id"]
            states = {node: state["state"] for node, state in snapshot["running"]["nodes"].items()}
            assert states == {"1": "finished", "2": "running", "3": "waiting"}
            assert snapshot["running"]["nodes"]["2"]["maximum"] == 4
            assert [entry["id"] for entry in snapshot["queue"]] == [queued["id"]]
            (tmp_path / "go").touch()
            await late.event(run["id"], "run_finished")
            assert late.previews[0][0]["node"] == "2"


@asynchronous
async def test_two_clients_hear_the_same(server: Server) -> None:
    async with server.client() as client, client.watch() as one, client.watch() as two:
        run = await client.submit({"1": {"type": "Keep", "inputs": {"value": 12345}}})
        for watch in (one, two):
            await watch.run(run["id"])
        assert one.events(run["id"]) == two.events(run["id"])


async def _closed_after(session: aiohttp.ClientSession, message: str | bytes) -> int | None:
    async with session.ws_connect("/api/v1/ws") as socket:
        await (socket.send_str(message) if isinstance(message, str) else socket.send_bytes(message))
        await socket.receive()
        return socket.close_code


@asynchronous
async def test_only_hello_is_understood_on_the_websocket(server: Server) -> None:
    async with server.client() as client:
        for message in (
            "",
            "[]",
            '{"type": "run"}',
            '{"type": "hello", "protocol": 9}',
            '{"type":"hello","protocol":1,"seq":"x"}',
        ):
            assert await _closed_after(client.session, message) == aiohttp.WSCloseCode.POLICY_VIOLATION
        assert await _closed_after(client.session, b"{}") == aiohttp.WSCloseCode.UNSUPPORTED_DATA


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ('{"type": "hello", "type": "hello"}', "hello has the key 'type' twice"),
        ('["hello"]', "only hello is understood"),
        ('{"type": "hello", "protocol": 1, "sec": 1}', "hello has the key 'sec', which is not known"),
        ('{"type": "hello", "protocol": 2}', "this server speaks protocol 1"),
        ('{"type": "hello", "protocol": 1, "epoch": 1}', "epoch is text or null, seq a whole number"),
        ('{"type": "hello", "protocol": 1, "seq": 1.5}', "epoch is text or null, seq a whole number"),
    ],
)
def test_what_is_no_hello_is_refused_with_the_reason(text: str, why: str) -> None:
    refused = read_hello(text)
    assert isinstance(refused, str)
    assert refused.startswith(why)


def test_a_hello_says_what_was_seen_last() -> None:
    hello = read_hello('{"type": "hello", "protocol": 1, "epoch": "a", "seq": 7}')
    assert isinstance(hello, Hello)
    assert (hello.epoch, hello.seq) == ("a", 7)


def test_too_many_messages_within_a_while_are_too_much_and_after_it_all_may_come_again() -> None:
    rate = Rate()
    assert not any(rate.is_too_much(100.0) for _ in range(MOST_MESSAGES))
    assert rate.is_too_much(100.0 + RATE_SECONDS)
    after = 100.0 + RATE_SECONDS + 1
    assert not any(rate.is_too_much(after) for _ in range(MOST_MESSAGES))
    assert rate.is_too_much(after)


@asynchronous
async def test_who_sends_without_end_is_disconnected_and_others_are_not(server: Server) -> None:
    async with server.client() as client, client.watch() as other, client.watch() as watch:
        for _ in range(MOST_MESSAGES):
            await watch.socket.send_json({"type": "hello", "protocol": 1, "epoch": None, "seq": 0})
        with pytest.raises(ConnectionError, match="too many messages"):
            await watch.until(lambda _: False)
        run = await client.submit({"1": {"type": "Keep", "inputs": {"value": 1}}})
        await other.run(run["id"])


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({}, 426, "websocket_only"),
        ({"Sec-WebSocket-Protocol": "chat, key.secret"}, 400, "wrong_protocol"),
    ],
)
def test_a_request_that_becomes_no_websocket_is_refused_in_words(
    server: Server, headers: dict[str, str], status: int, code: str
) -> None:
    answer = server.ask("GET", "/api/v1/ws", headers={"Authorization": f"Bearer {server.token}", **headers})
    assert (answer.status, answer.code) == (status, code)
    assert b"secret" not in answer.body
