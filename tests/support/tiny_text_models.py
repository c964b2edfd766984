"""Tiny text encoders of every role, with random weights, and their tokenizers: for what reads prompts."""

from __future__ import annotations

from typing import Any

from tests.support.tiny_models import text_encoder, tokenizer

WIDTHS = {"clip_l": 32, "clip_g": 40, "t5xxl": 96}
_WORDS = ("▁a", "▁red", "▁cat", "▁dog", "▁", "a", "c", "d", "e", "g", "o", "r", "t", ",", "▁the")


def clip(role: str = "clip_l", *, projects: bool = True, layers: int = 4, seed: int = 0) -> tuple[Any, Any]:
    """A CLIP (module, tokenizer); `clip_g` fills up with token 0, `projects` gives it a projection of its pooled
    vector."""
    import torch
    from transformers import CLIPTextModelWithProjection

    tokens = tokenizer()
    if role != "clip_l":
        tokens.pad_token = "!"
    plain = text_encoder(tokens, width=WIDTHS.get(role, 32), layers=layers, seed=seed)
    if not projects:
        return plain, tokens
    torch.manual_seed(seed)
    config = plain.config
    config.projection_dim = config.hidden_size
    return CLIPTextModelWithProjection(config).eval(), tokens


def t5_tokenizer() -> Any:
    """A T5 tokenizer that knows a few words and letters."""
    from transformers import T5Tokenizer

    rows = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)]
    return T5Tokenizer(vocab=[*rows, *((word, -1.0 - place / 8) for place, word in enumerate(_WORDS))], extra_ids=0)


def t5(*, seed: int = 0) -> tuple[Any, Any]:
    """A T5 encoder (module, tokenizer)."""
    import torch
    from transformers import T5Config, T5EncoderModel

    torch.manual_seed(seed)
    tokens = t5_tokenizer()
    config = T5Config(
        vocab_size=len(tokens),
        d_model=WIDTHS["t5xxl"],
        d_kv=8,
        d_ff=64,
        num_layers=2,
        num_heads=4,
        feed_forward_proj="gated-gelu",
        is_gated_act=True,
    )
    return T5EncoderModel(config).eval(), tokens


def stack(style: str, *roles: str) -> dict[str, tuple[Any, Any]]:
    """Encoders by role as a family has them: CLIP-L projects nothing but in SD3."""
    made = {"t5xxl": lambda: t5(seed=3), "clip_g": lambda: clip("clip_g", seed=2)}
    return {role: made.get(role, lambda: clip("clip_l", projects=style == "sd3", seed=1))() for role in roles}
