"""What a sampler is: a generator that asks for x0 at (x, sigma), is sent x0, and returns the last x.

The generator holds the mathematics and nothing else: it never sees the model, guidance, masks, progress or
cancellation, which live in the loop that drives it (`diffusion.sample`). Every step begins with a request at the
step's own sigma.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from torch import Tensor

Sampling: TypeAlias = "Generator[tuple[Tensor, float], Tensor, Tensor]"

StepNoise: TypeAlias = "Callable[[float, float], Tensor]"
"""(sigma, next sigma) -> noise of unit variance in the shape of x."""


@dataclass(frozen=True)
class Sampler:
    """A sampler and what the loop needs to know about it.

    `noise`: what its random steps draw from; `white`: independent numbers, `brownian`: increments of one Brownian
    path, so that the same seed with more steps refines the same picture. `calls_per_step`: model calls in every step
    but the last. `discard_penultimate`: its schedule leaves out the lowest level above 0. `own_mask_noise`: with a
    noise mask, what is kept is noised from another seed than what is painted. `flow`: what takes the place of `steps`
    with models in which noise takes the place of the picture; not needed where no fresh noise is added, as the lines
    dx/dsigma = (x - x0) / sigma are the same.
    """

    name: str
    steps: Callable[[Tensor, Sequence[float], StepNoise], Sampling]
    noise: Literal["none", "white", "brownian"] = "none"
    calls_per_step: int = 1
    discard_penultimate: bool = False
    own_mask_noise: bool = False
    flow: Callable[[Tensor, Sequence[float], StepNoise], Sampling] | None = None

    def sampling(self, x: Tensor, sigmas: Sequence[float], noise: StepNoise, *, is_flow: bool = False) -> Sampling:
        """The generator for a run from x at sigmas[0]."""
        return (self.flow or self.steps if is_flow else self.steps)(x, sigmas, noise)
