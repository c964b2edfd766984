"""Reading workflow files.

The format is one JSON document, described by `workflow.schema.json` beside this file. An input is a plain JSON value or
`{"from": [node id, output name]}`; a literal that is itself an object is wrapped as `{"value": {...}}`.

Reading collects every problem. NaN and Infinity are not JSON, but are let through here so that validation can name
the node and input that hold them.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from graph.errors import Problem, WorkflowError
from graph.workflow import FORMAT_VERSION, Mode, Node, Reference, Workflow

SCHEMA_PATH = Path(__file__).with_name("workflow.schema.json")
MAX_BYTES = 64 * 2**20
MAX_DEPTH = 100
"""How deep lists and objects may lie in each other; a real workflow needs ten."""
_WORKFLOW_KEYS = ("jacquard", "title", "description", "nodes", "groups", "notes", "app", "packs", "models")
_MODES = {str(mode): mode for mode in Mode}
_NODE_KEYS = ("type", "title", "mode", "position", "size", "inputs", "seeds")


def read(path: Path) -> Workflow:
    """Read a workflow file; raises `WorkflowError` with everything that is wrong with it."""
    try:
        data = path.read_bytes()
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror or error}"
        raise WorkflowError(
            [Problem("file_unreadable", message, remedy="check the path of the workflow file")]
        ) from None
    return parse(data, name=str(path))


def parse(data: bytes | str, *, name: str = "the workflow") -> Workflow:
    """Read a workflow from JSON text; raises `WorkflowError` with everything that is wrong with it."""
    return from_json(_load_json(data, name))


def from_json(document: object) -> Workflow:
    """A document from parsed JSON; raises `WorkflowError` with everything that is wrong with its shape."""
    if not isinstance(document, dict):
        raise _refused("wrong_shape", f"a workflow is a JSON object, not {_kind(document)}", "open a workflow file")
    _check_version(document)
    _check_depth(document)
    problems: list[Problem] = []
    nodes_json = _section(document, "nodes", dict, problems)
    nodes = {node_id: _node_from_json(node_id, node, problems) for node_id, node in nodes_json.items()}
    workflow = Workflow(
        nodes=nodes,
        title=_section(document, "title", str, problems),
        description=_section(document, "description", str, problems),
        groups=tuple(_section(document, "groups", list, problems)),
        notes=tuple(_section(document, "notes", list, problems)),
        app=_section(document, "app", dict, problems),
        packs=_section(document, "packs", dict, problems),
        models=_section(document, "models", dict, problems),
        extra={key: value for key, value in document.items() if key not in _WORKFLOW_KEYS},
    )
    for section in ("groups", "notes"):
        boxes = getattr(workflow, section)
        problems += [_shape_problem(section, "a list of objects", box) for box in boxes if not isinstance(box, dict)]
    if problems:
        raise WorkflowError(problems)
    return workflow


def _load_json(data: bytes | str, name: str) -> object:
    if len(data) > MAX_BYTES:
        raise _refused(
            "too_large", f"{name} has {len(data):,} bytes; the limit is {MAX_BYTES:,}", "open a workflow file"
        )
    try:
        text = data.decode("utf-8-sig") if isinstance(data, bytes) else data
    except UnicodeDecodeError:
        raise _refused("not_text", f"{name} is not UTF-8 text", "open a workflow file; it ends in .json") from None
    if not text.strip():
        raise _refused("not_json", f"{name} is empty", "restore it from a copy or an older version")
    try:
        return json.loads(text, object_pairs_hook=_object_without_duplicates)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        cut_off = error.pos >= len(text.rstrip()) - 1 or error.msg.startswith("Unterminated string")
        remedy = "the file seems to be cut off; restore a complete copy" if cut_off else f"correct the file at {where}"
        raise _refused("not_json", f"{name} is not valid JSON at {where}: {error.msg}", remedy) from None
    except RecursionError:
        raise _too_deep() from None
    except WorkflowError:
        raise
    except ValueError:  # Python reads no number of more than 4300 digits
        raise _refused("number_too_large", f"{name} holds a number with too many digits", "shorten it") from None


def _object_without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        message = f"the name {twice!r} occurs twice in one JSON object"
        raise _refused("duplicate_name", message, "give each node, and each input of a node, a name of its own")
    return found


def _check_version(document: dict[str, Any]) -> None:
    version = document.get("jacquard")
    if version is None:
        raise _foreign(document)
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        message = f"the format version under 'jacquard' is {version!r}, not a whole number from 1"
        raise _refused("bad_version", message, f'write "jacquard": {FORMAT_VERSION}')
    if version > FORMAT_VERSION:
        message = f"the file has format {version}; this version of Jacquard reads up to {FORMAT_VERSION}"
        raise _refused("newer_version", message, "update Jacquard; the file is left as it is")


def _check_depth(document: dict[str, Any]) -> None:
    level: list[Any] = [document]
    for _ in range(MAX_DEPTH):
        level = [item for box in level for item in (box.values() if isinstance(box, dict) else box)]
        level = [item for item in level if isinstance(item, dict | list)]
        if not level:
            return
    raise _too_deep()


def _too_deep() -> WorkflowError:
    return _refused("too_deep", f"the workflow is nested more than {MAX_DEPTH} deep", "open a workflow file")


def _foreign(document: dict[str, Any]) -> WorkflowError:
    """Say what a file without our version mark looks like."""
    api_nodes = [value for value in document.values() if isinstance(value, dict) and "class_type" in value]
    if isinstance(document.get("nodes"), list) and "links" in document:
        what = "this is a graph file of another tool (a list of nodes and a list of links)"
    elif api_nodes or "prompt" in document:
        what = "this is an API prompt of another tool (nodes with a class_type)"
    else:
        what = "this JSON file is no Jacquard workflow: it has no format version under 'jacquard'"
    return _refused("not_a_workflow", what, 'use a file that begins with "jacquard": 1; workflows/ has examples')


def _node_from_json(node_id: str, data: object, problems: list[Problem]) -> Node:
    if not isinstance(data, dict):
        problems.append(_shape_problem("the node", "an object with a type", data, node_id))
        return Node("")
    node_type = data.get("type")
    if not isinstance(node_type, str) or not node_type:
        remedy = "add the node's type, such as 'KSampler'"
        problems.append(
            Problem("wrong_shape", "the node has no type", node=node_id, got=_kind(node_type), remedy=remedy)
        )
        node_type = ""
    said = data.get("mode", "active")
    mode = _MODES.get(said) if isinstance(said, str) else None
    if mode is None:
        remedy = f"use one of {', '.join(Mode)}"
        problems.append(Problem("wrong_shape", f"unknown mode {said!r}", node_id, node_type, remedy=remedy))
        mode = Mode.ACTIVE
    inputs = _section(data, "inputs", dict, problems, node_id)
    return Node(
        type=node_type,
        inputs={name: _input_from_json(node_id, node_type, name, value, problems) for name, value in inputs.items()},
        title=_section(data, "title", str, problems, node_id),
        mode=mode,
        position=_pair(data, "position", problems, node_id),
        size=_pair(data, "size", problems, node_id),
        seeds=_section(data, "seeds", dict, problems, node_id),
        extra={key: value for key, value in data.items() if key not in _NODE_KEYS},
    )


def _input_from_json(node_id: str, node_type: str, name: str, value: object, problems: list[Problem]) -> object:
    if not isinstance(value, dict):
        return value
    if set(value) == {"value"}:
        return value["value"]
    source: Any = value.get("from")
    if set(value) == {"from"} and _is_pair(source, str):
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


def _section(data: Mapping[str, Any], key: str, kind: type[Any], problems: list[Problem], node_id: str = "") -> Any:
    value = data.get(key)
    if value is None:
        return kind()
    if not isinstance(value, kind):
        words: dict[type[Any], str] = {dict: "an object", list: "a list", str: "text"}
        problems.append(_shape_problem(f"{key!r}", words[kind], value, node_id))
        return kind()
    return value


def _pair(data: Mapping[str, Any], key: str, problems: list[Problem], node_id: str) -> tuple[float, float] | None:
    value = data.get(key)
    if value is None:
        return None
    if _is_pair(value, int, float) and all(isinstance(part, int) or math.isfinite(part) for part in value):
        return (value[0], value[1])
    problems.append(_shape_problem(f"{key!r}", "two finite numbers", value, node_id))
    return None


def _is_pair(value: object, *kinds: type) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(type(part) in kinds for part in value)


def _shape_problem(what: str, expected: str, value: object, node_id: str = "") -> Problem:
    message = f"{what} has the wrong shape"
    return Problem("wrong_shape", message, node_id, "", "", expected, _kind(value), f"make it {expected}")


def _kind(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "text", bool: "true or false", type(None): "nothing"}
    return names.get(type(value), "a number")


def _refused(code: str, message: str, remedy: str) -> WorkflowError:
    return WorkflowError([Problem(code, message, remedy=remedy)])
