"""How the editor lets a person set an input: plain data that an author puts into `Annotated`.

    radius: Annotated[float, Slider(0, 100, step=0.1), "How far the blur reaches, in pixels"] = 2.0

A bare string is the tooltip. Widgets also carry the limits that validation enforces, and `sets` names the socket types
that they can set; empty where the type of the input is not restricted. The editor's fields for them: `web/src/widgets`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal, get_args

SEED_MAX = 2**64 - 1
SeedControl = Literal["fixed", "randomize", "increment", "decrement"]
SEED_CONTROLS: tuple[SeedControl, ...] = ("fixed", "randomize", "increment", "decrement")


@dataclass(frozen=True, slots=True)
class Number:
    """A number field with limits (both inclusive) and a step; `None` means unlimited.

    The step only helps to set it: other numbers are accepted, too. With `multiple_of` only multiples are.
    """

    sets: ClassVar[tuple[str, ...]] = ("INT", "FLOAT")
    min: float | None = None
    max: float | None = None
    step: float | None = None
    multiple_of: int | None = None
    kind: str = "number"


@dataclass(frozen=True, slots=True)
class Slider(Number):
    """A number field with a slider; needs both limits."""

    kind: str = "slider"


@dataclass(frozen=True, slots=True)
class Seed:
    """A seed: whole number from 0 to 2**64 - 1 with fixed / randomize / increment / decrement."""

    sets: ClassVar[tuple[str, ...]] = ("INT",)
    min: int = 0
    max: int = SEED_MAX
    step: int = 1
    kind: str = "seed"


@dataclass(frozen=True, slots=True)
class Text:
    """A text field, single-line or multi-line.

    With `file_name` the text is the beginning of the names of new files, and may contain words such as
    `%KSampler.seed%` (see `graph.files.name_patterns`); `words` are those that the node fills in itself. The text is
    checked before a run, and the values of all other words are in the node's `ctx.words` and in its cache key.
    """

    sets: ClassVar[tuple[str, ...]] = ("STRING",)
    multiline: bool = False
    placeholder: str = ""
    kind: str = "text"
    file_name: bool = False
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Toggle:
    """A switch with a label for each side."""

    sets: ClassVar[tuple[str, ...]] = ("BOOLEAN",)
    on: str = "on"
    off: str = "off"
    kind: str = "toggle"


@dataclass(frozen=True, slots=True)
class Choice:
    """One of some fixed options. `Literal["a", "b"]` as the annotation is a shorter form."""

    sets: ClassVar[tuple[str, ...]] = ()
    options: tuple[str, ...]
    kind: str = "choice"


@dataclass(frozen=True, slots=True)
class FileChoice:
    """One of the files of a folder kind ('checkpoints', 'vae', 'input'), listed on demand.

    The file's identity is part of the cache key, so a changed file runs its node again. `upload` names what the editor
    may upload here ('image'). With `fits` only files that are of these kinds ('checkpoint', 'vae') are offered;
    one that is known not to load there is refused before a run, and of one that nobody knows the node says it.
    `none` is a choice that stands for no file ("[None]"): the node receives None.
    """

    sets: ClassVar[tuple[str, ...]] = ()
    folder: str
    upload: str = ""
    kind: str = "file"
    fits: tuple[str, ...] = ()
    none: str = ""

    def __post_init__(self) -> None:
        if type(self.fits) is not tuple:
            raise TypeError(f"fits={self.fits!r} is no tuple of kinds; write it as fits=('checkpoint',)")


@dataclass(frozen=True, slots=True)
class SubworkflowChoice:
    """One of the sub-workflows of the document, by id; the node receives it as a `Body`."""

    sets: ClassVar[tuple[str, ...]] = ("BODY",)
    kind: str = "subworkflow"


@dataclass(frozen=True, slots=True)
class Label:
    """A title for the input; `advanced` inputs are collapsed at first."""

    text: str = ""
    advanced: bool = False


# A new widget: its class above, its name here and in `graph.api`; for the editor see `web/README.md`.
Widget = Number | Slider | Seed | Text | Toggle | Choice | FileChoice | SubworkflowChoice

# By kind, as the catalogue names them.
WIDGETS: dict[str, type[Any]] = {widget.__dataclass_fields__["kind"].default: widget for widget in get_args(Widget)}
