"""Small models with random weights, written in the files' layouts: these tables and diffusers' own conversion agree."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

os.environ["HF_HUB_OFFLINE"] = "1"

import pytest
import torch
from diffusers.loaders import single_file_utils as theirs

from diffusion.errors import DiffusionError
from diffusion.layouts import clip, flux, sd3, t5, unet_blocks, vae
from diffusion.layouts.cutting import cut
from diffusion.layouts.plan import plan
from diffusion.layouts.rows import count
from tests.support import tiny_modules
from tests.support.backwards import run_backwards
from tests.support.headers import meta_module

if TYPE_CHECKING:
    from torch import Tensor

pytestmark = pytest.mark.network


def mapped(layout: str, file: dict[str, Tensor], style: str) -> dict[str, Tensor]:
    """What our table makes of a file, once a module of the settings that it read has the same names and shapes."""
    found = plan(layout, {name: tuple(tensor.shape) for name, tensor in file.items()}, style)
    made = {piece.target: cut(piece, file[piece.source]) for piece in found.pieces}
    wanted = {name: tensor.shape for name, tensor in meta_module(found).state_dict().items()}
    assert {name: tensor.shape for name, tensor in made.items()} == wanted
    assert found.leftover == ()
    return made


def equal(ours: dict[str, Tensor], other: dict[str, Tensor]) -> bool:
    return ours.keys() == other.keys() and all(torch.equal(ours[name], other[name]) for name in ours)


@pytest.mark.parametrize("style", ["sd1", "sd2", "sdxl", "sdxl_refiner"])
def test_a_unet_in_the_ldm_layout(style: str) -> None:
    module = tiny_modules.unet(style)
    state = module.state_dict()
    file = run_backwards(unet_blocks.rows(tiny_modules.blocks(module)), state)
    assert "output_blocks.0.0.in_layers.0.weight" in file
    assert equal(mapped("unet", file, style), state)
    prefixed = {f"model.diffusion_model.{name}": tensor for name, tensor in file.items()}
    assert equal(theirs.convert_ldm_unet_checkpoint(prefixed, module.config), state)


@pytest.mark.parametrize("style", ["sd1", "sd2", "sdxl", "sdxl_refiner"])
def test_the_settings_of_a_unet_come_back_from_its_shapes(style: str) -> None:
    module = tiny_modules.unet(style)
    found = plan("unet", {name: tuple(tensor.shape) for name, tensor in module.state_dict().items()}, style)
    again = meta_module(found).config
    differing = {name for name in module.config if again[name] != module.config[name] and name[0] != "_"}
    heads = [[block.heads for block in attentions(which)] for which in (module, meta_module(found))]
    assert heads[0] == heads[1]
    assert differing <= {"sample_size", "attention_head_dim", "transformer_layers_per_block"}


def attentions(module: Any) -> list[Any]:
    return [part for name, part in module.named_modules() if name.endswith((".attn1", ".attn2"))]


def test_a_pruned_unet_loads_by_its_own_depths() -> None:
    module = tiny_modules.pruned_unet()
    state = module.state_dict()
    assert equal(mapped("unet", dict(state), "sdxl"), state)


@pytest.mark.parametrize("variant", ["plain", "medium", "without norms"])
def test_the_transformer_of_sd3(variant: str) -> None:
    module = tiny_modules.sd3(variant)
    state = module.state_dict()
    file = run_backwards(sd3.rows(module.inner_dim, module.config.num_layers), state)
    assert equal(mapped("sd3", file, "sd3"), state)
    assert equal(mapped("sd3", dict(state), "sd3"), state)
    assert equal(theirs.convert_sd3_transformer_checkpoint_to_diffusers(dict(file)), state)


@pytest.mark.parametrize("guidance", [True, False])
def test_the_transformer_of_flux(guidance: bool) -> None:
    module = tiny_modules.flux(guidance=guidance)
    state = module.state_dict()
    file = run_backwards(flux.rows(module.inner_dim), state)
    assert equal(mapped("flux", file, "flux"), state)
    assert equal(mapped("flux", dict(state), "flux"), state)
    renamed = {name.replace("_norm.scale", "_norm.weight"): tensor for name, tensor in file.items()}
    assert renamed.keys() != file.keys()
    assert equal(mapped("flux", renamed, "flux"), state)


def test_the_transformer_of_flux_as_diffusers_converts_it() -> None:
    module = tiny_modules.flux(heads=24, guidance=True, device="meta")  # diffusers' function knows one width
    wanted = {name: tensor.shape for name, tensor in module.state_dict().items()}
    file = run_backwards(flux.rows(module.inner_dim), module.state_dict())
    marked = {name: torch.arange(tensor.shape[0], dtype=torch.float32) for name, tensor in file.items()}
    converted = theirs.convert_flux_transformer_checkpoint_to_diffusers(dict(marked))
    found = plan("flux", {name: tuple(tensor.shape) for name, tensor in file.items()}, "flux")
    assert equal({piece.target: cut(piece, marked[piece.source]) for piece in found.pieces}, converted)
    assert converted.keys() == wanted.keys()


@pytest.mark.parametrize(("channels", "quant_conv"), [(4, True), (16, False)])
def test_an_autoencoder_in_the_ldm_layout(channels: int, quant_conv: bool) -> None:
    module = tiny_modules.vae(channels=channels, quant_conv=quant_conv)
    state = module.state_dict()
    file = run_backwards(vae.rows(count(state, "encoder.down_blocks.")), state)
    assert file["encoder.mid.attn_1.q.weight"].ndim == 4
    assert equal(mapped("vae", file, "vae"), state)
    assert equal(theirs.convert_ldm_vae_checkpoint(dict(file), module.config), state)
    flat = {
        name: tensor[:, :, 0, 0] if ".attn_1." in name and tensor.ndim == 4 else tensor for name, tensor in file.items()
    }
    assert equal(mapped("vae", flat, "vae"), state)


def test_an_autoencoder_of_an_older_diffusers() -> None:
    state = tiny_modules.vae().state_dict()
    old = {"to_q": "query", "to_k": "key", "to_v": "value", "to_out.0": "proj_attn"}
    file = dict(state)
    for new, name in old.items():
        file = {key.replace(f"attentions.0.{new}", f"attentions.0.{name}"): tensor for key, tensor in file.items()}
    assert file.keys() != state.keys()
    assert equal(mapped("vae", file, "vae"), state)


@pytest.mark.parametrize("projected", [True, False])
def test_a_text_encoder_of_clip(projected: bool) -> None:
    module = tiny_modules.clip(projected=projected)
    state = module.state_dict()
    files = [
        {
            f"text_model.{name.removeprefix('text_model.')}" if "projection" not in name else name: state[name]
            for name in state
        },
        {name.removeprefix("text_model."): state[name] for name in state},
    ]
    for file in files:
        assert equal(mapped("clip", {**file, "text_model.embeddings.position_ids": torch.arange(77)}, "clip_g"), state)


def test_the_projection_of_vit_l_is_left_out_as_no_family_uses_it() -> None:
    state = tiny_modules.clip(projected=True).state_dict()
    bare = {name.removeprefix("text_model."): state[name] for name in state if "projection" not in name}
    assert plan("clip", {name: tuple(tensor.shape) for name, tensor in state.items()}, "clip_l").leftover == ()
    assert equal(mapped("clip", dict(state), "clip_l"), bare)


@pytest.mark.parametrize("projected", [True, False])
def test_a_text_encoder_of_openclip(projected: bool) -> None:
    module = tiny_modules.clip(projected=projected, activation="gelu")
    state = module.state_dict()
    width = module.config.hidden_size
    file = {**run_backwards(clip.open_clip_rows(width, projected=projected), state), "logit_scale": torch.tensor(4.6)}
    assert equal(mapped("clip", file, "clip_g"), state)
    prefixed = {f"conditioner.embedders.1.model.{name}": tensor for name, tensor in file.items()}
    converted = theirs.convert_open_clip_checkpoint(module, prefixed, prefix="conditioner.embedders.1.model.")
    outer = "" if projected else "text_model."
    assert equal(mapped("clip", file, "clip_g"), {name.removeprefix(outer): t for name, t in converted.items()})


def test_the_encoder_of_t5() -> None:
    module = tiny_modules.t5()
    state = module.state_dict()
    tied = "encoder.embed_tokens.weight"
    once = {name: tensor for name, tensor in state.items() if name != tied}
    renamed = {tied if name == "shared.weight" else name: tensor for name, tensor in once.items()}
    for file in (once, state, renamed, run_backwards(t5.GGUF_ROWS, once)):
        made = mapped_t5(dict(file))
        assert equal(made, once)


def mapped_t5(file: dict[str, Tensor]) -> dict[str, Tensor]:
    found = plan("t5", {name: tuple(tensor.shape) for name, tensor in file.items()}, "t5xxl")
    assert found.leftover == ()
    wanted = {name: tensor.shape for name, tensor in meta_module(found).state_dict().items()}
    del wanted["encoder.embed_tokens.weight"]  # the same tensor as the shared one
    made = {piece.target: cut(piece, file[piece.source]) for piece in found.pieces}
    assert {name: tensor.shape for name, tensor in made.items()} == wanted
    return made


@pytest.mark.parametrize(
    ("layout", "style"),
    [("unet", "sd1"), ("sd3", "sd3"), ("flux", "flux"), ("vae", "vae"), ("clip", "clip_l"), ("t5", "t5xxl")],
)
def test_tensors_of_something_else_are_refused(layout: str, style: str) -> None:
    with pytest.raises(DiffusionError, match=f"not those of a {style}") as caught:
        plan(layout, {"something.weight": (3, 3)}, style)
    assert caught.value.remedy


def test_a_name_that_nobody_knows_is_left_over() -> None:
    state = tiny_modules.flux(guidance=True).state_dict()
    shapes = {name: tuple(t.shape) for name, t in run_backwards(flux.rows(tiny_modules.FLUX_HEAD), state).items()}
    assert plan("flux", {**shapes, "lora.up.weight": (4, 4)}, "flux").leftover == ("lora.up.weight",)
