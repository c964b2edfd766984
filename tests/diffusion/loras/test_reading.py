"""LoRA files in every spelling, read for small models with the names of large ones."""

import json

import pytest
import torch
from safetensors.torch import save_file

from diffusion.errors import Cancelled, DiffusionError
from diffusion.loras.changes import Difference, Dora, LoHa, LoKr, LowRank, Oft
from diffusion.loras.reading import read_lora
from tests.support import tiny_families, tiny_modules

pytestmark = pytest.mark.network


def some(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed + sum(shape)))


@pytest.fixture(scope="module")
def unet():
    return tiny_families.shared("sd1").module


@pytest.fixture(scope="module")
def clip():
    return tiny_modules.clip(projected=False)


Q = "down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q"  # [32, 32]
OUT = "down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_out.0"
CONV = "down_blocks.0.resnets.0.conv1"  # [32, 32, 3, 3]
TEXT = "encoder.layers.0.self_attn.q_proj"  # [64, 64]
DOWN, UP = some(2, 32), some(32, 2)


def read(tmp_path, tensors, modules, family="sd1", metadata=None, **settings):
    path = tmp_path / "a.safetensors"
    save_file({name: tensor.clone() for name, tensor in tensors.items()}, path, metadata=metadata)
    return read_lora(path, modules, family, **settings)


def pair(down_name, up_name, down=DOWN, up=UP, **more):
    return {down_name: down, up_name: up, **more}


@pytest.mark.parametrize(
    ("spelling", "path"),
    [
        ("lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q.lora_{}.weight", Q),
        ("lora_unet_input_blocks_1_1_transformer_blocks_0_attn1_to_q.lora_{}.weight", Q),
        ("lycoris_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q.lora_{}.weight", Q),
        ("base_model.model.down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q.lora_{AB}.weight", Q),
        ("base_model.model.down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q.lora_{AB}.default.weight", Q),
        ("unet.down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q.lora_{AB}.weight", Q),
        ("unet.down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q.lora.{}.weight", Q),
        ("unet.down_blocks.0.attentions.0.transformer_blocks.0.attn1.processor.to_q_lora.{}.weight", Q),
        ("unet.down_blocks.0.attentions.0.transformer_blocks.0.attn1.processor.to_out_lora.{}.weight", OUT),
        ("down_blocks.0.attentions.0.transformer_blocks.0.attn1.processor.to_q_lora.{}.weight", Q),
        ("diffusion_model.input_blocks.1.1.transformer_blocks.0.attn1.to_out.0.lora_{AB}.weight", OUT),
    ],
)
def test_the_denoiser_in_each_spelling(tmp_path, unet, spelling, path):
    tensors = {
        spelling.replace("{}", part).replace("{AB}", letter): tensor
        for part, letter, tensor in (("down", "A", DOWN), ("up", "B", UP))
    }
    found = read(tmp_path, tensors, {"denoiser": unet})
    assert (found.unused, found.used, found.lora.family) == ((), 1, "sd1")
    change = found.lora.layers["denoiser"][path]
    assert torch.equal(change.delta(torch.zeros(32, 32)), UP @ DOWN)


@pytest.mark.parametrize(
    "spelling",
    [
        "lora_te_text_model_encoder_layers_0_self_attn_q_proj.lora_{}.weight",
        "lora_te1_text_model_encoder_layers_0_self_attn_q_proj.lora_{}.weight",
        "text_encoder.text_model.encoder.layers.0.self_attn.q_proj.lora_{AB}.weight",
        "text_encoder.encoder.layers.0.self_attn.q_proj.lora_{AB}.weight",
        "text_encoder.text_model.encoder.layers.0.self_attn.q_proj.lora_linear_layer.{}.weight",
        "text_encoder.text_model.encoder.layers.0.self_attn.to_q_lora.{}.weight",
        "text_encoders.clip_l.transformer.text_model.encoder.layers.0.self_attn.q_proj.lora_{AB}.weight",
        "clip_l.transformer.text_model.encoder.layers.0.self_attn.q_proj.lora_{AB}.weight",
    ],
)
@pytest.mark.parametrize("projected", [False, True])
def test_the_text_encoder_in_each_spelling(tmp_path, spelling, projected):
    down, up = some(2, 64), some(64, 2)
    tensors = {
        spelling.replace("{}", part).replace("{AB}", letter): tensor
        for part, letter, tensor in (("down", "A", down), ("up", "B", up))
    }
    module = tiny_modules.clip(projected=projected)
    found = read(tmp_path, tensors, {"clip_l": module}, "")
    path = f"text_model.{TEXT}" if projected else TEXT
    assert list(found.lora.layers["clip_l"]) == [path]


