"""What T5 says of a prompt: the embeddings of one sequence, which ends with the end token and is padded to a least
length. Padding is read like words: the families here were trained so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from diffusion.cancelling import cancellable
from diffusion.errors import DiffusionError
from diffusion.memory import check_room
from diffusion.text_encoding.chunks import sequence
from diffusion.text_encoding.embeddings import in_place_of_words
from diffusion.text_encoding.styles import Reading, weighted

if TYPE_CHECKING:
    from collections.abc import Callable

    from diffusion.text_encoding.chunks import Words
    from diffusion.text_models import TextModel

MOST_T5_TOKENS = 4_096
"""Its memory grows with their square, and the families were trained on 512 at most."""


def read(model: TextModel, text: str, words: Words, least: int, cancelled: Callable[[], bool] | None) -> Reading:
    """The embeddings [1, tokens, width] of at least `least` tokens; there is no pooled vector.

    Raises DiffusionError for more than MOST_T5_TOKENS.
    """
    tokens = sequence(model, text, words)
    if len(tokens) >= MOST_T5_TOKENS:
        raise DiffusionError(
            f"The prompt has {len(tokens):,} tokens for T5; the limit is {MOST_T5_TOKENS - 1:,}.",
            remedy="Shorten it: a model looks at the first few hundred words at most.",
            input="text",
        )
    pad, end = model.tokenizer.pad_token_id, model.tokenizer.eos_token_id
    length = max(least, len(tokens) + 1)
    rows = [_row([token.id for token in tokens], end, pad, length)]
    weights = torch.ones(1, length)
    weights[0, : len(tokens)] = torch.tensor([token.weight for token in tokens])
    is_weighted = bool((weights != 1.0).any())
    if is_weighted:
        rows.append(_row([], end, pad, length))
    size = (3, len(rows), int(model.module.config.num_heads), length, length)
    check_room(f"Reading a prompt of {len(tokens):,} tokens with T5", size, remedy="Shorten it.", input="text")
    vectors = [(0, place, token.vector) for place, token in enumerate(tokens) if token.vector is not None]
    table = model.module.encoder.get_input_embeddings()
    with cancellable(model.module, cancelled), in_place_of_words(table, vectors):
        states = model.module(torch.tensor(rows, device=model.device))[0].float().cpu()
    return Reading(weighted(states[:1], states[1:], weights) if is_weighted else states, None)


def _row(ids: list[int], end: int, pad: int, length: int) -> list[int]:
    return [*ids, end, *[pad] * (length - len(ids) - 1)]
