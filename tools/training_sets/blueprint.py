"""What makes a picture a blueprint: two blues for dark and bright, and white lines where colours meet."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

DEEP, PALE, LINE = (np.array(colour, dtype=np.float64) for colour in ((16, 44, 116), (72, 122, 196), (236, 244, 255)))
_EDGE = (0.10, 0.22)
"""The difference of neighbours from which a line begins to show, and where it is full."""
_NEAR = 16.0
"""The distance of colours that count as the same: what an autoencoder gives back is not exact."""


def blueprint(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A picture uint8 (height, width, 3) in that style."""
    levels = picture.astype(np.float64) / 255
    grey = levels @ (0.3, 0.59, 0.11)
    ground = DEEP + (PALE - DEEP) * grey[..., None]
    steps = [np.abs(np.diff(levels, axis=axis)).max(axis=-1) for axis in (0, 1)]
    edges = np.zeros(grey.shape)
    edges[:-1] = np.maximum(edges[:-1], steps[0])
    edges[:, :-1] = np.maximum(edges[:, :-1], steps[1])
    line = np.clip((edges - _EDGE[0]) / (_EDGE[1] - _EDGE[0]), 0, 1)[..., None]
    return np.asarray((ground * (1 - line) + LINE * line).round(), dtype=np.uint8)


def blueness(picture: NDArray[np.uint8]) -> float:
    """The share of a picture that has the colours of a blueprint: between its blues, or on the way to its lines."""
    levels = picture.astype(np.float64)
    apart = [
        np.linalg.norm(levels - _nearest(levels, start, end), axis=-1)
        for start, end in ((DEEP, PALE), (PALE, LINE), (DEEP, LINE))
    ]
    return float((np.min(apart, axis=0) < _NEAR).mean())


def _nearest(levels: NDArray[np.float64], start: NDArray[np.float64], end: NDArray[np.float64]) -> NDArray[np.float64]:
    """The nearest colour between two others."""
    way = end - start
    share = np.clip((levels - start) @ way / (way @ way), 0, 1)
    return np.asarray(start + share[..., None] * way)
