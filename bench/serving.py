"""What the server costs: the time to its first answer and to a ready worker, and each node over HTTP and websocket.

References: the first answer should come within 1.5 s and in less than half of what importing torch and diffusers
takes; a run of 1,000 remembered nodes should take less than 80 ms from sending it to hearing that it finished. Beside
it, the same chain in an engine in this process. A stream that saves pictures should cost the server twice as much for
twice as many, and what a newcomer is sent should not grow; the explanation of 10,000 nodes should take less than 0.5 s.
While bodies of 31 MB are read, nobody else should wait for more than 0.1 s.
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import aiohttp
from aiohttp.test_utils import TestClient, TestServer

from commands.outbox import LARGEST_BATCH
from graph.api import Registry
from graph.document.reader import from_json
from graph.engine import Engine
from graph.files.folders import Files
from server.application import make_application
from server.services import SERVICES
from server.settings import Settings
from server.shapes.encoding import encode
from tests.support import server_nodes
from tests.support.toy_worker import ToyWorker

HELPER = "server.runs.large_bodies_process"
ANSWER_AIM, CACHED_AIM, EXPLANATION_AIM, WAIT_AIM = 1.5, 0.080, 0.5, 0.1


def chain(length: int, start: int) -> dict[str, Any]:
    """A chain of counting nodes with a side effect at its end, as a document; another `start` makes other keys."""
    nodes: dict[str, Any] = {"0": {"type": "Count", "inputs": {"value": start}}}
    for index in range(1, length):
        nodes[str(index)] = {"type": "Count", "inputs": {"value": {"from": [str(index - 1), "INT"]}}}
    nodes["end"] = {"type": "Keep", "inputs": {"value": {"from": [str(length - 1), "INT"]}}}
    return {"jacquard": 1, "nodes": nodes}


def children_of(pid: int) -> list[tuple[int, str]]:
    """The children of a process, with their commands."""
    found = subprocess.run(["ps", "-o", "pid=,args=", "--ppid", str(pid)], capture_output=True, text=True, check=True)  # noqa: S603, S607
    lines = [line.strip().partition(" ") for line in found.stdout.splitlines()]
    return [(int(child), command) for child, _, command in lines]


def child_of(pid: int) -> int:
    """The only child of a process, but for the one that reads large bodies."""
    (child,) = (child for child, command in children_of(pid) if HELPER not in command)
    return child


class Server:
    """A server in a process of its own, with a folder of its own."""

    def __init__(self, folder: str, *flags: str) -> None:
        command = [sys.executable, str(ROOT / "main.py"), "--no-browser", "--port", "0", "--data-dir", folder, *flags]
        self.started = time.perf_counter()
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)  # noqa: S603
        assert self.process.stdout is not None  # noqa: S101
        line = self.process.stdout.readline()
        found = re.search(r"http://\S+", line)
        self.address = found[0].partition("/#")[0].rstrip("/") if found else ""
        self.token = (Path(folder) / "data" / "token").read_text()

    def processor_seconds(self) -> tuple[float, float]:
        """What server and worker have used of the processors so far."""
        worker_pid = child_of(child_of(self.process.pid))  # its warden is between them
        # The clock of another process, by the number that clock_getcpuclockid gives it on Linux.
        server, worker = (time.clock_gettime((~pid << 3) | 2) for pid in (self.process.pid, worker_pid))
        return server, worker

    def session(self) -> aiohttp.ClientSession:
        """A client that knows the token."""
        return aiohttp.ClientSession(self.address, headers={"Authorization": f"Bearer {self.token}"})

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait(10)


async def first_answer(folder: str, *flags: str) -> tuple[float, float]:
    """Seconds from starting the process to the first answer, and to the worker being ready."""
    server = Server(folder, *flags)
    try:
        async with server.session() as session:
            async with session.get("/api/v1/system") as response:
                await response.read()
            answered = time.perf_counter() - server.started
            while True:
                async with session.get("/api/v1/system") as response:
                    if (await response.json())["worker"]["state"] == "ready":
                        return answered, time.perf_counter() - server.started
                await asyncio.sleep(0.02)
    finally:
        server.stop()


async def submit_and_hear(session: aiohttp.ClientSession, socket: Any, document: dict[str, Any]) -> float:
    """Seconds from sending a run to hearing on the websocket that it finished."""
    body = json.dumps({"workflow": document}).encode()
    started = time.perf_counter()
    async with session.post("/api/v1/runs", data=body, headers={"Content-Type": "application/json"}) as response:
        answer = await response.json()
    while True:
        message = json.loads((await socket.receive(timeout=120)).data)
        if message["type"] == "run" and message["run"]["id"] == answer["run"]["id"]:
            if message["run"]["status"] == "finished":
                return time.perf_counter() - started
            if message["run"]["status"] not in ("queued", "running"):
                raise RuntimeError(message)


def medians(rows: list[tuple[float, ...]]) -> list[float]:
    """The median of each column."""
    return [statistics.median(column) for column in zip(*rows, strict=True)]


async def per_node(repeats: int) -> None:
    """Print what a node costs, cold and remembered."""
    registry = Registry()
    registry.add_module(server_nodes)
    print(f"\n{'':>16} {'ms':>7} {'least':>7} {'most':>7} {'us/node':>8} {'x engine':>9}  processor: server, worker")
    with tempfile.TemporaryDirectory() as folder:
        server = Server(folder, "--bare", "--nodes-module", "tests.support.server_nodes")
        try:
            async with server.session() as session, session.ws_connect("/api/v1/ws", max_msg_size=0) as socket:
                await socket.send_json({"type": "hello", "protocol": 1, "epoch": None, "seq": 0})
                await submit_and_hear(session, socket, chain(10, -1))

                async def measured(length: int, start: int) -> tuple[float, float, float]:
                    before = server.processor_seconds()
                    taken = await submit_and_hear(session, socket, chain(length, start))
                    after = server.processor_seconds()
                    return taken, after[0] - before[0], after[1] - before[1]

                for length in (100, 1_000, 10_000):
                    cold, cached = [], []
                    for repeat in range(repeats):
                        cold.append(await measured(length, repeat * 10**6))
                        cached.append(await measured(length, repeat * 10**6))
                    with Engine(registry) as engine:
                        workflow = from_json(chain(length, 0))
                        alone = [seconds(engine, workflow) for _ in range(2)]
                    for kind, rows, engine_took in (("cold", cold, alone[0]), ("cached", cached, alone[1])):
                        took, of_server, of_worker = (value / length * 1e6 for value in medians(rows))
                        least, most = (row[0] * 1e3 for row in (min(rows), max(rows)))
                        print(
                            f"{length:>9} {kind:<6}{took * length / 1e3:>8.1f} {least:>7.1f} {most:>7.1f} {took:>8.1f} "
                            f"{took / 1e6 * length / engine_took:>9.2f} {of_server:>11.1f} {of_worker:>6.1f} us/node"
                        )
                    if length == 1_000:
                        aimed = medians(cached)[0] / CACHED_AIM
                        print(f"{'':>16} cached against the aim of {CACHED_AIM * 1e3:.0f} ms: x {aimed:.2f}")
        finally:
            server.stop()


class Inside:
    """A server in this process whose worker says what the benchmark wants it to say."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.worker = ToyWorker(quick=False)
        settings = Settings(
            data=folder / "data",
            files=Files({"output": [folder / "output"]}),
            worker_command=[],
            token="t" * 20,
            allowed_hosts=frozenset({"jacquard.test"}),
        )
        self.app = make_application(settings, lambda: self.worker)
        headers = {"Host": "jacquard.test", "Authorization": f"Bearer {'t' * 20}"}
        self.client = TestClient(TestServer(self.app), headers=headers)
        self.services = self.app[SERVICES]
        self.run = ""

    async def begin(self) -> None:
        """Have a run at work."""
        await self.client.start_server()
        answer = await self.client.post("/api/v1/runs", json={"workflow": {"jacquard": 1, "nodes": {}}})
        self.run = (await answer.json())["run"]["id"]
        while not self.worker.jobs:
            await asyncio.sleep(0)

    async def tell(self, events: list[dict[str, Any]]) -> None:
        """Have the worker tell some events, as many at once as a worker does, and wait until they are on the disk."""
        for start in range(0, len(events), LARGEST_BATCH):
            batch = [{**event, "run": self.run, "at": 0.0} for event in events[start : start + LARGEST_BATCH]]
            self.worker.say(type="events", run=self.run, events=batch)
        while self.services.dispatcher.attempts[self.run].run.last_number < events[-1]["number"]:
            await asyncio.sleep(0)
        await self.services.dispatcher.attempts[self.run].wait_until_stored()


