"""Workflows in files: JSON, or the record inside a picture."""

from __future__ import annotations

from pathlib import Path

from graph.base.errors import Problem, WorkflowError
from graph.document.reader import from_json, read
from graph.document.workflow import Workflow
from nodes.picture_metadata import DamagedRecordError
from nodes.picture_metadata import read as read_record

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PICTURES = (b"\xff\xd8\xff", b"RIFF", b"GIF8")
_SAVED = "open a PNG as SaveImage writes it, or a workflow file (.json)"


def read_workflow(path: Path) -> Workflow:
    """Returns the workflow in a JSON file or a PNG. Raises `WorkflowError`, whose message says why there is none."""
    head = _head(path)
    if head.startswith(_PICTURES):
        raise _refused("no_workflow", f"{path} is a picture of a kind that holds no workflow", _SAVED)
    if head != _SIGNATURE:
        return read(path)
    try:
        record = read_record(path.read_bytes())
    except DamagedRecordError as error:
        raise _refused("no_workflow", f"the workflow inside {path} cannot be read: {error}", _SAVED) from None
    if record is None or "workflow" not in record:
        raise _refused("no_workflow", f"{path} holds no workflow", _SAVED)
    return from_json(record["workflow"])


def _head(path: Path) -> bytes:
    try:
        if path.is_file():
            with path.open("rb") as file:
                return file.read(len(_SIGNATURE))
    except OSError:
        pass
    return b""  # `read` says what is wrong


def _refused(code: str, message: str, remedy: str) -> WorkflowError:
    return WorkflowError([Problem(code, message, remedy=remedy)])
