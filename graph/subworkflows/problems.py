"""The messages about wrong sub-workflows. The caller adds the node."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from graph.base.errors import Problem
from graph.base.suggestions import did_you_mean, listed
from graph.document.workflow import Reference


def unknown_subworkflow(name: str, known: Collection[str]) -> Problem:
    """A node names a sub-workflow that does not exist."""
    others = f"use one of {listed(known, repr)}" if known else "add its definition, or remove the node"
    remedy = did_you_mean(name, known) or others
    return Problem("unknown_subworkflow", f"there is no sub-workflow {name!r} in this document", remedy=remedy)


def comes_from_nowhere(name: str, output: str, source: Reference) -> Problem:
    """An output of a sub-workflow comes from a node that is not in it."""
    message = f"the output {output!r} of the sub-workflow {name!r} comes from node {source.node!r}, which is not in it"
    remedy = f"fix the output {output!r} of the sub-workflow, or remove it"
    return Problem("dangling_reference", message, remedy=remedy)


def gives_no_such_output(name: str, output: str, source: Reference, node_type: str, known: Collection[str]) -> Problem:
    """An output of a sub-workflow comes from an output that the inner node does not have."""
    gives = f"output {source.output!r} of node {source.node!r}"
    message = f"the output {output!r} of the sub-workflow {name!r} comes from {gives}, which is not there"
    has = listed(known) or "none"
    remedy = f"fix the output {output!r} of the sub-workflow: node {source.node!r} has the outputs {has}"
    expected = f"one of the outputs of node {source.node!r} ({node_type}): {has}"
    return Problem("unknown_output", message, expected=expected, got=repr(source.output), remedy=remedy)


def leads_nowhere(name: str, socket: str, node_id: str) -> Problem:
    """An input of a sub-workflow leads to a node that is not in it."""
    message = f"the input leads to node {node_id!r}, which is not in the sub-workflow {name!r}"
    remedy = f"fix the input {socket!r} of the sub-workflow, or remove it"
    return Problem("dangling_reference", message, socket=socket, remedy=remedy)


def leads_to_no_input(name: str, socket: str, node_id: str, inner: str, known: Collection[str]) -> Problem:
    """An input of a sub-workflow leads to an input that the inner node does not have."""
    has = listed(known) or "none at all"
    message = f"the input leads to input {inner!r} of node {node_id!r} in the sub-workflow {name!r}, which is not there"
    remedy = f"fix the input {socket!r} of the sub-workflow: node {node_id!r} has the inputs {has}"
    expected, got = f"one of the inputs of node {node_id!r}: {has}", repr(inner)
    return Problem("unknown_input", message, socket=socket, expected=expected, got=got, remedy=remedy)


def unknown_input(socket: str, known: Collection[str]) -> Problem:
    """An instance has a value for an input that its definition does not have."""
    has = listed(known) or "none at all"
    remedy = did_you_mean(socket, known) or f"remove it; the sub-workflow has the inputs {has}"
    return Problem("unknown_input", f"the sub-workflow has no input {socket!r}", socket=socket, remedy=remedy)


def unknown_output(name: str, node: str, output: str, known: Collection[str]) -> Problem:
    """A reference names an output that the definition does not have."""
    has = listed(known) or "none"
    message = f"the sub-workflow of node {node} has no output {output!r}"
    remedy = did_you_mean(output, known) or f"connect one of its outputs: {has}"
    expected = f"one of the outputs of {name!r}: {has}"
    return Problem("unknown_output", message, expected=expected, got=repr(output), remedy=remedy)


def same_name(sort: str, name: str, twice: str) -> Problem:
    """Two inputs, or two outputs, have the same name."""
    message = f"two {sort} of the sub-workflow {name!r} have the name {twice!r}"
    return Problem("duplicate_name", message, remedy="give one of them another name")


def circle(circles: Iterable[str]) -> Problem:
    """Definitions contain each other; each cycle is named."""
    message = f"sub-workflows lie in each other in a circle: {'; '.join(circles)}"
    return Problem("cycle", message, remedy="take one of these instances out of the sub-workflow that holds it")
