"""The pictures to learn from, as a network takes them: latents in its scale, each with its conditions.

All conditions are worked out once, before the first step. Pictures whose latents and conditions have the same shapes
can share a batch.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F  # noqa: N812 - torch's own habit

from diffusion.denoisers.contract import CONTEXT
from diffusion.errors import DiffusionError
from diffusion.models import plain
from diffusion.start import Start, check_latent
from diffusion.training.settings import FEWEST_PICTURES

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from torch import Tensor

    from diffusion.conditioning import Conditioning
    from diffusion.denoisers.contract import Conditions, Denoiser
    from diffusion.models import DiffusionModel


@dataclass(frozen=True, eq=False)
class Example:
    """One picture: its latent [1, C, h, w] in the model's scale, its conditions (batch 1), and where it counts."""

    latent: Tensor = field(repr=False)
    conditions: Conditions = field(repr=False)
    mask: Tensor | None = field(default=None, repr=False)

    @property
    def group(self) -> Hashable:
        """Equal for examples that can share a batch."""
        shapes = tuple(sorted((name, tuple(value.shape)) for name, value in self.conditions.items()))
        return tuple(self.latent.shape), shapes, self.mask is None


@dataclass(frozen=True, eq=False)
class Batch:
    """Some examples together."""

    latent: Tensor
    conditions: Conditions
    mask: Tensor | None


def gathered(examples: Sequence[Example]) -> Batch:
    """Examples of one group as a batch."""
    if len(examples) == 1:
        return Batch(examples[0].latent, examples[0].conditions, examples[0].mask)
    names = examples[0].conditions
    masks = [example.mask for example in examples if example.mask is not None]
    return Batch(
        torch.cat([example.latent for example in examples]),
        {name: torch.cat([example.conditions[name] for example in examples]) for name in names},
        torch.cat(masks) if masks else None,
    )


def check_pictures(model: DiffusionModel, latents: Sequence[dict[str, Any]]) -> int:
    """How many pictures there are; raises DiffusionError for fewer than two, and for latents of another model."""
    for latent in latents:
        try:
            check_latent(model, latent)
        except DiffusionError as error:
            raise DiffusionError(error.args[0], remedy=error.remedy, input="latents") from None
    count = sum(len(latent["samples"]) for latent in latents)
    if count < FEWEST_PICTURES:
        raise DiffusionError(
            f"There {'is one picture' if count else 'are no pictures'} to learn from; at least {FEWEST_PICTURES} are "
            "needed: of one alone, a model learns to copy it.",
            remedy="Give more pictures of the same thing or in the same style: 10 to 30 as a rule.",
            input="latents",
        )
    return count


def captions_for(positive: Sequence[Conditioning], count: int) -> list[list[Any]]:
    """The entry [embeddings, settings] of each picture: one for each, or one for all of them.

    Raises DiffusionError when there are as many as neither.
    """
    entries = [entry for conditioning in positive for entry in conditioning]
    entries = [row for entry in entries for row in (_rows(entry) if len(entries) == 1 else [entry])]
    if len(entries) == 1:
        return entries * count
    if len(entries) != count:
        raise DiffusionError(
            f"There are {len(entries)} captions for {count} pictures.",
            remedy="Give one caption for each picture, or one for all of them.",
            input="positive",
        )
    return entries


def _rows(entry: list[Any]) -> list[list[Any]]:
    """Some texts that were encoded together, apart."""
    embeds, settings = entry
    pooled = settings.get("pooled_output")
    rows = []
    for row in range(len(embeds)):
        own = {} if pooled is None or len(pooled) != len(embeds) else {"pooled_output": pooled[row : row + 1]}
        rows.append([embeds[row : row + 1], {**settings, **own}])
    return rows


def prepared(
    model: DiffusionModel, denoiser: Denoiser, latents: Sequence[dict[str, Any]], captions: Sequence[list[Any]]
) -> list[Example]:
    """The examples, on the model's device. `denoiser` may be that of a private copy; `model` says type and scale.

    A latent's noise mask says where its pictures count. Raises DiffusionError for conditions that do not fit.
    """
    made: list[Example] = []
    known: dict[tuple[int, tuple[int, ...]], Conditions] = {}
    with torch.inference_mode(mode=False), torch.no_grad():
        for latent in latents:
            samples = model.latent_format.to_model(plain(latent["samples"])).to(model.device)
            mask = latent.get("noise_mask")
            for place in range(len(samples)):
                own = samples[place : place + 1]
                hole = None if mask is None else mask.reshape(-1, 1, *mask.shape[-2:])[place % len(mask)][None]
                entry = captions[len(made)]
                key = (id(entry), tuple(own.shape))
                if key not in known or hole is not None or "concat_latent_image" in entry[1]:
                    start = Start(own, torch.zeros_like(own), None, None, hole)
                    known[key] = _usable(denoiser.condition(entry[0], entry[1], start, "positive"))
                made.append(Example(own, known[key], None if hole is None else _cells(hole, own)))
    return _of_one_length(made) if model.family.repeats_context else made


def _usable(conditions: Conditions) -> Conditions:
    """Outside of inference mode."""
    return {name: value.clone() if value.is_inference() else value for name, value in conditions.items()}


def _cells(mask: Tensor, latent: Tensor) -> Tensor:
    """A mask [1, 1, H, W] for the cells of a latent."""
    return F.interpolate(plain(mask).to(latent.device), size=latent.shape[-2:], mode="area")


def _of_one_length(examples: list[Example]) -> list[Example]:
    """Prompts of other lengths repeated to that of the longest, where cross-attention alone reads them, and it fits
    a whole number of times: their pictures can then share a batch."""
    longest = max(example.conditions[CONTEXT].shape[1] for example in examples)
    made = []
    for example in examples:
        context = example.conditions[CONTEXT]
        times, rest = divmod(longest, context.shape[1])
        conditions = example.conditions if rest else {**example.conditions, CONTEXT: context.repeat(1, times, 1)}
        made.append(Example(example.latent, conditions, example.mask))
    return made
