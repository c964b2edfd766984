"""A curve of losses as a picture: what one looks at while a model learns, and afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFont

if TYPE_CHECKING:
    from collections.abc import Sequence

_PAPER, _INK, _QUIET, _LINE = (255, 255, 255), (40, 44, 52), (196, 200, 206), (38, 110, 190)
_MARGIN, _TEXT = 46, 13
_SMOOTH = 50
"""The dark curve is a mean over about one part in so many of the run."""


def drawn(
    losses: Sequence[float], *, total: int = 0, title: str = "", size: tuple[int, int] = (480, 270)
) -> Image.Image:
    """The loss of each step (pale) and its running mean (dark), as an RGB picture.

    `total` is how many steps there will be; the axis goes that far. Without losses it has axes only.
    """
    picture = Image.new("RGB", size, _PAPER)
    pen, font = ImageDraw.Draw(picture), ImageFont.load_default(_TEXT)
    left, top, right, bottom = _MARGIN, 2 * _TEXT, size[0] - _TEXT, size[1] - 2 * _TEXT
    pen.text((left, 4), title, fill=_INK, font=font)
    last = max(total, len(losses), 2)
    mean = smoothed(losses)
    low, high = _range(losses, mean)

    def place(step: int, loss: float) -> tuple[float, float]:
        height = (min(max(loss, low), high) - low) / (high - low)
        return left + (right - left) * (step - 1) / (last - 1), bottom - (bottom - top) * height

    for value in (low, (low + high) / 2, high):
        _, y = place(1, value)
        pen.line([(left, y), (right, y)], fill=_QUIET)
        pen.text((4, y - _TEXT / 2), f"{value:.3g}", fill=_INK, font=font)
    pen.text((left, bottom + 4), "1", fill=_INK, font=font)
    pen.text((right, bottom + 4), f"{last}", fill=_INK, font=font, anchor="ra")
    for values, colour, width in ((losses, _QUIET, 1), (mean, _LINE, 2)):
        points = [place(step, value) for step, value in _thinned(values, right - left)]
        if len(points) > 1:
            pen.line(points, fill=colour, width=width, joint="curve")
    return picture


def smoothed(losses: Sequence[float]) -> list[float]:
    """The running mean of losses: of the last steps, a fiftieth of all but at least five."""
    window = max(5, len(losses) // _SMOOTH)
    means, total = [], 0.0
    for place, loss in enumerate(losses):
        total += loss - (losses[place - window] if place >= window else 0.0)
        means.append(total / min(place + 1, window))
    return means


def _range(losses: Sequence[float], mean: Sequence[float]) -> tuple[float, float]:
    """From a little below what there is to a little above; single peaks may leave it."""
    if not losses:
        return 0.0, 1.0
    ordered = sorted(losses)
    low, high = min(ordered[0], *mean), max(ordered[int(0.98 * (len(ordered) - 1))], *mean)
    return (low, high) if high - low > 1e-9 * max(1.0, abs(high)) else (low - 0.5, high + 0.5)


def _thinned(values: Sequence[float], most: int) -> list[tuple[int, float]]:
    """(step, value): no more points than there are pixels."""
    stride = max(1, len(values) // max(1, most))
    return [(place + 1, values[place]) for place in range(0, len(values), stride)]
