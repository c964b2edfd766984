"""What a worker does with a job, and with what it is told about the next ones."""

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
"""Of ten thousand items that failed the first are told, and how many there are."""


@dataclass(frozen=True, slots=True)
class Job:
    """A run to be done, with its document as JSON."""

    run: RunJob
    document: bytes


@dataclass(frozen=True, slots=True)
class Forecast:
    """The runs that come next, and the documents of those that are new, as JSON."""

    runs: Sequence[ExpectedRun]
    documents: Mapping[str, bytes]


def forecast(message: Expect, payload: bytes) -> Forecast:
    """Returns what a message says of the runs that come next: their documents lie in its payload, one after another."""
    documents, start = {}, 0
    for run in message.runs:
        if run.size:
            documents[run.run] = payload[start : start + run.size]
            start += run.size
    return Forecast(message.runs, documents)


def do_job(job: Job, engine: Engine, listener: Listener, token: CancelToken) -> Done:
    """Do a job and tell how it ended, whatever happens."""
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
    except BaseException as error:  # noqa: BLE001 - a fault of ours ends the run, not the worker
        traceback.print_exc()
        problem = Problem("internal", f"{type(error).__name__}: {error}", remedy="look at the server's log")
        return _ending(run, "failed", [problem])


def look_ahead(expected: queue.SimpleQueue[Forecast], engine: Engine) -> None:
    """Tell the engine what comes next, in a thread of its own; of several tellings only the last counts.

    Documents come once, with the first telling that they are in, and are looked at once: the run at work wants the
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
        except Exception:  # noqa: BLE001 - what comes next must not end what is going on
            traceback.print_exc()


def _expected_keys(document: bytes, targets: Sequence[str] | None, engine: Engine) -> frozenset[Key]:
    try:
        return engine.wanted(from_json(json.loads(document)), targets)
    except WorkflowError:
        return frozenset()  # its own turn will tell


def _ending(run: str, status: EndStatus, problems: Sequence[Problem]) -> Done:
    first = [problem.as_json() for problem in problems[:MOST_PROBLEMS]]
    return Done(run=run, status=status, problems=first, problem_count=len(problems))


def _restore_effects(effects: Iterable[CompletedEffect], document: Mapping[str, Any], engine: Engine) -> None:
    """Side effects of an earlier attempt are not done again: their artifacts are put where the engine looks first."""
    for effect in effects:
        artifacts = tuple(Artifact(made.folder, made.name, made.media) for made in effect.artifacts)
        keys = [bytes.fromhex(key) for key in effect.keys]
        engine.cache.keep(keys, Result((), (), artifacts), node_type=node_type(document, effect.node))
