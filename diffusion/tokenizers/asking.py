"""Making and asking a tokenizer that may be damaged. The library then fails in a way of its own: where its Rust meets
what it takes to be impossible, it raises a BaseException, which would end a thread or a program."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from diffusion.errors import DiffusionError

if TYPE_CHECKING:
    from collections.abc import Iterator

_PANIC = "PanicException"
"""The name of its class; the class itself cannot be imported."""


class PanickedError(Exception):
    """The library met what it takes to be impossible."""


@contextmanager
def without_panics() -> Iterator[None]:
    """Turns the library's own kind of failure into a PanickedError."""
    try:
        yield
    except BaseException as error:
        if type(error).__name__ != _PANIC:
            raise
        raise PanickedError(str(error)) from error


def token_ids(tokenizer: Any, texts: list[str]) -> list[list[int]]:
    """The tokens of each text, without those of start and end; raises DiffusionError for a damaged tokenizer."""
    if not texts:
        return []
    try:
        with without_panics():
            found: list[list[int]] = tokenizer(
                texts, add_special_tokens=False, truncation=False, verbose=False
            ).input_ids
    except PanickedError as error:
        raise DiffusionError(
            "The tokenizer of the text encoder is damaged: it cannot read the prompt.",
            remedy="Copy or download the file that it comes from again.",
            input="text",
        ) from error
    return found
