"""Building a workflow: each call adds a node, and what is wrong is raised at its line."""

import pytest

from graph.base.errors import WorkflowError
from graph.document.workflow import Node, Reference, Workflow
from graph.scripting.errors import UnknownNameError, UnknownNodeTypeError
from graph.scripting.script import ScriptWorkflow
from tests.support.documents import document, subworkflow


def test_nodes_are_added_in_order_with_their_inputs_in_the_order_of_the_type(w):
    one = w.Add(number=1)
    two = w.Add(in0=one, number=2)
    assert [node.id for node in w] == ["1", "2"]
    assert len(w) == 2
    assert w.document == Workflow(
        {"1": Node("Add", {"number": 1}), "2": Node("Add", {"number": 2, "in0": Reference("1", "INT")})}
    )
    assert list(two.inputs) == ["name", "number", "in0", "in1", "in2", "in3", "in4", "in5"]


def test_a_node_type_is_called_by_its_id_or_added_by_id_or_title(w, registry):
    assert w.add("Add", number=1).type == "Add"
    assert registry.get("WaitDevice").title != "WaitDevice"
    assert w.add(registry.get("WaitDevice").title).type == "WaitDevice"
    assert "Mix some numbers." in w.Add.__doc__
    assert "in0: One of the numbers to add" in w.Add.__doc__
    assert {"Add", "Split", "run", "save"} <= set(dir(w))


def test_a_type_that_is_not_there_is_an_attribute_error_with_a_suggestion(w):
    with pytest.raises(AttributeError, match="no node type 'Splitt' here"):
        w.Splitt(value=1)
    with pytest.raises(UnknownNodeTypeError, match="did you mean 'Split'"):
        w.add("Splitt", value=1)
    with pytest.raises(UnknownNodeTypeError, match="no sub-workflow 'x'"):
        w.add("@x")
    assert not hasattr(w, "_repr_html_")
    assert len(w) == 0


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({"numbr": 1}, "node 1 .Add., input numbr: the node has no input 'numbr'\n.*did you mean 'number'"),
        ({"number": "one"}, "input number: the value has the wrong type"),
    ],
)
def test_wrong_inputs_are_refused_at_their_line_and_add_nothing(w, inputs, message):
    with pytest.raises(WorkflowError, match=message):
        w.Add(**inputs)
    assert len(w) == 0
    assert w.Add().id == "1"


def test_a_value_that_the_session_refuses_is_refused_with_its_place(w):
    with pytest.raises(WorkflowError, match=r"node 1 .Box., input in0: the box is bad\n.*\n.*take a good one"):
        w.Box(in0={"a": "bad box"})
    assert len(w) == 0


def test_a_missing_input_is_refused(w):
    with pytest.raises(WorkflowError, match="input value: a required input is missing"):
        w.Split()


def test_a_wrong_edge_is_refused_with_both_ends(w):
    text = w.Text(text="a")
    with pytest.raises(WorkflowError, match=r"STRING does not fit INT\n.*got STRING from node 1 \(Text.STRING\)"):
        w.Split(value=text)


def test_a_node_of_several_outputs_is_refused_where_one_is_meant(w):
    split = w.Split(value=1)
    with pytest.raises(WorkflowError, match=r"does not stand for one output.*\n.*\n.*node.whole, node.half"):
        w.Split(value=split)
    with pytest.raises(WorkflowError, match="it has none"):
        w.Split(value=w.Keep())


def test_nodes_of_another_workflow_are_refused(w, session):
    other = ScriptWorkflow(session).Add()
    with pytest.raises(WorkflowError, match="is of another workflow"):
        w.Split(value=other)
    with pytest.raises(ValueError, match="is of another workflow"):
        w.remove(other)


def test_nodes_are_found_by_id_title_or_type(w):
    one, two, split = w.Add(), w.Add(), w.Split(value=1)
    two.title = "Second"
    assert w["2"] == two
    assert w["Second"] == two
    assert w["Split"] == split
    assert w.find("Add") == [one, two]
    assert w.find("Add", title="Second") == w.find(title="Second") == [two]
    assert w.find() == [one, two, split] == list(w.nodes.values())
    with pytest.raises(UnknownNameError, match=r"'Add' names 2 nodes\n.*their ids: 1, 2"):
        w["Add"]
    with pytest.raises(KeyError, match="did you mean 'Second'"):
        w["Secnd"]
    with pytest.raises(UnknownNameError, match="it is empty"):
        ScriptWorkflow(w.session)["Add"]


def test_inputs_are_changed_all_or_none_and_a_seed_that_is_set_stays(session):
    w = ScriptWorkflow(session, Workflow({"3": Node("Seeded", {"seed": 1}, seeds={"seed": "randomize"})}))
    node = w["3"]
    with pytest.raises(WorkflowError, match="no input 'sead'"):
        node.set(name="a", sead=2)
    assert dict(node.inputs) == {"seed": 1, "name": ""}
    node.set(seed=5, name="b")
    assert w.document.nodes["3"] == Node("Seeded", {"seed": 5, "name": "b"}, seeds={"seed": "fixed"})


def test_a_removed_node_takes_its_connections_along(w):
    one = w.Add()
    two = w.Add(in0=one, number=2)
    w.remove(one)
    assert w.document.nodes == {"2": Node("Add", {"number": 2})}
    assert two.inputs["in0"] is None
    with pytest.raises(UnknownNameError, match="there is no node '1'"):
        one.inputs["number"] = 3
    assert w.Add().id == "3", "the id of another node is not taken"


def test_a_document_is_changed_in_place_and_the_rest_is_kept(session):
    inner = subworkflow({"start": "a.in0"}, {"sum": "@a.INT"}, a=("Add", {"number": 1}))
    before = document(subworkflows={"more": inner}, x=("@more", {"start": 3}), y=("Unknown", {"z": [1]}))
    w = ScriptWorkflow(session, before)
    assert w.document == before
    w["x"].inputs["start"] = 4
    again = w.add("@more", start=w["x"].sum)
    assert w.document.subworkflows == {"more": inner}
    assert w["y"].inputs == {"z": [1]}
    w["y"].inputs["w"] = 2
    assert w["y"].inputs["w"] == 2, "of an unknown type everything is taken"
    assert again.inputs["start"] == w["x"].sum
    with pytest.raises(WorkflowError, match="no input 'begin'"):
        w.add("@more", begin=1)
    w.remove(w["y"])
    assert w.run(again) == session.engine.run(w.document, [again.id]).values[again.id]["sum"]


def test_types_flow_through_nodes_that_hand_anything_on(session, w):
    from typing import TypeVar

    from graph.api import Registry, node

    T = TypeVar("T")

    @node("Hand", category="toys")
    def hand(value: T) -> T:
        """Hand on."""
        return value

    assert isinstance(session.registry, Registry)
    session.registry.add(hand.__node_type__)
    handed = w.Hand(value=w.Hand(value=w.Text(text="a")))
    with pytest.raises(WorkflowError, match="STRING does not fit INT"):
        w.Split(value=handed)
    w["1"].inputs["text"] = "b"
    w.nodes["2"].inputs["value"] = w.Add()
    assert w.Split(value=handed).type == "Split"
    opened = ScriptWorkflow(session, w.document)
    with pytest.raises(WorkflowError, match="INT does not fit STRING"):
        opened.Text(text=opened["3"])


def test_adding_does_not_depend_on_how_many_nodes_there_are_but_for_a_copy(w):
    last = w.Add()
    for _ in range(1500):
        last = w.Add(in0=last)
    assert last.id == "1501"
    ScriptWorkflow(w.session, w.document)["1501"].inputs["in1"] = 3
