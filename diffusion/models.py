"""Handles on loaded models: what a MODEL and a VAE value is. What a CLIP value is stands in `diffusion.text_models`.

A handle is a small frozen object over shared weights. Changing a setting makes a new handle over the same weights, so
a handle is cheap to make and safe to cache; `nbytes` says what keeping its weights costs. Pipelines and schedulers
are never kept here: they hold state of one run.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import torch

from diffusion.loras.fitting import check_fits, check_strength
from diffusion.loras.lora import DENOISER
from diffusion.loras.merging import merged
from diffusion.weight_bytes import weight_bytes

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from PIL.Image import Image
    from torch import Tensor

    from diffusion.families.family import Family
    from diffusion.families.latent_format import LatentFormat
    from diffusion.loras.lora import Lora
    from diffusion.noise_models import NoiseModel
    from diffusion.text_models import TextEncoder


@dataclass(frozen=True, eq=False)
class DiffusionModel:
    """The denoising model of a checkpoint: a network of a family, and how it counts noise.

    `lock` is held while the model samples: a run hangs its cancel probe on the shared module, and two runs at once
    would meet on it. `preview` turns a latent into a small picture, where the VAE allows to learn that. `patches` are
    LoRAs with their strengths; the module is as it was loaded until `patched` adds them, under the lock.
    """

    family: Family
    module: Any = field(repr=False)
    noise_model: NoiseModel = field(repr=False)
    latent_format: LatentFormat
    device: torch.device
    dtype: torch.dtype
    variant: str = ""
    preview: Callable[[Tensor], Image | None] | None = field(default=None, repr=False)
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False)
    patches: tuple[tuple[Lora, float], ...] = field(default=(), repr=False)

    def with_noise_model(self, noise_model: NoiseModel) -> DiffusionModel:
        """The same network with another way of counting noise."""
        return replace(self, noise_model=noise_model)

    def with_lora(self, lora: Lora, strength: float) -> DiffusionModel:
        """The same network with a LoRA more; 0 gives the handle as it is, and below 0 takes the LoRA's change away.

        Nothing is changed before it samples. Raises DiffusionError for a LoRA that does not fit in each of its layers
        (`diffusion.loras.fitting` keeps those that do).
        """
        if not lora.layers.get(DENOISER) or check_strength(strength) == 0:
            return self
        check_fits(lora, {DENOISER: self.module}, self.family.id)
        return replace(self, patches=(*self.patches, (lora, strength)))

    def patched(self, cancelled: Callable[[], bool] | None = None) -> AbstractContextManager[None]:
        """While inside, the network computes with its LoRAs; hold the lock all the while."""
        return merged(self.module, DENOISER, self.patches, cancelled)

    @property
    def nbytes(self) -> int:
        """Bytes of the weights."""
        return weight_bytes(self.module)

    @property
    def weights(self) -> Any:
        """What holds the bytes: handles that name the same are counted once."""
        return self.module

    @property
    def beside(self) -> list[Tensor]:
        """What it holds besides the weights: the tensors of its LoRAs."""
        return [tensor for lora, _ in self.patches for tensor in lora.tensors()]


@dataclass(frozen=True, eq=False)
class Vae:
    """The autoencoder between pictures and latents. `lock` is held while it works, for the same reason."""

    model: Any = field(repr=False)
    latent_format: LatentFormat
    device: torch.device
    dtype: torch.dtype
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False)

    @property
    def nbytes(self) -> int:
        """Bytes of the weights."""
        return weight_bytes(self.model)

    @property
    def weights(self) -> Any:
        """What holds the bytes: handles that name the same are counted once."""
        return self.model


class Checkpoint(NamedTuple):
    """What a checkpoint holds, in the order of the field's loader."""

    model: DiffusionModel
    clip: TextEncoder
    vae: Vae


def plain(tensor: Tensor) -> Tensor:
    """A float32 copy on the CPU that may be used, and changed, outside inference mode.

    Contiguous, like one that comes back from a disk: a convolution gives other last bits for another layout. So what
    comes in is made contiguous, too, before a model gets it.
    """
    with torch.inference_mode(mode=False):
        return tensor.to("cpu", torch.float32, copy=True, memory_format=torch.contiguous_format)
