"""The tokenizer: CLIP's byte-level BPE with merges learned from the caption words and common English words.

    python -m tools.picturebook.tokenizer models/picturebook/tokenizer

Every caption word is one token; other words fall into a few pieces. The vocabulary stays under 1,500 entries.
"""

from __future__ import annotations

import argparse
import itertools
from collections import Counter
from pathlib import Path

from transformers import CLIPTokenizer

from tools.picturebook.captions import vocabulary

START, END = "<|startoftext|>", "<|endoftext|>"
LENGTH = 77
MOST_MERGES = 980

# Words that people write into prompts and that no caption teaches: whole words keep prompts short.
COMMON = Path(__file__).with_name("common_words.txt").read_text(encoding="utf-8").split()


def byte_alphabet() -> list[str]:
    """Return the 256 characters that stand for bytes in CLIP's vocabulary, in its order."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    rest = [byte for byte in range(256) if byte not in printable]
    return [chr(byte) for byte in printable] + [chr(256 + i) for i in range(len(rest))]


def learn_merges(required: list[str], wanted: list[str], most: int) -> list[tuple[str, str]]:
    """Return BPE merges after which every required word is one piece, then more for the wanted ones up to `most`."""
    merges: list[tuple[str, str]] = []
    for words in (required, [*required, *wanted]):
        pieces = {word: _merged([*word[:-1], word[-1] + "</w>"], merges) for word in words}
        while any(len(split) > 1 for split in pieces.values()) and (len(merges) < most or words is required):
            pairs = Counter(pair for split in pieces.values() for pair in itertools.pairwise(split))
            best = min(pairs, key=lambda pair: (-pairs[pair], pair))
            merges.append(best)
            pieces = {word: _merged(split, [best]) if best[0] in split else split for word, split in pieces.items()}
    return merges


def _merged(split: list[str], merges: list[tuple[str, str]]) -> list[str]:
    for left, right in merges:
        out: list[str] = []
        for piece in split:
            if out and out[-1] == left and piece == right:
                out[-1] = left + right
            else:
                out.append(piece)
        split = out
    return split


def build() -> CLIPTokenizer:
    """Return the tokenizer; it pads with the end token, as Stable Diffusion 1 does."""
    required = vocabulary()
    merges = learn_merges(required, [word for word in dict.fromkeys(COMMON) if word not in required], MOST_MERGES)
    alphabet = byte_alphabet()
    pieces = [*alphabet, *(character + "</w>" for character in alphabet), *(left + right for left, right in merges)]
    vocab = {piece: number for number, piece in enumerate([*dict.fromkeys(pieces), START, END])}
    return CLIPTokenizer(
        vocab=vocab,
        merges=merges,
        model_max_length=LENGTH,
        bos_token=START,
        eos_token=END,
        unk_token=END,
        pad_token=END,
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    build().save_pretrained(parser.parse_args().folder)