def test_numbered_text_encoders_are_those_of_the_family(tmp_path, clip):
    down, up = some(2, 64), some(64, 2)
    second = "lora_te2_text_model_encoder_layers_0_self_attn_q_proj.lora_{}.weight"
    tensors = pair(second.format("down"), second.format("up"), down, up)
    found = read(tmp_path, tensors, {"clip_l": clip, "clip_g": clip}, "")
    assert [part for part, changes in found.lora.layers.items() if changes] == ["clip_g"]
    t5 = tiny_modules.t5()
    third = "lora_te3_encoder_block_0_layer_0_SelfAttention_q.lora_{}.weight"
    tensors = pair(third.format("down"), third.format("up"), some(2, 128), some(128, 2))
    assert list(read(tmp_path, tensors, {"clip_l": clip, "t5xxl": t5}, "").lora.layers["t5xxl"]) == [
        "encoder.block.0.layer.0.SelfAttention.q"
    ]
    second = "text_encoder_2.encoder.block.0.layer.0.SelfAttention.q.lora_{}.weight"
    tensors = pair(second.format("A"), second.format("B"), some(2, 128), some(128, 2))
    assert read(tmp_path, tensors, {"clip_l": clip, "t5xxl": t5}, "").lora.layers["t5xxl"]


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
def test_tensors_stay_as_wide_as_they_are(tmp_path, unet, dtype):
    base = f"lora_unet_{Q.replace('.', '_')}"
    tensors = pair(f"{base}.lora_down.weight", f"{base}.lora_up.weight", DOWN.to(dtype), UP.to(dtype))
    change = read(tmp_path, tensors, {"denoiser": unet}).lora.layers["denoiser"][Q]
    assert change.down.dtype == change.up.dtype == dtype


def test_alpha_is_that_of_the_file_or_of_its_settings_or_the_rank(tmp_path, unet):
    base = f"unet.{Q}"
    plain = pair(f"{base}.lora_A.weight", f"{base}.lora_B.weight")

    def alpha(tensors, settings=None):
        metadata = None if settings is None else {"lora_adapter_metadata": json.dumps(settings)}
        return read(tmp_path, tensors, {"denoiser": unet}, metadata=metadata).lora.layers["denoiser"][Q].alpha

    assert alpha(plain) == 2.0
    assert alpha({**plain, f"{base}.alpha": torch.tensor(0.5)}) == 0.5
    assert alpha(plain, {"unet.lora_alpha": 8}) == 8.0
    assert alpha(plain, {"unet.lora_alpha": 8, "unet.alpha_pattern": {"attn1.to_q": 3}}) == 3.0
    assert alpha(plain, {"unet.lora_alpha": 8, "unet.use_rslora": True}) == pytest.approx(8 * 2**0.5)
    assert alpha(plain, {"text_encoder.lora_alpha": 8}) == 2.0
    assert alpha(plain, [1]) == 2.0
    assert alpha(plain, {"unet.lora_alpha": "8"}) == 2.0


