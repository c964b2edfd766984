"""Replaces instances of sub-workflows by their inner nodes.

Node 3 inside instance 7 becomes node `7/3`. References to an output of an instance lead to the inner node that it comes
from; a value of an input goes to the inner inputs that the definition names. Results do not change: an inner node has
the same cache key as the same node outside.

Instances of unusable definitions, which are missing or contain themselves, stay as they are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from graph.base.errors import Problem
from graph.document.workflow import INSIDE, INSTANCE, Mode, Node, Reference, Subworkflow
from graph.node_types.body import Body, has_effect
from graph.node_types.registry import Registry
from graph.subworkflows.name_words import Instance
from graph.subworkflows.nesting import Nesting, body_sockets, is_instance
from graph.subworkflows.problems import (
    circle,
    comes_from_nowhere,
    gives_no_such_output,
    leads_nowhere,
    leads_to_no_input,
    same_name,
    unknown_input,
    unknown_output,
    unknown_subworkflow,
)


@dataclass(slots=True)
class Inlined:
    """Nodes without instances that could be inlined."""

    nodes: dict[str, Node] = field(default_factory=dict)
    instances: dict[str, str] = field(default_factory=dict)
    """Path of every inlined instance -> its definition."""
    titles: dict[str, str] = field(default_factory=dict)
    """Path of every inlined instance -> its title, if it has one."""
    effects: list[str] = field(default_factory=list)
    """Active nodes with a side effect."""
    problems: list[Problem] = field(default_factory=list)

    def note(self, problem: Problem, path: str, node: Node) -> None:
        """Record a problem of a node."""
        self.problems.append(replace(problem, node=path, node_type=node.type))


@dataclass(slots=True)
class _Scope:
    """A document or one instance: the prefix of its node ids, and the values from outside."""

    prefix: str
    nodes: Mapping[str, Node]
    given: Mapping[str, Mapping[str, Any]]
    """Node -> input -> value; references are those of the flat document."""
    rest: Iterator[tuple[str, Node]]


class Inliner:
    """Inlines instances of some definitions. `bodies` are definitions that nodes receive as values."""

    def __init__(
        self,
        definitions: Mapping[str, Subworkflow],
        nesting: Nesting,
        registry: Registry,
        bodies: Mapping[str, Body],
    ) -> None:
        self._definitions = {name: definitions[name] for name in nesting.order}
        self._all = definitions
        self._nesting = nesting
        self._registry = registry
        self._bodies = bodies
        self._output_sources = {
            name: {item.name: item.source for item in reversed(each.outputs)}
            for name, each in self._definitions.items()
        }
        self._sockets: dict[str, tuple[str, ...]] = {}
        self._twice: dict[str, list[Problem]] = {}

    def inline(self, nodes: Mapping[str, Node]) -> Inlined:
        """Inline some nodes: those of a document, or of a definition."""
        found = Inlined()
        scopes = [_Scope("", nodes, {}, iter(nodes.items()))]
        while scopes:
            scope = scopes[-1]
            for node_id, node in scope.rest:
                path = scope.prefix + node_id
                inputs = self._inputs(scope, node_id, node, path, found)
                if not is_instance(node):
                    self._add(found, path, node, inputs)
                elif node.type[1:] in self._definitions:
                    scopes.append(self._enter(found, path, node, inputs))
                    break
                else:
                    self._leave(found, path, node, inputs)
            else:
                scopes.pop()
        return found

    def outputs(self, path: str, name: str, found: Inlined) -> dict[str, Reference]:
        """Return where the outputs of an instance come from; records a problem for one that comes from nowhere."""
        inner = self._definitions[name]
        prefix = path + INSIDE if path else ""
        outputs: dict[str, Reference] = {}
        for item in inner.outputs:
            source = self._source(prefix, inner.nodes, item.source)
            if isinstance(source, Problem):
                found.problems.append(replace(source, node=path))
            elif item.source.node not in inner.nodes:
                found.problems.append(replace(comes_from_nowhere(name, item.name, item.source), node=path))
            else:
                outputs[item.name] = source
        return outputs

    def inner_inputs(self, definition: Subworkflow) -> dict[str, tuple[tuple[str, str], ...]]:
        """Return for each input of a definition the inner inputs, by path, that its value goes to."""
        return {item.name: tuple(self._leads_to(definition, item.to)) for item in definition.inputs}

    def instances(self, found: Inlined) -> dict[str, Instance]:
        """Return the inlined instances, by path, as words in file names may refer to them."""
        instances = {}
        for path, name in found.instances.items():
            definition = self._definitions[name]
            inner_inputs = {
                socket: tuple((path + INSIDE + inner, inner_socket) for inner, inner_socket in to)
                for socket, to in self.inner_inputs(definition).items()
            }
            types = tuple(filter(None, (definition.title, INSTANCE + name)))
            instances[path] = Instance(found.titles.get(path, ""), types, inner_inputs)
        return instances

    def _leads_to(self, definition: Subworkflow, to: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
        pending = [("", definition, node_id, socket) for node_id, socket in to]
        seen = set()
        while pending:
            prefix, inner, node_id, socket = pending.pop()
            path, node = prefix + node_id, inner.nodes.get(node_id)
            if node is None or (path, socket) in seen:
                continue
            seen.add((path, socket))
            deeper = self._definitions.get(node.type[1:]) if is_instance(node) else None
            if deeper is None:
                yield path, socket
                continue
            for item in deeper.inputs:
                if item.name == socket:
                    pending += [(path + INSIDE, deeper, further, name) for further, name in item.to]

    def _inputs(self, scope: _Scope, node_id: str, node: Node, path: str, found: Inlined) -> Mapping[str, Any]:
        """Return the inputs of a node in the flat document; the same mapping when nothing changes."""
        given = scope.given.get(node_id)
        inputs: dict[str, Any] = {**node.inputs, **given} if given else dict(node.inputs)
        changed = bool(given)
        for name, value in node.inputs.items():
            if type(value) is not Reference or (given and name in given):
                continue
            source = self._source(scope.prefix, scope.nodes, value)
            if isinstance(source, Problem):
                found.note(replace(source, socket=name), path, node)
                source = Reference(scope.prefix + value.node, value.output)
            if source is not value:
                inputs[name], changed = source, True
        for name in self._body_sockets(node):
            value = inputs.get(name)
            if isinstance(value, str):
                body = self._bodies.get(value)
                if body is not None:
                    inputs[name], changed = body, True
                else:
                    found.note(replace(self._not_usable(value), socket=name), path, node)
        return inputs if changed else node.inputs

    def _source(self, prefix: str, nodes: Mapping[str, Node], reference: Reference) -> Reference | Problem:
        """Return the node output that a reference leads to, through any number of instances."""
        through: tuple[str, str] | None = None
        while (node := nodes.get(reference.node)) is not None and is_instance(node):
            name = node.type[1:]
            inner = self._definitions.get(name)
            if inner is None:
                break
            source = self._output_sources[name].get(reference.output)
            if source is None and through is not None:
                return gives_no_such_output(*through, reference, node.type, self._output_sources[name])
            if source is None:
                return unknown_output(name, prefix + reference.node, reference.output, self._output_sources[name])
            if source.node not in inner.nodes:
                return comes_from_nowhere(name, reference.output, source)
            through = name, reference.output
            prefix, nodes, reference = prefix + reference.node + INSIDE, inner.nodes, source
        node_type = self._registry.get(node.type) if through is not None and node is not None else None
        if through is not None and node_type is not None and reference.output not in node_type.output_index:
            return gives_no_such_output(*through, reference, node_type.id, node_type.output_index)
        return Reference(prefix + reference.node, reference.output) if prefix else reference

    def _enter(self, found: Inlined, path: str, node: Node, inputs: Mapping[str, Any]) -> _Scope:
        name = node.type[1:]
        inner = self._definitions[name]
        found.instances[path] = name
        if node.title:
            found.titles[path] = node.title
        inner_inputs = {item.name: item for item in inner.inputs}
        for problem in self._same_names(name, inner):
            found.note(problem, path, node)
        given: dict[str, dict[str, Any]] = {}
        for socket in inputs:
            if socket not in inner_inputs:
                found.note(unknown_input(socket, inner_inputs), path, node)
        for socket, item in inner_inputs.items():  # where two inputs lead to the same place, the later one applies
            for node_id, inner_socket in item.to if socket in inputs else ():
                if node_id not in inner.nodes:
                    found.note(leads_nowhere(name, socket, node_id), path, node)
                    continue
                known = self._inputs_of(inner.nodes[node_id])
                if known is not None and inner_socket not in known:
                    found.note(leads_to_no_input(name, socket, node_id, inner_socket, known), path, node)
                else:
                    given.setdefault(node_id, {})[inner_socket] = inputs[socket]
        return _Scope(path + INSIDE, inner.nodes, given, iter(inner.nodes.items()))

    def _inputs_of(self, node: Node) -> Collection[str] | None:
        """Return the names of a node's inputs; None where they are unknown or do not matter."""
        if node.mode is not Mode.ACTIVE:
            return None
        if is_instance(node):
            inner = self._definitions.get(node.type[1:])
            return None if inner is None else [item.name for item in inner.inputs]
        node_type = self._registry.get(node.type)
        return None if node_type is None else node_type.by_name

    def _leave(self, found: Inlined, path: str, node: Node, inputs: Mapping[str, Any]) -> None:
        found.nodes[path] = node.with_inputs(inputs)
        found.note(self._not_usable(node.type[1:]), path, node)

    def _add(self, found: Inlined, path: str, node: Node, inputs: Mapping[str, Any]) -> None:
        found.nodes[path] = node if inputs is node.inputs else node.with_inputs(inputs)
        if node.mode is Mode.ACTIVE and has_effect(found.nodes[path], self._registry.get(node.type)):
            found.effects.append(path)

    def _not_usable(self, name: str) -> Problem:
        return circle(self._nesting.circles) if name in self._all else unknown_subworkflow(name, self._all)

    def _same_names(self, name: str, inner: Subworkflow) -> list[Problem]:
        if name not in self._twice:
            self._twice[name] = [
                same_name(sort, name, twice)
                for sort, items in (("inputs", inner.inputs), ("outputs", inner.outputs))
                for twice, times in Counter(item.name for item in items).items()
                if times > 1
            ]
        return self._twice[name]

    def _body_sockets(self, node: Node) -> tuple[str, ...]:
        if node.type not in self._sockets:
            self._sockets[node.type] = () if is_instance(node) else tuple(body_sockets(node, {}, self._registry))
        return self._sockets[node.type]
