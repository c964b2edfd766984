"""Opens the cache for commands that run workflows: memory tier and disk tier. Loads no torch."""

from __future__ import annotations

from pathlib import Path

from commands.code_version import current_code_version
from commands.folders import cache_folder
from graph.caching.cache import Cache
from graph.caching.disk.disk_cache import DEFAULT_DISK_BYTES, DiskCache
from graph.caching.memory_cache import MemoryCache
from nodes.tensor_values import CODECS

DEFAULT_MEMORY_BYTES = 4 * 2**30


def open_cache(
    data_dir: Path | None = None,
    *,
    memory_bytes: int = DEFAULT_MEMORY_BYTES,
    disk_bytes: int = DEFAULT_DISK_BYTES,
) -> Cache:
    """Opens both tiers, with the cache folder of a data folder. Close it, or the engine that gets it."""
    code_version = current_code_version()
    disk = DiskCache(
        cache_folder(data_dir),
        disk_bytes,
        CODECS,
        code_version=code_version.digest(),
        is_unchanged=code_version.is_unchanged,
    )
    return Cache(MemoryCache(memory_bytes, CODECS), disk)
