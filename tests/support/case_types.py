"""Node types as the files in `tests/cases` write them, as the server knows node types: restored from a description.

`IMAGE` is a socket, `<T>` one whose type is that of what flows in. `[]` behind it says that an input collects and that
an output gives a list; `...` behind an output says that it is a stream. An input with more to say is an object that has
this as its `type`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from graph.node_types.catalogue import restore
from graph.node_types.node_type import Input, Output
from graph.node_types.registry import Registry

FOLDER = Path(__file__).resolve().parents[1] / "cases"
_SOCKET = re.compile(r"(?:<(?P<generic>\w+)>|(?P<type>[\w,*]+))(?P<list>\[\])?(?P<each>\.\.\.)?")

Converts = Mapping[str, list[str]]


def cases_of(name: str) -> Any:
    """What a file of cases holds."""
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def registry_of(types: Mapping[str, Any], converts: Converts) -> Registry:
    """A registry of node types as a file of cases writes them."""
    return restore([_node(name, found, converts) for name, found in types.items()])


def output_of(text: str, converts: Converts) -> Output:
    """An output as it is written in a case."""
    return restore([_node("One", {"out": {"o": text}}, converts)]).get("One").outputs[0]


def input_of(text: str, converts: Converts) -> Input:
    """An input as it is written in a case."""
    return restore([_node("One", {"in": {"i": text}}, converts)]).get("One").inputs[0]


def shown(output: Output) -> str:
    """An output as a case writes it; what `each` says is up to the caller."""
    return output.type.name + ("[]" if output.is_list else "") + ("..." if output.each else "")


def _node(name: str, found: Mapping[str, Any], converts: Converts) -> dict[str, Any]:
    return {
        "id": name,
        "title": found.get("title", name),
        "category": "cases",
        "help": "",
        "inputs": [_input(socket, text, converts) for socket, text in found.get("in", {}).items()],
        "outputs": [_output(socket, text) for socket, text in found.get("out", {}).items()],
        "version": 1,
        "side_effect": found.get("saves", False),
        "lane": "cpu",
        "is_async": False,
        "module": "cases",
        "aliases": [],
        "experimental": False,
        "deprecated": False,
    }


def _input(name: str, said: str | Mapping[str, Any], converts: Converts) -> dict[str, Any]:
    more = {"type": said} if isinstance(said, str) else dict(said)
    parts = _parts(more.pop("type"))
    names = (parts["type"] or "*").split(",")
    others = [other for each in names for other in converts.get(each, ()) if other not in names]
    return {
        "name": name,
        "type": parts["type"] or "*",
        "title": name.replace("_", " ").capitalize(),
        "tooltip": "",
        "optional": False,
        "advanced": False,
        "accepts": list(dict.fromkeys([*names, *others])),
        "lazy": False,
        "collects": parts["list"] is not None,
        "generic": parts["generic"] or "",
        **more,
    }


def _output(name: str, text: str) -> dict[str, Any]:
    parts = _parts(text)
    return {
        "name": name,
        "type": parts["type"] or "*",
        "tooltip": "",
        "each": parts["each"] is not None,
        "is_list": parts["list"] is not None,
        "generic": parts["generic"] or "",
    }


def _parts(text: str) -> dict[str, str | None]:
    found = _SOCKET.fullmatch(text)
    assert found is not None, f"{text!r} is no socket"
    return found.groupdict()
