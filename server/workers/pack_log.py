"""Logs the packs that a worker could not load. `graph.packs.loading` loads them."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any

_LOG = logging.getLogger("jacquard.server")
_LONGEST = 500


def log_broken(packs: Iterable[Mapping[str, Any]]) -> None:
    """Logs each pack that was left out, or that changed the process around it."""
    for pack in packs:
        if pack.get("error"):
            line = f":{pack['line']}" if pack.get("line") else ""
            place = f"{pack['file']}{line}: " if pack.get("file") else ""
            _LOG.warning("pack %s was left out: %s%s", pack["name"], place, str(pack["error"])[:_LONGEST])
        for refused in pack.get("refused", ()):
            _LOG.warning("pack %s: %s; this node was left out", pack["name"], str(refused)[:_LONGEST])
        if pack.get("changed"):
            changed = ", ".join(map(str, pack["changed"]))
            _LOG.warning("pack %s changed the program around it, which was put back: %s", pack["name"], changed)
