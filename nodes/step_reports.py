"""The steps of a sampler as progress of its node, with a preview that is only drawn when someone looks."""

from __future__ import annotations

from typing import Any

import diffusion
from graph.api import NodeContext


def report_to(ctx: NodeContext, *, beyond: int = 0) -> Any:
    """What a sampler is to call after each step, of a node that has `beyond` more things to do afterwards."""

    def on_step(step: Any) -> None:
        ctx.progress(step.step, step.total + beyond, lambda: _encoded(step.preview()))

    return on_step


def _encoded(picture: Any) -> Any:
    """A preview as the bytes of a file; None where the model can give none."""
    return None if picture is None else diffusion.pixels.encode(picture, "JPEG", quality=85)
