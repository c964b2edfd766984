"""What a CLIP says of windows of tokens: their embeddings at some layer, and the pooled vector of the first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from diffusion.errors import Cancelled
from diffusion.text_encoding.chunks import window
from diffusion.text_encoding.embeddings import in_place_of_words
from diffusion.text_encoding.styles import Reading, weighted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torch import Tensor

    from diffusion.text_encoding.chunks import Token
    from diffusion.text_encoding.styles import ClipReading
    from diffusion.text_models import TextModel

_AT_ONCE = 16
"""Chunks that the encoder is given at once: a long prompt needs no more memory than that, and can be cancelled."""


def read(
    model: TextModel,
    chunks: Sequence[Sequence[Token]],
    how: ClipReading,
    stop_at_layer: int | None,
    cancelled: Callable[[], bool] | None,
) -> Reading:
    """The embeddings [1, windows * window, width] of chunks laid end to end, and the pooled vector [1, width] of the
    first."""
    weights = torch.ones(len(chunks), window(model))
    for place, chunk in enumerate(chunks):
        weights[place, 1 : 1 + len(chunk)] = torch.tensor([token.weight for token in chunk])
    is_weighted = bool((weights != 1.0).any())
    rows = [_row(model, chunk) for chunk in [*chunks, *([[]] if is_weighted else [])]]
    found: list[Tensor] = []
    pooled: list[Tensor] = []
    layer = how.layer if stop_at_layer is None else stop_at_layer
    # Encoders with a projection, and those of transformers before 5.6, keep the encoder proper one module further down.
    proper = getattr(model.module, "text_model", model.module)
    table = proper.get_input_embeddings()
    for start in range(0, len(rows), _AT_ONCE):
        if cancelled is not None and cancelled():
            raise Cancelled
        some = torch.tensor(rows[start : start + _AT_ONCE], device=model.device)
        with in_place_of_words(table, _vectors(chunks[start : start + _AT_ONCE])):
            output = proper(some, output_hidden_states=True)
        found.append(_states(proper, output, layer + model.missing_layers, norm=how.norm).float().cpu())
        pooled = pooled or [output.pooler_output[:1]]
    projection = getattr(model.module, "text_projection", None) if how.projects else None
    embeds = torch.cat(found)
    if is_weighted:
        embeds = weighted(embeds[:-1], embeds[-1:], weights)
    (vector,) = pooled if projection is None else map(projection, pooled)
    return Reading(embeds.reshape(1, -1, embeds.shape[-1]), vector.float().cpu())


def _row(model: TextModel, chunk: Sequence[Token]) -> list[int]:
    tokenizer = model.tokenizer
    pad = tokenizer.eos_token_id if tokenizer.pad_token_id is None else tokenizer.pad_token_id
    padding = [pad] * (window(model) - 2 - len(chunk))
    return [tokenizer.bos_token_id, *(token.id for token in chunk), tokenizer.eos_token_id, *padding]


def _vectors(chunks: Sequence[Sequence[Token]]) -> list[tuple[int, int, Tensor]]:
    return [
        (row, 1 + place, token.vector)
        for row, chunk in enumerate(chunks)
        for place, token in enumerate(chunk)
        if token.vector is not None
    ]


def _states(proper: Any, output: Any, layer: int, *, norm: bool) -> Tensor:
    # hidden_states[-1] is the last layer before the final norm, which SD1 and SD2 apply at whatever layer they stop.
    place = min(-1, layer)
    if norm and place == -1:
        states: Tensor = output.last_hidden_state
        return states
    early: Tensor = output.hidden_states[place]
    return proper.final_layer_norm(early) if norm else early
