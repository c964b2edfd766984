"""A curve of losses as a picture: axes with numbers, every value, and a smoothed line above them.

It is quick enough to be shown while a model trains. Values that are no numbers leave a gap.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from PIL import Image, ImageDraw, ImageFont

SIZE = (720, 420)
"""Width and height in pixels."""
_LEFT, _TOP, _RIGHT, _BOTTOM = 72, 34, 20, 46
"""Pixels around the field of the curve."""
_SCALE = 2
"""Drawn so many times larger and reduced, which smooths the lines."""
_PAPER, _GRID, _TEXT, _RAW, _LINE, _BAD = "#ffffff", "#e4e7ec", "#4a5262", "#a3b7e6", "#2457c5", "#c0392b"
_TICKS = 6
_SPAN = 25
"""The smoothed line averages over this part of all values, 1 / 25."""


def drawn(
    losses: Sequence[Any], steps: Sequence[Any] = (), *, total: int = 0, title: str = "", size: tuple[int, int] = SIZE
) -> Image.Image:
    """The curve of `losses` over `steps` (1, 2, 3 ... where they are not as many), as an RGB picture of `size` pixels.

    The axis reaches to step `total`, where that is more. Without `title` it says what the loss was at last. Without a
    finite value the axes are empty, and that is said.
    """
    xs = [float(step) for step in steps] if len(steps) == len(losses) else [float(i + 1) for i in range(len(losses))]
    values = [number(loss) for loss in losses]
    finite = [value for value in values if value is not None]
    width, height = (side * _SCALE for side in size)
    picture = Image.new("RGB", (width, height), _PAPER)
    pen = ImageDraw.Draw(picture)
    box = _LEFT * _SCALE, _TOP * _SCALE, width - _RIGHT * _SCALE, height - _BOTTOM * _SCALE
    across = _axis(min(xs, default=0.0), max([*xs, float(total)], default=1.0), finest=1.0)
    smooth = smoothed(values)
    up = _axis(*_heights(finite, [value for value in smooth if value is not None]))

    def place(x: float, y: float) -> tuple[float, float]:
        return (
            box[0] + (x - across[0]) / (across[1] - across[0]) * (box[2] - box[0]),
            box[3] - (min(max(y, up[0]), up[1]) - up[0]) / (up[1] - up[0]) * (box[3] - box[1]),
        )

    _grid(pen, box, across, up, place)
    stride = max(1, len(values) // (2 * size[0]))  # no more points than can be told apart
    for kept, colour, thickness in ((values, _RAW, _SCALE), (smooth, _LINE, 2 * _SCALE)):
        thinned = zip(xs[::stride], kept[::stride], strict=True)
        _line(pen, [None if y is None else place(x, y) for x, y in thinned], colour, thickness)
    _words(pen, box, title or _said(finite, smooth), bool(finite), len(values) - len(finite))
    return picture.resize(size, Image.Resampling.BOX)


def _heights(finite: list[float], smooth: list[float]) -> tuple[float, float]:
    """From the lowest value to the highest, but for the highest fiftieth: single peaks may leave the picture."""
    if not finite:
        return 0.0, 1.0
    ordered = sorted(finite)
    return ordered[0], max(ordered[-1 - len(ordered) // 50], *smooth)


def number(value: Any) -> float | None:
    """The value as a float; None for what is no finite number."""
    try:
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def smoothed(values: Sequence[float | None]) -> list[float | None]:
    """The running average with weights that fall exponentially, corrected at its beginning (Adam, section 3).

    It reaches over 1 / 25 of all values. Where there is no value there is no average.
    """
    keep = 1 - 1 / max(1.0, len(values) / _SPAN)
    total = weight = 0.0
    found: list[float | None] = []
    for value in values:
        if value is None:
            found.append(None)
            continue
        total, weight = keep * total + (1 - keep) * value, keep * weight + (1 - keep)
        found.append(total / weight)
    return found


def _axis(low: float, high: float, finest: float = 0.0) -> tuple[float, float, float]:
    """Round ends around the values, and the distance of ticks: 1, 2 or 5 times a power of ten, at least `finest`."""
    if high - low <= 1e-12 * max(1.0, abs(high)):  # one value: put it into the middle
        room = abs(low) / 2 or 0.5
        low, high = low - room, high + room
    rough = max((high - low) / _TICKS, finest)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * (1 - 1e-9))
    return math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step, step


def _ticks(axis: tuple[float, float, float]) -> list[float]:
    low, high, step = axis
    return [low + i * step for i in range(round((high - low) / step) + 1)]


def _written(value: float, step: float) -> str:
    """As many digits as tell one tick from the next."""
    if value and (abs(value) >= 1e6 or step < 1e-5):
        return f"{value:.3g}"
    return f"{value + 0.0:.{max(0, -math.floor(math.log10(step) + 1e-9))}f}"


def _font(size: int) -> Any:
    return ImageFont.load_default(size * _SCALE)


def _grid(pen: Any, box: tuple[int, int, int, int], across: Any, up: Any, place: Any) -> None:
    font = _font(12)
    for x in _ticks(across):
        left, _ = place(x, up[0])
        pen.line((left, box[1], left, box[3]), fill=_GRID, width=_SCALE)
        pen.text((left, box[3] + 6 * _SCALE), _written(x, across[2]), fill=_TEXT, font=font, anchor="ma")
    for y in _ticks(up):
        _, top = place(across[0], y)
        pen.line((box[0], top, box[2], top), fill=_GRID, width=_SCALE)
        pen.text((box[0] - 8 * _SCALE, top), _written(y, up[2]), fill=_TEXT, font=font, anchor="rm")
    pen.line((box[0], box[1], box[0], box[3], box[2], box[3]), fill=_TEXT, width=_SCALE)
    pen.text(((box[0] + box[2]) / 2, box[3] + 24 * _SCALE), "step", fill=_TEXT, font=font, anchor="ma")


def _line(pen: Any, points: Sequence[tuple[float, float] | None], colour: str, width: int) -> None:
    """The points joined, with a gap for each None; a point without neighbours is a dot."""
    part: list[tuple[float, float]] = []
    for point in [*points, None]:
        if point is not None:
            part.append(point)
            continue
        if len(part) == 1:
            (x, y), radius = part[0], width + _SCALE
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)
        elif part:
            pen.line(part, fill=colour, width=width, joint="curve")
        part = []


def _said(finite: list[float], smooth: list[float | None]) -> str:
    last = next((value for value in reversed(smooth) if value is not None), None)
    return "loss" if last is None else f"loss, at last {last:.4g} (smoothed), lowest {min(finite):.4g}"


def _words(pen: Any, box: tuple[int, int, int, int], title: str, has_values: bool, bad: int) -> None:
    pen.text((box[0], 9 * _SCALE), title, fill=_TEXT, font=_font(13))
    if bad:
        words = f"{bad} {'value is' if bad == 1 else 'values are'} not a number"
        pen.text((box[2], 9 * _SCALE), words, fill=_BAD, font=_font(13), anchor="ra")
    if not has_values:
        middle = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        pen.text(middle, "there is no value to show", fill=_BAD if bad else _TEXT, font=_font(16), anchor="mm")
