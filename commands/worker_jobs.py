"""What a worker does with a job, and with what it is told about the next ones."""

from __future__ import annotations

import queue
import traceback
from collections.abc import Mapping, Sequence
from typing import Any

from graph.base.errors import Problem, WorkflowError
from graph.document.reader import from_json
from graph.engine import Engine
from graph.node_types.context import Artifact, CancelToken
from graph.results.result import Key, Result
from graph.running.publisher import Listener
from server.runs.node_lookup import node_type

MOST_PROBLEMS = 100
"""Of ten thousand items that failed the first are told, and how many there are."""


def do_job(job: Mapping[str, Any], engine: Engine, listener: Listener, token: CancelToken) -> dict[str, Any]:
    """Do a job and tell how it ended, whatever happens: status, problems, and how many problems there are in all."""
    try:
        workflow = from_json(job["workflow"])
        _restore_effects(job, engine)
        outcome = engine.run(
            workflow, job["targets"], listener=listener, token=token, previews=True, run_id=job["run"]
        )  # fmt: skip
        return _ending(outcome.status, outcome.problems)
    except WorkflowError as error:
        return _ending("refused", error.problems)
    except BaseException as error:  # noqa: BLE001 - a fault of ours ends the run, not the worker
        traceback.print_exc()
        problem = Problem("internal", f"{type(error).__name__}: {error}", remedy="look at the server's log")
        return _ending("failed", [problem])


def look_ahead(expected: queue.SimpleQueue[Mapping[str, Any]], engine: Engine) -> None:
    """Tell the engine what comes next, in a thread of its own; of several tellings only the last counts.

    Documents come once, with the first telling that they are in, and are looked at once: the run at work wants the
    interpreter, too.
    """
    expected_keys: dict[str, frozenset[Key]] = {}
    while True:
        forecasts = [expected.get()]
        while not expected.empty():
            forecasts.append(expected.get())
        texts = {run: text for forecast in forecasts for run, text in forecast["workflows"].items()}
        try:
            before, expected_keys = expected_keys, {}
            for run in forecasts[-1]["runs"]:
                name = run["run"]
                if name in before:
                    expected_keys[name] = before[name]
                elif name in texts:
                    expected_keys[name] = _expected_keys(texts[name], run["targets"], engine)
            engine.expect(expected_keys.values())
        except Exception:  # noqa: BLE001 - what comes next must not end what is going on
            traceback.print_exc()


def _expected_keys(document: object, targets: Sequence[str] | None, engine: Engine) -> frozenset[Key]:
    try:
        return engine.wanted(from_json(document), targets)
    except WorkflowError:
        return frozenset()  # its own turn will tell


def _ending(status: str, problems: Sequence[Problem]) -> dict[str, Any]:
    first = [problem.as_json() for problem in problems[:MOST_PROBLEMS]]
    return {"status": status, "problems": first, "problem_count": len(problems)}


def _restore_effects(job: Mapping[str, Any], engine: Engine) -> None:
    """Side effects of an earlier attempt are not done again: their artifacts are put where the engine looks first."""
    for done in job["done"]:
        artifacts = tuple(
            Artifact(artifact["folder"], artifact["name"], artifact["media"]) for artifact in done["artifacts"]
        )
        keys = [bytes.fromhex(key) for key in done["keys"]]
        engine.cache.keep(keys, Result((), (), artifacts), node_type=node_type(job["workflow"], done["node"]))
