"""The states of a sampler's run as a strip of pictures on its node: what was there, beside what was seen in it.

Each is decoded, written into the temp folder and let go before the next one. Not here: the run itself.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

import diffusion
import pictures
from graph.api import Artifact, NodeContext, NodeError, NumberedNames, why_disk_refused
from nodes import picture_metadata

_LONGEST_SIDE = 1024
_GAP = 8
"""Pixels between the two."""
_QUICK = 1
_numbers = NumberedNames()
_prefix = f"path_{secrets.token_hex(4)}"
"""Of this process, so that two workers never meet in the temp folder."""


def show(ctx: NodeContext, vae: Any, latent: Any, states: list[Any], cancelled: Callable[[], bool]) -> None:
    """Show the first item of each state, with its noise level; `latent` says the picture's size."""
    record = picture_metadata.describe(ctx)
    steps = states[-1].step
    strip = []
    for number, state in enumerate(states):
        ctx.progress(steps + number, steps + len(states))
        png = pictures.writing.png(_sheet(vae, latent, state, cancelled), _QUICK)
        strip.append((picture_metadata.embed(png, record), label_of(state, steps)))

    def write() -> None:
        for png, label in strip:
            try:
                path = _numbers.write(ctx.files.root("temp"), _prefix, ".png", png, names_its_run=True)
            except OSError as error:
                remedy = "look at the disk and its rights, and run it again"
                message = f"nothing could be saved in temp/: {why_disk_refused(error)}"
                raise NodeError(message, remedy=remedy) from error
            ctx.show(Artifact("temp", path.name, label=label))

    ctx.in_turn(write)


def label_of(state: Any, steps: int) -> str:
    """What a person reads below a state."""
    if state.step == steps:
        return "noise level 0: the result"
    return f"noise level {state.sigma:.3g}: before step {state.step + 1} of {steps}"


def _sheet(vae: Any, latent: Any, state: Any, cancelled: Callable[[], bool]) -> Any:
    """The first item at a state: on the left what was there, on the right the picture that was seen in it."""
    there, seen = (
        diffusion.vae.decode_latent(vae, {**latent, "samples": field[:1]}, cancelled=cancelled)
        for field in (state.x, state.x0)
    )
    sheet = diffusion.pixels.to_pil(diffusion.pixels.beside(there, seen, _GAP)[0])
    sheet.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
    return sheet
