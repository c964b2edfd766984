"""Values that were given from Python are left out of what is written down, and nothing else is."""

from graph.building.given_values import without_given
from graph.document.workflow import Node, Workflow
from graph.engine import Engine
from graph.node_types.flow import GivenValue
from tests.support.toys import type_from


def test_given_inputs_are_left_out_and_documents_without_are_the_same():
    plain = Workflow({"1": Node("Add", {"number": 1}, title="One")}, title="Sum")
    assert without_given(plain) is plain
    given = Workflow({**plain.nodes, "2": Node("Add", {"number": 2, "in0": GivenValue(3, None)})}, title="Sum")
    assert without_given(given) == Workflow({**plain.nodes, "2": Node("Add", {"number": 2})}, title="Sum")


def test_what_a_run_writes_down_leaves_them_out(registry, files):
    from graph.api import NodeContext

    def note(context: NodeContext, value: int) -> str:
        """Give what would be written into a picture."""
        return str(context.record.workflow()["nodes"])

    registry.add(type_from(note, id="Note"))
    with Engine(registry, files) as engine:
        outcome = engine.run(Workflow({"1": Node("Note", {"value": GivenValue(3, None)})}), ["1"])
    assert outcome.values["1"]["STRING"] == "{'1': {'type': 'Note'}}"
