"""LoRAs in all spellings, and the family each was made for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from diffusion.model_files.recognise import recognise
from tests.support.sparse_files import write_plain

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

KOHYA = "lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k"


@pytest.mark.parametrize(
    ("tensors", "method", "family"),
    [
        # kohya
        ({f"{KOHYA}.lora_down.weight": (8, 768), f"{KOHYA}.lora_up.weight": (640, 8)}, "LoRA", "sd1"),
        ({f"{KOHYA}.lora_up.weight": (640, 8), f"{KOHYA}.alpha": ()}, "LoRA", ""),
        ({f"{KOHYA}.lora_down.weight": (8, 1024)}, "LoRA", "sd2"),
        ({f"{KOHYA}.lora_down.weight": (8, 2048)}, "LoRA", "sdxl"),
        ({f"{KOHYA}.lora_down.weight": (8, 2048, 1, 1)}, "LoRA", "sdxl"),
        ({"lora_te2_text_model_encoder_layers_0_mlp_fc1.lora_down.weight": (8, 1280)}, "LoRA", "sdxl"),
        ({"lora_unet_double_blocks_0_img_attn_qkv.lora_down.weight": (16, 3072)}, "LoRA", "flux"),
        ({"lora_unet_joint_blocks_0_x_block_attn_qkv.lora_down.weight": (16, 2432)}, "LoRA", "sd3"),
        # PEFT and diffusers
        ({"unet.down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k.lora_A.weight": (4, 2048)}, "LoRA", "sdxl"),
        ({"base_model.model.mid_block.attentions.0.transformer_blocks.0.attn2.to_k.lora_A.default.weight": (4, 768)},
         "LoRA", "sd1"),
        ({"unet.mid_block.attentions.0.transformer_blocks.0.attn2.processor.to_k_lora.down.weight": (4, 768)},
         "LoRA", "sd1"),
        ({"transformer.single_transformer_blocks.0.attn.to_q.lora_A.weight": (16, 3072)}, "LoRA", "flux"),
        ({"transformer.transformer_blocks.0.attn.add_q_proj.lora_B.weight": (1536, 16)}, "LoRA", "sd3"),
        ({"transformer.transformer_blocks.0.img_mlp.net.0.proj.lora_A.weight": (16, 3072),
          "transformer.transformer_blocks.0.attn.add_q_proj.lora_A.weight": (16, 3072)}, "LoRA", "qwen_image"),
        # ai-toolkit and ComfyUI
        ({"diffusion_model.double_blocks.0.img_attn.qkv.lora_A.weight": (16, 3072)}, "LoRA", "flux"),
        ({"diffusion_model.single_blocks.0.linear1.lora_B.weight": (27648, 16),
          "diffusion_model.double_blocks.0.img_attn.qkv.lora_A.weight": (16, 3072)}, "LoRA", "flux2"),
        ({"diffusion_model.blocks.0.cross_attn.k.lora_A.weight": (32, 5120)}, "LoRA", "wan"),
        ({"diffusion_model.layers.0.attention.qkv.lora_A.weight": (32, 3840)}, "LoRA", "zimage"),
        ({"diffusion_model.layers.0.attention.qkv.lora_A.weight": (32, 2304)}, "LoRA", "lumina2"),
        ({"diffusion_model.distilled_guidance_layer.in_proj.lora_A.weight": (32, 64),
          "diffusion_model.double_blocks.0.img_attn.qkv.lora_A.weight": (32, 3072)}, "LoRA", "chroma"),
        # the control LoRAs of Flux.1 carry norms beside their matrices
        ({"double_blocks.0.img_attn.norm.key_norm.scale": (128,), "img_in.lora_A.weight": (128, 128)}, "LoRA", "flux"),
        # LyCORIS
        ({f"{KOHYA}.hada_w1_a": (640, 8), f"{KOHYA}.hada_w1_b": (8, 2048)}, "LoHa", "sdxl"),
        ({f"{KOHYA}.lokr_w1": (8, 8), f"{KOHYA}.lokr_w2_a": (80, 8)}, "LoKr", ""),
        ({f"{KOHYA}.lora_down.weight": (8, 768), f"{KOHYA}.dora_scale": (1, 640)}, "DoRA", "sd1"),
        ({f"{KOHYA}.diff": (640, 768)}, "difference", ""),
        ({"lora_unet_out_2.diff_b": (4,)}, "difference", ""),
        ({f"{KOHYA}.oft_blocks": (4, 160, 160)}, "OFT", ""),
        ({f"{KOHYA}.{end}.weight": (8, 8) for end in ("a1", "a2", "b1", "b2")}, "GLoRA", ""),
    ],
)  # fmt: skip
def test_each_spelling_is_a_lora_of_its_family(
    tmp_path: Path, tensors: dict[str, Sequence[int]], method: str, family: str
) -> None:
    found = recognise(write_plain(tmp_path / "lora.safetensors", tensors))
    assert (found.kind, found.name, found.family) == ("lora", method, family)


@pytest.mark.parametrize(
    ("metadata", "family"),
    [
        ({"ss_base_model_version": "sdxl_base_v1-0"}, "sdxl"),
        ({"modelspec.architecture": "stable-diffusion-v1/lora"}, "sd1"),
        ({"modelspec.architecture": "flux-1-dev/lora"}, "flux"),
        ({"modelspec.architecture": "x" * 1000}, ""),
        ({"ss_base_model_version": "who knows"}, ""),
    ],
)
def test_metadata_tell_the_family_where_widths_do_not(tmp_path: Path, metadata: dict[str, str], family: str) -> None:
    tensors = {"lora_unet_mid_block_attentions_0_proj_in.lora_down.weight": (8, 1280, 1, 1)}
    assert recognise(write_plain(tmp_path / "lora.safetensors", tensors, metadata=metadata)).family == family
