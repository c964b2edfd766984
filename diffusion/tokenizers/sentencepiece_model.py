"""What is written in a sentencepiece model: its pieces with their scores, and its table of normalised characters.

The file is a message of protocol buffers (sentencepiece_model.proto of https://github.com/google/sentencepiece):
fields, each with a number and a kind; only a few are read. It comes from strangers: whatever is in it, the answer is a
model or a DiffusionError, after one pass over it.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

from diffusion.errors import DiffusionError

if TYPE_CHECKING:
    from collections.abc import Iterator

_VARINT, _EIGHT_BYTES, _BYTES, _FOUR_BYTES = 0, 1, 2, 5
_PIECES, _TRAINER, _NORMALIZER = 1, 2, 3
_PIECE, _SCORE = 1, 2
_MODEL_TYPE, _UNIGRAM = 3, 1
_CHARACTERS = 2


class SentencepieceModel(NamedTuple):
    """`pieces`: text and score of each token, in order; `characters`: the table by which characters are replaced
    first, empty where none are."""

    pieces: list[tuple[str, float]]
    characters: bytes


def read_sentencepiece(data: bytes) -> SentencepieceModel:
    """Reads a unigram model; raises DiffusionError for what is none."""
    pieces: list[tuple[str, float]] = []
    kind, characters = _UNIGRAM, b""
    try:
        for number, value in _fields(data):
            if number == _PIECES and isinstance(value, bytes):
                pieces.append(_piece(value))
            elif number == _TRAINER and isinstance(value, bytes):
                kind = next((found for at, found in _fields(value) if at == _MODEL_TYPE), kind)
            elif number == _NORMALIZER and isinstance(value, bytes):
                characters = next((found for at, found in _fields(value) if at == _CHARACTERS), characters)
    except (ValueError, IndexError, struct.error) as error:
        raise _refusal(f"it ends or breaks off in the middle of a field ({error})") from error
    if not pieces:
        raise _refusal("it holds no pieces")
    if kind != _UNIGRAM or not isinstance(characters, bytes):
        raise _refusal("it is not of the kind unigram, which T5 has")
    return SentencepieceModel(pieces, characters)


def _piece(data: bytes) -> tuple[str, float]:
    text, score = "", 0.0
    for number, value in _fields(data):
        if number == _PIECE and isinstance(value, bytes):
            text = value.decode("utf-8")
        elif number == _SCORE and isinstance(value, bytes):
            (score,) = struct.unpack("<f", value)
    return text, score


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """The fields of a message: the number, and the value of a whole number or the bytes of anything else."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        kind = key & 7
        if kind == _VARINT:
            value, at = _varint(data, at)
            yield key >> 3, value
            continue
        if kind == _BYTES:
            length, at = _varint(data, at)
        elif kind in (_FOUR_BYTES, _EIGHT_BYTES):
            length = 4 if kind == _FOUR_BYTES else 8
        else:
            raise ValueError(f"field of kind {kind}")
        if at + length > len(data):
            raise ValueError("field longer than what is left")
        yield key >> 3, data[at : at + length]
        at += length


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A whole number in groups of seven bits, and the place behind it."""
    value = 0
    for shift in range(0, 70, 7):
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
    raise ValueError("number of more than ten bytes")


def _refusal(why: str) -> DiffusionError:
    return DiffusionError(f"This is no sentencepiece model of T5: {why}.", remedy="Copy or download the file again.")
