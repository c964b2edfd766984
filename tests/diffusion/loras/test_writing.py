"""LoRAs as files for other programs, and back."""

import json
import re

import pytest
import torch
from diffusers.loaders import FluxLoraLoaderMixin, StableDiffusionLoraLoaderMixin, StableDiffusionXLLoraLoaderMixin
from safetensors.torch import load, load_file

from diffusion.errors import DiffusionError
from diffusion.loras.changes import Difference, Dora, LoHa, LoKr, LowRank, Oft, Rows
from diffusion.loras.lora import Lora
from diffusion.loras.reading import read_lora
from diffusion.loras.writing import FORMATS, diffusers, file_of, kohya
from diffusion.model_files.recognise import recognise
from diffusion.text_models import ROLES
from tests.support import tiny_families, tiny_modules
from tests.support.loras import for_module, low_rank

pytestmark = pytest.mark.network

ENDS = (
    "to_q",
    "to_v",
    "to_out.0",
    "proj_in",
    "proj_out",
    "conv1",
    "proj_mlp",
    "linear",
    "add_k_proj",
    "net.2",
    "conv_shortcut",
)
TEXT_ENDS = ("q_proj", "fc1", "SelfAttention.q", "wi_0")


def encoder(role):
    return tiny_modules.t5() if role == "t5xxl" else tiny_modules.clip(projected=role == "clip_g")


def whole(family, variant=""):
    """Modules of a family by part, and a LoRA for all of them."""
    modules = {
        "denoiser": tiny_families.shared(family, variant).module,
        **{role: encoder(role) for role in ROLES[family]},
    }
    layers = {
        part: for_module(module, part, ends=ENDS if part == "denoiser" else TEXT_ENDS, seed=place).layers[part]
        for place, (part, module) in enumerate(modules.items())
    }
    return modules, Lora(layers, family, {"trained words": "a cät"})


@pytest.mark.network
@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(
    ("family", "variant"),
    [("sd1", ""), ("sd2", ""), ("sdxl", ""), ("sdxl_refiner", ""), ("sd3", "medium"), ("flux", "")],
)
def test_what_is_written_is_read_again(tmp_path, family, variant, form):
    modules, lora = whole(family, variant)
    path = tmp_path / "a.safetensors"
    path.write_bytes(file_of(lora, form))
    found = recognise(path)
    assert (found.kind, found.family, found.is_usable) == ("lora", family, True)
    back = read_lora(path, modules, family)
    assert back.unused == ()
    assert back.lora.metadata["trained words"] == "a cät"
    for part, changes in lora.layers.items():
        shapes = {path: modules[part].get_submodule(path).weight.shape for path in changes}
        # One matrix of the original network may hold layers that the LoRA leaves alone: they are told, and are 0.
        assert set(back.lora.layers[part]) >= set(changes)
        for name, change in back.lora.layers[part].items():
            delta = change.delta(modules[part].get_submodule(name).weight.float())
            wanted = changes[name].delta(torch.zeros(shapes[name])) if name in changes else torch.zeros_like(delta)
            torch.testing.assert_close(delta, wanted, atol=1e-5, rtol=1e-5)


@pytest.mark.network
def test_kohya_s_names_are_those_of_the_original_networks():
    names = {
        family: {name.partition(".")[0] for name in kohya(whole(family)[1])}
        for family in ("sd1", "sdxl", "flux", "sd3")
    }
    assert "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q" in names["sd1"]
    assert "lora_te_text_model_encoder_layers_0_self_attn_q_proj" in names["sd1"]
    assert "lora_unet_input_blocks_4_1_transformer_blocks_0_attn1_to_q" in names["sdxl"]
    assert {
        "lora_te1_text_model_encoder_layers_0_self_attn_q_proj",
        "lora_te2_text_model_encoder_layers_0_self_attn_q_proj",
    } <= names["sdxl"]
    assert {
        "lora_unet_double_blocks_0_img_attn_qkv",
        "lora_unet_double_blocks_0_img_attn_proj",
        "lora_unet_single_blocks_1_linear1",
        "lora_unet_final_layer_adaLN_modulation_1",
        "lora_te1_text_model_encoder_layers_0_self_attn_q_proj",
        "lora_te3_encoder_block_0_layer_0_SelfAttention_q",
    } <= names["flux"]
    assert not any("transformer_blocks" in name for name in names["flux"])
    assert "lora_unet_joint_blocks_0_x_block_attn_qkv" in names["sd3"]


def test_layers_that_share_their_inner_side_keep_the_rank_when_they_become_one():
    down = torch.randn(2, 128)
    paths = [f"transformer_blocks.0.attn.to_{letter}" for letter in "qkv"]
    shared = Lora({"denoiser": {path: LowRank(down, torch.randn(128, 2), 1.0) for path in paths}}, "flux")
    tensors = kohya(shared)
    assert tensors["lora_unet_double_blocks_0_img_attn_qkv.lora_down.weight"].shape == (2, 128)
    assert float(tensors["lora_unet_double_blocks_0_img_attn_qkv.alpha"]) == 1.0
    apart = kohya(
        Lora(
            {"denoiser": {path: low_rank(torch.ones(128, 128), seed=len(path) + ord(path[-1])) for path in paths[::2]}},
            "flux",
        )
    )
    assert apart["lora_unet_double_blocks_0_img_attn_qkv.lora_down.weight"].shape == (4, 128)


