"""Launch codes: one-time codes in the address that the server prints and that `python main.py open` asks for.

A code can be used once, within ten minutes, while the server runs. It follows the `#` of the address, which browsers do
not send; the sign-in page posts it and gets a session.
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
    """The codes that were issued and not used."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._until: OrderedDict[bytes, float] = OrderedDict()

    def new(self) -> str:
        """Issues a code of 256 random bits."""
        code = secrets.token_urlsafe(32)
        self._until[_digest(code)] = self._clock() + LASTS_SECONDS
        if len(self._until) > _MOST:
            self._until.popitem(last=False)
        return code

    def take(self, code: str) -> bool:
        """Uses up a code; returns whether it was valid."""
        until = self._until.pop(_digest(code), None)
        return until is not None and self._clock() < until


def launch_address(address: str, code: str) -> str:
    """Returns the address with a code, to be opened in a browser."""
    return f"{address}#launch={code}"


def _digest(code: str) -> bytes:
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).digest()
