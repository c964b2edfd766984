"""The eleven colours of the picture book and the tints a subject is painted in."""

from __future__ import annotations

from typing import NamedTuple

Rgb = tuple[int, int, int]

COLOURS: dict[str, Rgb] = {
    "black": (30, 30, 34),
    "white": (250, 250, 248),
    "grey": (140, 143, 150),
    "red": (214, 38, 44),
    "orange": (244, 130, 26),
    "yellow": (250, 212, 40),
    "green": (52, 150, 60),
    "blue": (36, 90, 210),
    "purple": (128, 60, 178),
    "pink": (246, 140, 184),
    "brown": (126, 78, 42),
}

INK: Rgb = (40, 36, 40)
PAPER: Rgb = (252, 250, 244)


class Tints(NamedTuple):
    """One colour in four strengths: the body, a shadow, a highlight and the outline."""

    base: Rgb
    shade: Rgb
    light: Rgb
    edge: Rgb


def mix(a: Rgb, b: Rgb, share: float) -> Rgb:
    """Return colour a moved towards b by share (0 to 1)."""
    return tuple(round(x + (y - x) * share) for x, y in zip(a, b, strict=True))  # type: ignore[return-value]


def tints(name: str) -> Tints:
    """Return the tints of a named colour; black is shaded towards grey, or its details would vanish."""
    base = COLOURS[name]
    if name == "black":
        return Tints(base, (66, 66, 74), (84, 84, 94), (112, 112, 124))
    if name == "white":
        return Tints(base, (208, 212, 222), (255, 255, 255), (128, 132, 146))
    return Tints(base, mix(base, (0, 0, 0), 0.28), mix(base, (255, 255, 255), 0.42), mix(base, (0, 0, 0), 0.5))
