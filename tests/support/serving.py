"""A real server in a process of its own for tests, and a client that waits for what it hears instead of sleeping."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import http.client
import json
import os
import re
import signal
import struct
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, ParamSpec

import aiohttp

from server.access.local_open import ask_for_code

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 40.0
P = ParamSpec("P")
JSON = dict[str, Any]


def asynchronous(test: Callable[P, Awaitable[None]]) -> Callable[P, None]:
    """Run an `async def` test."""

    @functools.wraps(test)
    def run(*arguments: P.args, **named: P.kwargs) -> None:
        asyncio.run(asyncio.wait_for(test(*arguments, **named), 2 * PATIENCE))  # type: ignore[arg-type]

    return run


class Server:
    """A server that runs toy nodes only. Start it again after a kill: the port is another, the folder the same."""

    def __init__(self, folder: Path, *flags: str) -> None:
        self.folder = folder
        self.flags = flags
        self.port = 0
        self.descriptors: int | None = None
        """How many files the process may open; as many as this one unless it is set."""
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> Server:
        command = [
            sys.executable, str(ROOT / "main.py"), "serve", "--no-browser", "--port", "0", "--data-dir",
            str(self.folder),
            "--bare", "--nodes-module", "tests.support.server_nodes", *self.flags,
        ]  # fmt: skip
        errors = (self.folder / "stderr.txt").open("a")
        with errors:
            if self.descriptors is not None:
                command = ["sh", "-c", f'ulimit -n {self.descriptors} && exec "$0" "$@"', *command]
            self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True)
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)/", line)
        assert found, f"the server said {line!r}; its errors: {self.errors()}"
        self.port = int(found[1])
        return self

    @property
    def pid(self) -> int:
        """The number of the running process."""
        assert self._process is not None
        return self._process.pid

    def next_line(self) -> str:
        """The next line of what it prints."""
        assert self._process is not None
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def token(self) -> str:
        return (self.folder / "data" / "token").read_text()

    def launch_code(self) -> str:
        """A launch code, as `python main.py open` asks for one."""
        return ask_for_code(self.folder / "data")[1]

    def log_in(self, form: str, **headers: str) -> Answer:
        """Post the form of the page that signs in."""
        given = {"Content-Type": "application/x-www-form-urlencoded", "Origin": self.address}
        return self.ask("POST", "/login", form.encode(), {**given, **headers})

    def sign_in(self, form: str = "") -> dict[str, str]:
        """Sign in as a page does, with a new launch code unless something else is posted; the headers of a session."""
        answer = self.log_in(form or f"code={self.launch_code()}")
        assert answer.status == 200, answer.body
        key = re.search(r'data-key="([\w-]+)"', answer.body.decode())
        assert key
        return {"Cookie": answer.headers["set-cookie"].split(";")[0], "X-Jacquard-Key": key[1]}

    def errors(self) -> str:
        return (self.folder / "stderr.txt").read_text()

    def kill(self) -> None:
        """As `kill -9` does."""
        assert self._process is not None
        self._process.kill()
        self._end(self._process)

    def stop(self) -> int:
        """As Ctrl+C does; returns the exit code."""
        if self._process is None:
            return 0
        self._process.send_signal(signal.SIGINT)
        try:
            return self._process.wait(PATIENCE)
        finally:
            self._process.kill()
            self._end(self._process)

    def _end(self, process: subprocess.Popen[str]) -> None:
        process.wait()
        if process.stdout is not None:
            process.stdout.close()
        self._process = None

    def worker_pid(self) -> int:
        """The worker's process: the child of the warden, which is the server's."""
        assert self._process is not None
        return child_of(child_of(self._process.pid))

    def kill_worker(self) -> None:
        os.kill(self.worker_pid(), signal.SIGKILL)

    def ask(self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Answer:
        """One request with exactly these headers, and Host where they do not name one."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        given = headers or {}
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in ({} if "Host" in given else {"Host": f"127.0.0.1:{self.port}"}).items():
                connection.putheader(name, value)
            for name, value in given.items():
                connection.putheader(name, value)
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            response = connection.getresponse()
            # What goes on for ever (a websocket) has no body to wait for.
            data = b"" if response.status == 101 else response.read()
            return Answer(response.status, dict(response.getheaders()), data)
        finally:
            connection.close()

    @contextlib.asynccontextmanager
    async def client(self) -> AsyncIterator[Client]:
        """A client that knows the token."""
        headers = {"Authorization": f"Bearer {self.token}"}
        async with aiohttp.ClientSession(self.address, headers=headers, auto_decompress=True) as session:
            yield Client(session)