def started(*nodes: str) -> dict[str, Any]:
    """The event with which a run begins."""
    return {"event": "run_started", "number": 1, "targets": [], "to_run": [*nodes], "reused": [], "blocked": []}


async def stream(folder: Path, items: int) -> tuple[float, int]:
    """Seconds that the server takes for a stream that saves pictures, and the size of what a newcomer is sent then."""
    (folder / "output").mkdir(parents=True)
    told = [started("1")]
    for index in range(items):
        (folder / "output" / f"{index}.png").write_bytes(server_nodes.PNG)
        made = [{"folder": "output", "name": f"{index}.png", "media": "image/png"}]
        of = {"node": "1", "item": [index], "seconds": 0.1, "reused": False}
        told.append({"event": "item_finished", "number": index + 2, **of, "artifacts": made})
    server = Inside(folder)
    await server.begin()
    try:
        begun = time.perf_counter()
        await server.tell(told)
        taken = time.perf_counter() - begun
        return taken, len(encode(server.services.snapshot()))
    finally:
        await server.client.close()


async def streams() -> None:
    """Print what a stream that saves pictures costs the server."""
    print(f"\n{'pictures':>9} {'s':>6} {'us each':>8} {'x half as many':>15} {'snapshot kB':>12}")
    before = 0.0
    for items in (5_000, 10_000, 20_000):
        with tempfile.TemporaryDirectory() as folder:
            taken, size = await stream(Path(folder) / "x", items)
        growth = f"{taken / before:>15.2f}" if before else f"{'':>15}"
        print(f"{items:>9} {taken:>6.2f} {taken / items * 1e6:>8.0f} {growth} {size / 1e3:>12.0f}")
        before = taken


