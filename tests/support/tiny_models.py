"""Tiny checkpoints with random weights: everything of the real thing but the pictures. Built offline in milliseconds.

`write_checkpoint(folder)` writes a diffusers folder of the Stable Diffusion family. Its pictures are noise, but every
code path from prompt to pixels is the real one.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from tests.support.pipeline_folders import write_pipeline

os.environ.setdefault("HF_HUB_OFFLINE", "1")

if TYPE_CHECKING:
    from pathlib import Path

_BETAS = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "steps_offset": 1}
_MERGES = [("c", "a"), ("ca", "t</w>"), ("d", "o"), ("do", "g</w>"), ("r", "e"), ("re", "d</w>")]


def tokenizer() -> Any:
    """A CLIP tokenizer that knows single bytes and the words cat, dog and red."""
    from transformers import CLIPTokenizer

    letters = _byte_letters()
    words = [*letters, *(f"{letter}</w>" for letter in letters), *(a + b for a, b in _MERGES)]
    vocab = {word: i for i, word in enumerate([*words, "<|startoftext|>", "<|endoftext|>"])}
    return CLIPTokenizer(vocab=vocab, merges=_MERGES, model_max_length=77)


def text_encoder(tokens: Any, *, width: int = 32, layers: int = 3, seed: int = 0) -> Any:
    """A CLIP text encoder for a tokenizer."""
    import torch
    from transformers import CLIPTextConfig, CLIPTextModel

    torch.manual_seed(seed)
    config = CLIPTextConfig(
        vocab_size=len(tokens),
        hidden_size=width,
        intermediate_size=2 * width,
        num_hidden_layers=layers,
        num_attention_heads=4,
        max_position_embeddings=77,
        projection_dim=width,
        bos_token_id=tokens.bos_token_id,
        eos_token_id=tokens.eos_token_id,
        pad_token_id=tokens.pad_token_id,
    )
    return CLIPTextModel(config).eval()


def unet(*, context: int = 32, channels: int = 4, seed: int = 0, **more: Any) -> Any:
    """A UNet of two levels with cross-attention in the lower one."""
    import torch
    from diffusers import UNet2DConditionModel

    torch.manual_seed(seed)
    return UNet2DConditionModel(
        sample_size=8,
        in_channels=channels,
        out_channels=channels,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        block_out_channels=(16, 32),
        layers_per_block=1,
        cross_attention_dim=context,
        attention_head_dim=8,
        norm_num_groups=8,
        **more,
    ).eval()


def vae(*, channels: int = 4, stages: int = 4, seed: int = 0) -> Any:
    """An autoencoder with a factor of 2 ** (stages - 1)."""
    import torch
    from diffusers import AutoencoderKL

    torch.manual_seed(seed)
    return AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * stages,
        up_block_types=("UpDecoderBlock2D",) * stages,
        block_out_channels=(8,) * stages,
        layers_per_block=1,
        latent_channels=channels,
        norm_num_groups=4,
        scaling_factor=0.18215,
        sample_size=32,
    ).eval()


def write_checkpoint(
    folder: Path, *, prediction: str = "epsilon", channels: int = 4, stages: int = 4, layers: int = 3, seed: int = 0
) -> Path:
    """Writes the folder of a StableDiffusionPipeline (safetensors) and gives its path."""
    from diffusers import EulerDiscreteScheduler

    tokens = tokenizer()
    parts = {
        "vae": vae(channels=channels, stages=stages, seed=seed),
        "text_encoder": text_encoder(tokens, layers=layers, seed=seed),
        "tokenizer": tokens,
        "unet": unet(channels=channels, seed=seed),
        "scheduler": EulerDiscreteScheduler(prediction_type=prediction, **_BETAS),
        "safety_checker": None,
        "feature_extractor": None,
        "requires_safety_checker": False,
    }
    return write_pipeline(folder, "StableDiffusionPipeline", parts)


def _byte_letters() -> list[str]:
    """The 256 letters that byte-level BPE writes bytes with."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    return [chr(byte) for byte in printable] + [chr(256 + i) for i in range(len(others))]
