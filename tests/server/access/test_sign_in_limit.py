"""How often a wrong token may be tried: slowed down, never for long, and with bounded memory."""

from __future__ import annotations

import pytest

from server.access.sign_in_limit import SECONDS_FOR_ONE, TRIES, Guesses, address_of


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def tried(guesses: Guesses, address: str, names: range) -> int:
    """How many wrong tokens could be tried at once."""
    count = 0
    for name in names:
        if guesses.wait(address):
            break
        guesses.was_wrong(address, f"{address} {name}")
        count += 1
    return count


def test_after_some_tries_one_waits_for_each(clock: Clock) -> None:
    guesses = Guesses(clock)
    assert tried(guesses, "192.0.2.1", range(100)) == TRIES
    assert guesses.wait("192.0.2.1") == SECONDS_FOR_ONE
    clock.now += SECONDS_FOR_ONE
    assert tried(guesses, "192.0.2.1", range(100, 200)) == 1
    clock.now += 3600
    assert tried(guesses, "192.0.2.1", range(200, 300)) == TRIES


def test_others_are_not_kept_out_and_all_together_are_slowed_down(clock: Clock) -> None:
    guesses = Guesses(clock)
    tried(guesses, "192.0.2.1", range(100))
    assert guesses.wait("192.0.2.2") == 0
    count = sum(tried(guesses, f"198.51.100.{last}", range(100)) for last in range(256))
    assert count < 256 * TRIES / 10
    assert guesses.wait("192.0.2.3") == 1


def test_the_same_wrong_token_is_one_guess(clock: Clock) -> None:
    guesses = Guesses(clock)
    for _ in range(1000):
        guesses.was_wrong("127.0.0.1", "the token of yesterday")
    assert guesses.is_known("the token of yesterday")
    assert not guesses.is_known("another")
    assert tried(guesses, "127.0.0.1", range(100)) == TRIES - 1


def test_memory_is_bounded(clock: Clock) -> None:
    guesses = Guesses(clock)
    for count in range(5000):
        guesses.was_wrong(f"10.0.{count // 256}.{count % 256}", "x" * 100 + str(count))
    assert len(guesses._spent) <= 1024
    assert len(guesses._wrong) <= 1024


@pytest.mark.parametrize(
    ("address", "one"),
    [
        ("2001:db8::1", "2001:db8::/64"), ("2001:db8::ffff:2", "2001:db8::/64"), ("::1", "::1"),
        ("192.0.2.1", "192.0.2.1"), ("unix:", "unix:"),
    ],
)  # fmt: skip
def test_a_network_of_ipv6_counts_as_one(address: str, one: str) -> None:
    assert address_of(address) == one
