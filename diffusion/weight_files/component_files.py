"""Which weight files the folder of a component has, and its settings. Opens no weights; free of torch.

Weights are read from safetensors and from nothing else: a pickle can run code when it is opened.
"""

from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING, Any

from diffusion.errors import DiffusionError
from diffusion.weight_files.names import short, shown
from diffusion.weight_files.reading import open_plain

if TYPE_CHECKING:
    from pathlib import Path

_PICKLES = (".bin", ".ckpt", ".pt", ".pth")
_AGAIN = "Copy or download the file again."
_MOST_BYTES = 16 << 20  # the index of the largest models has one


def find_weights(folder: Path, stem: str) -> list[Path]:
    """The files with a component's weights: the plain one, the parts that an index tells of, or those of a variant such
    as "fp16".

    Raises DiffusionError when there is none, when there are only pickles, or when a part is not there.
    """
    plain = folder / f"{stem}.safetensors"
    if plain.is_file():
        return [plain]
    indexes = [folder / f"{stem}.safetensors.index.json", *sorted(folder.glob(f"{stem}.safetensors.index.*.json"))]
    indexes = [index for index in indexes if index.is_file()]
    for index in indexes:
        shards = _shards(index)
        if all(path.is_file() for path in shards):
            return shards
    if indexes:  # who downloads one variant may get the indexes of all: none is complete
        gone = next(path for path in _shards(indexes[0]) if not path.is_file())
        raise DiffusionError(f"{short(folder)} has no {gone.name}, which {indexes[0].name} tells of.", remedy=_AGAIN)
    if variants := sorted(folder.glob(f"{stem}.*.safetensors")):
        return variants[:1]
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


def read_json(path: Path) -> dict[str, Any]:
    """A configuration file; raises DiffusionError when it is absent, of absurd size, or no JSON object."""
    if not path.exists():
        raise DiffusionError(
            f"There is no {short(path)}.", remedy="Copy or download the whole checkpoint folder again."
        )
    try:
        with open_plain(path) as file:
            raw = file.read(_MOST_BYTES + 1)
        if len(raw) > _MOST_BYTES:
            raise ValueError(f"it has more than {_MOST_BYTES:,} bytes")
        content = json.loads(raw)
    except DiffusionError:
        raise
    except RecursionError as error:
        raise DiffusionError(f"{short(path)} cannot be read as JSON: it is nested too deep.", remedy=_AGAIN) from error
    except (OSError, ValueError) as error:
        raise DiffusionError(f"{short(path)} cannot be read as JSON: {error}.", remedy=_AGAIN) from error
    if not isinstance(content, dict):
        raise DiffusionError(f"{short(path)} holds no JSON object.", remedy=_AGAIN)
    return content


def _shards(index: Path) -> list[Path]:
    """The files that an index names; raises DiffusionError for names that lead elsewhere."""
    named = read_json(index).get("weight_map")
    names = sorted({str(name) for name in named.values()}) if isinstance(named, dict) else []
    for name in names:
        if any(sign in name for sign in "/\\\0") or name in ("", "..", "."):
            raise DiffusionError(f"{short(index)} names {shown(name)}, which is no file beside it.", remedy=_AGAIN)
    return [index.parent / name for name in names]
