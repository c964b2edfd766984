"""A weight file mapped into memory: nothing is read before somebody looks at it, and what was read can be let go.

The mapping is private: writing to a tensor changes memory and never the file.
"""

from __future__ import annotations

import mmap
from pathlib import Path

import torch
from torch import Tensor

from diffusion.errors import DiffusionError
from diffusion.weight_files.reading import open_plain


class MappedFile:
    """The bytes of a file as a tensor, for as long as somebody holds it or a view of it."""

    def __init__(self, path: Path, size: int) -> None:
        self._name = path.name
        with open_plain(path) as file:
            self._map = mmap.mmap(file.fileno(), size, access=mmap.ACCESS_COPY)
        self.bytes: Tensor = torch.frombuffer(self._map, dtype=torch.uint8)

    @property
    def content(self) -> memoryview:
        """The bytes of the file."""
        return memoryview(self.bytes.numpy())

    def check(self) -> None:
        """Raises DiffusionError when the file has become shorter since: the system ends a process that reads what is
        gone. Costs a microsecond; what is cut off after it is not seen."""
        if self._map.size() < len(self.bytes):
            raise DiffusionError(
                f"{self._name} was cut short while it was in use.",
                remedy="Copy it there again, under another name first, and load it again.",
            )

    def release(self, tensor: Tensor) -> None:
        """Gives back the memory of a view that nobody will look at soon; looking at it reads the file again.

        Does nothing for a tensor that lies elsewhere, and on systems without a way to say so.
        """
        start = tensor.data_ptr() - self.bytes.data_ptr()
        end = start + tensor.nbytes
        if not hasattr(mmap, "MADV_DONTNEED") or not 0 <= start < end <= len(self.bytes):
            return
        first, last = -(-start // mmap.PAGESIZE) * mmap.PAGESIZE, end // mmap.PAGESIZE * mmap.PAGESIZE
        if first < last:
            self._map.madvise(mmap.MADV_DONTNEED, first, last - first)
