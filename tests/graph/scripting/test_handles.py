"""A node in a script: outputs as attributes, items or taken apart; inputs in a mapping."""

import pytest

from graph.base.errors import NodeError
from graph.document.workflow import Mode, Reference
from graph.scripting.errors import UnknownNameError, UnknownOutputError


def test_outputs_are_attributes_items_or_taken_apart(w):
    node = w.Split(value=1)
    whole, half = node
    assert (node.whole, node.half) == (node[0], node[-1]) == (whole, half)
    assert node.outputs == (whole, half)
    assert node.output_named("half") == half
    assert len(node) == 2
    assert len({whole, node.whole, half}) == 2
    assert whole.reference == Reference("1", "whole")
    assert repr(whole) == "<1: Split.whole>"
    assert repr(node) == "<1: Split>"
    assert {"whole", "half", "title", "inputs"} <= set(dir(node))
    assert w.Keep(), "a node without outputs is no false value"


def test_an_output_that_is_not_there_is_refused_with_a_suggestion(w):
    node = w.Split(value=1)
    with pytest.raises(AttributeError, match=r"no output 'hole'.*\n.*did you mean 'whole'"):
        _ = node.hole
    with pytest.raises(UnknownOutputError, match=r"no output 2\n.*it has the outputs whole, half"):
        node[2]
    with pytest.raises(UnknownOutputError, match=r"'value' is an input: write node.inputs\['value'\]"):
        _ = node.value
    with pytest.raises(TypeError, match="outputs are counted from 0"):
        node["whole"]
    with pytest.raises(UnknownOutputError, match="none at all"):
        w.Keep()[0]
    assert not hasattr(node, "_repr_png_")


def test_the_only_output_stands_for_its_node(w):
    assert w.Add().only_output().name == "INT"
    with pytest.raises(NodeError, match="it has 2"):
        w.Split(value=1).only_output()


def test_inputs_are_read_set_and_given_back_to_their_default(w):
    add = w.Add()
    node = w.Limited(steps=3)
    assert dict(node.inputs) == {"steps": 3, "strength": 0.5}
    assert repr(node.inputs) == "{'steps': 3, 'strength': 0.5}"
    node.inputs["strength"] = 0.25
    assert "strength" in node.inputs
    del node.inputs["steps"]
    assert node.inputs["steps"] == 5
    assert len(node.inputs) == 2
    node.inputs["steps"] = add
    assert node.inputs["steps"] == add[0]
    with pytest.raises(UnknownNameError, match=r"no input 'step'.*\n.*did you mean 'steps'"):
        node.inputs["step"]
    assert node.inputs.get("step") is None
    with pytest.raises(KeyError):
        del node.inputs["step"]


def test_an_input_without_a_value_is_not_there(w):
    node = w.Split(value=w.Add())
    w.remove(w["1"])
    assert "value" not in list(node.inputs)
    with pytest.raises(UnknownNameError, match="the input has no value"):
        node.inputs["value"]


def test_given_values_are_read_back(w):
    box = w.Box(in0=["content"])
    assert box.inputs["in0"].content == "content"


def test_title_mode_and_position_can_be_set_and_nothing_else(w):
    node = w.Add()
    node.title, node.mode, node.position = "One", "muted", (10, 20)
    assert (node.title, node.mode, node.position) == ("One", "muted", (10, 20))
    with pytest.raises(TypeError, match="is a text, not int"):
        node.title = 3
    assert w.document.nodes["1"].mode is Mode.MUTED
    with pytest.raises(ValueError, match="'off' is not a valid Mode"):
        node.mode = "off"
    with pytest.raises(AttributeError, match=r"write node.inputs\['number'\] = ... for an input"):
        node.number = 3


def test_nodes_are_equal_when_they_are_the_same(w):
    assert w.Add() == w["1"]
    assert w["1"] != w.Add()
    assert hash(w["1"]) == hash(w.nodes["1"])
    assert w["1"] != "1"
