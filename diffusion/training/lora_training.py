"""Training a LoRA on a model of any family. The model stays as it is: what computes is a private copy."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import torch

from diffusion.cancelling import cancellable, holding
from diffusion.errors import DiffusionError
from diffusion.loras.lora import DENOISER, Lora
from diffusion.loras.merging import merged
from diffusion.memory import enough_memory
from diffusion.training import stored_gradients
from diffusion.training.adapters import ADAPTERS, Adapter, attach, going_on
from diffusion.training.examples import captions_for, check_pictures, gathered, prepared
from diffusion.training.layers import chosen, size_of, smallest
from diffusion.training.levels import ByItem, column, draw, mix
from diffusion.training.loop import train
from diffusion.training.memory_guard import check_trained
from diffusion.training.objective import loss_of
from diffusion.training.order import Order
from diffusion.training.private_copy import private_copy

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torch import Generator, Tensor, nn

    from diffusion.conditioning import Conditioning
    from diffusion.models import DiffusionModel
    from diffusion.training.checkpoint import Checkpoint
    from diffusion.training.loop import Step
    from diffusion.training.settings import Settings

_TYPES = {"bf16": torch.bfloat16, "fp32": torch.float32}
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
    captions = captions_for(positive, check_pictures(model, latents))
    trains_in = _TYPES[settings.precision]
    with holding(model.lock, cancelled):
        module = private_copy(model.module, model.dtype, trains_in)
    stored_gradients.prepare(module)
    copied = replace(model, module=module, dtype=trains_in, lock=threading.RLock(), patches=())
    with (
        merged(module, DENOISER, model.patches, cancelled),
        enough_memory("training", "Lower batch_size, use gradient_checkpointing, or give smaller pictures."),
    ):
        adapters = _adapters(module, shape, settings.seed, existing, model.family.id, model.device)
        parameters = [parameter for adapter in adapters.values() for parameter in adapter.parameters()]
        check_trained(parameters, settings.optimizer)
        denoiser: Any = model.family.denoiser(replace(copied, noise_model=ByItem(model.noise_model)))
        examples = prepared(model, model.family.denoiser(copied), latents, captions)
        order = Order([example.group for example in examples], settings.batch_size, settings.seed)
        if settings.checkpointing:
            module.enable_gradient_checkpointing()

        def batch_loss(number: int, dice: Generator) -> Tensor:
            batch = gathered([examples[place] for place in order.batch(number)])
            noise = torch.randn(batch.latent.shape, generator=dice).to(batch.latent.device)
            sigmas = draw(model.noise_model, len(noise), dice)
            mixes = [mix(model.noise_model, sigma) for sigma in sigmas]
            seen = column([each.seen_picture for each in mixes], noise) * batch.latent
            seen += column([each.seen_noise for each in mixes], noise) * noise
            wanted = column([each.wanted_picture for each in mixes], noise) * batch.latent
            wanted += column([each.wanted_noise for each in mixes], noise) * noise
            output = denoiser(seen, torch.tensor(sigmas, dtype=torch.float64), batch.conditions)
            return loss_of(output, wanted, settings.loss, mixes, settings.snr_gamma, batch.mask)

        with cancellable(module, cancelled), torch.inference_mode(mode=False), torch.enable_grad():
            losses = train(
                parameters,
                batch_loss,
                settings,
                group_of=lambda number: _size(examples, order.batch(number)),
                checkpoint=checkpoint,
                on_step=None if on_step is None else lambda step: on_step(step, copied),
                cancelled=cancelled,
            )
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


def _size(examples: Sequence[Any], places: Sequence[int]) -> tuple[Any, int]:
    return examples[places[0]].group, len(places)


def _steps_before(existing: Lora | None) -> int:
    told = existing.metadata.get(STEPS, "") if existing is not None else ""
    return int(told) if told.isdecimal() else 0


def _result(adapters: dict[str, Adapter], family: str, shape: Shape, settings: Settings, steps: int) -> Lora:
    made = {}
    with torch.no_grad():
        for path, adapter in adapters.items():
            change = adapter.change()
            parts = {
                name: part.detach().to("cpu", _TYPES[shape.precision], copy=True) if torch.is_tensor(part) else part
                for name, part in change.parts().items()
            }
            made[path] = type(change)(**parts)
    metadata = {STEPS: str(steps), **{f"trained_{name}": text for name, text in settings.words().items()}}
    return Lora({DENOISER: made}, family, {**metadata, STEPS: str(steps)})
