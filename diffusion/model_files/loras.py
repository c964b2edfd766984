"""Is it a LoRA, in whatever spelling, and which family was it made for?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from diffusion.families.family import Shapes

SPELLINGS = {
    "LoRA": (
        *(".lora_down.weight", ".lora_up.weight", ".lora_A.weight", ".lora_B.weight", ".lora.down.weight"),
        *(".lora.up.weight", ".lora_A.default.weight", ".lora_linear_layer.down.weight", "_lora.down.weight"),
    ),
    "LoHa": (".hada_w1_a",),
    "LoKr": (".lokr_w1", ".lokr_w1_a", ".lokr_w2"),
    "OFT": (".oft_blocks", ".oft_diag"),
    "difference": (".diff", ".diff_b"),
}
"""How the names of tensors end, by the name of the method."""

_LONGEST_END = max(len(end) for ends in SPELLINGS.values() for end in ends)
_DORA = ".dora_scale"
_GLORA = (".a1.weight", ".a2.weight", ".b1.weight", ".b2.weight")  # all of them, for each alone is in other models

# What is in the names of the layers, where "." and "_" count alike. The first that fits; families before those that
# their blocks are named after.
_BY_NAMES = (
    ("chroma", ("distilled_guidance_layer_",)),
    ("hunyuan_video", ("individual_token_refiner_", "img_mlp_fc1_")),
    ("flux", ("single_transformer_blocks_", "double_blocks_")),
    ("sd3", ("joint_blocks_",)),
    ("qwen_image", ("transformer_blocks_0_img_mlp_", "transformer_blocks_0_img_mod_", "_txt_mlp_net_")),
    ("sd3", ("attn_add_q_proj", "attn_add_k_proj")),
    ("anima", ("llm_adapter_",)),
    ("krea2", ("txtfusion_",)),
    ("wan", ("blocks_0_cross_attn_", "blocks_0_self_attn_", "blocks_0_ffn_0")),
    ("zimage", ("layers_0_attention_", "layers_0_feed_forward_")),
)
_DOWN = (
    *(".lora_down.weight", ".lora_A.weight", ".lora_A.default.weight", ".lora.down.weight", "_lora.down.weight"),
    ".hada_w1_b",
)
_UP = (".lora_up.weight", ".lora_B.weight", ".lora_B.default.weight")
_TO_K = ("attn2_to_k", "attn2.to_k", "attn2.processor.to_k")
_WIDTHS = {768: "sd1", 1024: "sd2", 2048: "sdxl", 1280: "sdxl_refiner"}
_FIRST_ENCODER, _SECOND_ENCODER = ("lora_te1_", "text_encoder."), ("lora_te2_", "text_encoder_2.")
_BASES = (
    (re.compile(r"(sdxl|xl-v1).refiner", re.IGNORECASE), "sdxl_refiner"),
    (re.compile(r"sdxl|sd_xl", re.IGNORECASE), "sdxl"),
    (re.compile(r"sd_?v?1|stable-diffusion-v1", re.IGNORECASE), "sd1"),
    (re.compile(r"sd_?v?2|stable-diffusion-v2", re.IGNORECASE), "sd2"),
    (re.compile(r"sd_?3|stable-diffusion-3", re.IGNORECASE), "sd3"),
    (re.compile(r"flux-?_?1|^flux$", re.IGNORECASE), "flux"),
)


def lora_method(names: Iterable[str]) -> str | None:
    """The method of a LoRA by its tensors' names; None when it is none."""
    together = "\n".join((*{name[-_LONGEST_END:] for name in names}, ""))  # many layers, and few ends
    for method, ends in SPELLINGS.items():
        if any(f"{end}\n" in together for end in ends):
            return "DoRA" if f"{_DORA}\n" in together else method
    return "GLoRA" if all(f"{end}\n" in together for end in _GLORA) else None


def lora_family(shapes: Shapes, metadata: Mapping[str, object]) -> str:
    """The family that a LoRA was made for; "" when nothing tells. Names and widths are believed before metadata."""
    plain = "\n".join(shapes).replace(".", "_")
    for family, marks in _BY_NAMES:
        if any(mark in plain for mark in marks):
            return _by_width(family, shapes)
    widths = _sides(shapes, 1, _TO_K, _DOWN)
    for width in sorted(widths & _WIDTHS.keys(), reverse=True):
        return _WIDTHS[width]
    has_first, has_second = (
        any(name.startswith(begin) for name in shapes) for begin in (_FIRST_ENCODER, _SECOND_ENCODER)
    )
    if has_first and has_second:
        return "sdxl"
    if "transformer_blocks_0_attn" not in plain or "down_blocks" in plain or "input_blocks" in plain:
        for text in said_of_base(metadata):
            for pattern, family in _BASES:
                if pattern.search(text):
                    return family
    # Two families have a second encoder; the one that has nothing else is rare.
    return "sdxl" if has_second else ""


def said_of_base(metadata: Mapping[str, object]) -> tuple[str, ...]:
    """What metadata say of the model that a LoRA was made for: all of them that its family may go by."""
    texts = (metadata.get(key) for key in ("modelspec.architecture", "ss_base_model_version"))
    return tuple(text[:200] for text in texts if isinstance(text, str))


def _by_width(family: str, shapes: Shapes) -> str:
    """Flux.2 names its blocks as Flux.1 does, and its layers take other widths; so do Lumina 2 and Z-Image."""
    if family == "flux":
        out = _sides(shapes, 0, ("single_blocks_0_linear1.", "single_blocks.0.linear1."), _UP)
        return "flux2" if out & {27648, 36864, 55296} else "flux"
    if family == "zimage":
        inner = _sides(shapes, 1, ("layers_0_attention", "layers.0.attention"), _DOWN)
        return "lumina2" if 2304 in inner else "zimage"
    return family


def _sides(shapes: Shapes, axis: int, marks: tuple[str, ...], ends: tuple[str, ...]) -> set[int]:
    """How long a side is of the tensors that end so and have one of the marks in their names."""
    return {
        shape[axis]
        for mark in marks
        for name, shape in shapes.items()
        if mark in name and len(shape) > 1 and name.endswith(ends)
    }
