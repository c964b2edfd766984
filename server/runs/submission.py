"""From a submitted document to a run for the queue: advances seeds, and checks it as far as the server can."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graph.base.errors import WorkflowError
from graph.base.gc_pacing import collector_at_rest
from graph.building.seeds import advance_seeds, moved_seeds
from graph.building.validation import validate
from graph.document.literals import unfit_words
from graph.document.reader import from_json
from graph.document.writer import dump, to_json
from graph.files.folders import Files
from graph.node_types.registry import Registry
from server import errors
from server.requests.body_shape import parse_body
from server.requests.json_body import parse
from server.shapes import runs as shapes
from server.shapes.encoding import encode


@dataclass(frozen=True, slots=True)
class Prepared:
    """A checked document for the queue, as JSON text, with a few facts about it."""

    text: str
    title: str
    node_count: int
    changed: Mapping[str, Any]
    """The advanced seeds: "node.input" -> new value; inside a sub-workflow "@id/node.input"."""


@dataclass(frozen=True, slots=True)
class Submission:
    """A parsed request to run a workflow, with the checked document, or with the problems."""

    targets: list[str] | None = None
    client: str = ""
    key: str | None = None
    digest: str = ""
    """Digest of the body: tells whether another request with the same key is equal."""
    prepared: Prepared | None = None
    problems: list[dict[str, Any]] = field(default_factory=list)
    problem_count: int = 0


def examine(body: bytes, *, registry: Registry | None, trusted: bool, files: Files) -> Submission:
    """Parses and checks the body of a submission. Raises `ApiError` for a malformed one."""
    asked = parse_body(body, shapes.Submission)
    submission = Submission(asked.targets, asked.client, asked.key or None, hashlib.sha256(body).hexdigest())
    try:
        prepared = prepare(
            asked.workflow, asked.targets, advance=asked.advance_seeds, registry=registry, trusted=trusted, files=files
        )
    except WorkflowError as error:
        first = errors.first(error.problems)
        return Submission(
            submission.targets, submission.client, submission.key, submission.digest, None, first, len(error.problems)
        )
    return Submission(submission.targets, submission.client, submission.key, submission.digest, prepared)


def prepare(
    document: object,
    targets: Sequence[str] | None,
    *,
    advance: bool,
    registry: Registry | None,
    trusted: bool,
    files: Files,
) -> Prepared:
    """Checks a document and advances its seeds. Raises `WorkflowError` with all problems.

    Without a registry only the structure and the texts of the document are checked. A registry that is not `trusted`
    comes from an earlier worker and may be outdated: then only the worker decides.
    """
    with collector_at_rest():  # all objects are freed at the end by reference counting
        workflow = from_json(document)
        before = workflow
        node_count = len(workflow.nodes)
        if registry is None:
            if unfit := unfit_words(workflow):
                raise WorkflowError(unfit)
        else:
            if advance:
                workflow = advance_seeds(workflow, registry)
            try:
                node_count = len(validate(workflow, registry, files, targets).calls)
            except WorkflowError:
                if trusted or unfit_words(workflow):
                    raise
        changed = moved_seeds(before, workflow) if workflow is not before else {}
        text = encode(to_json(workflow) if changed else document).decode()
        return Prepared(text, workflow.title, node_count, changed)


def to_be_saved(body: bytes) -> bytes:
    """Returns a document as it is saved. Raises `ApiError` for one that could not be opened or listed again.

    A lone surrogate is kept as an escape, and reported when the document is run.
    """
    try:
        workflow = from_json(parse(body))
        if unfit := [problem for problem in unfit_words(workflow) if problem.code != "bad_text"]:
            raise WorkflowError(unfit)
        return dump(workflow).encode()
    except WorkflowError as error:
        raise errors.refused(error.problems, "This is no workflow that could be opened again.") from None
