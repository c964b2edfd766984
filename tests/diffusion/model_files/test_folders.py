"""Folders as diffusers writes them, told by their settings alone."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from diffusion.model_files.recognise import recognise
from tests.support.headers import shapes
from tests.support.sparse_files import write_plain

PICTUREBOOK = Path(__file__).parents[3] / "models" / "picturebook"


def folder(tmp_path: Path, called: str, **settings: dict[str, Any]) -> Path:
    """A folder of this pipeline, with a folder, a config.json and weights for each part."""
    index: dict[str, Any] = {"_class_name": called, "_diffusers_version": "0.42.0"}
    for name, config in settings.items():
        (tmp_path / name).mkdir()
        file = "scheduler_config.json" if name == "scheduler" else "config.json"
        (tmp_path / name / file).write_text(json.dumps(config))
        if name != "scheduler":
            stem = "model" if name.startswith("text_encoder") else "diffusion_pytorch_model"
            write_plain(tmp_path / name / f"{stem}.safetensors", {"some.weight": (4, 4)}, "BF16")
        index[name] = ["diffusers", "Some"]
    (tmp_path / "model_index.json").write_text(json.dumps(index))
    return tmp_path


def test_the_bundled_model_is_recognised() -> None:
    found = recognise(PICTUREBOOK)
    assert (found.kind, found.family, found.format, found.is_usable) == ("checkpoint", "sd1", "folder", True)
    assert found.parts == ("denoiser", "vae", "clip_l")
    assert found.size > 1_000_000
    vae = recognise(PICTUREBOOK / "vae")
    assert (vae.kind, vae.is_usable) == ("vae", True)
    assert "sd1" in vae.serves


@pytest.mark.parametrize(
    ("called", "settings", "family", "variant"),
    [
        ("StableDiffusionPipeline", {"unet": {}}, "sd1", ""),
        ("StableDiffusionInpaintPipeline", {"unet": {}}, "sd1", "inpaint"),
        ("StableDiffusionPipeline", {"unet": {"use_linear_projection": True}}, "sd2", ""),
        ("StableDiffusionPipeline",
         {"unet": {"use_linear_projection": True}, "scheduler": {"prediction_type": "v_prediction"}}, "sd2", "v"),
        ("StableDiffusionXLPipeline", {"unet": {"cross_attention_dim": 2048}}, "sdxl", ""),
        ("StableDiffusionXLImg2ImgPipeline", {"unet": {"cross_attention_dim": 1280}}, "sdxl_refiner", ""),
        ("StableDiffusionXLImg2ImgPipeline", {"unet": {"cross_attention_dim": 2048}}, "sdxl", ""),
        ("StableDiffusion3Pipeline", {"transformer": {}}, "sd3", ""),
        ("StableDiffusion3Pipeline", {"transformer": {"qk_norm": "rms_norm"}}, "sd3", "large"),
        ("StableDiffusion3Pipeline", {"transformer": {"dual_attention_layers": [0]}}, "sd3", "medium"),
        ("FluxPipeline", {"transformer": {"guidance_embeds": True}}, "flux", ""),
        ("FluxPipeline", {"transformer": {"guidance_embeds": False}}, "flux", "schnell"),
        ("FluxFillPipeline", {"transformer": {}}, "flux", "fill"),
        ("FluxKontextPipeline", {"transformer": {}}, "flux", "kontext"),
    ],
)  # fmt: skip
def test_pipelines_of_families_here_can_be_used(
    tmp_path: Path, called: str, settings: dict[str, Any], family: str, variant: str
) -> None:
    found = recognise(folder(tmp_path, called, **settings))
    assert (found.kind, found.family, found.variant, found.problem) == ("checkpoint", family, variant, "")
    assert found.precision == "bf16"
    assert found.name


@pytest.mark.parametrize("part", ["transformer", "vae", "text_encoder"])
def test_weights_that_are_missing_damaged_or_pickles_are_said(tmp_path: Path, part: str) -> None:
    path = folder(tmp_path, "FluxPipeline", transformer={}, vae={}, text_encoder={})
    (weights,) = (path / part).glob("*.safetensors")
    weights.write_bytes(weights.read_bytes()[:-1])
    assert "is cut short" in recognise(path).problem
    weights.rename(weights.with_suffix(".bin"))
    assert "a pickle, which can run code" in recognise(path).problem
    weights.with_suffix(".bin").unlink()
    assert f"has no {weights.name}" in recognise(path).problem
    (path / part / f"{weights.name}.index.json").write_text('{"weight_map": {"a": "../../secret"}}')
    assert "which" in recognise(path).problem
    (path / part / f"{weights.name}.index.json").write_text('{"weight_map": {}}')
    assert "names no weights" in recognise(path).problem
    assert recognise(path).family == "flux"


def test_parts_are_called_by_their_roles(tmp_path: Path) -> None:
    parts = {"transformer": {}, "vae": {}, "text_encoder": {}, "text_encoder_2": {}}
    assert recognise(folder(tmp_path, "FluxPipeline", **parts)).parts == ("denoiser", "vae", "clip_l", "t5xxl")


def test_pipelines_of_later_families_are_named(tmp_path: Path) -> None:
    found = recognise(folder(tmp_path, "QwenImagePipeline", transformer={}))
    assert (found.family, found.is_usable) == ("qwen_image", False)
    assert "Qwen-Image is known" in found.problem
    assert found.licence is not None


def test_other_pipelines_and_folders_say_what_they_are(tmp_path: Path) -> None:
    assert '"ShapEPipeline", which is not known here' in recognise(folder(tmp_path, "ShapEPipeline")).problem
    plain = tmp_path / "plain"
    plain.mkdir()
    assert "without a model_index.json" in recognise(plain).problem


@pytest.mark.parametrize(
    ("config", "kind", "parts"),
    [
        ({"_class_name": "FluxTransformer2DModel"}, "denoiser", ("denoiser",)),
        ({"_class_name": "AutoencoderKL", "latent_channels": 16}, "vae", ("vae",)),
        ({"_class_name": "ControlNetModel"}, "controlnet", ()),
        ({"architectures": ["CLIPTextModel"], "hidden_size": 768}, "text_encoder", ("clip_l",)),
        ({"architectures": ["CLIPTextModelWithProjection"], "hidden_size": 1280}, "text_encoder", ("clip_g",)),
        ({"architectures": ["T5EncoderModel"]}, "text_encoder", ("t5xxl",)),
        ({"architectures": ["LlamaForCausalLM"]}, "unknown", ()),
        ({}, "unknown", ()),
    ],
)
def test_components_are_told_by_their_class(
    tmp_path: Path, config: dict[str, Any], kind: str, parts: tuple[str, ...]
) -> None:
    (tmp_path / "config.json").write_text(json.dumps(config))
    stem = "model" if "architectures" in config else "diffusion_pytorch_model"
    write_plain(tmp_path / f"{stem}.safetensors", {"some.weight": (4, 4)})
    found = recognise(tmp_path)
    assert (found.kind, found.parts) == (kind, parts)
    assert found.is_usable == (kind in ("denoiser", "vae", "text_encoder"))


def test_the_family_of_a_denoiser_alone_shows_in_its_tensors(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"_class_name": "FluxTransformer2DModel"}')
    write_plain(tmp_path / "diffusion_pytorch_model.safetensors", shapes("flux1-schnell"))
    found = recognise(tmp_path)
    assert (found.kind, found.family, found.variant, found.precision) == ("denoiser", "flux", "schnell", "fp16")


@pytest.mark.parametrize("content", ["{", "[]", "[" * 100_000, '{"_class_name": 5}', '{"_class_name": ["a"]}', "\0"])
def test_settings_of_nonsense_are_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "model_index.json").write_text(content)
    found = recognise(tmp_path)
    assert found.problem
    assert found.remedy


def test_a_pipe_or_a_huge_file_in_place_of_settings_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "model_index.json")
    assert "not a plain file" in recognise(tmp_path).problem
    (tmp_path / "model_index.json").unlink()
    with (tmp_path / "model_index.json").open("wb") as file:
        file.truncate(1 << 40)
    assert "cannot be read as JSON" in recognise(tmp_path).problem


def test_a_link_back_to_the_folder_ends(tmp_path: Path) -> None:
    (tmp_path / "again").symlink_to(tmp_path)
    assert recognise(folder(tmp_path, "FluxPipeline", transformer={})).family == "flux"
