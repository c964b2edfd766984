"""Ctrl+C cancels a run at its next step."""

import signal
import threading

import pytest

from graph.node_types.context import CancelToken
from graph.scripting.interrupts import cancel_on_interrupt


def test_the_first_interrupt_cancels_and_the_second_is_as_before():
    token = CancelToken()
    before = signal.getsignal(signal.SIGINT)
    with cancel_on_interrupt(token) as came:
        assert not came.is_set()
        signal.raise_signal(signal.SIGINT)
        assert token.cancelled
        assert came.is_set()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


def test_without_an_interrupt_everything_is_as_before():
    token, before = CancelToken(), signal.getsignal(signal.SIGINT)
    with cancel_on_interrupt(token):
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before
    assert not token.cancelled


def test_nothing_is_changed_outside_the_main_thread_and_where_interrupts_are_ignored():
    found = []

    def look():
        with cancel_on_interrupt(CancelToken()):
            found.append(signal.getsignal(signal.SIGINT))

    before = signal.getsignal(signal.SIGINT)
    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert found == [before]
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        look()
        assert found[-1] is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
