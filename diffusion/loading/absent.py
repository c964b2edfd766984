"""What stands for a part that a file does not hold: a value that says so when somebody wants to use it.

A checkpoint file without a text encoder is whole for everybody who loads one besides. So its absence is an error only
where the part is used, and there it says which file to load instead.
"""

from __future__ import annotations

from typing import Any, NoReturn

from diffusion.errors import DiffusionError


class AbsentError(DiffusionError, AttributeError):
    """A part was used that is not there. To who only looks whether a value has an attribute, it has none."""


class Absent:
    """A text encoder or a VAE that is not there. Costs nothing, and raises AbsentError when it is used."""

    nbytes = 0

    def __init__(self, message: str, remedy: str, socket: str) -> None:
        self._error = (message, remedy, socket)

    @property
    def weights(self) -> Any:
        """Nothing, of which each has its own."""
        return self

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("_"):  # what Python itself asks for
            raise AttributeError(name)
        message, remedy, socket = self._error
        raise AbsentError(message, remedy=remedy, input=socket)
