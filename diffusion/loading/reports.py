"""How far loading is, whether somebody cancelled it, and what a person should know of the file: asked between weights,
and told after each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diffusion.errors import Cancelled
from diffusion.layouts.leftovers import in_words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Reports:
    """Counts the bytes of weights as they are stored. `total` grows while it is found out what has to be loaded."""

    def __init__(
        self,
        on_progress: Callable[[int, int], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
        on_notice: Callable[[str], None] | None = None,
    ) -> None:
        self._on_progress = on_progress
        self._cancelled = cancelled
        self._on_notice = on_notice
        self._done = 0
        self._total = 0

    def expect(self, count: int) -> None:
        """So many bytes more will be loaded."""
        self._total += count

    def loaded(self, count: int) -> None:
        """So many bytes more are there."""
        self._done += count
        if self._on_progress is not None:
            self._on_progress(self._done, self._total)

    def check(self) -> None:
        """Raises Cancelled when somebody cancelled."""
        if self._cancelled is not None and self._cancelled():
            raise Cancelled

    def unread(self, what: str, names: Sequence[str]) -> None:
        """These tensors of a file are read by nobody, and nobody expected them there."""
        if names and self._on_notice is not None:
            self._on_notice(in_words(what, names))
