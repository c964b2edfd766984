"""What files are whose tensors are those of a file that was looked at before: thousands of LoRAs have the same few.

Kept is what the list of tensors tells, with what metadata say of a LoRA's base; all else is asked of each file.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from diffusion.model_files.loras import said_of_base
from diffusion.model_files.precision import NOTES_OF_ALL, has_notes

if TYPE_CHECKING:
    from diffusion.model_files.model_file import ModelFile
    from diffusion.weight_files.header import Header, UnreadHeader


class Likenesses:
    """Knows lists of tensors by their likeness, and begins anew after so many. Safe from any thread."""

    def __init__(self, most: int = 4096) -> None:
        self._most = most
        self._known: dict[tuple[object, ...], ModelFile] = {}

    def find(self, unread: UnreadHeader) -> ModelFile | None:
        """What a file is by its header; None when its tensors have to be read."""
        if not unread.likeness or NOTES_OF_ALL in unread.metadata:
            return None
        found = self._known.get(_key(unread))
        return None if found is None else replace(found, size=unread.size)

    def keep(self, unread: UnreadHeader, header: Header, found: ModelFile) -> None:
        """Keeps what a file was found to be by its header, unless notes in its tensors or metadata had a say in it."""
        if not unread.likeness or has_notes(header):
            return
        if len(self._known) >= self._most:
            self._known.clear()
        self._known[_key(unread)] = found


def _key(unread: UnreadHeader) -> tuple[object, ...]:
    return (unread.likeness, unread.size - unread.base, said_of_base(unread.metadata))
