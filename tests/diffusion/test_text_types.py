"""What the types of the field's loaders of text encoders stand for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch
from safetensors.torch import save_file

from diffusion.choices import TEXT_TYPES_OF_ONE, TEXT_TYPES_OF_TWO
from diffusion.errors import DiffusionError
from diffusion.text_types import ROLES, roles_in, style_of

if TYPE_CHECKING:
    from pathlib import Path

CLIPS = {"clip_l": 768, "clip_h": 1024, "clip_g": 1280}


def clip(folder: Path, role: str) -> Path:
    """A file that looks like a CLIP: its tables and one norm."""
    width, path = CLIPS[role], folder / f"{role}.safetensors"
    shapes = {
        "text_model.embeddings.token_embedding.weight": (4, width),
        "text_model.embeddings.position_embedding.weight": (77, width),
        "text_model.encoder.layers.0.self_attn.q_proj.weight": (4, width),
        "text_model.encoder.layers.0.layer_norm1.weight": (width,),
        "text_model.encoder.layers.0.mlp.fc1.weight": (4, width),
        "text_model.final_layer_norm.weight": (width,),
    }
    save_file({name: torch.zeros(shape) for name, shape in shapes.items()}, path)
    return path


@pytest.mark.parametrize(("role", "style"), [("clip_l", "sd1"), ("clip_h", "sd2"), ("clip_g", "sdxl_refiner")])
def test_stable_diffusion_is_told_by_the_encoder_in_the_file(tmp_path: Path, role: str, style: str) -> None:
    assert style_of("stable_diffusion", roles_in([clip(tmp_path, role)])) == style


def test_other_types_are_families_whatever_is_in_the_files(tmp_path: Path) -> None:
    for kind in ("sdxl", "sd3", "flux"):
        assert style_of(kind, roles_in([tmp_path / "not looked at"])) == kind
        assert kind in ROLES


def test_t5_alone_is_no_stable_diffusion(tmp_path: Path) -> None:
    path = tmp_path / "t5.safetensors"
    shapes = {
        "shared.weight": (4, 4096),
        "encoder.block.0.layer.1.DenseReluDense.wi_1.weight": (4, 4096),
        "encoder.final_layer_norm.weight": (4096,),
    }
    save_file({name: torch.zeros(shape) for name, shape in shapes.items()}, path)
    with pytest.raises(DiffusionError, match="is T5") as caught:
        style_of("stable_diffusion", roles_in([path]))
    assert caught.value.input == "type"


def test_types_of_families_that_are_not_usable_yet_are_named_as_such() -> None:
    usable = {"stable_diffusion", "sdxl", "sd3", "flux"}
    assert usable <= {*TEXT_TYPES_OF_ONE, *TEXT_TYPES_OF_TWO}
    for kind in {*TEXT_TYPES_OF_ONE, *TEXT_TYPES_OF_TWO} - usable:
        with pytest.raises(DiffusionError, match=f"Text encoders for {kind} cannot be used yet"):
            style_of(kind, [])
