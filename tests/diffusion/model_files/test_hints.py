"""What only values, metadata or the file's name tell, and which of them is believed."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import pytest

from diffusion.model_files.recognise import recognise
from tests.support.headers import shapes
from tests.support.sparse_files import write_plain, write_safetensors

if TYPE_CHECKING:
    from pathlib import Path

LAST = "model.diffusion_model.output_blocks.11.1.transformer_blocks.0.norm1.bias"


def sd2(path: Path, dtype: str, spread: float, metadata: dict[str, str] | None = None) -> str:
    """The variant of a Stable Diffusion 2 whose last biases spread so."""
    tensors = {name: (dtype, shape) for name, shape in shapes("sd21").items()}
    count = tensors[LAST][1][0]
    values = [spread if n % 2 else -spread for n in range(count)]
    code = {"F16": "e", "F32": "f", "BF16": "f"}[dtype]
    raw = struct.pack(f"<{count}{code}", *values)
    if dtype == "BF16":
        raw = b"".join(raw[at + 2 : at + 4] for at in range(0, len(raw), 4))
    return recognise(write_safetensors(path, tensors, metadata, values={LAST: raw})).variant


@pytest.mark.parametrize("dtype", ["F16", "BF16", "F32"])
def test_stable_diffusion_2_shows_in_its_last_norm_what_it_predicts(tmp_path: Path, dtype: str) -> None:
    assert sd2(tmp_path / "a.safetensors", dtype, 0.2) == "v"
    assert sd2(tmp_path / "b.safetensors", dtype, 0.03) == ""


def test_values_are_believed_before_metadata_and_names(tmp_path: Path) -> None:
    lie = {"modelspec.prediction_type": "epsilon"}
    assert sd2(tmp_path / "v2-1_512-ema-pruned.safetensors", "F16", 0.2, lie) == "v"
    assert sd2(tmp_path / "v2-1_768-vpred.safetensors", "F16", 0.03) == ""


@pytest.mark.parametrize(
    ("header", "name", "metadata", "variant"),
    [
        ("sd21", "v2-1_768-ema-pruned", None, "v"),
        ("sd21", "v2-1_512-ema-pruned", None, ""),
        ("sd21", "v2-1_768-ema-pruned", {"modelspec.prediction_type": "epsilon"}, ""),
        ("sdxl-base", "noobaiXL-vpred-1.0", None, "v"),
        ("sdxl-base", "sd_xl_base_1.0", {"modelspec.prediction_type": "v"}, "v"),
        ("sdxl-base", "sd_xl_base_1.0", None, ""),
        ("sd15", "some-v-pred", None, ""),
        ("flux1-dev", "flux1-dev-kontext_fp8_scaled", None, "kontext"),
        ("flux1-fill-dev", "flux1-kontext-fill", None, "fill"),
        ("sdxl-base", "kontext", None, ""),
    ],
)
def test_names_and_metadata_are_asked_for_what_tensors_cannot_tell(
    tmp_path: Path, header: str, name: str, metadata: dict[str, str] | None, variant: str
) -> None:
    found = recognise(write_plain(tmp_path / f"{name}.safetensors", shapes(header), metadata=metadata))
    assert found.variant == variant
    assert found.prediction == ("v_prediction" if variant == "v" else "")


@pytest.mark.parametrize(
    ("header", "name", "serves", "others"),
    [
        ("vae-sd", "sdxl_vae", "sdxl", "sd1"),
        ("vae-sd", "sdxl_vae_fp16_fix", "sdxl_refiner", "sd1"),
        ("vae-sd", "vae-ft-mse-840000-ema-pruned", "sd1", "sdxl"),
        ("vae-flux", "ae", "flux", "sd3"),
        ("vae-flux", "sd3.5_vae", "sd3", "flux"),
    ],
)
def test_vaes_with_the_same_tensors_are_told_apart_by_their_names(
    tmp_path: Path, header: str, name: str, serves: str, others: str
) -> None:
    found = recognise(write_plain(tmp_path / f"{name}.safetensors", shapes(header)))
    assert serves in found.serves
    assert others not in found.serves


@pytest.mark.parametrize(("header", "name"), [("vae-sd", "my_vae"), ("vae-sd", "ae"), ("vae-flux", "sdxl_vae")])
def test_a_name_that_says_nothing_or_does_not_fit_changes_nothing(tmp_path: Path, header: str, name: str) -> None:
    found = recognise(write_plain(tmp_path / f"{name}.safetensors", shapes(header)))
    assert {"sd1", "sdxl"} <= set(found.serves) or {"sd3", "flux"} <= set(found.serves)
