"""What is remembered, as a run may use it: by deep key, through the questions of lazy inputs, with files that exist."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from graph.caching.cache import Cache
from graph.caching.keys import FreshKey, deep_key, next_key
from graph.files.folders import FileNameError, Files
from graph.node_types.context import Artifact
from graph.planning.tasks import CallTask
from graph.results.result import Key, RequestedInputs, Result

PartOf = Callable[[str], bytes | None]
"""What identifies the value of an input; None when nothing does."""


@dataclass(slots=True)
class Memory:
    """The cache of an engine, and the share of its answers that are to be checked instead of used."""

    cache: Cache
    files: Files
    shadow: float = 0.0

    def recall(self, cell: CallTask) -> bool:
        """Give a cell its remembered result; False when there is none, or it is to be checked."""
        extra = cell.extra
        if extra is not None and extra.lost:
            return False
        found = self.find(cell)
        if found is None:
            return False
        if self.shadow and found.fingerprints and self._doubted(cell.key):
            cell.more().expected = found
            return False
        cell.result = found
        cell.values = found.values
        return True

    def find(self, cell: CallTask) -> Result | None:
        """The result of a call by its deep key, or by the keys of the lazy inputs that it is known to ask for."""
        if cell.call.type.lazies and (cell.extra is None or cell.extra.make is None):
            found = self.follow(self.base_key(cell), self.key_part(cell))[0]
        elif type(cell.key) is FreshKey:
            return None
        else:
            answer = self.cache.find(cell.key)
            found = answer if isinstance(answer, Result) else None
        return found if found is not None and self.still_there(found.artifacts) else None

    def base_key(self, cell: CallTask) -> Key:
        """Where the questions of a call with lazy inputs begin."""
        return deep_key(cell.call, cell.frame.key_of, self.files, cell.call.type.lazies)

    def key_part(self, cell: CallTask) -> PartOf:
        """What identifies an input by recipe."""

        def part(name: str) -> bytes | None:
            edge = cell.call.edges[name]
            key = cell.frame.key_of(edge.node)
            return None if type(key) is FreshKey else b"@%d:" % edge.output + key

        return part

    def follow(
        self, key: Key | None, part_of: PartOf, asked: Iterable[str] | None = None
    ) -> tuple[Result | None, Key | None, tuple[str, ...]]:
        """Go from question to question, as far as inputs are identified.

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

    def still_there(self, artifacts: Iterable[Artifact]) -> bool:
        """Whether the files that a remembered node made are still where it put them."""
        try:
            return all(self.files.path(artifact.folder, artifact.name).is_file() for artifact in artifacts)
        except FileNameError:
            return False

    def _doubted(self, key: Key) -> bool:
        return int.from_bytes(key[:4], "big") < self.shadow * 2**32
