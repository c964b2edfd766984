"""What loaders of text encoders depend on besides the files that they name: T5's tokenizer in a file of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import diffusion
from graph.api import Files, file_state

if TYPE_CHECKING:
    from collections.abc import Callable


def tokenizers_beside(folder: str, *sockets: str) -> Callable[..., object]:
    """Returns the `fingerprint` of a node whose inputs `sockets` choose files of a folder: path and state of every file
    that could be T5's tokenizer for one of them. It changes when such a file is put there, replaced or taken away."""

    def found(*, files: Files, **chosen: object) -> object:
        names = [name for socket in sockets if isinstance(name := chosen.get(socket), str)]
        paths = [files.path(folder, name) for name in names]
        of_folders = [
            found for path in paths if path.is_dir() for found in diffusion.tokenizers.tokenizers_of_folder(path)
        ]
        nearest = [beside for path in paths for beside in diffusion.tokenizers.tokenizer_folders(path)]
        places = dict.fromkeys([*nearest, *files.roots.get("tokenizers", ())])
        there = diffusion.tokenizers.tokenizer_files("t5xxl", list(places))
        return [[str(path), *file_state(path.stat())] for path in dict.fromkeys([*of_folders, *there])]

    return found
