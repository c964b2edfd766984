"""Events reach the listener one at a time, numbered from 1; a listener that raises hears no more."""

from __future__ import annotations

import threading

import pytest

from graph.running import events
from graph.running.publisher import Publisher
from tests.support.toys import PATIENCE


def test_events_carry_the_run_a_number_and_the_facts() -> None:
    told: list[events.Event] = []
    publisher = Publisher("r7", told.append, lambda error: None)
    publisher.publish(events.RunDraining)
    publisher.publish(events.NodeStarted, "a")
    assert told == [events.RunDraining("r7", 1), events.NodeStarted("r7", 2, "a")]


def test_without_a_listener_no_event_is_made() -> None:
    made: list[object] = []

    def kind(*facts: object) -> events.Event:
        made.append(facts)
        return events.RunDraining("r", 1)

    Publisher("r", None, lambda error: None).publish(kind)
    assert made == []


def test_nothing_is_published_after_the_close() -> None:
    told: list[events.Event] = []
    publisher = Publisher("r", told.append, lambda error: None)
    publisher.publish(events.RunDraining)
    publisher.close()
    publisher.publish(events.RunDraining)
    assert [event.number for event in told] == [1]


@pytest.mark.parametrize("error", [ValueError("enough"), KeyboardInterrupt(), SystemExit(3)], ids=repr)
def test_what_a_listener_raises_aborts_the_run_once_and_the_listener_hears_no_more(error: BaseException) -> None:
    heard: list[int] = []
    aborted: list[BaseException] = []

    def listener(event: events.Event) -> None:
        heard.append(event.number)
        raise error

    publisher = Publisher("r", listener, aborted.append)
    publisher.publish(events.RunDraining)
    publisher.publish(events.RunDraining)
    assert (heard, aborted) == ([1], [error])


def test_from_many_threads_the_numbers_have_no_gap_and_arrive_in_order() -> None:
    numbers: list[int] = []
    together = threading.Barrier(4)
    publisher = Publisher("r", lambda event: numbers.append(event.number), lambda error: None)

    def work() -> None:
        together.wait(PATIENCE)
        for _ in range(200):
            publisher.publish(events.RunDraining)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert numbers == [*range(1, 801)]


def test_events_that_belong_together_are_not_parted_by_those_of_another_thread() -> None:
    told: list[str] = []
    publisher = Publisher("r", lambda event: told.append(event.node), lambda error: None)  # type: ignore[attr-defined]
    other = threading.Thread(target=publisher.publish, args=(events.NodeStarted, "other"))
    with publisher.lock:
        publisher.publish(events.NodeStarted, "a")
        other.start()
        publisher.publish(events.NodeStarted, "b")
    other.join(PATIENCE)
    assert told == ["a", "b", "other"]
