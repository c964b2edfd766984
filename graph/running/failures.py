"""What nodes raised in a run, as problems that name the node which a person sees."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from graph.base.errors import Problem
from graph.node_types.context import CancelledError
from graph.planning.tasks import CallTask
from graph.running import call_checks
from graph.running.run_log import RunLog

Locate = Callable[[Problem], Problem]
"""Says of a problem of an inner node which node a person sees."""


class Failures:
    """The failed nodes of one run."""

    def __init__(self, log: RunLog, locate: Locate) -> None:
        self._log = log
        self._locate = locate
        self._problems: dict[str, Problem] = {}

    def report(self, task: CallTask, error: BaseException) -> None:
        """A node raised."""
        if isinstance(error, CancelledError):
            self._log.cancelled(task)
            return
        keep_going = task.frame.keeps_going
        found = call_checks.describe_failure(error)
        path = task.frame.path
        code = "item_failed" if keep_going else found.code
        message = f"item {'.'.join(map(str, path))}: {found.message}" if path else found.message
        found = replace(found, code=code, message=message, node=task.id, node_type=task.call.type.id)
        problem = self._problems[task.id] = self._locate(found)
        self._log.failed_at(task, problem, error, keep_going=keep_going)

    def inherit(self, task: CallTask, because: str) -> bool:
        """Whether a node failed in the graph that runs in the place of a call: then the call failed of the same."""
        problem = self._problems.get(because)
        if problem is None:
            return False
        self._problems[task.id] = problem
        self._log.failed_at(task, problem, None, keep_going=task.frame.keeps_going)
        return True
