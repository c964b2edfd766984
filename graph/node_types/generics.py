"""Type variables: all sockets of a node with the same variable carry the same type.

The first connected input binds the variable, and another one may widen it: INT and FLOAT become FLOAT, because an INT
converts to a FLOAT. Two types that do not fit each other either way are refused. Values of unknown type (given from
outside, or from an output of any type) bind nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from graph.node_types.compatibility import can_feed
from graph.node_types.node_type import Input, NodeType, Output
from graph.node_types.sockets import ANY, BOOLEAN, FLOAT, INT, STRING, Fit, SocketType, in_words, union

_LITERALS: dict[type, SocketType] = {bool: BOOLEAN, int: INT, float: FLOAT, str: STRING}


@dataclass(slots=True)
class _Bound:
    """The type that a variable is bound to so far, and the input that bound it."""

    type: SocketType
    is_list: bool
    by: str


@dataclass(frozen=True, slots=True)
class Clash:
    """Two inputs with the same type variable are connected to types that do not fit each other."""

    input: str
    other: str
    expected: str
    got: str


class Binding:
    """The types that the variables of one call are bound to, by its edges and literals."""

    def __init__(self, node_type: NodeType, arriving: Mapping[str, Output], literals: Mapping[str, Any]) -> None:
        self.clashes: list[Clash] = []
        self._bound: dict[str, _Bound] = {}
        for item in node_type.inputs:
            if not item.type.generic:
                continue
            output = arriving.get(item.name)
            if output is not None:
                self._bind(item, output.type, output.is_list and not item.collects)
            elif type(literals.get(item.name)) in _LITERALS:
                self._bind(item, _LITERALS[type(literals[item.name])], False)

    def fit(self, output: Output, item: Input) -> Fit:
        """Return whether an output fits an input, given the types bound so far."""
        bound = self._bound.get(item.type.generic)
        if bound is None or bound.is_list:
            return can_feed(output, item)
        return can_feed(output, replace(item, type=bound.type))

    def outputs(self, node_type: NodeType) -> tuple[Output, ...]:
        """Return the outputs with their bound types."""
        return tuple(self._known(output) if output.type.generic else output for output in node_type.outputs)

    def _known(self, output: Output) -> Output:
        bound = self._bound.get(output.type.generic)
        if bound is None:
            return Output(output.name, ANY, "", output.each, output.is_list)
        if bound.is_list and output.is_list:
            return Output(output.name, ANY, "", output.each, True)  # a list of lists
        return Output(output.name, bound.type, "", output.each, output.is_list or bound.is_list)

    def _bind(self, item: Input, arriving: SocketType, is_list: bool) -> None:
        bound = self._bound.get(item.type.generic)
        if bound is None:
            self._bound[item.type.generic] = _Bound(arriving, is_list, item.name)
            return
        joined = _join(bound.type, arriving)
        if joined is None or (is_list is not bound.is_list and "*" not in (arriving.name, bound.type.name)):
            expected, got = _in_words(bound.type, bound.is_list), _in_words(arriving, is_list)
            self.clashes.append(Clash(item.name, bound.by, expected, got))
            return
        if joined is not bound.type:
            bound.type, bound.is_list, bound.by = joined, is_list, item.name


def _join(one: SocketType, other: SocketType) -> SocketType | None:
    """Return the type that accepts the values of both, or None."""
    if one.name == other.name or other.name == "*":
        return one
    if one.name == "*":
        return other
    ones, others = set(one.names), set(other.names)
    if ones <= others or ones & other.converts.keys():
        return other
    if others <= ones or others & one.converts.keys():
        return one
    return union((one, other)) if ones & others else None


def _in_words(socket: SocketType, is_list: bool) -> str:
    return f"a list of {in_words(socket)}" if is_list else in_words(socket)