def test_every_method(tmp_path, unet):
    q, k, v = (Q.replace("to_q", f"to_{letter}") for letter in "qkv")
    out, ff, conv = OUT, Q.replace("attn1.to_q", "ff.net.0.proj"), CONV
    names = {path: f"lora_unet_{path.replace('.', '_')}" for path in (q, k, v, out, ff, conv, "conv_in")}
    tensors = {
        **{f"{names[q]}.hada_{part}": some(32, 2) if part.endswith("a") else some(2, 32)
           for part in ("w1_a", "w1_b", "w2_a", "w2_b")},
        f"{names[k]}.lokr_w1": some(4, 4), f"{names[k]}.lokr_w2_a": some(8, 2), f"{names[k]}.lokr_w2_b": some(2, 8),
        f"{names[k]}.alpha": torch.tensor(1.0),
        f"{names[v]}.oft_blocks": some(4, 8, 8), f"{names[v]}.alpha": torch.tensor(0.25),
        f"{names[out]}.lora_down.weight": DOWN, f"{names[out]}.lora_up.weight": UP,
        f"{names[out]}.dora_scale": some(1, 32),
        f"{names[ff]}.diff_b": some(256),
        f"{names[conv]}.lora_down.weight": some(2, 32, 1, 1), f"{names[conv]}.lora_mid.weight": some(2, 2, 3, 3),
        f"{names[conv]}.lora_up.weight": some(32, 2, 1, 1),
        f"{names['conv_in']}.diff": some(32, 4, 3, 3), f"{names['conv_in']}.diff_b": some(32),
    }  # fmt: skip
    found = read(tmp_path, tensors, {"denoiser": unet})
    assert found.unused == ()
    kinds = {path: type(change) for path, change in found.lora.layers["denoiser"].items()}
    assert kinds == {
        q: LoHa, k: LoKr, v: Oft, out: Dora, f"{ff}.bias": Difference, conv: LowRank,
        "conv_in": Difference, "conv_in.bias": Difference,
    }  # fmt: skip
    assert found.lora.layers["denoiser"][v].constraint == 0.25
    assert found.lora.layers["denoiser"][conv].mid is not None


def test_lengths_of_peft_are_of_outputs(tmp_path, unet):
    base = f"unet.{Q}"
    tensors = pair(f"{base}.lora_A.weight", f"{base}.lora_B.weight")
    found = read(tmp_path, {**tensors, f"{base}.lora_magnitude_vector": torch.ones(32)}, {"denoiser": unet})
    assert found.lora.layers["denoiser"][Q].magnitude.shape == (32, 1)


def test_flux_in_its_original_names_is_cut_into_our_layers(tmp_path):
    module = tiny_families.shared("flux").module
    down, up = some(3, 128), some(3 * 128, 3)
    wide_up = some(7 * 128, 3)
    tensors = {
        "lora_unet_double_blocks_0_img_attn_qkv.lora_down.weight": down,
        "lora_unet_double_blocks_0_img_attn_qkv.lora_up.weight": up,
        "lora_unet_single_blocks_1_linear1.lora_down.weight": down,
        "lora_unet_single_blocks_1_linear1.lora_up.weight": wide_up,
        "diffusion_model.final_layer.adaLN_modulation.1.lora_A.weight": down,
        "diffusion_model.final_layer.adaLN_modulation.1.lora_B.weight": up[:256],
        "double_blocks.1.processor.qkv_lora2.down.weight": down,
        "double_blocks.1.processor.qkv_lora2.up.weight": up,
        "lora_unet_double_blocks_1_img_attn_qkv.lokr_w1": some(3, 1),
        "lora_unet_double_blocks_1_img_attn_qkv.lokr_w2": some(128, 128),
        "transformer.x_embedder.lora_A.weight": some(2, 64),
        "transformer.x_embedder.lora_B.weight": some(128, 2),
    }
    found = read(tmp_path, tensors, {"denoiser": module}, "flux")
    assert found.unused == ()
    layers = found.lora.layers["denoiser"]
    whole, wide, square = up @ down, wide_up @ down, torch.zeros(128, 128)

    def near(path, weight, wanted):
        torch.testing.assert_close(layers[path].delta(weight), wanted, atol=1e-5, rtol=1e-5)

    for place, letter in enumerate("qkv"):
        rows = slice(128 * place, 128 * (place + 1))
        near(f"transformer_blocks.0.attn.to_{letter}", square, whole[rows])
        near(f"transformer_blocks.1.attn.add_{letter}_proj", square, whole[rows])
        near(f"single_transformer_blocks.1.attn.to_{letter}", square, wide[rows])
        kron = torch.kron(tensors["lora_unet_double_blocks_1_img_attn_qkv.lokr_w1"], some(128, 128))
        near(f"transformer_blocks.1.attn.to_{letter}", square, kron[rows])
    near("single_transformer_blocks.1.proj_mlp", torch.zeros(512, 128), wide[384:])
    swapped = torch.cat([whole[128:256], whole[:128]])
    near("norm_out.linear", torch.zeros(256, 128), swapped)
    assert "x_embedder" in layers


