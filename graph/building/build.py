"""From a document to the graph that runs: which nodes are needed, what feeds them, in which order.

Only what the targets need is checked, so that unfinished parts of a workflow do not matter. All problems are collected.
Muted and bypassed nodes are resolved here; the rest of the engine does not know of them:

- A bypassed node passes one of its connected inputs through (see `graph.subworkflows.bypass`).
- A muted node is removed, and so is everything that cannot run without it (see `graph.building.muting`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from graph.base.errors import Problem, WorkflowError, cut
from graph.base.suggestions import MOST_CHARACTERS
from graph.base.topological_order import topological_order
from graph.building import problems as problems
from graph.building.calls import Call, Edge, Graph, edge_of
from graph.building.file_clashes import check_files
from graph.building.missing_outputs import unknown_ends
from graph.building.muting import block, leave_out, needed_by
from graph.building.name_checks import NameChecks, items_in_names, without_value
from graph.building.problems import NodeLocation
from graph.building.source_map import visible_problems
from graph.building.stream_groups import find_stream_groups
from graph.building.type_inference import follow_types
from graph.document.workflow import INSIDE, INSTANCE, Mode, Node, Reference, Workflow
from graph.files.folders import Files
from graph.node_types.body import Body, has_effect
from graph.node_types.compatibility import can_feed
from graph.node_types.flow import BLOCK, GivenValue
from graph.node_types.node_type import REQUIRED, Input, NodeType
from graph.node_types.registry import MissingPack, Registry
from graph.node_types.value_checks import Refusal, admit, admit_literal
from graph.subworkflows.bypass import BypassResolver
from graph.subworkflows.flatten import flatten
from graph.subworkflows.name_words import WordResolver, find_words, type_with_words, with_words

_MOST_MEANT = 50


def build(workflow: Workflow, registry: Registry, files: Files, targets: Iterable[str] | None = None) -> Graph:
    """Return the graph for some targets; without any, for every active node with a side effect.

    Sub-workflows are inlined first: a target that is an instance stands for its outputs and side effects. Raises
    `WorkflowError` with everything that keeps the targets from running.
    """
    flat = flatten(workflow, registry, files, targets)
    around = WordResolver(flat.workflow.nodes, flat.registry, flat.find_instances)
    words = list(find_words(around))
    nodes = with_words(flat.workflow.nodes, words)
    wrong = [*flat.problems, *(problem for body in flat.bodies for problem in _check_body(body, flat.registry, files))]
    try:
        graph = _Builder(replace(flat.workflow, nodes=nodes), flat.registry, files, around).build(flat.targets)
    except WorkflowError as error:
        raise WorkflowError(_in_order(visible_problems(wrong, error.problems, workflow))) from None
    if wrong:
        raise WorkflowError(_in_order(visible_problems(wrong, [], workflow)))
    try:
        if wrong := items_in_names(graph):
            raise WorkflowError(wrong)
        find_stream_groups(graph)  # raises here what a run would find too late
        check_files(graph, files)
    except WorkflowError as error:
        raise WorkflowError(visible_problems([], error.problems, workflow)) from None
    graph.outputs = flat.outputs
    graph.named = {word.place[0] for word in words if word.place is not None and word.node in graph.calls}
    return graph


def _in_order(found: list[Problem]) -> list[Problem]:
    """Sort missing node types first: other problems may follow from them."""
    return sorted(found, key=lambda problem: problem.code != "unknown_node_type")


def _check_body(body: Body, registry: Registry, files: Files) -> list[Problem]:
    """Return what would keep a body from running, whatever its inputs."""
    nodes, outputs = body.place(dict.fromkeys(body.inputs, GivenValue(BLOCK, None)))
    ends = [*(source.node for source in outputs.values() if isinstance(source, Reference)), *body.effects]
    try:
        _Builder(Workflow(nodes), registry, files, WordResolver(nodes, registry)).build(ends)
    except WorkflowError as error:
        return [
            replace(problem, node=INSTANCE + body.id + INSIDE + problem.node)
            for problem in error.problems
            if problem.code not in ("nothing_to_run", "no_targets")
        ]
    return []


class _Builder:
    def __init__(self, workflow: Workflow, registry: Registry, files: Files, around: WordResolver) -> None:
        self.nodes = workflow.nodes
        self.packs = workflow.packs
        self.names = NameChecks(around, files)
        self.registry = registry
        self.files = files
        self.bypassed = BypassResolver(workflow.nodes, registry.get)
        self.problems: list[Problem] = []
        self.calls: dict[str, Call] = {}
        self.unknown: set[str] = set()
        """Nodes of unknown types."""
        self.beyond: list[str] = []
        """The nodes that feed them, which are checked all the same."""
        self.blocked: dict[str, str] = {}
        self.meant: dict[str, str | None] = {}
        """Unknown type -> the most similar known one; for the first `_MOST_MEANT` of them."""
        self.open: defaultdict[str, list[str]] = defaultdict(list)
        """Generic nodes and their readers: node id -> inputs whose edges are checked when the types are known."""

    def build(self, wanted: Iterable[str] | None) -> Graph:
        targets = self._targets(wanted)
        pending = list(reversed(targets))
        while pending:
            node_id = pending.pop()
            if node_id in self.calls or node_id in self.unknown or node_id not in self.nodes:
                continue
            call = self._bind(node_id, self.nodes[node_id])
            if call is not None:
                self.calls[node_id] = call
                pending += [edge.node for edge in call.edges.values()]
            pending += self.beyond
            self.beyond.clear()
        order = self._order()
        if self.open:
            self.problems += follow_types(order, self.open, self.calls, self._at)
        if self.blocked:
            block(order, self.calls, self.blocked)
        runnable = tuple(target for target in targets if target in self.calls and target not in self.blocked)
        if not self.problems and not runnable:
            muted = [self.blocked[target] for target in targets if target in self.blocked]
            self.problems.append(problems.nothing_to_run(muted))
        if self.problems:
            raise WorkflowError(list(dict.fromkeys(self.problems)))
        needed = needed_by(runnable, self.calls) if self.blocked else self.calls
        calls = {node_id: self.calls[node_id] for node_id in order if node_id in needed}
        return Graph(calls, runnable, self.blocked, self._left_out() if wanted is None else {})

    def _targets(self, wanted: Iterable[str] | None) -> list[str]:
        if wanted is None:
            found = [node_id for node_id, node in self.nodes.items() if self._is_default_target(node)]
            return found or [node_id for node_id, node in self.nodes.items() if self._may_be_target(node)]
        targets = list(dict.fromkeys(wanted))
        for target in targets:
            if target not in self.nodes:
                self.problems.append(problems.unknown_target(target, self.nodes))
            elif self.nodes[target].mode is Mode.BYPASSED:
                self.problems.append(problems.bypassed_target(self._at(target)))
        return targets

    def _is_default_target(self, node: Node) -> bool:
        return node.mode is Mode.ACTIVE and has_effect(node, self.registry.get(node.type))

    def _left_out(self) -> dict[str, str]:
        ends = unknown_ends(self.nodes, self.registry)
        return {node_id: problems.left_out(self._unknown_type(node_id)) for node_id in ends}

    def _may_be_target(self, node: Node) -> bool:
        """Return whether a node might have a side effect if its type were known."""
        return node.mode is Mode.ACTIVE and self.registry.get(node.type) is None

    def _sources(self, node: Node) -> list[str]:
        """Return the active nodes that feed a node."""
        sources = [value.node for value in node.inputs.values() if isinstance(value, Reference)]
        return [source for source in sources if source in self.nodes and self.nodes[source].mode is Mode.ACTIVE]

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
        if node_type.named:
            self._bind_words(call, node)
        if node_type.writes:
            self.problems += self.names.folder(call, self._at(node_id))
        if not node.inputs.keys() <= node_type.by_name.keys():
            unknown = [name for name in node.inputs if name not in node_type.by_name]
            if node_type.named:
                unknown = [name for name in unknown if not name.startswith("%")]
            at = self._at(node_id)
            self.problems += [problems.unknown_input(at, name, node_type.by_name) for name in unknown]
        return call

    def _bind_words(self, call: Call, node: Node) -> None:
        """Check the words in file names, and find what feeds them."""
        means, wrong = self.names.words(call, node, self._at(call.id))
        self.problems += wrong
        if not means:
            return
        call.type = type_with_words(call.type, means)
        for name, item in means.items():
            before = len(self.problems)
            self._bind_input(call, node, call.type.by_name[name])
            self.problems[before:] = [without_value(each, name, item) for each in self.problems[before:]]

    def _type(self, node_id: str, node: Node) -> NodeType | None:
        node_type = self.registry.get(node.type)
        if node_type is None:
            if node_id not in self.unknown and node.mode is Mode.ACTIVE:
                self.beyond += self._sources(node)
            self.unknown.add(node_id)
            self.problems.append(self._unknown_type(node_id))
        return node_type

    def _unknown_type(self, node_id: str) -> Problem:
        name = self.nodes[node_id].type
        if name not in self.meant and len(self.meant) < _MOST_MEANT:
            self.meant[name] = self.registry.closest(cut(name, MOST_CHARACTERS))
        return problems.unknown_type(self._at(node_id), self.meant.get(name), self._absent(name))

    def _absent(self, node_type: str) -> MissingPack | None:
        """Return the pack that was left out and has a type; else one that the document names."""
        absent = self.registry.absent
        named = next((absent[pack] for pack in self.packs if pack in absent), None) if absent else None
        return self.registry.absent_with(node_type) or named

    def _bind_input(self, call: Call, node: Node, item: Input) -> None:
        value = node.inputs.get(item.name, item.default)
        if isinstance(value, Reference):
            self._bind_reference(call, item, value)
            return
        if isinstance(value, GivenValue):
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

    def _bind_given(self, call: Call, item: Input, given: GivenValue) -> None:
        if given.value is BLOCK:
            call.given = {**call.given, item.name: given}
            return
        value = given.value
        if item.collects and isinstance(value, list):
            value = [self.registry.convert(each, item.type) for each in value]
        elif item.type.converts and not (value is None and item.optional):
            value = self.registry.convert(value, item.type)
        admitted = admit(item, value, self.files)
        if isinstance(admitted, Refusal):
            self.problems.append(problems.refused(self._at(call.id), item, admitted))
        else:
            call.given = {**call.given, item.name: GivenValue(admitted, given.fingerprint)}

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
                leave_out(call, item)
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
        call.edges[item.name] = edge_of(source.node, index, output, item, fit)  # kept though it may be wrong
        if not fit.ok:
            self.problems.append(problems.wrong_edge(self._at(call.id), item, self._at(source.node), output, fit))

    def _through_bypassed(self, call: Call, item: Input, reference: Reference) -> Reference | None:
        """Follow a reference through bypassed nodes; None when it leads nowhere."""
        behind = self.bypassed.resolve(reference, item)
        if behind.reference is not None:
            return behind.reference
        if behind.circle:
            self.problems.append(problems.bypassed_circle(self._at(call.id), item, behind.circle))
        elif self._type(behind.last, self.nodes[behind.last]) is None:
            pass
        elif item.optional:
            leave_out(call, item)
        else:
            self.problems.append(problems.nothing_handed_on(self._at(call.id), item, behind.last))
        return None

    def _order(self) -> list[str]:
        order, cycles = topological_order(
            {node_id: [edge.node for edge in call.edges.values()] for node_id, call in self.calls.items()}
        )
        self.problems += [problems.circle([self._at(node_id) for node_id in path]) for path in cycles]
        return order

    def _at(self, node_id: str) -> NodeLocation:
        return NodeLocation(node_id, self.nodes[node_id].type)
