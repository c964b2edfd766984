"""Naming a node inside of a sub-workflow with `--set`, and changing that one only."""

import pytest

from commands.overrides import apply_overrides
from graph.base.errors import WorkflowError
from graph.building.seeds import seeds_of
from graph.document.workflow import Node, Reference, Subworkflow, SubworkflowInput, SubworkflowOutput, Workflow
from graph.files.folders import Files
from tests.support.toys import toy_registry

REGISTRY = toy_registry()
LUCKY = Subworkflow(
    {"1": Node("Seeded", {"seed": 1}, title="The die"), "2": Node("Seeded", {"seed": 2}), "3": Node("Text")},
    inputs=(SubworkflowInput("luck", (("2", "seed"),)),),
    outputs=(SubworkflowOutput("INT", Reference("1", "INT")),),
)
AROUND = Subworkflow(
    {"x": Node("@lucky"), "y": Node("@lucky")}, inputs=(SubworkflowInput("luck", (("y", "luck"),)),), title="Around"
)
WORKFLOW = Workflow(
    {
        "7": Node("@lucky", title="Upstairs"),
        "8": Node("@lucky", {"luck": 5}),
        "9": Node("@around"),
        "a/b": Node("Seeded", {"seed": 0}, title="An old title / with a slash"),
    },
    subworkflows={"lucky": LUCKY, "around": AROUND},
)


def seeds(*assignments):
    """The seeds of a run after some assignments that differ from those before."""
    before = seeds_of(WORKFLOW, REGISTRY)
    after = seeds_of(apply_overrides(WORKFLOW, assignments, REGISTRY, Files()), REGISTRY)
    return {place: seed for place, seed in after.items() if before[place] != seed}


def refusal(assignment):
    with pytest.raises(WorkflowError) as caught:
        apply_overrides(WORKFLOW, [assignment], REGISTRY, Files())
    return caught.value.problems[0]


@pytest.mark.parametrize(
    ("assignment", "changed"),
    [
        ("7.luck=50", {"7/2.seed": 50}),
        ("Upstairs.luck=50", {"7/2.seed": 50}),
        ("7/1.seed=50", {"7/1.seed": 50}),
        ("7/The die.seed=50", {"7/1.seed": 50}),
        ("Upstairs/The die.seed=50", {"7/1.seed": 50}),
        ("9/x/1.seed=50", {"9/x/1.seed": 50}),
        ("9/y/2.seed=50", {"9/y/2.seed": 50}),
        ("9/y.luck=50", {"9/y/2.seed": 50}),
        ("@lucky/1.seed=50", {f"{place}/1.seed": 50 for place in ("7", "8", "9/x", "9/y")}),
        ("@lucky/The die.seed=50", {f"{place}/1.seed": 50 for place in ("7", "8", "9/x", "9/y")}),
        ("@around/x/1.seed=50", {"9/x/1.seed": 50}),
        ("Around/x/1.seed=50", {"9/x/1.seed": 50}),
        ("An old title / with a slash.seed=50", {"a/b.seed": 50}),
    ],
)
def test_a_node_is_found_and_only_what_was_named_changes(assignment, changed):
    assert seeds(assignment) == changed


def test_several_assignments_go_to_the_same_copy():
    assert seeds("7/1.seed=50", "7/2.seed=60") == {"7/1.seed": 50, "7/2.seed": 60}
    changed = apply_overrides(WORKFLOW, ["7/1.seed=50", "7/2.seed=60"], REGISTRY, Files())
    assert list(changed.subworkflows) == ["lucky", "around", "lucky for 7"]


def test_a_definition_that_is_used_once_is_not_copied():
    changed = apply_overrides(WORKFLOW, ["9/x/3.text=hello"], REGISTRY, Files())
    assert list(changed.subworkflows) == ["lucky", "around", "lucky for x"]


def test_a_seed_that_was_set_stays_as_it_was_set():
    changed = apply_overrides(WORKFLOW, ["7.luck=50", "@lucky/1.seed=4"], REGISTRY, Files())
    assert changed.nodes["7"].seeds == {"luck": "fixed"}
    assert changed.subworkflows["lucky"].nodes["1"].seeds == {"seed": "fixed"}


@pytest.mark.parametrize(
    ("assignment", "code", "words"),
    [
        ("8/2.seed=50", "bad_override", "--set 8.luck=..."),
        ("7/9.seed=1", "bad_override", "1 (The die), 2 (Seeded), 3 (Text)"),
        ("7/Seeded.seed=1", "bad_override", "use one of their ids: 1, 2"),
        ("7/1/1.seed=1", "bad_override", "name an instance"),
        ("/1.seed=1", "bad_override", "7 (Upstairs)"),
        ("@lucky.seed=1", "bad_override", "use one of their ids: 7, 8"),
        ("@gone/1.seed=1", "bad_override", "7 (Upstairs)"),
        ("7.seed=1", "unknown_input", "use one of its inputs: luck"),
        ("7/1.sed=1", "unknown_input", "use one of its inputs: seed, name"),
    ],
)
def test_what_means_nothing_is_refused_with_advice(assignment, code, words):
    problem = refusal(assignment)
    assert problem.code == code
    assert words in problem.remedy