@pytest.mark.network
@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(
    ("family", "mixin"),
    [
        ("sd1", StableDiffusionLoraLoaderMixin),
        ("sdxl", StableDiffusionXLLoraLoaderMixin),
        ("flux", FluxLoraLoaderMixin),
    ],
)
def test_diffusers_understands_every_name(family, mixin, form):
    modules, lora = whole(family)
    if family == "flux" and form == "kohya":
        # diffusers knows single blocks in kohya's names by the sizes of the real network alone, and no last layers.
        layers = lora.layers["denoiser"].items()
        lora = Lora(
            {"denoiser": {path: change for path, change in layers if path.startswith("transformer_blocks.")}}, family
        )
    tensors = load(file_of(lora, form))
    if family == "flux":
        state, *_ = mixin.lora_state_dict(tensors, return_alphas=True)
    else:
        state, *_ = mixin.lora_state_dict(tensors, unet_config=modules["denoiser"].config)
    prefix = "transformer." if family == "flux" else "unet."
    known = {
        re.sub(r"[._]lora[._].*$", "", name.removeprefix(prefix).replace(".processor", ""))
        for name in state
        if name.startswith(prefix)
    }
    missing = {path for path in lora.layers["denoiser"] if path not in known and path.removesuffix(".0") not in known}
    assert missing == set()


@pytest.mark.network
def test_other_methods_are_written_by_kohya_s_names_and_read_again(tmp_path):
    module = tiny_families.shared("sd1").module
    base = "down_blocks.0.attentions.0.transformer_blocks.0.attn1."
    low = LowRank(torch.randn(2, 32), torch.randn(32, 2), 1.0)
    changes = {
        f"{base}to_q": LoHa(torch.randn(32, 2), torch.randn(2, 32), torch.randn(32, 2), torch.randn(2, 32), 1.0),
        f"{base}to_k": LoKr(1.0, w1=torch.randn(4, 4), w2a=torch.randn(8, 2), w2b=torch.randn(2, 8)),
        f"{base}to_v": Oft(torch.randn(4, 8, 8), 0.5),
        f"{base}to_out.0": Dora(low, torch.rand(32, 1) + 1),
        f"{base}to_out.0.bias": Difference(torch.randn(32)),
        base.replace("attn1.", "attn2.to_q"): Rows(
            LoKr(1.0, w1=torch.ones(3, 1), w2=torch.randn(32, 32)), 0, 32, (96, 32)
        ),
        "down_blocks.0.resnets.0.conv1": LowRank(
            torch.randn(2, 32, 1, 1), torch.randn(32, 2, 1, 1), 1.0, torch.randn(2, 2, 3, 3)
        ),
        "conv_in": Difference(torch.randn(32, 4, 3, 3)),
    }
    lora = Lora({"denoiser": changes}, "sd1")
    path = tmp_path / "a.safetensors"
    path.write_bytes(file_of(lora))
    back = read_lora(path, {"denoiser": module}, "sd1")
    assert back.unused == ()
    for name, change in changes.items():
        weight = module.get_parameter(name if name.endswith(".bias") else f"{name}.weight")
        again = back.lora.layers["denoiser"][name]
        torch.testing.assert_close(again.delta(weight), change.delta(weight), atol=1e-5, rtol=1e-5)
    with pytest.raises(DiffusionError, match="holds LoRA and DoRA; unet"):
        diffusers(lora)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_tensors_stay_as_wide_as_they_are(dtype):
    change = LowRank(torch.ones(1, 32, dtype=dtype), torch.ones(32, 1, dtype=dtype), 0.5)
    for form, name in (("kohya", "lora_up.weight"), ("diffusers", "lora_B.weight")):
        tensors = load(file_of(Lora({"denoiser": {"conv_in": change}}, "sd1"), form))
        (up,) = (tensor for key, tensor in tensors.items() if key.endswith(name))
        assert up.dtype == dtype


@pytest.mark.network
def test_the_file_says_what_it_is(tmp_path):
    path = tmp_path / "a.safetensors"
    path.write_bytes(file_of(whole("sd1")[1]))
    header = json.loads(path.read_bytes()[8 : 8 + int.from_bytes(path.read_bytes()[:8], "little")])["__metadata__"]
    assert header["ss_network_dim"] == header["ss_network_alpha"] == "2"
    assert header["modelspec.architecture"] == "stable-diffusion-v1/lora"
    assert load_file(path)


@pytest.mark.network
def test_nothing_and_unknown_formats_are_refused():
    with pytest.raises(DiffusionError, match="changes nothing"):
        file_of(Lora({"denoiser": {}}))
    with pytest.raises(DiffusionError, match="no format 'pickle'"):
        file_of(whole("sd1")[1], "pickle")
