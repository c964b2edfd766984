"""Limits how often wrong tokens may be tried: a few times at once, then once every two seconds for each address.

While tries are left, the right token is accepted at once and costs no try, so that a user who mistyped it waits at most
two seconds. With none left, a token that a person chose is not compared at all: an answer would reveal whether it is
right. (The address that `python main.py open` prints contains no token and is not limited.)
The same wrong token again costs no try, so a program with an old token does not use up the tries of others.
The number of remembered addresses is bounded: one that was silent for long has all its tries again anyway.
"""

from __future__ import annotations

import hashlib
import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import Callable

TRIES = 10
SECONDS_FOR_ONE = 2.0
_MOST_ADDRESSES, _MOST_TOKENS = 1024, 1024
_OF_ALL = ""
"""All addresses together have a budget, which also limits a client that has many addresses."""
_TRIES_OF_ALL, _SECONDS_OF_ALL = 200, 0.1


class SignInLimit:
    """Counts wrong tokens by address, as long as this process runs."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._spent: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._wrong: OrderedDict[bytes, None] = OrderedDict()

    @property
    def remembered(self) -> tuple[int, int]:
        """The number of addresses and of wrong tokens that are remembered."""
        return len(self._spent), len(self._wrong)

    def wait(self, address: str) -> int:
        """Returns how many seconds an address must wait before its next try; 0 if it may try now."""
        own = (self._used_tries(address_of(address), SECONDS_FOR_ONE) - TRIES + 1) * SECONDS_FOR_ONE
        all_of_them = (self._used_tries(_OF_ALL, _SECONDS_OF_ALL) - _TRIES_OF_ALL + 1) * _SECONDS_OF_ALL
        return max(0, math.ceil(max(own, all_of_them)))

    def record_failure(self, address: str, token: str) -> None:
        """Counts a wrong token from an address."""
        if self.is_known_wrong(token):
            return
        self._wrong[_digest(token)] = None
        if len(self._wrong) > _MOST_TOKENS:
            self._wrong.popitem(last=False)
        for key, seconds in ((address_of(address), SECONDS_FOR_ONE), (_OF_ALL, _SECONDS_OF_ALL)):
            self._spent[key] = (self._used_tries(key, seconds) + 1, self._clock())
            self._spent.move_to_end(key)
        if len(self._spent) > _MOST_ADDRESSES:
            self._spent.popitem(last=False)

    def is_known_wrong(self, token: str) -> bool:
        """Whether a token was wrong before."""
        return _digest(token) in self._wrong

    def _used_tries(self, key: str, seconds: float) -> float:
        """Returns how many tries are spent and not regained yet."""
        spent, at = self._spent.get(key, (0.0, 0.0))
        return max(0.0, spent - (self._clock() - at) / seconds)


def address_of(text: str) -> str:
    """Returns the address to count by: of IPv6 the /64 network, because one machine has many addresses in it."""
    try:
        ip = ipaddress.ip_address(text)
    except ValueError:
        return text[:64]
    if isinstance(ip, ipaddress.IPv6Address) and not ip.is_loopback:
        return str(ipaddress.ip_network((ip, 64), strict=False))
    return str(ip)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
