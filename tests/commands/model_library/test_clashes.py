"""Parts that cannot work together are named where they meet; where anything is uncertain, nothing is said."""

from __future__ import annotations

from typing import Any

import pytest

import nodes
from commands.model_library import clashes
from commands.model_library.clashes import find_clashes
from diffusion.model_files.model_file import ModelFile
from graph.base.errors import WorkflowError
from graph.building.build import build
from graph.document.workflow import Node, Reference, Workflow
from graph.files.file_kinds import AnyKind
from graph.files.folders import Files
from graph.node_types.registry import Registry

WHOLE = ("denoiser", "vae", "clip_l", "clip_g")
TOLD = {
    "xl": ModelFile("checkpoint", "sdxl", parts=WHOLE, format="safetensors"),
    "bare xl": ModelFile("checkpoint", "sdxl", parts=("denoiser", "clip_l"), format="safetensors"),
    "sd3 without t5": ModelFile("checkpoint", "sd3", parts=WHOLE, format="safetensors"),
    "one": ModelFile("checkpoint", "sd1", parts=("denoiser", "vae", "clip_l"), format="safetensors"),
    "folder": ModelFile("checkpoint", "sdxl", format="folder"),
    "flux": ModelFile("denoiser", "flux", parts=("denoiser",), format="safetensors"),
    "ae": ModelFile("vae", parts=("vae",), serves=("sd3", "flux", "chroma"), format="safetensors"),
    "kl": ModelFile("vae", parts=("vae",), serves=("sd1", "sdxl"), format="safetensors"),
    "said": ModelFile("vae", parts=("vae",), serves=("sd1", "flux"), format="safetensors"),
    "l": ModelFile("text_encoder", parts=("clip_l",), serves=("sd1", "flux"), format="safetensors"),
    "g": ModelFile("text_encoder", parts=("clip_g",), serves=("sdxl",), format="safetensors"),
    "t5": ModelFile("text_encoder", parts=("t5xxl",), serves=("sd3", "flux"), format="safetensors"),
    "lora xl": ModelFile("lora", "sdxl", format="safetensors"),
    "lora": ModelFile("lora", format="safetensors"),
    "odd": ModelFile("unknown", format="safetensors"),
}


@pytest.fixture(scope="module")
def registry() -> Registry:
    made = Registry()
    nodes.add_to(made)
    return made


class Kinds(AnyKind):
    def clashes(self, calls, certain, _):
        return find_clashes(calls, certain, lambda _, name: TOLD.get(name))


@pytest.fixture
def found(registry, tmp_path):
    """What is refused of the sampling of these loaders: (node, socket) -> the problem."""
    folders = ("checkpoints", "diffusion_models", "text_encoders", "vae", "loras")
    for folder in folders:
        (tmp_path / folder).mkdir()
    files = Files({folder: [tmp_path / folder] for folder in folders}, kinds=Kinds())
    for name in TOLD:
        for folder in folders:
            (tmp_path / folder / f"{name}.gguf").touch()
    TOLD.update({f"{name}.gguf": item for name, item in TOLD.items() if not name.endswith(".gguf")})

    def ask(loaders: dict[str, Node], model: str, clip: str, vae: str, targets=("end",), **more: Any):
        changed = more.pop("sampler", {})
        made: dict[str, Any] = {
            **loaders,
            "yes": Node("CLIPTextEncode", {"clip": at(clip, "CLIP"), "text": "a cat"}),
            "no": Node("ConditioningZeroOut", {"conditioning": Reference("yes", "CONDITIONING")}),
            "canvas": Node("EmptyLatentImage"),
            "sampler": Node(
                "KSampler",
                {
                    "model": at(model, "MODEL"),
                    "positive": Reference("yes", "CONDITIONING"),
                    "negative": Reference("no", "CONDITIONING"),
                    "latent_image": Reference("canvas", "LATENT"),
                    **changed,
                },
            ),
            "end": Node("VAEDecode", {"samples": Reference("sampler", "LATENT"), "vae": at(vae, "VAE")}),
            **more,
        }
        try:
            build(Workflow(made), registry, files, targets)
        except WorkflowError as error:
            return {(problem.node, problem.socket): problem for problem in error.problems}
        return {}

    return ask


def at(node: str, output: str) -> Reference:
    return Reference(node, output)


def whole(name: str) -> Node:
    return Node("CheckpointLoaderSimple", {"ckpt_name": f"{name}.gguf"})


def texts(*names: str, kind: str = "flux") -> Node:
    loader = "DualCLIPLoader" if len(names) > 1 else "CLIPLoader"
    sockets = ("clip_name1", "clip_name2") if len(names) > 1 else ("clip_name",)
    chosen = {socket: f"{name}.gguf" for socket, name in zip(sockets, names, strict=True)}
    return Node(loader, {**chosen, "type": kind})


