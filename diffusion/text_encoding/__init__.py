"""From a prompt to CONDITIONING, in the style of each family.

- `chunks`: a prompt's tokens with their weights: in windows for CLIP, in one sequence for T5
- `clip`: what a CLIP says of windows
- `t5`: what T5 says of a sequence
- `embeddings`: vectors that stand in the place of words
- `styles`: what is read of each encoder, and how a family joins it

A weight moves every token's embedding away from (or towards) the embedding of the empty prompt at the same place: 1
changes nothing, 0 gives the empty prompt's. This holds for every encoder, T5 included: it was not trained for it, and
answers to weights less evenly than CLIP. Pooled vectors know no weights.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from diffusion.memory import enough_memory
from diffusion.models import plain
from diffusion.text_encoding import chunks as _chunks
from diffusion.text_encoding import clip as _clip
from diffusion.text_encoding import t5 as _t5
from diffusion.text_encoding.chunks import MOST_CHUNKS, Token, tokenize
from diffusion.text_encoding.embeddings import Embedding, Word, read_embedding
from diffusion.text_encoding.styles import STYLES
from diffusion.text_encoding.t5 import MOST_T5_TOKENS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from torch import Tensor

    from diffusion.conditioning import Conditioning
    from diffusion.text_encoding.styles import Reading
    from diffusion.text_models import TextEncoder

__all__ = [
    "MOST_CHUNKS",
    "MOST_T5_TOKENS",
    "Embedding",
    "Token",
    "Word",
    "encode",
    "encode_apart",
    "read_embedding",
    "tokenize",
]


def encode(clip: TextEncoder, text: str, *, cancelled: Callable[[], bool] | None = None) -> Conditioning:
    """Encodes a prompt by every encoder there is; `cancelled` is asked now and then.

    Returns one entry: a tensor [1, tokens, width] and `pooled_output` [1, width]. Tokens are a multiple of CLIP's
    window (77), T5's come behind them or alone, by family. `pooled_output` is that of the first window and is always
    read at the last layer. Raises DiffusionError for a prompt of more than MOST_CHUNKS windows, or of more than
    MOST_T5_TOKENS where T5 reads it, and Cancelled.
    """
    return _encode(clip, dict.fromkeys(clip.parts, text), cancelled)


def encode_apart(
    clip: TextEncoder, texts: Mapping[str, str], *, cancelled: Callable[[], bool] | None = None
) -> Conditioning:
    """As `encode`, with a text for each encoder: `l`, `g` and `t5xxl`. Texts for encoders that are not there are not
    used; an encoder without a text counts as one that is not there, which only the style of SD3 allows.

    A text that fills fewer windows than another is followed by empty windows.
    """
    by_role = {role: texts[name] for role in clip.parts if (name := role.removeprefix("clip_")) in texts}
    return _encode(clip, by_role, cancelled)


@torch.inference_mode()
def _encode(clip: TextEncoder, texts: Mapping[str, str], cancelled: Callable[[], bool] | None) -> Conditioning:
    with enough_memory("reading the prompt", "Shorten it, or let the text encoder work on the CPU."):
        embeds, pooled = _joined(clip, texts, cancelled)
    return [[plain(embeds), {"pooled_output": plain(pooled)}]]


def _joined(clip: TextEncoder, texts: Mapping[str, str], cancelled: Callable[[], bool] | None) -> tuple[Tensor, Tensor]:
    style = STYLES[clip.style]
    windows = {
        role: _chunks.windows(part, texts[role], clip.words_of(role))
        for role, part in clip.parts.items()
        if role in texts and role in style.clips
    }
    most = max(map(len, windows.values()), default=0)
    read: dict[str, Reading] = {}
    for role, chunks in windows.items():
        filled = [*chunks, *([[]] * (most - len(chunks)))]
        with clip.reading(role, cancelled) as part:
            read[role] = _clip.read(part, filled, style.clips[role], clip.stop_at_layer, cancelled)
    if "t5xxl" in texts:
        with clip.reading("t5xxl", cancelled) as part:
            read["t5xxl"] = _t5.read(part, texts["t5xxl"], clip.words_of("t5xxl"), style.least_t5_tokens, cancelled)
    return style.join(read, clip)
