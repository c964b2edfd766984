"""A document is data: editing makes another one, and what is not understood stays in it."""

from __future__ import annotations

from graph.document.workflow import Mode, Node, Reference, Subworkflow, Workflow

SEED = Node(
    "KSampler", {"seed": 1, "steps": 20}, "Paint", Mode.MUTED, (1, 2), (3, 4), {"seed": "randomize"}, {"colour": "red"}
)


def test_a_node_with_other_inputs_is_the_same_in_everything_else() -> None:
    changed = SEED.with_inputs({"seed": 2})
    assert changed.inputs == {"seed": 2}
    assert changed.with_inputs(SEED.inputs) == SEED
    assert SEED.inputs == {"seed": 1, "steps": 20}


def test_setting_an_input_makes_another_document_and_leaves_this_one_alone() -> None:
    workflow = Workflow({"3": SEED, "4": Node("Load")}, title="Cats", extra={"zoom": 1})
    edge = Reference("4", "MODEL")
    changed = workflow.with_input("3", "model", edge)
    assert changed.nodes["3"].inputs == {"seed": 1, "steps": 20, "model": edge}
    assert workflow.nodes["3"].inputs == {"seed": 1, "steps": 20}
    assert changed.nodes["4"] is workflow.nodes["4"]
    assert list(changed.nodes) == ["3", "4"], "in the order of the file"
    assert (changed.title, changed.extra) == ("Cats", {"zoom": 1})


def test_node_types_are_those_of_subworkflows_too_and_no_instances() -> None:
    inner = Subworkflow({"1": Node("Blur"), "2": Node("@deeper")})
    workflow = Workflow({"1": SEED, "2": Node("@inner"), "3": SEED}, subworkflows={"inner": inner})
    assert workflow.node_types() == {"KSampler", "Blur"}


def test_modes_are_written_as_they_stand_in_files() -> None:
    assert [str(mode) for mode in Mode] == ["active", "muted", "bypassed"]
    assert Node("Add").mode is Mode.ACTIVE
