"""Loading models through the nodes: files of each kind, tiny and with random weights, painted with to the end."""

from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file, save_file

import nodes
from diffusion.errors import DiffusionError
from diffusion.loading import assembly
from diffusion.stored.modules import StoredWeight
from graph.api import CancelledError, Files, Registry
from graph.document import reader
from graph.engine import Engine
from nodes.custom_sampling import choose, guide, noise, sample_parts
from nodes.family_prompts import encode_flux
from nodes.latent import empty_latent
from nodes.loaders import load_checkpoint, load_denoiser, load_folder, load_vae
from nodes.noise_levels import schedule
from nodes.sampling import sample
from nodes.tensor_values import CODECS
from nodes.text import encode_text
from nodes.text_loaders import load_one, load_three, load_two
from nodes.vae import decode
from tests.support import tiny_files
from tests.support.tiny_text_models import t5_tokenizer

pytestmark = pytest.mark.network

ROLES = {"flux": ("clip_l", "t5xxl"), "sd3": ("clip_l", "clip_g", "t5xxl"), "sdxl": ("clip_l", "clip_g")}


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """A folder with models as a person has it: of each family whole and in parts, and one as a diffusers folder."""
    root = tmp_path_factory.mktemp("models")
    kinds = ("checkpoints", "diffusion_models", "text_encoders", "vae", "diffusers")
    for kind in kinds:
        (root / kind).mkdir()
    for family, roles in ROLES.items():
        painter = tiny_files.painter(family, **({"guidance": True} if family == "flux" else {}))
        tiny_files.all_in_one(root / "checkpoints" / f"{family}.safetensors", painter)
        tiny_files.split_file(root / "diffusion_models" / f"{family}.safetensors", painter, "denoiser")
        tiny_files.split_file(root / "vae" / f"{family}.safetensors", painter, "vae")
        for role in roles:
            tiny_files.split_file(root / "text_encoders" / f"{family}_{role}.safetensors", painter, role)
        if family == "sdxl":
            tiny_files.folder(root / "diffusers" / family, painter)
    return Files({kind: [root / kind] for kind in kinds})


@pytest.fixture
def told():
    return []


@pytest.fixture
def ctx(ctx, models, told):
    return replace(ctx, files=models, report=lambda value, maximum, preview: told.append((value, maximum)))


def painted(ctx, model, clip, vae):
    prompt = encode_text(text="a red cat", clip=clip, ctx=ctx)
    canvas = empty_latent(width=64, height=64)
    latent = sample(
        model=model, seed=3, steps=2, cfg=2.0, positive=prompt, negative=prompt, latent_image=canvas, ctx=ctx
    )
    return decode(samples=latent, vae=vae, ctx=ctx)


def in_parts(ctx, family):
    model = load_denoiser(unet_name=f"{family}.safetensors", ctx=ctx)
    # CLIPs of these widths are told apart by their order only.
    names = [f"{family}_{role}.safetensors" for role in ROLES[family]]
    if len(names) == 3:
        clip = load_three(clip_name1=names[2], clip_name2=names[0], clip_name3=names[1], ctx=ctx)
    else:
        clip = load_two(clip_name1=names[0], clip_name2=names[1], type=family, ctx=ctx)
    return model, clip, load_vae(vae_name=f"{family}.safetensors", ctx=ctx)


@pytest.mark.long
@pytest.mark.parametrize("family", ROLES)
def test_parts_from_files_of_their_own_paint_what_the_whole_paints(ctx, family):
    whole = load_checkpoint(ckpt_name=f"{family}.safetensors", ctx=ctx)
    assert torch.equal(painted(ctx, *in_parts(ctx, family)), painted(ctx, *whole))


def test_a_folder_of_diffusers_paints_what_the_file_paints(ctx):
    file, folder = load_checkpoint(ckpt_name="sdxl.safetensors", ctx=ctx), load_folder(model_path="sdxl", ctx=ctx)
    assert torch.equal(painted(ctx, *folder), painted(ctx, *file))


