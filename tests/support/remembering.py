"""An engine of toys with both tiers on a folder, that can be restarted; and a clock that goes only when nodes say so.

What is worth a place on the disk depends on what a call took. So that no test has to wait, or hopes that a machine is
quick, the engine's nodes are timed by a clock that stands still until a node says that it took some seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from graph.api import BLOCK
from graph.caching.cache import Cache
from graph.caching.call_history import Reason
from graph.caching.disk.disk_cache import DiskCache
from graph.caching.memory_cache import MemoryCache
from graph.document.workflow import Workflow
from graph.engine import Engine, Outcome
from graph.files.folders import Files
from graph.running import events
from graph.scheduling.lanes import Lanes
from tests.support.documents import Written, document
from tests.support.toy_arrays import ToyArray, ToyArrays
from tests.support.toys import Recorder, toy_registry, type_from


class Clock:
    """Stands in for the module `time`, where calls are timed."""

    def __init__(self) -> None:
        self.now = 0.0

    def perf_counter(self) -> float:
        return self.now


class House:
    """Runs workflows, and tells what was called. `restart` forgets everything that is not on the disk."""

    def __init__(self, folder: Path, clock: Clock, *, memory: int = 10**7, shadow: float = 0.0) -> None:
        self.folder = folder
        self.clock = clock
        self.recorder = Recorder()
        self.registry = toy_registry(self.recorder)
        self.told: list[events.Event] = []
        self.memory, self.shadow = memory, shadow
        for name in ("input", "output"):
            (folder / name).mkdir(exist_ok=True)
        self.files = Files({name: [folder / name] for name in ("input", "output")})
        self.engine = self._open()
        self._add_toys()

    def _open(self) -> Engine:
        codecs = [ToyArrays()]
        cache = Cache(MemoryCache(self.memory, codecs), DiskCache(self.folder / "cache", 10**8, codecs))
        return Engine(self.registry, self.files, cache=cache, lanes=Lanes(cpu=2), shadow=self.shadow)

    def _add_toys(self) -> None:
        def make(name: str = "", seconds: float = 0.0, nbytes: int = 8, number: int = 0) -> Any:
            self.recorder.begin(name)
            self.clock.now += seconds
            return ToyArray(bytes([number]) * nbytes)

        def size(in0: Any, name: str = "", number: int = 0) -> int:
            self.recorder.begin(name)
            return len(in0.data) + number

        def gate(value: int, name: str = "") -> int:
            self.recorder.begin(name)
            return value or BLOCK  # type: ignore[return-value]

        self.add(make, id="Make")
        self.add(size, id="Size")
        self.add(gate, id="Gate")

    def add(self, function: Callable[..., Any], **options: Any) -> None:
        """Another toy."""
        self.registry.add(type_from(function, **options))

    def restart(self) -> None:
        """End, and begin again on the same folder."""
        self.close()
        self.engine = self._open()

    def close(self) -> None:
        self.engine.close()

    def run(self, targets: Collection[str] = (), /, *, token: Any = None, **nodes: Written) -> Outcome:
        """Run some nodes, written as in `tests.support.documents`."""
        return self.run_document(document(**nodes), targets, token=token)

    def run_document(self, workflow: Workflow, targets: Collection[str] = (), *, token: Any = None) -> Outcome:
        self.told.clear()
        return self.engine.run(workflow, targets or None, listener=self.told.append, token=token)

    def calls(self) -> list[str]:
        """What was called since this was asked last."""
        return sorted(self.recorder.take())

    def reasons(self) -> dict[str, Reason | None]:
        """Why the nodes of the last run were called."""
        return {event.node: event.reason for event in self.told if isinstance(event, events.NodeStarted)}

    def reused(self) -> dict[str, str]:
        """How the nodes of the last run were reused, as far as that was told."""
        return {event.node: event.how for event in self.told if isinstance(event, events.NodeReused)}

    def blobs(self) -> list[Path]:
        """The files of values in the cache folder."""
        self.engine.cache.flush()
        return sorted((self.folder / "cache" / "blobs").rglob("*.safetensors"))
