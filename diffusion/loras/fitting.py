"""Which changes of a LoRA fit a model, and why the others do not. Looks at names and shapes only."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from diffusion.errors import DiffusionError
from diffusion.families.table import FAMILIES
from diffusion.loras.lora import Lora
from diffusion.loras.merging import weight_at
from diffusion.model_files.known import KNOWN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import nn

    from diffusion.loras.contract import Change


@dataclass(frozen=True)
class Unused:
    """Something of a LoRA that cannot be used: `name` as its file or value calls it, and why."""

    name: str
    why: str


@dataclass(frozen=True, eq=False)
class Fit:
    """What of a LoRA goes into a model: `lora` has nothing but that; `unused` is the rest."""

    lora: Lora = field(repr=False)
    unused: tuple[Unused, ...] = ()

    @property
    def used(self) -> int:
        """How many weights are changed."""
        return len(self.lora.changes())


def fitted(lora: Lora, modules: Mapping[str, nn.Module], family: str = "") -> Fit:
    """What of a LoRA fits the modules of a model by part (of `lora.PARTS`).

    Parts without a module are left out and not told: a LoRA may be used on one part alone. Raises DiffusionError when
    nothing is left, or when the LoRA says that it was made for another family than `family`.
    """
    check_family(lora.family, family)
    kept: dict[str, dict[str, Change]] = {}
    unused: list[Unused] = []
    for part, changes in lora.layers.items():
        if part not in modules:
            continue
        kept[part] = {}
        for path, change in changes.items():
            if why := misfit(modules[part], path, change):
                unused.append(Unused(f"{part}: {path}", why))
            else:
                kept[part][path] = change
    if unused and not any(kept.values()):
        raise DiffusionError(
            f"Nothing of the LoRA fits: {unused[0].name}, {unused[0].why}.",
            remedy="Use it with a model of the family that it was made for.",
            input="lora",
        )
    return Fit(Lora(kept, lora.family, lora.metadata), tuple(unused))


def misfit(module: nn.Module, path: str, change: Change) -> str:
    """Why a change cannot be used on a module at a path; "" when it can."""
    weight = weight_at(module, path)
    return "the model has no such layer" if weight is None else change.misfit(weight.shape)


def check_family(made_for: str, family: str) -> None:
    """Raises DiffusionError when a LoRA was made for another family than that of a model; "" is not known."""
    if made_for and family and made_for != family:
        raise DiffusionError(
            f"The LoRA was made for {_named(made_for)}, and the model is {_named(family)}.",
            remedy=f"Use it with a model of {_named(made_for)}, or choose a LoRA for {_named(family)}.",
            input="lora",
        )


def check_strength(strength: float) -> float:
    """The strength; raises DiffusionError for one that is no number."""
    if not math.isfinite(strength):
        raise DiffusionError(
            f"A LoRA cannot have the strength {strength}.", remedy="1 is usual.", input="strength_model"
        )
    return strength


def check_fits(lora: Lora, modules: Mapping[str, nn.Module], family: str = "") -> None:
    """As `fitted`, and raises DiffusionError for the first change that does not fit."""
    found = fitted(lora, modules, family)
    for unused in found.unused:
        raise DiffusionError(
            f"The LoRA does not fit the model: {unused.name}, {unused.why}.",
            remedy="Use it with the model that it was made for, or leave out what does not fit.",
            input="lora",
        )


def _named(family: str) -> str:
    names = {row.id: row.name for row in KNOWN}
    return FAMILIES[family].name if family in FAMILIES else names.get(family, family)
