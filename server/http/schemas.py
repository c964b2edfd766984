"""JSON Schemas of what the API takes and gives; `openapi` refers to them by name."""

from __future__ import annotations

from typing import Any

_TEXT, _WHOLE, _NUMBER, _BOOL = {"type": "string"}, {"type": "integer"}, {"type": "number"}, {"type": "boolean"}
_ANY_OBJECT = {"type": "object"}


def _maybe(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}


def _list(schema: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": schema}


def _map(schema: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": schema}


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _object(optional: tuple[str, ...] = (), /, **properties: dict[str, Any]) -> dict[str, Any]:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required}


_LEFT_OUT = _list(_object(name=_TEXT, reason=_TEXT))
"""What lies in a folder and is of no use, and why."""


def _request(optional: tuple[str, ...] = (), /, **properties: dict[str, Any]) -> dict[str, Any]:
    """An object that is sent: what is not known is refused."""
    return {**_object(optional, **properties), "additionalProperties": False}


_PROBLEM = ("node", "node_type", "socket", "expected", "got", "remedy", "inner", "inner_type")
_RUN_STATES = ["queued", "running", "finished", "failed", "cancelled", "refused"]
_NODE_STATES = ["waiting", "running", "finished", "reused", "failed", "skipped", "cancelled"]
_OF_ITEMS = {
    "artifact_count": _WHOLE,
    "items": _WHOLE,
    "items_reused": _WHOLE,
    "items_failed": _WHOLE,
    "problems": _list(_object(item=_list(_WHOLE), problem=_ref("Problem"))),
}
_WARNED = {"warnings": _list(_ref("Warning")), "more_warnings": _WHOLE}
_ARTIFACT = {"folder": _TEXT, "name": _TEXT, "media": _TEXT, "url": _TEXT, "thumbnail": _maybe(_TEXT)}

_EXPLAINED: dict[str, Any] = {
    "node": _TEXT,
    "type": _TEXT,
    "did": {"enum": ["waiting", "running", "ran", "reused", "failed", "skipped", "cancelled"]},
    "seconds": _NUMBER,
    "reason": _object(
        ("inputs",),
        code=_TEXT,
        message=_TEXT,
        inputs=_list(_object(("source",), name=_TEXT, was=_TEXT, now=_TEXT, source=_TEXT)),
    ),
    "how": _TEXT,
    "because": _TEXT,
    "problem": _ref("Problem"),
    "items": _WHOLE,
    "items_reused": _WHOLE,
    "items_failed": _WHOLE,
    **_WARNED,
}
_MAY_LACK = tuple(name for name in _EXPLAINED if name not in ("node", "type", "did"))

SCHEMAS: dict[str, Any] = {
    "Problem": _object(_PROBLEM, **dict.fromkeys(("code", "message", *_PROBLEM), _TEXT)),
    "Warning": _object(("times", "item"), message=_TEXT, times=_WHOLE, item=_list(_WHOLE)),
    "Error": _object(
        error=_object(code=_TEXT, message=_TEXT, remedy=_TEXT, problems=_list(_ref("Problem")), problem_count=_WHOLE)
    ),
    "Workflow": {
        "type": "object",
        "properties": {"jacquard": _WHOLE, "nodes": _ANY_OBJECT},
        "required": ["jacquard"],
        "description": "docs/workflow-format.md",
    },
    "Failure": _object(
        ("attempt",), cause=_TEXT, message=_TEXT, node=_TEXT, run=_TEXT, at=_NUMBER, details=_TEXT, attempt=_WHOLE
    ),
    "Worker": _object(
        state={"enum": ["starting", "ready", "running", "stopped"]},
        message=_TEXT,
        since=_NUMBER,
        device=_TEXT,
        last_failure=_maybe(_ref("Failure")),
    ),
    "WorkerState": _object(worker=_ref("Worker")),
    "System": _object(
        name=_TEXT, version=_TEXT, versions=_map(_TEXT), epoch=_TEXT, worker=_ref("Worker"), folders=_list(_TEXT)
    ),
    "NodeTypes": _object(
        nodes=_list(_ANY_OBJECT),
        packs=_list(
            _object(
                **dict.fromkeys(("name", "error", "details", "cause", "file"), _TEXT),
                line=_WHOLE,
                **dict.fromkeys(("node_ids", "missing", "refused", "changed"), _list(_TEXT)),
            )
        ),
        sockets=_map(_TEXT),
    ),
    "Choices": _object(folder=_TEXT, names=_list(_TEXT), left_out=_LEFT_OUT),
    "Models": {
        **_map(_list(_object(name=_TEXT, bytes=_WHOLE))),
        "properties": {"left_out": _list(_object(kind=_TEXT, name=_TEXT, reason=_TEXT))},
        "required": ["left_out"],
    },
    "Templates": _object(
        templates=_list(
            _object(name=_TEXT, title=_TEXT, description=_TEXT, node_types=_list(_TEXT), thumbnail=_maybe(_TEXT))
        )
    ),
    "Workflows": _object(
        workflows=_list(_object(path=_TEXT, title=_TEXT, modified=_NUMBER, bytes=_WHOLE)), left_out=_LEFT_OUT
    ),
    "Opened": {"anyOf": [_ref("Workflow"), _ref("Versions")], "description": "the versions where they are asked for"},
    "Versions": _object(versions=_list(_object(id=_TEXT, modified=_NUMBER, bytes=_WHOLE))),
    "Deleted": _object(path=_TEXT),
    "Saved": _object(path=_TEXT, etag=_TEXT, modified=_NUMBER),
    "Artifact": _object(("item",), **_ARTIFACT, item=_list(_WHOLE)),
    "Run": _object(
        id=_TEXT,
        status={"enum": _RUN_STATES},
        title=_TEXT,
        position=_maybe(_WHOLE),
        attempt=_WHOLE,
        created=_NUMBER,
        started=_maybe(_NUMBER),
        finished=_maybe(_NUMBER),
        seconds=_maybe(_NUMBER),
        client=_TEXT,
        targets=_maybe(_list(_TEXT)),
        node_count=_WHOLE,
        problems=_list(_ref("Problem")),
        failures=_list(_ref("Failure")),
        problem_count=_WHOLE,
        warnings=_map(_list(_ref("Warning"))),
        warning_count=_WHOLE,
        artifacts=_map(_list(_ref("Artifact"))),
        artifact_counts=_map(_WHOLE),
        cancelling=_BOOL,
        draining=_BOOL,
    ),
    "NodeState": _object(
        ("value", "maximum", "seconds", "problem", "artifacts", *_OF_ITEMS, *_WARNED),
        state={"enum": _NODE_STATES},
        value=_NUMBER,
        maximum=_NUMBER,
        seconds=_NUMBER,
        problem=_ref("Problem"),
        artifacts=_list(_ref("Artifact")),
        **_OF_ITEMS,
        **_WARNED,
    ),
    "Submission": _request(
        ("targets", "advance_seeds", "client", "key"),
        workflow=_ref("Workflow"),
        targets=_maybe(_list(_TEXT)),
        advance_seeds=_BOOL,
        client=_TEXT,
        key=_TEXT,
    ),
    "Submitted": _object(run=_ref("Run"), changed=_ANY_OBJECT),
    "Runs": _object(runs=_list(_ref("Run")), next=_maybe(_TEXT)),
    "RunAnswer": _object(run=_ref("Run")),
    "Forgotten": _object(id=_TEXT),
    "RunAndNodes": _object(("workflow",), run=_ref("Run"), nodes=_map(_ref("NodeState")), workflow=_ref("Workflow")),
    "Event": {"type": "object", "properties": {"event": _TEXT, "run": _TEXT, "number": _WHOLE, "at": _NUMBER}},
    "Events": _object(events=_list(_ref("Event")), next=_maybe(_WHOLE)),
    "NodeExplanation": _object(
        (*_MAY_LACK, "inner_count", "inner"),
        **_EXPLAINED,
        inner_count=_WHOLE,
        inner=_list(_object(_MAY_LACK, **_EXPLAINED)),
    ),
    "Explanation": _object(
        run=_TEXT,
        status={"enum": _RUN_STATES},
        known=_BOOL,
        seconds=_maybe(_NUMBER),
        node_count=_WHOLE,
        totals=_map(_WHOLE),
        nodes=_list(_ref("NodeExplanation")),
        next=_maybe(_WHOLE),
    ),
    "Move": _request(position=_WHOLE),
    "Outputs": _object(
        outputs=_list(
            _object(
                (),
                **_ARTIFACT,
                id=_WHOLE,
                run=_TEXT,
                node=_TEXT,
                width=_maybe(_WHOLE),
                height=_maybe(_WHOLE),
                bytes=_WHOLE,
                created=_NUMBER,
            )
        ),
        next=_maybe(_WHOLE),
    ),
    "Upload": _request(("subfolder",), file={"type": "string", "format": "binary"}, subfolder=_TEXT),
    "Uploaded": _object(name=_TEXT),
}
