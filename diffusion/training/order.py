"""Which pictures a step of training is made with. Free of torch.

Pictures of one shape form a group. In each round every picture comes up once: each group is shuffled and cut into
batches, and the batches of all groups are shuffled. A round depends on the seed and its number alone, so a run that
goes on later sees what it would have seen.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence


class Order:
    """The batches of a run: lists of places of pictures. A batch at the end of a group may be short."""

    def __init__(self, groups: Sequence[Hashable], batch_size: int, seed: int) -> None:
        places: dict[Hashable, list[int]] = {}
        for place, group in enumerate(groups):
            places.setdefault(group, []).append(place)
        self._groups = list(places.values())
        self._size = batch_size
        self._seed = seed
        self._round = -1
        self._batches: list[list[int]] = []
        self.batches_a_round = sum(-(-len(group) // batch_size) for group in self._groups)

    def batch(self, number: int) -> list[int]:
        """The batch of this number, counted from 0."""
        which, place = divmod(number, self.batches_a_round)
        if which != self._round:
            self._round, self._batches = which, self._laid_out(which)
        return self._batches[place]

    def _laid_out(self, which: int) -> list[list[int]]:
        dice = random.Random(f"{self._seed} {which}")  # noqa: S311 - nothing secret
        batches = []
        for group in self._groups:
            shuffled = dice.sample(group, len(group))
            batches += [shuffled[start : start + self._size] for start in range(0, len(shuffled), self._size)]
        dice.shuffle(batches)
        return batches
