"""Names of places for people, and problems of runs made to point at what is seen."""

import pytest

from graph.base.errors import Problem
from graph.building.source_map import name_of, visible
from graph.document.workflow import Node, Reference, Subworkflow, SubworkflowInput, SubworkflowOutput, Workflow

INNER = Subworkflow(
    {"3": Node("KSampler", title="Second pass"), "4": Node("Add")},
    title="Upscale twice",
    inputs=(SubworkflowInput("n", (("4", "number"),)),),
)
OUTER = Subworkflow({"a": Node("@up", {"n": 2})}, outputs=(SubworkflowOutput("o", Reference("a", "x")),))
WORKFLOW = Workflow(
    {"5": Node("ForEach", title="Loop"), "7": Node("@up"), "8": Node("@around", title="Here"), "9": Node("@gone")},
    subworkflows={"up": INNER, "around": OUTER},
)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("5", "Loop (5)"),
        ("7", "Upscale twice (7)"),
        ("7/3", "Upscale twice (7) / Second pass (3)"),
        ("7/4", "Upscale twice (7) / Add (4)"),
        ("8/a/3", "Here (8) / Upscale twice (a) / Second pass (3)"),
        ("5/0/x", "Loop (5) / 0 / x"),
        ("9/1", "@gone (9) / 1"),
        ("elsewhere", "elsewhere"),
    ],
)
def test_a_node_is_named_with_the_way_to_it(path, name):
    assert name_of(WORKFLOW, path) == name


@pytest.mark.parametrize(
    ("path", "where"),
    [
        ("5", "node 5 (T)"),
        ("7/3", "node 7 (Upscale twice), inside it node 3 (T)"),
        ("8/a/3", "node 8 (@around), inside it node a/3 (T)"),
        ("5/0/x", "node 5 (ForEach), inside it node 0/x (T)"),
        ("@up/3", "node @up/3 (T)"),
        ("", "input x"),
    ],
)
def test_a_problem_says_what_is_seen_and_the_way_from_there(path, where):
    problem = visible(Problem("node_failed", "it failed", path, "T" if path else "", "x"), WORKFLOW)
    assert str(problem) == f"{where}, input x: it failed" if path else f"{where}: it failed"
    assert visible(problem, WORKFLOW) == problem, "once is enough"


def test_a_loop_that_lies_inside_of_itself_is_told_by_how_often():
    path = "5" + "/next" * 57 + "/turn/a/a/1"
    assert visible(Problem("node_failed", "it failed", path), WORKFLOW).inner == "next (57 times)/turn/a/a/1"


def test_of_two_inputs_that_lead_to_the_same_place_that_one_is_meant_which_is_given():
    both = Subworkflow(
        {"4": Node("Add")},
        inputs=(SubworkflowInput("n", (("4", "number"),)), SubworkflowInput("m", (("4", "number"),))),
    )
    around = Subworkflow({"a": Node("@both")}, inputs=(SubworkflowInput("k", (("a", "n"),)),))
    workflow = Workflow({"8": Node("@around", {"k": "x"})}, subworkflows={"both": both, "around": around})
    found = visible(Problem("wrong_type", "it is wrong", "8/a/4", "Add", "number"), workflow)
    assert (found.node, found.inner, found.socket) == ("8", "", "k")


def test_a_problem_that_an_instance_caused_belongs_to_its_input():
    """The value came from the outermost instance that gives it."""
    inside = visible(Problem("wrong_type", "it is wrong", "8/a/4", "Add", "number"), WORKFLOW)
    assert (inside.node, inside.inner, inside.inner_type, inside.socket) == ("8", "a", "Upscale twice", "n")
    alone = visible(Problem("wrong_type", "it is wrong", "7/4", "Add", "number"), WORKFLOW)
    assert (alone.node, alone.inner, alone.inner_type, alone.socket) == ("7", "4", "Add", "number")
    missing = visible(Problem("missing_input", "it is missing", "7/4", "Add", "number"), WORKFLOW)
    assert (missing.node, missing.node_type, missing.inner, missing.socket) == ("7", "Upscale twice", "", "n")
