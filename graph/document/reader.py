"""From JSON to the workflow document.

The format is one JSON document, described by `workflow.schema.json` beside this file. An input is a plain JSON value or
`{"from": [node id, output name]}`; a literal that is itself an object is wrapped as `{"value": {...}}`.

All problems of shape are collected; one inside a sub-workflow names its node as `@id/node`. Whether nodes and edges fit
together is checked when a graph is built: an incomplete document can still be opened.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from graph.base.errors import Problem, WorkflowError
from graph.base.plain_files import NotPlainError, read_plain
from graph.document.json_shapes import boxes, is_named, is_pair, kind, pair, section, shape_problem
from graph.document.json_text import check_depth, load_json, refused
from graph.document.literals import shown
from graph.document.workflow import (
    FORMAT_VERSION,
    INSIDE,
    INSTANCE,
    Mode,
    Node,
    Reference,
    Subworkflow,
    SubworkflowInput,
    SubworkflowOutput,
    Workflow,
)

SCHEMA_PATH = Path(__file__).with_name("workflow.schema.json")
_WORKFLOW_KEYS = (
    "jacquard", "title", "description", "nodes", "subworkflows", "groups", "notes", "app", "packs", "models"
)  # fmt: skip
_SUBWORKFLOW_KEYS = ("title", "description", "inputs", "outputs", "nodes", "groups", "notes")
_MODES = {str(mode): mode for mode in Mode}
_NODE_KEYS = frozenset({"type", "title", "mode", "position", "size", "inputs", "seeds"})
_BARE_NODE_KEYS = frozenset({"type", "inputs"})
"""The keys of a node that no editor has touched; a program writes thousands of them."""


def read(path: Path) -> Workflow:
    """Read a workflow file. Raises `WorkflowError` with everything that is wrong with it."""
    try:
        data = read_plain(path)
    except NotPlainError:
        remedy = "name a file; what another program prints is read from standard input, as -"
        raise WorkflowError([Problem("file_unreadable", f"{path} is not a plain file", remedy=remedy)]) from None
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror or error}"
        raise WorkflowError(
            [Problem("file_unreadable", message, remedy="check the path of the workflow file")]
        ) from None
    return parse(data, name=str(path))


def parse(data: bytes | str, *, name: str = "the workflow") -> Workflow:
    """Read a workflow from JSON text. Raises `WorkflowError` with everything that is wrong with it."""
    return from_json(load_json(data, name))


def from_json(document: object) -> Workflow:
    """Make a document of parsed JSON. Raises `WorkflowError` with everything that is wrong with its shape."""
    if not isinstance(document, dict):
        raise refused("wrong_shape", f"a workflow is a JSON object, not {kind(document)}", "open a workflow file")
    _check_version(document)
    check_depth(document)
    problems: list[Problem] = []
    nodes = _nodes_from_json(document, problems)
    inner_json = section(document, "subworkflows", dict, problems)
    workflow = Workflow(
        nodes=nodes,
        title=section(document, "title", str, problems),
        description=section(document, "description", str, problems),
        subworkflows={name: _subworkflow_from_json(name, item, problems) for name, item in inner_json.items()},
        groups=boxes(document, "groups", problems),
        notes=boxes(document, "notes", problems),
        app=section(document, "app", dict, problems),
        packs=section(document, "packs", dict, problems),
        models=section(document, "models", dict, problems),
        extra={key: value for key, value in document.items() if key not in _WORKFLOW_KEYS},
    )
    if problems:
        raise WorkflowError(problems)
    return workflow


def _check_version(document: dict[str, Any]) -> None:
    version = document.get("jacquard")
    if version is None:
        raise _foreign(document)
    if isinstance(version, bool) or not isinstance(version, int | float) or version < 1 or version % 1:
        got = shown(version) if isinstance(version, str) else kind(version)
        message = f"the format version under 'jacquard' is {got}, not a whole number from 1"
        raise refused("bad_version", message, f'write "jacquard": {FORMAT_VERSION}')
    if version > FORMAT_VERSION:
        message = f"the file has format {version}; this version of Jacquard reads up to {FORMAT_VERSION}"
        raise refused("newer_version", message, "update Jacquard; the file is left as it is")


def _foreign(document: dict[str, Any]) -> WorkflowError:
    """Return an error that names the format of a file without our version number."""
    api_nodes = [value for value in document.values() if isinstance(value, dict) and "class_type" in value]
    if isinstance(document.get("nodes"), list) and "links" in document:
        what = "this is a graph file of another tool (a list of nodes and a list of links)"
    elif api_nodes or "prompt" in document:
        what = "this is an API prompt of another tool (nodes with a class_type)"
    else:
        what = "this JSON file is no Jacquard workflow: it has no format version under 'jacquard'"
    return refused("not_a_workflow", what, 'use a file that begins with "jacquard": 1; workflows/ has examples')


def _subworkflow_from_json(name: str, data: object, problems: list[Problem]) -> Subworkflow:
    where = INSTANCE + name
    if not name:
        problems.append(Problem("bad_id", "a sub-workflow has no id", where, remedy="give it an id, such as 'upscale'"))
    if not isinstance(data, dict):
        problems.append(shape_problem("the sub-workflow", "an object with nodes", data, where))
        return Subworkflow()
    inputs = section(data, "inputs", list, problems, where)
    outputs = section(data, "outputs", list, problems, where)
    return Subworkflow(
        nodes=_nodes_from_json(data, problems, where),
        title=section(data, "title", str, problems, where),
        description=section(data, "description", str, problems, where),
        inputs=tuple(_subworkflow_input_from_json(item, problems, where) for item in inputs),
        outputs=tuple(_subworkflow_output_from_json(item, problems, where) for item in outputs),
        groups=boxes(data, "groups", problems, where),
        notes=boxes(data, "notes", problems, where),
        extra={key: value for key, value in data.items() if key not in _SUBWORKFLOW_KEYS},
    )


def _subworkflow_input_from_json(data: object, problems: list[Problem], where: str) -> SubworkflowInput:
    expected = '{"name": ..., "to": [[node id, input name], ...]}, all of it text'
    if not is_named(data) or not isinstance(data.get("to"), list) or not all(is_pair(to, str) for to in data["to"]):
        problems.append(shape_problem("an input of the sub-workflow", expected, data, where))
        return SubworkflowInput("")
    extra = {key: value for key, value in data.items() if key not in ("name", "title", "to")}
    to = tuple((node, socket) for node, socket in data["to"])
    return SubworkflowInput(data["name"], to, section(data, "title", str, problems, where), extra)


def _subworkflow_output_from_json(data: object, problems: list[Problem], where: str) -> SubworkflowOutput:
    expected = '{"name": ..., "from": [node id, output name]}, all of it text'
    if not is_named(data) or not is_pair(data.get("from"), str):
        problems.append(shape_problem("an output of the sub-workflow", expected, data, where))
        return SubworkflowOutput("", Reference("", ""))
    extra = {key: value for key, value in data.items() if key not in ("name", "title", "from")}
    return SubworkflowOutput(
        data["name"], Reference(*data["from"]), section(data, "title", str, problems, where), extra
    )


def _nodes_from_json(data: Mapping[str, Any], problems: list[Problem], where: str = "") -> dict[str, Node]:
    nodes_json = section(data, "nodes", dict, problems, where)
    inside = where + INSIDE if where else ""
    for node_id in nodes_json:
        if INSIDE in node_id:
            message = f"the id of a node holds {INSIDE!r}, which stands between an instance and a node inside of it"
            problems.append(Problem("bad_id", message, inside + node_id, remedy="give the node another id"))
    return {
        node_id: _node_from_json(inside + node_id, node_json, problems) for node_id, node_json in nodes_json.items()
    }


def _node_from_json(node_id: str, data: object, problems: list[Problem]) -> Node:
    if not isinstance(data, dict):
        problems.append(shape_problem("the node", "an object with a type", data, node_id))
        return Node("")
    node_type = data.get("type")
    if not isinstance(node_type, str) or not node_type:
        remedy = "add the node's type, such as 'KSampler'"
        problems.append(
            Problem("wrong_shape", "the node has no type", node=node_id, got=kind(node_type), remedy=remedy)
        )
        node_type = ""
    written = data.get("mode", "active")
    mode = _MODES.get(written) if isinstance(written, str) else None
    if mode is None:
        remedy = f"use one of {', '.join(Mode)}"
        got = shown(written) if isinstance(written, str) else kind(written)
        problems.append(Problem("wrong_shape", f"unknown mode {got}", node_id, node_type, remedy=remedy))
        mode = Mode.ACTIVE
    inputs = {
        name: _input_from_json(node_id, node_type, name, value, problems) if isinstance(value, dict) else value
        for name, value in section(data, "inputs", dict, problems, node_id).items()
    }
    if data.keys() <= _BARE_NODE_KEYS:
        return Node(node_type, inputs)
    return Node(
        type=node_type,
        inputs=inputs,
        title=section(data, "title", str, problems, node_id),
        mode=mode,
        position=pair(data, "position", problems, node_id),
        size=pair(data, "size", problems, node_id),
        seeds=section(data, "seeds", dict, problems, node_id),
        extra={} if data.keys() <= _NODE_KEYS else {key: data[key] for key in data if key not in _NODE_KEYS},
    )


def _input_from_json(node_id: str, node_type: str, name: str, value: dict[str, Any], problems: list[Problem]) -> object:
    """Read an input that is written as an object."""
    if len(value) == 1:
        if "value" in value:
            return value["value"]
        source: Any = value.get("from")
        if is_pair(source, str):
            return Reference(source[0], source[1])
    problems.append(
        Problem(
            "bad_reference",
            "the input is an object that is neither a reference nor a wrapped value",
            node_id,
            node_type,
            name,
            expected='{"from": [node id, output name]}, both text, or {"value": ...}',
            got=json.dumps(value)[:80],
            remedy="correct the reference, or wrap a literal object in 'value'",
        )
    )
    return None
