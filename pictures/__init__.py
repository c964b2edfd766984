"""Picture files from strangers, read in one way by all who read them: the nodes that load, the server that shows; and
curves, drawn as pictures.

Knows Pillow and numpy; knows no torch, no node and no server. The rooms are loaded on first use (PEP 562), so that
importing this costs nothing. `formats` alone needs no library.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pictures import colour, counting, curve, fitting, formats, opening, plain, reading, small, writing

__all__ = ["colour", "counting", "curve", "fitting", "formats", "opening", "plain", "reading", "small", "writing"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'pictures' has no room {name!r}; it has {', '.join(__all__)}")
    return import_module(f"pictures.{name}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
