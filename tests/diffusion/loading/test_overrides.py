"""What a person set against how a file looks decides how it is loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from diffusion.errors import DiffusionError
from diffusion.loading import load_checkpoint, load_denoiser, load_text_encoders, load_vae
from tests.support import tiny_files

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.network


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_files.all_in_one(tmp_path_factory.mktemp("set") / "a.safetensors", tiny_files.painter("sdxl", words=8))


def test_a_variant_that_was_set_counts_noise_in_its_way(file: Path) -> None:
    looks = load_checkpoint(file, device="cpu").model
    said = load_checkpoint(file, device="cpu", override={"family": "sdxl", "variant": "v"}).model
    assert (looks.variant, said.variant) == ("", "v")
    assert (looks.noise_model.prediction, said.noise_model.prediction) == ("epsilon", "v_prediction")
    denoiser = load_denoiser(file, device="cpu", override={"kind": "denoiser", "family": "sdxl", "variant": "v"})
    assert denoiser.noise_model.prediction == "v_prediction"


def test_a_file_that_was_said_to_be_of_another_kind_is_refused_as_one(file: Path) -> None:
    with pytest.raises(DiffusionError, match=r"It is known \(GLIGEN model\)"):
        load_checkpoint(file, device="cpu", override={"kind": "gligen"})
    assert load_vae(file, device="cpu", override={"kind": "vae"}).latent_format.channels == 4


def test_what_was_said_of_a_text_encoder_holds_where_several_are_loaded(file: Path, tmp_path: Path) -> None:
    painter = tiny_files.painter("sd1", words=520)
    path = tiny_files.split_file(tmp_path / "clip.safetensors", painter, "clip_l")
    with pytest.raises(DiffusionError, match=r"It is known \(GLIGEN model\)") as caught:
        load_text_encoders(
            [path], "sd1", device="cpu", override=lambda asked: {"kind": "gligen"} if asked == path else {}
        )
    assert caught.value.input == "clip_name"
    assert list(load_text_encoders([path], "sd1", device="cpu", override=lambda _: {}).parts) == ["clip_l"]
    with pytest.raises(DiffusionError, match="is a VAE; expected a text encoder"):
        load_text_encoders([file], "sdxl", device="cpu", override=lambda _: {"kind": "vae"})
    said = load_text_encoders([file], "sdxl", device="cpu", override=lambda _: {"kind": "text_encoder"})
    assert list(said.parts) == ["clip_l", "clip_g"]
