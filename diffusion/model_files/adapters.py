"""Models that steer or help another one: ControlNets, adapters, image encoders, previews, motion, and their like."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from diffusion.model_files.signs import Sign

if TYPE_CHECKING:
    from diffusion.families.family import Shapes


@dataclass(frozen=True)
class AdapterRow:
    """A kind of file, told by any of its `signs`; `starts` are how names begin, where a number follows."""

    kind: str
    name: str
    signs: tuple[Sign, ...] = ()
    starts: tuple[str, ...] = ()
    family: str = ""


ROWS = (
    AdapterRow("controlnet", "Control LoRA", (Sign("lora_controlnet"),)),
    AdapterRow(
        "controlnet",
        "ControlNet of Stable Diffusion",
        (
            Sign("zero_convs.0.0.weight"),
            Sign("controlnet_cond_embedding.conv_in.weight"),
            Sign("controlnet_down_blocks.0.weight"),
        ),
    ),
    AdapterRow("controlnet", "ControlNet of Flux.1", (Sign("controlnet_single_blocks.0.weight"),), family="flux"),
    AdapterRow("controlnet", "ControlNet of a transformer", (Sign("controlnet_x_embedder.weight"),)),
    AdapterRow("controlnet", "ControlNet of SD3", (Sign("pos_embed_input.proj.weight"),), family="sd3"),
    AdapterRow("controlnet", "ControlNet of Z-Image", (Sign("control_all_x_embedder.2-1.weight"),), family="zimage"),
    AdapterRow("controlnet", "ControlNet", (Sign("controlnet_blocks.0.weight"),)),
    AdapterRow(
        "t2i_adapter",
        "T2I adapter",
        (Sign("body.0.in_conv.weight"), Sign("adapter.body.0.resnets.0.block1.weight"), Sign("body.0.block1.weight")),
    ),
    AdapterRow(
        "ip_adapter",
        "IP adapter",
        starts=("image_proj.", "ip_adapter.", "ip_adapter_proj_model.", "image_proj_model."),
    ),
    AdapterRow("style_model", "Flux.1 Redux", (Sign("redux_up.weight"),), family="flux"),
    AdapterRow("style_model", "style adapter", (Sign("style_embedding"),)),
    AdapterRow("photomaker", "PhotoMaker", starts=("id_encoder.",)),
    AdapterRow("gligen", "GLIGEN", starts=("position_net.",)),
    AdapterRow(
        "motion_module",
        "motion module of AnimateDiff",
        starts=("down_blocks.0.motion_modules.", "mid_block.motion_modules."),
        family="sd1",
    ),
    AdapterRow("audio_encoder", "audio encoder", starts=("wav2vec2.", "feature_extractor.conv_layers.")),
    AdapterRow("vae_approx", "TAESD", (Sign("decoder.layers.1.weight"), Sign("encoder.layers.0.weight"))),
    AdapterRow("vae_approx", "TAESD", (Sign("taesd_decoder.1.weight"), Sign("taesd_encoder.0.weight"))),
    AdapterRow("vae_approx", "TAESD", (Sign("3.conv.0.weight"), Sign("1.conv.0.weight"))),
    AdapterRow("model_patch", "model patch", starts=("controlnet_patch.", "control_layers.")),
    AdapterRow("hypernetwork", "hypernetwork", (Sign("768"),)),
)
_ATTENTION = (
    "down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k.weight",
    "input_blocks.4.1.transformer_blocks.0.attn2.to_k.weight",
    "down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k.weight",
    "input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight",
)
_WIDTHS = {768: "sd1", 1024: "sd2", 2048: "sdxl"}
_IP_WIDTHS = {768: "sd1", 1024: "sd2", 2048: "sdxl", 3072: "flux", 2432: "sd3"}
_IP_KEYS = ("ip_adapter.1.to_k_ip.weight", "1.to_k_ip.weight")


_PATCHES = ("vision_model.embeddings.patch_embedding.weight", "visual.conv1.weight")
_OF_LLAMA_CPP = "v.patch_embd.weight"
_DINO = "embeddings.patch_embeddings.projection.weight"
_IMAGE_ENCODERS = {1024: "CLIP-L image encoder", 1280: "CLIP-H image encoder", 1664: "CLIP-bigG image encoder"}


def find_image_encoder(shapes: Shapes) -> str | None:
    """The name of an encoder of pictures; None for others. Ask for text encoders first: some have an image encoder
    beside them."""
    for key in (*_PATCHES, f"vision_model.{_PATCHES[0]}"):
        if shape := shapes.get(key):
            return "SigLIP image encoder" if shape[0] == 1152 else _IMAGE_ENCODERS.get(shape[0], "image encoder")
    return "image encoder" if _DINO in shapes or _OF_LLAMA_CPP in shapes else None


def find_adapter(shapes: Shapes) -> AdapterRow | None:
    """What the tensors belong to, with the family that it was made for where its widths tell; None for others."""
    start = next((name for name in shapes if name.startswith(_STARTS)), "")
    for row in ROWS:
        if any(sign.is_in(shapes) for sign in row.signs) or (start and start.startswith(row.starts)):
            return AdapterRow(row.kind, row.name, family=row.family or _family(row, shapes))
    return None


_STARTS = tuple(start for row in ROWS for start in row.starts)


def _family(row: AdapterRow, shapes: Shapes) -> str:
    if row.kind == "controlnet" and "controlnet_x_embedder.weight" in shapes:
        return "qwen_image" if "txt_norm.weight" in shapes else "flux"
    if row.kind == "controlnet":
        width = next((shapes[name][-1] for name in _ATTENTION if shapes.get(name)), 0)
        return _WIDTHS.get(width, "")
    if row.kind == "ip_adapter":
        width = next((shapes[name][-1] for name in _IP_KEYS if shapes.get(name)), 0)
        return _IP_WIDTHS.get(width, "")
    return ""
