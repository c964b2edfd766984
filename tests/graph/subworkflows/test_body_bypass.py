"""Inside of a body, what reads a bypassed node reads what is behind it: a node, or an input of the body."""

from __future__ import annotations

from graph.document.workflow import Mode, Node, Reference
from graph.node_types.node_type import Input, NodeType, Output
from graph.node_types.sockets import INT
from graph.subworkflows.body_bypass import step_through


def node_type(name: str, *inputs: Input) -> NodeType:
    return NodeType(name, name, "test", "", inputs, (Output("INT", INT),), function=lambda: 0)


TYPES = {
    "One": node_type("One", Input("x", INT)),
    "May": node_type("May", Input("x", INT, default=7, optional=True)),
}


def ref(node: str) -> Reference:
    return Reference(node, "INT")


def test_without_bypassed_nodes_everything_stays() -> None:
    nodes = {"a": Node("One"), "b": Node("One", {"x": ref("a")})}
    inputs, outputs = {"in": (("a", "x"),)}, {"out": ref("b")}
    assert step_through(nodes, inputs, outputs, TYPES.get) == (nodes, inputs, outputs, {})


def test_an_edge_leads_to_the_node_behind() -> None:
    nodes = {
        "a": Node("One", {"x": 1}),
        "off": Node("One", {"x": ref("a")}, mode=Mode.BYPASSED),
        "b": Node("One", {"x": ref("off")}),
    }
    changed, inputs, outputs, hands_on = step_through(nodes, {}, {"out": ref("off")}, TYPES.get)
    assert changed["b"].inputs == {"x": ref("a")}
    assert changed["off"] == nodes["off"], "the bypassed node itself stays"
    assert (inputs, outputs, hands_on) == ({}, {"out": ref("a")}, {})


def test_an_input_of_the_body_goes_to_one_place_more() -> None:
    nodes = {"off": Node("One", mode=Mode.BYPASSED), "b": Node("One", {"x": ref("off")})}
    changed, inputs, _, _ = step_through(nodes, {"in": (("off", "x"),)}, {"out": ref("b")}, TYPES.get)
    assert inputs == {"in": (("off", "x"), ("b", "x"))}
    assert changed["b"].inputs == {}


def test_an_output_may_only_hand_on_an_input() -> None:
    nodes = {"off": Node("One", mode=Mode.BYPASSED)}
    *_, hands_on = step_through(nodes, {"in": (("off", "x"),)}, {"out": ref("off")}, TYPES.get)
    assert hands_on == {"out": "in"}


def test_an_input_of_the_body_that_may_be_left_out_leaves_what_is_written() -> None:
    nodes = {
        "a": Node("One", {"x": 1}),
        "off": Node("One", {"x": ref("a")}, mode=Mode.BYPASSED),
        "b": Node("One", {"x": ref("off")}),
    }
    changed, inputs, _, _ = step_through(nodes, {"in": (("off", "x"),)}, {}, TYPES.get)
    assert inputs["in"] == (("off", "x"), ("b", "x"))
    assert changed["b"].inputs == {"x": ref("a")}


def test_an_optional_input_for_which_there_is_nothing_has_its_default() -> None:
    nodes = {"off": Node("One", mode=Mode.BYPASSED), "b": Node("May", {"x": ref("off")})}
    changed, *_ = step_through(nodes, {}, {}, TYPES.get)
    assert changed["b"].inputs == {"x": 7}


def test_what_cannot_do_without_it_keeps_its_edge_and_is_refused_later() -> None:
    nodes = {
        "off": Node("One", mode=Mode.BYPASSED),
        "b": Node("One", {"x": ref("off")}),
        "muted": Node("One", {"x": ref("off")}, mode=Mode.MUTED),
    }
    changed, _, outputs, _ = step_through(nodes, {}, {"out": ref("off")}, TYPES.get)
    assert changed["b"].inputs == changed["muted"].inputs == {"x": ref("off")}
    assert outputs == {"out": ref("off")}
