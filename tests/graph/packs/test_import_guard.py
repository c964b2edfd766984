"""What stands around an import: a pack cannot end the process, reads no input, and may take only so long."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator

import pytest

from graph.packs.import_guard import Guard, PackEndedError, PackTookTooLongError

POSIX = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")


@pytest.fixture
def guard() -> Iterator[Guard]:
    found = Guard(60.0, None)
    with found.on_duty():
        yield found


def test_a_pack_that_would_end_the_process_raises(guard: Guard) -> None:
    with guard.around(), pytest.raises(PackEndedError, match=r"os\._exit\(3\)"):
        guard.arm()
        os._exit(3)
    guard.disarm()


def test_once_off_duty_the_function_is_the_real_one_again() -> None:
    before = os._exit
    with Guard(60.0, None).on_duty():
        assert os._exit is not before
    assert os._exit is before


def test_another_thread_and_what_is_no_import_may_end_the_process(
    guard: Guard, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[int] = []
    monkeypatch.setattr(os, "_exit", ended.append)
    leaving = Guard(60.0, None)
    with leaving.on_duty(), leaving.around():
        os._exit(1)
        leaving.arm()
        thread = threading.Thread(target=os._exit, args=(2,))
        thread.start()
        thread.join()
        leaving.disarm()
    assert ended == [1, 2]


def test_what_asks_for_input_finds_its_end_and_the_input_is_there_again(guard: Guard) -> None:
    before = os.fstat(0).st_ino
    with guard.around():
        assert os.read(0, 10) == b""
    assert os.fstat(0).st_ino == before


@POSIX
def test_what_takes_too_long_is_broken_off_while_it_is_imported() -> None:
    guard = Guard(60.0, None)
    with guard.on_duty(), guard.around():
        signal.raise_signal(signal.SIGALRM)  # nothing is imported: nothing happens
        guard.arm()
        with pytest.raises(PackTookTooLongError):
            signal.raise_signal(signal.SIGALRM)
        guard.disarm()
        signal.raise_signal(signal.SIGALRM)


@POSIX
def test_the_timer_runs_around_an_import_and_what_ran_before_goes_on() -> None:
    signal.setitimer(signal.ITIMER_REAL, 10_000.0)
    try:
        with Guard(60.0, None).around():
            left, again = signal.getitimer(signal.ITIMER_REAL)
            assert 0 < left <= 60.0
            assert again > 0
        left, again = signal.getitimer(signal.ITIMER_REAL)
        assert left > 60.0
        assert again == 0.0
        with Guard(0.0, None).around():
            assert signal.getitimer(signal.ITIMER_REAL)[0] > 60.0, "without a limit there is none"
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)


@POSIX
def test_a_person_who_interrupts_means_no_pack_and_by_the_second_time_the_program(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ended: list[int] = []
    monkeypatch.setattr(os, "_exit", ended.append)
    monkeypatch.setattr(signal, "getsignal", lambda _: signal.default_int_handler)
    guard = Guard(60.0, None)
    with guard.around():
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        assert guard.interrupted
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        assert ended == [130]
    with guard.around():
        assert not guard.interrupted
