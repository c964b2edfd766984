"""The weights of a file or of a folder's component, by name, as they are stored. Nothing is read but headers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import torch

from diffusion.stored.reading import map_file, weights_in
from diffusion.weight_files.component_files import find_weights
from diffusion.weight_files.reading import read_header

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from diffusion.stored.contract import Stored
    from diffusion.stored.mapping import MappedFile


@dataclass(frozen=True)
class Source:
    """What was found at `path`; weights lie in mapped files until somebody computes with them."""

    path: Path
    weights: Mapping[str, Stored] = field(repr=False)
    files: tuple[MappedFile, ...] = field(repr=False)
    metadata: Mapping[str, object] = field(default_factory=dict, repr=False)
    """What the header of one file says besides; of a folder nothing."""

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shapes that count for a model, by name."""
        return {name: stored.shape for name, stored in self.weights.items()}

    def below(self, prefix: str) -> dict[str, Stored]:
        """The weights whose names begin so, without that."""
        return {name[len(prefix) :]: stored for name, stored in self.weights.items() if name.startswith(prefix)}


def read_file(path: Path) -> Source:
    """The weights of one file. Raises DiffusionError for one that is damaged or stored in an unknown form."""
    # Weights made inside inference mode could never be trained or edited.
    with torch.inference_mode(mode=False):
        header = read_header(path)
        mapped = map_file(path, header)
        return Source(path, weights_in(mapped, header), (mapped,), header.metadata)


def read_component(folder: Path, stem: str) -> Source:
    """The weights of a component's folder, in one file or in several. Raises DiffusionError as above, and when there
    are none or only pickles."""
    sources = [read_file(path) for path in find_weights(folder, stem)]
    weights = {name: stored for source in sources for name, stored in source.weights.items()}
    return Source(folder, weights, tuple(mapped for source in sources for mapped in source.files))
