"""A prompt's tokens with their weights: in windows for CLIP, in one sequence for T5.

A prompt longer than a CLIP's window is cut into chunks that are encoded one by one and laid end to end. A piece of
fewer than 8 tokens that would be cut in two goes to the next chunk whole, as elsewhere in the field. T5 has no window:
what is between weights is read as it stands, and BREAK means nothing to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from diffusion.errors import DiffusionError
from diffusion.prompt import parse, split_breaks, split_embeddings
from diffusion.tokenizers.asking import token_ids

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from diffusion.text_models import TextModel

_WHOLE_BELOW = 8
_ANY = 0
"""The token in whose place a vector stands: any but start and end."""
MOST_CHUNKS = 400
"""About 30,000 tokens. The sampler reads all of them at every step, and no model was trained on more than a few."""


class Token(NamedTuple):
    """A token of the vocabulary and the weight of its piece; with `vector`, it is that [width] and no word."""

    id: int
    weight: float
    vector: Tensor | None = None


Words: TypeAlias = "Mapping[str, tuple[Tensor | None, str]]"
"""What stands behind `embedding:` -> the vectors [count, width] for this encoder, and what of it is plain text."""

_NO_WORDS: Words = {}


class _Stretch(NamedTuple):
    """A part of a prompt of one weight: text, or vectors. `is_new` begins a new chunk."""

    text: str
    weight: float
    is_new: bool = False
    vectors: Tensor | None = None


def windows(model: TextModel, text: str, words: Words = _NO_WORDS) -> list[list[Token]]:
    """The chunks of a CLIP; raises DiffusionError for more than MOST_CHUNKS."""
    chunks = tokenize(model, text, words)
    if len(chunks) > MOST_CHUNKS:
        raise DiffusionError(
            f"The prompt has {sum(map(len, chunks)):,} tokens in {len(chunks):,} parts; the limit is {MOST_CHUNKS}.",
            remedy="Shorten it: a model looks at the first few hundred words at most.",
            input="text",
        )
    return chunks


def tokenize(model: TextModel, text: str, words: Words = _NO_WORDS) -> list[list[Token]]:
    """The prompt's tokens in chunks that fit a CLIP's window, without start, end and padding; at least one chunk,
    however many. An embedding is never cut in two; raises DiffusionError for one that no window has room for."""
    room = window(model) - 2
    chunks: list[list[Token]] = [[]]
    stretches = [
        stretch
        for piece in parse(text)
        for place, part in enumerate(split_breaks(piece.text))
        for stretch in _stretches(part, piece.weight, words, is_new=place > 0)
    ]
    for tokens, stretch in zip(_tokens(model, stretches), stretches, strict=True):
        is_whole = len(tokens) < _WHOLE_BELOW or stretch.vectors is not None
        if stretch.vectors is not None and len(tokens) > room:
            raise DiffusionError(
                f"The embedding {stretch.text} has {len(tokens)} vectors; a prompt has room for {room} at once.",
                remedy="Use an embedding of fewer vectors.",
                input="text",
            )
        if stretch.is_new or (is_whole and len(chunks[-1]) + len(tokens) > room):
            chunks.append([])
        start = 0
        while start < len(tokens):
            if len(chunks[-1]) == room:
                chunks.append([])
            end = start + room - len(chunks[-1])
            chunks[-1] += tokens[start:end]
            start = end
    return [chunk for chunk in chunks if chunk] or [[]]


def sequence(model: TextModel, text: str, words: Words = _NO_WORDS) -> list[Token]:
    """All tokens of T5 in one sequence, without the end token and padding; may be empty."""
    stretches = [
        stretch
        for piece in parse(text)
        for stretch in _stretches(" ".join(split_breaks(piece.text)), piece.weight, words)
    ]
    return [token for tokens in _tokens(model, stretches) for token in tokens]


def _stretches(text: str, weight: float, words: Words, *, is_new: bool = False) -> list[_Stretch]:
    """The texts and embeddings of a part of a prompt; without any words, `embedding:` is text like any other."""
    first, *others = split_embeddings(text) if words else [text]
    found = [_Stretch(first, weight, is_new)]
    for name, behind in zip(others[::2], others[1::2], strict=True):
        vectors, rest = words.get(name, (None, ""))
        if vectors is not None:
            found.append(_Stretch(name, weight, vectors=vectors))
        found.append(_Stretch(rest + behind, weight))
    return found


def _tokens(model: TextModel, stretches: list[_Stretch]) -> list[list[Token]]:
    texts = iter(token_ids(model.tokenizer, [stretch.text for stretch in stretches if stretch.vectors is None]))
    return [
        [Token(token, stretch.weight) for token in next(texts)]
        if stretch.vectors is None
        else [Token(_ANY, stretch.weight, vector) for vector in stretch.vectors]
        for stretch in stretches
    ]


def window(model: TextModel) -> int:
    """The tokens that a CLIP reads at once, with start and end."""
    return int(model.module.config.max_position_embeddings)
