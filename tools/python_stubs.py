"""Writes workflow.pyi for the built-in nodes, as it is committed: `python -m tools.python_stubs`."""

from __future__ import annotations

import nodes
from commands import stub_file
from graph.node_types.registry import Registry

PLACE = stub_file.PLACE


def current() -> str:
    """The text that belongs into the file now."""
    registry = Registry()
    nodes.add_to(registry)
    return stub_file.current(registry)


if __name__ == "__main__":
    PLACE.write_text(current(), encoding="utf-8")
