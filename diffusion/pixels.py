"""Arithmetic on pictures: resize, blur, sharpen, blend, crop, pad, composite, and the way to Pillow and back.

A picture batch is a float32 tensor [batch, height, width, channels] in 0..1 with 1 (grey), 3 (RGB) or 4 (RGBA)
channels; a mask batch is float32 [batch, height, width]. Nothing here changes what it was given. Reading and writing
files is not done here.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Literal, get_args

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional

from diffusion.errors import DiffusionError
from diffusion.memory import check_room

Method = Literal["nearest-exact", "bilinear", "area", "bicubic", "lanczos"]
Crop = Literal["disabled", "center"]
BlendMode = Literal["normal", "multiply", "screen", "overlay", "soft_light", "difference"]
RESIZE_METHODS: tuple[str, ...] = get_args(Method)

_MODES = {1: "L", 3: "RGB", 4: "RGBA"}
_OUTPAINT_GREY = 0.5
_SHARPEN_GAIN = 10.0
"""An alpha of 1 adds ten times the detail: the scale that saved workflows count in."""


def resize(image: Tensor, width: int, height: int, method: str = "bilinear", crop: str = "disabled") -> Tensor:
    """`image` at `width` x `height`; a 0 follows the other side in proportion, two zeros leave the size alone.

    With `crop="center"` the longer side is cut evenly first, so that nothing is squeezed. "area" averages and is the
    one for shrinking; "lanczos" is the sharpest for enlarging; the interpolating ones do not smooth while shrinking.
    """
    if method not in RESIZE_METHODS:
        raise DiffusionError(
            f"There is no resize method {method!r}.",
            remedy=f"Choose one of {', '.join(RESIZE_METHODS)}.",
            input="upscale_method",
        )
    _, old_height, old_width, _ = image.shape
    if not width and not height:
        return image
    width = width or max(1, round(old_width * height / old_height))
    height = height or max(1, round(old_height * width / old_width))
    if crop == "center":
        image = _cut_to_ratio(image, width / height)
    if image.shape[1:3] == (height, width):
        return image
    _check_room(image, width, height)
    if method == "lanczos":
        return _resize_lanczos(image, width, height)
    planes = functional.interpolate(image.movedim(-1, 1), size=(height, width), mode=method)
    return planes.movedim(1, -1).clamp(0, 1).contiguous()


def scale_by(image: Tensor, factor: float, method: str = "bilinear") -> Tensor:
    """`image` with both sides times `factor`, at least one pixel each."""
    height, width = image.shape[1:3]
    return resize(image, max(1, round(width * factor)), max(1, round(height * factor)), method)


def _check_room(image: Tensor, width: int, height: int) -> None:
    """Refuses what would not fit into memory at another size."""
    count, channels = image.shape[0], image.shape[-1]
    what = f"{count:,} picture{'' if count == 1 else 's'} of {width:,} x {height:,} pixels"
    remedy = "Choose a smaller size, or do it with fewer pictures at once."
    check_room(what, (count, height, width, channels), remedy=remedy, input="image")


def _cut_to_ratio(image: Tensor, ratio: float) -> Tensor:
    """The largest centred part of `image` whose width / height is `ratio`, to a pixel."""
    height, width = image.shape[1:3]
    spare_x = round((width - height * ratio) / 2) if width > height * ratio else 0
    spare_y = round((height - width / ratio) / 2) if width < height * ratio else 0
    spare_x, spare_y = min(spare_x, (width - 1) // 2), min(spare_y, (height - 1) // 2)
    return image[:, spare_y : height - spare_y, spare_x : width - spare_x]


def _resize_lanczos(image: Tensor, width: int, height: int) -> Tensor:
    """Lanczos in float, a channel at a time: Pillow has the filter, and its "F" mode does not round to 8 bits."""
    planes = image.detach().cpu().float().movedim(-1, 1)
    resized = [
        np.asarray(Image.fromarray(plane.contiguous().numpy()).resize((width, height), Image.Resampling.LANCZOS))
        for plane in planes.flatten(0, 1)
    ]
    stacked = torch.from_numpy(np.stack(resized)).view(*planes.shape[:2], height, width)
    return stacked.movedim(1, -1).clamp(0, 1).contiguous().to(image.device)


def invert(image: Tensor) -> Tensor:
    """The photographic negative; transparency is kept."""
    negative = 1.0 - image
    if image.shape[-1] == len("RGBA"):
        negative[..., 3] = image[..., 3]
    return negative


def blur(image: Tensor, radius: int, sigma: float) -> Tensor:
    """Gaussian blur that reaches `radius` pixels. `sigma` counts in radii, as saved workflows do: 1.0 is wide."""
    if radius < 1:
        return image
    weights = torch.exp(-(torch.linspace(-1, 1, 2 * radius + 1, device=image.device) ** 2) / (2 * sigma**2))
    weights = weights / weights.sum()
    channels = image.shape[-1]
    padding = "reflect" if radius < min(image.shape[1:3]) else "replicate"
    planes = functional.pad(image.movedim(-1, 1), (radius, radius, radius, radius), mode=padding)
    across = weights.view(1, 1, 1, -1).expand(channels, -1, -1, -1)
    planes = functional.conv2d(planes, across, groups=channels)
    planes = functional.conv2d(planes, across.transpose(2, 3), groups=channels)
    return planes.movedim(1, -1).clamp(0, 1).contiguous()


def sharpen(image: Tensor, radius: int, sigma: float, alpha: float) -> Tensor:
    """Unsharp mask: add what a blur takes away, ten times over at an `alpha` of 1."""
    detail = image - blur(image, radius, sigma)
    return (image + _SHARPEN_GAIN * alpha * detail).clamp(0, 1)


def _soft_light(under: Tensor, over: Tensor) -> Tensor:
    lift = torch.where(under <= 0.25, ((16 * under - 12) * under + 4) * under, under.clamp(min=0).sqrt())  # W3C
    darker = under - (1 - 2 * over) * under * (1 - under)
    return torch.where(over <= 0.5, darker, under + (2 * over - 1) * (lift - under))


_BLENDS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "normal": lambda under, over: over,  # noqa: ARG005 - the common signature
    "multiply": lambda under, over: under * over,
    "screen": lambda under, over: 1 - (1 - under) * (1 - over),
    "overlay": lambda under, over: torch.where(under <= 0.5, 2 * under * over, 1 - 2 * (1 - under) * (1 - over)),
    "soft_light": _soft_light,
    "difference": lambda under, over: (under - over).abs(),
}


def blend(under: Tensor, over: Tensor, factor: float, mode: str = "normal") -> Tensor:
    """`under` with `factor` of the blended pair; `over` is cropped and resized to `under` where they differ.

    The formulas are those of W3C Compositing and Blending Level 1.
    """
    if mode not in _BLENDS:
        raise DiffusionError(
            f"There is no blend mode {mode!r}.", remedy=f"Choose one of {', '.join(_BLENDS)}.", input="blend_mode"
        )
    under, over = match_channels(under, over)
    over = resize(over, under.shape[2], under.shape[1], "bicubic", "center")
    under, over = _match_batch(under, over)
    return (under * (1 - factor) + _BLENDS[mode](under, over) * factor).clamp(0, 1)


def crop(image: Tensor, x: int, y: int, width: int, height: int) -> Tensor:
    """The part of `image` from (x, y); what reaches beyond the edge is left off, and at least one pixel remains."""
    x, y = min(x, image.shape[2] - 1), min(y, image.shape[1] - 1)
    return image[:, y : y + max(1, height), x : x + max(1, width)].clone()


def pad_for_outpaint(image: Tensor, sides: tuple[int, int, int, int], feathering: int) -> tuple[Tensor, Tensor]:
    """`image` with grey borders (left, top, right, bottom), and the mask [1, height, width] of what to paint there.

    The mask is 1 on the new border and falls to 0 within `feathering` pixels inside the old picture, so that the
    painter may adapt the seam. Feathering never reaches the middle of the picture.
    """
    left, top, right, bottom = sides
    batch, height, width, channels = image.shape
    _check_room(image, left + width + right, top + height + bottom)
    canvas = image.new_full((batch, top + height + bottom, left + width + right, channels), _OUTPAINT_GREY)
    canvas[:, top : top + height, left : left + width] = image
    if channels == len("RGBA"):
        canvas[..., 3] = functional.pad(image[..., 3], (left, right, top, bottom), value=1.0)
    mask = torch.ones(canvas.shape[1:3])
    mask[top : top + height, left : left + width] = _feather((height, width), sides, feathering)
    return canvas, mask.unsqueeze(0)


def _feather(size: tuple[int, int], sides: tuple[int, int, int, int], feathering: int) -> Tensor:
    """Squared falloff away from those edges of a picture that get a border."""
    height, width = size
    left, top, right, bottom = sides
    feathering = min(feathering, (min(height, width) - 1) // 2)
    if feathering < 1:
        return torch.zeros(height, width)
    rows, columns = torch.arange(height).view(-1, 1).float(), torch.arange(width).view(1, -1).float()
    far = torch.full((height, width), float(feathering))
    edges = ((top, rows), (bottom, height - rows), (left, columns), (right, width - columns))
    distance = far
    for border, away in edges:
        distance = torch.minimum(distance, away) if border else distance
    return ((feathering - distance) / feathering) ** 2


def composite(under: Tensor, over: Tensor, x: int, y: int, mask: Tensor | None = None, fit: bool = False) -> Tensor:
    """`over` laid onto `under` with its corner at (x, y), through `mask` (1 = take `over`) stretched to `over`.

    `fit` stretches `over` to the size of `under` first. What reaches beyond the edge is left off.
    """
    under, over = match_channels(under, over)
    height, width = under.shape[1:3]
    if fit:
        over = resize(over, width, height, "bilinear")
    if mask is None:
        mask = over.new_ones(1, *over.shape[1:3])
    weight = resize(mask.unsqueeze(-1), over.shape[2], over.shape[1], "bilinear")
    count = under.shape[0]
    rows, columns = slice(max(0, y), y + over.shape[1]), slice(max(0, x), x + over.shape[2])
    result = under.clone()
    target = result[:, rows, columns]
    inside = (slice(max(0, -y), max(0, -y) + target.shape[1]), slice(max(0, -x), max(0, -x) + target.shape[2]))
    over, weight = _repeat(over, count)[:, *inside], _repeat(weight, count)[:, *inside]
    target.copy_(over * weight + target * (1 - weight))
    return result


def join_batch(first: Tensor, second: Tensor) -> Tensor:
    """Both batches one after the other; the second is cropped and resized to the first."""
    first, second = match_channels(first, second)
    second = resize(second, first.shape[2], first.shape[1], "bilinear", "center")
    count = first.shape[0] + second.shape[0]
    remedy = "Put fewer pictures together, or make them smaller first."
    check_room(f"A batch of {count:,} pictures", (count, *first.shape[1:]), remedy=remedy, input="image2")
    return torch.cat((first, second.to(first)))


def beside(left: Tensor, right: Tensor, gap: int) -> Tensor:
    """Two batches of one shape side by side, with `gap` white pixels between them."""
    between = left.new_ones((*left.shape[:2], gap, left.shape[3]))
    return torch.cat((left, between, right), dim=2)


def match_channels(first: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
    """Both with the channels of the richer one: grey becomes RGB, RGB becomes opaque RGBA."""
    channels = max(first.shape[-1], second.shape[-1])
    return _with_channels(first, channels), _with_channels(second, channels)


def _with_channels(image: Tensor, channels: int) -> Tensor:
    if image.shape[-1] == 1 and channels > 1:
        image = image.expand(-1, -1, -1, 3)
    if image.shape[-1] < channels:
        image = torch.cat((image, torch.ones_like(image[..., :1])), dim=-1)
    return image


def _repeat(batch: Tensor, count: int) -> Tensor:
    """`count` items, taken from `batch` in turn."""
    return batch if batch.shape[0] == count else batch[torch.arange(count) % batch.shape[0]]


def _match_batch(first: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
    count = max(first.shape[0], second.shape[0])
    return _repeat(first, count), _repeat(second, count)


def from_pil(pictures: Sequence[Image.Image]) -> tuple[Tensor, Tensor | None]:
    """Pictures of one size in Pillow's modes "RGB" or "RGBA": (RGB batch, alpha [batch, height, width] or None).

    There is an alpha when one of them has it; the others are opaque then.
    """
    has_alpha = any(picture.mode == "RGBA" for picture in pictures)
    width, height = pictures[0].size
    batch = torch.empty(len(pictures), height, width, 4 if has_alpha else 3)
    for target, picture in zip(batch.numpy(), pictures, strict=True):
        target[...] = np.asarray(picture.convert("RGBA" if has_alpha else "RGB"))
    batch.div_(255.0)
    return batch[..., :3].contiguous(), batch[..., 3].contiguous() if has_alpha else None


def to_pil(image: Tensor) -> Image.Image:
    """One picture [height, width, channels] as 8-bit Pillow picture, rounded to the nearest level."""
    levels = (image.detach().cpu().float().clamp(0, 1) * 255.0).round().to(torch.uint8).numpy()
    return Image.fromarray(levels[..., 0] if levels.shape[-1] == 1 else levels, _MODES[levels.shape[-1]])


def encode(picture: Image.Image, kind: str, **options: int) -> bytes:
    """A Pillow picture as the bytes of a file."""
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()
