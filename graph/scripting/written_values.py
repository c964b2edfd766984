"""What is written into a document for a Python value: a literal where JSON can hold it, else a `GivenValue`.

A given value runs like any other, with its fingerprint in the cache key, but no file can hold it: `check_savable` says
so, and `graph.building.given_values` leaves it out of what is written into pictures.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from graph.base.errors import NodeError, Problem, WorkflowError
from graph.document.workflow import Workflow
from graph.node_types.flow import GivenValue
from graph.node_types.node_type import Input
from graph.node_types.sockets import describe_value
from graph.node_types.value_checks import can_be_written
from graph.scripting.handles import NodeHandle, Output
from graph.scripting.session import Session

_PLAIN = (bool, int, float, str, type(None))
_REMEDY = "put it into a file and load it with a node, such as a picture in input/ with LoadImage"


def written_value(value: object, item: Input | None, session: Session, owner: object) -> object:
    """Return the `Reference`, the literal or the `GivenValue` that stands for a value; `item` None is an unknown input.

    Raises `NodeError` for an output of another workflow, for a node where one of several outputs must be named, and as
    the session does for values.
    """
    if isinstance(value, NodeHandle):
        value = value.only_output()
    if isinstance(value, Output):
        if value.node.owner is not owner:
            raise NodeError(f"{value!r} is of another workflow", remedy="build, or open, both parts in one workflow")
        return value.reference
    value = _plain_scalar(value)
    if item is None or (_is_json(value) and (can_be_written(item) or isinstance(value, _PLAIN))):
        return value
    found = session.to_value(item, value)
    return GivenValue(found, session.engine.cache.fingerprinter.of(found))


def check_savable(workflow: Workflow) -> None:
    """Raise `WorkflowError` for values that were given from Python and that no file can hold."""
    problems = [
        Problem(
            "not_savable", "the value was given from Python, and a workflow file cannot hold it", node_id, node.type,
            name, "a value that JSON can hold, or a connection", describe_value(value.value), _REMEDY,
        )
        for node_id, node in workflow.nodes.items()
        for name, value in node.inputs.items()
        if isinstance(value, GivenValue)
    ]  # fmt: skip
    if problems:
        raise WorkflowError(problems)


def _plain_scalar(value: object) -> object:
    """Return a number of numpy or torch as one of Python, and a path as text."""
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if not isinstance(value, _PLAIN) and getattr(value, "shape", None) == () and hasattr(value, "item"):
        return value.item()
    return value


def _is_json(value: Any) -> bool:
    if isinstance(value, _PLAIN):
        return True
    if isinstance(value, list | tuple):
        return all(map(_is_json, value))
    return isinstance(value, Mapping) and all(isinstance(key, str) and _is_json(part) for key, part in value.items())
