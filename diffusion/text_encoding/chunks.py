"""A prompt's tokens with their weights: in windows for CLIP, in one sequence for T5.

A prompt longer than a CLIP's window is cut into chunks that are encoded one by one and laid end to end. A piece of
fewer than 8 tokens that would be cut in two goes to the next chunk whole, as elsewhere in the field. T5 has no window:
what is between weights is read as it stands, and BREAK means nothing to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from diffusion.errors import DiffusionError
from diffusion.prompt import parse, split_breaks
from diffusion.tokenizers.asking import token_ids

if TYPE_CHECKING:
    from diffusion.text_models import TextModel

_WHOLE_BELOW = 8
MOST_CHUNKS = 400
"""About 30,000 tokens. The sampler reads all of them at every step, and no model was trained on more than a few."""


class Token(NamedTuple):
    """A token of the vocabulary and the weight of its piece."""

    id: int
    weight: float


def windows(model: TextModel, text: str) -> list[list[Token]]:
    """The chunks of a CLIP; raises DiffusionError for more than MOST_CHUNKS."""
    chunks = tokenize(model, text)
    if len(chunks) > MOST_CHUNKS:
        raise DiffusionError(
            f"The prompt has {sum(map(len, chunks)):,} tokens in {len(chunks):,} parts; the limit is {MOST_CHUNKS}.",
            remedy="Shorten it: a model looks at the first few hundred words at most.",
            input="text",
        )
    return chunks


def tokenize(model: TextModel, text: str) -> list[list[Token]]:
    """The prompt's tokens in chunks that fit a CLIP's window, without start, end and padding; at least one chunk,
    however many."""
    room = window(model) - 2
    chunks: list[list[Token]] = [[]]
    parts = [
        (part, piece.weight, place > 0) for piece in parse(text) for place, part in enumerate(split_breaks(piece.text))
    ]
    for ids, (_, weight, is_new) in zip(token_ids(model.tokenizer, [part for part, _, _ in parts]), parts, strict=True):
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


def sequence(model: TextModel, text: str) -> list[Token]:
    """All tokens of T5 in one sequence, without the end token and padding; may be empty."""
    pieces = [(" ".join(split_breaks(piece.text)), piece.weight) for piece in parse(text)]
    found = token_ids(model.tokenizer, [part for part, _ in pieces])
    return [Token(token, weight) for ids, (_, weight) in zip(found, pieces, strict=True) for token in ids]


def window(model: TextModel) -> int:
    """The tokens that a CLIP reads at once, with start and end."""
    return int(model.module.config.max_position_embeddings)
