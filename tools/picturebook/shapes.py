"""The twelve subjects as flat patches in a frame of their own.

x and y run from -1 to 1, y downwards; a subject fills the frame. A patch that is `body` belongs to the silhouette and
gets the outline, the others are details painted on top. Where a subject stands in the picture is not decided here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tools.picturebook.palette import INK, PAPER, Rgb, Tints

Points = NDArray[np.float64]

GLASS: Rgb = (196, 226, 242)
LAMP: Rgb = (252, 222, 120)
LEAF: Rgb = (74, 158, 66)
BARK: Rgb = (112, 74, 46)
BEAK: Rgb = (240, 150, 40)
MAST: Rgb = (110, 80, 56)


class Patch(NamedTuple):
    """A filled polygon (n, 2) of one colour."""

    points: Points
    colour: Rgb
    body: bool = True


def oval(x: float, y: float, rx: float, ry: float, turn: float = 0.0) -> Points:
    """Return an ellipse around (x, y), turned by `turn` radians."""
    angle = np.linspace(0, 2 * np.pi, 28, endpoint=False)
    px, py = rx * np.cos(angle), ry * np.sin(angle)
    return np.stack([x + px * np.cos(turn) - py * np.sin(turn), y + px * np.sin(turn) + py * np.cos(turn)], axis=1)


def poly(*corners: tuple[float, float]) -> Points:
    """Return a polygon with sharp corners."""
    return np.array(corners, dtype=np.float64)


def curve(*knots: tuple[float, float]) -> Points:
    """Return a closed Catmull-Rom curve through the knots."""
    p1 = np.array(knots, dtype=np.float64)
    p0, p2, p3 = np.roll(p1, 1, 0), np.roll(p1, -1, 0), np.roll(p1, -2, 0)
    t = np.linspace(0, 1, 6, endpoint=False)[:, None, None]
    points = 0.5 * (
        2 * p1 + (p2 - p0) * t + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2 + (3 * p1 - p0 - 3 * p2 + p3) * t**3
    )
    return points.transpose(1, 0, 2).reshape(-1, 2)


def _eye(x: float, y: float, size: float) -> list[Patch]:
    return [
        Patch(oval(x, y, size, size * 1.15), PAPER, False),
        Patch(oval(x + size * 0.15, y + size * 0.1, size * 0.58, size * 0.7), INK, False),
    ]


def cat(t: Tints, rng: np.random.Generator) -> list[Patch]:
    """Sitting, seen from the front: round head, two pointed ears, a tail at the side."""
    tip = rng.uniform(-0.12, 0.12)
    ear = rng.uniform(-0.06, 0.06)
    return [
        Patch(
            curve(
                (0.2, 0.92),
                (0.62, 0.9),
                (0.86, 0.6),
                (0.8 + tip, 0.2),
                (0.92 + tip, 0.0),
                (0.72 + tip, -0.06),
                (0.6 + tip, 0.2),
                (0.64, 0.56),
                (0.4, 0.72),
            ),
            t.shade,
        ),
        Patch(
            curve((-0.3, -0.1), (0.3, -0.1), (0.48, 0.4), (0.5, 0.92), (0, 0.98), (-0.5, 0.92), (-0.48, 0.4)), t.base
        ),
        Patch(oval(0, 0.5, 0.24, 0.34), t.light, False),
        Patch(oval(-0.25, 0.9, 0.2, 0.1), t.base),
        Patch(oval(0.25, 0.9, 0.2, 0.1), t.base),
        Patch(poly((-0.58, -0.3), (-0.6 - ear, -1.0), (-0.08, -0.68)), t.base),
        Patch(poly((0.58, -0.3), (0.6 + ear, -1.0), (0.08, -0.68)), t.base),
        Patch(poly((-0.48, -0.5), (-0.5 - ear, -0.84), (-0.24, -0.66)), t.light, False),
        Patch(poly((0.48, -0.5), (0.5 + ear, -0.84), (0.24, -0.66)), t.light, False),
        Patch(oval(0, -0.32, 0.62, 0.46), t.base),
        *_eye(-0.24, -0.38, 0.13),
        *_eye(0.24, -0.38, 0.13),
        Patch(oval(0, -0.1, 0.24, 0.14), t.light, False),
        Patch(poly((-0.09, -0.2), (0.09, -0.2), (0, -0.08)), (226, 110, 130), False),
    ]


def dog(t: Tints, rng: np.random.Generator) -> list[Patch]:
    """Standing, seen from the side: long body, four legs, a muzzle, a hanging ear, a raised tail."""
    wag = rng.uniform(-0.14, 0.14)
    step = rng.uniform(-0.05, 0.05)
    return [
        Patch(curve((-0.74, 0.0), (-0.86, -0.12), (-0.98 + wag, -0.56), (-0.84 + wag, -0.6), (-0.6, -0.1)), t.base),
        Patch(poly((-0.5 + step, 0.3), (-0.28 + step, 0.3), (-0.3 + step, 0.96), (-0.5 + step, 0.96)), t.shade),
        Patch(poly((0.18 - step, 0.3), (0.4 - step, 0.3), (0.38 - step, 0.96), (0.18 - step, 0.96)), t.shade),
        Patch(poly((-0.8 - step, 0.1), (-0.52 - step, 0.2), (-0.56 - step, 0.98), (-0.78 - step, 0.98)), t.base),
        Patch(poly((0.44 + step, 0.1), (0.68 + step, 0.1), (0.66 + step, 0.98), (0.44 + step, 0.98)), t.base),
        Patch(
            curve(
                (-0.84, 0.1),
                (-0.7, -0.14),
                (0.0, -0.12),
                (0.3, -0.3),
                (0.7, -0.2),
                (0.74, 0.2),
                (0.5, 0.46),
                (-0.1, 0.42),
                (-0.7, 0.5),
            ),
            t.base,
        ),
        Patch(oval(0.42, -0.5, 0.38, 0.36), t.base),
        Patch(curve((0.5, -0.62), (0.86, -0.54), (1.0, -0.4), (0.94, -0.24), (0.6, -0.2), (0.4, -0.3)), t.light),
        Patch(oval(0.95, -0.46, 0.1, 0.09), INK, False),
        Patch(curve((0.3, -0.84), (0.06, -0.76), (-0.04, -0.34), (0.08, -0.16), (0.22, -0.26), (0.34, -0.6)), t.shade),
        *_eye(0.52, -0.6, 0.12),
        Patch(
            poly((0.2, -0.22), (0.68, -0.16), (0.7, -0.04), (0.18, -0.1)),
            (222, 62, 60) if t.base != (214, 38, 44) else (60, 110, 210),
            False,
        ),
    ]


def fish(t: Tints, rng: np.random.Generator) -> list[Patch]:
    """Seen from the side: oval body, forked tail, fins, two stripes."""
    fin = rng.uniform(-0.08, 0.08)
    tall = rng.uniform(0.5, 0.6)
    return [
        Patch(curve((-0.5, 0.0), (-0.98, -0.56 + fin), (-0.86, 0.0), (-0.98, 0.56 + fin)), t.shade),
        Patch(curve((-0.3, -0.36), (-0.1, -0.84 + fin), (0.36, -0.66), (0.4, -0.3)), t.shade),
        Patch(curve((-0.1, 0.36), (-0.06, 0.8 - fin), (0.24, 0.7), (0.3, 0.36)), t.shade),
        Patch(
            curve(
                (-0.66, 0.0),
                (-0.3, -tall * 0.76),
                (0.2, -tall),
                (0.72, -0.34),
                (0.98, 0.04),
                (0.72, 0.36),
                (0.2, tall),
                (-0.3, tall * 0.76),
            ),
            t.base,
        ),
        Patch(
            curve((-0.16, -0.44), (-0.02, -0.48), (0.06, 0.0), (-0.02, 0.48), (-0.16, 0.44), (-0.1, 0.0)),
            t.light,
            False,
        ),
        Patch(
            curve((-0.46, -0.28), (-0.36, -0.34), (-0.3, 0.0), (-0.36, 0.34), (-0.46, 0.28), (-0.42, 0.0)),
            t.light,
            False,
        ),
        *_eye(0.56, -0.12, 0.15),
        Patch(curve((0.12, 0.06), (0.4, 0.1), (0.22, 0.3)), t.shade, False),
    ]


def bird(t: Tints, rng: np.random.Generator) -> list[Patch]:
    """Perched, seen from the side: round body, raised wing, beak, tail feathers, thin legs."""
    lift = rng.uniform(-0.14, 0.14)
    return [
        Patch(poly((-0.06, 0.5), (0.02, 0.5), (0.02, 0.94), (0.16, 0.98), (-0.12, 0.98), (-0.06, 0.9)), BEAK),
        Patch(poly((0.22, 0.5), (0.3, 0.5), (0.3, 0.94), (0.44, 0.98), (0.16, 0.98), (0.22, 0.9)), BEAK),
        Patch(poly((-0.44, 0.2), (-1.0, -0.06), (-0.94, 0.2), (-1.0, 0.36), (-0.5, 0.46)), t.shade),
        Patch(poly((0.7, -0.56), (1.0, -0.4), (0.68, -0.26)), BEAK),
        Patch(
            curve((-0.6, 0.3), (-0.3, -0.1), (0.1, -0.3), (0.5, -0.2), (0.64, 0.2), (0.4, 0.56), (-0.1, 0.66)), t.base
        ),
        Patch(oval(0.42, -0.44, 0.36, 0.34), t.base),
        Patch(curve((0.5, 0.0), (0.62, 0.2), (0.4, 0.52), (0.06, 0.58), (0.26, 0.34)), t.light, False),
        Patch(
            curve(
                (0.22, 0.0),
                (-0.16, -0.3),
                (-0.62, -0.62 + lift),
                (-0.66, -0.3 + lift),
                (-0.46, 0.2),
                (-0.1, 0.34),
                (0.16, 0.26),
            ),
            t.shade,
        ),
        *_eye(0.5, -0.5, 0.12),
    ]


def house(t: Tints, rng: np.random.Generator) -> list[Patch]:
    """Seen from the front: walls, a pitched roof, a chimney, a door and two windows."""
    peak = rng.uniform(-1.0, -0.86)
    door = rng.choice([-0.34, 0.0, 0.34])
    panes = [x for x in (-0.44, 0.0, 0.44) if abs(x - door) > 0.3][:2] if door else [-0.44, 0.44]
    patches = [
        Patch(poly((0.36, -0.9), (0.58, -0.9), (0.58, -0.2), (0.36, -0.2)), t.shade),
        Patch(poly((-0.74, -0.2), (0.74, -0.2), (0.74, 0.96), (-0.74, 0.96)), t.base),
        Patch(poly((-1.0, -0.1), (0, peak), (1.0, -0.1)), t.shade),
        Patch(poly((door - 0.17, 0.3), (door + 0.17, 0.3), (door + 0.17, 0.96), (door - 0.17, 0.96)), BARK, False),
    ]
    windows = (poly((x - 0.17, 0.1), (x + 0.17, 0.1), (x + 0.17, 0.46), (x - 0.17, 0.46)) for x in panes)
    patches.extend(Patch(window, LAMP, False) for window in windows)
    return patches


def tree(t: Tints, rng: np.random.Generator) -> list[Patch]:
    """A brown trunk under a cloud-shaped crown, which has the colour."""
    lean = rng.uniform(-0.08, 0.08)
    return [
        Patch(poly((-0.14, 0.1), (0.14, 0.1), (0.16, 0.8), (0.28, 0.98), (-0.28, 0.98), (-0.16, 0.8)), BARK),
        Patch(oval(-0.46 + lean, -0.06, 0.42, 0.36), t.base),
        Patch(oval(0.46 + lean, -0.06, 0.42, 0.36), t.base),
        Patch(oval(-0.32 + lean, -0.48, 0.42, 0.38), t.base),
        Patch(oval(0.34 + lean, -0.46, 0.42, 0.38), t.base),
        Patch(oval(lean, -0.64, 0.42, 0.36), t.base),
        Patch(oval(lean, -0.16, 0.46, 0.4), t.base),
        Patch(oval(-0.26 + lean, -0.54, 0.22, 0.18), t.light, False),
        Patch(oval(0.4 + lean, 0.02, 0.26, 0.16), t.shade, False),
    ]


def flower(t: Tints, rng: np.random.Generator) -> list[Patch]:
    """Six round petals around a centre, on a green stem with two leaves."""
    turn = rng.uniform(0, np.pi / 3)
    centre = (250, 212, 40) if t.base != (250, 212, 40) else (176, 100, 30)
    petals = [
        Patch(oval(0.4 * np.cos(a), -0.4 + 0.4 * np.sin(a), 0.3, 0.21, a), t.base)
        for a in turn + np.arange(6) * np.pi / 3
    ]
    return [
        Patch(poly((-0.06, -0.3), (0.06, -0.3), (0.06, 0.98), (-0.06, 0.98)), LEAF),
        Patch(curve((0.02, 0.8), (0.26, 0.42), (0.64, 0.4), (0.44, 0.7)), LEAF),
        Patch(curve((-0.02, 0.92), (-0.26, 0.54), (-0.64, 0.52), (-0.44, 0.82)), LEAF),
        *petals,
        Patch(oval(0, -0.4, 0.21, 0.21), centre, False),
    ]


def car(t: Tints, rng: np.random.Generator) -> list[Patch]:
    """Seen from the side: a rounded cabin with two windows on a long body, two wheels, a lamp."""
    roof = rng.uniform(-0.56, -0.46)
    return [
        Patch(
            curve(
                (-0.7, 0.0),
                (-0.5, roof),
                (0.1, roof - 0.04),
                (0.36, roof + 0.14),
                (0.62, 0.02),
                (0.4, 0.12),
                (-0.5, 0.12),
            ),
            t.base,
        ),
        Patch(
            curve(
                (-0.98, 0.1),
                (-0.84, -0.08),
                (0.0, -0.1),
                (0.6, -0.06),
                (0.94, 0.08),
                (1.0, 0.4),
                (0.8, 0.5),
                (-0.8, 0.5),
                (-1.0, 0.42),
            ),
            t.base,
        ),
        Patch(poly((-0.54, -0.04), (-0.4, roof + 0.14), (-0.1, roof + 0.1), (-0.1, -0.04)), GLASS, False),
        Patch(poly((0.0, -0.04), (0.0, roof + 0.1), (0.2, roof + 0.16), (0.42, -0.04)), GLASS, False),
        Patch(poly((-0.96, 0.3), (0.98, 0.3), (0.96, 0.44), (-0.94, 0.44)), t.shade, False),
        Patch(oval(-0.52, 0.5, 0.26, 0.26), INK),
        Patch(oval(0.52, 0.5, 0.26, 0.26), INK),
        Patch(oval(-0.52, 0.5, 0.12, 0.12), (206, 208, 214), False),
        Patch(oval(0.52, 0.5, 0.12, 0.12), (206, 208, 214), False),
        Patch(oval(0.88, 0.16, 0.08, 0.09), LAMP, False),
    ]


def boat(t: Tints, rng: np.random.Generator) -> list[Patch]:
    """A hull with a mast and two triangular sails."""
    belly = rng.uniform(-0.06, 0.06)
    return [
        Patch(poly((-0.04, -0.98), (0.04, -0.98), (0.04, 0.5), (-0.04, 0.5)), MAST),
        Patch(poly((0.08, -0.94), (0.8 + belly, 0.34), (0.08, 0.34)), t.light),
        Patch(poly((-0.08, -0.74), (-0.08, 0.34), (-0.66 - belly, 0.34)), t.light),
        Patch(poly((-1.0, 0.46), (1.0, 0.46), (0.66, 0.92), (-0.62, 0.92)), t.base),
        Patch(poly((-0.92, 0.56), (0.92, 0.56), (0.84, 0.67), (-0.84, 0.67)), t.shade, False),
    ]


def sun(t: Tints, rng: np.random.Generator) -> list[Patch]:
    """A disc with a smiling face and twelve pointed rays."""
    turn = rng.uniform(0, np.pi / 6)
    rays = []
    for a in turn + np.arange(12) * np.pi / 6:
        left, right = a - 0.17, a + 0.17
        rays.append(
            Patch(
                poly(
                    (0.68 * np.cos(left), 0.68 * np.sin(left)),
                    (np.cos(a), np.sin(a)),
                    (0.68 * np.cos(right), 0.68 * np.sin(right)),
                ),
                t.base,
            )
        )
    return [
        *rays,
        Patch(oval(0, 0, 0.6, 0.6), t.base),
        Patch(oval(0, 0, 0.5, 0.5), t.light, False),
        Patch(oval(-0.19, -0.12, 0.075, 0.11), INK, False),
        Patch(oval(0.19, -0.12, 0.075, 0.11), INK, False),
        Patch(curve((-0.26, 0.12), (0, 0.22), (0.26, 0.12), (0.2, 0.26), (0, 0.34), (-0.2, 0.26)), INK, False),
    ]


def moon(t: Tints, rng: np.random.Generator) -> list[Patch]:
    """A crescent with two craters."""
    bite = rng.uniform(0.36, 0.5)
    outer = np.linspace(np.pi * 0.28, np.pi * 1.72, 30)
    tip_x, tip_y = 0.9 * np.cos(outer[0]), 0.9 * np.sin(outer[0])
    radius = np.hypot(tip_x - bite, tip_y)
    start = np.arctan2(tip_y, tip_x - bite)
    inner = np.linspace(2 * np.pi - start, start, 24)[1:-1]
    arc = np.concatenate(
        [
            np.stack([0.9 * np.cos(outer), 0.9 * np.sin(outer)], axis=1),
            np.stack([bite + radius * np.cos(inner), radius * np.sin(inner)], axis=1),
        ]
    )
    arc[:, 0] += 0.24
    return [
        Patch(arc, t.base),
        Patch(oval(-0.36, -0.22, 0.12, 0.13), t.shade, False),
        Patch(oval(-0.26, 0.34, 0.09, 0.1), t.shade, False),
    ]


def star(t: Tints, rng: np.random.Generator) -> list[Patch]:
    """Five points, with a lighter small star inside."""
    waist = rng.uniform(0.42, 0.5)
    angle = -np.pi / 2 + np.arange(10) * np.pi / 5
    radius = np.where(np.arange(10) % 2 == 0, 1.0, waist)
    shape = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    return [Patch(shape, t.base), Patch(shape * 0.5, t.light, False)]


SUBJECTS: dict[str, Callable[[Tints, np.random.Generator], list[Patch]]] = {
    "cat": cat,
    "dog": dog,
    "fish": fish,
    "bird": bird,
    "house": house,
    "tree": tree,
    "flower": flower,
    "car": car,
    "boat": boat,
    "sun": sun,
    "moon": moon,
    "star": star,
}
