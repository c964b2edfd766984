"""The log of a server, on standard error: what an exception says names files by the kind of their folder.

People show their log to others when something is wrong. Addresses that were asked for stay as they are.
"""

from __future__ import annotations

import copy
import logging
from collections.abc import Callable
from pathlib import PurePath


class PlaceFormatter(logging.Formatter):
    """Puts a record into words; exceptions, tracebacks and paths without the places of this machine."""

    def __init__(self, shorten: Callable[[str], str]) -> None:
        super().__init__("%(name)s: %(message)s")
        self._shorten = shorten

    def format(self, record: logging.LogRecord) -> str:
        """A line, and a traceback if there is one."""
        if isinstance(record.args, tuple):
            record = copy.copy(record)
            record.args = tuple(map(self._shortened, record.args or ()))
        return super().format(record)

    def formatException(self, ei: logging._SysExcInfoType) -> str:  # noqa: N802 - the name of the base class
        """A traceback."""
        return self._shorten(super().formatException(ei))

    def _shortened(self, value: object) -> object:
        return self._shorten(str(value)) if isinstance(value, BaseException | PurePath) else value


def configure_log(shorten: Callable[[str], str]) -> None:
    """Write what the server has to say to standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(PlaceFormatter(shorten))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
