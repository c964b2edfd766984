"""From a prompt to CONDITIONING, for families with one CLIP text encoder.

A prompt longer than the encoder's window is cut into chunks that are encoded one by one and laid end to end. A piece
of fewer than 8 tokens that would be cut in two goes to the next chunk whole, as elsewhere in the field. A weight
moves every token's embedding away from (or towards) the embedding of the empty prompt at the same place: 1 changes
nothing, 0 gives the empty prompt's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import torch

from diffusion.errors import Cancelled, DiffusionError
from diffusion.models import plain
from diffusion.prompt import parse, split_breaks

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from diffusion.conditioning import Conditioning
    from diffusion.models import TextEncoder

_WHOLE_BELOW = 8
_AT_ONCE = 16
"""Chunks that the encoder is given at once: a long prompt needs no more memory than that, and can be cancelled."""
MOST_CHUNKS = 400
"""About 30,000 tokens. The sampler reads all of them at every step, and no model was trained on more than a few."""


class Token(NamedTuple):
    """A token of the vocabulary and the weight of its piece."""

    id: int
    weight: float


@torch.inference_mode()
def encode(clip: TextEncoder, text: str, *, cancelled: Callable[[], bool] | None = None) -> Conditioning:
    """Encodes a prompt; `cancelled` is asked between every few chunks.

    Returns one entry: a tensor [1, tokens, width], tokens a multiple of the encoder's window (77), and
    `pooled_output` [1, width] of the first chunk, which is always read at the last layer. Raises DiffusionError for a
    prompt of more than MOST_CHUNKS chunks.
    """
    chunks = tokenize(clip, text)
    if len(chunks) > MOST_CHUNKS:
        raise DiffusionError(
            f"The prompt has {sum(map(len, chunks)):,} tokens in {len(chunks):,} parts; the limit is {MOST_CHUNKS}.",
            remedy="Shorten it: a model looks at the first few hundred words at most.",
            input="text",
        )
    window = _window(clip)
    weights = torch.ones(len(chunks), window)
    for row, chunk in enumerate(chunks):
        weights[row, 1 : 1 + len(chunk)] = torch.tensor([token.weight for token in chunk])
    weighted = bool((weights != 1.0).any())
    rows = [_row(clip, chunk) for chunk in [*chunks, *([[]] if weighted else [])]]
    found: list[Tensor] = []
    pooled: Tensor | None = None
    for start in range(0, len(rows), _AT_ONCE):
        if cancelled is not None and cancelled():
            raise Cancelled
        some = torch.tensor(rows[start : start + _AT_ONCE], device=clip.device)
        output = clip.encoder(some, output_hidden_states=True)
        found.append(_hidden(clip, output).float().cpu())
        pooled = output.pooler_output[:1] if pooled is None else pooled
    embeds = torch.cat(found)
    if weighted:
        empty = embeds[-1:]
        weight = weights[..., None]
        embeds = torch.where(weight == 1.0, embeds[:-1], (embeds[:-1] - empty) * weight + empty)
    embeds = embeds.reshape(1, -1, embeds.shape[-1])
    return [[plain(embeds), {"pooled_output": plain(pooled)}]]


def tokenize(clip: TextEncoder, text: str) -> list[list[Token]]:
    """The prompt's tokens in chunks that fit the encoder's window, without start, end and padding; at least one
    chunk."""
    room = _window(clip) - 2
    chunks: list[list[Token]] = [[]]
    parts = [
        (part, piece.weight, place > 0) for piece in parse(text) for place, part in enumerate(split_breaks(piece.text))
    ]
    texts = [part for part, _, _ in parts]
    found = clip.tokenizer(texts, add_special_tokens=False, truncation=False, verbose=False).input_ids if texts else []
    for ids, (_, weight, is_new) in zip(found, parts, strict=True):
        if is_new or (len(ids) < _WHOLE_BELOW and len(chunks[-1]) + len(ids) > room):
            chunks.append([])
        start = 0
        while start < len(ids):
            if len(chunks[-1]) == room:
                chunks.append([])
            end = start + room - len(chunks[-1])
            chunks[-1] += [Token(token, weight) for token in ids[start:end]]
            start = end
    return [chunk for chunk in chunks if chunk] or [[]]


def _window(clip: TextEncoder) -> int:
    return int(clip.encoder.config.max_position_embeddings)


def _row(clip: TextEncoder, chunk: list[Token]) -> list[int]:
    tokenizer = clip.tokenizer
    pad = tokenizer.eos_token_id if tokenizer.pad_token_id is None else tokenizer.pad_token_id
    padding = [pad] * (_window(clip) - 2 - len(chunk))
    return [tokenizer.bos_token_id, *(token.id for token in chunk), tokenizer.eos_token_id, *padding]


def _hidden(clip: TextEncoder, output: Any) -> Tensor:
    # hidden_states[-1] is the last layer before the final norm, which the SD family applies at whatever layer it stops.
    place = min(-1, (clip.stop_at_layer or -1) + clip.missing_layers)
    if place == -1:
        states: Tensor = output.last_hidden_state
        return states
    # Encoders of transformers before 5.6, and those with a projection, keep the norm one module further down.
    norm = getattr(clip.encoder, "text_model", clip.encoder).final_layer_norm
    early: Tensor = norm(output.hidden_states[place])
    return early
