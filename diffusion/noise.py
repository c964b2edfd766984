"""Random numbers, so that an item of a batch never depends on the batch.

Everything is drawn on the CPU, whatever device samples: a seed means the same picture everywhere.

- Initial noise: one generator seeded with the seed, item after item. An item is known by its index, which is its
  place in the batch unless the latent's `batch_index` says otherwise, so item 3 taken alone gets what item 3 got in
  its batch.
- Noise inside the run: every item has a source of its own. Item 0 has the field's (a generator seeded with seed + 1,
  or a Brownian tree seeded with the seed); item i has one seeded with a hash of (seed, i).
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import torch

from diffusion.errors import DiffusionError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torch import Tensor

    from diffusion.samplers import Sampler, StepNoise

MAX_SEED = 2**64 - 1

# The tree rounds levels to six digits, and warns of queries that its own rounding of its ends has cut off.
_TREE_DIGITS = 6


def initial_noise(shape: Sequence[int], seed: int, indices: Sequence[int] | None = None) -> Tensor:
    """Unit-variance float32 noise of `shape` [batch, ...]; `indices` are the items' places in the seed's series."""
    generator = torch.Generator().manual_seed(check_seed(seed))
    places = list(range(shape[0])) if indices is None else item_indices(shape[0], indices)
    wanted = set(places)
    drawn: dict[int, Tensor] = {}
    for place in range(max(places, default=-1) + 1):
        item = torch.randn(tuple(shape[1:]), generator=generator)
        if place in wanted:
            drawn[place] = item
    return torch.stack([drawn[place] for place in places])


def step_noise(
    sampler: Sampler, like: Tensor, seed: int, sigmas: Sequence[float], indices: Sequence[int] | None = None
) -> StepNoise:
    """The source of the noise that `sampler` adds between steps, for a batch in the shape and on the device of
    `like`."""
    places = list(range(like.shape[0])) if indices is None else item_indices(like.shape[0], indices)
    if sampler.noise == "brownian":
        items = [_brownian(like.shape[1:], _item_seed(seed, place), sigmas) for place in places]
    else:
        items = [_white(like.shape[1:], _item_seed(next_seed(seed), place)) for place in places]
    return lambda sigma, after: torch.stack([draw(sigma, after) for draw in items]).to(like)


def check_seed(seed: int) -> int:
    """The seed; raises DiffusionError outside 0 .. 2**64 - 1."""
    if not 0 <= seed <= MAX_SEED:
        raise DiffusionError(
            f"A seed is a whole number from 0 to 2**64 - 1, not {seed}.", remedy="Use one of those.", input="seed"
        )
    return seed


def next_seed(seed: int) -> int:
    """The seed after this one; the first follows the last."""
    return (seed + 1) % (MAX_SEED + 1)


def item_indices(batch: int, indices: Sequence[int]) -> list[int]:
    """The items' places in the seed's series, from a latent's `batch_index`; a short list counts on from its end."""
    places = [int(index) for index in indices][:batch]
    if any(place < 0 for place in places):
        raise DiffusionError(
            f"The latent's batch_index holds negative places: {places}.",
            remedy="Count items of a batch from 0.",
            input="latent_image",
        )
    following = max(places, default=-1) + 1
    return places + list(range(following, following + batch - len(places)))


def _item_seed(seed: int, index: int) -> int:
    if index == 0:
        return seed
    return int.from_bytes(hashlib.blake2b(f"{seed}/{index}".encode(), digest_size=8).digest(), "little")


def _white(shape: Sequence[int], seed: int) -> Callable[[float, float], Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return lambda _sigma, _after: torch.randn(tuple(shape), generator=generator)


def _brownian(shape: Sequence[int], seed: int, sigmas: Sequence[float]) -> Callable[[float, float], Tensor]:
    """Increments of a Brownian path over the run's noise levels, scaled to unit variance.

    The path is a function of the seed and the range of levels alone: it is the same however many steps look at it.
    """
    low, high = min(sigma for sigma in sigmas if sigma > 0), max(sigmas)
    tree = None

    def draw(sigma: float, after: float) -> Tensor:
        nonlocal tree
        if tree is None:  # not for a run of one step, whose range is empty and which never asks
            import torchsde  # type: ignore[import-untyped]

            tree = torchsde.BrownianTree(low, torch.zeros(tuple(shape)), high, entropy=seed, tol=10**-_TREE_DIGITS)
        increment: Tensor = tree(round(after, _TREE_DIGITS), round(sigma, _TREE_DIGITS))
        # Time runs upwards in the tree and downwards in sampling.
        unit: Tensor = -increment / (sigma - after) ** 0.5
        return unit

    return draw
