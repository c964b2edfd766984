"""What files carry besides the weights of a component: read by nobody, and no sign that a file does not fit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from diffusion.weight_files.names import shown

IN_COMPONENTS = {
    "unet": (),
    "sd3": (),
    "flux": (),
    "vae": ("loss.*", "model_ema.*"),
    "clip": (
        "*embeddings.position_ids",
        "logit_scale",
        "attn_mask",
        "text_projection",  # of ViT-H, where the family does not use it
        "text_projection.weight",  # of ViT-L, likewise
        "transformer.resblocks.23.*",  # likewise
        "vision_model.*",
        "visual_projection.weight",
    ),
    "t5": (
        "spiece_model",
        "tokenizer_json",
        "encoder.embed_tokens.weight",
        "shared.weight",
        "decoder.*",
        "dec.*",
        "lm_head.weight",
        "output.weight",
    ),
}
"""Module of the layout -> patterns of names within a component."""

IN_FILES = (
    "model_ema.*",
    "alphas_cumprod*",
    "betas",
    "sqrt_*",
    "log_one_minus_alphas_cumprod",
    "posterior_*",
    "lvlb_weights",
    "logvar",
    "scale_factor",
    "denoiser.*",
    "v_pred",
    "ztsnr",
    "edm_vpred.*",
    "edm_mean",
    "edm_std",
    "first_stage_model.loss.*",
    "text_encoders.*.logit_scale",
    "*spiece_model",
    "*tokenizer_json",
)
"""Patterns of names in an all-in-one file, beside those of its components."""

_SHOWN = 3


def ignored(name: str, patterns: Iterable[str]) -> bool:
    """Whether a name is of the patterns."""
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def beside(names: Iterable[str], prefixes: Iterable[str]) -> list[str]:
    """The names in a file that are in none of its components, which begin with `prefixes`, and that nobody expects."""
    begin = tuple(prefixes)
    return [name for name in names if not name.startswith(begin) and not ignored(name, IN_FILES)]


def in_words(what: str, names: Sequence[str]) -> str:
    """A sentence about tensors that nobody reads in `what`: how many, and the first of them."""
    many = f"{len(names):,} tensors" if len(names) > 1 else "a tensor"
    more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
    return f"nobody reads {many} of {what}: {', '.join(map(shown, names[:_SHOWN]))}{more}"
