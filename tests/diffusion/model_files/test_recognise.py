"""Each file that people have is named for what it is, by the names and shapes of real files and of made-up ones."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diffusion.families.table import FAMILIES
from diffusion.model_files.known import KNOWN
from diffusion.model_files.model_file import KINDS
from diffusion.model_files.recognise import recognise
from tests.support.headers import shapes
from tests.support.sparse_files import entries, gguf_text, gguf_value, header_bytes, write_gguf, write_plain
from tests.support.sparse_files import write_safetensors as write

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diffusion.model_files.known import Known
    from diffusion.model_files.model_file import ModelFile

DENOISER = "model.diffusion_model."
CLIP_L = {"text_model.encoder.layers.0.mlp.fc1.weight": (3072, 768), "text_model.final_layer_norm.weight": (768,)}
CLIP_G = {"text_model.encoder.layers.0.mlp.fc1.weight": (5120, 1280), "text_model.final_layer_norm.weight": (1280,)}
T5 = {
    "encoder.block.0.layer.1.DenseReluDense.wi_1.weight": (10240, 4096),
    "shared.weight": (32128, 4096),
    "encoder.final_layer_norm.weight": (4096,),
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "model.safetensors"


def told(path: Path, tensors: dict[str, Sequence[int]]) -> ModelFile:
    return recognise(write_plain(path, tensors))


# --- real files


@pytest.mark.parametrize(
    ("name", "kind", "family", "variant", "parts"),
    [
        ("sd15", "checkpoint", "sd1", "", ("denoiser", "vae", "clip_l")),
        ("sd21", "checkpoint", "sd2", "", ("denoiser", "vae", "clip_h")),
        ("sdxl-base", "checkpoint", "sdxl", "", ("denoiser", "vae", "clip_l", "clip_g")),
        ("sd35-large", "denoiser", "sd3", "large", ("denoiser",)),
        ("sd35-medium", "denoiser", "sd3", "medium", ("denoiser",)),
        ("flux1-dev", "denoiser", "flux", "", ("denoiser",)),
        ("flux1-schnell", "denoiser", "flux", "schnell", ("denoiser",)),
        ("flux1-fill-dev", "denoiser", "flux", "fill", ("denoiser",)),
        ("vae-sd", "vae", "", "", ("vae",)),
        ("vae-flux", "vae", "", "", ("vae",)),
    ],
)
def test_real_files_of_families_here_can_be_used(
    path: Path, name: str, kind: str, family: str, variant: str, parts: tuple[str, ...]
) -> None:
    found = told(path, shapes(name))
    assert (found.kind, found.family, found.variant, found.parts) == (kind, family, variant, parts)
    assert found.is_usable
    assert found.precision == "fp16"
    assert found.size == path.stat().st_size
    assert found.name
    assert found.format == "safetensors"
    if family:
        assert found.licence is not None
        assert found.licence.source.startswith("https://")


@pytest.mark.parametrize(
    ("name", "family", "variant", "called"),
    [
        ("lumina2", "lumina2", "", "Lumina 2"),
        ("qwen-image", "qwen_image", "", "Qwen-Image"),
        ("wan21-t2v-1.3b", "wan", "t2v_1.3b", "Wan 2.1 T2V 1.3B"),
        ("wan22-ti2v-5b", "wan", "ti2v_5b", "Wan 2.2 TI2V 5B"),
    ],
)
@pytest.mark.parametrize("prefix", ["", DENOISER, "diffusion_model.", "model."])
def test_real_files_of_later_families_are_named_and_not_usable(
    path: Path, name: str, family: str, variant: str, called: str, prefix: str
) -> None:
    found = told(path, {prefix + key: shape for key, shape in shapes(name).items()})
    assert (found.kind, found.family, found.variant, found.name) == ("denoiser", family, variant, called)
    assert not found.is_usable
    assert called in found.problem
    assert found.remedy


@pytest.mark.parametrize("prefix", ["", DENOISER, "model.model.", "diffusion_model.", "transformer.", "unet.", "net."])
@pytest.mark.parametrize("name", ["flux1-dev", "sd35-medium"])
def test_a_prefix_of_any_program_changes_nothing(path: Path, name: str, prefix: str) -> None:
    bare = {key.removeprefix(DENOISER): shape for key, shape in shapes(name).items()}
    found = told(path, {prefix + key: shape for key, shape in bare.items()})
    assert (found.kind, found.family) == ("denoiser", "flux" if name == "flux1-dev" else "sd3")


def test_an_all_in_one_file_says_which_parts_it_has(path: Path) -> None:
    tensors = {DENOISER + key: shape for key, shape in shapes("flux1-dev").items()}
    tensors |= {"vae." + key: shape for key, shape in shapes("vae-flux").items()}
    tensors |= {"text_encoders.clip_l.transformer." + key: shape for key, shape in CLIP_L.items()}
    tensors |= {"text_encoders.t5xxl.transformer." + key: shape for key, shape in T5.items()}
    tensors |= {"model_ema.decay": (), "text_encoders.clip_l.logit_scale": ()}
    found = told(path, tensors)
    assert (found.kind, found.family) == ("checkpoint", "flux")
    assert found.parts == ("denoiser", "vae", "clip_l", "t5xxl")


def test_marks_beside_the_parts_tell_what_the_model_predicts(path: Path) -> None:
    sdxl = shapes("sdxl-base")
    assert told(path, {**sdxl, "v_pred": ()}).variant == "v"
    both = told(path, {**sdxl, "v_pred": (), "ztsnr": ()})
    assert (both.variant, both.prediction) == ("v_zero_snr", "v_prediction")
    assert told(path, sdxl).prediction == ""
    playground = told(path, {**sdxl, "edm_mean": (4,), "edm_std": (4,)})
    assert playground.family == "playground25"
    assert not playground.is_usable


def test_inputs_of_other_kinds_make_variants(path: Path) -> None:
    first = DENOISER + "input_blocks.0.0.weight"
    sd1 = shapes("sd15")
    assert told(path, {**sd1, first: (320, 9, 3, 3)}).variant == "inpaint"
    assert told(path, {**sd1, first: (320, 8, 3, 3)}).variant == "instruct"
    assert told(path, {**shapes("flux1-dev"), "img_in.weight": (3072, 128)}).variant == "control"


def test_a_diffusion_model_of_an_unknown_family_is_said_to_be_one(path: Path) -> None:
    found = told(path, {DENOISER + "who.weight": (4, 4), "first_stage_model.encoder.conv_in.weight": (4, 3, 3, 3)})
    assert (found.kind, found.family) == ("checkpoint", "")
    assert "a family that is not known" in found.problem


# --- what rows say


@pytest.mark.parametrize("row", KNOWN, ids=lambda row: f"{row.id}-{row.signs[0].name}")
def test_each_later_family_is_told_by_its_signs_and_says_what_it_is(path: Path, row: Known) -> None:
    made = {sign.name: [7, 7, 7, 7] for sign in row.signs}
    for sign in row.signs:
        if sign.length is not None:
            made[sign.name][sign.axis] = sign.length
    found = told(path, made)
    assert (found.kind, found.family) == ("denoiser", row.id)
    assert row.name in found.problem
    for variant in row.variants:
        more = {name: list(shape) for name, shape in made.items()}
        for sign in variant.signs:
            more.setdefault(sign.name, [7, 7, 7, 7])
            if sign.length is not None:
                more[sign.name][sign.axis] = sign.length
        assert told(path, more).variant == variant.id


def test_no_family_is_both_here_and_among_the_later_ones() -> None:
    assert not {row.id for row in KNOWN} & FAMILIES.keys()


def test_each_licence_has_a_page_that_says_so() -> None:
    licences = [row.licence for row in KNOWN] + [variant.licence for row in KNOWN for variant in row.variants]
    assert all(licence.name and licence.source.startswith("https://") for licence in licences if licence)


# --- text encoders, VAEs and the rest


@pytest.mark.parametrize(
    ("tensors", "role", "usable"),
    [
        (CLIP_L, "clip_l", True),
        ({"transformer." + key: shape for key, shape in CLIP_L.items()}, "clip_l", True),
        ({"cond_stage_model.transformer." + key: shape for key, shape in CLIP_L.items()}, "clip_l", True),
        ({key.removeprefix("text_model."): shape for key, shape in CLIP_L.items()}, "clip_l", True),
        ({**CLIP_L, "vision_model.embeddings.patch_embedding.weight": (1024, 3, 14, 14)}, "clip_l", True),
        (CLIP_G, "clip_g", True),
        ({"text_model.encoder.layers.0.mlp.fc1.weight": (4096, 1024)}, "clip_h", True),
        ({"transformer.resblocks.0.mlp.c_fc.weight": (5120, 1280), "ln_final.weight": (1280,)}, "clip_g", True),
        (T5, "t5xxl", True),
        ({**T5, "shared.weight": (256384, 4096)}, "umt5", False),
        ({"encoder.block.0.layer.1.DenseReluDense.wi_1.weight": (256, 128)}, "t5xxl", True),
        ({"encoder.block.0.layer.1.DenseReluDense.wi_1.weight": (3584, 1472)}, "byt5", False),
        ({"model.layers.0.self_attn.k_proj.bias": (512,)}, "qwen_2.5_vl_7b", False),
        ({"model.layers.0.self_attn.q_norm.weight": (128,), "model.layers.0.input_layernorm.weight": (2560,)},
         "qwen_3_4b", False),
        ({"model.layers.0.post_feedforward_layernorm.weight": (2304,),
          "model.layers.0.input_layernorm.weight": (2304,)}, "gemma_2_2b", False),
        ({"model.layers.0.input_layernorm.weight": (5120,), "model.embed_tokens.weight": (131072, 5120)},
         "mistral_3_24b", False),
    ],
)  # fmt: skip
def test_text_encoders_are_told_by_their_role(
    path: Path, tensors: dict[str, Sequence[int]], role: str, usable: bool
) -> None:
    found = told(path, tensors)
    assert (found.kind, found.parts, found.is_usable) == ("text_encoder", (role,), usable)
    assert found.name
    assert found.serves or not usable


def test_the_tokenizers_in_a_file_are_named(path: Path) -> None:
    tensors = {key: ("F16", shape) for key, shape in T5.items()} | {"spiece_model": ("U8", (1000,))}
    assert recognise(write(path, tensors)).tokenizers == ("spiece_model",)
    assert recognise(write(path, {"tokenizer_json": ("U8", (1000,))})).kind == "tokenizer"


@pytest.mark.parametrize("architecture", ["t5", "t5encoder"])
def test_a_text_encoder_named_as_in_llama_cpp_is_told(tmp_path: Path, architecture: str) -> None:
    tensors = {"enc.blk.0.ffn_up.weight": ("Q8_0", (10240, 4096)), "token_embd.weight": ("Q8_0", (32128, 4096))}
    metadata = {"general.architecture": gguf_value(8, gguf_text(architecture))}
    found = recognise(write_gguf(tmp_path / "t5.gguf", tensors, metadata))
    assert (found.kind, found.parts, found.precision) == ("text_encoder", ("t5xxl",), "Q8_0")


@pytest.mark.parametrize(
    ("tensors", "name", "serves", "usable"),
    [
        ({"decoder.conv_in.weight": (512, 4, 3, 3), "encoder.conv_in.weight": (128, 3, 3, 3),
          "decoder.mid_block.resnets.0.norm1.weight": (512,)}, "VAE with 4 channels", "sd1", True),
        ({"decoder.conv_in.weight": (512, 16, 3, 3), "encoder.conv_in.weight": (128, 3, 3, 3),
          "decoder.mid.block_1.norm1.weight": (512,)}, "VAE with 16 channels", "flux", True),
        ({"decoder.conv_in.weight": (512, 32, 3, 3), "encoder.conv_in.weight": (128, 3, 3, 3),
          "bn.running_mean": (128,)}, "VAE of Flux.2", "flux2", False),
        ({"decoder.middle.0.residual.0.gamma": (384, 1, 1, 1), "conv2.weight": (16, 16, 1, 1, 1)},
         "VAE of Wan 2.1 or Qwen-Image", "qwen_image", False),
        ({"decoder.middle.0.residual.0.gamma": (1024, 1, 1, 1), "conv2.weight": (48, 48, 1, 1, 1)},
         "VAE of Wan 2.2", "wan", False),
    ],
)  # fmt: skip
def test_vaes_are_told_by_their_channels(
    path: Path, tensors: dict[str, Sequence[int]], name: str, serves: str, usable: bool
) -> None:
    found = told(path, tensors)
    assert (found.kind, found.name, found.is_usable) == ("vae", name, usable)
    assert serves in found.serves
    prefixed = {"first_stage_model." + key: shape for key, shape in tensors.items()}
    assert told(path, prefixed).name == name


@pytest.mark.parametrize(
    ("tensors", "kind", "family"),
    [
        ({"control_model.zero_convs.0.0.weight": (320, 320, 1, 1),
          "control_model.input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight": (320, 768)}, "controlnet", "sd1"),
        ({"controlnet_cond_embedding.conv_in.weight": (16, 3, 3, 3),
          "down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k.weight": (640, 2048)}, "controlnet", "sdxl"),
        ({"controlnet_x_embedder.weight": (3072, 64), "controlnet_blocks.0.weight": (9, 9)}, "controlnet", "flux"),
        ({"controlnet_x_embedder.weight": (3072, 68), "txt_norm.weight": (3584,)}, "controlnet", "qwen_image"),
        ({"lora_controlnet": ()}, "controlnet", ""),
        ({"body.0.in_conv.weight": (320, 192, 1, 1)}, "t2i_adapter", ""),
        ({"image_proj.proj.weight": (3072, 1024), "ip_adapter.1.to_k_ip.weight": (320, 768)}, "ip_adapter", "sd1"),
        ({"redux_up.weight": (12288, 1152), "redux_down.weight": (4096, 12288)}, "style_model", "flux"),
        ({"vision_model.embeddings.patch_embedding.weight": (1280, 3, 14, 14)}, "clip_vision", ""),
        ({"visual.conv1.weight": (1280, 3, 14, 14)}, "clip_vision", ""),
        ({"v.patch_embd.weight": (1280, 3, 14, 14), "mm.0.weight": (9, 9)}, "clip_vision", ""),
        ({"emb_params": (8, 768)}, "embedding", "sd1"),
        ({"<cat-toy>": (1, 1024)}, "embedding", "sd2"),
        ({"clip_l": (4, 768), "clip_g": (4, 1280)}, "embedding", "sdxl"),
        ({"model.0.weight": (64, 3, 3, 3), "model.1.sub.0.RDB1.conv1.0.weight": (32, 64, 3, 3)}, "upscaler", ""),
        ({"params_ema.conv_first.weight": (64, 3, 3, 3), "params_ema.body.0.rdb1.conv1.weight": (32, 64, 3, 3)},
         "upscaler", ""),
        ({"down_blocks.0.motion_modules.0.temporal_transformer.norm.weight": (320,)}, "motion_module", "sd1"),
        ({"position_net.linears.0.weight": (512, 832)}, "gligen", ""),
        ({"decoder.layers.1.weight": (64, 4, 3, 3), "encoder.layers.0.weight": (64, 3, 3, 3)}, "vae_approx", ""),
        ({"1.weight": (64, 4, 3, 3), "3.conv.0.weight": (64, 64, 3, 3)}, "vae_approx", ""),
    ],
)  # fmt: skip
def test_helpers_are_named_and_kept_for_later(
    path: Path, tensors: dict[str, Sequence[int]], kind: str, family: str
) -> None:
    found = told(path, tensors)
    assert (found.kind, found.family) == (kind, family)
    assert kind in KINDS
    assert kind == "embedding" or "no node uses these yet" in found.problem


# --- what is wrong


def test_a_file_of_nothing_that_is_known_names_a_tensor_and_asks(path: Path) -> None:
    found = told(path, {"something.else": (3, 3)})
    assert found.kind == "unknown"
    assert '"something.else"' in found.problem
    assert "Say what it is" in found.remedy
    assert "holds no tensors" in recognise(write(path, {})).problem


def test_what_is_damaged_is_unknown_with_the_reason_and_its_size(path: Path) -> None:
    write_plain(path, {"a": (4, 4)})
    path.write_bytes(path.read_bytes()[:-1])
    found = recognise(path)
    assert (found.kind, found.size) == ("unknown", path.stat().st_size)
    assert "is cut short" in found.problem
    assert "again" in found.remedy


@pytest.mark.parametrize("suffix", [".ckpt", ".pt", ".pth", ".bin", ".pkl", ".CKPT"])
def test_pickles_are_never_opened_and_can_be_converted(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"model{suffix}"
    path.write_bytes(b"PK\x03\x04" + bytes(1000))
    found = recognise(path)
    assert (found.kind, found.format, found.size) == ("pickle", "pickle", 1004)
    assert "python main.py convert FILE" in found.remedy


def test_a_page_that_is_called_a_pickle_is_named(tmp_path: Path) -> None:
    path = tmp_path / "model.ckpt"
    path.write_bytes(b"<!DOCTYPE html><html>")
    found = recognise(path)
    assert found.kind == "unknown"
    assert "a page of a web site" in found.problem


def test_one_piece_of_a_model_points_to_its_folder(tmp_path: Path) -> None:
    path = write_plain(tmp_path / "model-00002-of-00003.safetensors", shapes("flux1-dev"))
    found = recognise(path)
    assert "piece 2 of 3" in found.problem
    whole = write_plain(tmp_path / "model-00001-of-00001.safetensors", shapes("flux1-dev"))
    assert recognise(whole).is_usable


def test_what_is_not_there_or_blocks_is_answered_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.ckpt")
    os.mkfifo(tmp_path / "pipe.safetensors")
    (tmp_path / "gone").symlink_to(tmp_path / "nothing")
    for path in (*tmp_path.iterdir(), tmp_path / "nothing", Path("/dev/zero"), Path("a\0b")):
        found = recognise(path)
        assert found.kind == "unknown"
        assert found.problem
        assert found.remedy


def test_metadata_that_lie_are_not_believed(path: Path) -> None:
    lie = {"modelspec.architecture": "stable-diffusion-v1", "ss_base_model_version": "sd_v1"}
    assert recognise(write_plain(path, shapes("sdxl-base"), metadata=lie)).family == "sdxl"
    lora = {"lora_unet_double_blocks_0_img_attn_qkv.lora_down.weight": (16, 3072)}
    assert recognise(write_plain(path, lora, metadata=lie)).family == "flux"


@given(
    st.dictionaries(
        st.text(max_size=30)
        | st.sampled_from([*shapes("sd15"), *shapes("flux1-dev"), *(sign.name for row in KNOWN for sign in row.signs)]),
        st.lists(st.integers(0, 4), max_size=5),
        max_size=8,
    )
)
def test_any_tensors_give_an_answer(tmp_path_factory: pytest.TempPathFactory, made: dict[str, list[int]]) -> None:
    path = tmp_path_factory.getbasetemp() / "any.safetensors"
    described, size = entries({name: ("F16", shape) for name, shape in made.items()})
    path.write_bytes(header_bytes(described) + bytes(size))
    found = recognise(path)
    assert found.kind in KINDS
    assert bool(found.problem) == bool(found.remedy)


@given(st.binary(max_size=300))
def test_any_bytes_give_an_answer(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    for name in ("any.safetensors", "any.gguf", "any.ckpt"):
        path = tmp_path_factory.getbasetemp() / name
        for content in (raw, struct.pack("<Q", len(raw)) + raw):
            path.write_bytes(content)
            found = recognise(path)
            assert found.kind in KINDS
            assert bool(found.problem) == bool(found.remedy)


@pytest.mark.process
def test_recognising_loads_no_torch() -> None:
    program = "import sys, diffusion.model_files.recognise; sys.exit('torch' in sys.modules)"
    root = Path(__file__).parents[3]
    assert subprocess.run([sys.executable, "-c", program], cwd=root, check=False).returncode == 0
