"""What else a model needs, and which files are that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diffusion.model_files.companions import goes_with
from diffusion.model_files.recognise import recognise
from tests.support.headers import shapes
from tests.support.sparse_files import write_plain

if TYPE_CHECKING:
    from pathlib import Path


def test_a_whole_checkpoint_needs_nothing(tmp_path: Path) -> None:
    for name in ("sd15", "sd21", "sdxl-base"):
        assert goes_with(recognise(write_plain(tmp_path / f"{name}.safetensors", shapes(name)))) == []


def test_a_denoiser_needs_its_text_encoders_and_its_vae(tmp_path: Path) -> None:
    flux = recognise(write_plain(tmp_path / "flux.safetensors", shapes("flux1-dev")))
    needs = goes_with(flux)
    assert [(need.kind, need.role) for need in needs] == [
        ("text_encoder", "clip_l"),
        ("text_encoder", "t5xxl"),
        ("vae", "vae"),
    ]
    assert needs[0].names[0] == "clip_l"
    assert "t5xxl_fp16" in needs[1].names
    assert needs[2].names[0] == "ae"
    sd3 = goes_with(recognise(write_plain(tmp_path / "sd3.safetensors", shapes("sd35-large"))))
    assert [need.role for need in sd3] == ["clip_l", "clip_g", "t5xxl", "vae"]


def test_a_checkpoint_without_a_part_needs_that_part(tmp_path: Path) -> None:
    tensors = {name: shape for name, shape in shapes("sdxl-base").items() if not name.startswith("first_stage_model.")}
    found = recognise(write_plain(tmp_path / "sdxl.safetensors", tensors))
    assert [(need.role, need.names[0]) for need in goes_with(found)] == [("vae", "sdxl_vae")]


def test_a_file_is_what_is_needed_when_kind_role_and_family_fit(tmp_path: Path) -> None:
    clip = {"text_model.encoder.layers.0.mlp.fc1.weight": (3072, 768)}
    bigger = {"text_model.encoder.layers.0.mlp.fc1.weight": (5120, 1280)}
    there = {
        "clip_l": recognise(write_plain(tmp_path / "clip_l.safetensors", clip)),
        "clip_g": recognise(write_plain(tmp_path / "clip_g.safetensors", bigger)),
        "ae": recognise(write_plain(tmp_path / "ae.safetensors", shapes("vae-flux"))),
        "sd_vae": recognise(write_plain(tmp_path / "sd_vae.safetensors", shapes("vae-sd"))),
    }
    flux = goes_with(recognise(write_plain(tmp_path / "flux.safetensors", shapes("flux1-dev"))))
    fitting = {need.role: [name for name, found in there.items() if need.fits(found)] for need in flux}
    assert fitting == {"clip_l": ["clip_l"], "t5xxl": [], "vae": ["ae"]}


def test_later_families_name_the_files_that_they_need(tmp_path: Path) -> None:
    wan = recognise(write_plain(tmp_path / "wan.safetensors", shapes("wan21-t2v-1.3b")))
    names = {need.kind: need.names for need in goes_with(wan)}
    assert "umt5_xxl_fp8_e4m3fn_scaled" in names["text_encoder"]
    assert "wan_2.1_vae" in names["vae"]


def test_other_kinds_need_nothing(tmp_path: Path) -> None:
    assert goes_with(recognise(write_plain(tmp_path / "vae.safetensors", shapes("vae-sd")))) == []
