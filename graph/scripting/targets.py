"""The values of a run for the targets that a script asked for: outputs, or whole nodes."""

from __future__ import annotations

from typing import Any

from graph.base.errors import Problem
from graph.engine import Outcome
from graph.files.folders import Files
from graph.scripting.errors import RunFailedError
from graph.scripting.handles import NodeHandle, Output

Target = Output[Any] | NodeHandle


def node_ids(targets: tuple[Target, ...]) -> list[str]:
    """Return the nodes to run, each once. Raises `TypeError` for what is no target."""
    for target in targets:
        if not isinstance(target, Output | NodeHandle):
            raise TypeError(f"run() takes nodes and outputs of its workflow, not {type(target).__name__}")
    return list(dict.fromkeys(target.node.id if isinstance(target, Output) else target.id for target in targets))


def value_of(target: Target, outcome: Outcome, files: Files) -> Any:
    """Return the value of an output; of a node with one output its value, with several a tuple of them, and of a node
    with none the paths of the files that it made. Raises `RunFailedError` for a target without a value."""
    if isinstance(target, Output):
        return _value(target, outcome)
    if target.outputs:
        values = tuple(_value(output, outcome) for output in target.outputs)
        return values[0] if len(values) == 1 else values
    return [files.path(made.folder, made.name) for made in outcome.artifacts.get(target.id, ())]


def _value(output: Output[Any], outcome: Outcome) -> Any:
    try:
        return outcome.values[output.node.id][output.name]
    except KeyError:
        remedy = "look at the nodes that feed it: one of them stopped its branch"
        problem = Problem("no_value", f"there is no value for {output.name}", output.node.id, output.node.type)
        raise RunFailedError([Problem(problem.code, problem.message, problem.node, problem.node_type, remedy=remedy)],
                             outcome) from None  # fmt: skip
