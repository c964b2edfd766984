"""The sessions of browsers. They survive restarts; their secrets are not stored.

A session has two random values. The browser sends the cookie with every request, but to every port of the host; the
page keeps the key in storage that belongs to its scheme, name and port. Only both together give access. The disk has
codes of both, made with the token: after a change of the token no session is valid.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
import secrets
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from graph.files.folders import write_atomically

A_YEAR = 365 * 24 * 3600
_MOST = 200
_LOG = logging.getLogger("jacquard.server")


class Sessions:
    """The sessions of one data folder. The id of a session is the code of its cookie."""

    def __init__(self, file: Path, token: str) -> None:
        self._file = file
        self._token = token.encode("utf-8", "surrogatepass")
        self._sessions = _read(file)
        self._writing = asyncio.Lock()

    async def begin(self) -> tuple[str, str]:
        """Creates a session; returns its cookie and its key."""
        cookie, key = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        self._sessions[self._code(cookie)] = {"key": self._code(key), "created": time.time()}
        while len(self._sessions) > _MOST:
            del self._sessions[next(iter(self._sessions))]
        await self._write()
        return cookie, key

    async def end(self, session: str) -> None:
        """Ends a session."""
        if self._sessions.pop(session, None) is not None:
            await self._write()

    def as_file(self) -> bytes:
        """Returns the content of the file with all sessions."""
        return json.dumps({"sessions": dict(self._sessions)}, indent=0).encode()

    def find(self, cookies: Iterable[str]) -> str:
        """Returns the session of the first known cookie, or an empty text. It is not verified without its key."""
        return next((code for cookie in cookies if (code := self._code(cookie)) in self._sessions), "")

    def verified(self, cookies: Iterable[str], key: str) -> str:
        """Returns the session that has one of the cookies and the key, or an empty text."""
        given = self._code(key)
        for session in map(self._code, cookies):
            kept = self._sessions.get(session)
            if kept is not None and hmac.compare_digest(kept["key"], given):
                return session
        return ""

    def _code(self, secret: str) -> str:
        return hmac.new(self._token, secret.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()

    async def _write(self) -> None:
        async with self._writing:
            data = self.as_file()
            try:
                await asyncio.to_thread(write_atomically, self._file, data, overwrite=True, mode=0o600)
            except OSError as error:
                _LOG.warning("a session could not be written down, and ends with the server: %s", error.strerror)


def _read(file: Path) -> dict[str, dict[str, Any]]:
    """Reads the sessions on the disk that have not expired."""
    try:
        found = json.loads(file.read_bytes())["sessions"]
        oldest = time.time() - A_YEAR
        return {
            str(code): {"key": str(kept["key"]), "created": float(kept["created"])}
            for code, kept in found.items()
            if kept["created"] > oldest
        }
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        _LOG.warning("%s could not be read: browsers that were signed in must sign in again.", file.name)
        return {}