def test_sd3_in_its_original_names_is_cut_into_our_layers(tmp_path):
    module = tiny_families.shared("sd3", "medium").module
    down, up = some(3, 128), some(3 * 128, 3)
    tensors = {
        f"lora_unet_joint_blocks_{place}_{side}_{attention}_qkv.lora_{part}.weight": tensor
        for place, side, attention in (("0", "x_block", "attn2"), ("1", "context_block", "attn"))
        for part, tensor in (("down", down), ("up", up))
    }
    found = read(tmp_path, tensors, {"denoiser": module}, "sd3")
    assert found.unused == ()
    assert sorted(found.lora.layers["denoiser"]) == [
        *(f"transformer_blocks.0.attn2.to_{letter}" for letter in "kqv"),
        *(f"transformer_blocks.1.attn.add_{letter}_proj" for letter in "kqv"),
    ]


def test_what_is_not_used_is_told_with_its_reason(tmp_path, unet):
    base = f"lora_unet_{Q.replace('.', '_')}"
    k, v, out = (base.replace("to_q", name) for name in ("to_k", "to_v", "to_out_0"))
    tensors = {
        **pair(f"{base}.lora_down.weight", f"{base}.lora_up.weight"),
        **pair(f"{k}.lora_down.weight", f"{k}.lora_up.weight", some(2, 16)),
        **pair(f"{v}.lora_down.weight", f"{v}.lora_up.weight", some(3, 32)),
        f"{out}.lora_down.weight": some(2, 32),
        **pair("lora_unet_nowhere.lora_down.weight", "lora_unet_nowhere.lora_up.weight"),
        "strange": some(2),
        "lora_unet_input_blocks_1_1_transformer_blocks_0_attn1_to_q.lora_down.weight": DOWN,
        "lora_unet_input_blocks_1_1_transformer_blocks_0_attn1_to_q.lora_up.weight": UP,
    }
    found = read(tmp_path, tensors, {"denoiser": unet})
    assert found.used == 1
    why = {unused.name.strip("'\""): unused.why for unused in found.unused}
    assert why["strange"] == "it is no part of a LoRA that is known"
    assert why["lora_unet_nowhere"] == "the model has no such layer"
    assert why[k] == "it is for a layer of the shape [32, 16], and this one has [32, 32]"
    assert "do not go together" in why[v]
    assert why[out] == "of its LoRA the part up is missing"
    assert "another change of the same layer" in {*why.values()}.pop() or any(
        "another change" in w for w in why.values()
    )
    assert len(why) == 6


