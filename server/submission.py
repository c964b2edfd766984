"""From a submitted document to a run that may be queued: seeds moved on, and checked as far as the server can."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graph.build import build
from graph.errors import WorkflowError
from graph.files import Files
from graph.garbage import collector_at_rest
from graph.registry import Registry
from graph.seeds import advance_seeds, moved_seeds
from graph.workflow_reader import from_json
from graph.workflow_writer import to_json


@dataclass(frozen=True, slots=True)
class Prepared:
    """What goes into the queue: the document as JSON text, and a few facts about it."""

    text: str
    title: str
    node_count: int
    changed: Mapping[str, Any]
    """The seeds that moved: "node.input" -> the new value; inside of a sub-workflow "@id/node.input"."""


def prepare(
    document: object,
    targets: Sequence[str] | None,
    *,
    advance: bool,
    registry: Registry | None,
    trusted: bool,
    files: Files,
) -> Prepared:
    """Check a document and move its seeds on; raises `WorkflowError` with everything that is wrong.

    Without a registry only the document's shape is looked at. One that is not `trusted`, because it is of an earlier
    worker, may be wrong about what there is: then the worker decides.
    """
    with collector_at_rest():  # some objects a node, gone at the end without it
        workflow = from_json(document)
        before = workflow
        node_count = len(workflow.nodes)
        if registry is not None:
            if advance:
                workflow = advance_seeds(workflow, registry)
            try:
                node_count = len(build(workflow, registry, files, targets).calls)
            except WorkflowError:
                if trusted:
                    raise
        changed = moved_seeds(before, workflow) if workflow is not before else {}
        text = json.dumps(to_json(workflow) if changed else document, separators=(",", ":"))
        return Prepared(text, workflow.title, node_count, changed)
