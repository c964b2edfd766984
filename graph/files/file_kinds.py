"""What model files are, as far as the engine asks. Who knows model files answers; the engine knows none."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Protocol


class FileKinds(Protocol):
    """Tells what files and model folders are. Safe from any thread; a file that cannot be read is an answer, too."""

    def unfit(self, paths: Sequence[Path], fits: Collection[str], /) -> Sequence[str]:
        """Return for each path why it is none of the kinds in `fits` ("checkpoint", "vae"), '' where it is one."""

    def override(self, path: Path, /) -> Mapping[str, str]:
        """Return what a person set against what a file looks like: its "kind", its "family"; mostly nothing."""


class AnyKind:
    """Where nobody knows model files: every file fits everywhere."""

    def unfit(self, paths: Sequence[Path], _: Collection[str]) -> Sequence[str]:
        """Return '' for each path."""
        return [""] * len(paths)

    def override(self, _: Path) -> Mapping[str, str]:
        """Return nothing."""
        return {}
