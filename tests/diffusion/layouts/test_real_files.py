"""The names and shapes of real files, mapped at full size: nothing missing, nothing left over, each row used once."""

from __future__ import annotations

import os
from collections import defaultdict
from typing import TYPE_CHECKING, Any

os.environ["HF_HUB_OFFLINE"] = "1"

import pytest

from diffusion.layouts.contract import targets
from diffusion.layouts.leftovers import IN_FILES, ignored
from diffusion.layouts.plan import plan
from tests.support.headers import meta_module, shapes

if TYPE_CHECKING:
    from diffusion.layouts.contract import Shapes
    from diffusion.layouts.plan import Plan

UNET, VAE = "model.diffusion_model.", "first_stage_model."
COMPONENTS = [
    # file, prefix, layout, style, tensors that are in the file and not read
    ("sd15", UNET, "unet", "sd1", 0),
    ("sd15", VAE, "vae", "vae", 0),
    ("sd15", "cond_stage_model.transformer.", "clip", "clip_l", 0),
    ("sd21", UNET, "unet", "sd2", 0),
    ("sd21", VAE, "vae", "vae", 0),
    ("sd21", "cond_stage_model.model.", "clip", "clip_h", 14),  # the last layer, the projection, logit_scale
    ("sdxl-base", UNET, "unet", "sdxl", 0),
    ("sdxl-base", VAE, "vae", "vae", 0),
    ("sdxl-base", "conditioner.embedders.0.transformer.", "clip", "clip_l", 0),
    ("sdxl-base", "conditioner.embedders.1.model.", "clip", "clip_g", 1),  # logit_scale
    ("sd35-large", UNET, "sd3", "sd3", 0),
    ("sd35-medium", UNET, "sd3", "sd3", 0),
    ("flux1-dev", "", "flux", "flux", 0),
    ("flux1-schnell", "", "flux", "flux", 0),
    ("flux1-fill-dev", "", "flux", "flux", 0),
    ("vae-flux", "", "vae", "vae", 0),
    ("vae-sd", "", "vae", "vae", 0),
]
ids = [f"{file}-{style}" for file, _, _, style, _ in COMPONENTS]


def rows_used(found: Plan, source: Shapes) -> dict[str, list[tuple[int, int]]]:
    used = defaultdict(list)
    for piece in found.pieces:
        used[piece.source].append(piece.rows or (0, (source[piece.source] or (1,))[0]))
    return {name: sorted(ranges) for name, ranges in used.items()}


@pytest.mark.network
@pytest.mark.parametrize(("file", "prefix", "layout", "style", "unread"), COMPONENTS, ids=ids)
def test_a_component_of_a_real_file_becomes_the_whole_module(
    file: str, prefix: str, layout: str, style: str, unread: int
) -> None:
    source = shapes(file, prefix)
    found = plan(layout, source, style)
    module = meta_module(found)
    assert targets(source, found.pieces) == {name: tuple(t.shape) for name, t in module.state_dict().items()}
    assert len(found.pieces) == len({piece.target for piece in found.pieces})
    assert found.leftover == ()
    used = rows_used(found, source)
    assert len(source) - len(used) == unread
    for name, ranges in used.items():
        ends = [0, *(end for _, end in ranges)]
        assert [start for start, _ in ranges] == ends[:-1], name
        assert ends[-1] == source[name][0], name


@pytest.mark.parametrize("file", ["sd15", "sd21", "sdxl-base", "sd35-large", "sd35-medium"])
def test_a_whole_file_is_its_components_and_names_that_are_known_to_mean_nothing(file: str) -> None:
    prefixes = tuple(prefix for name, prefix, *_ in COMPONENTS if name == file)
    assert [name for name in shapes(file) if not name.startswith(prefixes) and not ignored(name, IN_FILES)] == []


def config(file: str, prefix: str, layout: str, style: str) -> dict[str, Any]:
    return dict(plan(layout, shapes(file, prefix), style).config)


def test_what_tells_models_apart_is_read_off_the_shapes() -> None:
    dev, schnell, fill = (config(f"flux1-{name}", "", "flux", "flux") for name in ("dev", "schnell", "fill-dev"))
    assert (dev["guidance_embeds"], schnell["guidance_embeds"], fill["in_channels"]) == (True, False, 384)
    medium = config("sd35-medium", UNET, "sd3", "sd3")
    assert (medium["dual_attention_layers"], medium["pos_embed_max_size"]) == (tuple(range(13)), 384)
    assert config("sd35-large", UNET, "sd3", "sd3")["num_attention_heads"] == 38
    assert config("sdxl-base", UNET, "unet", "sdxl")["transformer_layers_per_block"] == (1, 2, 10)
    assert config("sd21", "cond_stage_model.model.", "clip", "clip_h")["num_hidden_layers"] == 23
    assert not config("vae-flux", "", "vae", "vae")["use_quant_conv"]
