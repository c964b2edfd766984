"""Training a LoRA on a model of any family. The model stays as it is: what computes is a private copy."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch

from diffusion.errors import DiffusionError
from diffusion.loras.lora import DENOISER, Lora
from diffusion.training.adapters import ADAPTERS, Adapter, attach, going_on
from diffusion.training.layers import chosen, size_of, smallest
from diffusion.training.lesson import TYPES, lesson

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torch import nn

    from diffusion.conditioning import Conditioning
    from diffusion.models import DiffusionModel
    from diffusion.training.checkpoint import Checkpoint
    from diffusion.training.loop import Step
    from diffusion.training.settings import Settings

STEPS = "trained_steps"
"""The metadata of a LoRA that says in how many steps it was trained."""


@dataclass(frozen=True)
class Shape:
    """What a LoRA is to be like: `algorithm` of `ADAPTERS`, its rank, `alpha` (0 for that of the rank), the layers
    (`layers.CHOICES`), and the type of its numbers ("bf16", "fp32")."""

    algorithm: str = "LoRA"
    rank: int = 8
    alpha: float = 0.0
    layers: str = "blocks"
    precision: str = "bf16"


@dataclass(frozen=True, eq=False)
class Trained:
    """What training came to: the LoRA, the loss of each step, and all steps that it was trained in."""

    lora: Lora = field(repr=False)
    losses: list[float] = field(repr=False)
    steps: int


def train_lora(
    model: DiffusionModel,
    latents: Sequence[dict[str, Any]],
    positive: Sequence[Conditioning],
    settings: Settings,
    shape: Shape,
    *,
    existing: Lora | None = None,
    checkpoint: Checkpoint | None = None,
    on_step: Callable[[Step, DiffusionModel], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Trained:
    """Trains on LATENTs of any sizes with a caption for each picture, or one for all.

    `existing` is gone on from; its own kinds and ranks count then. `on_step` also gets the model as it is now, to
    sample with; it is good for nothing afterwards. Everything that cannot work is refused before the first step, but
    for memory, which is counted during that.

    Raises DiffusionError, Cancelled.
    """
    with lesson(model, latents, positive, settings, cancelled=cancelled) as taught:
        adapters = _adapters(taught.module, shape, settings.seed, existing, model.family.id, model.device)
        parameters = [parameter for adapter in adapters.values() for parameter in adapter.parameters()]
        losses = taught.learn(parameters, checkpoint=checkpoint, on_step=on_step, cancelled=cancelled)
    steps = _steps_before(existing) + len(losses)
    return Trained(_result(adapters, model.family.id, shape, settings, steps), losses, steps)


def _adapters(
    module: nn.Module, shape: Shape, seed: int, existing: Lora | None, family: str, device: torch.device
) -> dict[str, Adapter]:
    """The adapters by the paths of their layers, attached."""
    if existing is not None:
        made = {path: going_on(change) for path, change in existing.layers.get(DENOISER, {}).items()}
        layers = {path: _layer(module, path) for path in made}
        for path, adapter in made.items():
            if why := adapter.change().misfit(size_of(layers[path])):
                raise _does_not_fit(f"{path}: {why}")
    else:
        layers = chosen(module, shape.layers)
        _check_rank(shape, layers)
        dice = torch.Generator().manual_seed(seed)
        kind, alpha = ADAPTERS[shape.algorithm], shape.alpha or float(shape.rank)
        made = {path: kind.fresh(size_of(layer), shape.rank, alpha, dice) for path, layer in layers.items()}
    for path, adapter in made.items():
        attach(layers[path], adapter.to(device))
    if not made:
        raise _does_not_fit(f"it has nothing for a model of the family {family}")
    return made


def _check_rank(shape: Shape, layers: dict[str, nn.Module]) -> None:
    if shape.algorithm not in ADAPTERS:
        raise DiffusionError(
            f"There is no algorithm {shape.algorithm!r}.",
            remedy=f"Choose one of {', '.join(ADAPTERS)}.",
            input="algorithm",
        )
    most, path = smallest(layers)
    if not 1 <= shape.rank <= most:
        raise DiffusionError(
            f"The rank is {shape.rank}; the smallest layer that is trained, {path}, has room for ranks from 1 to "
            f"{most}.",
            remedy=f"Choose a rank of at most {most}, or train other layers.",
            input="rank",
        )
    if not shape.alpha >= 0 or shape.alpha == float("inf"):
        raise DiffusionError(
            f"alpha must be a number from 0 on, not {shape.alpha}.", remedy="Set it to 0 or to the rank.", input="alpha"
        )


def _layer(module: nn.Module, path: str) -> nn.Module:
    layers = (torch.nn.Linear, torch.nn.Conv2d)
    try:
        found = module.get_submodule(path)
    except AttributeError:
        raise _does_not_fit(f"the model has no layer {path}") from None
    if not isinstance(found, layers):
        raise _does_not_fit(f"{path} is a layer of a kind that no LoRA is trained on here")
    return found


def _does_not_fit(why: str) -> DiffusionError:
    return DiffusionError(
        f"The LoRA to go on from does not fit the model: {why}.",
        remedy="Choose one that was trained on a model of this family, or none.",
        input="existing_lora",
    )


def _steps_before(existing: Lora | None) -> int:
    told = existing.metadata.get(STEPS, "") if existing is not None else ""
    return int(told) if told.isdecimal() else 0


def _result(adapters: dict[str, Adapter], family: str, shape: Shape, settings: Settings, steps: int) -> Lora:
    made = {}
    with torch.no_grad():
        for path, adapter in adapters.items():
            change = adapter.change()
            parts = {
                name: part.detach().to("cpu", TYPES[shape.precision], copy=True) if torch.is_tensor(part) else part
                for name, part in change.parts().items()
            }
            made[path] = type(change)(**parts)
    metadata = {STEPS: str(steps), **{f"trained_{name}": text for name, text in settings.words().items()}}
    return Lora({DENOISER: made}, family, {**metadata, STEPS: str(steps)})
