"""Classifier-free guidance: x0 = negative + cfg * (positive - negative) (arXiv 2207.12598), with regional prompts.

Everything that can share a forward pass does: both sides, and all entries whose latents have one size and whose
conditions fit behind each other. Where cross-attention alone reads the prompt, contexts of different length are
repeated to their least common multiple, which it does not notice (every token counts k times); where that would cost
more than four times the shortest, they are predicted apart. With cfg = 1 the negative side has no influence and is
not computed.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch

from diffusion.denoisers.contract import CONTEXT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from diffusion.denoisers.contract import Conditions, Denoiser
    from diffusion.regions import Region

_LONGEST_REPEAT = 4


class Guidance:
    """Predicts x0 for one run from a denoiser and the two sides' regions.

    `repeats_context`: whether the prompt's tokens may be repeated (`Family.repeats_context`).
    """

    def __init__(
        self,
        denoiser: Denoiser,
        positive: Sequence[Region],
        negative: Sequence[Region],
        cfg: float,
        *,
        repeats_context: bool = False,
    ) -> None:
        self._denoiser = denoiser
        self._longest_repeat = _LONGEST_REPEAT if repeats_context else 1
        self._positive = positive
        self._negative = () if math.isclose(cfg, 1.0) else negative
        self._cfg = cfg
        self._together = True
        self._joined: dict[tuple[int, ...], Conditions] = {}

    def __call__(self, x: Tensor, sigma: float) -> Tensor:
        """x [B, C, h, w] at noise level sigma -> the guided x0.

        Where only one side applies at this level, its prediction is the result; where none does, the latent is left
        as it is.
        """
        negative = [region for region in self._negative if region.applies_at(sigma)]
        positive = [region for region in self._positive if region.applies_at(sigma)]
        active = [*negative, *positive]
        if not active:
            return x
        predictions = self._predict(x, sigma, active)
        if not negative or not positive:
            return _average(x, active, predictions)
        without = _average(x, negative, predictions[: len(negative)])
        with_prompt = _average(x, positive, predictions[len(negative) :])
        return without + (with_prompt - without) * self._cfg

    def _predict(self, x: Tensor, sigma: float, active: list[Region]) -> list[Tensor]:
        cuts = [region.cut(x) for region in active]
        predictions = list(cuts)
        for batch in _batches(active, cuts, self._longest_repeat):
            outputs = self._forward([cuts[i] for i in batch], sigma, [active[i] for i in batch])
            for i, output in zip(batch, outputs, strict=True):
                predictions[i] = output
        return predictions

    def _forward(self, cuts: list[Tensor], sigma: float, active: list[Region]) -> Sequence[Tensor]:
        if len(cuts) > 1 and self._together:
            try:
                joined = self._denoiser(torch.cat(cuts), sigma, self._join(active))
                return joined.chunk(len(cuts))
            except torch.OutOfMemoryError:
                self._together = False  # one after the other for the rest of the run
        return [self._denoiser(cut, sigma, region.conditions) for cut, region in zip(cuts, active, strict=True)]

    def _join(self, active: list[Region]) -> Conditions:
        """The conditions of the entries, behind each other."""
        key = tuple(id(region) for region in active)
        if key not in self._joined:
            tokens = math.lcm(*(_tokens(region) for region in active))
            whole = [_with_tokens(region.conditions, tokens) for region in active]
            self._joined[key] = {name: torch.cat([conditions[name] for conditions in whole]) for name in whole[0]}
        return self._joined[key]


def _batches(active: list[Region], cuts: list[Tensor], longest_repeat: int) -> list[list[int]]:
    """Which entries share a forward pass."""
    batches: list[list[int]] = []
    for i, region in enumerate(active):
        for batch in batches:
            lengths = [_tokens(active[j]) for j in batch] + [_tokens(region)]
            if (
                cuts[batch[0]].shape == cuts[i].shape
                and math.lcm(*lengths) <= longest_repeat * min(lengths)
                and _shapes(active[batch[0]]) == _shapes(region)
            ):
                batch.append(i)
                break
        else:
            batches.append([i])
    return batches


def _tokens(region: Region) -> int:
    return region.conditions[CONTEXT].shape[1]


def _shapes(region: Region) -> dict[str, torch.Size]:
    """Of all conditions but the prompt's tokens."""
    return {name: value.shape for name, value in region.conditions.items() if name != CONTEXT}


def _with_tokens(conditions: Conditions, tokens: int) -> Conditions:
    context = conditions[CONTEXT]
    return {**conditions, CONTEXT: context.repeat(1, tokens // context.shape[1], 1)}


def _average(x: Tensor, active: Sequence[Region], predictions: Sequence[Tensor]) -> Tensor:
    if len(active) == 1 and active[0].everywhere:
        return predictions[0]
    total, weights = torch.zeros_like(x), torch.full_like(x, 1e-37)
    for region, prediction in zip(active, predictions, strict=True):
        region.cut(total).add_(prediction * region.weight)
        region.cut(weights).add_(region.weight)
    return total / weights
