"""What of a prompt's entry every network needs: its tokens and its pooled vector, for each item of the batch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from diffusion.errors import DiffusionError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from diffusion.models import DiffusionModel


def context(model: DiffusionModel, embeds: Tensor, width: int, batch: int, name: str) -> Tensor:
    """Embeddings [1 or some, tokens, width] -> [batch, tokens, width], in the model's dtype; a short batch is repeated.

    Raises DiffusionError when they were made by a text encoder that does not belong to the model.
    """
    if embeds.ndim != 3 or embeds.shape[-1] != width:
        raise DiffusionError(
            f"{model.family.name} expects text embeddings [1, tokens, {width}], got {list(embeds.shape)}: the prompt "
            "was read by the text encoder of another model.",
            remedy="Connect its prompt node to the CLIP of the same checkpoint, or to text encoders that were loaded "
            f"for {model.family.name}.",
            input=name,
        )
    return for_batch(embeds, batch).to(model.device, model.dtype).contiguous()


def pooled(model: DiffusionModel, settings: Mapping[str, Any], width: int, batch: int, name: str) -> Tensor:
    """The entry's pooled vector -> [batch, width], in the model's dtype. Raises DiffusionError where it is absent."""
    vector = settings.get("pooled_output")
    if not isinstance(vector, torch.Tensor) or vector.ndim != 2 or vector.shape[-1] != width:
        found = list(vector.shape) if isinstance(vector, torch.Tensor) else "none"
        raise DiffusionError(
            f"{model.family.name} expects a pooled text embedding [1, {width}] with every prompt, got {found}.",
            remedy="Encode the prompt with the text encoders of this model.",
            input=name,
        )
    return for_batch(vector, batch).to(model.device, model.dtype).contiguous()


def for_batch(values: Tensor, batch: int) -> Tensor:
    """One value for each item: a short batch is repeated, a long one cut."""
    return values[torch.arange(batch) % values.shape[0]]