def test_a_workflow_for_flux_from_parts_paints(ctx):
    model, clip, vae = in_parts(ctx, "flux")
    prompt = encode_flux(clip=clip, clip_l="a cat", t5xxl="a cat in the snow", ctx=ctx)
    done = sample_parts(
        noise=noise(noise_seed=1), guider=guide(model=model, conditioning=prompt), sampler=choose(),
        sigmas=schedule(model=model, steps=2), latent_image=empty_latent(width=64, height=64), ctx=ctx,
    )  # fmt: skip
    assert decode(samples=done.output, vae=vae, ctx=ctx).shape == (1, 64, 64, 3)


def test_one_text_encoder_is_told_from_its_file_or_its_type(ctx):
    alone = load_one(clip_name="sdxl_clip_l.safetensors", ctx=ctx)
    assert alone.style == "sd1"
    assert load_one(clip_name="sd3_t5xxl.safetensors", type="sd3", device="cpu", ctx=ctx).style == "sd3"
    with pytest.raises(DiffusionError, match="Text encoders for wan cannot be used yet") as caught:
        load_one(clip_name="sdxl_clip_l.safetensors", type="wan", ctx=ctx)
    assert caught.value.input == "type"


def test_a_file_that_is_no_text_encoder_is_named_with_its_socket(ctx, models):
    model = models.path("diffusion_models", "flux.safetensors")
    (model.parent.parent / "text_encoders" / "flux.safetensors").hardlink_to(model)
    with pytest.raises(DiffusionError, match=r"flux\.safetensors") as caught:
        load_two(clip_name1="flux_clip_l.safetensors", clip_name2="flux.safetensors", type="flux", ctx=ctx)
    assert caught.value.input == "clip_name2"


def test_a_loader_warns_of_tensors_that_nobody_reads(ctx, models):
    path, said = models.path("vae", "flux.safetensors"), []
    save_file({**load_file(path), "extra.weight": torch.zeros(1)}, path.with_name("more.safetensors"))
    load_vae(vae_name="more.safetensors", ctx=replace(ctx, report_warning=said.append))
    assert [words.rpartition(": ")[2] for words in said] == ['"extra.weight"']


def test_the_tokenizer_of_t5_may_lie_in_a_folder_of_its_own(ctx, models, tmp_path):
    bare = tmp_path / "elsewhere" / "t5.safetensors"
    bare.parent.mkdir()
    held = load_file(models.path("text_encoders", "sd3_t5xxl.safetensors"))
    assert held.pop("tokenizer_json").dtype == torch.uint8
    save_file(held, bare)
    files = {"text_encoders": [bare.parent], "tokenizers": [tmp_path / "tokenizers"]}
    ctx = replace(ctx, files=Files(files))
    with pytest.raises(DiffusionError, match="models/tokenizers/t5xxl"):
        load_one(clip_name="t5.safetensors", type="sd3", ctx=ctx)
    place = tmp_path / "tokenizers" / "t5xxl"
    place.mkdir(parents=True)
    (place / "tokenizer.json").write_text(t5_tokenizer().backend_tokenizer.to_str(), encoding="utf-8")
    assert load_one(clip_name="t5.safetensors", type="sd3", ctx=ctx).parts["t5xxl"].tokenizer.eos_token_id == 1


@pytest.mark.parametrize("name", ["fp8_e4m3fn", "fp8_e4m3fn_fast", "fp8_e5m2"])
def test_weights_may_be_held_in_half_the_memory(ctx, monkeypatch, name):
    monkeypatch.setattr(assembly, "SMALL_BYTES", 0)
    whole = load_denoiser(unet_name="flux.safetensors", ctx=ctx)
    small = load_denoiser(unet_name="flux.safetensors", weight_dtype=name, ctx=ctx)
    held = [part for part in small.module.modules() if isinstance(part, StoredWeight)]
    assert len(held) == sum(isinstance(part, torch.nn.Linear) for part in whole.module.modules()) > 10
    assert small.nbytes < 0.4 * whole.nbytes
    wide = dict(whole.module.named_parameters())
    kind = torch.float8_e5m2 if name == "fp8_e5m2" else torch.float8_e4m3fn
    for path, part in small.module.named_modules():
        if isinstance(part, StoredWeight):
            assert torch.equal(part.widened(), wide[f"{path}.weight"].to(kind).float())


