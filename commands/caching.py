"""What the commands that run workflows remember with: memory, before the cache folder. Loads no torch."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from commands.folders import ROOT, cache_folder, find_versions
from graph.cache import Cache
from graph.disk_cache import DEFAULT_DISK_BYTES, DiskCache
from graph.identity import digest, encode
from graph.memory_cache import MemoryCache
from nodes.tensor_values import CODECS

DEFAULT_MEMORY_BYTES = 4 * 2**30
_SHARED = ("torch", "diffusers", "transformers")


def open_cache(
    data_dir: Path | None = None,
    *,
    memory_bytes: int = DEFAULT_MEMORY_BYTES,
    disk_bytes: int = DEFAULT_DISK_BYTES,
) -> Cache:
    """Both tiers, on the cache folder of a data folder; close it, or the engine that it is given to."""
    edition = edition_of(ROOT / "diffusion", find_versions())
    return Cache(
        MemoryCache(memory_bytes, CODECS), DiskCache(cache_folder(data_dir), disk_bytes, CODECS, edition=edition)
    )


def edition_of(code: Path, versions: Mapping[str, str]) -> bytes:
    """What tells the code apart that nodes share, and what it stands on: a node's key knows its own file only."""
    files = [(path.relative_to(code).as_posix(), path.read_bytes()) for path in sorted(code.rglob("*.py"))]
    return digest(encode([files, {name: versions.get(name) for name in _SHARED}]))
