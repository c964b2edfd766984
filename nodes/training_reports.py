"""What a node that trains shows while it does: the curve of losses, a sample picture, and how long it still takes."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import diffusion
import pictures
from graph.api import CancelledError, NodeContext

_SECONDS = 2.0
"""A curve is drawn at most this often."""


@contextmanager
def kept_when_stopped(ctx: NodeContext, steps: int) -> Iterator[Any]:
    """Gives the checkpoint of a training of so many steps, None where there is no place for one. Says that it is kept
    when the run is cancelled, and that a run goes on from it. A training that is done stays in it, too, where its
    result cannot lie in the disk cache."""

    def tell(done: int) -> None:
        if done < steps:
            ctx.warn(
                f"the training went on from step {done} of {steps}: so far an earlier run of it had come before it was "
                "stopped"
            )

    folder = ctx.unfinished()
    checkpoint = None if folder is None else diffusion.training.checkpoint.Checkpoint(folder, {}, on_restored=tell)
    try:
        yield checkpoint
    except (diffusion.errors.Cancelled, CancelledError):  # by the loop, or by the report of a step
        if checkpoint is not None and checkpoint.steps:
            ctx.warn(
                f"the training was stopped after step {checkpoint.steps}; what was learnt is kept: run the same "
                "workflow again, and it goes on from there"
            )
        raise


class Watch:
    """Turns steps of training into progress. `sample` paints a picture with the model as it is, `every` so many steps;
    0 for never."""

    def __init__(self, ctx: NodeContext, sample: Callable[[Any], Any] | None = None, every: int = 0) -> None:
        self._ctx = ctx
        self._sample = sample
        self._every = every if sample is not None else 0
        self._picture: Any = None
        self._next = 0.0

    def __call__(self, step: Any, model: Any = None) -> None:
        """Reports a step."""
        sampled = bool(self._every) and (step.step % self._every == 0 or step.step == step.total)
        if sampled and self._sample is not None:
            self._picture = self._sample(model)
        due = sampled or step.step == step.total or step.seconds_done >= self._next
        if due:
            self._next = step.seconds_done + _SECONDS
        self._ctx.progress(step.step, step.total, (lambda: self._drawn(step)) if due else None)

    def _drawn(self, step: Any) -> bytes:
        title = f"step {step.step} of {step.total}, loss {pictures.curve.smoothed(step.losses)[-1]:.4g}"
        if step.seconds_left is not None and step.step < step.total:
            title += f", {in_words(step.seconds_left)} left"
        curve = pictures.curve.drawn(step.losses, total=step.total, title=title)
        return encoded(curve if self._picture is None else beside(curve, self._picture))


def beside(curve: Any, picture: Any) -> Any:
    """A picture to the right of a curve, as high as that."""
    from PIL import Image

    width = max(1, round(picture.width * curve.height / picture.height))
    both = Image.new("RGB", (curve.width + width, curve.height))
    both.paste(curve, (0, 0))
    both.paste(picture.convert("RGB").resize((width, curve.height), Image.Resampling.BICUBIC), (curve.width, 0))
    return both


def encoded(picture: Any) -> bytes:
    """A picture as the bytes of a PNG file, in which lines stay sharp."""
    data = io.BytesIO()
    picture.save(data, "PNG", compress_level=1)
    return data.getvalue()


def in_words(seconds: float) -> str:
    """A time such as "40 s", "12 min" or "3 h 5 min"."""
    if seconds < 60:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
