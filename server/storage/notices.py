"""Notices about the installation for its user: damaged files that were set aside, and a disk that fails.

A notice is logged, and shown on every page while it holds. There is one for each code; the newest counts.
"""

from __future__ import annotations

import logging
import time

from server.hub import Hub
from server.shapes.messages import NoticesChanged
from server.shapes.system import Notice

MOST = 20
_LOG = logging.getLogger("jacquard.server")


class Notices:
    """Sentences by code, published to clients whenever they change. To be used on the event loop."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._notices: dict[str, Notice] = {}

    def set(self, code: str, message: str) -> None:
        """Sets a notice, or removes it if the message is empty."""
        before = self._notices.pop(code, None)
        if message:
            if before is None or before.message != message:
                _LOG.warning("%s", message)
            self._notices[code] = Notice(code=code, message=message, at=before.at if before else time.time())
            while len(self._notices) > MOST:
                del self._notices[next(iter(self._notices))]
        elif before is not None:
            _LOG.warning("resolved: %s", before.message)
        if before != self._notices.get(code):
            self._hub.publish(NoticesChanged(notices=self.all()))

    def all(self) -> list[Notice]:
        """All that hold, oldest first."""
        return list(self._notices.values())
