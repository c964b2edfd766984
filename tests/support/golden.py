"""Golden workflow files: what a folder of `tests/golden/` holds, and how its expectations are made.

- `workflow.json`: the file, as somebody may have it.
- `rewritten.json`: the file once it was opened and saved; left out when saving changes nothing.
- `expected.json`: what comes of it: the graph that would run, and with toy nodes its values; or the problems.

    python -m tests.support.golden tests/golden/some-feature

writes the latter two for a new file. For an old one nothing is to be written anew: that a file of last year means today
what it meant then is what these files are for.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from commands.installation import find_installation
from graph.api import Body, Files, Registry
from graph.base.errors import WorkflowError
from graph.building.build import build
from graph.building.calls import Graph
from graph.document.reader import read
from graph.document.workflow import Workflow
from graph.document.writer import dump
from graph.engine import Engine
from tests.support.toys import toy_registry, type_from

GOLDEN = Path(__file__).parents[1] / "golden"


def folders() -> list[Path]:
    """Every golden file, by its folder."""
    return sorted(path.parent for path in GOLDEN.rglob("workflow.json"))


def what_comes_of(workflow: Workflow, data: Path) -> dict[str, Any]:
    """The graph and the values of a document, or its problems, as JSON-ready data. `data` is a folder to work in."""
    known = _toys()
    toys = workflow.node_types() <= {item.id for item in known}
    installation = None if toys else find_installation(data)
    registry = installation.registry if installation else known
    files = installation.files if installation else Files()
    targets = workflow.extra.get("targets")
    try:
        graph = build(workflow, registry, files, targets)
    except WorkflowError as error:
        told = ("code", "node", "inner", "socket")
        return {"problems": [{name: getattr(item, name) for name in told} for item in error.problems]}
    found: dict[str, Any] = {"graph": _describe(graph)}
    if toys:
        with Engine(registry) as engine:
            outcome = engine.run(workflow, targets)
        assert outcome.status == "finished", outcome.problems
        found["values"] = {target: dict(values) for target, values in outcome.values.items() if target in graph.calls}
    return found


def _describe(graph: Graph) -> dict[str, Any]:
    """Every call with what feeds it; values that are a node type's own defaults are left to the node type."""
    return {
        call.id: {
            "type": call.type.id,
            "inputs": {
                item.name: [edge.node, edge.output] if (edge := call.edges.get(item.name)) else _plain(literal)
                for item in call.type.inputs
                if item.name in call.edges or (literal := call.literals[item.name]) != item.default
            },
        }
        for call in graph.calls.values()
    }


def _plain(value: Any) -> Any:
    return {"body": value.id, "nodes": list(value.nodes)} if isinstance(value, Body) else value


def _toys() -> Registry:
    def body_of(body: Body) -> str:
        """Name a body and what it holds."""
        return f"{body.id}: {', '.join(body.nodes)}"

    registry = toy_registry()
    registry.add(type_from(body_of, id="BodyOf"))
    return registry


def main() -> None:
    """Write what comes of the files that are named."""
    for name in sys.argv[1:]:
        folder = Path(name)
        workflow = read(folder / "workflow.json")
        text = dump(workflow)
        if text.encode() != (folder / "workflow.json").read_bytes():
            (folder / "rewritten.json").write_text(text, encoding="utf-8")
        with tempfile.TemporaryDirectory() as data:
            found = what_comes_of(workflow, Path(data))
        (folder / "expected.json").write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
