"""The networks of each family with random weights, as small as their structure allows: a head of real width each."""

from __future__ import annotations

import os
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch

from diffusion.layouts.unet_blocks import Blocks

FLUX_HEAD = 128
CLIP_HEAD = 64

_LEVELS: dict[str, dict[str, Any]] = {
    "sd1": {
        "down_block_types": ("CrossAttnDownBlock2D", "DownBlock2D"),
        "up_block_types": ("UpBlock2D", "CrossAttnUpBlock2D"),
        "block_out_channels": (32, 64),
        "attention_head_dim": 8,
        "cross_attention_dim": CLIP_HEAD,
    },
    "sd2": {
        "down_block_types": ("CrossAttnDownBlock2D", "DownBlock2D"),
        "up_block_types": ("UpBlock2D", "CrossAttnUpBlock2D"),
        "block_out_channels": (64, 128),
        "attention_head_dim": (1, 2),
        "use_linear_projection": True,
        "upcast_attention": True,
        "cross_attention_dim": CLIP_HEAD,
    },
    "sdxl": {
        "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        "up_block_types": ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        "block_out_channels": (32, 64, 128),
        "transformer_layers_per_block": (1, 1, 2),
        "attention_head_dim": (1, 1, 2),
        "use_linear_projection": True,
        "addition_embed_type": "text_time",
        "addition_time_embed_dim": 256,
        "projection_class_embeddings_input_dim": CLIP_HEAD + 6 * 256,
        "cross_attention_dim": 2 * CLIP_HEAD,
    },
    "sdxl_refiner": {
        "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"),
        "up_block_types": ("UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        "block_out_channels": (32, 64, 128, 128),
        "transformer_layers_per_block": 2,
        "attention_head_dim": (1, 1, 2, 2),
        "use_linear_projection": True,
        "addition_embed_type": "text_time",
        "addition_time_embed_dim": 256,
        "projection_class_embeddings_input_dim": CLIP_HEAD + 5 * 256,
        "cross_attention_dim": CLIP_HEAD,
    },
}


def unet(style: str, *, seed: int = 0, channels: int = 4) -> Any:
    """A UNet of a family."""
    from diffusers import UNet2DConditionModel

    torch.manual_seed(seed)
    return UNet2DConditionModel(
        sample_size=8, in_channels=channels, out_channels=4, layers_per_block=2, **_LEVELS[style]
    ).eval()


def pruned_unet() -> Any:
    """A UNet of SDXL whose levels have other depths on the way up than on the way down."""
    from diffusers import UNet2DConditionModel

    torch.manual_seed(0)
    levels = _LEVELS["sdxl"] | {
        "transformer_layers_per_block": (1, (2, 1), 2),
        "reverse_transformer_layers_per_block": ((2, 2, 3), (1, 2, 1), 1),
    }
    return UNet2DConditionModel(sample_size=8, layers_per_block=2, **levels).eval()


def blocks(module: Any) -> Blocks:
    """How the LDM layout numbers the blocks of a UNet."""
    levels, layers = len(module.down_blocks), module.config.layers_per_block
    attending = [place for place, block in enumerate(module.up_blocks) if hasattr(block, "attentions")]
    numbers = {place * (layers + 1) + layer for place in attending for layer in range(layers + 1)}
    return Blocks(levels, layers, frozenset(numbers))


def sd3(variant: str = "plain", *, seed: int = 0) -> Any:
    """A transformer of SD3; "medium" attends twice in its first block."""
    from diffusers import SD3Transformer2DModel

    torch.manual_seed(seed)
    return SD3Transformer2DModel(
        sample_size=8,
        patch_size=2,
        in_channels=16,
        num_layers=3,
        attention_head_dim=64,
        num_attention_heads=2,
        joint_attention_dim=4 * CLIP_HEAD,
        caption_projection_dim=128,
        pooled_projection_dim=2 * CLIP_HEAD,
        out_channels=16,
        pos_embed_max_size=24,
        dual_attention_layers=(0,) if variant == "medium" else (),
        qk_norm=None if variant == "without norms" else "rms_norm",
    ).eval()


def flux(*, guidance: bool, heads: int = 1, channels: int = 64, seed: int = 0, device: str = "cpu") -> Any:
    """A transformer of Flux.1: dev with guidance, schnell without."""
    from diffusers import FluxTransformer2DModel

    torch.manual_seed(seed)
    with torch.device(device):
        return FluxTransformer2DModel(
            patch_size=1,
            in_channels=channels,
            out_channels=64,
            num_layers=2,
            num_single_layers=2,
            attention_head_dim=FLUX_HEAD,
            num_attention_heads=heads,
            joint_attention_dim=2 * CLIP_HEAD,
            pooled_projection_dim=CLIP_HEAD,
            guidance_embeds=guidance,
            axes_dims_rope=(16, 56, 56),
        ).eval()


def vae(*, channels: int = 4, quant_conv: bool = True, seed: int = 0) -> Any:
    """An autoencoder with a factor of 8."""
    from diffusers import AutoencoderKL

    torch.manual_seed(seed)
    return AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        block_out_channels=(32, 32, 64, 64),
        layers_per_block=1,
        latent_channels=channels,
        use_quant_conv=quant_conv,
        use_post_quant_conv=quant_conv,
        sample_size=32,
    ).eval()


def clip(*, projected: bool, activation: str = "quick_gelu", words: int = 520, seed: int = 0) -> Any:
    """A text encoder of CLIP; its last two words are start and end."""
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

    torch.manual_seed(seed)
    config = CLIPTextConfig(
        vocab_size=words,
        hidden_size=CLIP_HEAD,
        intermediate_size=2 * CLIP_HEAD,
        num_hidden_layers=3,
        num_attention_heads=1,
        projection_dim=CLIP_HEAD,
        hidden_act=activation,
        bos_token_id=words - 2,
        eos_token_id=words - 1,
        pad_token_id=words - 1,
    )
    return (CLIPTextModelWithProjection if projected else CLIPTextModel)(config).eval()


def t5(*, width: int = 2 * CLIP_HEAD, words: int = 300, seed: int = 0) -> Any:
    """An encoder of T5 v1.1."""
    from transformers import T5Config, T5EncoderModel

    torch.manual_seed(seed)
    config = T5Config(
        vocab_size=words,
        d_model=width,
        d_kv=CLIP_HEAD,
        d_ff=2 * width,
        num_layers=2,
        num_heads=2,
        feed_forward_proj="gated-gelu",
        is_encoder_decoder=False,
        use_cache=False,
        tie_word_embeddings=False,
    )
    return T5EncoderModel(config).eval()
