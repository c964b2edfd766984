"""Families that are known and cannot be used yet: what their denoisers look like, and what they are.

A row moves out of here when its family gets a file in `diffusion.families`. Licences stand here only with the page that
says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from diffusion.families.family import Licence
from diffusion.model_files.signs import Sign, all_in

if TYPE_CHECKING:
    from diffusion.families.family import Shapes


@dataclass(frozen=True)
class Variant:
    """One of a family that shows `signs` besides those of the family."""

    id: str
    name: str
    signs: tuple[Sign, ...]
    licence: Licence | None = None


@dataclass(frozen=True)
class Known:
    """A family that is told by its denoiser's `signs`. `name` says what it is; `makes` "pictures", "films", ...

    `text` and `vae` are the names that the files it needs usually have.
    """

    id: str
    name: str
    signs: tuple[Sign, ...]
    makes: str = "pictures"
    licence: Licence | None = None
    variants: tuple[Variant, ...] = ()
    text: tuple[str, ...] = ()
    vae: tuple[str, ...] = ()


def _row(
    id: str,  # noqa: A002 - what it is
    name: str,
    *signs: Sign | str,
    makes: str = "pictures",
    licence: Licence | None = None,
    variants: tuple[Variant, ...] = (),
    text: tuple[str, ...] = (),
    vae: tuple[str, ...] = (),
) -> Known:
    listed = tuple(Sign(sign) if isinstance(sign, str) else sign for sign in signs)
    return Known(id, name, listed, makes, licence, variants, text, vae)


def _apache(source: str) -> Licence:
    return Licence("Apache 2.0", source)


_FLUX_2 = "double_stream_modulation_img.lin.weight"
_KLEIN_4B = "https://huggingface.co/black-forest-labs/FLUX.2-klein-4B"
_HEAD = "head.modulation"
_QWEN_VAE, _QWEN_7B = ("qwen_image_vae",), ("qwen_2.5_vl_7b", "qwen_2.5_vl_7b_fp8_scaled")
_UMT5 = ("umt5_xxl_fp8_e4m3fn_scaled", "umt5_xxl_fp16")
_HUNYUAN = Licence(
    "Tencent Hunyuan Community License",
    "https://huggingface.co/tencent/HunyuanVideo/blob/main/LICENSE",
    "not in the European Union, the United Kingdom and South Korea",
)
_KREA_2 = Licence(
    "Krea 2 Community License",
    "https://huggingface.co/krea/Krea-2-Raw",
    "commerce with a yearly revenue of 1M US$ or more needs another licence; a filter where it is offered to others",
)
_MINIMAX_H3 = Licence(
    "MiniMax H3 Community License",
    "https://huggingface.co/MiniMaxAI/MiniMax-H3/blob/main/docs/QA-about-License.md",
    "not in the European Union, the United Kingdom, South Korea and the United States",
)
_LTX_2 = Licence(
    "LTX-2.x Community License",
    "https://huggingface.co/Lightricks/LTX-2.5-Pre-Trained",
    "handing on what was made from it may need a paid licence",
)
_IDEOGRAM_4 = Licence(
    "Ideogram Non-Commercial Model Agreement",
    "https://raw.githubusercontent.com/ideogram-oss/ideogram4/main/model_licenses/LICENSE-IDEOGRAM-4-NON-COMMERCIAL",
    "not for commerce",
)
_FLUX_2_DEV = Licence(
    "FLUX [dev] Non-Commercial License", "https://huggingface.co/black-forest-labs/FLUX.2-dev", "not for commerce"
)

KNOWN = (
    _row(
        "flux2",
        "Flux.2",
        _FLUX_2,
        variants=(
            Variant("dev", "Flux.2 dev", (Sign(_FLUX_2, 0, 36864),), _FLUX_2_DEV),
            Variant("klein_4b", "Flux.2 Klein 4B", (Sign(_FLUX_2, 0, 18432),), _apache(_KLEIN_4B)),
            Variant("klein_9b", "Flux.2 Klein 9B", (Sign(_FLUX_2, 0, 24576),)),
        ),
        text=("mistral_3_small_flux2", "qwen_3_4b", "qwen_3_8b"),
        vae=("flux2-vae",),
    ),
    _row("flux3", "Flux.3 Klein", "early_stream_modulations.image.lin.weight", text=("qwen3vl_4b",)),
    _row(
        "chroma_radiance",
        "Chroma Radiance",
        "distilled_guidance_layer.in_proj.bias",
        "img_in_patch.weight",
        licence=_apache("https://huggingface.co/lodestones/Chroma1-Radiance"),
        text=("t5xxl_fp16",),
    ),
    _row("chroma", "Chroma", "distilled_guidance_layer.in_proj.bias", text=("t5xxl_fp16",), vae=("ae",)),
    _row(
        "qwen_image_21",
        "Qwen-Image 2.1",
        "txt_in.text_norm.weight",
        "transformer_blocks.0.attn.norm_q.weight",
        text=("qwen3vl_8b",),
        vae=("qwen_image_2.1_vae",),
    ),
    _row(
        "mage_flow",
        "Mage-Flow",
        Sign("txt_norm.weight", 0, 2560),
        Sign("proj_out.weight", 0, 128),
    ),
    _row(
        "qwen_image",
        "Qwen-Image",
        "txt_norm.weight",
        "transformer_blocks.0.attn.add_k_proj.weight",
        licence=_apache("https://huggingface.co/Qwen/Qwen-Image"),
        variants=(
            Variant("layered", "Qwen-Image Layered", (Sign("time_text_embed.addition_t_embedding.weight"),)),
            Variant("edit_2511", "Qwen-Image Edit 2511", (Sign("__index_timestep_zero__"),)),
        ),
        text=_QWEN_7B,
        vae=_QWEN_VAE,
    ),
    _row(
        "zimage",
        "Z-Image",
        Sign("cap_embedder.1.weight", 0, 3840),
        "noise_refiner.0.attention.k_norm.weight",
        licence=_apache("https://huggingface.co/Tongyi-MAI/Z-Image-Turbo"),
        text=("qwen_3_4b",),
        vae=("ae",),
    ),
    _row(
        "lumina2",
        "Lumina 2",
        "cap_embedder.1.weight",
        "noise_refiner.0.attention.k_norm.weight",
        text=("gemma_2_2b_fp16",),
        vae=("ae",),
    ),
    _row(
        "krea2",
        "Krea 2",
        "txtfusion.projector.weight",
        licence=_KREA_2,
        text=("qwen3vl_4b_fp8_scaled",),
        vae=_QWEN_VAE,
    ),
    _row(
        "anima",
        "Anima",
        "llm_adapter.blocks.0.cross_attn.q_proj.weight",
        "blocks.0.mlp.layer1.weight",
        text=("qwen_3_06b_base",),
        vae=_QWEN_VAE,
    ),
    _row("ideogram4", "Ideogram 4", "embed_image_indicator.weight", licence=_IDEOGRAM_4, vae=("flux2-vae",)),
    _row(
        "boogu",
        "Boogu-Image",
        "double_stream_layers.0.img_instruct_attn.processor.img_to_q.weight",
    ),
    _row("omnigen2", "OmniGen2", "time_caption_embed.timestep_embedder.linear_1.bias"),
    _row("hidream_o1", "HiDream-O1", "t_embedder1.mlp.0.weight", "x_embedder.proj1.weight"),
    _row(
        "hidream",
        "HiDream",
        "caption_projection.0.linear.weight",
        licence=Licence("MIT", "https://huggingface.co/HiDream-ai/HiDream-I1-Full"),
        text=("clip_l_hidream", "clip_g_hidream", "t5xxl_fp8_e4m3fn_scaled", "llama_3.1_8b_instruct_fp8_scaled"),
        vae=("ae",),
    ),
    _row("ernie_image", "ERNIE-Image", "layers.0.mlp.linear_fc2.weight"),
    _row("pixart", "PixArt", "t_block.1.weight", text=("t5xxl_fp16",), vae=("sdxl_vae",)),
    _row("sana", "Sana", "attention_y_norm.weight", text=("gemma_2_2b_fp16",)),
    _row("auraflow", "AuraFlow", "double_layers.0.attn.w1q.weight"),
    _row("stable_cascade", "Stable Cascade", "clf.1.weight"),
    _row("hunyuan_dit", "HunyuanDiT", "mlp_t5.0.weight"),
    _row("kandinsky5", "Kandinsky 5", "visual_transformer_blocks.0.cross_attention.key_norm.weight"),
    _row("cosmos", "Cosmos", "blocks.block0.blocks.0.block.attn.to_q.0.weight", makes="films"),
    _row("cosmos_predict2", "Cosmos Predict2", "blocks.0.mlp.layer1.weight", "x_embedder.proj.1.weight"),
    _row(
        "wan",
        "Wan",
        _HEAD,
        "patch_embedding.weight",
        makes="films",
        licence=_apache("https://huggingface.co/Wan-AI/Wan2.1-T2V-14B"),
        variants=(
            Variant("vace", "Wan VACE", (Sign("vace_patch_embedding.weight"),)),
            Variant("animate", "Wan Animate", (Sign("face_adapter.fuser_blocks.0.k_norm.weight"),)),
            Variant("s2v", "Wan S2V", (Sign("casual_audio_encoder.encoder.final_linear.weight"),)),
            Variant("camera", "Wan with camera control", (Sign("control_adapter.conv.weight"),)),
            Variant("ti2v_5b", "Wan 2.2 TI2V 5B", (Sign(_HEAD, 2, 3072), Sign("patch_embedding.weight", 1, 48))),
            Variant("i2v_14b_2.1", "Wan 2.1 I2V 14B", (Sign(_HEAD, 2, 5120), Sign("img_emb.proj.0.bias"))),
            Variant("i2v_14b", "Wan 2.2 I2V 14B", (Sign(_HEAD, 2, 5120), Sign("patch_embedding.weight", 1, 36))),
            Variant("t2v_14b", "Wan T2V 14B", (Sign(_HEAD, 2, 5120),)),
            Variant("t2v_1.3b", "Wan 2.1 T2V 1.3B", (Sign(_HEAD, 2, 1536), Sign("patch_embedding.weight", 1, 16))),
        ),
        text=_UMT5,
        vae=("wan_2.1_vae", "wan2.2_vae"),
    ),
    _row(
        "minimax_h3",
        "MiniMax H3",
        "video_patch_proj.weight",
        "audio_patch_proj.weight",
        makes="films",
        licence=_MINIMAX_H3,
        text=("qwen3vl_32b_minimax_h3_nvfp4_awq",),
    ),
    _row(
        "ltx2",
        "LTX-2",
        "adaln_single.emb.timestep_embedder.linear_1.bias",
        "audio_adaln_single.linear.weight",
        makes="films",
        licence=_LTX_2,
        variants=(
            Variant("2.5", "LTX-2.5", (Sign("keyframes_abs_pos_embedding"),)),
            Variant("2.3", "LTX-2.3", (Sign("prompt_scale_shift_table"),)),
        ),
        text=("gemma_3_12B_it_fp4_mixed",),
    ),
    _row("pixart", "PixArt", "adaln_single.emb.timestep_embedder.linear_1.bias", "pos_embed.proj.bias"),
    _row("ltx", "LTX-Video", "adaln_single.emb.timestep_embedder.linear_1.bias", makes="films", text=("t5xxl_fp16",)),
    _row(
        "hunyuan_video",
        "HunyuanVideo",
        "txt_in.individual_token_refiner.blocks.0.norm1.weight",
        makes="films",
        licence=_HUNYUAN,
        variants=(
            Variant("1.5", "HunyuanVideo 1.5", (Sign("cond_type_embedding.weight"),)),
            Variant("image", "HunyuanImage", (Sign("img_in.proj.weight", 1, 64),)),
        ),
        text=("qwen_2.5_vl_7b_fp8_scaled", "byt5_small_glyphxl_fp16"),
        vae=("hunyuanvideo15_vae_fp16",),
    ),
    _row("mochi", "Mochi", "t5_yproj.weight", makes="films", text=("t5xxl_fp16",)),
    _row("cogvideox", "CogVideoX", "blocks.0.norm1.linear.weight", "patch_embed.text_proj.weight", makes="films"),
    _row("seedvr2", "SeedVR2", "blocks.31.mlp.all.proj_in_gate.weight", makes="larger pictures and films"),
    _row("seedvr2", "SeedVR2", "blocks.35.mlp.all.proj_in_gate.weight", makes="larger pictures and films"),
    _row("seedvr2", "SeedVR2", "blocks.35.mlp.vid.proj_out.weight", makes="larger pictures and films"),
    _row("hunyuan3d", "Hunyuan3D", "latent_in.weight", "cond_in.weight", makes="bodies"),
    _row(
        "stable_audio",
        "Stable Audio",
        "transformer.rotary_pos_emb.inv_freq",
        "to_timestep_embed.0.weight",
        makes="sound",
    ),
    _row("ace_step", "ACE-Step", "genre_embedder.weight", makes="music"),
    _row("ace_step", "ACE-Step 1.5", "encoder.lyric_encoder.layers.0.input_layernorm.weight", makes="music"),
    _row(
        "playground25",
        "Playground 2.5",
        "edm_mean",
        "input_blocks.0.0.weight",
    ),
    _row("kolors", "Kolors", "encoder_hid_proj.weight", "add_embedding.linear_1.weight"),
    _row("svd", "Stable Video Diffusion", "input_blocks.1.1.time_stack.0.attn1.to_q.weight", makes="films"),
    _row("sd_upscaler", "Stable Diffusion x4 upscaler", Sign("input_blocks.0.0.weight", 1, 7)),
    _row("sd2_depth", "Stable Diffusion 2 with depth", Sign("input_blocks.0.0.weight", 1, 5)),
    _row("sd2_unclip", "Stable Diffusion 2.1 unCLIP", Sign("label_emb.0.0.weight", 1, 2048)),
    _row("sd2_unclip", "Stable Diffusion 2.1 unCLIP", Sign("label_emb.0.0.weight", 1, 1536)),
)


def find_known(shapes: Shapes) -> tuple[Known, Variant | None] | None:
    """The known family that a denoiser's tensors belong to, with its variant; None when they are of none of them."""
    for row in KNOWN:
        if all_in(row.signs, shapes):
            return row, next((variant for variant in row.variants if all_in(variant.signs, shapes)), None)
    return None
