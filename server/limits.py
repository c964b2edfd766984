"""How much is taken from outside, and how patient the server is with it. Numbers only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """How many connections, and how patient the server is with them; times are in seconds."""

    max_connections: int = 1_000
    max_unauthenticated: int = 200
    header_seconds: float = 20.0
    """For a request's line and headers, from their first byte on."""
    idle_seconds: float = 60.0
    """Without a byte: at first, and between two requests."""
    body_seconds: float = 20.0
    """In each such time a body has to bring `body_bytes`, or to end."""
    body_bytes: int = 16 * 2**10
    unread_seconds: float = 60.0
    """In such a time somebody who is sent an answer has to take some of it."""

    large_body_bytes: int = 128 * 2**20
    """Bytes of large bodies that are in use at once; more wait."""

    @property
    def tick(self) -> float:
        """How often connections are looked at."""
        return min(1.0, self.header_seconds / 4, self.idle_seconds / 4, self.body_seconds / 4, self.unread_seconds / 4)
