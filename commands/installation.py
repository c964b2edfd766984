"""What is installed here: the node types, beside the folders and versions."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import nodes
from commands.edition import CODE, this_edition
from commands.folders import ROOT, find_files, find_versions
from graph.files import Files
from graph.packs import PackReport, load_packs
from graph.registry import Registry


@dataclass(frozen=True, slots=True)
class Installation:
    """Everything that a command needs to make an engine."""

    registry: Registry
    files: Files
    packs: tuple[PackReport, ...]

    @property
    def versions(self) -> dict[str, str]:
        """Versions of Jacquard, Python and the libraries that decide what a picture looks like."""
        return find_versions()


def find_installation(
    data_dir: Path | None = None, models_dir: Path | None = None, output: Path | None = None
) -> Installation:
    """Look at the folders and load the node types; loads no torch. Nothing is created or written."""
    this_edition()  # as it is before the nodes are imported
    registry = Registry()
    nodes.add_to(registry)
    packs = load_packs(ROOT / "custom_nodes", registry, known=CODE)
    return Installation(registry, find_files(data_dir, models_dir, output), tuple(packs))
