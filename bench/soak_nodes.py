"""Nodes for `soak.py`: values that take room, beside those of the server's tests."""

from __future__ import annotations

from graph.api import node


@node("Large", category="soak")
def large(length: int, seed: int) -> str:
    """A text of some length that is like no other."""
    return f"{seed:012d}" + "x" * length


@node("Longer", category="soak")
def longer(text: str, by: int = 1000) -> str:
    """A text that is longer."""
    return text + "y" * by


@node("Measure", category="soak", side_effect=True)
def measure(text: str) -> None:
    """Take the end of a chain of texts."""
