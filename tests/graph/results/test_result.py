"""What is stored of a call: a result with its fingerprints, or the lazy inputs that it asked for."""

from __future__ import annotations

from graph.node_types.warnings import NO_WARNINGS
from graph.results.result import CONTENT, RECIPE, WARNED, RequestedInputs, Result


def test_a_result_keeps_its_fingerprints_when_its_values_are_let_go() -> None:
    found = Result((1, 2), (b"ca", None), seconds=3.0)
    found.values = None
    assert found.fingerprints == (b"ca", None)
    assert (found.seconds, found.artifacts, found.on_disk, found.warned) == (3.0, (), False, NO_WARNINGS)


def test_a_result_has_room_for_nothing_else() -> None:
    """There are very many of them."""
    assert not hasattr(Result(()), "__dict__")


def test_two_results_are_never_one_though_they_hold_the_same() -> None:
    assert Result((1,)) != Result((1,))


def test_the_same_question_is_equal() -> None:
    assert RequestedInputs(("a", "b")) == RequestedInputs(("a", "b"))
    assert RequestedInputs(("a", "b")) != RequestedInputs(("b", "a"))


def test_no_key_is_taken_for_another_sort() -> None:
    assert len({CONTENT, RECIPE, WARNED[: len(CONTENT)]}) == 3
