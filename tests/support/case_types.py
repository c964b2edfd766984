"""Node types and workflows as the files in `tests/cases` write them; `tests/cases/README.md` tells how.

Node types are what the server knows of them: restored from a description.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from graph.document.workflow import Mode, Node, Reference, Subworkflow, SubworkflowInput, SubworkflowOutput, Workflow
from graph.node_types.catalogue import restore
from graph.node_types.node_type import Input, Output
from graph.node_types.registry import Registry

FOLDER = Path(__file__).resolve().parents[1] / "cases"
_SOCKET = re.compile(r"(?:<(?P<generic>\w+)>|(?P<type>[\w,*]+))(?P<list>\[\])?(?P<more>\.\.\.|\?)?")
_NODE = re.compile(r"(?P<bypassed>~)?(?P<id>\S+) (?P<type>\S+)(?P<inputs>( \S+)*)")

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


def shown(output: Output, *, each: bool) -> str:
    """An output as a case writes it; `each` says whether it is a stream where it stands."""
    return output.type.name + ("[]" if output.is_list else "") + ("..." if each else "")


def workflow_of(case: Mapping[str, Any]) -> Workflow:
    """The workflow of a case: its nodes, and its sub-workflows by their names."""
    inner = {name: _subworkflow(found) for name, found in case.get("subworkflows", {}).items()}
    return Workflow(_nodes(case["nodes"]), subworkflows=inner)


def reference_of(text: str) -> Reference:
    """`1.v` as a reference."""
    return Reference(*text.split(".", 1))


def _subworkflow(found: Mapping[str, Any]) -> Subworkflow:
    inputs, outputs = [], []
    for name, to in found.get("inputs", {}).items():
        said = {"to": to} if isinstance(to, list) else to
        places = tuple((place.node, place.output) for place in map(reference_of, said["to"]))
        inputs.append(SubworkflowInput(name, places, said.get("title", "")))
    for name, source in found.get("outputs", {}).items():
        said = {"from": source} if isinstance(source, str) else source
        outputs.append(SubworkflowOutput(name, reference_of(said["from"]), said.get("title", "")))
    return Subworkflow(_nodes(found["nodes"]), found.get("title", ""), inputs=tuple(inputs), outputs=tuple(outputs))


def _nodes(lines: list[str]) -> dict[str, Node]:
    nodes = {}
    for line in lines:
        found = _NODE.fullmatch(line)
        assert found is not None, f"{line!r} is no node"
        inputs: dict[str, Any] = {}
        for text in found["inputs"].split():
            name, mark, value = re.split("([<=])", text, maxsplit=1)
            inputs[name] = reference_of(value) if mark == "<" else json.loads(value)
        nodes[found["id"]] = Node(found["type"], inputs, mode=Mode.BYPASSED if found["bypassed"] else Mode.ACTIVE)
    return nodes


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
        "optional": parts["more"] == "?",
        "advanced": False,
        "accepts": list(dict.fromkeys([*names, *others])),
        "lazy": False,
        "collects": parts["list"] is not None,
        "generic": parts["generic"] or "",
        **({"default": None} if parts["more"] == "?" else {}),
        **more,
    }


def _output(name: str, text: str) -> dict[str, Any]:
    parts = _parts(text)
    return {
        "name": name,
        "type": parts["type"] or "*",
        "tooltip": "",
        "each": parts["more"] == "...",
        "is_list": parts["list"] is not None,
        "generic": parts["generic"] or "",
    }


def _parts(text: str) -> dict[str, str | None]:
    found = _SOCKET.fullmatch(text)
    assert found is not None, f"{text!r} is no socket"
    return found.groupdict()
