"""What can be wrong with sub-workflows is said with names, with what was meant, and with what to do."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from graph.base.errors import Problem
from graph.document.workflow import Reference
from graph.subworkflows import problems

AT = Reference("3", "IMAG")
CASES: dict[str, tuple[Callable[[], Problem], str, str]] = {
    "nothing of that name": (
        lambda: problems.unknown_subworkflow("upp", ["up", "down"]),
        "unknown_subworkflow",
        "'up'",
    ),
    "nothing at all": (lambda: problems.unknown_subworkflow("up", []), "unknown_subworkflow", "add its definition"),
    "an output of no node": (lambda: problems.comes_from_nowhere("up", "OUT", AT), "dangling_reference", "'OUT'"),
    "an output of no output": (
        lambda: problems.gives_no_such_output("up", "OUT", AT, "Blur", ["IMAGE", "MASK"]),
        "unknown_output",
        "IMAGE, MASK",
    ),
    "an input of no node": (lambda: problems.leads_nowhere("up", "in", "3"), "dangling_reference", "'in'"),
    "an input of no input": (
        lambda: problems.leads_to_no_input("up", "in", "3", "imag", ["image"]),
        "unknown_input",
        "image",
    ),
    "an input that is none": (lambda: problems.unknown_input("imag", ["image"]), "unknown_input", "'image'"),
    "an input of none": (lambda: problems.unknown_input("x", []), "unknown_input", "none at all"),
    "an output that is none": (
        lambda: problems.unknown_output("up", "7", "IMAG", ["IMAGE"]),
        "unknown_output",
        "'IMAGE'",
    ),
    "one name for two": (lambda: problems.same_name("inputs", "up", "x"), "duplicate_name", "another name"),
    "a circle": (lambda: problems.circle(["a -> b -> a"]), "cycle", "take one of these instances out"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_problem_has_a_stable_code_and_a_remedy_that_names_what_is_there(name: str) -> None:
    make, code, remedy = CASES[name]
    problem = make()
    assert problem.code == code
    assert problem.message
    assert remedy in problem.remedy


def test_what_was_expected_and_found_is_told_where_there_is_a_choice() -> None:
    problem = problems.gives_no_such_output("up", "OUT", AT, "Blur", ["IMAGE", "MASK"])
    assert problem.expected == "one of the outputs of node '3' (Blur): IMAGE, MASK"
    assert problem.got == "'IMAG'"
    assert problems.leads_to_no_input("up", "in", "3", "imag", []).expected.endswith("none at all")


def test_every_circle_is_named() -> None:
    assert "a -> a; b -> c -> b" in problems.circle(["a -> a", "b -> c -> b"]).message
