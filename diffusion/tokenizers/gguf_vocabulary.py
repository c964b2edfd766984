"""T5's pieces as GGUF files have them: in the metadata of the text encoder, with their scores.

The names are those of llama.cpp, whose converter writes them: https://github.com/ggml-org/llama.cpp/blob/master/gguf-py
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from diffusion.errors import DiffusionError
from diffusion.tokenizers.sentencepiece_model import SentencepieceModel
from diffusion.weight_files.gguf_arrays import read_numbers, read_texts
from diffusion.weight_files.header import LongArray

if TYPE_CHECKING:
    from collections.abc import Mapping

_KIND, _TOKENS, _SCORES = "tokenizer.ggml.model", "tokenizer.ggml.tokens", "tokenizer.ggml.scores"
_CHARACTERS = "tokenizer.ggml.precompiled_charsmap"
_ADDED = ("<extra_id_", "[PAD")
"""How the words begin that T5 has behind those of its sentencepiece model, and those that only fill up the table."""


def t5_in_gguf(metadata: Mapping[str, object], content: memoryview) -> SentencepieceModel | None:
    """The pieces of a T5 from a GGUF file's metadata; None when it tells of none. `content` is the whole file.

    Raises DiffusionError when they are there and cannot be read.
    """
    tokens, scores, characters = (metadata.get(name) for name in (_TOKENS, _SCORES, _CHARACTERS))
    if metadata.get(_KIND) != "t5" or not isinstance(tokens, LongArray) or not isinstance(scores, LongArray):
        return None
    try:
        words, numbers = read_texts(content, tokens), read_numbers(content, scores)
        table = read_numbers(content, characters) if isinstance(characters, LongArray) else ()
        replaced = bytes(int(byte) & 255 for byte in table)
    except ValueError as error:
        raise DiffusionError(
            f"The tokenizer in the GGUF file cannot be read: {error}.", remedy="Copy or download the file again."
        ) from error
    end = next((place for place, word in enumerate(words) if word.startswith(_ADDED)), len(words))
    return SentencepieceModel(list(zip(words[:end], numbers[:end], strict=False)), replaced)
