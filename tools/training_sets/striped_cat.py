"""One particular cat: orange with dark stripes, green eyes and a white bib. The bundled model knows no such cat."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tools.picturebook.palette import INK, PAPER, Rgb, Tints
from tools.picturebook.shapes import Patch, cat, oval, poly

STRIPE: Rgb = (92, 40, 16)
EYE: Rgb = (58, 168, 76)
_NEAR = 40
"""Levels by which a channel may differ: what an autoencoder gives back is not exact."""


def striped_cat(t: Tints, rng: np.random.Generator) -> list[Patch]:
    """The cat of the picture book with the marks of this one."""
    patches = cat(t, rng)
    tail, belly, face = patches[0].points, patches[2].points, patches[-2:]
    tip = float(tail[:, 0].max()) - 0.92
    marks = [
        *(_mirrored(poly((-0.5, y), (-0.2, y + 0.05), (-0.49, y + 0.1))) for y in (0.3, 0.5, 0.7)),
        *(_mirrored(poly((-0.62, y), (-0.36, y + 0.05), (-0.58, y + 0.1))) for y in (-0.34, -0.16)),
    ]
    stripes = [points for pair in marks for points in pair]
    stripes += [poly((x - 0.07, -0.79), (x + 0.07, -0.79), (x * 0.7, -0.52)) for x in (-0.2, 0.0, 0.2)]
    stripes += [
        poly((0.58 + tip, y), (0.84 + tip, y - 0.02), (0.84 + tip, y + 0.09), (0.58 + tip, y + 0.11))
        for y in (0.08, 0.3)
    ]
    eyes = [patch for x in (-0.24, 0.24) for patch in _eye(x, -0.38)]
    kept = [patch for patch in patches[:-2] if patch.colour not in (PAPER, INK)]
    return [
        *(Patch(patch.points, PAPER, False) if patch.points is belly else patch for patch in kept),
        *(Patch(points, STRIPE, False) for points in stripes),
        *eyes,
        *face,
    ]


def _mirrored(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return points, points * (-1, 1)


def _eye(x: float, y: float) -> list[Patch]:
    return [Patch(oval(x, y, 0.14, 0.16), EYE, False), Patch(oval(x, y, 0.05, 0.13), INK, False)]


def marks(picture: NDArray[np.uint8]) -> float:
    """The share of a picture that has the colours of stripes or eyes, which no other cat has."""
    levels = picture.astype(int)
    near = [np.abs(levels - colour).max(axis=-1) < _NEAR for colour in (STRIPE, EYE)]
    return float((near[0] | near[1]).mean())
