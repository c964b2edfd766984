"""The catalogue of node types that the last worker reported, stored on disk to be there before the next worker is."""

from __future__ import annotations

import gzip
import hashlib
import json
import logging
from pathlib import Path

import msgspec

from graph.files.folders import write_atomically
from graph.node_types.catalogue import restore
from graph.node_types.registry import Registry
from server.shapes.worker_messages import CatalogueReported
from server.storage.notices import Notices
from server.storage.set_aside import set_aside

_LOG = logging.getLogger("jacquard.server")


class Catalogue:
    """The reported node types. `current` is set once a worker of this server has reported them."""

    def __init__(self, path: Path, notices: Notices) -> None:
        self._path = path
        self._notices = notices
        self.registry: Registry | None = None
        self.current = False
        self.body = b'{"nodes":[],"packs":[],"sockets":{}}'
        self.compressed = gzip.compress(self.body, mtime=0)
        self.etag = ""
        self._read()

    def update(self, reported: CatalogueReported) -> bool:
        """Replaces the catalogue by that of a worker; returns whether it changed."""
        facts = msgspec.structs.asdict(reported)
        body = json.dumps(facts, separators=(",", ":")).encode()
        new = body != self.body
        if new:
            self._set(body)
        self.current = self.registry is not None
        return new

    def save(self) -> None:
        """Stores the catalogue for the next start. Blocks: call it off the event loop."""
        try:
            write_atomically(self._path, self.body, overwrite=True)
        except OSError as error:
            _LOG.warning("the list of node types could not be stored: %s", error)

    def _read(self) -> None:
        try:
            self._set(self._path.read_bytes())
        except FileNotFoundError:
            return
        except PermissionError as error:
            _LOG.warning("the stored list of node types cannot be read: %s", error)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with it, a worker reports it again
            try:
                name = set_aside(self._path).name
            except OSError:
                name = "it was"
            _LOG.warning("the stored list of node types is damaged: %s: %s", type(error).__name__, error)
            what = f"The list of node types was damaged and is set aside as {name}."
            self._notices.set("node_types", f"{what} It comes again with the worker; nothing is lost.")

    def _set(self, body: bytes) -> None:
        facts = json.loads(body)
        self.registry = restore(facts["nodes"], facts["sockets"], facts["packs"])
        self.body = body
        self.compressed = gzip.compress(body, 6, mtime=0)
        self.etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
