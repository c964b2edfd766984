"""What model code raises: bad input with a remedy, and cancellation. Free of torch."""

from __future__ import annotations


class DiffusionError(ValueError):
    """An input cannot be used, or a model gave nothing usable.

    The message says what was expected and what was found. `remedy` says what the person can do about it. `input`
    names the socket that the trouble came in by (`latent_image`, `samples`, `mask`, ...), where there is one.
    """

    def __init__(self, message: str, *, remedy: str, input: str | None = None) -> None:  # noqa: A002 - the field's word
        super().__init__(message)
        self.remedy = remedy
        self.input = input

    def __str__(self) -> str:
        return f"{self.args[0]} {self.remedy}"


class Cancelled(Exception):  # noqa: N818 - a wish that was granted, not an error
    """The caller's `cancelled()` said yes; nothing was changed and the same call can be made again."""
