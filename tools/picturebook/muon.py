"""Muon for hidden weight matrices, AdamW for everything else (K. Jordan et al., "Muon", 2024).

Convolution kernels count as matrices (out, in * height * width).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def orthogonalise(matrix: Tensor, rounds: int = 5) -> Tensor:
    """Return the nearest orthogonal matrix, roughly: Newton-Schulz in bfloat16 (stacked products are slower here)."""
    x = matrix.bfloat16()
    tall = x.shape[0] > x.shape[1]
    if tall:
        x = x.T
    x = x / (x.norm() + 1e-7)
    for _ in range(rounds):
        gram = x @ x.T
        x = 3.4445 * x + (-4.7750 * gram + 2.0315 * gram @ gram) @ x
    return (x.T if tall else x).float()


class Muon(torch.optim.Optimizer):
    """Momentum, orthogonalised and scaled to the size of an AdamW step, so that both take the same learning rate."""

    def __init__(self, params: Iterable[Tensor], lr: float, momentum: float = 0.95, weight_decay: float = 0.0) -> None:
        super().__init__(params, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]
        """Move every parameter that has a gradient."""
        del closure
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                update = orthogonalise(self._momentum(p, group["momentum"]).reshape(p.shape[0], -1))
                update *= 0.2 * max(update.shape) ** 0.5
                p.mul_(1 - group["lr"] * group["weight_decay"])
                p.add_(update.reshape(p.shape), alpha=-group["lr"])

    def _momentum(self, p: Tensor, beta: float) -> Tensor:
        state: dict[str, Any] = self.state[p]
        average = state.setdefault("average", torch.zeros_like(p))
        average.lerp_(p.grad, 1 - beta)
        return p.grad.lerp(average, beta)


class Optimisers:
    """Both optimisers under one learning rate, which a schedule sets before every step."""

    def __init__(
        self, module: nn.Module, hidden: Callable[[str, Tensor], bool], lr: float, adam_share: float = 1.0
    ) -> None:
        named = list(module.named_parameters())
        self.lr, self.adam_share = lr, adam_share
        self.muon = Muon([p for name, p in named if hidden(name, p)], lr=lr)
        self.adam = torch.optim.AdamW(
            [p for name, p in named if not hidden(name, p)], lr=lr, betas=(0.9, 0.98), weight_decay=0.0
        )

    def step(self, share: float) -> None:
        """Take one step at `share` of the full learning rate and clear the gradients."""
        for group in self.muon.param_groups:
            group["lr"] = self.lr * share
        for group in self.adam.param_groups:
            group["lr"] = self.lr * share * self.adam_share
        self.muon.step()
        self.adam.step()
        self.muon.zero_grad()
        self.adam.zero_grad()

    def state_dict(self) -> dict[str, Any]:
        """Return the state of both."""
        return {"muon": self.muon.state_dict(), "adam": self.adam.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Restore the state of both."""
        self.muon.load_state_dict(state["muon"])
        self.adam.load_state_dict(state["adam"])
