"""From a document to the graph that runs: which nodes are needed, what feeds them, in which order.

Only what the targets need is looked at, so that half-finished corners of a workflow do not stand in the way. Every
problem is collected. Muted and bypassed nodes are resolved here, and the rest of the engine never hears of them:

- A bypassed node hands on one of its connected inputs (see `graph.bypass`).
- A muted node is not there. What cannot do without it is blocked: it does not run, quietly, and neither does what
  needs it in turn. An optional input that a muted or blocked node fed is left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, NamedTuple

from graph import build_problems as problems
from graph.body import Body
from graph.build_problems import At
from graph.bypass import bypass_source
from graph.errors import Problem, WorkflowError
from graph.files import Files
from graph.fitting import can_feed
from graph.flow import BLOCK, Given
from graph.generics import Binding
from graph.node_types import REQUIRED, Input, NodeType, Output
from graph.order import topological_order
from graph.places import visible_problems
from graph.registry import Registry
from graph.sockets import Convert, Fit
from graph.subworkflows import flatten
from graph.values import Refusal, admit, admit_literal
from graph.workflow import INSIDE, INSTANCE, Mode, Node, Reference, Workflow


class Edge(NamedTuple):
    """What feeds an input: an output of a call, perhaps through a conversion of each item."""

    node: str
    output: int
    convert: Convert | None = None
    is_list: bool = False
    """Whether what comes is a list, also where a node between only passes it on."""


_NOTHING_GIVEN: Mapping[str, Given] = MappingProxyType({})
"""What most calls are given from outside; one for all, because there are many calls."""


@dataclass(slots=True)
class Call:
    """One node that is to be called: checked literals, values given from outside, and edges for the rest."""

    id: str
    type: NodeType
    literals: dict[str, Any] = field(default_factory=dict)
    edges: dict[str, Edge] = field(default_factory=dict)
    given: Mapping[str, Given] = field(default_factory=lambda: _NOTHING_GIVEN)


@dataclass(slots=True)
class Graph:
    """What a run works on. `calls` are in topological order: each comes after all that feed it."""

    calls: dict[str, Call]
    targets: tuple[str, ...]
    blocked: dict[str, str] = field(default_factory=dict)
    """Node id -> the muted node that keeps it from running."""
    outputs: Mapping[str, Mapping[str, Reference]] = field(default_factory=dict)
    """Target that is an instance of a sub-workflow -> output name -> the node and output that give it."""

    def gather(self, instance: str, values: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
        """The outputs of an instance, as far as they are among the values of nodes."""
        found = self.outputs[instance].items()
        return {name: values[at.node][at.output] for name, at in found if at.output in values.get(at.node, ())}


def build(workflow: Workflow, registry: Registry, files: Files, targets: Iterable[str] | None = None) -> Graph:
    """The graph for some targets; without any, for every active node with a side effect.

    Sub-workflows are unfolded first: a target that is an instance stands for its outputs and side effects. Raises
    `WorkflowError` with everything that keeps the targets from running.
    """
    flat = flatten(workflow, registry, files, targets)
    wrong = [*flat.problems, *(problem for body in flat.bodies for problem in _check_body(body, registry, files))]
    try:
        graph = _Builder(flat.workflow, flat.registry, files).build(flat.targets)
    except WorkflowError as error:
        raise WorkflowError(visible_problems(wrong, error.problems, workflow)) from None
    if wrong:
        raise WorkflowError(visible_problems(wrong, [], workflow))
    graph.outputs = flat.outputs
    return graph


def _check_body(body: Body, registry: Registry, files: Files) -> list[Problem]:
    """What would keep a body from running, whatever it is given."""
    nodes, outputs = body.place(dict.fromkeys(body.inputs, Given(BLOCK, None)))
    ends = [*(source.node for source in outputs.values()), *body.effects]
    try:
        _Builder(Workflow(nodes), registry, files).build(ends)
    except WorkflowError as error:
        return [
            replace(problem, node=INSTANCE + body.id + INSIDE + problem.node)
            for problem in error.problems
            if problem.code not in ("nothing_to_run", "no_targets")
        ]
    return []


class _Builder:
    def __init__(self, workflow: Workflow, registry: Registry, files: Files) -> None:
        self.nodes = workflow.nodes
        self.registry = registry
        self.files = files
        self.problems: list[Problem] = []
        self.calls: dict[str, Call] = {}
        self.blocked: dict[str, str] = {}
        self.open: defaultdict[str, list[str]] = defaultdict(list)
        """Generic nodes, and what reads them: node id -> inputs whose edges are checked when it is known what flows."""

    def build(self, wanted: Iterable[str] | None) -> Graph:
        targets = self._targets(wanted)
        pending = list(reversed(targets))
        while pending:
            node_id = pending.pop()
            if node_id in self.calls or node_id not in self.nodes:
                continue
            call = self._bind(node_id, self.nodes[node_id])
            if call is not None:
                self.calls[node_id] = call
                pending += [edge.node for edge in call.edges.values()]
        order = self._order()
        if self.open:
            self._follow_types(order)
        if self.blocked:
            self._block(order)
        runnable = tuple(target for target in targets if target in self.calls and target not in self.blocked)
        if not self.problems and not runnable:
            muted = [self.blocked[target] for target in targets if target in self.blocked]
            self.problems.append(problems.nothing_to_run(muted))
        if self.problems:
            raise WorkflowError(list(dict.fromkeys(self.problems)))
        needed = self._needed_by(runnable) if self.blocked else self.calls
        return Graph({node_id: self.calls[node_id] for node_id in order if node_id in needed}, runnable, self.blocked)

    def _targets(self, wanted: Iterable[str] | None) -> list[str]:
        if wanted is None:
            return [node_id for node_id, node in self.nodes.items() if self._is_default_target(node)]
        targets = list(dict.fromkeys(wanted))
        for target in targets:
            if target not in self.nodes:
                self.problems.append(problems.unknown_target(target, self.nodes))
            elif self.nodes[target].mode is Mode.BYPASSED:
                self.problems.append(problems.bypassed_target(self._at(target)))
        return targets

    def _is_default_target(self, node: Node) -> bool:
        if node.mode is not Mode.ACTIVE:
            return False
        node_type = self.registry.get(node.type)
        return node_type is not None and node_type.side_effect

    def _bind(self, node_id: str, node: Node) -> Call | None:
        """Check one node and find what feeds it; None when it cannot be called."""
        if node.mode is Mode.MUTED:
            self.blocked[node_id] = node_id
            return None
        node_type = self._type(node_id, node)
        if node_type is None:
            return None
        call = Call(node_id, node_type)
        if node_type.generic:
            self.open[node_id] = []
        for item in node_type.inputs:
            self._bind_input(call, node, item)
        if not node.inputs.keys() <= node_type.by_name.keys():
            unknown = [name for name in node.inputs if name not in node_type.by_name]
            at = self._at(node_id)
            self.problems += [problems.unknown_input(at, name, node_type.by_name) for name in unknown]
        return call

    def _type(self, node_id: str, node: Node) -> NodeType | None:
        node_type = self.registry.get(node.type)
        if node_type is None:
            self.problems.append(problems.unknown_type(self._at(node_id), self.registry))
        return node_type

    def _bind_input(self, call: Call, node: Node, item: Input) -> None:
        value = node.inputs.get(item.name, item.default)
        if isinstance(value, Reference):
            self._bind_reference(call, item, value)
            return
        if isinstance(value, Given):
            self._bind_given(call, item, value)
            return
        if value is REQUIRED or (value is None and not item.optional and item.type.name != "*"):
            self.problems.append(problems.missing_input(self._at(call.id), item, self.registry))
            return
        admitted = admit_literal(item, value, self.files)
        if isinstance(admitted, Refusal):
            self.problems.append(problems.refused(self._at(call.id), item, admitted))
        else:
            call.literals[item.name] = admitted

    def _bind_given(self, call: Call, item: Input, given: Given) -> None:
        if given.value is BLOCK:
            call.given = {**call.given, item.name: given}
            return
        admitted = admit(item, given.value, self.files)
        if isinstance(admitted, Refusal):
            self.problems.append(problems.refused(self._at(call.id), item, admitted))
        else:
            call.given = {**call.given, item.name: Given(admitted, given.mark)}

    def _bind_reference(self, call: Call, item: Input, reference: Reference) -> None:
        source = reference
        feeding = self.nodes.get(source.node)
        if feeding is not None and feeding.mode is not Mode.ACTIVE:
            behind = self._through_bypassed(call, item, reference)
            if behind is None:
                return
            source, feeding = behind, self.nodes.get(behind.node)
        if feeding is None:
            self.problems.append(problems.dangling(self._at(call.id), item, source))
            return
        if feeding.mode is Mode.MUTED:
            if item.optional:
                _leave_out(call, item)
            else:
                self.blocked.setdefault(call.id, source.node)
            return
        source_type = self.registry.get(feeding.type)
        if source_type is None:
            self._type(source.node, feeding)
            return
        index = source_type.output_index.get(source.output)
        if index is None:
            self.problems.append(problems.unknown_output(self._at(call.id), item, source, source_type))
            return
        output = source_type.outputs[index]
        if item.type.generic or output.type.generic:
            self.open[call.id].append(item.name)
            call.edges[item.name] = Edge(source.node, index)
            return
        fit = can_feed(output, item)
        if fit.ok:
            call.edges[item.name] = Edge(source.node, index, fit.convert, output.is_list)
        else:
            self._refuse_edge(call, item, output, source.node, fit)

    def _refuse_edge(self, call: Call, item: Input, output: Output, source: str, fit: Fit) -> None:
        self.problems.append(problems.wrong_edge(self._at(call.id), item, self._at(source), output, fit))

    def _follow_types(self, order: list[str]) -> None:
        """Find what flows through nodes that pass on what comes in, and check the edges that waited for it."""
        known: dict[str, tuple[Output, ...]] = {}
        for node_id in order:
            if node_id not in self.open:
                continue
            call = self.calls[node_id]
            arriving: dict[str, Output] = {}
            for name in self.open[node_id]:
                edge = call.edges[name]
                outputs = known.get(edge.node) or self.calls[edge.node].type.outputs
                arriving[name] = outputs[edge.output]
            binding = Binding(call.type, arriving, call.literals)
            known[node_id] = binding.outputs(call.type)
            for clash in binding.clashes:
                source = self._at(call.edges[clash.input].node) if clash.input in call.edges else None
                self.problems.append(problems.clash_of_types(self._at(node_id), clash, source))
            refused = {clash.input for clash in binding.clashes}
            for name, output in arriving.items():
                if name not in refused:
                    self._close(call, call.type.by_name[name], output, binding)

    def _close(self, call: Call, item: Input, output: Output, binding: Binding) -> None:
        edge = call.edges[item.name]
        fit = binding.fit(output, item)
        if not fit.ok:
            self._refuse_edge(call, item, output, edge.node, fit)
        elif fit.convert is not None or output.is_list:
            call.edges[item.name] = Edge(edge.node, edge.output, fit.convert, output.is_list)

    def _through_bypassed(self, call: Call, item: Input, reference: Reference) -> Reference | None:
        """Where a reference leads once bypassed nodes are stepped through; None when it leads nowhere."""
        path: dict[str, None] = {}
        while (node := self.nodes.get(reference.node)) is not None and node.mode is Mode.BYPASSED:
            if reference.node in path:
                self.problems.append(problems.bypassed_circle(self._at(call.id), item, [*path, reference.node]))
                return None
            path[reference.node] = None
            node_type = self._type(reference.node, node)
            if node_type is None:
                return None
            following = bypass_source(node, node_type, reference.output, item)
            if following is not None:
                reference = following
            elif item.optional:
                _leave_out(call, item)
                return None
            else:
                self.problems.append(problems.nothing_handed_on(self._at(call.id), item, reference.node))
                return None
        return reference

    def _order(self) -> list[str]:
        order, cycles = topological_order(
            {node_id: [edge.node for edge in call.edges.values()] for node_id, call in self.calls.items()}
        )
        self.problems += [problems.circle([self._at(node_id) for node_id in path]) for path in cycles]
        return order

    def _block(self, order: list[str]) -> None:
        for node_id in order:
            call = self.calls[node_id]
            for name, edge in list(call.edges.items()):
                if edge.node not in self.blocked:
                    continue
                if call.type.by_name[name].optional:
                    del call.edges[name]
                    _leave_out(call, call.type.by_name[name])
                else:
                    self.blocked.setdefault(node_id, self.blocked[edge.node])

    def _needed_by(self, targets: Iterable[str]) -> set[str]:
        """What is left to do once blocked nodes, and what fed only them, are out."""
        needed: set[str] = set()
        pending = list(targets)
        while pending:
            node_id = pending.pop()
            if node_id not in needed:
                needed.add(node_id)
                pending += [edge.node for edge in self.calls[node_id].edges.values()]
        return needed

    def _at(self, node_id: str) -> At:
        return At(node_id, self.nodes[node_id].type)


def _leave_out(call: Call, item: Input) -> None:
    call.literals[item.name] = None if item.default is REQUIRED else item.default
