"""The engine's checks for one node of a document."""

import pytest

from graph.base.errors import WorkflowError
from graph.document.workflow import Node, Reference, Workflow
from graph.node_types.flow import GivenValue
from graph.scripting.input_checks import check_inputs, output_types


def checked(registry, files, node, only=None, **others):
    workflow = Workflow({"n": node, **others})

    def type_of(node_id):
        return registry.get(workflow.nodes[node_id].type)

    def outputs_of(node_id):
        return type_of(node_id).outputs if node_id in workflow.nodes and type_of(node_id) else None

    check_inputs("n", workflow, type_of, outputs_of, registry, files, only)
    return output_types(node, type_of("n"), outputs_of)


def test_what_fits_passes(registry, files):
    assert checked(registry, files, Node("Add", {"number": 1, "in0": Reference("a", "INT")}), a=Node("Add"))
    checked(registry, files, Node("Type", {"value": Reference("a", "INT")}), a=Node("Add"))  # converted
    checked(registry, files, Node("Type", {"value": GivenValue(3, None)}))
    checked(registry, files, Node("Add", {"in0": Reference("a", "x")}), a=Node("Nobody knows it"))


@pytest.mark.parametrize(
    ("node", "codes"),
    [
        (Node("Split"), ["missing_input"]),
        (Node("Split", {"value": None}), ["missing_input"]),
        (Node("Split", {"value": "a", "other": 1}), ["unknown_input", "wrong_type"]),
        (Node("Split", {"value": GivenValue("a", None)}), ["wrong_type"]),
        (Node("Split", {"value": Reference("gone", "INT")}), ["dangling_reference"]),
        (Node("Split", {"value": Reference("a", "INTEGER")}), ["unknown_output"]),
        (Node("Split", {"value": Reference("t", "STRING")}), ["wrong_socket_type"]),
        (Node("Choose", {"file": "none.txt"}), ["file_missing"]),
        (Node("Limited", {"steps": 11}), ["above_max"]),
    ],
)
def test_everything_that_is_wrong_is_raised_at_once(registry, files, node, codes):
    with pytest.raises(WorkflowError) as raised:
        checked(registry, files, node, a=Node("Add"), t=Node("Text"))
    assert [problem.code for problem in raised.value.problems] == codes
    assert {problem.node for problem in raised.value.problems} == {"n"}


def test_only_what_was_set_is_looked_at_where_other_inputs_were_wrong_before(registry, files):
    node = Node("Split", {"value": "a", "name": "b"})
    checked(registry, files, node, only={"name"})
    with pytest.raises(WorkflowError, match="input value"):
        checked(registry, files, node, only={"value"})
