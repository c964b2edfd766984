"""Nodes that add LoRAs to models, and write them to files."""

from __future__ import annotations

from datetime import datetime
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal, NamedTuple

import diffusion
from graph.api import (
    Artifact,
    FileChoice,
    FileNameError,
    Label,
    NodeContext,
    NodeError,
    Number,
    NumberedNames,
    Text,
    filled,
    node,
    unfilled,
    why_disk_refused,
)
from nodes.cancelling import cancellable
from nodes.types import Clip, LoraModel, Model

_LONGEST_LIST = 4
"""Layers that are named in a warning; the report names all."""

_numbers = NumberedNames()

_File = FileChoice("loras", fits=("lora",))
_Strength = Number(-100, 100, 0.01)
_ModelInput = Annotated[Model, "The model to change; the original stays as it is"]
_Report = Annotated[str, "How many layers were changed, and what of the LoRA was not used and why"]


class Loaded(NamedTuple):
    """A model and a text encoder with a LoRA."""

    MODEL: Annotated[Model, "The model with the LoRA. Connect it to a sampler"]
    CLIP: Annotated[Clip, "The text encoder with the LoRA. Connect it to the prompt nodes"]
    report: _Report


class LoadedModel(NamedTuple):
    """A model with a LoRA."""

    MODEL: Annotated[Model, "The model with the LoRA. Connect it to a sampler"]
    report: _Report


@node("LoraLoader", title="Load LoRA", category="loaders", lane="device", aliases=("lora", "style", "lycoris"))
def load_lora(
    *,
    model: _ModelInput,
    clip: Annotated[Clip, "The text encoder to change; the original stays as it is"],
    lora_name: Annotated[
        str, _File, Label("LoRA"), "The LoRA file, from models/loras. It must suit the model's family"
    ],
    strength_model: Annotated[
        float, _Strength, "How much to change the model: 1 as it was trained, 0 not at all, below 0 the opposite"
    ] = 1.0,
    strength_clip: Annotated[
        float, _Strength, "How much to change the text encoder; as a rule the same as the other strength"
    ] = 1.0,
    ctx: NodeContext,
) -> Loaded:
    """Add a LoRA: a small file that teaches a model a style, a person or a thing.

    Put it between the checkpoint and the nodes that use it; several can follow each other. Many LoRAs answer to words
    that their author names: write them into the prompt. The checkpoint itself is not changed.
    """
    if strength_model == strength_clip == 0:
        return Loaded(model, clip, f"{lora_name}: not used, for both strengths are 0.")
    modules = {"denoiser": model.module, **clip.modules}
    fit, report = _read(ctx, lora_name, modules, model.family.id)
    return Loaded(model.with_lora(fit.lora, strength_model), clip.with_lora(fit.lora, strength_clip), report)


@node(
    "LoraLoaderModelOnly", title="Load LoRA (Model Only)", category="loaders", lane="device", aliases=("lora", "style")
)
def load_lora_for_model(
    *,
    model: _ModelInput,
    lora_name: Annotated[
        str, _File, Label("LoRA"), "The LoRA file, from models/loras. It must suit the model's family"
    ],
    strength_model: Annotated[
        float, _Strength, "How much to change the model: 1 as it was trained, 0 not at all, below 0 the opposite"
    ] = 1.0,
    ctx: NodeContext,
) -> LoadedModel:
    """Add a LoRA to the part that paints, and leave the text encoder as it is.

    Use it for models whose text encoders are loaded apart, such as Flux, and for LoRAs that make a model quicker.
    """
    fit, report = _read(ctx, lora_name, {"denoiser": model.module}, model.family.id)
    return LoadedModel(model.with_lora(fit.lora, strength_model), report)


@node("LoraModelLoader", title="Use Trained LoRA", category="loaders", lane="device", aliases=("lora", "training"))
def use_lora(
    *,
    model: _ModelInput,
    lora: Annotated[LoraModel, "The LoRA that a training made"],
    strength_model: Annotated[
        float, _Strength, "How much to change the model: 1 as it was trained, 0 not at all, below 0 the opposite"
    ] = 1.0,
    ctx: NodeContext,
) -> LoadedModel:
    """Add a LoRA that was trained in this workflow, without saving it first.

    Connect it behind Train LoRA to paint with what was learnt; Save LoRA keeps it for other workflows.
    """
    trained = diffusion.loras.lora.from_value(lora)
    fit = diffusion.loras.fitting.fitted(trained, {"denoiser": model.module}, model.family.id)
    report = _told(ctx, "The LoRA", fit)
    return LoadedModel(model.with_lora(fit.lora, strength_model), report)


