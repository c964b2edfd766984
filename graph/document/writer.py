"""From the workflow document to JSON; `graph.document.reader` describes the format.

Nodes and inputs keep their order, and short values stay on one line, so that a diff shows what changed.
"""

from __future__ import annotations

import json
import re
from typing import Any

from graph.document.workflow import (
    FORMAT_VERSION,
    Mode,
    Node,
    Reference,
    Subworkflow,
    SubworkflowInput,
    SubworkflowOutput,
    Workflow,
)

LINE_WIDTH = 110
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
"""A lone surrogate: JSON can hold it as an escape, UTF-8 cannot."""


def dump(workflow: Workflow) -> str:
    """Return the text of the file, ending in a newline. Raises `ValueError` for NaN and infinity."""
    text = _pretty(to_json(workflow), "") + "\n"
    return _LONE_SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def to_json(workflow: Workflow) -> dict[str, Any]:
    """Return the document as JSON-ready data in the order of the file; empty fields are left out, unknown ones kept."""
    document: dict[str, Any] = {
        "jacquard": FORMAT_VERSION,
        "title": workflow.title,
        "description": workflow.description,
        "nodes": {node_id: _node_to_json(node) for node_id, node in workflow.nodes.items()},
        "subworkflows": {name: _subworkflow_to_json(inner) for name, inner in workflow.subworkflows.items()},
        "groups": list(workflow.groups),
        "notes": list(workflow.notes),
        "app": workflow.app,
        "packs": workflow.packs,
        "models": workflow.models,
    }
    known = {key: value for key, value in document.items() if value or key in ("jacquard", "nodes")}
    return {**known, **workflow.extra}


def _subworkflow_to_json(inner: Subworkflow) -> dict[str, Any]:
    described: dict[str, Any] = {
        "title": inner.title,
        "description": inner.description,
        "inputs": [_subworkflow_input_to_json(item) for item in inner.inputs],
        "outputs": [_subworkflow_output_to_json(item) for item in inner.outputs],
        "nodes": {node_id: _node_to_json(node) for node_id, node in inner.nodes.items()},
        "groups": list(inner.groups),
        "notes": list(inner.notes),
    }
    known = {key: value for key, value in described.items() if value or key == "nodes"}
    return {**known, **inner.extra}


def _subworkflow_input_to_json(item: SubworkflowInput) -> dict[str, Any]:
    title = {"title": item.title} if item.title else {}
    return {"name": item.name, **title, "to": [list(place) for place in item.to], **item.extra}


def _subworkflow_output_to_json(item: SubworkflowOutput) -> dict[str, Any]:
    title = {"title": item.title} if item.title else {}
    return {"name": item.name, **title, "from": [item.source.node, item.source.output], **item.extra}


def _node_to_json(node: Node) -> dict[str, Any]:
    described: dict[str, Any] = {
        "type": node.type,
        "title": node.title,
        "mode": "" if node.mode is Mode.ACTIVE else str(node.mode),
        "position": list(node.position) if node.position else None,
        "size": list(node.size) if node.size else None,
        "inputs": {name: _input_to_json(value) for name, value in node.inputs.items()},
        "seeds": dict(node.seeds),
    }
    known = {key: value for key, value in described.items() if value or key == "type"}
    return {**known, **node.extra}


def _input_to_json(value: object) -> object:
    if isinstance(value, Reference):
        return {"from": [value.node, value.output]}
    return {"value": value} if isinstance(value, dict) else value


def _pretty(value: object, indent: str) -> str:
    """Format JSON: a value that fits on a line stays on one line; the document itself never does."""
    flat = json.dumps(value, ensure_ascii=False, allow_nan=False)
    if not isinstance(value, dict | list | tuple) or not value or (indent and len(indent) + len(flat) <= LINE_WIDTH):
        return flat
    deeper = indent + "  "
    if isinstance(value, dict):
        lines = [
            f"{deeper}{json.dumps(key, ensure_ascii=False)}: {_pretty(item, deeper)}" for key, item in value.items()
        ]
        return "{\n" + ",\n".join(lines) + f"\n{indent}}}"
    return "[\n" + ",\n".join(deeper + _pretty(item, deeper) for item in value) + f"\n{indent}]"
