"""The folders of the installation: models, pictures, cache, bundled files; and versions. Imports no node."""

from __future__ import annotations

import sys
import sysconfig
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from graph import __version__
from graph.files.display_names import PlaceNames
from graph.files.folders import IMAGE_EXTENSIONS, Files

ROOT = Path(__file__).resolve().parent.parent
MODEL_KINDS = ("checkpoints", "vae", "loras", "controlnet", "embeddings", "upscale_models", "text_encoders")
_WRITTEN_DOWN = ("torch", "diffusers", "transformers", "safetensors", "numpy", "Pillow")


def find_files(data_dir: Path | None = None, models_dir: Path | None = None, output: Path | None = None) -> Files:
    """Returns the folders; creates nothing."""
    data = data_dir or ROOT
    models = models_dir or ROOT / "models"
    roots = {kind: [models / kind] for kind in MODEL_KINDS}
    roots["input"] = [data / "input"]
    roots["output"] = [output or data / "output"]
    roots["temp"] = [data / "temp"]
    return Files(roots, _bundled())


def find_place_names(data_dir: Path | None = None, models_dir: Path | None = None) -> PlaceNames:
    """Returns the names of folders that stand for paths in texts for clients and logs."""
    data = data_dir or ROOT
    python = sysconfig.get_paths()
    places: dict[str, list[Path]] = {
        kind: list(roots) for kind, roots in find_files(data_dir, models_dir).roots.items()
    }
    places |= {"": [ROOT / "custom_nodes", ROOT], "cache": [data / "cache"], "data": [data / "data"]}
    places["python"] = [Path(python["stdlib"])]
    places["site-packages"] = [Path(python["purelib"]), Path(python["platlib"])]
    return PlaceNames(places)


def cache_folder(data_dir: Path | None = None) -> Path:
    """Returns the folder of the disk cache."""
    return (data_dir or ROOT) / "cache"


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
    pictures = sorted(item for item in (ROOT / "workflows" / "pictures").glob("*") if item.suffix in IMAGE_EXTENSIONS)
    return {
        "checkpoints": {"picturebook": picturebook},
        "vae": {"picturebook": picturebook / "vae"},
        "input": {item.name: item for item in pictures},
    }
