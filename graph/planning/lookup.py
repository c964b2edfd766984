"""The cache as a run may use it: by deep key, through requests for lazy inputs, with files that exist, with values."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from graph.caching.cache import Cache
from graph.caching.keys import FreshKey, deep_key, next_key
from graph.files.folders import FileNameError, Files
from graph.node_types.context import Artifact
from graph.planning.tasks import CallTask
from graph.results.result import Fingerprint, Key, RequestedInputs, Result

PartOf = Callable[[str], bytes | None]
"""What identifies the value of an input; None when nothing does."""


@dataclass(slots=True)
class Memory:
    """The cache of an engine, and the share of its answers that are to be checked instead of used."""

    cache: Cache
    files: Files
    shadow: float = 0.0

    def recall(self, task: CallTask) -> bool:
        """Give a call its cached result; False when there is none, or it is to be checked."""
        if task.lost:
            return False
        found = self.find(task)
        if found is None:
            return False
        if self.shadow and found.fingerprints and self._is_sampled(task.key):
            task.expected = found
            return False
        task.result = found
        task.values = found.values
        return True

    def find(self, task: CallTask) -> Result | None:
        """The result of a call by its deep key, or by the keys of the lazy inputs that it is known to request."""
        if task.call.type.lazies and task.make is None:
            found = self.follow(self.base_key(task), self.key_part(task))[0]
        elif type(task.key) is FreshKey:
            return None
        else:
            answer = self.cache.find(task.key)
            found = answer if isinstance(answer, Result) else None
        return found if found is not None and self.still_there(found.artifacts) else None

    def values_of(self, task: CallTask) -> tuple[Any, ...] | None:
        """The values of a call, read back from the disk if need be; None when they are gone."""
        if task.values is None and task.result is not None:
            task.values = task.result.values
            if task.values is None:
                task.values = () if not task.call.type.outputs else self.cache.values(task.result)
        return task.values

    def fingerprint_of(self, value: Any) -> Fingerprint | None:
        """What identifies a value by content; None when nothing does."""
        try:
            return self.cache.fingerprinter.of(value)
        except Exception:  # noqa: BLE001 - a value may be of any making; unknown means "do not reuse"
            return None

    def base_key(self, task: CallTask) -> Key:
        """The key of the first request of a call with lazy inputs."""
        return deep_key(task.call, task.frame.key_of, self.files, task.call.type.lazies)

    def key_part(self, task: CallTask) -> PartOf:
        """What identifies an input by recipe."""

        def part(name: str) -> bytes | None:
            edge = task.call.edges[name]
            key = task.frame.key_of(edge.node)
            return None if type(key) is FreshKey else b"@%d:" % edge.output + key

        return part

    def follow(
        self, key: Key | None, part_of: PartOf, asked: Iterable[str] | None = None
    ) -> tuple[Result | None, Key | None, tuple[str, ...]]:
        """Go from request to request, as far as inputs are identified.

        With `asked`, go no further than these inputs. Returns the result if there is one, the key that it belongs
        under (None when there can be none), and the inputs that the next step needs.
        """
        known = None if asked is None else set(asked)
        while key is not None and type(key) is not FreshKey:
            answer = self.cache.find(key)
            if not isinstance(answer, RequestedInputs):
                return answer, key, ()
            for name in answer.names:
                if known is not None and name not in known:
                    return None, key, answer.names
                part = part_of(name)
                if part is None:
                    return None, None, ()
                key = next_key(key, name, part)
        return None, None, ()

    def is_usable(self, found: Result, task: CallTask) -> bool:
        """Whether a cached result answers for a call that is about to run: its files and its values exist."""
        if found.values is None and not found.on_disk and task.call.type.outputs:
            return False
        return self.still_there(found.artifacts)

    def still_there(self, artifacts: Iterable[Artifact]) -> bool:
        """Whether the files that belong to a cached result are still where the node put them."""
        if not artifacts:
            return True
        try:
            return all(self.files.path(artifact.folder, artifact.name).is_file() for artifact in artifacts)
        except FileNameError:
            return False

    def _is_sampled(self, key: Key) -> bool:
        return int.from_bytes(key[:4], "big") < self.shadow * 2**32
