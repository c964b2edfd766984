"""From the path of an inner node to the node on the canvas and the way from there.

Calls are named by paths (`7/3`: node 3 inside node 7). Problems name the node on the canvas, and the inner path apart.
A problem that is caused by a value that an instance sets belongs to the input of the instance, not to the inner node.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, replace
from itertools import groupby

from graph.base.errors import Problem
from graph.building.problems import EdgeProblem
from graph.document.workflow import INSIDE, INSTANCE, Node, Reference, Workflow
from graph.subworkflows.problems import unknown_subworkflow

_ECHOES = ("no_targets", "nothing_to_run")


def visible(problem: Problem, workflow: Workflow) -> Problem:
    """Return the problem of a path as one of the node on the canvas. `workflow` is the original document."""
    if isinstance(problem, EdgeProblem):
        return _visible_edge(problem, workflow)
    if problem.code == "unknown_node_type" and problem.node_type.startswith(INSTANCE):
        missing = unknown_subworkflow(problem.node_type.removeprefix(INSTANCE), workflow.subworkflows)
        problem = replace(missing, node=problem.node, node_type=problem.node_type)
    path = problem.node.split(INSIDE)
    if len(path) == 1 or path[0] not in workflow.nodes:
        return replace(problem, node_type=_sort(workflow, problem.node_type))
    nodes = _way(workflow, path)
    depth, inner_type, socket = _cause(workflow, path, nodes, problem)
    whole = replace(problem, node=path[0], socket=socket, node_type=_sort(workflow, nodes[0].type))
    if depth == 1:
        return whole
    return replace(whole, inner=_in_short(path[1:depth]), inner_type=_sort(workflow, inner_type))


def _visible_edge(problem: EdgeProblem, workflow: Workflow) -> Problem:
    """Return an edge problem in which an output inside an instance is named as an output of the instance."""
    facts = {each.name: getattr(problem, each.name) for each in fields(Problem)}
    path = problem.node.split(INSIDE)
    nodes = _way(workflow, path)
    depth, _, socket = _cause(workflow, path, nodes, problem)
    written = nodes[depth - 1].inputs.get(socket) if len(nodes) >= depth else None
    source, giver = problem.source, problem.giver
    if isinstance(written, Reference):
        seen = INSIDE.join([*path[: depth - 1], written.node])
        if source.startswith(seen + INSIDE):
            source, giver = seen, f"{_sort(workflow, _way(workflow, seen.split(INSIDE))[-1].type)}.{written.output}"
    return visible(Problem(**{**facts, "got": f"{problem.got} from node {source} ({giver})"}), workflow)


def _in_short(path: list[str]) -> str:
    """Join a path; repeated parts, as of a loop nested in itself, are counted."""
    parts = [(part, len(list(same))) for part, same in groupby(path)]
    return INSIDE.join(f"{part} ({times} times)" if times > 2 else INSIDE.join([part] * times) for part, times in parts)


def _cause(workflow: Workflow, path: list[str], nodes: list[Node], problem: Problem) -> tuple[int, str, str]:
    """Return how deep in its path the cause of a problem is, with the type of that node and its input.

    The cause is the outermost instance that sets the wrong value, or that could set the missing one.
    """
    found = depth, _, _ = len(path), problem.node_type, problem.socket
    sockets = [problem.socket]
    while depth > 1 and len(nodes) >= depth and problem.code != "unknown_input":
        instance = nodes[depth - 2]
        definition_inputs = workflow.subworkflows[instance.type.removeprefix(INSTANCE)].inputs
        leading = [
            item.name for item in definition_inputs if any((path[depth - 1], socket) in item.to for socket in sockets)
        ]
        if not leading:
            break
        given = [name for name in leading if name in instance.inputs]
        depth, sockets = depth - 1, given[-1:] or leading
        if given or problem.code == "missing_input":
            found = depth, instance.type, sockets[-1]
    return found


def visible_problems(flat: Iterable[Problem], found: Iterable[Problem], workflow: Workflow) -> list[Problem]:
    """Return all problems of a document as seen on the canvas: those of its sub-workflows, and those of the flat one.

    Problems that merely follow from one of the former are left out, so that each cause is reported once.
    """
    first = list(flat)
    places = {(problem.node, problem.socket) for problem in first}
    rest = [
        problem
        for problem in found
        if not (first and problem.code in _ECHOES)
        and (problem.node, problem.socket) not in places
        and (problem.node, "") not in places
    ]
    return list(dict.fromkeys(visible(problem, workflow) for problem in [*first, *rest]))


def name_of(workflow: Workflow, path: str) -> str:
    """Return the name of a node for a person: title or type, and id; for an inner node with the way to it."""
    parts = path.split(INSIDE)
    nodes = _way(workflow, parts)
    named = [f"{node.title or _sort(workflow, node.type)} ({part})" for node, part in zip(nodes, parts, strict=False)]
    return " / ".join([*named, *parts[len(nodes) :]])


def _way(workflow: Workflow, path: list[str]) -> list[Node]:
    """Return the nodes along a path, as far as they exist."""
    found: list[Node] = []
    nodes = workflow.nodes
    for part in path:
        node = nodes.get(part)
        if node is None:
            break
        found.append(node)
        inner = workflow.subworkflows.get(node.type.removeprefix(INSTANCE)) if node.type.startswith(INSTANCE) else None
        nodes = inner.nodes if inner else {}
    return found


def _sort(workflow: Workflow, node_type: str) -> str:
    """Return the title of a sub-workflow, or the id of a node type."""
    inner = workflow.subworkflows.get(node_type.removeprefix(INSTANCE)) if node_type.startswith(INSTANCE) else None
    return (inner.title if inner else "") or node_type
