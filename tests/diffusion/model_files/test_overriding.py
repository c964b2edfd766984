"""What a person says counts against what a file looks like, but mends no damage."""

from __future__ import annotations

import pytest

from diffusion.families.table import FAMILIES
from diffusion.model_files.companions import goes_with
from diffusion.model_files.known import KNOWN
from diffusion.model_files.model_file import ModelFile
from diffusion.model_files.overriding import overridden
from diffusion.model_files.recognise import recognise
from tests.support.headers import shapes
from tests.support.sparse_files import write_plain


def test_a_variant_is_changed_with_its_name_its_licence_and_what_it_predicts(tmp_path):
    found = recognise(write_plain(tmp_path / "a.safetensors", shapes("sdxl-base")))
    changed = overridden(found, {"family": "sdxl", "variant": "v"})
    assert (found.variant, found.prediction) == ("", "")
    assert (changed.kind, changed.variant, changed.prediction) == ("checkpoint", "v", "v_prediction")
    assert (changed.name, changed.parts) == (FAMILIES["sdxl"].variants["v"], found.parts)
    back = overridden(changed, {"family": "sdxl", "variant": ""})
    assert back == found, "an override with a family says the variant, too"


def test_what_is_unknown_becomes_what_was_said(tmp_path):
    found = recognise(write_plain(tmp_path / "a.safetensors", {"a.weight": (3, 3), "b.weight": (9, 9)}))
    assert found.kind == "unknown"
    assert found.problem
    text = overridden(found, {"kind": "text_encoder", "family": "flux"})
    assert (text.kind, text.problem, text.serves) == ("text_encoder", "", ("flux",))
    painter = overridden(found, {"kind": "denoiser", "family": "flux", "variant": "kontext"})
    assert (painter.problem, painter.name, painter.parts) == ("", "Flux.1 Kontext", ("denoiser",))
    assert {need.role for need in goes_with(painter)} == {"clip_l", "t5xxl", "vae"}
    assert overridden(found, {"kind": "vae"}).parts == ("vae",)
    assert overridden(found, {"kind": "lora"}).problem == ""
    assert overridden(found, {"kind": "gligen"}).problem.startswith("It is known (GLIGEN model)")
    assert overridden(found, {"kind": "denoiser"}).problem == "The family of this model is not known."


def test_a_family_that_cannot_be_used_yet_stays_so(tmp_path):
    found = recognise(write_plain(tmp_path / "a.safetensors", shapes("flux1-dev")))
    later = overridden(found, {"family": KNOWN[0].id})
    assert (later.kind, later.family, later.is_usable) == ("denoiser", KNOWN[0].id, False)
    assert later.remedy


def test_without_an_override_or_with_one_that_says_the_same_nothing_changes(tmp_path):
    found = recognise(write_plain(tmp_path / "a.safetensors", shapes("flux1-dev")))
    assert overridden(found, {}) is found
    assert overridden(found, {"kind": "denoiser", "family": "flux"}) is found


@pytest.mark.parametrize("kind", ["unknown", "pickle"])
def test_damage_and_pickles_are_not_mended(kind):
    found = ModelFile(
        kind, problem="It is cut off.", remedy="Copy it again.", format="pickle" if kind == "pickle" else ""
    )
    assert overridden(found, {"kind": "checkpoint", "family": "sd1"}) is found


def test_weights_that_cannot_be_read_stay_a_reason():
    found = ModelFile(
        "denoiser", "flux", precision="nvfp4", format="safetensors", problem="It is stored as nvfp4.", remedy="Get fp8."
    )
    changed = overridden(found, {"family": "flux", "variant": "schnell"})
    assert (changed.variant, changed.problem, changed.remedy) == ("schnell", found.problem, found.remedy)
