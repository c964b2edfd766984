"""Runs a job in the worker, and tells the engine which results the next jobs will need."""

from __future__ import annotations

import json
import queue
import traceback
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graph.base.errors import Problem, WorkflowError
from graph.document.reader import from_json
from graph.engine import Engine
from graph.node_types.context import Artifact, CancelToken
from graph.results.result import Key, Result
from graph.running.publisher import Listener
from server.runs.node_lookup import node_type
from server.shapes.worker_messages import CompletedEffect, Done, EndStatus, Expect, ExpectedRun, RunJob

MOST_PROBLEMS = 100
"""Of ten thousand failed items the first are sent, with the count of all."""


@dataclass(frozen=True, slots=True)
class Job:
    """A run to execute, with its document as JSON."""

    run: RunJob
    document: bytes


@dataclass(frozen=True, slots=True)
class Forecast:
    """The runs that come next, and the documents of those that are new, as JSON."""

    runs: Sequence[ExpectedRun]
    documents: Mapping[str, bytes]


def forecast(message: Expect, payload: bytes) -> Forecast:
    """Splits the payload of a message into the documents of the next runs."""
    documents, start = {}, 0
    for run in message.runs:
        if run.size:
            documents[run.run] = payload[start : start + run.size]
            start += run.size
    return Forecast(message.runs, documents)


def do_job(job: Job, engine: Engine, listener: Listener, token: CancelToken) -> Done:
    """Runs a job and returns how it ended, whatever happens."""
    run = job.run.run
    try:
        document = json.loads(job.document)
        workflow = from_json(document)
        _restore_effects(job.run.done, document, engine)
        outcome = engine.run(
            workflow, job.run.targets, listener=listener, token=token, previews=True, run_id=run
        )  # fmt: skip
        return _ending(run, outcome.status, outcome.problems)
    except WorkflowError as error:
        return _ending(run, "refused", error.problems)
    except BaseException as error:  # noqa: BLE001 - an error of ours ends the run, not the worker
        traceback.print_exc()
        problem = Problem("internal", f"{type(error).__name__}: {error}", remedy="look at the server's log")
        return _ending(run, "failed", [problem])


def look_ahead(expected: queue.SimpleQueue[Forecast], engine: Engine) -> None:
    """Passes the keys of the next runs to the engine, in a thread of its own; of queued forecasts only the last counts.

    A document is sent once, with the first forecast that has its run, and is planned once: the active run needs the
    interpreter, too.
    """
    expected_keys: dict[str, frozenset[Key]] = {}
    while True:
        forecasts = [expected.get()]
        while not expected.empty():
            forecasts.append(expected.get())
        documents = {run: text for each in forecasts for run, text in each.documents.items()}
        try:
            before, expected_keys = expected_keys, {}
            for run in forecasts[-1].runs:
                name = run.run
                if name in before:
                    expected_keys[name] = before[name]
                elif name in documents:
                    expected_keys[name] = _expected_keys(documents[name], run.targets, engine)
            engine.expect(expected_keys.values())
        except Exception:  # noqa: BLE001 - a forecast must not affect the active run
            traceback.print_exc()


def _expected_keys(document: bytes, targets: Sequence[str] | None, engine: Engine) -> frozenset[Key]:
    try:
        return engine.wanted(from_json(json.loads(document)), targets)
    except WorkflowError:
        return frozenset()  # reported when the run starts


def _ending(run: str, status: EndStatus, problems: Sequence[Problem]) -> Done:
    first = [problem.as_json() for problem in problems[:MOST_PROBLEMS]]
    return Done(run=run, status=status, problems=first, problem_count=len(problems))


def _restore_effects(effects: Iterable[CompletedEffect], document: Mapping[str, Any], engine: Engine) -> None:
    """Puts the artifacts of earlier attempts into the cache, so that their side effects are not repeated."""
    for effect in effects:
        artifacts = tuple(Artifact(made.folder, made.name, made.media, made.label) for made in effect.artifacts)
        keys = [bytes.fromhex(key) for key in effect.keys]
        engine.cache.keep(keys, Result((), (), artifacts), node_type=node_type(document, effect.node))
