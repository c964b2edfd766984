"""How often a wrong token may be tried: slowed down, never for long, and with bounded memory."""

from __future__ import annotations

import pytest

from server.access.sign_in_limit import SECONDS_FOR_ONE, TRIES, SignInLimit, address_of


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def tried(sign_in_limit: SignInLimit, address: str, names: range) -> int:
    """How many wrong tokens could be tried at once."""
    count = 0
    for name in names:
        if sign_in_limit.wait(address):
            break
        sign_in_limit.record_failure(address, f"{address} {name}")
        count += 1
    return count


def test_after_some_tries_one_waits_for_each(clock: Clock) -> None:
    sign_in_limit = SignInLimit(clock)
    assert tried(sign_in_limit, "192.0.2.1", range(100)) == TRIES
    assert sign_in_limit.wait("192.0.2.1") == SECONDS_FOR_ONE
    clock.now += SECONDS_FOR_ONE
    assert tried(sign_in_limit, "192.0.2.1", range(100, 200)) == 1
    clock.now += 3600
    assert tried(sign_in_limit, "192.0.2.1", range(200, 300)) == TRIES


def test_others_are_not_kept_out_and_all_together_are_slowed_down(clock: Clock) -> None:
    sign_in_limit = SignInLimit(clock)
    tried(sign_in_limit, "192.0.2.1", range(100))
    assert sign_in_limit.wait("192.0.2.2") == 0
    count = sum(tried(sign_in_limit, f"198.51.100.{last}", range(100)) for last in range(256))
    assert count < 256 * TRIES / 10
    assert sign_in_limit.wait("192.0.2.3") == 1


def test_the_same_wrong_token_is_one_guess(clock: Clock) -> None:
    sign_in_limit = SignInLimit(clock)
    for _ in range(1000):
        sign_in_limit.record_failure("127.0.0.1", "the token of yesterday")
    assert sign_in_limit.is_known_wrong("the token of yesterday")
    assert not sign_in_limit.is_known_wrong("another")
    assert tried(sign_in_limit, "127.0.0.1", range(100)) == TRIES - 1


def test_memory_is_bounded(clock: Clock) -> None:
    sign_in_limit = SignInLimit(clock)
    for count in range(5000):
        sign_in_limit.record_failure(f"10.0.{count // 256}.{count % 256}", "x" * 100 + str(count))
    assert sign_in_limit.remembered == (1024, 1024)


@pytest.mark.parametrize(
    ("address", "one"),
    [
        ("2001:db8::1", "2001:db8::/64"), ("2001:db8::ffff:2", "2001:db8::/64"), ("::1", "::1"),
        ("192.0.2.1", "192.0.2.1"), ("unix:", "unix:"),
    ],
)  # fmt: skip
def test_a_network_of_ipv6_counts_as_one(address: str, one: str) -> None:
    assert address_of(address) == one
