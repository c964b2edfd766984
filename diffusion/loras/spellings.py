"""How LoRA files spell the names of their tensors: which layer, and which part of its change. Free of torch.

kohya writes `lora_unet_down_blocks_0_..._to_q.lora_down.weight`, PEFT
`base_model.model.down_blocks.0...to_q.lora_A.weight`,
diffusers `unet.down_blocks.0...to_q.lora_A.weight`, or formerly `...attn1.processor.to_q_lora.down.weight`. A name is a
beginning that says which network, the path of a layer, and an end that says which part. Dots and underscores in paths
count alike: kohya has only the latter.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from diffusion.loras.parts import DENOISER

_LOW_RANK = {
    "down": (
        *(".lora_down.weight", ".lora_A.weight", ".lora_A.default.weight", ".lora_A.default_0.weight"),
        *(".lora.down.weight", ".lora_linear_layer.down.weight", "_lora.down.weight", ".lora_A", ".down.weight"),
    ),
    "up": (
        *(".lora_up.weight", ".lora_B.weight", ".lora_B.default.weight", ".lora_B.default_0.weight"),
        *(".lora.up.weight", ".lora_linear_layer.up.weight", "_lora.up.weight", ".lora_B", ".up.weight"),
    ),
    "mid": (".lora_mid.weight",),
}
_ENDS = {
    **_LOW_RANK,
    "alpha": (".alpha",),
    "dora_scale": (".dora_scale",),
    "magnitude": (
        ".lora_magnitude_vector",
        ".lora_magnitude_vector.weight",
        ".lora_magnitude_vector.default",
        ".lora_magnitude_vector.default.weight",
    ),
    **{f"loha_{part}": (f".hada_{part}",) for part in ("w1_a", "w1_b", "w2_a", "w2_b", "t1", "t2")},
    **{f"lokr_{part}": (f".lokr_{part}",) for part in ("w1", "w1_a", "w1_b", "w2", "w2_a", "w2_b", "t2")},
    "oft_blocks": (".oft_blocks", ".oft_diag"),
    "rescale": (".rescale",),
    "diff": (".diff", ".w_norm"),
    "diff_bias": (".diff_b", ".b_norm"),
}
_SLOTS = sorted(((end, slot) for slot, ends in _ENDS.items() for end in ends), key=lambda pair: -len(pair[0]))
"""The ends of names, the longest first, and what each is."""

_FIRST, _SECOND, _THIRD = ("clip_l", "clip_h", "clip_g"), ("clip_g", "t5xxl"), ("t5xxl",)
_BEGINNINGS = {
    **dict.fromkeys(
        (
            *("lora_unet_", "lora_transformer_", "lora_prior_unet_", "lycoris_", "unet_", "transformer_"),
            *("diffusion_model_", "model_diffusion_model_", "base_model_model_", "base_model_model_unet_"),
            *("base_model_model_transformer_", "base_model_model_diffusion_model_"),
        ),
        (DENOISER,),
    ),
    **dict.fromkeys(("lora_te_", "lora_te1_", "text_encoder_", "cond_stage_model_transformer_"), _FIRST),
    **dict.fromkeys(("lora_te2_", "text_encoder_2_"), _SECOND),
    **dict.fromkeys(("lora_te3_", "text_encoder_3_"), _THIRD),
    **{
        f"{outer}{role}_{inner}": (role,)
        for role in ("clip_l", "clip_g", "clip_h", "t5xxl")
        for outer in ("", "text_encoders_")
        for inner in ("", "transformer_")
    },
}
_LONGEST_FIRST = sorted(_BEGINNINGS, key=len, reverse=True)


class Key(NamedTuple):
    """A tensor's name, taken apart: `layer` is what all tensors of one layer have in front, `slot` which part it is."""

    layer: str
    slot: str


def key_of(name: str) -> Key | None:
    """The layer and the part that a tensor's name means; None when it is no name of a LoRA."""
    for end, slot in _SLOTS:
        if name.endswith(end):
            return Key(name.removesuffix(end), slot)
    return None


def places(layer: str) -> list[tuple[str, str]]:
    """(part, path with underscores) that a layer's name may mean, the likeliest first.

    `part` is of `lora.PARTS`: kohya and diffusers number text encoders, so a number may mean several.
    """
    plain = flat(layer)
    found: list[tuple[str, str]] = []
    for beginning in _LONGEST_FIRST:
        if plain.startswith(beginning):
            found += [(part, plain.removeprefix(beginning)) for part in _BEGINNINGS[beginning]]
    return [*found, (DENOISER, plain)]


def flat(path: str) -> str:
    """A path with underscores for dots, in the words that most files have for what some call otherwise."""
    plain = path.replace(".", "_")
    return _XLABS.sub(_of_xlabs, plain)


_XLABS = re.compile(r"(double_blocks_\d+)_processor_(qkv|proj)_lora([12])$")


def _of_xlabs(match: re.Match[str]) -> str:
    return f"{match[1]}_{'img' if match[3] == '1' else 'txt'}_attn_{match[2]}"
