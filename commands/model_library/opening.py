"""The library of an installation, and its folders with what the library tells of their files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from commands.extra_paths import ExtraPaths
from commands.folders import MODEL_KINDS, find_extra_paths, find_files, library_files
from commands.model_library.library import Library
from commands.model_library.listing import ModelListing
from commands.model_library.memory import Memory
from commands.model_library.overrides import Overrides
from graph.files.folders import Files


@dataclass(frozen=True, slots=True)
class Places:
    """The folders of an installation, and what is known of the files in them."""

    files: Files
    library: Library
    extra: ExtraPaths

    def listing(self, problems: Sequence[str] | None = None) -> ModelListing:
        """Returns what lists all models; `problems` are those of the settings of folders, in words for its readers."""
        kinds = tuple(dict.fromkeys((*MODEL_KINDS, *self.extra.before, *self.extra.after)))
        return ModelListing(self.files, self.library, kinds, self.extra.problems if problems is None else problems)


def open_places(
    data_dir: Path | None = None,
    models_dir: Path | None = None,
    output: Path | None = None,
    extra: ExtraPaths | None = None,
) -> Places:
    """Returns the folders with their library; reads no model, and writes nothing before there is something to keep."""
    named = extra if extra is not None else find_extra_paths(models_dir)
    found, said = library_files(data_dir)
    memory = Memory(found)
    library = Library(memory, Overrides(said, memory))
    return Places(replace(find_files(data_dir, models_dir, output, named), kinds=library), library, named)