FLUX = {
    "model": Node("UNETLoader", {"unet_name": "flux.gguf"}),
    "clip": texts("l", "t5"),
    "vae": Node("VAELoader", {"vae_name": "ae.gguf"}),
}


def test_parts_that_belong_together_are_let_through(found):
    assert found(FLUX, "model", "clip", "vae") == {}
    for name in ("xl", "folder", "sd3 without t5", "one"):
        assert found({"all": whole(name)}, "all", "all", "all") == {}
    small = {
        "all": whole("one"),
        "vae": Node("VAELoader", {"vae_name": "kl.gguf"}),
        "clip": texts("l", kind="stable_diffusion"),
    }
    assert found(small, "all", "clip", "vae") == {}


def test_a_prompt_that_was_read_for_another_family_is_named_at_the_sampler(found):
    loaders = {**FLUX, "all": whole("xl")}
    assert list(found(loaders, "model", "all", "vae", sampler={"cfg": 3.0})) == [
        ("sampler", "positive"),
        ("sampler", "negative"),
    ]
    problems = found(loaders, "model", "all", "vae", sampler={"cfg": 1.0})
    assert list(problems) == [("sampler", "positive")], "the negative prompt counts for nothing at a guidance of 1"
    (problem,) = problems.values()
    assert problem.code == "files_clash"
    assert problem.message == ("'flux.gguf' is of Flux.1, and the prompt was read by 'xl.gguf' for Stable Diffusion XL")
    assert (problem.expected, problem.got) == ("a prompt for Flux.1", "one for Stable Diffusion XL")
    assert "load text encoders for Flux.1" in problem.remedy
    assert found(loaders, "model", "all", "vae", sampler={"denoise": 0.0}) == {}, "then nothing is painted"


def test_it_is_followed_through_nodes_that_hand_parts_on(found):
    loaders = {
        **FLUX,
        "all": whole("xl"),
        "skip": Node("CLIPSetLastLayer", {"clip": at("all", "CLIP")}),
        "dot": Node("Reroute", {"value": at("skip", "CLIP")}),
        "shift": Node("ModelSamplingFlux", {"model": at("model", "MODEL")}),
    }
    more = {
        "mixed": Node(
            "ConditioningCombine",
            {"conditioning_1": at("no", "CONDITIONING"), "conditioning_2": at("yes", "CONDITIONING")},
        )
    }
    changed = {"positive": at("mixed", "CONDITIONING"), "cfg": 1.0}
    wired = {"yes": Node("CLIPTextEncode", {"clip": at("dot", "output"), "text": ""})}
    assert list(found(loaders, "shift", "all", "vae", sampler=changed, **more, **wired)) == [("sampler", "positive")]


def test_a_vae_for_other_latents_is_named_at_the_decoder_and_a_picture_encoded_with_it_at_the_sampler(found):
    loaders = {**FLUX, "other": Node("VAELoader", {"vae_name": "kl.gguf"})}
    (problem,) = (problems := found(loaders, "model", "clip", "other")).values()
    assert list(problems) == [("end", "vae")]
    assert problem.message == "'kl.gguf' decodes latents of 4 channels; those of 'flux.gguf' have 16"
    assert problem.remedy == "connect the VAE of the same checkpoint, or load one that suits, such as ae"
    encoded = {
        "picture": Node("VAEDecode", {"samples": at("empty", "LATENT"), "vae": at("vae", "VAE")}),
        "empty": Node("EmptySD3LatentImage"),
        "canvas": Node("VAEEncode", {"pixels": at("picture", "IMAGE"), "vae": at("other", "VAE")}),
    }
    problems = found(loaders, "model", "clip", "vae", **encoded)
    assert list(problems) == [("sampler", "latent_image")]
    assert (problems["sampler", "latent_image"].expected, problems["sampler", "latent_image"].got) == (
        "16 channels",
        "4 channels",
    )


def test_a_part_that_the_checkpoint_does_not_hold_is_named_where_it_is_used(found):
    problems = found({"all": whole("bare xl")}, "all", "all", "all")
    assert list(problems) == [("yes", "clip"), ("end", "vae")]
    assert problems["yes", "clip"].message == "'bare xl.gguf' holds no text encoder"
    assert "clip_g" in problems["yes", "clip"].remedy
    assert "sdxl_vae" in problems["end", "vae"].remedy
    parts = {
        "all": whole("bare xl"),
        "clip": texts("l", "g", kind="sdxl"),
        "vae": Node("VAELoader", {"vae_name": "kl.gguf"}),
    }
    assert found(parts, "all", "clip", "vae") == {}, "unused parts may be absent"


