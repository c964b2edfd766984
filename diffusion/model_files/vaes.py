"""Which VAE a set of tensors is, by names and by the channels of its latents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from diffusion.families.family import Shapes


@dataclass(frozen=True)
class VaeRow:
    """A VAE: its name, the channels of its latents, and the families that paint such latents. `is_usable`: whether its
    layout is that of the VAEs which are loaded here."""

    name: str
    channels: int
    serves: tuple[str, ...]
    is_usable: bool = False


_SD = ("sd1", "sd2", "sdxl", "sdxl_refiner", "pixart", "auraflow", "hunyuan_dit", "kolors", "playground25")
_SIXTEEN = ("sd3", "flux", "zimage", "lumina2", "chroma", "hidream", "omnigen2")


def find_vae(shapes: Shapes) -> VaeRow | None:
    """The VAE that the tensors belong to; None for anything else."""
    deepest = shapes.get("decoder.conv_in.weight")
    has_encoder = "encoder.conv_in.weight" in shapes
    if deepest is not None and len(deepest) == 4 and has_encoder:
        channels = deepest[1]
        named = "decoder.mid.block_1.norm1.weight" in shapes or "decoder.mid_block.resnets.0.norm1.weight" in shapes
        if channels == 32 and "bn.running_mean" in shapes:
            return VaeRow("VAE of Flux.2", 32, ("flux2",))
        serves = serves_of(channels)
        return VaeRow(f"VAE with {channels} channels", channels, serves, is_usable=named and bool(serves))
    if "decoder.middle.0.residual.0.gamma" in shapes:
        channels = _side(shapes, "conv2.weight", 0)
        if channels == 48:
            return VaeRow("VAE of Wan 2.2", 48, ("wan",))
        return VaeRow("VAE of Wan 2.1 or Qwen-Image", channels, ("wan", "qwen_image", "krea2", "anima"))
    if "decoder.mid_block.resnets.0.norm1.gamma" in shapes:
        return VaeRow("VAE of Wan or Qwen-Image", _side(shapes, "decoder.conv_in.weight", 1), ("wan", "qwen_image"))
    if "decoder.up_blocks.0.res_blocks.0.conv1.conv.weight" in shapes:
        return VaeRow("VAE of LTX", _side(shapes, "decoder.conv_in.conv.weight", 1), ("ltx", "ltx2"))
    if "decoder.mid.block_1.conv1.conv.weight" in shapes:
        return VaeRow("VAE of HunyuanVideo", _side(shapes, "decoder.conv_in.conv.weight", 1), ("hunyuan_video",))
    if "decoder.stages.0.main.0.conv.weight" in shapes or "decoder.project_in.main.conv.weight" in shapes:
        return VaeRow("DC-AE", 32, ("sana",))
    if deepest is not None or "decoder.conv_in.conv.weight" in shapes:
        return VaeRow("VAE of a family that is not known", 0, ())
    return None


def serves_of(channels: int) -> tuple[str, ...]:
    """The families that paint latents of so many channels, of the VAEs in the layout that is loaded here."""
    return {4: _SD, 16: _SIXTEEN}.get(channels, ())


def _side(shapes: Shapes, name: str, axis: int) -> int:
    shape = shapes.get(name, ())
    return shape[axis] if axis < len(shape) else 0
