"""Finds the node that a name on the command line means, and makes a document in which only that node changes.

A node is named by its id, by its title, or by its type (an instance also by the title of its sub-workflow) if only one
node has it. `7/3` is node 3 inside instance 7. Changing it changes no other instance: a definition on the way that
others use is copied first. `@id/3` is node 3 of the sub-workflow `id`, in all instances.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from graph.base.errors import Problem, WorkflowError
from graph.document.workflow import INSIDE, INSTANCE, Node, Workflow


def find_node(workflow: Workflow, name: str) -> tuple[str | None, list[str]]:
    """Returns the definition to start from (None: the document itself), and the ids on the way to the node."""
    within, rest = None, name
    for definition in sorted(workflow.subworkflows, key=len, reverse=True):
        if name.startswith(INSTANCE + definition + INSIDE):
            within, rest = definition, name.removeprefix(INSTANCE + definition + INSIDE)
            break
    nodes, path = nodes_within(workflow, within), []
    while True:
        whole = _matches(workflow, nodes, rest)
        part, slash, below = (rest, "", "") if whole else rest.partition(INSIDE)
        path.append(_the_one(workflow, nodes, part, name))
        if not slash:
            return within, path
        inner = workflow.subworkflows.get(_definition(nodes[path[-1]]) or "")
        if inner is None:
            raise _refused(f"there is nothing inside of node {INSIDE.join(path)}", "name an instance of a sub-workflow")
        nodes, rest = inner.nodes, below


def with_own_definitions(workflow: Workflow, within: str | None, path: list[str]) -> tuple[Workflow, str | None]:
    """Returns a document in which the definitions on the way to a node have no other use, and that of the node."""
    for part in path[:-1]:
        nodes = nodes_within(workflow, within)
        name = _definition(nodes[part]) or ""
        if _uses(workflow, name) > 1:
            own = _free_name(f"{name} for {part}", workflow)
            workflow = replace(workflow, subworkflows={**workflow.subworkflows, own: workflow.subworkflows[name]})
            changed = replace(nodes[part], type=INSTANCE + own)
            workflow, name = with_nodes(workflow, within, {**nodes, part: changed}), own
        within = name
    return workflow, within


def check_not_given(workflow: Workflow, within: str | None, path: list[str], socket: str) -> None:
    """Raises `WorkflowError` if an instance on the way sets the input: a value inside would have no effect."""
    nodes = [nodes_within(workflow, within)[path[0]]]
    for part in path[1:]:
        nodes.append(workflow.subworkflows[_definition(nodes[-1]) or ""].nodes[part])
    for depth in range(len(path) - 1, 0, -1):
        inputs = workflow.subworkflows[_definition(nodes[depth - 1]) or ""].inputs
        leading = [item.name for item in inputs if (path[depth], socket) in item.to]
        for name in leading:
            if name in nodes[depth - 1].inputs:
                start = "" if within is None else INSTANCE + within + INSIDE
                there = f"{start}{INSIDE.join(path[:depth])}.{name}"
                raise _refused(f"input {socket!r} is given from outside, by {there}", f"write --set {there}=...")
        if not leading:
            return
        socket = leading[0]


def nodes_within(workflow: Workflow, within: str | None) -> Mapping[str, Node]:
    """Returns the nodes of a definition, or of the document itself."""
    return workflow.nodes if within is None else workflow.subworkflows[within].nodes


def with_nodes(workflow: Workflow, within: str | None, nodes: Mapping[str, Node]) -> Workflow:
    """Returns the document with other nodes in a definition, or in the document itself."""
    if within is None:
        return replace(workflow, nodes=nodes)
    inner = replace(workflow.subworkflows[within], nodes=nodes)
    return replace(workflow, subworkflows={**workflow.subworkflows, within: inner})


def _definition(node: Node) -> str | None:
    return node.type.removeprefix(INSTANCE) if node.type.startswith(INSTANCE) else None


def _uses(workflow: Workflow, name: str) -> int:
    """How often a definition is used, as an instance or as a value."""
    everywhere = [workflow.nodes, *(inner.nodes for inner in workflow.subworkflows.values())]
    found = [node for nodes in everywhere for node in nodes.values()]
    return sum((_definition(node) == name) + list(node.inputs.values()).count(name) for node in found)


def _free_name(name: str, workflow: Workflow) -> str:
    numbered = (f"{name} ({number})" if number else name for number in range(len(workflow.subworkflows) + 1))
    return next(each for each in numbered if each not in workflow.subworkflows)


def _matches(workflow: Workflow, nodes: Mapping[str, Node], name: str) -> list[str]:
    if name in nodes:
        return [name]
    if not name:
        return []
    sorts = {name, *(INSTANCE + each for each, inner in workflow.subworkflows.items() if inner.title == name)}
    by_title = [node_id for node_id, node in nodes.items() if node.title == name]
    return by_title or [node_id for node_id, node in nodes.items() if node.type in sorts]


def _the_one(workflow: Workflow, nodes: Mapping[str, Node], name: str, whole: str) -> str:
    found = _matches(workflow, nodes, name)
    if len(found) == 1:
        return found[0]
    if found:
        raise _refused(f"{name!r} names {len(found)} nodes", f"use one of their ids: {', '.join(found)}")
    known = ", ".join(f"{node_id} ({node.title or node.type})" for node_id, node in nodes.items())
    where = "in this workflow" if name == whole else f"where {whole!r} leads"
    raise _refused(f"there is no node {name!r} {where}", f"use one of: {known}")


def _refused(message: str, remedy: str) -> WorkflowError:
    return WorkflowError([Problem("bad_override", message, remedy=remedy)])
