"""Training all weights of a small model. The model stays as it is: what it learns is the difference to it.

The difference is a value like a LoRA, as large as the model in float32: it is added when the model samples, is saved
with the same node, and goes on being trained from where it was.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from diffusion.errors import DiffusionError
from diffusion.loras.changes import Difference
from diffusion.loras.lora import DENOISER, Lora
from diffusion.loras.merging import BIAS
from diffusion.memory import check_room
from diffusion.stored.modules import StoredWeight
from diffusion.training.lesson import lesson
from diffusion.training.lora_training import STEPS, Trained

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torch import nn

    from diffusion.conditioning import Conditioning
    from diffusion.models import DiffusionModel
    from diffusion.training.checkpoint import Checkpoint
    from diffusion.training.loop import Step
    from diffusion.training.settings import Settings

_COPIES = 6
"""The copy, where it began, its gradients and averages, and a checkpoint of them while it is written."""


def train_model(
    model: DiffusionModel,
    latents: Sequence[dict[str, Any]],
    positive: Sequence[Conditioning],
    settings: Settings,
    *,
    checkpoint: Checkpoint | None = None,
    on_step: Callable[[Step, DiffusionModel], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Trained:
    """Trains weights and biases of all layers, as `train_lora` trains a LoRA; its result is a LoRA of differences.

    It computes in float32, whatever the settings say. Raises DiffusionError, before anything is copied for a
    model in few bits and for one that is too large for the memory; Cancelled.
    """
    _check(model)
    with lesson(model, latents, positive, settings, own_weights=True, cancelled=cancelled) as taught:
        trained = _trained(taught.module)
        start = {path: parameter.detach().clone() for path, parameter in trained.items()}
        for parameter in trained.values():
            parameter.requires_grad_(requires_grad=True)
        parameters = list(trained.values())
        losses = taught.learn(parameters, checkpoint=checkpoint, on_step=on_step, cancelled=cancelled)
        with torch.no_grad():
            changes = {
                path: Difference((parameter.detach() - start[path]).to("cpu")) for path, parameter in trained.items()
            }
    told = {f"trained_{name}": text for name, text in settings.words().items()}
    return Trained(Lora({DENOISER: changes}, model.family.id, {**told, STEPS: str(len(losses))}), losses, len(losses))


def _trained(module: nn.Module) -> dict[str, nn.Parameter]:
    """The parameters by the paths that a LoRA has for them."""
    found = {}
    for path, layer in module.named_modules():
        for leaf, ending in (("weight", ""), ("bias", BIAS)):
            parameter = layer._parameters.get(leaf)
            if parameter is not None and parameter.is_floating_point():
                found[f"{path}{ending}"] = parameter
    return found


def _check(model: DiffusionModel) -> None:
    if any(isinstance(layer, StoredWeight) for layer in model.module.modules()):
        raise DiffusionError(
            "The weights of this model lie in few bits or in another type than it computes in; they cannot be trained.",
            remedy="Load a file of the model in float32, or train a LoRA on it.",
            input="model",
        )
    count = sum(parameter.numel() for parameter in model.module.parameters())
    check_room(
        f"Training all {count:,} weights of the model",
        (count, _COPIES),
        remedy="Train a LoRA instead: it takes a fraction of that.",
        input="model",
    )
