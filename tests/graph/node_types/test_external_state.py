"""What an author's `fingerprint` says is a part of keys; where it says nothing that compares, nothing is reused."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from graph.files.folders import Files
from graph.node_types.external_state import UnknownExternalStateError, external_state_part
from graph.node_types.node_type import NodeType


def part(answer: Callable[..., object], **literals: object) -> bytes:
    kind = NodeType("N", "N", "test", "", (), (), function=lambda: None, fingerprint=answer)
    return external_state_part(kind, literals, Files())


def test_equal_answers_are_one_part_and_others_are_not() -> None:
    answers = [1, 1.0, "1", True, None, [1], {"a": 1}]
    parts = [part(lambda answer=answer: answer) for answer in answers]
    assert len(set(parts)) == len(answers)
    assert part(lambda: [1, {"a": "x"}]) == part(lambda: [1, {"a": "x"}])


def test_it_is_asked_with_the_literals_of_the_call() -> None:
    assert part(lambda size: size * 2, size=3) == part(lambda: 6)


def test_a_node_without_one_has_always_the_same() -> None:
    kind = NodeType("N", "N", "test", "", (), (), function=lambda: None)
    assert external_state_part(kind, {"a": 1}, Files()) == external_state_part(kind, {}, Files())


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (lambda: 1 / 0, "raised ZeroDivisionError: division by zero"),
        (lambda: (_ for _ in ()).throw(ValueError()), "raised ValueError"),
        (lambda: object(), "cannot be compared"),
        (lambda: math.nan, "NaN"),
        (lambda: [1, {"a": (math.nan,)}], "NaN"),
        (lambda: {math.nan: 1}, "NaN"),
    ],
)
def test_what_cannot_be_compared_is_unknown_and_told(answer: Callable[[], object], why: str) -> None:
    with pytest.raises(UnknownExternalStateError, match=why):
        part(answer)