async def explanations() -> None:
    """Print what the explanation of a run of 10,000 nodes costs."""
    nodes = [str(index) for index in range(10_000)]
    why = {"code": "changed", "message": "value changed", "inputs": [{"name": "value", "was": "1", "now": "2"}]}
    told = [started(*nodes)]
    for node in nodes:
        told.append({"event": "node_started", "number": len(told) + 1, "node": node, "reason": why})
        ended = {"node": node, "seconds": 0.1, "artifacts": []}
        told.append({"event": "node_finished", "number": len(told) + 1, **ended})
    with tempfile.TemporaryDirectory() as folder:
        server = Inside(Path(folder))
        await server.begin()
        try:
            await server.tell(told)
            for limit in (1_000, 10_000):
                begun = time.perf_counter()
                answer = await server.client.get(f"/api/v1/runs/{server.run}/explanation?limit={limit}")
                size = len(await answer.read())
                taken = time.perf_counter() - begun
                print(
                    f"explanation of {limit:>6} of 10,000 nodes: {taken * 1e3:.0f} ms, {size / 1e3:.0f} kB; "
                    f"x {taken / EXPLANATION_AIM:.2f} of the aim"
                )
        finally:
            await server.client.close()


def ask(port: int, token: str, body: bytes | None = None) -> float:
    """Seconds that a small question takes, or the submission of a body, if it was not told to come again."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    begun = time.perf_counter()
    connection.request(
        "GET" if body is None else "POST", f"/api/v1/{'system' if body is None else 'runs'}", body, headers
    )
    response = connection.getresponse()
    response.read()
    connection.close()
    if response.status >= 400 and response.status != 503:
        raise RuntimeError(response.status)
    return time.perf_counter() - begun


def peak(pid: int) -> float:
    """The most memory that a process has had, in MB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1e3


def large_bodies() -> None:
    """Print how long others wait while large bodies are read, and what memory that takes."""
    small = b"0," * (15 * 2**20)
    body = b'{"workflow": {"jacquard": 1, "nodes": {"1": {"type": "Keep"}}, "later": [' + small + b"0]}}"
    print(
        f"\n{'bodies of 31 MB':>16} {'s each':>7} {'longest wait of others, ms':>27} {'x aim':>6}  MB: server, helper"
    )
    for count in (0, 1, 6):
        with tempfile.TemporaryDirectory() as folder:
            server = Server(folder, "--bare", "--nodes-module", "tests.support.server_nodes")
            port = int(server.address.rpartition(":")[2])
            try:
                with ThreadPoolExecutor(max(count, 1)) as threads:
                    ask(port, server.token)
                    sending = [threads.submit(ask, port, server.token, body) for _ in range(count)]
                    waits = [ask(port, server.token) for _ in range(100)]
                    while not all(one.done() for one in sending):
                        waits.append(ask(port, server.token))
                took = statistics.median([one.result() for one in sending]) if sending else 0.0
                helper = max(
                    (peak(pid) for pid, command in children_of(server.process.pid) if HELPER in command), default=0.0
                )
                memory = f"{peak(server.process.pid):>12.0f} {helper:>6.0f}"
                print(
                    f"{count:>16} {took:>7.2f} {max(waits) * 1e3:>27.0f} {max(waits) / WAIT_AIM:>6.2f} {memory}",
                    flush=True,
                )
            finally:
                server.stop()


def seconds(engine: Engine, workflow: Any) -> float:
    """How long the engine alone takes."""
    started = time.perf_counter()
    engine.run(workflow, listener=lambda _: None)
    return time.perf_counter() - started


def imports() -> float:
    """How long importing torch and diffusers takes in a fresh process."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import torch, diffusers"], check=True, stderr=subprocess.DEVNULL)
    return time.perf_counter() - started


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--skip-start", action="store_true", help="only the cost per node")
    arguments = parser.parse_args()
    if not arguments.skip_start:
        starts = []
        for _ in range(arguments.repeats):
            with tempfile.TemporaryDirectory() as folder:
                starts.append(asyncio.run(first_answer(folder)))
        answered, ready = medians(starts)
        imported = imports()
        print(
            f"first answer {answered:.2f} s: x {answered / ANSWER_AIM:.2f} of the aim, x {answered / imported:.2f} of",
            end=" ",
        )
        print(f"importing torch and diffusers ({imported:.1f} s); worker ready after {ready:.1f} s")
    asyncio.run(per_node(arguments.repeats))
    asyncio.run(streams())
    print()
    asyncio.run(explanations())
    large_bodies()


if __name__ == "__main__":
    main()
