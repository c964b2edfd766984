"""Solving: which solver, in how many steps, with progress and cancelling, within bounds."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from diffusion.equation.contract import BOUNDARIES, SOLVERS
from diffusion.equation.explicit import Explicit
from diffusion.equation.implicit import Implicit
from diffusion.equation.spectral import Spectral
from diffusion.errors import Cancelled, DiffusionError
from diffusion.memory import check_room, enough_memory

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from diffusion.equation.contract import Boundary, Force, SolverName, Stepper

MOST_STEPS = 1_000
"""Steps that are reported one by one."""
MOST_SUB_STEPS = 100_000
"""Steps that a solver takes in all."""
_QUICK = 2_000
"""So many explicit steps are taken before an implicit solver is chosen."""
_COPIES = {"spectral": 24, "implicit": 10, "explicit": 6}
"""Fields of the picture's size that a solver holds at once; reflecting edges make four of one."""


@dataclass(frozen=True)
class Solved:
    """A field at the end: `solver` says which was taken, `sub_steps` how many steps it took for each of `steps`."""

    u: Tensor
    solver: str
    steps: int
    sub_steps: int
    duration: float
    """Of a sub-step."""

    def in_words(self) -> str:
        """What was done, for a person."""
        if not self.duration:
            return "the time is 0, so nothing was changed"
        parts = f", each in {self.sub_steps:,} parts" if self.sub_steps > 1 else ""
        return f"{self.solver}: {self.steps:,} steps{parts}; one covers a time of {self.duration:.4g}"


def solve(
    u: Tensor,
    force: Force,
    *,
    time: float,
    steps: int = 20,
    boundary: Boundary = "reflect",
    solver: SolverName = "auto",
    mask: Tensor | None = None,
    on_step: Callable[[int, int, Tensor], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Solved:
    """The field [B, C, H, W] after `time`, in `steps` equal ones, each of as many as the solver needs.

    `mask` [1 or B, 1, H, W] in 0..1 is multiplied to all that changes. `on_step` is told the step (from 1), their
    number and the field. Raises DiffusionError for what cannot be solved, Cancelled when `cancelled()` says so.
    """
    _check(u, time, steps, boundary, solver)
    u = u.float()
    if time == 0:
        return Solved(u.clone(), solver, steps, 1, 0.0)
    state = u if force.widen is None else force.widen(u)
    chosen = _choose(force, time, steps, mask) if solver == "auto" else solver
    what = f"The {chosen} solver for a field of {u.shape[-1]:,} x {u.shape[-2]:,}"
    check_room(what, (_COPIES[chosen], *state.shape), remedy="Use a smaller picture, or fewer at once.", input="u")
    stepper = _stepper(chosen, force, boundary, mask, u, cancelled)
    sub_steps = _sub_steps(chosen, stepper.longest, time / steps, steps)
    duration = time / steps / sub_steps
    with torch.inference_mode(), enough_memory("evolving the picture", "Use a smaller picture, or fewer at once."):
        for step in range(1, steps + 1):
            for _ in range(sub_steps):
                if cancelled is not None and cancelled():
                    raise Cancelled
                state = stepper.step(state, duration)
            seen = state if force.narrow is None else _shown(force.narrow(state), u, mask)
            if not torch.isfinite(seen).all():
                raise _grown(step, steps)
            if on_step is not None:
                on_step(step, steps, seen)
    return Solved(seen.detach().clone(), chosen, steps, sub_steps, duration)


def _shown(narrow: Tensor, u: Tensor, mask: Tensor | None) -> Tensor:
    """What was solved for without the hidden channels; where the mask is 0, it is what was given."""
    return narrow if mask is None else torch.where(mask > 0, narrow, u)


def _choose(force: Force, time: float, steps: int, mask: Tensor | None) -> str:
    """Spectral where it is exact; else explicit where that is quick."""
    if force.is_steady and force.conducts is None and mask is None:
        return "spectral"
    longest = Explicit(force, "reflect", None).longest
    return "explicit" if steps * math.ceil(time / steps / longest) <= _QUICK else "implicit"


def _stepper(
    name: str,
    force: Force,
    boundary: Boundary,
    mask: Tensor | None,
    u: Tensor,
    cancelled: Callable[[], bool] | None,
) -> Stepper:
    if name == "explicit":
        return Explicit(force, boundary, mask)
    if name == "implicit":
        return Implicit(force, boundary, mask, cancelled)
    if mask is not None or force.conducts is not None:
        what = "a mask" if mask is not None else "edges that are kept"
        raise DiffusionError(
            f"The spectral solver works on waves over the whole picture, and cannot do with {what}.",
            remedy="Choose auto or implicit, which takes long steps too.",
            input="solver",
        )
    return Spectral(force, boundary, (u.shape[-2], u.shape[-1]))


def _sub_steps(name: str, longest: float, duration: float, steps: int) -> int:
    # A hair's breadth of rounding makes no step more.
    parts = 1 if math.isinf(longest) else max(1, math.ceil(duration / longest * (1 - 1e-9)))
    if steps * parts > MOST_SUB_STEPS:
        raise DiffusionError(
            f"The {name} solver would take {steps * parts:,} steps; the limit is {MOST_SUB_STEPS:,}.",
            remedy="Use a shorter time or less strength, or the solver auto.",
            input="time",
        )
    return parts


def _check(u: Tensor, time: float, steps: int, boundary: str, solver: str) -> None:
    if u.ndim != 4 or 0 in u.shape:
        raise DiffusionError(
            f"Expected a field [batch, channels, height, width], got {list(u.shape)}.",
            remedy="Connect a picture, or a latent of pictures.",
            input="u",
        )
    if not torch.isfinite(u).all():
        raise DiffusionError(
            "The picture holds values that are no numbers (NaN or infinite).",
            remedy="Look at the node that made it.",
            input="u",
        )
    if not (math.isfinite(time) and time >= 0):
        raise DiffusionError(
            f"The time must be a number from 0 on, not {time}.",
            remedy="Noise grows without bounds in negative time; a sampler goes that way with a trained model.",
            input="time",
        )
    if not 1 <= steps <= MOST_STEPS:
        raise DiffusionError(
            f"The number of steps must be 1 to {MOST_STEPS:,}, not {steps:,}.",
            remedy="The solver divides long steps by itself.",
            input="steps",
        )
    for name, value, choices in (("boundary", boundary, BOUNDARIES), ("solver", solver, SOLVERS)):
        if value not in choices:
            raise DiffusionError(
                f"There is no {name} {value!r}.", remedy=f"Choose one of {', '.join(choices)}.", input=name
            )


def _grown(step: int, steps: int) -> DiffusionError:
    return DiffusionError(
        f"The values grew beyond all bounds in step {step} of {steps}.",
        remedy="Use less strength or a shorter time.",
        input="strength",
    )
