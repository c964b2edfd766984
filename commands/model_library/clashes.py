"""Which nodes of a graph would be given parts of models that cannot work together, as far as the headers of files tell.

Parts are followed from loaders along the edges of nodes that are known to hand them on. What any other node gives is
not known, and nothing is said of it; nor of nodes that may not run, because they depend on a choice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from commands.model_library import parts
from commands.model_library.parts import Part, Parts, Refused, Told
from commands.model_library.words import in_a_list
from diffusion.families.table import FAMILIES
from diffusion.model_files.companions import goes_with
from diffusion.model_files.known import KNOWN
from diffusion.model_files.model_file import ModelFile
from graph.files.file_kinds import FileClash

WHOLE = {"CheckpointLoaderSimple": ("checkpoints", "ckpt_name"), "DiffusersLoader": ("diffusers", "model_path")}
"""Loaders of whole models: their folder and input."""
TEXTS = {
    "CLIPLoader": ("clip_name",),
    "DualCLIPLoader": ("clip_name1", "clip_name2"),
    "TripleCLIPLoader": ("clip_name1", "clip_name2", "clip_name3"),
}
"""Loaders of text encoders: their inputs."""
_PROMPTS = (
    "CLIPTextEncode", "CLIPTextEncodeSDXL", "CLIPTextEncodeSDXLRefiner", "CLIPTextEncodeFlux", "CLIPTextEncodeSD3",
    "LoadImageTextSetFromFolderNode",
)  # fmt: skip
_MODELS = (
    "ModelSamplingDiscrete", "ModelSamplingSD3", "ModelSamplingAuraFlow", "ModelSamplingFlux",
    "ModelSamplingContinuousEDM",
)  # fmt: skip
_CONDITIONS = (
    "ConditioningZeroOut", "ConditioningSetTimestepRange", "ConditioningSetArea", "ConditioningSetAreaPercentage",
    "ConditioningSetAreaStrength", "ConditioningSetMask", "FluxGuidance", "ReferenceLatent",
)  # fmt: skip
_WITH_PICTURES = ("InpaintModelConditioning", "InstructPixToPixConditioning")
_LATENTS = ("LatentUpscale", "LatentUpscaleBy", "SetLatentNoiseMask", "LatentFromBatch", "RepeatLatentBatch")
_TRAINERS = ("TrainLoraNode", "TrainModel")
LORAS = ("LoraLoader", "LoraLoaderModelOnly")
_CODERS = ("VAEEncode", "VAEEncodeForInpaint")
_SAMPLERS = ("KSampler", "KSamplerAdvanced")
HANDS_ON: dict[str, dict[str, tuple[str, ...]]] = {
    **{kind: {"CONDITIONING": ("clip",)} for kind in _PROMPTS},
    **{kind: {"MODEL": ("model",)} for kind in _MODELS},
    **{kind: {"CONDITIONING": ("conditioning",)} for kind in _CONDITIONS},
    **{kind: {"positive": ("positive",), "negative": ("negative",), "latent": ("vae",)} for kind in _WITH_PICTURES},
    **{kind: {"LATENT": ("samples",)} for kind in _LATENTS},
    **{kind: {"LATENT": ("vae",)} for kind in _CODERS},
    **{kind: {"LATENT": ("model",)} for kind in _SAMPLERS},
    **{kind: {"MODEL": ("model",)} for kind in _TRAINERS},
    "CLIPSetLastLayer": {"CLIP": ("clip",)},
    "LoraLoader": {"MODEL": ("model",), "CLIP": ("clip",)},
    "LoraLoaderModelOnly": {"MODEL": ("model",)},
    "LoraModelLoader": {"MODEL": ("model",)},
    "ConditioningCombine": {"CONDITIONING": ("conditioning_1", "conditioning_2")},
    "ConditioningAverage": {"CONDITIONING": ("conditioning_to", "conditioning_from")},
    "ConditioningConcat": {"CONDITIONING": ("conditioning_to", "conditioning_from")},
    "BasicGuider": {"GUIDER": ("model",)},
    "CFGGuider": {"GUIDER": ("model",)},
    "ShowPath": dict.fromkeys(("result", "x", "x0"), ("model",)),
    "SamplerCustom": {"output": ("model",), "denoised_output": ("model",)},
    "SamplerCustomAdvanced": {"output": ("guider",), "denoised_output": ("guider",)},
}
"""Node type -> output -> the inputs whose parts it is made of. A latent is of its painter, a prompt of its reader."""
USES = {
    **dict.fromkeys((*_PROMPTS, "CLIPSetLastLayer"), "clip"),
    **dict.fromkeys((*_CODERS, *_WITH_PICTURES, "VAEDecode", "ShowPath"), "vae"),
}
"""Node type -> the input whose part must be there."""
READS = {
    **dict.fromkeys((*_SAMPLERS, "ShowPath", "SamplerCustom", "CFGGuider"), ("model", ("positive", "negative"))),
    **dict.fromkeys(_TRAINERS, ("model", ("positive",))),
    "BasicGuider": ("model", ("conditioning",)),
}
"""Node type -> the model, and the prompts that it reads; without guidance no negative one."""
PAINTS = {
    **dict.fromkeys((*_SAMPLERS, "ShowPath", "SamplerCustom"), ("model", "latent_image")),
    **dict.fromkeys(_TRAINERS, ("model", "latents")),
    "SamplerCustomAdvanced": ("guider", "latent_image"),
    "VAEDecode": ("vae", "samples"),
}
"""Node type -> who works on latents, and the latent."""
_KNOWN = frozenset({*WHOLE, *TEXTS, "UNETLoader", "VAELoader", *HANDS_ON, *USES, *READS, *PAINTS})
_Found = tuple[Part, ...]
_NONE: _Found = ()


def find_clashes(calls: Mapping[str, Any], certain: frozenset[str], told: Told) -> list[FileClash]:
    """Returns what cannot work in a graph: `calls` in order, each after those that feed it; of those that are not
    `certain` to run nothing is said."""
    found = _follow(calls, certain, told)
    return [item._replace(message=item.message.rstrip("."), remedy=in_a_list(item.remedy)) for item in found]


def _follow(calls: Mapping[str, Any], certain: frozenset[str], told: Told) -> Iterator[FileClash]:
    given: dict[tuple[str, str], _Found] = {}
    for node, call in calls.items():
        kind = call.type.id
        if kind not in _KNOWN and not call.type.hands_on:
            continue
        loaded = _load(kind, call.literals, told)
        if isinstance(loaded, Refused):
            if node in certain:
                yield FileClash(node, loaded.socket, loaded.message, loaded.expected, loaded.got, loaded.remedy)
            continue
        given |= {(node, output): (part,) for output, part in loaded.items()}
        here = {name: _behind(edge, calls, given) for name, edge in call.edges.items()}
        rules = HANDS_ON.get(kind) or ({call.type.outputs[0].name: (call.type.hands_on,)} if call.type.hands_on else {})
        for output, inputs in rules.items():
            if all(here.get(name) for name in inputs):
                given[node, output] = tuple(dict.fromkeys(part for name in inputs for part in here[name]))
        if node in certain and any(here.values()):
            yield from _clashes(node, kind, call.literals, here)
            if kind in LORAS:
                yield from _foreign_lora(node, call.literals, here.get("model", _NONE), told)


def _load(kind: str, literals: Mapping[str, Any], told: Told) -> Parts | Refused:
    if kind in WHOLE:
        return parts.checkpoint(literals, told, *WHOLE[kind])
    if kind in TEXTS:
        return parts.text_encoders(literals, told, "text_encoders", TEXTS[kind])
    if kind == "UNETLoader":
        return parts.denoiser(literals, told, "diffusion_models", "unet_name")
    return parts.vae(literals, told, "vae", "vae_name") if kind == "VAELoader" else {}


def _behind(edge: Any, calls: Mapping[str, Any], given: Mapping[tuple[str, str], _Found]) -> _Found:
    if edge.node not in calls or edge.convert is not None:
        return _NONE
    return given.get((edge.node, calls[edge.node].type.outputs[edge.output].name), _NONE)


def _clashes(node: str, kind: str, literals: Mapping[str, Any], here: Mapping[str, _Found]) -> Iterator[FileClash]:
    used = USES.get(kind, "")
    for part in here.get(used, _NONE):
        if part.absent is not None:
            message, remedy = part.absent
            what = "text encoder" if used == "clip" else "VAE"
            yield FileClash(node, used, message, f"a {what}", f"{part.name}, without one", remedy)
    if literals.get("denoise") == 0:  # then the latent stays as it is
        return
    if kind in READS:
        painter, prompts = READS[kind]
        for socket in prompts:
            if socket == "negative" and literals.get("cfg", 1.0) == 1.0:
                continue
            yield from _misread(node, socket, here.get(painter, _NONE), here.get(socket, _NONE))
    if kind in PAINTS:
        worker, latent = PAINTS[kind]
        yield from _misfit(node, kind, worker, latent, here)


def _misread(node: str, socket: str, models: _Found, prompts: _Found) -> Iterator[FileClash]:
    for model in models:
        for prompt in prompts:
            if not model.family or not prompt.family or model.family == prompt.family:
                continue
            wanted, given = FAMILIES[model.family].name, FAMILIES[prompt.family].name
            yield FileClash(
                node,
                socket,
                f"{model.name} is of {wanted}, and the prompt was read by {prompt.name} for {given}",
                f"a prompt for {wanted}",
                f"one for {given}",
                f"connect the prompt to the CLIP of the same checkpoint, or load text encoders for {wanted}",
            )
            return


def _foreign_lora(node: str, literals: Mapping[str, Any], models: _Found, told: Told) -> Iterator[FileClash]:
    name = literals.get("lora_name")
    found = told("loras", name) if isinstance(name, str) else None
    if literals.get("strength_model") == literals.get("strength_clip") == 0:  # then it is not looked at
        return
    for model in models:
        if found is None or not found.family or not model.family or found.family == model.family:
            continue
        wanted, given = FAMILIES[model.family].name, name_of_family(found.family)
        message = f"{name!r} was made for {given}, and {model.name} is of {wanted}"
        remedy = f"choose a LoRA for {wanted}, or a model of {given}"
        yield FileClash(node, "lora_name", message, f"a LoRA for {wanted}", f"one for {given}", remedy)
        return


def _misfit(node: str, kind: str, worker: str, socket: str, here: Mapping[str, _Found]) -> Iterator[FileClash]:
    for one in here.get(worker, _NONE):
        for latent in here.get(socket, _NONE):
            if not one.channels or not latent.channels or one.channels == latent.channels:
                continue
            does = "decodes" if kind == "VAEDecode" else "paints"
            message = (
                f"{one.name} {does} latents of {one.channels} channels; those of {latent.name} have {latent.channels}"
            )
            if kind == "VAEDecode":
                remedy = f"connect the VAE of the same checkpoint, or load one that suits{_such_as(latent.family)}"
                yield FileClash(node, worker, message, f"a VAE for {latent.channels} channels", one.name, remedy)
            else:
                suits = f"one that suits{_such_as(one.family)}"
                remedy = f"encode the picture with the VAE of the same checkpoint, or with {suits}"
                yield FileClash(
                    node, socket, message, f"{one.channels} channels", f"{latent.channels} channels", remedy
                )
            return


def name_of_family(family: str) -> str:
    """Returns the name of a family that can be used, or is at least known."""
    rows = {row.id: row.name for row in KNOWN}
    return FAMILIES[family].name if family in FAMILIES else rows.get(family, family)


def _such_as(family: str) -> str:
    needs = goes_with(ModelFile("denoiser", family=family))
    names = next((need.names for need in needs if need.kind == "vae"), ())
    return f", such as {names[0]}" if names else ""
