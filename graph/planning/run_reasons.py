"""Why a node is called: its inputs beside those of the nearest call that is remembered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from graph.building.calls import Call
from graph.caching.call_history import CHECKED, FORGOTTEN, History, Part, Reason, literal_part, not_reusable
from graph.caching.keys import FreshKey
from graph.files.folders import Files
from graph.node_types.digests import chosen_file_identity, digest, encode
from graph.node_types.external_state import external_state
from graph.node_types.widgets import FileChoice
from graph.planning.tasks import CallTask
from graph.results.result import Fingerprint, Key

_UNKNOWN = Part(b"?", "something that cannot be told")


def why(
    task: CallTask, fingerprints: Mapping[str, Fingerprint | None], shallow: Key | None, history: History, files: Files
) -> Reason:
    """The reason for a call; the call is remembered to be compared with later ones."""
    call = task.call
    parts = _parts(task, fingerprints, files)
    recipe = call.type.recipe
    if task.expected is not None:
        reason = CHECKED
    elif task.lost and not call.type.streams:
        reason = FORGOTTEN
    elif not call.type.cache:
        reason = not_reusable("the node is to run every time (cache=False)")
    elif type(task.key) is FreshKey and shallow is None:
        reason = not_reusable(task.key.why or _what_is_unknown(task, fingerprints))
    else:
        reason = history.reason(call.type.id, task.id, recipe, parts)
    history.remember(call.type.id, task.id, recipe, parts)
    return reason


def written_parts(call: Call, files: Files) -> dict[str, Part]:
    """What a call depends on that no edge brings: literals, the state of chosen files, the author's `fingerprint`."""
    parts = {name: _written_part(call, name, value, files) for name, value in call.literals.items()}
    if call.type.fingerprint is not None:
        try:
            parts["fingerprint"] = literal_part(external_state(call.type, call.literals, files))
        except Exception:  # noqa: BLE001 - a node's own fingerprint may raise anything
            parts["fingerprint"] = _UNKNOWN
    return parts


def _written_part(call: Call, name: str, value: Any, files: Files) -> Part:
    widget = call.type.by_name[name].widget
    if not isinstance(widget, FileChoice) or value is None:
        return literal_part(value)
    try:
        state = chosen_file_identity(files, widget.folder, value)
        changed = datetime.fromtimestamp(files.path(widget.folder, value).stat().st_mtime).astimezone()
    except (OSError, ValueError):
        return _UNKNOWN
    return Part(digest(encode((value, state))), f"{value} of {changed:%Y-%m-%d %H:%M:%S}")


def _parts(task: CallTask, fingerprints: Mapping[str, Fingerprint | None], files: Files) -> dict[str, Part]:
    call = task.call
    if task.make is not None:
        return {"item": Part(task.key, "item " + ".".join(map(str, task.frame.path)))}
    parts = written_parts(call, files)
    for name, fingerprint in fingerprints.items():
        edge = call.edges.get(name)
        source = edge.node if edge is not None else ""
        parts[name] = Part(fingerprint or b"?", f"a value from node {source}" if source else "a value", source)
    return parts


def _what_is_unknown(task: CallTask, fingerprints: Mapping[str, Fingerprint | None]) -> str:
    unknown = next((name for name, fingerprint in fingerprints.items() if fingerprint is None), "")
    if unknown:
        edge = task.call.edges.get(unknown)
        where = f" from node {edge.node}" if edge is not None else ""
        return f"nothing tells if the value of {unknown}{where} is the same as before"
    return "nothing tells if what it depends on is the same as before"
