"""What model files are, as far as the engine asks. Who knows model files answers; the engine knows none."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol


class FileRefusal(NamedTuple):
    """Why a file cannot be loaded: sentences for persons; `expected` and `got` in a few words."""

    message: str
    expected: str
    got: str
    remedy: str


class FileClash(NamedTuple):
    """A node that would be given parts of files which cannot work together: its id, the input, and the rest as of a
    `FileRefusal`."""

    node: str
    socket: str
    message: str
    expected: str
    got: str
    remedy: str


class FileKinds(Protocol):
    """Tells what files and model folders are. Safe from any thread; a file that cannot be read is an answer, too."""

    def unfit(self, paths: Sequence[Path], fits: Collection[str], /) -> Sequence[str]:
        """Return for each path why it is none of the kinds in `fits` ("checkpoint", "vae"), '' where it is one."""

    def refusal(self, path: Path, name: str, fits: Collection[str], /) -> FileRefusal | None:
        """Return why the file called `name` cannot be loaded by a node that is offered these kinds; None when it can,
        or when only loading tells. Called for each chosen file whenever a workflow is checked."""

    def clashes(
        self, calls: Mapping[str, Any], certain: frozenset[str], path: Callable[[str, str], Path], /
    ) -> Sequence[FileClash]:
        """Return which calls of a graph (`graph.building.calls`), of those that are `certain` to run, would be given
        parts of files which cannot work together. `path` finds the file of a folder kind and name."""

    def override(self, path: Path, /) -> Mapping[str, str]:
        """Return what a person set against what a file looks like: its "kind", its "family"; mostly nothing."""


class AnyKind:
    """Where nobody knows model files: every file fits everywhere."""

    def unfit(self, paths: Sequence[Path], _: Collection[str]) -> Sequence[str]:
        """Return '' for each path."""
        return [""] * len(paths)

    def refusal(self, _: Path, _name: str, _fits: Collection[str]) -> None:
        """Return None: the loader says it."""

    def clashes(self, _: Mapping[str, Any], _certain: frozenset[str], _path: object) -> Sequence[FileClash]:
        """Return none."""
        return ()

    def override(self, _: Path) -> Mapping[str, str]:
        """Return nothing."""
        return {}
