"""The tokenizer for a role: bundled for CLIP; for T5 inside the file of the text encoder, or in a folder that a person
filled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from diffusion.errors import DiffusionError
from diffusion.tokenizers.clip import clip_tokenizer
from diffusion.tokenizers.t5 import t5_from_json, t5_from_sentencepiece
from diffusion.weight_files.names import short

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

INSIDE: Mapping[str, Callable[[bytes], Any]] = {"tokenizer_json": t5_from_json, "spiece_model": t5_from_sentencepiece}
"""The tensors of bytes that hold a tokenizer in the file of a text encoder, and what reads them."""
FILES: Mapping[str, Callable[[bytes], Any]] = {"tokenizer.json": t5_from_json, "spiece.model": t5_from_sentencepiece}
MOST_BYTES = 64 * 2**20
"""T5's are 0.8 and 2.4 MB. A larger one is something else, and is not read."""
_LEVELS = 4
"""How far above a model file the folder with tokenizers may be."""


def find_tokenizer(role: str, inside: Mapping[str, bytes], folders: Sequence[Path] = ()) -> Any:
    """The tokenizer for a role ("clip_l", "clip_g", "clip_h", "t5xxl").

    `inside`: the content of the tensors named in INSIDE that the file of the text encoder has. `folders`: those that
    may hold a folder named like the role, as `tokenizer_folders` gives them; the first counts. Raises DiffusionError
    when there is none, with where to get one, and when it cannot be read.
    """
    if role != "t5xxl":
        return clip_tokenizer(role)
    for name, make in INSIDE.items():
        if name in inside:
            return make(inside[name])
    if files := tokenizer_files(role, folders):
        return folder_tokenizer(role, files[0].parent)
    raise DiffusionError(
        "The text encoder T5 needs its tokenizer, and the file does not hold it.",
        remedy="Put tokenizer.json (or spiece.model) into models/tokenizers/t5xxl. It is a small file in the folder "
        "tokenizer_2 of FLUX.1 and tokenizer_3 of Stable Diffusion 3.5, wherever those are offered; nothing is "
        "downloaded on its own.",
    )


def folder_tokenizer(role: str, folder: Path) -> Any:
    """The tokenizer in a folder, as diffusers folders have one for each text encoder; raises DiffusionError."""
    if role != "t5xxl":
        return _clip_in(folder)
    for name, make in FILES.items():
        if (path := folder / name).is_file():
            if path.stat().st_size > MOST_BYTES:
                raise DiffusionError(
                    f"{short(path)} is too large for a tokenizer.", remedy="Copy or download the file again."
                )
            return make(path.read_bytes())
    raise DiffusionError(
        f"{short(folder)} holds no tokenizer: neither {' nor '.join(FILES)}.",
        remedy="Copy or download the whole folder again.",
    )


def tokenizer_folders(path: Path) -> list[Path]:
    """The folders with tokenizers that belong to a model file: those named `tokenizers` beside the folders that it lies
    in, the nearest first."""
    return [folder for above in path.parents[:_LEVELS] if (folder := above / "tokenizers").is_dir()]


def tokenizers_of_folder(path: Path) -> list[Path]:
    """The files that may hold the tokenizer of a text encoder which is a folder of its own: those where diffusers
    folders have it, if the folder is a part of one, then those in it. The first is the one that is read."""
    folders = dict.fromkeys((path.parent / path.name.replace("text_encoder", "tokenizer"), path))
    return [found for folder in folders for name in FILES if (found := folder / name).is_file()]


def tokenizer_files(role: str, folders: Sequence[Path]) -> list[Path]:
    """The files in folders that `find_tokenizer` looks for, as far as they are there; the first is the one it reads."""
    if role != "t5xxl":
        return []
    return [path for folder in folders for name in FILES if (path := folder / role / name).is_file()]


def _clip_in(folder: Path) -> Any:
    from transformers import CLIPTokenizer

    try:
        return CLIPTokenizer.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise DiffusionError(
            f"The tokenizer in {short(folder)} cannot be loaded: {error}.",
            remedy="Copy or download the whole folder again.",
        ) from error
