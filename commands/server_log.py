"""The log of a server, on standard error: exceptions name files by the kind of their folder, not by their path.

Users show their log to others when something is wrong. Requested addresses are logged unchanged.
"""

from __future__ import annotations

import copy
import logging
from collections.abc import Callable
from pathlib import PurePath


class PlaceFormatter(logging.Formatter):
    """Formats a record; shortens paths of this machine in exceptions, tracebacks and paths."""

    def __init__(self, shorten: Callable[[str], str]) -> None:
        super().__init__("%(name)s: %(message)s")
        self._shorten = shorten

    def format(self, record: logging.LogRecord) -> str:
        """Formats the line, and the traceback if there is one."""
        if isinstance(record.args, tuple):
            record = copy.copy(record)
            record.args = tuple(map(self._shortened, record.args or ()))
        return super().format(record)

    def formatException(self, ei: logging._SysExcInfoType) -> str:  # noqa: N802 - the name of the base class
        """Formats a traceback."""
        return self._shorten(super().formatException(ei))

    def _shortened(self, value: object) -> object:
        return self._shorten(str(value)) if isinstance(value, BaseException | PurePath) else value


def configure_log(shorten: Callable[[str], str]) -> None:
    """Sends log records to standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(PlaceFormatter(shorten))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
