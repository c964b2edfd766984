"""The checks before a document is queued or run for a person.

A graph can be built of it, and all its texts and numbers are accepted, also in nodes that would not run.
"""

from __future__ import annotations

from collections.abc import Iterable

from graph.base.errors import WorkflowError
from graph.building.build import build
from graph.building.calls import Graph
from graph.document.literals import unfit_words
from graph.document.workflow import Workflow
from graph.files.folders import Files
from graph.node_types.registry import Registry


def validate(workflow: Workflow, registry: Registry, files: Files, targets: Iterable[str] | None = None) -> Graph:
    """Return the graph for some targets. Raises `WorkflowError` with everything that is wrong with the document."""
    unfit = unfit_words(workflow)
    try:
        graph = build(workflow, registry, files, targets)
    except WorkflowError as error:
        reported = {(problem.node, problem.socket) for problem in error.problems}
        raise WorkflowError([*error.problems, *(p for p in unfit if (p.node, p.socket) not in reported)]) from None
    if unfit:
        raise WorkflowError(unfit)
    return graph
