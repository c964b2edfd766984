"""The installation: node types, packs, folders and versions."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import nodes
from commands.code_version import CODE, current_code_version
from commands.extra_paths import ExtraPaths
from commands.folders import ROOT, find_versions, packs_folder
from commands.model_library.library import Library
from commands.model_library.opening import open_places
from commands.pack_trial import try_out
from commands.pillow_defaults import pillow_defaults
from commands.torch_defaults import torch_defaults
from graph.files.folders import Files
from graph.node_types.registry import Registry
from graph.packs.loading import DEFAULT_SECONDS, PackReport, load_packs
from graph.packs.quarantine import PackNotes

WATCHES = (torch_defaults, pillow_defaults)
"""Process state that is compared around the import of each pack, besides that of `graph`."""


@dataclass(frozen=True, slots=True)
class Installation:
    """The parts from which a command makes an engine."""

    registry: Registry
    files: Files
    library: Library
    packs: tuple[PackReport, ...]

    @property
    def versions(self) -> dict[str, str]:
        """Versions of Jacquard, Python and the libraries that decide what a picture looks like."""
        return find_versions()


def find_installation(
    data_dir: Path | None = None,
    models_dir: Path | None = None,
    output: Path | None = None,
    *,
    extra: ExtraPaths | None = None,
    packs_dir: Path | None = None,
    notes: PackNotes | None = None,
    on_import: Callable[[str], None] | None = None,
    vital: Sequence[int] = (),
) -> Installation:
    """Loads the node types and the packs, without torch. Writes nothing except notes about packs.

    `on_import` and `vital` are those of `load_packs`, which may raise `ProcessBrokenError`.
    """
    current_code_version()  # taken before the nodes are imported
    registry = Registry()
    nodes.add_to(registry)
    packs = add_packs(registry, packs_dir, notes or find_notes(data_dir), on_import=on_import, vital=vital)
    places = open_places(data_dir, models_dir, output, extra)
    return Installation(registry, places.files, places.library, tuple(packs))


def add_packs(
    registry: Registry,
    packs_dir: Path | None,
    notes: PackNotes,
    *,
    on_import: Callable[[str], None] | None = None,
    vital: Sequence[int] = (),
) -> list[PackReport]:
    """Loads the packs. Raises `ProcessBrokenError`."""
    folder = packs_dir or ROOT / "custom_nodes"
    return load_packs(folder, registry, CODE, notes=notes, watches=WATCHES, vital=vital, on_import=on_import)


def find_notes(data_dir: Path | None = None) -> PackNotes:
    """Returns the notes about packs in the data folder."""
    return PackNotes(packs_folder(data_dir), try_out, _seconds())


def _seconds() -> float:
    """Returns the limit for the import of a pack, in seconds."""
    try:
        seconds = float(os.environ.get("JACQUARD_PACK_SECONDS", ""))
    except ValueError:
        return DEFAULT_SECONDS
    return seconds if 0 < seconds < 1e6 else DEFAULT_SECONDS
