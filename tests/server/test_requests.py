"""Requests: what is not known, not text, not finite or too long is refused in words; a key means one request."""

from __future__ import annotations

import contextlib
import gzip
import json
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

from tests.server.conftest import MakeServer
from tests.server.http.routes.test_runs import COUNT, waiting
from tests.support.serving import Server, asynchronous


@asynchronous
async def test_half_a_character_is_refused_with_node_and_field(server: Server) -> None:
    nodes = {"1": {"type": "Fail", "inputs": {"message": "half \ud800"}}}
    async with server.client() as client:
        for document, node, socket in (
            ({"nodes": nodes}, "1", "message"),
            ({"nodes": COUNT, "title": "half \ud800"}, "", ""),
            ({"nodes": {**COUNT, "unused": {"type": "Fail", "title": "\udc00"}}}, "unused", ""),
        ):
            answer = await client.call("POST", "/runs", 422, json={"workflow": {"jacquard": 1, **document}})
            (problem,) = answer["error"]["problems"]
            assert problem["code"] == "bad_text"
            assert (problem.get("node", ""), problem.get("socket", "")) == (node, socket)


@asynchronous
async def test_a_number_that_json_cannot_give_back_is_refused_wherever_it_comes_in(server: Server) -> None:
    headers = {"Content-Type": "application/json"}
    value = '{"jacquard": 1, "nodes": {"1": {"type": "Keep", "inputs": {"value": 1e400}}}, "app": {"a": [-1e999]}}'
    async with server.client() as client:
        answer = await client.call("POST", "/runs", 422, data=f'{{"workflow": {value}}}', headers=headers)
        assert {problem["code"] for problem in answer["error"]["problems"]} == {"not_finite"}
        assert [problem.get("node") for problem in answer["error"]["problems"]] == ["1", None]
        answer = await client.call("PUT", "/workflows/infinite", 422, data=value, headers=headers)
        assert {problem["code"] for problem in answer["error"]["problems"]} == {"not_finite"}
        await client.call("POST", "/runs/x/move", 400, data='{"position": 1e400}', headers=headers)


@asynchronous
async def test_a_place_in_the_queue_may_be_as_far_as_one_likes(server: Server, tmp_path: Path) -> None:
    async with server.client() as client, client.watch() as watch:
        first = await client.submit(waiting(tmp_path / "go"))
        await watch.run(first["id"], "running")
        run = await client.submit(COUNT)
        for position in (10**400, -(10**400), 0):
            body = json.dumps({"position": position})
            headers = {"Content-Type": "application/json"}
            moved = await client.call("POST", f"/runs/{run['id']}/move", data=body, headers=headers)
            assert moved["run"]["position"] == 0
        (tmp_path / "go").touch()
        await watch.run(run["id"])


@asynchronous
async def test_titles_and_marks_of_people_are_bounded(server: Server) -> None:
    async with server.client() as client:
        body = {"workflow": {"jacquard": 1, "title": "x" * 10**6, "nodes": COUNT}}
        answer = await client.call("POST", "/runs", 422, json=body)
        assert answer["error"]["problems"][0]["code"] == "too_long"
        await client.call("PUT", "/workflows/long", 422, json=body["workflow"])
        for mark in ("client", "key"):
            for text, code in (("x" * 201, "too_long"), ("\ud800", "bad_text"), ("\0", "bad_text")):
                refused = await client.call("POST", "/runs", 400, json={"workflow": {"jacquard": 1}, mark: text})
                assert refused["error"]["code"] == code


@asynchronous
async def test_what_nobody_knows_is_refused_with_what_was_meant(server: Server) -> None:
    async with server.client() as client:
        for method, path, body, remedy in (
            ("POST", "/runs", {"workflow": {"jacquard": 1, "nodes": COUNT}, "target": ["1"]}, "'targets'"),
            ("POST", "/runs", {"workflow": {"jacquard": 1, "nodes": COUNT}, "zzzz": 1}, "targets"),
            ("POST", "/runs/x/move", {"positon": 1}, "'position'"),
            ("POST", "/runs/x/cancel", {"now": True}, "Leave it out"),
            ("DELETE", "/runs/x", {"now": True}, "Leave it out"),
            ("DELETE", "/workflows/x", {"now": True}, "Leave it out"),
            ("POST", "/packs/load", {"now": True}, "Leave it out"),
            ("GET", "/runs?limits=3", None, "'limit'"),
            ("GET", "/outputs?befor=3", None, "'before'"),
            ("GET", "/system?x", None, "Leave it out"),
            ("GET", "/runs/x/events?limt=3", None, "'limit'"),
            ("GET", "/ws?epoch=1", None, "Leave it out"),
        ):
            answer = await client.call(method, path, 400, **({} if body is None else {"json": body}))
            assert answer["error"]["code"] == "unknown_key", path
            assert remedy in answer["error"]["remedy"], path
        await client.call("GET", "/runs?limit=3&limit=4", 400)
        await client.call("POST", "/runs/x/cancel?key=of-a-session", 400)
        await client.call("GET", "/runs/x?workflow=maybe", 400)


