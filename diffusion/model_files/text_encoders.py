"""Which text encoder a set of tensors is, by names and widths."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from diffusion.model_files.signs import Sign, all_in

if TYPE_CHECKING:
    from diffusion.families.family import Shapes

TOKENIZERS = ("spiece_model", "tokenizer_json", "tekken_model")
"""Tensors that hold a tokenizer as bytes."""

PREFIXES = ("", "transformer.", "text_model.", "language_model.", "model.language_model.", "text_encoder.")
"""What may stand in front of a text encoder's tensors; the names below are given without."""


@dataclass(frozen=True)
class TextRow:
    """A text encoder: its role, its name, its signs, and the families that go by it."""

    role: str
    name: str
    signs: tuple[Sign, ...]
    serves: tuple[str, ...]


_CLIP = "text_model.encoder.layers.0.mlp.fc1.weight"
_CLIP_BARE = "encoder.layers.0.mlp.fc1.weight"
_OPEN_CLIP = "transformer.resblocks.0.mlp.c_fc.weight"
_OPEN_CLIP_BARE = "resblocks.0.mlp.c_fc.weight"
_T5, _T5_OLD = "encoder.block.0.layer.1.DenseReluDense.wi_1.weight", "encoder.block.0.layer.1.DenseReluDense.wi.weight"
_T5_GGUF = "enc.blk.0.ffn_up.weight"
_EMBED = "model.embed_tokens.weight"
_NORM, _Q_NORM = "model.layers.0.input_layernorm.weight", "model.layers.0.self_attn.q_norm.weight"
_QWEN_25 = "model.layers.0.self_attn.k_proj.bias"
_GEMMA = "model.layers.0.post_feedforward_layernorm.weight"

_CLIP_L, _CLIP_G = ("sd1", "sdxl", "sd3", "flux", "hidream"), ("sdxl", "sdxl_refiner", "sd3", "hidream")
_T5_FOR = ("sd3", "flux", "chroma", "chroma_radiance", "pixart", "ltx", "mochi", "cogvideox", "hidream")


def _clip(role: str, name: str, width: int, serves: tuple[str, ...]) -> list[TextRow]:
    signs = ((_CLIP, 1), (_CLIP_BARE, 1), (_OPEN_CLIP, 1), (_OPEN_CLIP_BARE, 1))
    return [TextRow(role, name, (Sign(key, axis, width),), serves) for key, axis in signs]


def _qwen3(role: str, name: str, width: int, serves: tuple[str, ...]) -> TextRow:
    return TextRow(role, name, (Sign(_Q_NORM), Sign(_NORM, 0, width)), serves)


ROWS = (
    TextRow("umt5", "UMT5-XXL", (Sign(_T5, 1, 4096), Sign("shared.weight", 0, 256384)), ("wan",)),
    TextRow("umt5", "UMT5-XXL", (Sign(_T5_GGUF, 1, 4096), Sign("token_embd.weight", 0, 256384)), ("wan",)),
    TextRow("t5xxl", "T5-XXL 1.1", (Sign(_T5, 1, 4096),), _T5_FOR),
    TextRow("t5xxl", "T5-XXL 1.1", (Sign(_T5_GGUF, 1, 4096),), _T5_FOR),
    TextRow("t5xxl_old", "T5-XXL of the first release", (Sign(_T5_OLD, 1, 1024),), ("cosmos",)),
    TextRow("t5xxl_old", "T5-XXL of the first release", (Sign(_T5_OLD, 1, 4096),), ("cosmos",)),
    TextRow("byt5", "ByT5 small", (Sign(_T5, 1, 1472),), ("hunyuan_video",)),
    TextRow("t5xl", "T5-XL 1.1", (Sign(_T5, 1, 2048),), ("auraflow",)),
    TextRow("t5_base", "T5 base", (Sign(_T5_OLD, 1, 768),), ("stable_audio",)),
    TextRow("t5xxl", "T5 1.1 of another size", (Sign(_T5),), _T5_FOR),
    TextRow("t5xxl", "T5 1.1 of another size", (Sign(_T5_GGUF),), _T5_FOR),
    TextRow("t5", "T5 of the first release", (Sign(_T5_OLD),), ()),
    *_clip("clip_l", "CLIP-L", 768, _CLIP_L),
    *_clip("clip_h", "OpenCLIP-H", 1024, ("sd2",)),
    *_clip("clip_g", "OpenCLIP-bigG", 1280, _CLIP_G),
    *(TextRow("clip_l", "CLIP of another size", (Sign(key),), _CLIP_L) for key in (_CLIP, _CLIP_BARE)),
    *(TextRow("clip_g", "OpenCLIP of another size", (Sign(key),), _CLIP_G) for key in (_OPEN_CLIP, _OPEN_CLIP_BARE)),
    TextRow("gemma_3_12b", "Gemma 3 12B", (Sign(_GEMMA), Sign(_Q_NORM), Sign(_NORM, 0, 3840)), ("ltx2",)),
    TextRow("gemma_3_4b", "Gemma 3 4B", (Sign(_GEMMA), Sign(_Q_NORM)), ()),
    TextRow("gemma_2_2b", "Gemma 2 2B", (Sign(_GEMMA), Sign(_NORM, 0, 2304)), ("lumina2", "sana")),
    TextRow(
        "qwen_2.5_vl_7b", "Qwen2.5-VL 7B", (Sign(_QWEN_25, 0, 512),), ("qwen_image", "hunyuan_video", "kandinsky5")
    ),
    TextRow("qwen_2.5_vl_3b", "Qwen2.5-VL 3B", (Sign(_QWEN_25, 0, 256),), ("omnigen2",)),
    TextRow("mistral_3_24b", "Mistral Small 3", (Sign(_NORM, 0, 5120), Sign(_EMBED, 0, 131072)), ("flux2",)),
    _qwen3("qwen_3_06b", "Qwen3 0.6B", 1024, ("anima",)),
    _qwen3("qwen_3_2b", "Qwen3 2B", 2048, ()),
    _qwen3("qwen_3_4b", "Qwen3 4B", 2560, ("flux2", "zimage", "krea2", "flux3")),
    _qwen3("qwen_3_8b", "Qwen3 8B", 4096, ("flux2", "qwen_image_21")),
    _qwen3("qwen_3_32b", "Qwen3-VL 32B", 5120, ("minimax_h3",)),
    TextRow("llama_3_8b", "Llama 3 8B", (Sign(_NORM, 0, 4096), Sign(_EMBED, 0, 128256)), ("hidream",)),
    TextRow("llama_3_8b", "Llama 3 8B", (Sign(_NORM, 0, 4096), Sign(_EMBED, 0, 128320)), ("hunyuan_video",)),
    TextRow("llm", "language model", (Sign(_NORM),), ()),
    TextRow("llm", "language model", (Sign("blk.0.attn_q.weight"), Sign("token_embd.weight")), ()),
)
USABLE_ROLES = ("clip_l", "clip_g", "clip_h", "t5xxl")
"""Those that families here go by."""


_FIRST = tuple({row.signs[0].name for row in ROWS})


def find_text_encoder(shapes: Shapes) -> TextRow | None:
    """The text encoder that the tensors belong to, whatever stands in front of their names; None for anything else."""
    for prefix in PREFIXES:
        if not any(prefix + name in shapes for name in _FIRST):
            continue
        inner = {name[len(prefix) :]: shape for name, shape in shapes.items() if name.startswith(prefix)}
        for row in ROWS:
            if all_in(row.signs, inner):
                return row
    return None
