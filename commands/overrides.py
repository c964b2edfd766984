"""`--set node.input=value`: changes inputs of a workflow from the command line.

`commands.naming` finds the node. Text inputs take the value unchanged; other inputs take it as JSON if it is JSON.
`commands.given_files` handles pictures given by path.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from commands.given_files import take_file
from commands.naming import check_not_given, find_node, nodes_within, with_nodes, with_own_definitions
from graph.base.errors import Problem, WorkflowError
from graph.document.literals import unfit
from graph.document.workflow import Workflow
from graph.files.folders import Files
from graph.node_types.body import BODY
from graph.node_types.node_type import Input
from graph.node_types.registry import Registry
from graph.node_types.sockets import STRING
from graph.node_types.widgets import Choice, FileChoice, Seed
from graph.subworkflows.instance_types import type_of


def apply_overrides(workflow: Workflow, assignments: Iterable[str], registry: Registry, files: Files) -> Workflow:
    """Returns the workflow with all assignments. Raises `WorkflowError` for an invalid one."""
    for assignment in assignments:
        workflow = _apply(workflow, assignment, registry, files)
    return workflow


def _apply(workflow: Workflow, assignment: str, registry: Registry, files: Files) -> Workflow:
    target, equals, text = assignment.partition("=")
    name, dot, socket = target.rpartition(".")
    if not (equals and dot and name and socket):
        raise _refused(f"--set {assignment!r} is not of the form node.input=value", "write e.g. --set KSampler.seed=7")
    within, path = find_node(workflow, name)
    check_not_given(workflow, within, path, socket)
    workflow, within = with_own_definitions(workflow, within, path)
    nodes = nodes_within(workflow, within)
    node = nodes[path[-1]]
    node_type = type_of(node.type, workflow.subworkflows, registry)
    item = node_type.by_name.get(socket) if node_type else None
    if node_type is not None and item is None:
        known = ", ".join(node_type.by_name) or "none"
        problem = Problem("unknown_input", f"the node has no input {socket!r}", name, node.type, socket)
        raise WorkflowError([replace(problem, remedy=f"use one of its inputs: {known}")])
    value = _value(item, text, files)
    if not isinstance(value, float) and (found := unfit(value)):  # numbers are checked later, against their limits
        raise WorkflowError([found.problem("the value", name, node.type, socket)])
    changed = node.with_inputs({**node.inputs, socket: value})
    if item is not None and isinstance(item.widget, Seed):
        changed = replace(changed, seeds={**node.seeds, socket: "fixed"})
    return with_nodes(workflow, within, {**nodes, path[-1]: changed})


def _value(item: Input | None, text: str, files: Files) -> Any:
    if item is not None and isinstance(item.widget, FileChoice):
        return take_file(text, files) if item.widget.folder == "input" else text
    if item is not None and (item.type in (STRING, BODY) or isinstance(item.widget, Choice)):
        return text
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text  # validation reports what was expected


def _refused(message: str, remedy: str) -> WorkflowError:
    return WorkflowError([Problem("bad_override", message, remedy=remedy)])
