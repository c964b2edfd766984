"""CLIP's tokenizer, from the vocabulary that comes with Jacquard: 49,408 tokens, made by merging pairs of bytes.

The tokens are the 256 bytes as letters, the same at the end of a word, each merge in its order, start and end. All
CLIPs share them, and differ in what fills up a window.
"""

from __future__ import annotations

import gzip
from functools import cache
from pathlib import Path
from typing import Any

_MERGES = Path(__file__).parent / "clip_vocabulary" / "merges.txt.gz"
_START, _END = "<|startoftext|>", "<|endoftext|>"
_WINDOW = 77
_ZERO = "!"
"""The token with number 0."""


def clip_tokenizer(role: str) -> Any:
    """transformers' CLIPTokenizer for the role: `clip_l` fills up with the end token, the OpenCLIPs with token 0.

    Each is made once and shared.
    """
    return _tokenizer(_END if role == "clip_l" else _ZERO)


@cache
def _tokenizer(fill: str) -> Any:
    from transformers import CLIPTokenizer

    vocabulary, merges = _vocabulary()
    return CLIPTokenizer(vocab=vocabulary, merges=merges, pad_token=fill, model_max_length=_WINDOW)


@cache
def _vocabulary() -> tuple[dict[str, int], list[tuple[str, str]]]:
    lines = gzip.decompress(_MERGES.read_bytes()).decode("utf-8").splitlines()
    merges = [(first, second) for first, second in map(str.split, lines)]
    letters = _letters()
    words = [*letters, *(f"{letter}</w>" for letter in letters), *(a + b for a, b in merges), _START, _END]
    return {word: number for number, word in enumerate(words)}, merges


def _letters() -> list[str]:
    """The letters that stand for bytes: printable ones for themselves, then others, from code point 256 on."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    return [*map(chr, printable), *(chr(256 + place) for place in range(256 - len(printable)))]
