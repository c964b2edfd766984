"""T5's tokenizer, from a `tokenizer.json` or from the pieces of a sentencepiece model, without that package.

The search for the best cut into pieces is that of the package tokenizers, which transformers brings along; a test
holds it against sentencepiece's own answers.
"""

from __future__ import annotations

from typing import Any

from diffusion.errors import DiffusionError
from diffusion.tokenizers.asking import without_panics
from diffusion.tokenizers.sentencepiece_model import SentencepieceModel, read_sentencepiece

_FIRST = ["<pad>", "</s>", "<unk>"]
"""T5's first tokens, by which its vocabulary is told from those of others."""
_EXTRA = 100
"""Tokens that T5 has behind those of its sentencepiece model."""


def t5_from_sentencepiece(data: bytes) -> Any:
    """The tokenizer of the bytes of a `spiece.model`; raises DiffusionError when they are not T5's."""
    return t5_from_pieces(read_sentencepiece(data))


def t5_from_pieces(model: SentencepieceModel) -> Any:
    """The tokenizer of pieces with their scores; raises DiffusionError when they are not T5's."""
    from transformers import T5Tokenizer

    if (first := [text for text, _ in model.pieces[: len(_FIRST)]]) != _FIRST:
        raise _strange(f"its first tokens are {', '.join(first)}")
    extra = [f"<extra_id_{number}>" for number in reversed(range(_EXTRA))]
    try:
        with without_panics():
            return T5Tokenizer(
                vocab=[*model.pieces, *((word, 0.0) for word in extra)],
                _spm_precompiled_charsmap=model.characters or None,
                additional_special_tokens=extra,
            )
    except Exception as error:  # the library raises nothing more special
        raise _strange(str(error)) from error


def t5_from_json(data: bytes) -> Any:
    """The tokenizer of the bytes of a `tokenizer.json`; raises DiffusionError when they are not T5's."""
    from tokenizers import Tokenizer
    from transformers import PreTrainedTokenizerFast

    try:
        with without_panics():
            found = Tokenizer.from_str(data.decode("utf-8"))
    except Exception as error:  # the library raises nothing more special
        raise _strange(str(error)) from error
    if (first := [found.id_to_token(number) for number in range(len(_FIRST))]) != _FIRST:
        raise _strange(f"its first tokens are {', '.join(map(str, first))}")
    pad, end, unknown = _FIRST
    return PreTrainedTokenizerFast(tokenizer_object=found, pad_token=pad, eos_token=end, unk_token=unknown)


def _strange(why: str) -> DiffusionError:
    return DiffusionError(
        f"This is no tokenizer of T5: {why}.",
        remedy="Take tokenizer.json or spiece.model from the folder tokenizer_2 of FLUX.1 or tokenizer_3 of Stable "
        "Diffusion 3.5.",
    )
