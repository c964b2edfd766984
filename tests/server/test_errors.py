"""Every refusal of the API has one shape: a stable code, a sentence, a remedy, and the first of its problems."""

from __future__ import annotations

import json

from graph.base.errors import MOST_SHOWN, Problem
from server.errors import MOST_PROBLEMS, ApiError, first, not_found, refused, refused_with

PROBLEM = Problem("missing_input", "it is missing", "7", socket="image", remedy="connect it")


def test_a_refusal_tells_everything_in_its_body_and_its_headers() -> None:
    error = ApiError(429, "too_many", "Too many.", "Wait.", headers={"Retry-After": "3"})
    response = error.response()
    assert (response.status, response.headers["Retry-After"]) == (429, "3")
    assert isinstance(response.body, bytes)
    assert json.loads(response.body) == {
        "error": {"code": "too_many", "message": "Too many.", "remedy": "Wait.", "problems": [], "problem_count": 0}
    }


def test_what_was_sent_may_be_of_any_length_and_the_answer_is_not() -> None:
    error = ApiError(400, "x", "a" * 100_000, "b" * 100_000)
    assert len(error.message) < MOST_SHOWN + 100
    assert len(error.remedy) < MOST_SHOWN + 100


def test_what_is_not_there_is_named() -> None:
    error = not_found("run 'x'")
    assert (error.status, error.code, error.message) == (404, "not_found", "There is no run 'x'.")


def test_a_refused_workflow_has_its_problems_with_node_and_remedy() -> None:
    error = refused([PROBLEM])
    assert (error.status, error.code, error.problem_count) == (422, "workflow_refused", 1)
    assert error.problems == [PROBLEM.as_json()]
    assert error.message == "The workflow cannot run."


def test_of_very_many_problems_the_first_are_told_and_the_count_of_all() -> None:
    problems = [Problem("x", str(number)) for number in range(MOST_PROBLEMS + 1)]
    error = refused(problems, "No.")
    assert [problem["message"] for problem in error.problems] == [str(number) for number in range(MOST_PROBLEMS)]
    assert error.problem_count == MOST_PROBLEMS + 1
    assert error.message == "No. These are the first 500 of its 501 problems."
    assert len(first(iter(problems))) == MOST_PROBLEMS


def test_problems_that_are_described_already_are_counted_alike() -> None:
    assert "first 1 of its 1,234 problems" in refused_with([PROBLEM.as_json()], 1234).message
    assert refused_with([PROBLEM.as_json()], 0).problem_count == 1, "a count is never less than what is shown"
