"""Limits on what clients may use: connections, time and memory. Numbers only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of connections, in seconds and bytes, and of bodies."""

    max_connections: int = 1_000
    max_unauthenticated: int = 200
    header_seconds: float = 20.0
    """For the line and headers of a request, from their first byte."""
    idle_seconds: float = 60.0
    """Without a byte: before the first request, and between two requests."""
    body_seconds: float = 20.0
    """In each such period a body must deliver `body_bytes`, or end."""
    body_bytes: int = 16 * 2**10
    unread_seconds: float = 60.0
    """In each such period a client must read some of its response."""

    large_body_bytes: int = 128 * 2**20
    """Bytes of large bodies that are in memory at once; further ones wait."""

    @property
    def tick(self) -> float:
        """How often connections are checked, in seconds."""
        return min(1.0, self.header_seconds / 4, self.idle_seconds / 4, self.body_seconds / 4, self.unread_seconds / 4)