def child_of(pid: int) -> int:
    """The first child of a process; waits for one that is still being started."""
    deadline = time.monotonic() + PATIENCE
    while True:
        found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False)  # noqa: S607
        if found.stdout.strip():
            return int(found.stdout.split()[0])
        assert time.monotonic() < deadline, f"process {pid} has started none"


class Answer:
    """What came back."""

    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.status = status
        self.headers = {name.lower(): value for name, value in headers.items()}
        self.body = body

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        return str(self.json["error"]["code"])


class Client:
    """Speaks with a server."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self.session = session

    async def call(self, method: str, path: str, expect: int = 200, **what: Any) -> Any:
        """Ask under /api/v1 and return the JSON; the status must be the expected one."""
        async with self.session.request(method, f"/api/v1{path}", **what) as response:
            body = await response.read()
            assert response.status == expect, f"{method} {path}: {response.status} {body[:2000]!r}"
            return json.loads(body) if body else None

    async def submit(self, nodes: JSON, **more: Any) -> JSON:
        """Submit a workflow of some nodes; returns the run."""
        body = {"workflow": {"jacquard": 1, "nodes": nodes}, **more}
        return dict((await self.call("POST", "/runs", 201, json=body))["run"])

    async def run(self, run_id: str) -> JSON:
        return dict((await self.call("GET", f"/runs/{run_id}"))["run"])

    @contextlib.asynccontextmanager
    async def watch(self, epoch: str | None = None, seq: int = 0, path: str = "/api/v1/ws") -> AsyncIterator[Watch]:
        """A websocket that has said hello."""
        async with self.session.ws_connect(path, max_msg_size=0) as socket:
            await socket.send_json({"type": "hello", "protocol": 1, "epoch": epoch, "seq": seq})
            yield Watch(socket)


class Watch:
    """Everything that was heard on a websocket, in order."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.heard: list[JSON] = []
        self.previews: list[tuple[JSON, bytes]] = []

    async def next(self) -> JSON:
        """The next message; previews are put aside."""
        while True:
            message = await self.socket.receive(timeout=PATIENCE)
            if message.type is aiohttp.WSMsgType.BINARY:
                (length,) = struct.unpack_from(">I", message.data)
                self.previews.append((json.loads(message.data[4 : 4 + length]), message.data[4 + length :]))
                continue
            if message.type is not aiohttp.WSMsgType.TEXT:
                raise ConnectionError(f"the websocket ended: {message}")
            self.heard.append(json.loads(message.data))
            return self.heard[-1]

    async def until(self, wanted: Callable[[JSON], bool]) -> JSON:
        """Listen until a message is the wanted one; what was heard before counts, too."""
        for message in self.heard:
            if wanted(message):
                return message
        while True:
            if wanted(message := await self.next()):
                return message

    async def run(self, run_id: str, *statuses: str) -> JSON:
        """Listen until a run has one of some statuses (ended, if none is named); returns it."""
        wanted = statuses or ("finished", "failed", "cancelled", "refused")

        def fits(message: JSON) -> bool:
            found = (
                [message["run"]] if message["type"] == "run" else message.get("recent", []) + message.get("queue", [])
            )
            return any(run["id"] == run_id and run["status"] in wanted for run in found)

        message = await self.until(fits)
        found = [message["run"]] if message["type"] == "run" else message["recent"] + message["queue"]
        return next(run for run in found if run["id"] == run_id)

    async def event(self, run_id: str, name: str, **facts: Any) -> JSON:
        """Listen until a run told of something; returns the event."""

        def fitting(message: JSON) -> list[JSON]:
            events = message["events"] if message["type"] == "events" and message["run"] == run_id else []
            return [e for e in events if e["event"] == name and all(e.get(key) == facts[key] for key in facts)]

        return fitting(await self.until(lambda message: bool(fitting(message))))[0]

    async def worker(self, **facts: Any) -> JSON:
        """Listen until the worker is in some state."""

        def fits(message: JSON) -> bool:
            worker = message.get("worker")
            return worker is not None and all(worker[key] == value for key, value in facts.items())

        return dict((await self.until(fits))["worker"])

    def events(self, run_id: str) -> list[JSON]:
        """All events of a run that were heard."""
        batches = [m["events"] for m in self.heard if m["type"] == "events" and m["run"] == run_id]
        return [event for batch in batches for event in batch]


def wait_for_file(path: Path) -> None:
    """Wait until something made a file."""
    deadline = time.monotonic() + PATIENCE
    while not path.exists():
        assert time.monotonic() < deadline, f"{path} did not appear"
        time.sleep(0.005)
