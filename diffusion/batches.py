"""Pictures and latents taken out of batches, repeated, cut into batches, and joined to one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor

from diffusion.errors import DiffusionError
from diffusion.memory import check_room
from diffusion.pixels import match_channels


def select(images: Tensor, index: int, length: int) -> Tensor:
    """`length` pictures of a batch from number `index` on; both are brought into what the batch holds."""
    return images[_inside(images.shape[0], index, length)].clone()


def select_latent(latent: dict[str, Any], index: int, length: int) -> dict[str, Any]:
    """The same of a latent, with its noise mask and the numbers that its items had in their batch."""
    samples = latent["samples"]
    part = _inside(samples.shape[0], index, length)
    selected = {**latent, "samples": samples[part].clone(), "batch_index": _numbers(latent)[part]}
    mask = latent.get("noise_mask")
    if mask is not None and mask.shape[0] > 1:
        selected["noise_mask"] = _of_length(mask, samples.shape[0])[part].clone()
    return selected


def repeat(images: Tensor, amount: int) -> Tensor:
    """The whole batch, `amount` times one after the other. Raises `DiffusionError` when memory does not suffice."""
    count = images.shape[0] * amount
    check_room(f"{count:,} items", (count, *images.shape[1:]), remedy="Repeat them less often.", input="amount")
    return images.repeat(amount, *[1] * (images.ndim - 1))


def repeat_latent(latent: dict[str, Any], amount: int) -> dict[str, Any]:
    """The same of a latent. Each repetition counts on, so that every item gets noise of its own."""
    samples = latent["samples"]
    numbers = _numbers(latent)
    span = max(numbers) - min(numbers) + 1
    repeated = {
        **latent,
        "samples": repeat(samples, amount),
        "batch_index": [number + turn * span for turn in range(amount) for number in numbers],
    }
    mask = latent.get("noise_mask")
    if mask is not None and mask.shape[0] > 1:
        repeated["noise_mask"] = repeat(_of_length(mask, samples.shape[0]), amount)
    return repeated


def singles(images: Tensor) -> Iterator[Tensor]:
    """The pictures of a batch as batches of one."""
    return iter(images.split(1))


def join(batches: Sequence[Tensor]) -> Tensor:
    """Batches one after the other. Raises `DiffusionError` when their sizes differ, or memory does not suffice."""
    first = batches[0]
    for number, batch in enumerate(batches):
        if batch.shape[1:3] != first.shape[1:3]:
            tall, wide = first.shape[1:3]
            raise DiffusionError(
                f"picture {number} is {batch.shape[2]} x {batch.shape[1]} pixels, and the first {wide} x {tall}",
                remedy="bring all of them to one size with ImageScale first",
                input="images",
            )
    richest = max(batches, key=lambda batch: batch.shape[-1])
    count = sum(batch.shape[0] for batch in batches)
    remedy = "Put fewer pictures together, or make them smaller first."
    check_room(f"A batch of {count:,} pictures", (count, *richest.shape[1:]), remedy=remedy, input="images")
    return torch.cat([match_channels(batch, richest)[0].to(first) for batch in batches])


def rebatch(batches: Sequence[Tensor], size: int) -> Iterator[Tensor]:
    """Batches of at most `size` pictures, in the same order; pictures of another size begin a new batch."""
    pending: list[Tensor] = []
    for picture in (single for batch in batches for single in batch.split(1)):
        if pending and (len(pending) == size or picture.shape[1:] != pending[0].shape[1:]):
            yield torch.cat(pending)
            pending = []
        pending.append(picture)
    if pending:
        yield torch.cat(pending)


def _inside(count: int, index: int, length: int) -> slice:
    begin = min(max(index, 0), count - 1)
    return slice(begin, begin + min(max(length, 1), count - begin))


def _numbers(latent: dict[str, Any]) -> list[int]:
    return list(latent.get("batch_index") or range(latent["samples"].shape[0]))


def _of_length(mask: Tensor, count: int) -> Tensor:
    return mask if mask.shape[0] == count else repeat(mask, -(-count // mask.shape[0]))[:count]
