"""`embedding:name` in prompts: the files that are meant, and what prompt nodes depend on because of them."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from pathlib import PurePosixPath
from typing import Any

import diffusion
from graph.api import Files, NodeContext, file_state

FOLDER = "embeddings"

_ENDINGS = ("", ".safetensors", ".sft", ".pt", ".bin")
_PUNCTUATION = ".!?:\"'"
"""What may follow a name without being a part of it."""
_MOST_COMPARED = 2_000


def embeddings_in(*sockets: str) -> Callable[..., object]:
    """Returns the `fingerprint` of a node whose inputs `sockets` are prompts: the state of each file that they name,
    and that it is missing. Of a prompt that is not known before the run, every embedding counts."""

    def found(*, files: Files, **given: object) -> object:
        texts = [given.get(socket) for socket in sockets]
        if not all(isinstance(text, str) for text in texts):
            return [_state(files, name) for name in files.choices(FOLDER)]
        names = [name for text in texts for name in diffusion.prompt.embedding_names(str(text))]
        if not names:
            return []
        there = _by_name(files)
        return [[name, _state(files, file) if file else None] for name, (file, _) in _meant(names, there).items()]

    return found


def with_embeddings(ctx: NodeContext, clip: Any, *texts: str) -> Any:
    """The text encoder to which embeddings in these prompts mean their files; warns of names that are not there, which
    are left out."""
    names = list(dict.fromkeys(name for text in texts for name in diffusion.prompt.embedding_names(text)))
    if not names:
        return clip
    there = _by_name(ctx.files)
    words = {}
    for name, (file, rest) in _meant(names, there).items():
        if file is None:
            ctx.warn(_unknown(name, there))
            words[name] = diffusion.text_encoding.Word(None)
            continue
        path = ctx.files.path(FOLDER, file)
        embedding = diffusion.text_encoding.read_embedding(
            path, name.removesuffix(rest), override=ctx.files.kinds.override(path)
        )
        words[name] = diffusion.text_encoding.Word(embedding, rest)
    spoken = clip.with_words(words)
    for word in words.values():
        if word.embedding is not None and (without := clip.without(word.embedding)):
            ctx.warn(
                f"the embedding {word.embedding.name} has no vectors for {' and '.join(without)}, which read nothing "
                "in its place: describe what you want in words besides"
            )
    return spoken


def _by_name(files: Files) -> dict[str, str]:
    """How the embeddings that are there may be written, and their files."""
    found: dict[str, str] = {}
    names = files.choices(FOLDER)
    for ending in _ENDINGS:
        for file in names:
            if file.endswith(ending):
                found.setdefault(file.removesuffix(ending) if ending else file, file)
    return found


def _meant(names: list[str], there: dict[str, str]) -> dict[str, tuple[str | None, str]]:
    """For each name as it is written the file that is meant, None for none, and the punctuation behind the name."""
    found: dict[str, tuple[str | None, str]] = {}
    for name in names:
        plain = name.replace("\\", "/")
        found[name] = (None, "")
        bare = plain.rstrip(_PUNCTUATION)
        for end in range(len(plain), len(bare) - 1, -1):
            if plain[:end] in there:
                found[name] = (there[plain[:end]], plain[end:])
                break
    return found


def _unknown(name: str, there: dict[str, str]) -> str:
    plain = name.rstrip(_PUNCTUATION)
    known = list(there)[:_MOST_COMPARED]
    # People leave out folders: a name is near to another one also without them.
    last = {PurePosixPath(each).name: each for each in known}
    near = [*get_close_matches(plain, known, n=3), *(last[each] for each in get_close_matches(plain, last, n=3))]
    bare = [each for each in dict.fromkeys(near) if not each.endswith(_ENDINGS[1:])]
    hint = f"did you mean {' or '.join(bare[:3])}?" if bare else "put its file into models/embeddings"
    return f"there is no embedding {plain!r}, so the prompt was read without it; {hint}"


def _state(files: Files, name: str) -> object:
    """What changes with a file."""
    try:
        path = files.path(FOLDER, name)
        return [name, *file_state(path.stat()), dict(files.kinds.override(path))]
    except (OSError, ValueError):
        return [name, None]
