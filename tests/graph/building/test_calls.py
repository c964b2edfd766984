"""What a run works on: edges know what flows, and an instance's outputs are gathered from the nodes inside."""

from __future__ import annotations

from graph.building.calls import Call, Graph, edge_of
from graph.document.workflow import Reference
from graph.node_types.node_type import Input, NodeType, Output
from graph.node_types.sockets import ANY, INT, STRING, Fit, SocketType, can_connect

IMAGE = SocketType("IMAGE")
MASK = SocketType("MASK", converts={"IMAGE": lambda image: image})
FITS = Fit(True)


def test_an_edge_between_like_sockets_converts_nothing() -> None:
    edge = edge_of("a", 1, Output("IMAGE", IMAGE), Input("image", IMAGE), FITS)
    assert (edge.node, edge.output, edge.convert, edge.of, edge.is_list, edge.as_one) == (
        "a",
        1,
        None,
        "",
        False,
        False,
    )


def test_a_conversion_is_noted_with_the_type_that_it_converts() -> None:
    edge = edge_of("a", 0, Output("IMAGE", IMAGE), Input("mask", MASK), can_connect(IMAGE, MASK))
    assert edge.convert is not None
    assert edge.of == "IMAGE"


def test_one_value_for_an_input_that_collects_is_one_though_it_may_be_a_list_itself() -> None:
    collects = Input("numbers", INT, collects=True)
    assert edge_of("a", 0, Output("INT", INT), collects, FITS).as_one
    assert not edge_of("a", 0, Output("INT", INT, is_list=True), collects, FITS).as_one
    assert edge_of("a", 0, Output("INT", INT, is_list=True), collects, FITS).is_list
    assert not edge_of("a", 0, Output("ANY", ANY), collects, FITS).as_one, "it may be either"
    assert not edge_of("a", 0, Output("INT", INT), Input("number", INT), FITS).as_one


def test_calls_that_are_given_nothing_share_one_empty_mapping() -> None:
    kind = NodeType("T", "T", "test", "", (), (Output("STRING", STRING),), function=lambda: "")
    one, other = Call("1", kind), Call("2", kind)
    assert one.given == {}
    assert one.given is other.given
    assert one.literals is not other.literals


def test_the_outputs_of_an_instance_are_those_of_its_nodes_as_far_as_they_have_values() -> None:
    inside = {"IMAGE": Reference("7/1", "IMAGE"), "MASK": Reference("7/2", "MASK"), "TEXT": Reference("7/3", "TEXT")}
    graph = Graph({}, ("7",), outputs={"7": inside})
    values = {"7/1": {"IMAGE": "i", "OTHER": "o"}, "7/2": {}}
    assert graph.gather("7", values) == {"IMAGE": "i"}