@asynchronous
async def test_another_charset_and_packed_bodies_are_refused(server: Server) -> None:
    body = json.dumps({"workflow": {"jacquard": 1, "nodes": COUNT}}).encode()
    async with server.client() as client:
        for charset in ("latin-1", "no-such-charset", "utf-16", "\xff"):
            headers = {"Content-Type": f"application/json; charset={charset}"}
            answer = await client.call("POST", "/runs", 400, data=body, headers=headers)
            assert answer["error"]["code"] == "wrong_charset"
        await client.call("POST", "/runs", 201, data=body, headers={"Content-Type": "application/json; charset=UTF-8"})
        packed = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
        await client.call("POST", "/runs", 415, data=gzip.compress(body), headers=packed)


@asynchronous
async def test_another_run_under_a_key_that_was_used_is_refused(server: Server) -> None:
    async with server.client() as client:
        first = await client.submit(COUNT, key="taken")
        for other in ({"workflow": {"jacquard": 1, "nodes": {"9": {"type": "Keep"}}}}, {"targets": ["1"]}):
            body = {"workflow": {"jacquard": 1, "nodes": COUNT}, "key": "taken", **other}
            answer = await client.call("POST", "/runs", 409, json=body)
            assert answer["error"]["code"] == "key_in_use"
        assert (await client.submit(COUNT, key="taken"))["id"] == first["id"]


@asynchronous
async def test_a_key_of_an_earlier_version_answers_with_its_run(make_server: MakeServer) -> None:
    server = make_server().start()
    async with server.client() as client:
        first = await client.submit(COUNT, key="old")
    server.stop()
    with contextlib.closing(sqlite3.connect(server.folder / "data" / "jacquard.sqlite3")) as database, database:
        assert database.execute("UPDATE runs SET digest = '' WHERE key = 'old' AND digest != ''").rowcount == 1
    server.start()
    async with server.client() as client:
        assert (await client.submit({"9": {"type": "Keep"}}, key="old"))["id"] == first["id"]


@asynchronous
async def test_a_name_that_is_given_twice_is_refused_as_it_is_in_a_file(server: Server) -> None:
    node = '{"type": "Keep", "inputs": {"value": 1, "value": 2}}'
    headers = {"Content-Type": "application/json"}
    workflow = f'{{"jacquard": 1, "nodes": {{"1": {node}}}}}'
    large = f'{{"jacquard": 1, "app": {{"large": "{"x" * 2**19}"}}, "nodes": {{"1": {node}}}}}'
    async with server.client() as client:
        for method, path, body in (
            ("POST", "/runs", f'{{"workflow": {workflow}}}'),
            ("POST", "/runs", f'{{"workflow": {large}}}'),
            ("PUT", "/workflows/twice", workflow),
            ("POST", "/runs/x/move", '{"position": 1, "position": 2}'),
        ):
            answer = await client.call(method, path, 400, data=body, headers=headers)
            assert answer["error"]["code"] == "duplicate_name"
            assert ("nodes/1/inputs/value" if "nodes" in body else "position") in answer["error"]["message"]


@asynchronous
async def test_a_request_that_has_little_to_say_is_not_read_for_long(server: Server) -> None:
    headers = {"Content-Type": "application/json"}
    async with server.client() as client:
        for method, path in (("POST", "/runs/x/cancel"), ("POST", "/runs/x/move"), ("DELETE", "/workflows/x")):
            for body in (b"{" + b" " * 2**16 + b"}", _pieces(b"{" + b" " * 2**17 + b"}")):
                answer = await client.call(method, path, 413, data=body, headers=headers)
                assert "64 KiB" in answer["error"]["message"]


async def _pieces(body: bytes) -> AsyncIterator[bytes]:
    """As a program sends a body whose length it does not know."""
    for start in range(0, len(body), 2**14):
        yield body[start : start + 2**14]
