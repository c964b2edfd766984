"""What persons set against how files look, by a digest of their content: it survives renaming, moving and copying.

They are in a small JSON file of the data folder, apart from what can be found out again.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from commands.model_library.identity import content_bytes, content_digest, identity
from commands.model_library.memory import Memory
from graph.files.folders import write_atomically
from server.storage.set_aside import set_aside

_DIGESTS = "content digest 1"
FIELDS = ("kind", "family", "variant")
MOST = 10_000
_MOST_BYTES = 8 * 2**20
_NOTHING: Mapping[str, str] = MappingProxyType({})
_LOG = logging.getLogger("jacquard.models")


class TooManyOverridesError(Exception):
    """There are as many overrides as are kept."""


class Overrides:
    """The overrides of an installation. Safe from any thread; a change by another process is seen.

    `memory` keeps the digests of files, which many may have to be asked for.
    """

    def __init__(self, path: Path, memory: Memory | None = None) -> None:
        self._path = path
        self._memory = memory
        self._lock = threading.Lock()
        self._stamp: object = None
        self._by_digest: dict[str, dict[str, Any]] = {}
        self._sizes: frozenset[int] = frozenset()
        self._digests: dict[bytes, str] = {}
        """Identity of a file -> digest of its content."""

    def are_there(self) -> bool:
        """Returns whether anything is set for any file."""
        with self._lock:
            self._read()
            return bool(self._sizes)

    def of(self, path: Path) -> Mapping[str, str]:
        """Returns what is set for a file or model folder; nothing for one that cannot be read."""
        with self._lock:
            self._read()
            if not self._sizes:
                return _NOTHING
            try:
                if content_bytes(path) not in self._sizes:  # mostly so: nothing is read
                    return _NOTHING
                found = self._by_digest.get(self._digest(path))
            except OSError:
                return _NOTHING
            return {name: found[name] for name in FIELDS if name in found} if found else _NOTHING

    def set(self, path: Path, values: Mapping[str, str]) -> None:
        """Sets what a file is; empty values count as what it looks like, and without any other the override goes.

        Raises `OSError` when the file cannot be read or the overrides cannot be written.
        """
        with self._lock:
            self._read()
            digest = self._digest(path)
            wanted = {name: values[name] for name in FIELDS if values.get(name)}
            changed = {key: value for key, value in self._by_digest.items() if key != digest}
            if wanted:
                if len(changed) >= MOST:
                    raise TooManyOverridesError(f"there are {MOST:,} overrides; forget some of them first")
                changed[digest] = {"bytes": content_bytes(path), "name": path.name, **wanted}
            text = json.dumps({"version": 1, "files": changed}, indent=1, ensure_ascii=False)
            write_atomically(self._path, text.encode("utf-8", "backslashreplace"), overwrite=True, mode=0o600)
            self._stamp = None
            self._read()

    def _digest(self, path: Path) -> str:
        key = identity(path)
        if key not in self._digests:
            if len(self._digests) > MOST:
                self._digests.clear()
            kept = self._memory.recall(_DIGESTS, [key]) if self._memory is not None else {}
            self._digests[key] = kept.get(key) or content_digest(path)
            if self._memory is not None and not kept:
                self._memory.keep(_DIGESTS, {key: self._digests[key]})
        return self._digests[key]

    def _read(self) -> None:
        """Reads the file again if it is another one."""
        try:
            status = self._path.stat()
            stamp: object = status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
        except OSError:
            stamp = ""
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self._by_digest = _parse(self._path) if stamp else {}
        except OSError as error:
            _LOG.warning("what persons set for model files cannot be read: %s", error)
            self._by_digest = {}
        except ValueError as error:
            self._by_digest = {}
            self._set_aside(error)
        self._sizes = frozenset(found["bytes"] for found in self._by_digest.values())

    def _set_aside(self, error: ValueError) -> None:
        try:
            name = set_aside(self._path).name
        except OSError:
            name = self._path.name
        _LOG.warning("what persons set for model files is damaged (%s); it is in %s", error, name)


def _parse(path: Path) -> dict[str, dict[str, Any]]:
    with path.open("rb") as file:
        data = file.read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        raise ValueError(f"it has more than {_MOST_BYTES:,} bytes")
    try:
        found = json.loads(data)
    except RecursionError:
        raise ValueError("it is too deep") from None
    files = found.get("files") if isinstance(found, dict) else None
    if not isinstance(files, dict):
        raise ValueError("it has no files")
    return {key: value for key, value in files.items() if _is_sound(value)}


def _is_sound(value: Any) -> bool:
    if not isinstance(value, dict) or type(value.get("bytes")) is not int:
        return False
    return all(isinstance(value[name], str) for name in FIELDS if name in value)
