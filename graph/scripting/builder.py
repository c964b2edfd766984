"""A workflow that is being built, node by node, by a script: `builder.KSampler(model=model, ...)` adds a node.

What is wrong with a node is raised at its line (`graph.scripting.input_checks`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from graph.base.errors import NodeError, Problem, WorkflowError
from graph.base.suggestions import did_you_mean
from graph.base.topological_order import topological_order
from graph.building import problems
from graph.building.problems import NodeLocation
from graph.document.workflow import INSTANCE, Node, Reference, Workflow
from graph.node_types.node_type import NodeType, Output
from graph.node_types.sockets import describe_value
from graph.scripting.errors import UnknownNameError, UnknownNodeTypeError
from graph.scripting.handles import NodeHandle
from graph.scripting.input_checks import check_inputs, output_types
from graph.scripting.session import Session
from graph.scripting.written_values import written_value
from graph.subworkflows.instance_types import type_of
from graph.subworkflows.problems import unknown_subworkflow


class WorkflowBuilder:
    """A workflow whose node types are those of a session. Nodes are added in the order of calls and numbered from 1."""

    def __init__(self, session: Session, workflow: Workflow | None = None) -> None:
        self.session = session
        self._workflow = workflow or Workflow()
        self._nodes = dict(self._workflow.nodes)
        self._outputs: dict[str, tuple[Output, ...] | None] | None = None
        """Node -> its outputs with the types that flow through it; None where all have to be worked out again."""

    def add(self, node_type: str, /, **inputs: object) -> NodeHandle:
        """Add a node of a type, by its id or title; `"@id"` is a sub-workflow's instance. Raises `WorkflowError`."""
        known = self._type(node_type)
        if known is None:
            raise self._unknown_type(node_type)
        node_id = self._free_id()
        written = self._written(NodeLocation(node_id, known.id), known, inputs)
        names = [item.name for item in known.inputs if item.name in written]
        node = Node(known.id, {name: written[name] for name in dict.fromkeys([*names, *written])})
        self._nodes[node_id] = node
        try:
            self._check(node_id)
        except ValueError:
            del self._nodes[node_id]
            raise
        if self._outputs is not None:
            self._outputs[node_id] = output_types(node, known, self._outputs.get)
        return NodeHandle(self, node_id)

    def remove(self, node: NodeHandle) -> None:
        """Take a node away, with the connections that come from it."""
        if node.owner is not self:
            raise ValueError(f"{node!r} is of another workflow")
        del self._nodes[node.id]
        for other_id, other in self._nodes.items():
            kept = {
                name: value
                for name, value in other.inputs.items()
                if not (isinstance(value, Reference) and value.node == node.id)
            }
            if len(kept) != len(other.inputs):
                self._nodes[other_id] = other.with_inputs(kept)
        self._outputs = None

    if not TYPE_CHECKING:  # type checkers know the node types from the stubs, and a wrong one shall be an error there

        def __getattr__(self, name: str) -> Callable[..., NodeHandle]:
            if name.startswith("_"):
                raise AttributeError(name)
            known = self._type(name)
            if known is None:
                raise self._unknown_type(name)

            def add(**inputs: object) -> NodeHandle:
                return self.add(known.id, **inputs)

            add.__name__ = add.__qualname__ = name
            add.__doc__ = "\n".join([known.help, "", *(f"{item.name}: {item.tooltip}" for item in known.inputs)])
            return add

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *(known.id for known in self.session.registry if known.id.isidentifier())]

    @property
    def nodes(self) -> dict[str, NodeHandle]:
        """The nodes by id, in order."""
        return {node_id: NodeHandle(self, node_id) for node_id in self._nodes}

    def find(self, node_type: str = "", /, *, title: str | None = None) -> list[NodeHandle]:
        """Return the nodes of a type, or with a title, or both; without either, all."""
        return [
            NodeHandle(self, node_id)
            for node_id, node in self._nodes.items()
            if (not node_type or node.type == node_type) and (title is None or node.title == title)
        ]

    def __getitem__(self, name: str) -> NodeHandle:
        """Return the node with an id, else the one with a title, else the one of a type. Raises `UnknownNameError`."""
        if name in self._nodes:
            return NodeHandle(self, name)
        found = self.find(title=name) or self.find(name)
        if len(found) == 1:
            return found[0]
        if found:
            ids = ", ".join(node.id for node in found)
            message, remedy = f"{name!r} names {len(found)} nodes", f"use one of their ids: {ids}"
        else:
            known = [*self._nodes, *(each for node in self._nodes.values() for each in (node.title, node.type) if each)]
            here = ", ".join(f"{node_id} ({node.title or node.type})" for node_id, node in self._nodes.items())
            message = f"there is no node {name!r} in this workflow"
            remedy = did_you_mean(name, list(dict.fromkeys(known))) or f"use one of: {here or 'it is empty'}"
        raise UnknownNameError([Problem("unknown_node", message, remedy=remedy)])

    def __iter__(self) -> Iterator[NodeHandle]:
        return iter(self.nodes.values())

    def __len__(self) -> int:
        return len(self._nodes)

    @property
    def title(self) -> str:
        """The title of the workflow."""
        return self._workflow.title

    @title.setter
    def title(self, title: str) -> None:
        self._workflow = replace(self._workflow, title=title)

    @property
    def document(self) -> Workflow:
        """The document as it is now, with values that were given from Python."""
        return replace(self._workflow, nodes=dict(self._nodes))

    def node_of(self, node_id: str) -> Node:
        """Return a node as it is in the document. Raises `UnknownNameError` for one that was removed."""
        if node_id not in self._nodes:
            remedy = "it was removed; add another one"
            raise UnknownNameError([Problem("unknown_node", f"there is no node {node_id!r}", remedy=remedy)])
        return self._nodes[node_id]

    def type_of(self, node_id: str) -> NodeType | None:
        """Return the type of a node; None where nobody knows it here."""
        return type_of(self.node_of(node_id).type, self._workflow.subworkflows, self.session.registry)

    def change_inputs(self, node_id: str, values: Mapping[str, object], without: tuple[str, ...] = ()) -> None:
        """Set some inputs of a node, and take others away; changes nothing when one is wrong. Raises `WorkflowError`.

        A seed that is set is fixed: the runs of the editor keep it.
        """
        before, known = self.node_of(node_id), self.type_of(node_id)
        written = self._written(NodeLocation(node_id, before.type), known, values)
        inputs = {name: value for name, value in {**before.inputs, **written}.items() if name not in without}
        fixed = {name: "fixed" for name in values if name in before.seeds}
        self._nodes[node_id] = replace(before, inputs=inputs, seeds={**before.seeds, **fixed})
        try:
            self._check(node_id, {*values, *without})
        except ValueError:
            self._nodes[node_id] = before
            raise
        if known is None or known.generic:
            self._outputs = None

    def change_fields(self, node_id: str, values: Mapping[str, Any]) -> None:
        """Set title, mode or position of a node."""
        self._nodes[node_id] = replace(self.node_of(node_id), **values)

    def __repr__(self) -> str:
        title = f" {self.title!r}" if self.title else ""
        return f"<{type(self).__name__}{title}: {len(self)} node{'' if len(self) == 1 else 's'}>"

    def _type(self, name: str) -> NodeType | None:
        known = type_of(name, self._workflow.subworkflows, self.session.registry)
        return known or next((each for each in self.session.registry if each.title == name), None)

    def _unknown_type(self, name: str) -> UnknownNodeTypeError:
        if name.startswith(INSTANCE):
            return UnknownNodeTypeError([unknown_subworkflow(name[1:], self._workflow.subworkflows)])
        at, registry = NodeLocation("", name), self.session.registry
        problem = problems.unknown_type(at, registry.closest(name), registry.absent_with(name))
        return UnknownNodeTypeError([replace(problem, node_type="")])  # there is no node yet

    def _written(self, at: NodeLocation, known: NodeType | None, values: Mapping[str, object]) -> dict[str, object]:
        by_name, found = known.by_name if known else {}, {}
        for name, value in values.items():
            try:
                found[name] = written_value(value, by_name.get(name), self.session, self)
            except NodeError as error:
                problem = at.problem("wrong_value", str(error), name, got=describe_value(value), remedy=error.remedy)
                raise WorkflowError([problem]) from None
        return found

    def _check(self, node_id: str, only: set[str] | None = None) -> None:
        session = self.session
        check_inputs(node_id, self.document, self.type_of, self._outputs_of, session.registry, session.files, only)

    def _outputs_of(self, node_id: str) -> tuple[Output, ...] | None:
        if self._outputs is None:
            sources = {
                name: [value.node for value in node.inputs.values() if isinstance(value, Reference)]
                for name, node in self._nodes.items()
            }
            found: dict[str, tuple[Output, ...] | None] = {}
            for name in topological_order(sources)[0]:
                known = self.type_of(name)
                found[name] = output_types(self._nodes[name], known, found.get) if known else None
            self._outputs = found
        return self._outputs.get(node_id)

    def _free_id(self) -> str:
        number = len(self._nodes) + 1
        while str(number) in self._nodes:
            number += 1
        return str(number)
