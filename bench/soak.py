"""Memory of server and worker over many varied runs: resident size at steps, and the slope after the warm-up.

Reference: flat. A slope is given in MB for 1,000 runs, and as a share of what is resident at the end; the worker's
cache has a small budget (`--cache-memory`), so that it is full when the warm-up ends. Runs are chains of small nodes,
some of them repeated, texts of up to two megabytes, pictures saved, previews, failures, cancels and refusals; up to
twenty wait.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import aiohttp

from bench.serving import Server, chain, child_of

MOST_WAITING = 20
JSON = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sample:
    """What a process holds after some runs."""

    runs: int
    server_mb: float
    worker_mb: float
    server_files: int
    worker_files: int
    threads: int
    stored_mb: float


def varied(draw: random.Random, number: int) -> JSON:
    """A workflow that may be anything."""
    kind = draw.random()
    if kind < 0.50:
        again = draw.random() < 0.3
        return chain(draw.randint(5, 60), draw.randint(0, 20) if again else number * 1_000)
    if kind < 0.70:
        nodes: JSON = {"0": {"type": "Large", "inputs": {"length": draw.randint(1_000, 2_000_000), "seed": number}}}
        for index in range(1, draw.randint(2, 6)):
            nodes[str(index)] = {"type": "Longer", "inputs": {"text": {"from": [str(index - 1), "STRING"]}}}
        nodes["end"] = {"type": "Measure", "inputs": {"text": {"from": [str(len(nodes) - 1), "STRING"]}}}
        return {"jacquard": 1, "nodes": nodes}
    if kind < 0.80:
        return {"jacquard": 1, "nodes": {"1": {"type": "Save", "inputs": {"value": number}}}}
    if kind < 0.88:
        return {"jacquard": 1, "nodes": {"1": {"type": "Progress", "inputs": {"steps": draw.randint(10, 400)}}}}
    if kind < 0.93:
        return {"jacquard": 1, "nodes": {"1": {"type": "Fail", "inputs": {"message": f"no {number}"}}}}
    if kind < 0.98:
        return {"jacquard": 1, "nodes": {"1": {"type": "WaitForFile", "inputs": {"path": "/nonexistent/never"}}}}
    return {"jacquard": 1, "nodes": {"1": {"type": "Bounded", "inputs": {"steps": 99}}}}


async def soak(session: aiohttp.ClientSession, server: Server, folder: Path, runs: int, step: int) -> list[Sample]:
    """Do the runs; a sample every `step`."""
    draw = random.Random(4)  # noqa: S311
    waiting: set[str] = set()
    samples: list[Sample] = []
    async with session.ws_connect("/api/v1/ws", max_msg_size=0) as socket:
        await socket.send_json({"type": "hello", "protocol": 1, "epoch": None, "seq": 0})
        for number in range(1, runs + 1):
            document = varied(draw, number)
            async with session.post("/api/v1/runs", json={"workflow": document}) as response:
                answer = await response.json()
            if response.status == 201:
                run = answer["run"]["id"]
                waiting.add(run)
                if "/nonexistent/never" in json.dumps(document):
                    async with session.post(f"/api/v1/runs/{run}/cancel") as response:
                        await response.read()
            while len(waiting) >= MOST_WAITING or (waiting and number % step == 0):
                message = await socket.receive(timeout=60)
                if message.type is not aiohttp.WSMsgType.TEXT:
                    continue
                told = json.loads(message.data)
                if told["type"] == "run" and told["run"]["status"] not in ("queued", "running"):
                    waiting.discard(told["run"]["id"])
            if number % step == 0:
                samples.append(take(server, folder, number))
                show(samples[-1])
    return samples


def take(server: Server, folder: Path, runs: int) -> Sample:
    """Look at the server, its worker and the folder."""
    own = server.process.pid
    worker = child_of(child_of(own))  # its warden is between them
    stored = sum(file.stat().st_size for file in (folder / "data").rglob("*") if file.is_file())
    return Sample(
        runs,
        resident(own),
        resident(worker),
        len(list(Path(f"/proc/{own}/fd").iterdir())),
        len(list(Path(f"/proc/{worker}/fd").iterdir())),
        len(list(Path(f"/proc/{worker}/task").iterdir())),
        stored / 1e6,
    )


def resident(process: int) -> float:
    """Resident memory in MB."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1e3


def show(sample: Sample) -> None:
    """Print a line."""
    print(
        f"{sample.runs:>7} {sample.server_mb:>10.1f} {sample.worker_mb:>10.1f} {sample.server_files:>6} "
        f"{sample.worker_files:>6} {sample.threads:>8} {sample.stored_mb:>10.1f}",
        flush=True,
    )


def slope(samples: list[Sample], name: str) -> float:
    """The straight line through some samples (least squares): MB for 1,000 runs."""
    points = [(sample.runs / 1_000, float(getattr(sample, name))) for sample in samples]
    middle_x = sum(x for x, _ in points) / len(points)
    middle_y = sum(y for _, y in points) / len(points)
    spread = sum((x - middle_x) ** 2 for x, _ in points)
    return sum((x - middle_x) * (y - middle_y) for x, y in points) / spread if spread else 0.0


def main() -> None:
    """Print the table and the slopes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=2_000)
    parser.add_argument("--step", type=int, default=100)
    parser.add_argument(
        "--warm-up", type=float, default=0.4, metavar="SHARE", help="of the runs, left out of the slope"
    )
    parser.add_argument("--cache-memory", default="0.1", metavar="GB", help="the worker's budget")
    arguments = parser.parse_args()
    modules = ("--nodes-module", "tests.support.server_nodes", "--nodes-module", "bench.soak_nodes")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server = Server(name, "--bare", *modules, "--cache-memory", arguments.cache_memory)
        begun = time.perf_counter()
        try:
            samples = asyncio.run(_soak(server, folder, arguments.runs, arguments.step))
        finally:
            server.stop()
    print(f"{arguments.runs} runs in {time.perf_counter() - begun:.0f} s; after the first {arguments.warm_up:.0%}:")
    warm = [sample for sample in samples if sample.runs > arguments.warm_up * arguments.runs]
    for what in ("server_mb", "worker_mb"):
        found, last = slope(warm, what), getattr(warm[-1], what)
        print(f"{what[:-3]}: {found:+.2f} MB for 1,000 runs, {found / last:+.2%} of its {last:.0f} MB; reference: flat")


async def _soak(server: Server, folder: Path, runs: int, step: int) -> list[Sample]:
    print(f"{'runs':>7} {'server MB':>10} {'worker MB':>10} {'files':>6} {'files':>6} {'threads':>8} {'stored MB':>10}")
    async with server.session() as session:
        return await soak(session, server, folder, runs, step)


if __name__ == "__main__":
    main()
