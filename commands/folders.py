"""The folders of the installation: models, pictures, cache, bundled files; and versions. Imports no node."""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from commands.extra_paths import FILE_NAME, ExtraPaths, read_extra_paths
from graph import __version__
from graph.files.display_names import PlaceNames
from graph.files.folders import IMAGE_EXTENSIONS, Files

ROOT = Path(__file__).resolve().parent.parent
MODEL_KINDS = (
    "checkpoints", "diffusion_models", "text_encoders", "vae", "loras", "controlnet", "embeddings", "upscale_models",
    "clip_vision", "style_models", "diffusers", "vae_approx", "latent_upscale_models", "hypernetworks", "gligen",
    "photomaker", "model_patches", "audio_encoders", "classifiers", "background_removal", "frame_interpolation",
    "geometry_estimation", "optical_flow", "detection", "tokenizers",
)  # fmt: skip
"""The field's names of folders with models."""
FORMER_NAMES = {"text_encoders": ("clip",), "diffusion_models": ("unet",), "controlnet": ("t2i_adapter",)}
"""Folders of earlier versions of the field that count as well."""
MADE_HERE = ("loras", "embeddings")
"""Folders with models that nodes train: what lies in such a folder of the output folder can be chosen, too."""
_WRITTEN_DOWN = ("torch", "diffusers", "transformers", "safetensors", "numpy", "Pillow")


def find_files(
    data_dir: Path | None = None,
    models_dir: Path | None = None,
    output: Path | None = None,
    extra: ExtraPaths | None = None,
) -> Files:
    """Returns the folders; creates nothing. `extra` are folders with models besides those in `models_dir`."""
    data = data_dir or ROOT
    models = models_dir or ROOT / "models"
    extra = extra or ExtraPaths()
    roots: dict[str, list[Path]] = {}
    for kind in dict.fromkeys((*MODEL_KINDS, *extra.before, *extra.after)):
        own = [models / name for name in (kind, *FORMER_NAMES.get(kind, ()))]
        roots[kind] = list(dict.fromkeys([*extra.before.get(kind, ()), *own, *extra.after.get(kind, ())]))
    roots["input"] = [data / "input"]
    roots["output"] = [output or data / "output"]
    for kind in MADE_HERE:
        roots[kind].append(roots["output"][0] / kind)
    roots["temp"] = [data / "temp"]
    roots["unfinished"] = [data / "unfinished"]
    return Files(roots, _bundled())


def find_extra_paths(models_dir: Path | None = None, given: Sequence[Path] | None = None) -> ExtraPaths:
    """Returns the folders that `extra_model_paths.yaml` names, beside this program and beside the folder of models,
    and those of files that a person gave."""
    beside = [ROOT, *([models_dir.absolute().parent] if models_dir else [])]
    return read_extra_paths([folder / FILE_NAME for folder in beside], needed=given or ())


def find_place_names(
    data_dir: Path | None = None, models_dir: Path | None = None, extra: ExtraPaths | None = None
) -> PlaceNames:
    """Returns the names of folders that stand for paths in texts for clients and logs."""
    data = data_dir or ROOT
    python = sysconfig.get_paths()
    places: dict[str, list[Path]] = {
        kind: list(roots) for kind, roots in find_files(data_dir, models_dir, extra=extra).roots.items()
    }
    places |= {"": [ROOT / "custom_nodes", ROOT], "cache": [data / "cache"], "data": [data / "data"]}
    places["python"] = [Path(python["stdlib"])]
    places["site-packages"] = [Path(python["purelib"]), Path(python["platlib"])]
    return PlaceNames(places)


def cache_folder(data_dir: Path | None = None) -> Path:
    """Returns the folder of the disk cache."""
    return (data_dir or ROOT) / "cache"


def library_files(data_dir: Path | None = None) -> tuple[Path, Path]:
    """Returns the files with what was found out about models, and with what persons set instead."""
    folder = (data_dir or ROOT) / "data"
    return folder / "models.sqlite3", folder / "model-overrides.json"


def packs_folder(data_dir: Path | None = None) -> Path:
    """Returns the folder with the notes about packs."""
    return (data_dir or ROOT) / "data" / "packs"


def find_versions() -> dict[str, str]:
    """Returns the versions of Jacquard, Python and the libraries that affect pictures."""
    found = {"jacquard": __version__, "python": sys.version.split()[0]}
    for name in _WRITTEN_DOWN:
        try:
            found[name.lower()] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _bundled() -> dict[str, dict[str, Path]]:
    """Returns where the bundled files are when they are there: the model, and the pictures of the examples."""
    picturebook = ROOT / "models" / "picturebook"
    pictures = sorted(
        item  # and the folders that are sets to train on
        for item in (ROOT / "workflows" / "pictures").glob("[!_.]*")
        if item.suffix in IMAGE_EXTENSIONS or item.is_dir()
    )
    return {
        "checkpoints": {"picturebook": picturebook},
        "vae": {"picturebook": picturebook / "vae"},
        "input": {item.name: item for item in pictures},
    }
