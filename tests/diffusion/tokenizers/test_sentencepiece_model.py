"""Sentencepiece models, whole and damaged. `data/tiny.spiece.model` was trained with sentencepiece 0.2.3."""

from __future__ import annotations

import random
import struct
from pathlib import Path

import pytest

from diffusion.errors import DiffusionError
from diffusion.tokenizers.sentencepiece_model import read_sentencepiece

MODEL = (Path(__file__).parent / "data" / "tiny.spiece.model").read_bytes()


def field(number: int, data: bytes) -> bytes:
    assert len(data) < 128
    return bytes([number << 3 | 2, len(data)]) + data


def piece(text: str, score: float) -> bytes:
    return field(1, field(1, text.encode()) + bytes([2 << 3 | 5]) + struct.pack("<f", score))


def test_pieces_come_with_their_scores_in_order() -> None:
    model = read_sentencepiece(MODEL)
    assert len(model.pieces) == 300
    assert model.pieces[:3] == [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)]
    assert all(score < 0 for _, score in model.pieces[3:])
    assert model.characters


def test_a_model_that_was_written_by_hand_is_read() -> None:
    model = read_sentencepiece(piece("<pad>", 0.0) + piece("▁cat", -1.5) + field(9, b"of a later version"))
    assert model == ([("<pad>", 0.0), ("▁cat", -1.5)], b"")


def test_a_model_of_another_kind_is_refused() -> None:
    with pytest.raises(DiffusionError, match="not of the kind unigram"):
        read_sentencepiece(piece("a", 0.0) + field(2, bytes([3 << 3, 2])))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        MODEL[:1000],
        b"\xff" * 50,
        b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
        field(1, field(1, b"\xff\xfe")),
        b"\x0b",
        b'{"model": {}}',
    ],
    ids=["empty", "cut", "endless number", "long field", "no text", "unknown kind", "JSON"],
)
def test_what_is_no_model_is_refused(data: bytes) -> None:
    with pytest.raises(DiffusionError, match="no sentencepiece model"):
        read_sentencepiece(data)


def test_whatever_is_damaged_is_read_or_refused() -> None:
    chance = random.Random(3)  # noqa: S311 - no secret
    refused = 0
    for _ in range(300):
        data = bytearray(MODEL)
        for _ in range(3):
            data[chance.randrange(len(data))] = chance.randrange(256)
        try:
            read_sentencepiece(bytes(data))
        except DiffusionError:
            refused += 1
    assert refused > 100
