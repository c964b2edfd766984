"""Is there a weight file, may it be read, and is it whole? Reads headers only; free of torch.

Weights are read from safetensors and from nothing else: a pickle can run code when it is opened.
"""

from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING, Any

from diffusion.errors import DiffusionError
from diffusion.weight_files.names import short
from diffusion.weight_files.reading import read_header

if TYPE_CHECKING:
    from pathlib import Path

_PICKLES = (".bin", ".ckpt", ".pt", ".pth")
_AGAIN = "Copy or download the file again."


def find_variant(folder: Path, stem: str) -> str | None:
    """Which variant of a component's weights to load: None for the plain one, else a name such as "fp16".

    Checks that every file of it is whole. Raises DiffusionError when there is none, when there are only pickles, or
    when a file is cut short.
    """
    plain = folder / f"{stem}.safetensors"
    if plain.is_file():
        check_whole(plain)
        return None
    if (index := folder / f"{stem}.safetensors.index.json").is_file():
        _check_shards(index)
        return None
    for variant in sorted(folder.glob(f"{stem}.*.safetensors")):
        check_whole(variant)
        return variant.name.removeprefix(f"{stem}.").removesuffix(".safetensors")
    pickles = [path.name for path in sorted(folder.glob("*")) if path.suffix in _PICKLES]
    if pickles:
        raise DiffusionError(
            f"{short(folder)} holds its weights as {pickles[0]}, a pickle, which can run code when it is opened.",
            remedy=f"Put the same weights there as {plain.name}; most checkpoints are offered in both forms.",
        )
    raise DiffusionError(
        f"{short(folder)} has no {plain.name}.", remedy="Copy or download the whole checkpoint folder again."
    )


def refuse_pipes(path: Path) -> None:
    """Raises DiffusionError when a model, or something in a model's folder, is neither a plain file nor a folder.

    The libraries open by name what lies there, and would wait for a pipe without end.
    """
    pending = [path]
    while pending:
        item = pending.pop()
        try:
            mode = item.stat().st_mode
        except OSError:
            continue  # not there, or a link to nowhere: who needs it says so
        if stat.S_ISDIR(mode):
            pending += item.iterdir()
        elif not stat.S_ISREG(mode):
            raise DiffusionError(f"{short(item)} is not a plain file.", remedy="Put the file itself there.")


def check_whole(path: Path) -> None:
    """Raises DiffusionError unless the file is a safetensors file that is whole and tells the truth about itself."""
    if (header := read_header(path)).format != "safetensors":
        raise DiffusionError(
            f"{short(path)} is no safetensors file: it holds {header.format.upper()}.",
            remedy="Put the same weights there as safetensors.",
        )


def read_json(path: Path) -> dict[str, Any]:
    """A configuration file; raises DiffusionError when it is absent or no JSON object."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise DiffusionError(
            f"There is no {short(path)}.", remedy="Copy or download the whole checkpoint folder again."
        ) from error
    except (OSError, ValueError) as error:
        raise DiffusionError(f"{short(path)} cannot be read as JSON: {error}.", remedy=_AGAIN) from error
    if not isinstance(content, dict):
        raise DiffusionError(f"{short(path)} holds no JSON object.", remedy=_AGAIN)
    return content


def _check_shards(index: Path) -> None:
    for name in sorted(set(read_json(index).get("weight_map", {}).values())):
        shard = index.parent / name
        if not shard.is_file():
            raise DiffusionError(f"{short(index.parent)} has no {name}, which {index.name} tells of.", remedy=_AGAIN)
        check_whole(shard)
