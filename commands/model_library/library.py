"""What model files are: from memory where they are known, read where they are not, with what persons set instead."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from commands.model_library.identity import identity
from commands.model_library.memory import MOST_FACTS, Memory
from commands.model_library.overrides import Overrides
from commands.model_library.readers import Readers, each
from commands.model_library.words import in_a_list, with_article
from graph.files.file_kinds import FileClash, FileRefusal
from graph.files.name_rules import FileNameError

if TYPE_CHECKING:
    from diffusion.model_files.loadable import Unfit
    from diffusion.model_files.model_file import ModelFile

AT_ONCE = 100
"""Files after which what was found is kept, and progress reported."""
_HASHES = "sha256"
_LATELY = 2.0
"""Seconds for which an answer may be an old one."""
_RULES = ("model_files", "weight_files", "families")
"""The folders of `diffusion` whose code decides what a file is."""

Progress = Callable[[int, int], None]
"""Gets how many files were looked at, of how many."""


class Library:
    """Tells what model files are; the `FileKinds` and the `HashStore` of the engine. Safe from any thread.

    `recognise` reads the header of a file; it is asked once for each file that is new or was changed.
    """

    def __init__(
        self, memory: Memory, overrides: Overrides, recognise: Callable[[Path], ModelFile] | None = None
    ) -> None:
        self._memory = memory
        self._overrides = overrides
        self._recognise = recognise
        self._topic = ""
        self._lately: dict[Path, tuple[float, ModelFile | None]] = {}
        self._here: dict[bytes, ModelFile] = {}
        self._lock = threading.Lock()
        self._turn = threading.Lock()
        self._closed = False

    def look(
        self, paths: Sequence[Path], progress: Progress | None = None, stopped: Callable[[], bool] | None = None
    ) -> list[ModelFile]:
        """Returns what some files are; reads those that are new. `stopped` gives up between two files."""
        keys = self._identities(paths)
        known = self._known(keys)
        new = [(path, key) for path, key in zip(paths, keys, strict=True) if key is not None and key not in known]
        with Readers(len(new)) as readers:
            for start in range(0, len(new), AT_ONCE):
                if self._closed or (stopped is not None and stopped()):
                    break
                known |= self._read(new[start : start + AT_ONCE], readers)
                if progress is not None:
                    progress(min(start + AT_ONCE, len(new)), len(new))
        return self._told(paths, [key and known.get(key) for key in keys])

    def _read(self, files: Sequence[tuple[Path, bytes]], readers: Readers) -> dict[bytes, ModelFile]:
        """Reads some files, one batch at a time: what another thread has read meanwhile is not read again."""
        with self._turn:
            if self._closed:
                return {}
            found = self._known([key for _, key in files])
            left = [(path, key) for path, key in files if key not in found]
            read = readers.read(self._reading(), [path for path, _ in left])
            new = {key: item for (_, key), item in zip(left, read, strict=True)}
            self._keep(new)
        return found | new

    def known(self, paths: Sequence[Path]) -> list[ModelFile | None]:
        """Returns what some files are without reading any; None for those that would have to be read."""
        keys = self._identities(paths)
        known = self._known(keys)
        told = self._told(paths, [key and known.get(key) for key in keys])
        return [item if key is None or key in known else None for key, item in zip(keys, told, strict=True)]

    def unfit(self, paths: Sequence[Path], fits: Collection[str], /) -> list[str]:
        """Returns for each file why it is none of the kinds in `fits`, or cannot be used; '' where it fits."""
        from diffusion.model_files.model_file import KINDS

        def why(found: ModelFile) -> str:
            if found.kind not in fits and found.kind not in ("unknown", "pickle"):
                return f"it is {with_article(KINDS.get(found.kind, found.kind))}"
            return in_a_list(found.problem)

        return [why(found) for found in self.look(paths)]

    def refusal(self, path: Path, name: str, fits: Collection[str], /) -> FileRefusal | None:
        """Returns why the file called `name` cannot be loaded by a node that is offered these kinds; None when it can,
        or when only loading tells."""
        from diffusion.model_files.loadable import LOADERS, only_loading_tells, unfit

        loaders = [kind for kind in fits if kind in LOADERS]

        def reason(found: ModelFile | None) -> Unfit | None:
            if found is None or any(only_loading_tells(found, kind) for kind in loaders):
                return None
            reasons = [unfit(name, found, kind) for kind in loaders]
            return None if None in reasons else next(iter(reasons), None)

        if reason(self._lately_told(path)) is None or (first := reason(self.told(path))) is None:
            return None
        return FileRefusal(first.message.rstrip("."), first.expected, first.got, in_a_list(first.remedy))

    def clashes(
        self, calls: Mapping[str, Any], certain: frozenset[str], path: Callable[[str, str], Path], /
    ) -> list[FileClash]:
        """Returns which calls of a graph would be given parts of files which cannot work together."""
        from commands.model_library.clashes import find_clashes

        def find(told: Callable[[Path], ModelFile | None]) -> list[FileClash]:
            def of(folder: str, name: str) -> ModelFile | None:
                try:
                    return told(path(folder, name))
                except FileNameError:
                    return None

            return find_clashes(calls, certain, of)

        return find(self.told) if find(self._lately_told) else []

    def told(self, path: Path, /) -> ModelFile | None:
        """Returns what a file is, of which the header is read if it must be; None when it cannot be looked at."""
        key = _identity(path)
        if key is None:
            return None
        found = self._known([key]).get(key)
        if found is None:
            with Readers(1) as readers:
                found = self._read([(path, key)], readers).get(key)
        told = None if found is None else self._told([path], [found])[0]
        self._lately[path] = time.monotonic(), told
        return told

    def _lately_told(self, path: Path) -> ModelFile | None:
        """Returns what a file was a moment ago: a folder takes longer to look at than a whole check. Nothing is refused
        for that."""
        when, found = self._lately.get(path, (-_LATELY, None))
        if len(self._lately) > MOST_FACTS:
            self._lately.clear()
        return found if time.monotonic() - when < _LATELY else self.told(path)

    def override(self, path: Path, /) -> Mapping[str, str]:
        """Returns what a person set against what a file looks like."""
        return self._overrides.of(path)

    def overrides(self, paths: Sequence[Path]) -> list[Mapping[str, str]]:
        """Returns what persons set for some files."""
        return list(map(self._overrides.of, paths)) if self._overrides.are_there() else [{}] * len(paths)

    def set_override(self, path: Path, values: Mapping[str, str]) -> None:
        """Sets what a file is; without values, it is what it looks like. Raises `OSError`, `TooManyOverridesError`."""
        self._overrides.set(path, values)

    def known_sha256(self, path: Path, /) -> str:
        """Returns the hash of a whole file as it is now, '' if it is not known."""
        key = _identity(path)
        return self._memory.recall(_HASHES, [key]).get(key, "") if key is not None else ""

    def keep_sha256(self, path: Path, sha256: str, /) -> None:
        """Keeps the hash of a whole file as it is now."""
        if (key := _identity(path)) is not None:
            self._memory.keep(_HASHES, {key: sha256})

    def close(self) -> None:
        """Stops all reading between two batches, and closes the memory."""
        self._closed = True
        self._memory.close()

    def _identities(self, paths: Sequence[Path]) -> list[bytes | None]:
        return each(_identity, paths)

    def _reading(self) -> Callable[[Path], ModelFile]:
        if self._recognise is None:
            from diffusion.model_files.recognise import recognise

            self._recognise = recognise
        return self._recognise

    def _known(self, keys: Sequence[bytes | None]) -> dict[bytes, ModelFile]:
        wanted = [key for key in keys if key is not None]
        with self._lock:
            found = {key: self._here[key] for key in wanted if key in self._here}
        others = [key for key in wanted if key not in found]
        kept = self._memory.recall(self._edition(), others) if others else {}
        recalled = {key: restored for key, text in kept.items() if (restored := _restore(text)) is not None}
        self._put(recalled)
        return found | recalled

    def _keep(self, found: Mapping[bytes, ModelFile]) -> None:
        self._put(found)
        self._memory.keep(self._edition(), {key: json.dumps(dataclasses.asdict(item)) for key, item in found.items()})

    def _put(self, found: Mapping[bytes, ModelFile]) -> None:
        with self._lock:
            if len(self._here) > MOST_FACTS:
                self._here.clear()
            self._here.update(found)

    def _told(self, paths: Sequence[Path], found: Sequence[ModelFile | None]) -> list[ModelFile]:
        """Returns what files are when persons were asked, too; those that are None are not there."""
        from diffusion.model_files.model_file import ModelFile
        from diffusion.model_files.overriding import overridden

        problem = "It is not there any more, or may not be looked at."
        gone = ModelFile("unknown", problem=problem, remedy="Put it there again, or give the right to read it.")
        told = [gone if item is None else item for item in found]
        if self._overrides.are_there():
            told = [overridden(item, self._overrides.of(path)) for path, item in zip(paths, told, strict=True)]
        return told

    def _edition(self) -> str:
        """Returns the topic of what today's rules tell: what others told is forgotten."""
        if not self._topic:
            topic = f"recognised {rules_digest()}"
            self._memory.forget_like("recognised ", but=topic)
            self._topic = topic
        return self._topic


def _identity(path: Path) -> bytes | None:
    try:
        return identity(path)
    except (OSError, ValueError):
        return None


def _restore(text: str) -> ModelFile | None:
    from diffusion.families.family import Licence
    from diffusion.model_files.model_file import ModelFile

    try:
        fields = {name: tuple(value) if isinstance(value, list) else value for name, value in json.loads(text).items()}
        licence = fields.pop("licence")
        return ModelFile(**fields, licence=Licence(**licence) if licence else None)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None  # it is read again


def rules_digest() -> str:
    """Returns a digest of the code that decides what a file is."""
    import diffusion

    found = hashlib.blake2b(digest_size=8)
    root = Path(diffusion.__file__).parent
    for file in sorted(file for folder in _RULES for file in (root / folder).rglob("*.py")):
        found.update(file.read_bytes())
    return found.hexdigest()
