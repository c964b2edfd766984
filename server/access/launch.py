"""Launch codes: what is in the address that the start prints, and that `python main.py open` asks for.

A code is good once and for ten minutes, and ends with the server. It stands behind the `#` of the address, which no
browser sends anywhere; the page there posts it and gets its session.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable

LASTS_SECONDS = 600.0
_MOST = 64


class LaunchCodes:
    """The codes that were given and not used."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._until: OrderedDict[bytes, float] = OrderedDict()

    def new(self) -> str:
        """A code of 256 random bits."""
        code = secrets.token_urlsafe(32)
        self._until[_digest(code)] = self._clock() + LASTS_SECONDS
        if len(self._until) > _MOST:
            self._until.popitem(last=False)
        return code

    def take(self, code: str) -> bool:
        """Whether a code is good; it is used then."""
        until = self._until.pop(_digest(code), None)
        return until is not None and self._clock() < until


def launch_address(address: str, code: str) -> str:
    """The address with a code: what a person opens."""
    return f"{address}#launch={code}"


def _digest(code: str) -> bytes:
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).digest()
