"""Equal work in flight: who leads, who follows, and what those who follow are told."""

import random
import sys
import threading
from types import SimpleNamespace

from graph.results.result import Result
from graph.running.single_flight import Leads, SingleFlight
from tests.support.toys import PATIENCE

KEY, OTHER = b"key", b"other"


def test_the_first_to_board_leads_and_the_second_does_not():
    single_flight = SingleFlight()
    assert single_flight.try_lead(KEY)
    assert not single_flight.try_lead(KEY)
    assert single_flight.try_lead(OTHER)


def test_those_who_follow_are_told_the_result_when_it_lands():
    single_flight, told, result = SingleFlight(), [], Result((1,))
    single_flight.try_lead(KEY)
    assert single_flight.wait(KEY, told.append)
    assert single_flight.wait(KEY, told.append)
    assert told == []
    single_flight.publish([KEY], result)
    assert told == [result, result]


def test_a_flight_without_a_result_is_told_too_and_the_next_one_leads():
    single_flight, told = SingleFlight(), []
    single_flight.try_lead(KEY)
    single_flight.wait(KEY, told.append)
    single_flight.publish([KEY], None)
    assert told == [None]
    assert single_flight.try_lead(KEY)


def test_nobody_can_follow_what_has_landed():
    single_flight = SingleFlight()
    single_flight.try_lead(KEY)
    single_flight.publish([KEY], None)
    assert not single_flight.wait(KEY, lambda _: None)


def test_landing_what_never_took_off_does_nothing():
    SingleFlight().publish([KEY], None)


def test_who_is_told_may_board_again():
    single_flight, led = SingleFlight(), []
    single_flight.try_lead(KEY)
    single_flight.wait(KEY, lambda _: led.append(single_flight.try_lead(KEY)))
    single_flight.publish([KEY], None)
    assert led == [True]


def test_a_run_gives_up_all_that_it_leads_while_a_thread_of_it_takes_the_lead_of_more():
    class WithAThread(SingleFlight):
        """A thread of the run takes the lead of a further key after each that is given up."""

        def publish(self, keys, result):
            for key in keys:
                super().publish([key], result)
                leads.lead(SimpleNamespace(leads=()), b"more" + key)

    leads, told = Leads(WithAThread()), []
    for key in (KEY, OTHER):
        leads.lead(SimpleNamespace(leads=()), key)
        leads.single_flight.wait(key, told.append)
    leads.give_up()
    assert told == [None, None]


def test_from_many_threads_somebody_always_leads_nobody_twice_and_everybody_is_told():
    single_flight, at_once, most, lost = SingleFlight(), set(), [], []

    def fly(seed):
        dice = random.Random(seed)  # noqa: S311 - not for secrets
        for _ in range(300):
            key = dice.choice([KEY, OTHER])
            while not single_flight.try_lead(key):
                landed = threading.Event()
                if single_flight.wait(key, lambda _, landed=landed: landed.set()) and not landed.wait(PATIENCE):
                    lost.append(seed)
                    return
            most.append(key in at_once)
            at_once.add(key)
            at_once.discard(key)
            single_flight.publish([key], None)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=fly, args=(seed,)) for seed in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
    finally:
        sys.setswitchinterval(interval)
    assert (lost, any(most), len(most)) == ([], False, 6 * 300)