def test_loading_tells_how_far_it_is(ctx, told):
    load_checkpoint(ckpt_name="sdxl.safetensors", ctx=ctx)
    done, total = zip(*told, strict=True)
    assert list(done) == sorted(done)
    assert done[-1] == total[-1] > 1000


@pytest.mark.parametrize(
    "load",
    [
        lambda ctx: load_checkpoint(ckpt_name="sdxl.safetensors", ctx=ctx),
        lambda ctx: load_folder(model_path="sdxl", ctx=ctx),
        lambda ctx: load_denoiser(unet_name="flux.safetensors", ctx=ctx),
        lambda ctx: load_vae(vae_name="flux.safetensors", ctx=ctx),
        lambda ctx: load_one(clip_name="sdxl_clip_l.safetensors", ctx=ctx),
    ],
    ids=["checkpoint", "folder", "denoiser", "vae", "text encoder"],
)
def test_loading_can_be_cancelled(ctx, told, load):
    ctx.report = lambda *_: ctx.token.cancel()
    with pytest.raises(CancelledError):
        load(ctx)


def test_a_published_workflow_for_flux_runs_in_the_engine_and_is_remembered(models):
    workflow = {
        "jacquard": 1,
        "nodes": {
            "1": {"type": "UNETLoader", "inputs": {"unet_name": "flux.safetensors", "weight_dtype": "default"}},
            "2": {"type": "DualCLIPLoader", "inputs": {
                "clip_name1": "flux_t5xxl.safetensors", "clip_name2": "flux_clip_l.safetensors", "type": "flux",
            }},
            "3": {"type": "VAELoader", "inputs": {"vae_name": "flux.safetensors"}},
            "4": {"type": "CLIPTextEncode", "inputs": {"clip": {"from": ["2", "CLIP"]}, "text": "a cat"}},
            "5": {"type": "FluxGuidance", "inputs": {"conditioning": {"from": ["4", "CONDITIONING"]}}},
            "6": {"type": "ModelSamplingFlux", "inputs": {"model": {"from": ["1", "MODEL"]}, "width": 64}},
            "7": {"type": "BasicGuider", "inputs": {
                "model": {"from": ["6", "MODEL"]}, "conditioning": {"from": ["5", "CONDITIONING"]},
            }},
            "8": {"type": "BasicScheduler", "inputs": {"model": {"from": ["6", "MODEL"]}, "steps": 2}},
            "9": {"type": "KSamplerSelect", "inputs": {"sampler_name": "euler"}},
            "10": {"type": "RandomNoise", "inputs": {"noise_seed": 5}},
            "11": {"type": "EmptySD3LatentImage", "inputs": {"width": 64, "height": 64}},
            "12": {"type": "SamplerCustomAdvanced", "inputs": {
                "noise": {"from": ["10", "NOISE"]}, "guider": {"from": ["7", "GUIDER"]},
                "sampler": {"from": ["9", "SAMPLER"]}, "sigmas": {"from": ["8", "SIGMAS"]},
                "latent_image": {"from": ["11", "LATENT"]},
            }},
            "13": {"type": "VAEDecode", "inputs": {
                "samples": {"from": ["12", "output"]}, "vae": {"from": ["3", "VAE"]},
            }},
        },
    }  # fmt: skip
    registry = Registry()
    nodes.add_to(registry)
    with Engine(registry, models, codecs=CODECS) as engine:
        first = engine.run(reader.from_json(workflow), ["13"])
        assert first.status == "finished", [str(problem) for problem in first.problems]
        (picture,) = first.values["13"].values()
        assert picture.shape == (1, 64, 64, 3)
        workflow["nodes"]["10"]["inputs"]["noise_seed"] = 6
        second = engine.run(reader.from_json(workflow), ["13"])
        assert set(second.ran) == {"10", "12", "13"}
        (other,) = second.values["13"].values()
        assert not torch.equal(picture, other)
