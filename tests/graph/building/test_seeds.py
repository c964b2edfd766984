"""What happens to seeds before a run."""

from typing import Annotated

import pytest

from graph.building.seeds import RANDOM_BITS, advance_seeds, count_up_fixed, moved_seeds, seeds_of
from graph.document.workflow import Node, Reference, Subworkflow, SubworkflowInput, Workflow
from graph.node_types.registry import Registry
from graph.node_types.widgets import SEED_MAX, Seed
from tests.support.toys import toy_registry, type_from


def advanced(inputs, control, registry=None, drawn=5):
    """The inputs of one node after its seeds were advanced; `drawn` is what the dice show."""
    seeds = {} if control is None else {"seed": control}
    workflow = Workflow({"1": Node("Seeded", inputs, seeds=seeds)})

    def draw(bits):
        assert bits == RANDOM_BITS
        return drawn

    return dict(advance_seeds(workflow, registry or toy_registry(), draw).nodes["1"].inputs)


@pytest.mark.parametrize(
    ("control", "before", "after"),
    [
        ("fixed", 7, 7),
        (None, 7, 7),
        ("increment", 7, 8),
        ("decrement", 7, 6),
        ("randomize", 7, 5),
        ("increment", SEED_MAX, 0),
        ("decrement", 0, SEED_MAX),
        ("an unknown word", 7, 7),
        (["randomize"], 7, 7),
        ({}, 7, 7),
    ],
)
def test_a_seed_stays_is_drawn_anew_or_counted(control, before, after):
    assert advanced({"seed": before}, control) == {"seed": after}


@pytest.mark.parametrize("value", [-1, SEED_MAX + 1, 10**5000, 0.5, "7", None, True], ids=type)
def test_a_fixed_seed_is_never_touched_so_that_validation_can_say_what_is_wrong(value):
    assert advanced({"seed": value}, "fixed") == {"seed": value}


@pytest.mark.parametrize("value", [0.5, "7", None, True])
def test_what_is_no_whole_number_is_not_counted(value):
    assert advanced({"seed": value}, "increment") == {"seed": value}


def test_a_seed_that_an_edge_feeds_is_left_alone():
    reference = Reference("2", "INT")
    for control in ("randomize", "increment", "fixed"):
        assert advanced({"seed": reference}, control) == {"seed": reference}


@pytest.mark.parametrize("control", ["fixed", "increment"])
def test_a_required_seed_that_is_missing_stays_missing(control):
    assert advanced({}, control) == {}


def test_a_missing_seed_may_be_drawn():
    assert advanced({}, "randomize") == {"seed": 5}


def test_seeds_stay_within_the_limits_of_their_input():
    def small(seed: Annotated[int, Seed(min=10, max=19)] = 10) -> int:
        """Take a small seed."""
        return seed

    registry = Registry()
    registry.add(type_from(small, id="Seeded"))
    assert advanced({"seed": 19}, "increment", registry) == {"seed": 10}
    assert advanced({"seed": 10}, "decrement", registry) == {"seed": 19}
    assert advanced({"seed": 10}, "randomize", registry, drawn=123) == {"seed": 13}
    assert advanced({}, "increment", registry) == {"seed": 11}, "counted from the default"


def test_a_drawn_seed_is_never_negative():
    """A number that may be negative, and feeds a seed that may not, is drawn so that the seed takes it."""

    def whole(seed: Annotated[int, Seed(min=-(2**63) + 1, max=2**63 - 1)] = 10) -> int:
        """Take any number."""
        return seed

    registry = Registry()
    registry.add(type_from(whole, id="Seeded"))
    assert advanced({"seed": 10}, "randomize", registry, drawn=123) == {"seed": 123}


def test_drawn_seeds_survive_programs_that_keep_numbers_as_doubles():
    workflow = Workflow({"1": Node("Seeded", {"seed": 0}, seeds={"seed": "randomize"})})
    drawn = [advance_seeds(workflow, toy_registry()).nodes["1"].inputs["seed"] for _ in range(20)]
    assert all(0 <= seed < 2**50 and int(float(seed)) == seed for seed in drawn)
    assert len(set(drawn)) == 20


def test_nodes_without_seeds_and_unknown_nodes_are_left_alone():
    workflow = Workflow(
        {"1": Node("Zzzzz", {"seed": 7}, seeds={"seed": "increment"}), "2": Node("Seeded", {"seed": 7})}
    )
    assert advance_seeds(workflow, toy_registry()) == workflow


def test_the_document_itself_is_not_changed():
    workflow = Workflow({"1": Node("Seeded", {"seed": 7}, seeds={"seed": "increment"})})
    assert advance_seeds(workflow, toy_registry()) != workflow
    assert workflow.nodes["1"].inputs == {"seed": 7}


def with_definition(nodes, inner_inputs=None, **more):
    """A document with a sub-workflow of one seeded node, whose seed an instance may be given."""
    inner = Node("Seeded", {"seed": 7} if inner_inputs is None else inner_inputs, **more)
    definition = Subworkflow({"1": inner}, inputs=(SubworkflowInput("luck", (("1", "seed"),)),))
    return Workflow(nodes, subworkflows={"lucky": definition})


def test_a_seed_inside_of_a_subworkflow_moves_once_for_all_instances():
    workflow = with_definition({"a": Node("@lucky"), "b": Node("@lucky")}, seeds={"seed": "increment"})
    after = advance_seeds(workflow, toy_registry())
    assert after.subworkflows["lucky"].nodes["1"].inputs == {"seed": 8}
    assert after.nodes == workflow.nodes
    assert moved_seeds(workflow, after) == {"@lucky/1.seed": 8}
    assert seeds_of(after, toy_registry()) == {"a/1.seed": 8, "b/1.seed": 8}


def test_a_seed_that_an_instance_is_given_moves_with_the_instance():
    nodes = {"a": Node("@lucky", {"luck": 3}, seeds={"luck": "decrement"}), "b": Node("@lucky", {"luck": 3})}
    workflow = with_definition(nodes)
    after = advance_seeds(workflow, toy_registry())
    assert moved_seeds(workflow, after) == {"a.luck": 2}
    assert seeds_of(after, toy_registry()) == {"a/1.seed": 2, "b/1.seed": 3}


def test_what_did_not_move_is_not_told():
    workflow = with_definition({"a": Node("Seeded", {"seed": 7}, seeds={"seed": "fixed"})})
    assert moved_seeds(workflow, advance_seeds(workflow, toy_registry())) == {}


def test_fixed_seeds_are_counted_up_wherever_they_lie():
    nodes = {"0": Node("Seeded", {"seed": 1}), "a": Node("@lucky"), "b": Node("@lucky", {"luck": 3})}
    workflow = count_up_fixed(with_definition(nodes), toy_registry())
    again = advance_seeds(workflow, toy_registry())
    assert seeds_of(again, toy_registry()) == {"0.seed": 2, "a/1.seed": 8, "b/1.seed": 4}


def test_a_seed_that_is_drawn_anew_is_not_counted_up():
    workflow = Workflow({"1": Node("Seeded", {"seed": 1}, seeds={"seed": "randomize"})})
    assert count_up_fixed(workflow, toy_registry()) == workflow
