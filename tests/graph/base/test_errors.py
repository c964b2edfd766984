"""Problems in words and as data."""

import pytest

from graph.base.errors import NodeError, Problem, WorkflowError


def test_a_problem_in_words_says_where_what_and_how_to_mend_it():
    problem = Problem("above_max", "50 is too large", "3", "KSampler", "steps", "at most 20", "50", "lower it")
    assert str(problem) == (
        "node 3 (KSampler), input steps: 50 is too large\n  expected at most 20; got 50\n  To fix it: lower it"
    )


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        (Problem("x", "it broke"), "it broke"),
        (Problem("x", "it broke", node="3"), "node 3: it broke"),
        (Problem("x", "it broke", socket="steps"), "input steps: it broke"),
        (
            Problem("x", "it broke", "7", "Upscale twice", "steps", inner="3", inner_type="KSampler"),
            "node 7 (Upscale twice), inside it node 3 (KSampler), input steps: it broke",
        ),
        (Problem("x", "it broke", "7", inner="3/5"), "node 7, inside it node 3/5: it broke"),
        (Problem("x", "it broke", got="50"), "it broke\n  got 50"),
    ],
)
def test_fields_that_do_not_apply_are_left_out(problem, words):
    assert str(problem) == words


def test_a_problem_as_data_has_only_the_fields_that_apply():
    assert Problem("x", "it broke", node="3").as_json() == {"code": "x", "message": "it broke", "node": "3"}


def test_a_workflow_error_tells_and_keeps_all_problems():
    problems = [Problem("x", "one"), Problem("y", "two")]
    error = WorkflowError(problems)
    assert error.problems == problems
    assert str(error) == "one\ntwo"


def test_a_node_error_knows_its_input_and_remedy():
    error = NodeError("torn", input="yarn", remedy="mend it")
    assert (str(error), error.input, error.remedy) == ("torn", "yarn", "mend it")


def test_a_node_whose_id_is_empty_text_is_named_all_the_same():
    assert str(Problem("wrong_type", "it is wrong", "", "Add", "number")) == "node '' (Add), input number: it is wrong"
