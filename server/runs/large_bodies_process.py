"""The program of the process for large bodies, which `server.runs.large_bodies` starts; it ends with its input."""

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
    """The jobs of this process, and the folders and node types that it was sent."""

    def __init__(self) -> None:
        self.files = Files()
        self.registry: Registry | None = None

    def do(self, job: str, data: dict[str, Any], payload: bytes) -> Answer:
        """Executes a job. Raises `ApiError`, and `MemoryError` for a body that is too large."""
        work: Callable[[dict[str, Any], bytes], Answer] = getattr(self, f"do_{job}")
        return work(data, payload)

    def do_files(self, data: dict[str, Any], _: bytes) -> Answer:
        """Sets the folders."""
        self.files = Files(
            {kind: [Path(root) for root in roots] for kind, roots in data["roots"].items()},
            {kind: {name: Path(path) for name, path in found.items()} for kind, found in data["bundled"].items()},
        )
        return {}, b""

    def do_node_types(self, _: dict[str, Any], payload: bytes) -> Answer:
        """Sets the node types."""
        facts = json.loads(payload)
        self.registry = restore(facts["nodes"], facts["sockets"], facts.get("packs", ()))
        return {}, b""

    def do_examine(self, data: dict[str, Any], payload: bytes) -> Answer:
        """Checks a submission."""
        registry = self.registry if data["has_node_types"] else None
        found = submission.examine(payload, registry=registry, trusted=data["trusted"], files=self.files)
        facts = asdict(found)
        text = facts["prepared"].pop("text") if facts["prepared"] else ""
        return facts, text.encode()

    def do_save(self, _: dict[str, Any], payload: bytes) -> Answer:
        """Checks a document and formats it as it is saved."""
        return {}, submission.to_be_saved(payload)

    def do_explain(self, data: dict[str, Any], payload: bytes) -> Answer:
        """Explains what the nodes of a run did."""
        parts, start = [], 0
        for size in data["sizes"]:
            parts.append(payload[start : start + size].decode())
            start += size
        *batches, document = parts
        return {}, explanation.as_json(data["run"], data["status"], batches, document, *data["page"])


def main() -> None:
    """Answers frame by frame."""
    _bound_itself()
    jobs, out = BodyJobs(), sys.stdout.buffer
    sys.stdout = sys.stderr  # standard output is for frames only
    while (frame := frames.read_blocking(sys.stdin.buffer)) is not None:
        try:
            facts = frames.read_object(frame)
            data, payload = jobs.do(facts["type"], facts, frame.payload)
        except ApiError as error:
            data, payload = {"refusal": msgspec.structs.asdict(error.body()), "status": error.status}, b""
        out.write(frames.encode(data, payload))
        out.flush()
        del frame, data, payload


def _bound_itself() -> None:
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
        os.nice(5)


if __name__ == "__main__":
    main()
