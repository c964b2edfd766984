"""The session of scripts: the installation, its engine with both tiers of the cache, and a progress bar."""

from __future__ import annotations

import atexit
import sys
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from pathlib import Path
from typing import Any

from commands.caching import open_cache
from commands.folders import find_versions
from commands.installation import find_installation
from commands.packs import print_pack_problems
from commands.terminal import ProgressView
from graph.caching.cache import Cache
from graph.caching.memory_cache import MemoryCache
from graph.document.workflow import Workflow
from graph.engine import DEFAULT_CACHE_BYTES, Engine
from graph.files.folders import Files
from graph.node_types.node_type import Input
from graph.node_types.registry import Registry
from graph.running.file_hashes import FileHashes
from graph.running.publisher import Listener
from nodes.python_values import own_copy, to_value
from nodes.tensor_values import CODECS


class ScriptSession:
    """An installation for scripts. Close it, or let Python's end do so: what is to be remembered is written then.

    `data_dir` is where input/, output/, temp/ and cache/ are, `models_dir` where the models are, `packs_dir` where the
    packs are; by default those of this checkout. With `disk_cache` False results are remembered in memory only.
    """

    def __init__(
        self,
        data_dir: Path | None = None,
        models_dir: Path | None = None,
        packs_dir: Path | None = None,
        output: Path | None = None,
        *,
        disk_cache: bool = True,
    ) -> None:
        self._data_dir = data_dir
        self._disk_cache = disk_cache
        self._installation = find_installation(data_dir, models_dir, output, packs_dir=packs_dir)
        self._engine: Engine | None = None
        print_pack_problems(self._installation.packs)

    @property
    def registry(self) -> Registry:
        """The node types."""
        return self._installation.registry

    @property
    def files(self) -> Files:
        """The folders."""
        return self._installation.files

    @property
    def engine(self) -> Engine:
        """The engine; made when it is first needed."""
        if self._engine is None:
            memory = Cache(MemoryCache(DEFAULT_CACHE_BYTES, CODECS))
            self._engine = Engine(
                self.registry, self.files, cache=open_cache(self._data_dir) if self._disk_cache else memory,
                versions=find_versions(), hashes=FileHashes(self._installation.library),
            )  # fmt: skip
            atexit.register(self.close)
        return self._engine

    def to_value(self, item: Input, value: object) -> object:
        """Returns a Python value as nodes receive it."""
        return to_value(item, value)

    def own_copy(self, value: object) -> Any:
        """Return a result with copies of its arrays."""
        return own_copy(value)

    def progress(self, workflow: Workflow, shown: bool | None) -> AbstractContextManager[Listener | None]:
        """Returns a bar on standard error; `shown` None shows it on a terminal only."""
        is_shown = sys.stderr is not None and sys.stderr.isatty() if shown is None else shown
        return ProgressView(workflow) if is_shown else nullcontext()

    def close(self) -> None:
        """Ends the engine, and writes what is to be remembered. The session can go on; it then makes a new one."""
        engine, self._engine = self._engine, None
        if engine is not None:
            engine.close()
            atexit.unregister(self.close)


@cache
def default_session() -> ScriptSession:
    """Returns the session of this checkout, the same one in the whole process."""
    return ScriptSession()
