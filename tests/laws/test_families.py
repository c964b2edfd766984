"""Sampling names no family of models: what is a family's own stands in its file and in what that names."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from diffusion.families.table import FAMILIES

ROOT = Path(__file__).resolve().parents[2]
FAMILY_FREE = [
    "sample",
    "guidance",
    "regions",
    "start",
    "inpainting",
    "progress",
    "preview",
    "noise",
    "schedules",
    "models",
    "latents",
]
OWN = {"diffusion.denoisers.contract", "diffusion.families.family", "diffusion.families.latent_format"}


@pytest.mark.parametrize("room", FAMILY_FREE)
def test_sampling_names_no_family(room: str) -> None:
    text = (ROOT / "diffusion" / f"{room}.py").read_text(encoding="utf-8").lower()
    names = {*FAMILIES, *(family.name.lower() for family in FAMILIES.values()), "flux", "refiner", "stable diffusion"}
    assert {name for name in names if re.search(rf"\b{re.escape(name)}\b", text)} == set()
    imported = set(re.findall(r"from (diffusion\.(?:denoisers|families)\.[\w.]+) import", text))
    assert imported <= OWN


def test_each_family_is_one_file_and_one_row() -> None:
    helpers = {"__init__", "family", "latent_format", "table", "tensor_names"}
    files = {path.stem for path in (ROOT / "diffusion" / "families").glob("*.py")} - helpers
    assert files == set(FAMILIES)
    assert all(family.id == name for name, family in FAMILIES.items())


@pytest.mark.parametrize("folder", ["families", "denoisers", "noise_models"])
def test_the_maps_name_every_room(folder: str) -> None:
    home = ROOT / "diffusion" / folder
    named = set(re.findall(r"`(\w+)`", (home / "__init__.py").read_text(encoding="utf-8")))
    rooms = {path.stem for path in home.glob("*.py")} - {"__init__"}
    assert rooms - named == set()
