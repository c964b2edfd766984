"""Which family and variant tensors belong to, by their names and shapes: those of real files, and made-up ones."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from diffusion.families.table import FAMILIES, recognise_family
from diffusion.noise_models import DiscreteNoise, FlowNoise
from tests.support import headers

WHOLE = "model.diffusion_model."


def found(shapes: dict[str, tuple[int, ...]]) -> tuple[str, str] | None:
    family = recognise_family(shapes)
    return family and (family[0].id, family[1])


@pytest.mark.parametrize(
    ("file", "prefix", "kind"),
    [
        ("sd15", WHOLE, ("sd1", "")),
        ("sd21", WHOLE, ("sd2", "")),
        ("sdxl-base", WHOLE, ("sdxl", "")),
        ("sd35-medium", WHOLE, ("sd3", "medium")),
        ("sd35-large", WHOLE, ("sd3", "large")),
        ("flux1-dev", "", ("flux", "")),
        ("flux1-schnell", "", ("flux", "schnell")),
        ("flux1-fill-dev", "", ("flux", "fill")),
        ("lumina2", "", None),
        ("qwen-image", "", None),
        ("vae-flux", "", None),
        ("vae-sd", "", None),
        ("wan21-t2v-1.3b", "", None),
        ("wan22-ti2v-5b", "", None),
    ],
)
def test_real_files_are_told_apart(file: str, prefix: str, kind: tuple[str, str] | None) -> None:
    assert found(headers.shapes(file, prefix)) == kind


@pytest.mark.parametrize(
    ("file", "channels", "variant"), [("sd15", 9, "inpaint"), ("sd15", 8, "instruct"), ("sdxl-base", 9, "inpaint")]
)
def test_more_channels_than_the_latent_has_make_a_variant(file: str, channels: int, variant: str) -> None:
    shapes = headers.shapes(file, WHOLE)
    first = shapes["input_blocks.0.0.weight"]
    shapes["input_blocks.0.0.weight"] = (first[0], channels, *first[2:])
    assert (found(shapes) or ("", ""))[1] == variant
    shapes["input_blocks.0.0.weight"] = (first[0], 7, *first[2:])
    assert found(shapes) is None


@pytest.mark.parametrize(("says", "variant"), [(["v_pred"], "v"), (["v_pred", "ztsnr"], "v_zero_snr"), (["ztsnr"], "")])
def test_sdxl_says_what_it_predicts_with_tensors_of_their_own(says: list[str], variant: str) -> None:
    shapes = headers.shapes("sdxl-base", WHOLE) | dict.fromkeys(says, (0,))
    assert found(shapes) == ("sdxl", variant)


@pytest.mark.parametrize("other", ["distilled_guidance_layer.in_proj.bias", "double_stream_modulation_img.lin.weight"])
def test_families_with_the_blocks_of_flux_are_not_taken_for_it(other: str) -> None:
    assert found(headers.shapes("flux1-dev") | {other: (1,)}) is None


def test_flux_for_canny_and_depth_takes_twice_the_channels() -> None:
    shapes = headers.shapes("flux1-dev")
    shapes["img_in.weight"] = (3072, 128)
    assert found(shapes) == ("flux", "control")


def test_a_controlnet_is_no_model_of_its_family() -> None:
    assert found(headers.shapes("sd15", WHOLE) | {"zero_convs.0.0.weight": (320, 320, 1, 1)}) is None


def test_nothing_and_anything_are_of_no_family() -> None:
    assert found({}) is None
    assert found({"conv_in.weight": (1,), "weight": ()}) is None


def test_each_variant_has_a_noise_model() -> None:
    for family in FAMILIES.values():
        for variant in ("", *family.variants):
            assert isinstance(family.noise(variant), DiscreteNoise | FlowNoise)
    v = FAMILIES["sdxl"].noise("v_zero_snr")
    assert isinstance(v, DiscreteNoise)
    assert (v.prediction, v.sigma_max > 1000) == ("v_prediction", True)
    flux = [FAMILIES["flux"].noise(variant) for variant in ("", "schnell")]
    assert [round(noise.sigma(500), 3) for noise in flux] == [0.76, 0.5]


@pytest.mark.process
def test_the_table_of_families_needs_no_torch() -> None:
    program = "import sys, diffusion.families.table; sys.exit('torch' in sys.modules)"
    root = Path(__file__).parents[3]
    assert subprocess.run([sys.executable, "-c", program], cwd=root, check=False).returncode == 0
