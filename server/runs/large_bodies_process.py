"""The program of the second process, which `server.runs.large_bodies` starts and asks; it ends with its input."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import msgspec

from graph.files.folders import Files
from graph.node_types.catalogue import restore
from graph.node_types.registry import Registry
from server.errors import ApiError
from server.runs import explanation, submission
from server.workers import frames

MOST_MEMORY = 4 * 2**30
Answer = tuple[dict[str, Any], bytes]


class BodyJobs:
    """What it was told, and the work that it can do."""

    def __init__(self) -> None:
        self.files = Files()
        self.registry: Registry | None = None

    def do(self, job: str, data: dict[str, Any], payload: bytes) -> Answer:
        """Do one piece of work. Raises `ApiError`, and `MemoryError` for what is too large."""
        work: Callable[[dict[str, Any], bytes], Answer] = getattr(self, f"do_{job}")
        return work(data, payload)

    def do_files(self, data: dict[str, Any], _: bytes) -> Answer:
        """Learn where the files are."""
        self.files = Files(
            {kind: [Path(root) for root in roots] for kind, roots in data["roots"].items()},
            {kind: {name: Path(path) for name, path in found.items()} for kind, found in data["bundled"].items()},
        )
        return {}, b""

    def do_node_types(self, _: dict[str, Any], payload: bytes) -> Answer:
        """Learn which node types there are."""
        facts = json.loads(payload)
        self.registry = restore(facts["nodes"], facts["sockets"], facts.get("packs", ()))
        return {}, b""

    def do_examine(self, data: dict[str, Any], payload: bytes) -> Answer:
        """Look at a submission."""
        registry = self.registry if data["has_node_types"] else None
        found = submission.examine(payload, registry=registry, trusted=data["trusted"], files=self.files)
        facts = asdict(found)
        text = facts["prepared"].pop("text") if facts["prepared"] else ""
        return facts, text.encode()

    def do_save(self, _: dict[str, Any], payload: bytes) -> Answer:
        """Bring a document into the form that it is kept in."""
        return {}, submission.to_be_saved(payload)

    def do_explain(self, data: dict[str, Any], payload: bytes) -> Answer:
        """Say what the nodes of a run did."""
        parts, start = [], 0
        for size in data["sizes"]:
            parts.append(payload[start : start + size].decode())
            start += size
        *batches, document = parts
        return {}, explanation.as_json(data["run"], data["status"], batches, document, *data["page"])


def main() -> None:
    """Answer frame by frame."""
    _bound_itself()
    jobs, out = BodyJobs(), sys.stdout.buffer
    sys.stdout = sys.stderr  # nothing but frames goes where the server listens
    while (message := frames.read_blocking(sys.stdin.buffer)) is not None:
        try:
            data, payload = jobs.do(message.type, message.data, message.payload)
        except ApiError as error:
            data, payload = {"refusal": msgspec.structs.asdict(error.body()), "status": error.status}, b""
        out.write(frames.encode(data, payload))
        out.flush()
        del message, data, payload


def _bound_itself() -> None:
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
        os.nice(5)


if __name__ == "__main__":
    main()
