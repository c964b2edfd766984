"""A signal calls its receivers in the order in which they were connected; their errors are the publisher's."""

import pytest

from server.signals import Signal


def test_each_receiver_is_called_in_order_with_what_was_emitted() -> None:
    signal: Signal[[int]] = Signal()
    calls: list[tuple[str, int]] = []
    signal.emit(0)
    signal.connect(lambda number: calls.append(("a", number)))
    signal.connect(lambda number: calls.append(("b", number)))
    signal.emit(1)
    assert calls == [("a", 1), ("b", 1)]


def test_an_error_of_a_receiver_reaches_the_publisher_and_ends_the_round() -> None:
    signal: Signal[[]] = Signal()
    calls: list[str] = []

    def fail() -> None:
        raise ValueError("no")

    signal.connect(fail)
    signal.connect(lambda: calls.append("late"))
    with pytest.raises(ValueError, match="no"):
        signal.emit()
    assert calls == []
