"""The settings: flat regions and a few large elements, in a frame where x and y run from 0 to 1, y downwards."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tools.picturebook.palette import Rgb
from tools.picturebook.shapes import Patch, Points, oval, poly

PLAIN: tuple[Rgb, ...] = ((246, 238, 218), (222, 234, 246), (226, 242, 224), (246, 226, 230), (232, 230, 236))


def _band(top: float, colour: Rgb) -> Patch:
    return Patch(poly((0, top), (1, top), (1, 1), (0, 1)), colour)


def _hills(level: float, height: float, waves: float, phase: float) -> Points:
    x = np.linspace(0, 1, 25)
    y = level + height * np.sin(2 * np.pi * (waves * x + phase))
    return np.concatenate([np.stack([x, y], axis=1), [[1.0, 1.0], [0.0, 1.0]]])


def _cloud(x: float, y: float, colour: Rgb) -> list[Patch]:
    return [Patch(oval(x + dx, y + dy, 0.07, 0.045), colour) for dx, dy in ((-0.06, 0.0), (0.06, 0.0), (0.0, -0.03))]


def meadow(rng: np.random.Generator) -> list[Patch]:
    """Blue sky with a cloud over two green hills."""
    return [
        _band(0, (170, 216, 246)),
        *_cloud(rng.uniform(0.12, 0.88), rng.uniform(0.1, 0.18), (244, 250, 254)),
        Patch(_hills(rng.uniform(0.52, 0.6), 0.05, 0.8, rng.uniform(0, 1)), (160, 212, 118)),
        Patch(_hills(rng.uniform(0.7, 0.78), 0.04, 0.8, rng.uniform(0, 1)), (128, 192, 88)),
    ]


def beach(rng: np.random.Generator) -> list[Patch]:
    """Pale sky, a strip of sea, sand."""
    horizon = rng.uniform(0.4, 0.46)
    return [
        _band(0, (196, 230, 248)),
        _band(horizon, (64, 166, 200)),
        Patch(_hills(horizon + rng.uniform(0.18, 0.24), 0.02, 1.2, rng.uniform(0, 1)), (244, 218, 158)),
    ]


def snow(rng: np.random.Generator) -> list[Patch]:
    """Grey-blue sky, white ground, large flakes."""
    flakes = [
        Patch(
            oval((i % 4 + rng.uniform(0.2, 0.8)) / 4, (i // 4 + rng.uniform(0.2, 0.8)) * 0.28, 0.022, 0.022),
            (252, 253, 255),
        )
        for i in range(8)
    ]
    return [
        _band(0, (172, 192, 218)),
        Patch(_hills(rng.uniform(0.6, 0.68), 0.04, 0.8, rng.uniform(0, 1)), (232, 240, 250)),
        *flakes,
    ]


def desert(rng: np.random.Generator) -> list[Patch]:
    """Warm sky, two dunes, one cactus near the edge."""
    x = rng.choice([0.1, 0.9])
    y = rng.uniform(0.5, 0.56)
    cactus = [
        Patch(
            poly((x - 0.025, y - 0.2), (x + 0.025, y - 0.2), (x + 0.025, y + 0.12), (x - 0.025, y + 0.12)),
            (70, 130, 80),
        ),
        Patch(
            poly(
                (x - 0.08, y - 0.12),
                (x - 0.045, y - 0.12),
                (x - 0.045, y - 0.05),
                (x + 0.08, y - 0.05),
                (x + 0.08, y - 0.01),
                (x - 0.08, y - 0.01),
            ),
            (70, 130, 80),
        ),
        Patch(
            poly((x + 0.045, y - 0.15), (x + 0.08, y - 0.15), (x + 0.08, y - 0.01), (x + 0.045, y - 0.01)),
            (70, 130, 80),
        ),
    ]
    return [
        _band(0, (252, 226, 176)),
        Patch(_hills(rng.uniform(0.54, 0.6), 0.06, 0.8, rng.uniform(0, 1)), (236, 178, 104)),
        *cactus,
        Patch(_hills(rng.uniform(0.72, 0.8), 0.05, 0.7, rng.uniform(0, 1)), (216, 148, 78)),
    ]


def night_sky(rng: np.random.Generator) -> list[Patch]:
    """Dark blue from edge to edge, dotted with small yellow stars."""
    dots = []
    for i in range(12):
        x, y = (i % 4 + rng.uniform(0.15, 0.85)) / 4, (i // 4 + rng.uniform(0.15, 0.85)) / 3
        dots.append(Patch(oval(x, y, 0.018, 0.018), (252, 240, 170)))
    return [_band(0, (24, 30, 84)), *dots]


def underwater(rng: np.random.Generator) -> list[Patch]:
    """Teal water in two depths, weed at both edges, bubbles."""
    weed = []
    for x in (rng.uniform(0.04, 0.12), rng.uniform(0.88, 0.96)):
        y = np.linspace(1.0, rng.uniform(0.5, 0.64), 12)
        sway = 0.025 * np.sin(y * 18 + rng.uniform(0, 6))
        width = np.linspace(0.035, 0.01, 12)
        weed.append(
            Patch(
                np.concatenate([np.stack([x + sway - width, y], 1), np.stack([x + sway + width, y], 1)[::-1]]),
                (24, 104, 84),
            )
        )
    bubbles = [
        Patch(oval(rng.uniform(0.05, 0.95), rng.uniform(0.05, 0.6), radius, radius), (168, 224, 226))
        for radius in (0.035, 0.028, 0.022, 0.022)
    ]
    return [
        _band(0, (64, 172, 184)),
        Patch(_hills(rng.uniform(0.44, 0.54), 0.03, 1.0, rng.uniform(0, 1)), (38, 136, 160)),
        Patch(_hills(rng.uniform(0.86, 0.9), 0.02, 0.8, rng.uniform(0, 1)), (196, 184, 132)),
        *weed,
        *bubbles,
    ]


def sea(rng: np.random.Generator) -> list[Patch]:
    """Sky with a cloud over open water in two blues."""
    return [
        _band(0, (206, 232, 250)),
        *_cloud(rng.uniform(0.12, 0.88), rng.uniform(0.1, 0.18), (252, 253, 255)),
        Patch(_hills(rng.uniform(0.54, 0.6), 0.012, 3.0, rng.uniform(0, 1)), (70, 142, 212)),
        Patch(_hills(rng.uniform(0.76, 0.82), 0.015, 3.0, rng.uniform(0, 1)), (44, 108, 182)),
    ]


def plain(rng: np.random.Generator) -> list[Patch]:
    """One pale colour."""
    return [_band(0, PLAIN[rng.integers(len(PLAIN))])]


SETTINGS: dict[str, Callable[[np.random.Generator], list[Patch]]] = {
    "meadow": meadow,
    "beach": beach,
    "snow": snow,
    "desert": desert,
    "night sky": night_sky,
    "underwater": underwater,
    "sea": sea,
    "plain": plain,
}
