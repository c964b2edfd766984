"""Which calls run once for each item of a stream, and of which stream.

A node with an `Each` output opens a stream. Its readers, and everything below them, run once for each item, until an
input of type `list[T]` collects the items. Streams that meet in one node are paired item by item and form one group; a
value from outside the stream goes with every item. A stream opened inside a stream is nested in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from graph.base.errors import Problem, WorkflowError
from graph.base.topological_order import topological_order
from graph.building.calls import Call, Edge, Graph

Scope = tuple[str, ...]
"""The streams that a call is in, outermost first, each named by its first source."""


@dataclass(eq=False, slots=True)
class StreamGroup:
    """Streams whose items are paired, and the calls that run for each item."""

    scope: Scope
    sources: list[str] = field(default_factory=list)
    members: set[str] = field(default_factory=set)
    """The calls that run for each item, and the sources, which stand for their items."""
    order: list[str] = field(default_factory=list)
    """The members and those of nested groups, in topological order."""
    targets: list[str] = field(default_factory=list)
    parent: StreamGroup | None = None
    outer: dict[tuple[str, int, StreamGroup | None], None] = field(default_factory=dict)
    """What the members read from outside, in order: (node, output), and the group whose items are collected, if any."""
    inside: list[StreamGroup] = field(default_factory=list)

    @property
    def has_targets(self) -> bool:
        """Whether a target of the run is in this group or a nested one."""
        return bool(self.targets) or any(group.has_targets for group in self.inside)


@dataclass(slots=True)
class StreamGroups:
    """The stream groups of a graph: those at its top level, and what each edge collects."""

    groups: list[StreamGroup] = field(default_factory=list)
    of: dict[str, StreamGroup] = field(default_factory=dict)
    """Call -> its innermost group; calls outside all streams are absent."""
    collecting: dict[tuple[str, str], StreamGroup] = field(default_factory=dict)
    """(call, input) -> the group whose items that input collects."""

    sources: dict[str, StreamGroup] = field(default_factory=dict)
    """Node that opens a stream -> the group of its items."""

    def stream_of(self, node_id: str) -> StreamGroup | None:
        """Return the group whose items the outputs of a node belong to, or None."""
        return self.sources.get(node_id) or self.of.get(node_id)


NO_STREAM_GROUPS = StreamGroups()


def find_stream_groups(graph: Graph) -> StreamGroups:
    """Find the stream groups of a graph. Raises `WorkflowError` for a stream that would wait for itself."""
    if not any(call.type.streams for call in graph.calls.values()):
        return NO_STREAM_GROUPS
    return _Finder(graph).find()


class _Finder:
    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.scope: dict[str, Scope] = {}
        self.first: dict[str, str] = {}
        """Source -> the source that names its group (union-find)."""

    def find(self) -> StreamGroups:
        for node_id, call in self.graph.calls.items():
            scope: Scope = ()
            for name, edge in call.edges.items():
                scope = self._paired(scope, self._scope_at(call, name, edge))
            self.scope[node_id] = scope
            if call.type.streams:
                self.first[node_id] = node_id
        groups = self._groups()  # all pairs are known now
        scopes = StreamGroups([group for group in groups.values() if len(group.scope) == 1])
        for node_id, call in self.graph.calls.items():
            home = groups.get(self._named(self.scope[node_id]))
            if home is not None:
                scopes.of[node_id] = home
            for name, edge in call.edges.items():
                source = groups.get(self._named(self._item_scope(edge.node)))
                collected = source if self._collects(call, name, edge) else None
                if collected is not None:
                    scopes.collecting[node_id, name] = collected
                for around in self._left_by(home, collected.parent if collected else source):
                    around.outer[edge.node, edge.output, collected] = None
        scopes.sources = {source: group for group in groups.values() for source in group.sources}
        self._refuse_circles(scopes)
        return scopes

    def _scope_at(self, call: Call, name: str, edge: Edge) -> Scope:
        scope = self._item_scope(edge.node)
        return scope[:-1] if self._collects(call, name, edge) else scope

    def _item_scope(self, node_id: str) -> Scope:
        scope = self.scope[node_id]
        return (*scope, node_id) if self.graph.calls[node_id].type.streams else scope

    def _collects(self, call: Call, name: str, edge: Edge) -> bool:
        """Return whether an input collects the items of a stream; a list that is itself an item is passed as it is."""
        inside = bool(self._item_scope(edge.node))
        return inside and call.type.by_name[name].collects and not edge.is_list

    def _paired(self, one: Scope, other: Scope) -> Scope:
        for left, right in zip(one, other, strict=False):
            left, right = self._root(left), self._root(right)
            if left != right:
                self.first[right] = left
        return max(one, other, key=len)

    def _root(self, source: str) -> str:
        while self.first[source] != source:
            source = self.first[source]
        return source

    def _named(self, scope: Scope) -> Scope:
        return tuple(self._root(source) for source in scope)

    def _groups(self) -> dict[Scope, StreamGroup]:
        groups: dict[Scope, StreamGroup] = {}
        for source in self.first:  # in topological order: outer groups come first
            scope = self._named(self._item_scope(source))
            if scope not in groups:
                group = groups[scope] = StreamGroup(scope)
                if len(scope) > 1:
                    group.parent = groups[scope[:-1]]
                    group.parent.inside.append(group)
            groups[scope].sources.append(source)
            groups[scope].members.add(source)
        for node_id in self.graph.calls:
            home = groups.get(self._named(self.scope[node_id]))
            if home is not None:
                home.members.add(node_id)
            around = groups.get(self._named(self._item_scope(node_id)))
            while around is not None:
                around.order.append(node_id)
                around = around.parent
        for target in self.graph.targets:
            home = groups.get(self._named(self._item_scope(target)))
            if home is not None:
                home.targets.append(target)
        return groups

    def _left_by(self, home: StreamGroup | None, source: StreamGroup | None) -> Iterator[StreamGroup]:
        """Yield the groups that an edge from `source` to a member of `home` enters."""
        while home is not None and home is not source:
            yield home
            home = home.parent

    def _refuse_circles(self, scopes: StreamGroups) -> None:
        """Raise for a stream that is paired with one made from all of its items: it could never start."""
        after: dict[str, list[str]] = {}
        group_of = {node: group for group in self._walk(scopes.groups) for node in group.sources}
        for node_id, call in self.graph.calls.items():
            after[node_id] = []
            for name, edge in call.edges.items():
                collected = scopes.collecting.get((node_id, name))
                after[node_id].append(edge.node if collected is None else f"items {collected.scope}")
        sources_of: dict[str, list[str]] = {node: [node] for node in group_of}
        for group in dict.fromkeys(group_of.values()):
            sources_of[f"items {group.scope}"] = group.sources
            after[f"items {group.scope}"] = [*group.sources, *self._waits_for(group)]
        _, circles = topological_order(after)
        for circle in circles:
            sources = list(dict.fromkeys(source for node in circle for source in sources_of.get(node, ())))
            node_id = next((node for node in circle if node in self.graph.calls), sources[0])
            paired = " and ".join(f"{node} ({self.graph.calls[node].type.id})" for node in sources)
            message = f"the items of {paired} are paired, but one of them needs all items before it can begin"
            remedy = "collect both streams before they meet, or take the collected list apart with ListToEach elsewhere"
            raise WorkflowError([Problem("streams_in_a_circle", message, node_id, remedy=remedy)])

    def _waits_for(self, group: StreamGroup) -> list[str]:
        return [node if collected is None else f"items {collected.scope}" for node, _, collected in group.outer]

    def _walk(self, groups: list[StreamGroup]) -> Iterator[StreamGroup]:
        pending = list(groups)
        while pending:
            group = pending.pop()
            yield group
            pending += group.inside
