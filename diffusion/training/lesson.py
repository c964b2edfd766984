"""What every training of a denoiser has: a private copy of it, the pictures, and the loss of a batch."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import torch

from diffusion.cancelling import cancellable, holding
from diffusion.loras.lora import DENOISER
from diffusion.loras.merging import merged
from diffusion.memory import enough_memory
from diffusion.training import stored_gradients
from diffusion.training.examples import captions_for, check_pictures, gathered, prepared
from diffusion.training.levels import ByItem, column, draw, mix
from diffusion.training.loop import train
from diffusion.training.memory_guard import check_trained
from diffusion.training.objective import loss_of
from diffusion.training.order import Order
from diffusion.training.private_copy import private_copy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from torch import Generator, Tensor, nn

    from diffusion.conditioning import Conditioning
    from diffusion.models import DiffusionModel
    from diffusion.training.checkpoint import Checkpoint
    from diffusion.training.examples import Example
    from diffusion.training.loop import Step
    from diffusion.training.settings import Settings

TYPES = {"bf16": torch.bfloat16, "fp32": torch.float32}


@contextmanager
def lesson(
    model: DiffusionModel,
    latents: Sequence[dict[str, Any]],
    positive: Sequence[Conditioning],
    settings: Settings,
    *,
    own_weights: bool = False,
    cancelled: Callable[[], bool] | None = None,
) -> Iterator[Lesson]:
    """A lesson of a model, valid inside: LATENTs of any sizes, with a caption for each picture or one for all.

    With `own_weights` all weights of the copy are its own, and it computes in float32. LoRAs of the
    model are in the copy's weights. Raises DiffusionError for pictures and captions that cannot be used, Cancelled.
    """
    captions = captions_for(positive, check_pictures(model, latents))
    trains_in = torch.float32 if own_weights else TYPES[settings.precision]
    with holding(model.lock, cancelled):
        module = private_copy(model.module, model.dtype, trains_in, own_weights=own_weights)
    stored_gradients.prepare(module)
    copied = replace(model, module=module, dtype=trains_in, lock=threading.RLock(), patches=())
    if settings.checkpointing:
        module.enable_gradient_checkpointing()  # type: ignore[operator]
    with (
        merged(module, DENOISER, model.patches, cancelled),
        enough_memory("training", "Lower batch_size, use gradient_checkpointing, or give smaller pictures."),
    ):
        examples = prepared(model, model.family.denoiser(copied), latents, captions)
        yield Lesson(model, copied, settings, examples)


@dataclass(frozen=True, eq=False)
class Lesson:
    """`copied` is the private copy, and samples as it is now; `model` the handle that it is of."""

    model: DiffusionModel = field(repr=False)
    copied: DiffusionModel = field(repr=False)
    settings: Settings
    examples: Sequence[Example] = field(repr=False)

    @property
    def module(self) -> nn.Module:
        """The network of the copy."""
        module: nn.Module = self.copied.module
        return module

    def learn(
        self,
        parameters: Sequence[Tensor],
        *,
        checkpoint: Checkpoint | None = None,
        on_step: Callable[[Step, DiffusionModel], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> list[float]:
        """Trains parameters of the copy in place; returns the loss of each step. Raises as `loop.train`."""
        settings, examples = self.settings, self.examples
        check_trained(parameters, settings.optimizer)
        order = Order([example.group for example in examples], settings.batch_size, settings.seed)
        noise_model = self.model.noise_model
        denoiser: Any = self.model.family.denoiser(replace(self.copied, noise_model=ByItem(noise_model)))

        def batch_loss(number: int, dice: Generator) -> Tensor:
            batch = gathered([examples[place] for place in order.batch(number)])
            noise = torch.randn(batch.latent.shape, generator=dice).to(batch.latent.device)
            sigmas = draw(noise_model, len(noise), dice)
            mixes = [mix(noise_model, sigma) for sigma in sigmas]
            seen = column([each.seen_picture for each in mixes], noise) * batch.latent
            seen += column([each.seen_noise for each in mixes], noise) * noise
            wanted = column([each.wanted_picture for each in mixes], noise) * batch.latent
            wanted += column([each.wanted_noise for each in mixes], noise) * noise
            output = denoiser(seen, torch.tensor(sigmas, dtype=torch.float64), batch.conditions)
            return loss_of(output, wanted, settings.loss, mixes, settings.snr_gamma, batch.mask)

        def group_of(number: int) -> Any:
            places = order.batch(number)
            return examples[places[0]].group, len(places)

        with cancellable(self.module, cancelled), torch.inference_mode(mode=False), torch.enable_grad():
            return train(
                parameters,
                batch_loss,
                settings,
                group_of=group_of,
                checkpoint=checkpoint,
                on_step=None if on_step is None else lambda step: on_step(step, self.copied),
                cancelled=cancelled,
            )