@node("SaveLoRANode", title="Save LoRA", category="loaders", lane="io", side_effect=True, writes="output")
def save_lora(
    *,
    lora: Annotated[LoraModel, "The LoRA to save"],
    prefix: Annotated[
        str,
        Text(file_name=True),
        "How the file's name begins. In the folder loras it can be chosen as a LoRA at once; %date:yyyy-MM-dd% and "
        "%KSampler.seed% are filled in",
    ] = "loras/ComfyUI_trained_lora",
    steps: Annotated[
        int | None, Number(0, 10_000_000, 1), "After how many steps it was; it becomes a part of the name"
    ] = None,
    format: Annotated[  # noqa: A002 - what it is
        Literal["kohya", "diffusers"],
        "kohya for most programs of this field; diffusers for that library, which has no LoHa, LoKr and OFT",
    ] = "kohya",
    ctx: NodeContext,
) -> None:
    """Save a LoRA that was trained as a file in the output folder.

    Files are numbered and never overwritten. What lies in *loras* there can be chosen in Load LoRA like the files in
    models/loras.
    """
    data = diffusion.loras.writing.file_of(diffusion.loras.lora.from_value(lora), format)
    parent, name = _place(prefix, steps, ctx)
    refusal = ctx.files.refusal_to_write("output", parent)
    if refusal is not None:
        raise NodeError(str(refusal), input="prefix" if parent.parts else "", remedy=refusal.remedy)

    def write() -> None:
        try:
            path = _numbers.write(ctx.files.root("output") / parent, name, ".safetensors", data)
        except OSError as error:
            where, cause = (PurePosixPath("output") / parent).as_posix(), why_disk_refused(error)
            remedy = "look at the disk and its rights, and run it again"
            raise NodeError(f"nothing could be saved in {where}/: {cause}", remedy=remedy) from error
        ctx.files.forget_listings()
        ctx.show(Artifact("output", (parent / path.name).as_posix(), "application/octet-stream"))

    ctx.in_turn(write)


def _place(prefix: str, steps: int | None, ctx: NodeContext) -> tuple[PurePosixPath, str]:
    """The folder and the beginning of the file's name."""
    try:
        path = filled(prefix, ctx.words, datetime.now().astimezone())
    except FileNameError as error:
        raise NodeError(str(error), input="prefix", remedy=error.remedy) from None
    if left := unfilled(prefix, set(ctx.words)):
        ctx.warn(f"{', '.join(left)} stays as it is in the file name, because the name was not known before the run")
    return path.parent, path.name if steps is None else f"{path.name}_{steps}_steps"


def _read(ctx: NodeContext, name: str, modules: dict[str, Any], family: str) -> tuple[Any, str]:
    path = ctx.files.path("loras", name)
    with cancellable(ctx) as cancelled:
        fit = diffusion.loras.reading.read_lora(
            path, modules, family, override=ctx.files.kinds.override(path), cancelled=cancelled
        )
    return fit, _told(ctx, name, fit)


def _told(ctx: NodeContext, name: str, fit: Any) -> str:
    """Warns of what was not used; returns the whole report."""
    layers = f"{fit.used} layer{'s' * (fit.used != 1)}"
    lines = [f"{name}: {layers} of the model changed."]
    if fit.unused:
        told = [f"{item.name} ({item.why})" for item in fit.unused]
        more = len(told) - _LONGEST_LIST
        ending = f" and {more} more" if more > 0 else ""
        ctx.warn(
            f"{len(told)} of the layers of {name} were not used, {layers} were: "
            f"{', '.join(told[:_LONGEST_LIST])}{ending}; a LoRA that was made for this very model fits as a whole"
        )
        lines += [f"Not used: {len(told)}.", *told]
    return "\n".join(lines)
