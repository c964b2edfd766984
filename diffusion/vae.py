"""Between pictures and latents.

Pictures are taken and given one by one, so that memory does not grow with the batch and an item never depends on its
batch. Encoding gives the mean of the posterior, not a sample of it: the same picture always gives the same latent. A
picture whose sides are no multiples of the VAE's factor is padded (`diffusion.padding`), and comes back in its own size
from `decode_latent`; an alpha channel is dropped.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F  # noqa: N812 - torch's own habit

from diffusion import padding
from diffusion.cancelling import cancellable, holding
from diffusion.errors import DiffusionError
from diffusion.memory import check_room, enough_memory
from diffusion.models import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from torch import Tensor

    from diffusion.models import Vae

_NEUTRAL = 0.5


@torch.inference_mode()
def encode(vae: Vae, pixels: Tensor, *, cancelled: Callable[[], bool] | None = None) -> Tensor:
    """IMAGE [B, H, W, 1, 3 or 4] in 0..1 -> samples [B, C, ceil(H / factor), ceil(W / factor)], unscaled.

    Raises DiffusionError for what has another shape.
    """
    pixels = padding.pad(_rgb(pixels), vae.latent_format.downscale)
    _check_room(vae, *pixels.shape[:3], input="pixels")
    with _working(vae, "encoding the picture", cancelled):
        return plain(torch.cat([_encode_one(vae, pixels[i : i + 1]) for i in range(pixels.shape[0])]))


def encode_latent(vae: Vae, pixels: Tensor, *, cancelled: Callable[[], bool] | None = None) -> dict[str, Any]:
    """A LATENT of a picture, which knows the picture's size where that is none of the latent's."""
    samples = encode(vae, pixels, cancelled=cancelled)
    return padding.noted({"samples": samples}, _size(pixels), vae.latent_format.downscale)


def decode_latent(vae: Vae, latent: dict[str, Any], *, cancelled: Callable[[], bool] | None = None) -> Tensor:
    """The picture of a LATENT, in the size that it was encoded in."""
    return padding.cut(decode(vae, latent["samples"], cancelled=cancelled), latent)


@torch.inference_mode()
def decode(vae: Vae, samples: Tensor, *, cancelled: Callable[[], bool] | None = None) -> Tensor:
    """Samples [B, C, h, w] -> IMAGE [B, h * factor, w * factor, 3], clamped to 0..1.

    Raises DiffusionError for a latent of another number of channels and for numbers that are not finite.
    """
    _check_latent(vae, samples)
    factor = vae.latent_format.downscale
    _check_room(vae, samples.shape[0], samples.shape[2] * factor, samples.shape[3] * factor, input="samples")
    with _working(vae, "decoding the latent", cancelled):
        pixels = torch.cat([_decode_one(vae, samples[i : i + 1]) for i in range(samples.shape[0])])
    if not torch.isfinite(pixels).all():
        raise DiffusionError(
            "The VAE gave a picture with numbers that are not finite.",
            remedy="Load it in float32, or use the VAE that belongs to the checkpoint.",
            input="vae",
        )
    return plain(pixels.clamp(0.0, 1.0))


def encode_for_inpaint(
    vae: Vae, pixels: Tensor, mask: Tensor, grow_mask_by: int = 6, *, cancelled: Callable[[], bool] | None = None
) -> dict[str, Any]:
    """A LATENT of the picture with what the mask covers made grey, and the mask grown by some pixels as `noise_mask`.

    `mask` [B, H, W] is resized to the picture. The noise mask is [B, 1, H, W] of zeros and ones.
    """
    pixels = _rgb(pixels)
    mask = F.interpolate(mask.reshape(-1, 1, *mask.shape[-2:]).float(), size=pixels.shape[1:3], mode="bilinear").round()
    kept = 1.0 - mask.movedim(1, -1)
    grey = (pixels - _NEUTRAL) * kept + _NEUTRAL
    latent = encode_latent(vae, grey, cancelled=cancelled)
    mask = padding.pad_mask(mask.squeeze(1), vae.latent_format.downscale).unsqueeze(1)
    return {**latent, "noise_mask": _grown(mask, grow_mask_by)}


def _size(pixels: Tensor) -> tuple[int, int]:
    return int(pixels.shape[1]), int(pixels.shape[2])


@contextmanager
def _working(vae: Vae, task: str, cancelled: Callable[[], bool] | None) -> Iterator[None]:
    with (
        holding(vae.lock, cancelled),
        cancellable(vae.model, cancelled),
        enough_memory(task, "Use a smaller picture."),
    ):
        yield


def _check_room(vae: Vae, count: int, height: int, width: int, *, input: str) -> None:  # noqa: A002
    """Refuses pictures that cannot fit: all of them as they are, or one of them inside of the VAE.

    At the picture's full size the VAE works on its first stage's channels, from one array of them into another.
    """
    size, remedy = f"{width:,} x {height:,} pixels", "Use a smaller picture, or fewer at once."
    check_room(f"{count:,} pictures of {size}", (count, height, width, 3), remedy=remedy, input=input)
    stages = getattr(getattr(vae.model, "config", None), "block_out_channels", None)
    if stages and vae.device.type == "cpu":
        what = f"The VAE's work on a picture of {size}"
        check_room(what, (2, stages[0], height, width), remedy="Use a smaller picture.", input=input)


def _encode_one(vae: Vae, pixels: Tensor) -> Tensor:
    x = pixels.contiguous().movedim(-1, 1).to(vae.device, vae.dtype) * 2 - 1
    output = vae.model.encode(x)
    if hasattr(output, "latent_dist"):
        return _float(output.latent_dist.mode())
    return _float(output.latents if hasattr(output, "latents") else output.latent)


def _decode_one(vae: Vae, samples: Tensor) -> Tensor:
    pixels: Tensor = vae.model.decode(samples.contiguous().to(vae.device, vae.dtype), return_dict=False)[0]
    return _float(pixels).movedim(1, -1) / 2 + 0.5


def _float(tensor: Tensor) -> Tensor:
    return tensor.to("cpu", torch.float32)


def _grown(mask: Tensor, by: int) -> Tensor:
    if by <= 0:
        return mask
    height, width = mask.shape[-2:]
    return F.max_pool2d(mask, by, stride=1, padding=by // 2)[..., :height, :width]


def _rgb(pixels: Tensor) -> Tensor:
    if pixels.ndim != 4 or pixels.shape[-1] not in (1, 3, 4):
        raise DiffusionError(
            f"Expected a picture [batch, height, width, 1, 3 or 4 channels], got {list(pixels.shape)}.",
            remedy="Connect an IMAGE.",
            input="pixels",
        )
    return pixels.expand(-1, -1, -1, 3) if pixels.shape[-1] == 1 else pixels[..., :3]


def _check_latent(vae: Vae, samples: Tensor) -> None:
    channels = vae.latent_format.channels
    if samples.ndim != 4 or samples.shape[1] != channels:
        raise DiffusionError(
            f"This VAE decodes latents [batch, {channels}, height, width], got {list(samples.shape)}.",
            remedy="Use the VAE of the checkpoint that made the latent.",
            input="samples",
        )
    if not torch.isfinite(samples).all():
        raise DiffusionError(
            "The latent holds numbers that are not finite, which would be a black picture.",
            remedy="Look at the node that made it.",
            input="samples",
        )
