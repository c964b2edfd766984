"""What a bypassed node hands on: the input of the same place, of the same type, or the first that fits."""

from __future__ import annotations

import pytest

from graph.document.workflow import Mode, Node, Reference
from graph.node_types.node_type import Input, NodeType, Output
from graph.node_types.sockets import ANY, INT, SocketType, generic
from graph.subworkflows.bypass import BypassResolver, BypassResult, bypass_source

IMAGE = SocketType("IMAGE")
MASK = SocketType("MASK", converts={"IMAGE": lambda image: image})
T = generic("T")
WANTED = Input("x", IMAGE)


def node_type(inputs: str, outputs: str) -> NodeType:
    """`a:IMAGE b:MASK` as inputs; outputs are named by their types."""
    known = {"IMAGE": IMAGE, "MASK": MASK, "INT": INT, "T": T}
    ins = tuple(Input(name, known[kind]) for name, _, kind in (each.partition(":") for each in inputs.split()))
    outs = tuple(Output(kind, known[kind]) for kind in outputs.split())
    return NodeType("N", "N", "test", "", ins, outs, function=lambda: None)


def bypassed(*names: str) -> Node:
    """A bypassed node whose inputs are fed by nodes of the same names."""
    return Node("N", {name: Reference(name, "OUT") for name in names}, mode=Mode.BYPASSED)


@pytest.mark.parametrize(
    ("inputs", "outputs", "connected", "output", "source"),
    [
        ("a:IMAGE b:IMAGE", "IMAGE IMAGE2", "a b", "IMAGE", "a"),
        ("a:IMAGE b:IMAGE", "MASK IMAGE", "a b", "IMAGE", "b"),
        ("n:INT a:IMAGE", "IMAGE", "n a", "IMAGE", "a"),
        ("a:MASK b:IMAGE", "INT IMAGE", "a b", "IMAGE", "b"),
        ("a:IMAGE", "IMAGE", "", "IMAGE", None),
        ("n:INT", "IMAGE", "n", "IMAGE", None),
        ("a:IMAGE", "IMAGE", "a", "NONE", None),
    ],
)
def test_the_input_that_is_handed_on(
    inputs: str, outputs: str, connected: str, output: str, source: str | None
) -> None:
    kind = node_type(inputs, outputs.replace("IMAGE2", ""))
    found = bypass_source(bypassed(*connected.split()), kind, output, WANTED)
    assert found == (Reference(source, "OUT") if source else None)


def test_what_fits_the_output_and_not_the_reader_is_not_handed_on() -> None:
    kind = node_type("a:T", "T")
    assert bypass_source(bypassed("a"), kind, "T", Input("x", ANY)) == Reference("a", "OUT")
    assert bypass_source(bypassed("a"), node_type("a:INT", "INT"), "INT", WANTED) is None


def chain(length: int, end: Node | None = None) -> dict[str, Node]:
    """Bypassed nodes, each fed by the one before; the first by `end`."""
    nodes = {"0": end or Node("Give")}
    for number in range(1, length + 1):
        nodes[str(number)] = Node("N", {"a": Reference(str(number - 1), "IMAGE")}, mode=Mode.BYPASSED)
    return nodes


class Types:
    """One node type, and how often it was asked for."""

    def __init__(self) -> None:
        self.asked = 0
        self.type = node_type("a:IMAGE", "IMAGE")

    def __call__(self, _: str) -> NodeType:
        self.asked += 1
        return self.type


def test_a_chain_of_bypassed_nodes_leads_to_what_feeds_it_and_is_gone_once() -> None:
    types = Types()
    resolver = BypassResolver(chain(3_000), types)
    assert resolver.is_bypassed(Reference("3000", "IMAGE"))
    assert not resolver.is_bypassed(Reference("0", "IMAGE"))
    assert not resolver.is_bypassed(Reference("gone", "IMAGE"))
    for reader in ("3000", "1500", "1"):
        assert resolver.resolve(Reference(reader, "IMAGE"), WANTED) == BypassResult(Reference("0", "IMAGE"))
    assert types.asked == 1


def test_a_way_that_ends_says_where() -> None:
    nodes = {**chain(3), "1": Node("N", {}, mode=Mode.BYPASSED)}
    result = BypassResolver(nodes, Types()).resolve(Reference("3", "IMAGE"), WANTED)
    assert (result.reference, result.last) == (None, "1")


def test_a_circle_says_how_it_goes() -> None:
    nodes = {**chain(3), "1": Node("N", {"a": Reference("3", "IMAGE")}, mode=Mode.BYPASSED)}
    result = BypassResolver(nodes, Types()).resolve(Reference("3", "IMAGE"), WANTED)
    assert result.reference is None
    assert result.circle == ("3", "2", "1", "3")


def test_a_node_of_an_unknown_type_hands_nothing_on() -> None:
    result = BypassResolver(chain(2), lambda _: None).resolve(Reference("2", "IMAGE"), WANTED)
    assert (result.reference, result.last) == (None, "2")
