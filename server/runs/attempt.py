"""One attempt at a run: numbers its events, folds them into node states, stores and publishes them.

Numbers rise over all attempts of the run. Which events are stored is in `kept_events`. New artifacts are stored in one
transaction with their event. So are repeated artifacts that are not listed yet: a worker may have died after it saved a
picture and before it reported it, and reuses it now. The row of the run is not written during the attempt, so that the
cost of an event does not depend on the number of earlier artifacts.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from collections.abc import Mapping
from typing import Any

from graph.files.folders import Files
from server.hub import Hub
from server.requests.json_body import LARGE
from server.runs import node_states, store
from server.runs.artifacts import RunArtifacts
from server.runs.kept_events import to_keep
from server.runs.node_lookup import node_type
from server.runs.run import Run
from server.runs.warnings import RunWarnings
from server.shapes.encoding import forwarded
from server.shapes.messages import EventsHappened, OutputMade
from server.storage import artifact_urls
from server.storage.database import Database
from server.workers.frames import FrameError


class RunAttempt:
    """One attempt at a run."""

    def __init__(self, run: Run, database: Database, hub: Hub, files: Files) -> None:
        self.run = run
        self.document = ""
        self.submitted = False
        self.ending = False
        self.states: dict[str, node_states.NodeState] = {}
        self._artifacts = RunArtifacts(run)
        self._warnings = RunWarnings(run)
        self._database = database
        self._hub = hub
        self._files = files
        self._offset = run.last_number
        self._writing: set[asyncio.Future[bool]] = set()

    def node_type(self, node: str) -> str:
        """Returns the type of a node in the document; used only for error messages.

        Returns an empty text if the document is so large that parsing it would block other requests.
        """
        try:
            return node_type(json.loads(self.document or "{}"), node) if len(self.document) < LARGE else ""
        except (ValueError, AttributeError, RecursionError):
            return ""

    def receive(self, events: list[dict[str, Any]], text: str = "") -> None:
        """Handles events, in order. `text` is their JSON, if the caller has it.

        The JSON is forwarded unchanged unless the server has to rewrite an event.
        """
        if not events:
            return
        self._check_order(events)
        if self._offset:
            text = ""
        new_outputs: list[dict[str, Any]] = []
        shown_outputs: list[dict[str, Any]] = []
        for event in events:
            event["number"] += self._offset
            if event.get("artifacts"):
                text = ""
                event["artifacts"] = [artifact_urls.describe(artifact, self._files) for artifact in event["artifacts"]]
                outputs = new_outputs if self._artifacts.is_new(event) else shown_outputs
                outputs += [self._output(event, item) for item in event["artifacts"] if _is_listed(item)]
                if "item" in event:  # items may finish in another order
                    event["artifacts"] = [{**artifact, "item": event["item"]} for artifact in event["artifacts"]]
            self._artifacts.fold(event)
            self._warnings.fold(event)
        self.run.last_number = events[-1]["number"]
        node_states.fold(self.states, events)
        text = text or _as_text(events)
        self._store(events, text, new_outputs, shown_outputs)
        self._hub.publish(EventsHappened(run=self.run.id, events=forwarded(text)))

    def _check_order(self, events: list[dict[str, Any]]) -> None:
        """Raises `FrameError` for repeated or unordered events; none is handled then."""
        last = self.run.last_number - self._offset
        for event in events:
            if event["number"] <= last:
                raise FrameError(f"event {event['number']} of run {self.run.id} came after event {last}")
            last = event["number"]

    def end_nodes(self, event: str, status: str, last: str, **facts: Any) -> None:
        """Makes the final events that a dead worker could not send: of the nodes being called and, with a `status`, the
        run.

        `last` is a node that was being called; its start may not have been reported.
        """
        nodes = dict.fromkeys([*node_states.running(self.states), *([last] if last else [])])
        new_events: list[dict[str, Any]] = [{"event": event, "node": node, **facts} for node in nodes]
        if status:
            seconds = time.time() - (self.run.started or time.time())
            new_events.append({"event": "run_finished", "status": status, "seconds": seconds})
        first = self.run.last_number + 1 - self._offset
        common = {"run": self.run.id, "at": time.time()}
        self.receive([{**common, "number": first + index, **item} for index, item in enumerate(new_events)])

    async def wait_until_stored(self) -> None:
        """Waits until all events are stored, or held because the disk fails."""
        await asyncio.gather(*self._writing, return_exceptions=True)

    def _output(self, event: Mapping[str, Any], artifact: Mapping[str, Any]) -> dict[str, Any]:
        facts = {"run": self.run.id, "node": event["node"], "created": event.get("at", time.time())}
        return {**artifact, **facts}

    def _store(
        self,
        events: list[dict[str, Any]],
        text: str,
        new_outputs: list[dict[str, Any]],
        shown_outputs: list[dict[str, Any]],
    ) -> None:
        kept = to_keep(events)
        if not kept:
            return
        batch = text if kept is events else _as_text(kept)
        run, files, last_number = self.run.id, self._files, kept[-1]["number"]

        def work(connection: sqlite3.Connection) -> list[dict[str, Any]]:
            store.add_events(connection, run, last_number, batch)
            new: list[dict[str, Any]] = []
            for is_new, output in [
                *((True, output) for output in new_outputs),
                *((False, output) for output in shown_outputs),
            ]:
                if is_new or not store.is_output(connection, output):  # queried after earlier outputs are inserted
                    output.update(artifact_urls.measure(output, files))
                    output["id"] = store.add_output(connection, output)
                    new.append(output)
            return new

        if not new_outputs and not shown_outputs:
            self._database.write_in_background(work, len(batch))
            return
        writing = self._database.write_eventually(work, self._publish_outputs)
        self._writing.add(writing)
        writing.add_done_callback(self._writing.discard)

    def _publish_outputs(self, outputs: list[Any]) -> None:
        for output in outputs:
            self._hub.publish(OutputMade(output=output))


def _is_listed(artifact: Mapping[str, Any]) -> bool:
    """Whether it is among the saved pictures: other files, such as a LoRA, are shown on their node alone."""
    return artifact["folder"] == "output" and str(artifact["media"]).startswith("image/")


def _as_text(events: list[dict[str, Any]]) -> str:
    return json.dumps(events, separators=(",", ":"))
