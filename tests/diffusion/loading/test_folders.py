"""Folders that can be loaded, and what is said of those that cannot."""

from __future__ import annotations

import json
import os
import shutil
import struct
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import diffusers
import pytest
import torch
from safetensors.torch import load_file, save_file

from diffusion.errors import DiffusionError
from diffusion.latents import empty
from diffusion.loading import is_checkpoint, load_checkpoint, load_vae
from diffusion.models import weight_bytes
from diffusion.sample import sample
from diffusion.text_encoding import encode
from diffusion.text_models import make_text_encoder
from diffusion.vae import decode
from diffusion.vae import encode as vae_encode
from tests.support import tiny_models

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.network

UNET = "unet/diffusion_pytorch_model.safetensors"
VAE = "vae/diffusion_pytorch_model.safetensors"
PICTUREBOOK = Path(__file__).parents[3] / "models" / "picturebook"


@pytest.fixture
def copy(folder: Path, tmp_path: Path) -> Path:
    """A copy of the tiny checkpoint that a test may spoil."""
    return Path(shutil.copytree(folder, tmp_path / "copy"))


def edit(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


def refused(path: Path, message: str, socket: str | None = None, load: Any = load_checkpoint) -> None:
    with pytest.raises(DiffusionError, match=message) as caught:
        load(path, device="cpu")
    assert caught.value.remedy
    if socket:
        assert caught.value.input == socket


# --- what loads


def test_a_checkpoint_says_what_it_is(folder: Path) -> None:
    model, clip, vae = load_checkpoint(folder, device="cpu")
    assert is_checkpoint(folder)
    assert (model.latent_format.channels, model.latent_format.downscale) == (4, 8)
    assert model.noise_model.prediction == "epsilon"
    assert len(repr(load_checkpoint(folder, device="cpu"))) < 1000
    assert model.dtype == vae.dtype == torch.float32
    assert model.nbytes == sum(p.nbytes for p in model.module.parameters())
    assert clip.nbytes > 0
    assert vae.nbytes > 0


def test_a_precision_can_be_asked_for_and_paints(folder: Path) -> None:
    model, clip, vae = load_checkpoint(folder, device="cpu", dtype=torch.bfloat16)
    assert {p.dtype for part in (model.module, clip.parts["clip_l"].module, vae.model) for p in part.parameters()} == {
        torch.bfloat16
    }
    prompt = encode(clip, "cat")
    assert prompt[0][0].dtype == torch.float32
    settings = {"seed": 1, "steps": 2, "cfg": 2.0, "sampler_name": "euler", "scheduler": "normal"}
    painted = sample(model, prompt, prompt, empty(64, 64), **settings)
    assert painted["samples"].dtype == torch.float32
    assert decode(vae, painted["samples"]).dtype == torch.float32


def test_a_folder_that_only_has_half_precision_is_loaded_from_it(copy: Path) -> None:
    for weights in copy.rglob("*.safetensors"):
        weights.rename(weights.with_name(f"{weights.stem}.fp16.safetensors"))
    assert load_checkpoint(copy, device="cpu").model.dtype == torch.float32


def test_weights_can_be_trained_even_when_they_were_loaded_in_inference_mode(folder: Path) -> None:
    with torch.inference_mode():
        model = load_checkpoint(folder, device="cpu").model
    assert not any(p.is_inference() for p in model.module.parameters())
    assert not model.module.training


def test_a_vae_is_loaded_from_its_folder_or_from_a_checkpoint(folder: Path) -> None:
    pixels = torch.rand(1, 16, 16, 3)
    from_folder, from_checkpoint = load_vae(folder / "vae", device="cpu"), load_vae(folder, device="cpu")
    assert torch.equal(vae_encode(from_folder, pixels), vae_encode(from_checkpoint, pixels))
    assert from_folder.latent_format.scale == pytest.approx(0.18215)


def test_the_names_that_older_files_have_for_tensors_are_understood(folder: Path, copy: Path) -> None:
    old = {"to_q": "query", "to_k": "key", "to_v": "value", "to_out.0": "proj_attn"}
    weights = load_file(copy / VAE)
    for new, name in old.items():
        weights = {key.replace(f"attentions.0.{new}", f"attentions.0.{name}"): v for key, v in weights.items()}
    assert any("proj_attn" in key for key in weights)
    save_file(weights, copy / VAE, metadata={"format": "pt"})
    encoder = "text_encoder/model.safetensors"
    prefixed = {f"text_model.{key.removeprefix('text_model.')}": v for key, v in load_file(copy / encoder).items()}
    save_file(prefixed, copy / encoder, metadata={"format": "pt"})
    ours, theirs = load_checkpoint(copy, device="cpu"), load_checkpoint(folder, device="cpu")
    pixels = torch.rand(1, 16, 16, 3)
    assert torch.equal(vae_encode(ours.vae, pixels), vae_encode(theirs.vae, pixels))
    assert torch.equal(encode(ours.clip, "cat")[0][0], encode(theirs.clip, "cat")[0][0])


@pytest.mark.parametrize("kind", ["AutoencoderTiny", "AutoencoderDC"])
def test_other_autoencoders_of_diffusers_load_and_work(kind: str, tmp_path: Path) -> None:
    widths = (16, 16, 16)  # AutoencoderTiny knows no others
    settings: dict[str, dict[str, Any]] = {
        "AutoencoderTiny": {"num_encoder_blocks": (1, 1, 1), "num_decoder_blocks": (1, 1, 1)},
        "AutoencoderDC": {
            "encoder_layers_per_block": (1, 1, 1),
            "decoder_layers_per_block": (1, 1, 1),
            "encoder_qkv_multiscales": ((), (), ()),
            "decoder_qkv_multiscales": ((), (), ()),
            "attention_head_dim": 8,
        },
    }
    model = getattr(diffusers, kind)(
        latent_channels=8, encoder_block_out_channels=widths, decoder_block_out_channels=widths, **settings[kind]
    )
    model.save_pretrained(tmp_path)
    vae = load_vae(tmp_path, device="cpu")
    samples = vae_encode(vae, torch.rand(1, 32, 32, 3))
    assert samples.shape == (1, 8, 8, 8)
    assert decode(vae, samples).shape == (1, 32, 32, 3)


def test_the_layers_that_stable_diffusion_2_leaves_out_are_counted(checkpoint: Any) -> None:
    part = checkpoint.clip.parts["clip_l"]
    clip = make_text_encoder("sd2", {"clip_h": (part.module, part.tokenizer)})
    assert clip.layers == 4
    words = [encode(clip.with_stop_at_layer(layer), "cat")[0][0] for layer in (-1, -2, -3)]
    assert torch.equal(words[0], words[1])
    assert torch.equal(words[2], encode(checkpoint.clip.with_stop_at_layer(-2), "cat")[0][0])


@pytest.mark.process
def test_importing_the_package_and_reading_names_loads_no_torch() -> None:
    program = (
        "import sys, diffusion; from diffusion import choices, errors, prompt, noise_models;"
        "assert 'sampler' in dir(diffusion.choices) or diffusion.choices.SAMPLER_NAMES;"
        "assert 'vae' in dir(diffusion);"
        "sys.exit('torch' in sys.modules)"
    )
    root = Path(__file__).parents[3]
    assert subprocess.run([sys.executable, "-c", program], cwd=root, check=False).returncode == 0


def test_a_room_that_is_not_there_is_named() -> None:
    import diffusion

    assert diffusion.vae.decode is decode
    with pytest.raises(AttributeError, match="no room 'kitchen'"):
        _ = diffusion.kitchen


# --- what does not


def test_a_path_that_is_no_checkpoint(copy: Path, tmp_path: Path) -> None:
    refused(tmp_path / "nothing", "There is no file or folder", "ckpt_name")
    refused(tmp_path, "a folder without a model_index.json", "ckpt_name")
    refused(copy / UNET, r"holds only the denoiser .*Load Diffusion Model \(UNETLoader\)", "ckpt_name")
    refused(copy / "vae", r"is a VAE; expected a checkpoint. Load it with Load VAE \(VAELoader\)", "ckpt_name")
    refused(copy / "scheduler", "neither a config.json nor a model_index.json", "vae_name", load_vae)
    refused(copy / "unet", "holds a UNet2DConditionModel; known VAEs are", "vae_name", load_vae)
    assert not is_checkpoint(tmp_path)


def test_another_family(copy: Path) -> None:
    edit(copy / "model_index.json", lambda index: index.update(_class_name="WanPipeline"))
    refused(copy, "Wan is known, but Jacquard cannot use it yet", "ckpt_name")
    edit(copy / "model_index.json", lambda index: index.update(_class_name="SomethingPipeline"))
    refused(copy, "made for .*SomethingPipeline.*, which is not known", "ckpt_name")


@pytest.mark.parametrize(
    ("part", "entry", "message"),
    [
        ("unet", ["diffusers", "FluxTransformer2DModel"], "unet of .* is FluxTransformer2DModel; expected UNet2D"),
        ("text_encoder", None, "text_encoder of .* is missing"),
        ("vae", ["diffusers", "VQModel"], "vae of .* is VQModel; expected AutoencoderKL or"),
        ("tokenizer", ["transformers", "T5Tokenizer"], "tokenizer of .* is T5Tokenizer"),
    ],
)
def test_parts_of_another_kind(copy: Path, part: str, entry: Any, message: str) -> None:
    edit(copy / "model_index.json", lambda index: index.update({part: entry}))
    refused(copy, message, "ckpt_name")


def test_a_damaged_index_or_config(copy: Path) -> None:
    (copy / "unet" / "config.json").write_text("{")
    refused(copy, "config.json cannot be read as JSON")
    (copy / "unet" / "config.json").unlink()
    refused(copy, "There is no .*config.json")
    (copy / "model_index.json").write_text("[]")
    refused(copy, "model_index.json holds no JSON object")


def test_missing_weights(copy: Path) -> None:
    (copy / UNET).unlink()
    refused(copy, "has no diffusion_pytorch_model.safetensors")


def test_pickled_weights_are_not_opened(copy: Path) -> None:
    (copy / UNET).rename((copy / UNET).with_suffix(".bin"))
    refused(copy, "diffusion_pytorch_model.bin, a pickle, which can run code")


@pytest.mark.parametrize("keep", [0, 4, 100, 0.5, -1])
def test_weights_that_are_cut_short(copy: Path, keep: float) -> None:
    content = (copy / UNET).read_bytes()
    size = int(len(content) * keep) if isinstance(keep, float) else keep
    (copy / UNET).write_bytes(content[:size])
    refused(copy, "cut short|ends inside its header|an empty file")


def test_a_file_that_only_is_called_safetensors(copy: Path) -> None:
    (copy / UNET).write_bytes(struct.pack("<Q", 4) + b"nope")
    refused(copy, "its header cannot be read")
    (copy / UNET).write_bytes(struct.pack("<Q", 11) + b'{"a": "b"} ')
    refused(copy, "its header cannot be read")


def test_weights_that_lack_tensors_or_do_not_fit(copy: Path) -> None:
    weights = load_file(copy / UNET)
    name = "conv_in.weight"
    save_file({key: value for key, value in weights.items() if key != name}, copy / UNET)
    refused(copy, f"lack 1 of the model's tensors, {name} among them")
    save_file({**weights, name: torch.zeros(3, 3)}, copy / UNET)
    refused(copy, "do not fit the model: The tensor conv_in.weight has the shape")


def test_a_shard_that_is_not_there(copy: Path) -> None:
    index = {"metadata": {}, "weight_map": {"conv_in.weight": "diffusion_pytorch_model-00001-of-00002.safetensors"}}
    (copy / UNET).unlink()
    (copy / f"{UNET}.index.json").write_text(json.dumps(index))
    refused(copy, "has no diffusion_pytorch_model-00001-of-00002.safetensors")


def test_a_broken_tokenizer(copy: Path) -> None:
    shutil.rmtree(copy / "tokenizer")
    refused(copy, "tokenizer in .* cannot be loaded", "ckpt_name")


def test_parts_that_do_not_belong_together(copy: Path) -> None:
    tiny_models.vae(channels=8).save_pretrained(copy / "vae")
    refused(copy, "takes 4 channels and its VAE gives 8", "ckpt_name")
    tiny_models.vae().save_pretrained(copy / "vae")
    tiny_models.text_encoder(tiny_models.tokenizer(), width=16).save_pretrained(copy / "text_encoder")
    refused(copy, "expects text embeddings 32 wide; its text encoder gives 16", "ckpt_name")


def test_a_model_that_needs_more_than_text(copy: Path) -> None:
    tiny_models.unet(time_cond_proj_dim=8).save_pretrained(copy / "unet")
    refused(copy, r"needs more than text to go by \(time_cond_proj_dim\)", "ckpt_name")


def test_messages_do_not_tell_where_somebody_keeps_their_files(tmp_path: Path) -> None:
    place = tmp_path / "somebody" / "models" / "checkpoints" / "gone"
    with pytest.raises(DiffusionError) as caught:
        load_checkpoint(place)
    assert str(caught.value).startswith("There is no file or folder models/checkpoints/gone.")


def test_an_unknown_prediction(copy: Path) -> None:
    edit(copy / "scheduler" / "scheduler_config.json", lambda config: config.update(prediction_type="flow"))
    refused(copy, "prediction type 'flow'")


@pytest.mark.model
@pytest.mark.skipif(not is_checkpoint(PICTUREBOOK), reason="the bundled model is not there")
def test_the_bundled_model_loads_and_paints() -> None:
    model, clip, vae = load_checkpoint(PICTUREBOOK, device="cpu")
    assert weight_bytes(model.module) == model.nbytes
    settings = {"seed": 1, "steps": 2, "cfg": 4.0, "sampler_name": "euler", "scheduler": "karras"}
    painted = sample(model, encode(clip, "a red circle"), encode(clip, ""), empty(128, 128), **settings)
    assert decode(vae, painted["samples"]).shape == (1, 128, 128, 3)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="has no pipes among its files")
@pytest.mark.parametrize("place", ["vae/config.json", "unet/extra.json", "."])
def test_a_pipe_in_the_place_of_a_file_is_refused_and_not_waited_for(tmp_path: Path, place: str) -> None:
    folder = tmp_path / "model"
    if place == ".":
        os.mkfifo(folder)
    else:
        tiny_models.write_checkpoint(folder)
        (folder / place).unlink(missing_ok=True)
        os.mkfifo(folder / place)
    for load in (load_checkpoint, load_vae):
        with pytest.raises(DiffusionError, match="is not a plain file"):
            load(folder)