def test_text_encoders_that_are_not_those_of_their_type_are_named_at_the_loader(found):
    for loader, words in (
        (texts("l", "g"), "read by clip_l and t5xxl; given are clip_l and clip_g"),
        (texts("l", kind="wan"), "Text encoders for wan cannot be used yet"),
        (texts("t5", kind="stable_diffusion"), "This text encoder is T5"),
    ):
        problems = found({**FLUX, "clip": loader}, "model", "clip", "vae")
        assert list(problems) == [("clip", "type")]
        assert words in problems["clip", "type"].message


def test_a_lora_for_another_family_is_named_at_its_loader_and_parts_are_followed_through_loras(found):
    def with_lora(name, **strengths):
        sockets = {"model": at("model", "MODEL"), "clip": at("all", "CLIP"), "lora_name": f"{name}.gguf", **strengths}
        return {**FLUX, "all": whole("xl"), "lora": Node("LoraLoader", sockets)}

    for name, strengths in (("lora", {}), ("lora xl", {"strength_model": 0.0, "strength_clip": 0.0})):
        assert list(found(with_lora(name, **strengths), "lora", "lora", "vae")) == [
            ("sampler", "positive"), ("sampler", "negative"),
        ]  # fmt: skip
    problem = found(with_lora("lora xl"), "lora", "clip", "vae")["lora", "lora_name"]
    assert problem.message == "'lora xl.gguf' was made for Stable Diffusion XL, and 'flux.gguf' is of Flux.1"
    fits = {
        "all": whole("xl"),
        "lora": Node("LoraLoaderModelOnly", {"model": at("all", "MODEL"), "lora_name": "lora xl.gguf"}),
    }
    assert found(fits, "lora", "all", "all") == {}


def test_what_is_not_certain_is_not_refused(found):
    odd = {**FLUX, "clip": texts("odd", "t5")}
    assert found(odd, "model", "clip", "vae") == {}, "only loading tells what that file is"
    said = {**FLUX, "vae": Node("VAELoader", {"vae_name": "said.gguf"})}
    assert found(said, "model", "clip", "vae") == {}, "somebody said that it serves a family of other latents"
    chosen = {
        **FLUX,
        "all": whole("xl"),
        "if": Node("If", {"then": at("all", "CLIP"), "otherwise": at("clip", "CLIP")}),
    }
    wired = {"yes": Node("CLIPTextEncode", {"clip": at("if", "output"), "text": ""})}
    assert found(chosen, "model", "clip", "vae", **wired) == {}
    closed = {**FLUX, "all": whole("xl"), "if": Node("If", {"condition": False, "then": at("all", "MODEL")})}
    assert found(closed, "model", "all", "vae", sampler={"model": at("if", "output")}) == {}, "it does not run at all"


def test_every_node_and_socket_that_is_followed_exists(registry):
    for kind, (_, socket) in clashes.WHOLE.items():
        assert socket in registry.get(kind).by_name
        assert {"MODEL", "CLIP", "VAE"} <= registry.get(kind).output_index.keys()
    for kind, sockets in clashes.TEXTS.items():
        assert {*sockets} <= registry.get(kind).by_name.keys()
    for kind, rules in clashes.HANDS_ON.items():
        assert rules.keys() <= registry.get(kind).output_index.keys(), kind
        assert {name for names in rules.values() for name in names} <= registry.get(kind).by_name.keys(), kind
    for kind in clashes.LORAS:
        assert {"model", "lora_name", "strength_model"} <= registry.get(kind).by_name.keys(), kind
    for kind, socket in clashes.USES.items():
        assert socket in registry.get(kind).by_name, kind
    for kind, (model, prompts) in clashes.READS.items():
        assert {model, *prompts} <= registry.get(kind).by_name.keys(), kind
    for kind, pair in clashes.PAINTS.items():
        assert {*pair} <= registry.get(kind).by_name.keys(), kind


def test_every_built_in_node_that_takes_and_gives_parts_is_followed(registry):
    known = {*clashes.HANDS_ON, *clashes.USES, *clashes.READS, *clashes.PAINTS}
    makers = {"EmptyLatentImage", "EmptySD3LatentImage", "ModelSamplingFlux"}
    for item in registry:
        takes = {socket.type.name for socket in item.inputs} & {"CLIP", "VAE", "CONDITIONING"}
        gives = {socket.type.name for socket in item.outputs} & {"CLIP", "CONDITIONING", "LATENT", "MODEL"}
        if takes and gives and item.id not in makers:
            assert item.id in known, f"say in {clashes.__name__} what {item.id} hands on"
