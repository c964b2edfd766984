"""What an author's `fingerprint` says is a part of keys; where it says nothing that compares, nothing is reused."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

from graph.files.folders import Files
from graph.node_types.external_state import UnknownExternalStateError, external_state, external_state_part
from graph.node_types.node_type import NodeType


def kind_of(**options: Any) -> NodeType:
    return NodeType("N", "N", "test", "", (), (), function=lambda: None, **options)


def part(answer: Callable[..., object], **literals: object) -> bytes:
    return external_state_part(kind_of(fingerprint=answer), literals, Files())


def test_the_authors_fingerprint_is_asked_with_inputs_and_files_and_no_words() -> None:
    asked: list[dict[str, Any]] = []
    files = Files()

    def fingerprint(**given: Any) -> int:
        asked.append(given)
        return 7

    literals = {"a": 1, "%KSampler.seed%": 5}
    with_files = kind_of(fingerprint=fingerprint, fingerprint_takes_files=True, words=("%KSampler.seed%",))
    assert external_state(with_files, literals, files) == 7
    assert external_state(kind_of(fingerprint=fingerprint), literals, files) == 7
    assert asked == [{"a": 1, "files": files}, literals]
    assert external_state(kind_of(), literals, files) is None


def test_equal_answers_are_one_part_and_others_are_not() -> None:
    answers = [1, 1.0, "1", True, None, [1], {"a": 1}]
    parts = [part(lambda answer=answer: answer) for answer in answers]
    assert len(set(parts)) == len(answers)
    assert part(lambda: [1, {"a": "x"}]) == part(lambda: [1, {"a": "x"}])


def test_it_is_asked_with_the_literals_of_the_call() -> None:
    assert part(lambda size: size * 2, size=3) == part(lambda: 6)


def test_a_node_without_one_has_always_the_same() -> None:
    kind = kind_of()
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
