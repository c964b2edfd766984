"""Handles on loaded models: what a MODEL, a CLIP and a VAE value is.

A handle is a small frozen object over shared weights. Changing a setting makes a new handle over the same weights, so
a handle is cheap to make and safe to cache; `nbytes` says what keeping its weights costs. Pipelines and schedulers
are never kept here: they hold state of one run.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import torch

from diffusion.errors import DiffusionError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from PIL.Image import Image
    from torch import Tensor

    from diffusion.families.family import Family
    from diffusion.families.latent_format import LatentFormat
    from diffusion.noise_models import NoiseModel


@dataclass(frozen=True, eq=False)
class DiffusionModel:
    """The denoising model of a checkpoint: a network of a family, and how it counts noise.

    `lock` is held while the model samples: a run hangs its cancel probe on the shared module, and two runs at once
    would meet on it. `preview` turns a latent into a small picture, where the VAE allows to learn that.
    """

    family: Family
    module: Any = field(repr=False)
    noise_model: NoiseModel = field(repr=False)
    latent_format: LatentFormat
    device: torch.device
    dtype: torch.dtype
    variant: str = ""
    preview: Callable[[Tensor], Image] | None = field(default=None, repr=False)
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False)

    def with_noise_model(self, noise_model: NoiseModel) -> DiffusionModel:
        """The same network with another way of counting noise."""
        return replace(self, noise_model=noise_model)

    @property
    def nbytes(self) -> int:
        """Bytes of the weights."""
        return weight_bytes(self.module)

    @property
    def weights(self) -> Any:
        """What holds the bytes: handles that name the same are counted once."""
        return self.module


@dataclass(frozen=True, eq=False)
class TextEncoder:
    """Tokenizer and text encoder. `stop_at_layer` -1 (or None) is the last layer, -2 the one before, and so on.

    `missing_layers`: layers that the folder left out because the family never uses them; the layer numbers that
    people use count them.
    """

    tokenizer: Any = field(repr=False)
    encoder: Any = field(repr=False)
    device: torch.device
    stop_at_layer: int | None = None
    missing_layers: int = 0

    @property
    def layers(self) -> int:
        """How many layers there are to stop at."""
        return int(self.encoder.config.num_hidden_layers) + self.missing_layers

    def with_stop_at_layer(self, layer: int) -> TextEncoder:
        """The same encoder, read out at an earlier layer (-1 the last ... -24).

        Raises DiffusionError when the encoder has no such layer.
        """
        if not -self.layers <= layer <= -1:
            raise DiffusionError(
                f"This text encoder has {self.layers} layers; stopping at {layer} is not possible.",
                remedy=f"Use a value from -{self.layers} to -1.",
                input="stop_at_clip_layer",
            )
        return replace(self, stop_at_layer=layer)

    @property
    def nbytes(self) -> int:
        """Bytes of the weights."""
        return weight_bytes(self.encoder)

    @property
    def weights(self) -> Any:
        """What holds the bytes: handles that name the same are counted once."""
        return self.encoder


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


def weight_bytes(module: torch.nn.Module) -> int:
    """Bytes of parameters and buffers, shared ones counted once."""
    tensors: Iterable[Tensor] = [*module.parameters(), *module.buffers()]
    unique = {tensor.data_ptr(): tensor.nbytes for tensor in tensors if not tensor.is_meta}
    return sum(unique.values())


def plain(tensor: Tensor) -> Tensor:
    """A float32 copy on the CPU that may be used, and changed, outside inference mode.

    Contiguous, like one that comes back from a disk: a convolution gives other last bits for another layout. So what
    comes in is made contiguous, too, before a model gets it.
    """
    with torch.inference_mode(mode=False):
        return tensor.to("cpu", torch.float32, copy=True, memory_format=torch.contiguous_format)
