"""What f is, and what an equation is solved with. Plain data, which the solvers read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias, get_args

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

Boundary = Literal["reflect", "periodic"]
"""Nothing flows over the edge (the picture goes on as its mirror image), or what leaves comes in on the other side."""

SolverName = Literal["auto", "explicit", "spectral", "implicit"]
BOUNDARIES: tuple[str, ...] = get_args(Boundary)
SOLVERS: tuple[str, ...] = get_args(SolverName)

Weights: TypeAlias = "tuple[Tensor, Tensor]"
"""How well neighbours conduct, down and across: fields that are compared with differences of neighbours."""


@dataclass(frozen=True, eq=False)
class Force:
    """f as the solvers need it: du/dt = speed * laplace(u) - decay * u + rest(u), or with conducting neighbours.

    `rest` None is 0. With `is_steady` it does not depend on u; else `steepness` bounds how much it changes with u. With
    `conducts` the Laplacian becomes div(g grad u), g in 0..1. `speeds` [channels, 1, 1] are at most 1. `widen` adds
    channels that are solved for and never shown, `narrow` takes them away.
    """

    rest: Callable[[Tensor], Tensor] | None = None
    is_steady: bool = True
    decay: float = 0.0
    steepness: float = 0.0
    speeds: Tensor | None = None
    conducts: Callable[[Tensor, Boundary], Weights] | None = None
    widen: Callable[[Tensor], Tensor] | None = None
    narrow: Callable[[Tensor], Tensor] | None = None


class Stepper(Protocol):
    """A solver that is set up for one equation."""

    longest: float
    """The longest step that it may take; infinite where there is none."""

    def step(self, u: Tensor, duration: float) -> Tensor:
        """The field after `duration`, which is at most `longest`; `u` stays as it is."""