def test_parts_without_a_module_are_left_out_and_not_told(tmp_path, unet):
    base, text = f"lora_unet_{Q.replace('.', '_')}", "lora_te_text_model_encoder_layers_0_self_attn_q_proj"
    tensors = {
        **pair(f"{base}.lora_down.weight", f"{base}.lora_up.weight"),
        **pair(f"{text}.lora_down.weight", f"{text}.lora_up.weight", some(2, 64), some(64, 2)),
    }
    found = read(tmp_path, tensors, {"denoiser": unet})
    assert (found.used, found.unused) == (1, ())


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_numbers_that_are_none_are_refused(tmp_path, unet, value):
    base, down = f"lora_unet_{Q.replace('.', '_')}", DOWN.clone()
    down[1, 3] = value
    with pytest.raises(DiffusionError, match=r"no numbers \(NaN or infinite\)") as caught:
        read(tmp_path, pair(f"{base}.lora_down.weight", f"{base}.lora_up.weight", down), {"denoiser": unet})
    assert caught.value.input == "lora_name"


def test_a_lora_for_another_family_is_refused_before_anything_is_read(tmp_path, unet):
    base = "lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k"
    tensors = pair(f"{base}.lora_down.weight", f"{base}.lora_up.weight", some(2, 2048))
    with pytest.raises(DiffusionError, match="made for Stable Diffusion XL, and the model is Stable Diffusion 1"):
        read(tmp_path, tensors, {"denoiser": unet})
    flux = pair("lora_unet_double_blocks_0_img_mlp_0.lora_down.weight", "x.lora_up.weight")
    with pytest.raises(DiffusionError, match=r"made for Flux\.1"):
        read(tmp_path, flux, {"denoiser": unet})


def test_what_fits_nowhere_is_an_error(tmp_path, unet):
    tensors = pair("lora_unet_nowhere.lora_down.weight", "lora_unet_nowhere.lora_up.weight")
    with pytest.raises(DiffusionError, match=r'Nothing of .*: "lora_unet_nowhere", the model has no such layer'):
        read(tmp_path, tensors, {"denoiser": unet})


def test_what_is_no_lora_is_refused_in_words(tmp_path, unet):
    with pytest.raises(DiffusionError, match="cannot be used"):
        read(tmp_path, {"a.weight": some(2, 2)}, {"denoiser": unet})
    (tmp_path / "b.safetensors").write_bytes(b"PK\x03\x04" + b"\x00" * 100)
    with pytest.raises(DiffusionError, match="cannot be used"):
        read_lora(tmp_path / "b.safetensors", {"denoiser": unet}, "sd1")
    with pytest.raises(DiffusionError, match="There is no file"):
        read_lora(tmp_path / "c.safetensors", {"denoiser": unet}, "sd1")


def test_reading_can_be_cancelled(tmp_path, unet):
    base = f"lora_unet_{Q.replace('.', '_')}"
    tensors = pair(f"{base}.lora_down.weight", f"{base}.lora_up.weight")
    with pytest.raises(Cancelled):
        read(tmp_path, tensors, {"denoiser": unet}, cancelled=lambda: True)


def test_nothing_of_the_file_is_needed_afterwards(tmp_path, unet):
    base = f"lora_unet_{Q.replace('.', '_')}"
    found = read(tmp_path, pair(f"{base}.lora_down.weight", f"{base}.lora_up.weight"), {"denoiser": unet})
    path = tmp_path / "a.safetensors"
    path.write_bytes(b"\xff" * path.stat().st_size)
    assert torch.equal(found.lora.layers["denoiser"][Q].down, DOWN)


@pytest.mark.parametrize("seed", range(30))
def test_a_damaged_file_is_an_error_in_words_or_is_told(tmp_path, unet, seed):
    base = f"lora_unet_{Q.replace('.', '_')}"
    path = tmp_path / "a.safetensors"
    save_file(pair(f"{base}.lora_down.weight", f"{base}.lora_up.weight"), path)
    data = bytearray(path.read_bytes())
    random = torch.Generator().manual_seed(seed)
    for _ in range(4):
        data[int(torch.randint(min(len(data), 400), (1,), generator=random))] = int(
            torch.randint(256, (1,), generator=random)
        )
    path.write_bytes(data)
    try:
        read_lora(path, {"denoiser": unet}, "sd1")
    except DiffusionError as error:
        assert error.remedy
