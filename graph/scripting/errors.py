"""What scripts get for names that are not there, and for runs that did not finish.

All are `WorkflowError`s with the engine's problems. Those for names are also what Python expects of a wrong name.
"""

from __future__ import annotations

from graph.base.errors import Problem, WorkflowError
from graph.engine import Outcome


class UnknownNodeTypeError(WorkflowError, AttributeError):
    """There is no node type of this name."""


class UnknownOutputError(WorkflowError, AttributeError, IndexError):
    """A node has no such output."""


class UnknownNameError(WorkflowError, KeyError):
    """There is no such node, or a node has no such input."""

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))


class RunFailedError(WorkflowError):
    """Nodes failed, or a target has no value. `outcome` is what came of the run."""

    def __init__(self, problems: list[Problem], outcome: Outcome) -> None:
        super().__init__(problems)
        self.outcome = outcome
