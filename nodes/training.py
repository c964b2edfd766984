"""Nodes that train: a model learns something from your pictures."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NamedTuple

import diffusion
from graph.api import FileChoice, Label, NodeContext, Number, Seed, node
from nodes.cancelling import cancellable
from nodes.training_reports import Watch, kept_when_stopped
from nodes.types import Conditioning, Latent, LoraModel, LossMap, Model, Vae

MOST_STEPS = 1_000_000


_Latents = Annotated[
    list[Latent],
    "Your pictures, encoded: two or more, in one batch or several of different sizes. 10 to 30 are a good number",
]
_Positive = Annotated[
    list[Conditioning], "What the pictures show: one caption for each, in the same order, or one for all"
]
_BatchSize = Annotated[
    int, Number(1, 10_000, 1), "How many pictures a step learns from; more is steadier, slower, and takes memory"
]
_Accumulation = Annotated[
    int,
    Number(1, 1024, 1),
    "How many batches are added up before the model is changed: as a larger batch, without its memory",
]
_Steps = Annotated[
    int, Number(1, MOST_STEPS, 1), "How often the model is changed: 50 to 100 for each picture are a good start"
]
_Rate = Annotated[
    float,
    Number(1e-7, 1.0, 1e-7),
    "How far each step goes. Too high and pictures burn; too low and nothing is learnt",
]
_Optimizer = Annotated[Literal["AdamW", "Adam", "SGD", "RMSprop"], "How steps are found. AdamW is a good choice"]
_Loss = Annotated[
    Literal["MSE", "L1", "Huber", "SmoothL1"],
    "How errors are counted. MSE is usual; the others forgive odd pictures",
]
_Seed = Annotated[int, Seed(), "Decides about the dice of the training. The same seed gives the same LoRA again"]
_Checkpointing = Annotated[bool, "Compute parts twice to keep less in memory; about a third slower"]
_Warmup = Annotated[
    int,
    Number(0, MOST_STEPS, 1),
    Label("Warm-up steps", advanced=True),
    "In how many steps the learning rate rises at the start",
]
_Schedule = Annotated[
    Literal["constant", "linear", "cosine"], Label("Schedule", advanced=True), "How the learning rate goes on"
]
_Gamma = Annotated[
    float,
    Number(0, 100, 0.5),
    Label("SNR gamma", advanced=True),
    "Above 0, steps with little noise count less; 5 is usual. 0 is off",
]
_SamplePrompt = Annotated[
    Conditioning | None, "A prompt that is painted now and then while the model learns, to see what it knows"
]
_SampleVae = Annotated[Vae | None, "Decodes those pictures; without it they are rough previews"]
_SampleEvery = Annotated[
    int, Number(0, MOST_STEPS, 1), Label("Sample every"), "After how many steps a picture is painted; 0 is never"
]


class TrainedLora(NamedTuple):
    """What a training of a LoRA gives."""

    MODEL: Annotated[Model, "The model with what it learnt. Connect it to a sampler"]
    LORA: Annotated[LoraModel, "What was learnt. Connect it to Save LoRA"]
    LOSS: Annotated[LossMap, "The loss of each step. Connect it to Loss Graph"]
    STEPS: Annotated[int, "In how many steps it was trained, those of the LoRA that it went on from among them"]
    report: Annotated[str, "What was trained on what, and how the loss went"]


@node("TrainLoraNode", title="Train LoRA", category="training", lane="device", aliases=("lora", "learn", "finetune"))
def train_lora(
    *,
    model: Annotated[Model, "The model to learn; the original stays as it is"],
    latents: _Latents,
    positive: _Positive,
    batch_size: _BatchSize = 1,
    grad_accumulation_steps: _Accumulation = 1,
    steps: _Steps = 16,
    learning_rate: _Rate = 0.0005,
    rank: Annotated[int, Number(1, 128, 1), "How much the LoRA can learn: 4 to 16 for a thing, more for a style"] = 8,
    optimizer: _Optimizer = "AdamW",
    loss_function: _Loss = "MSE",
    seed: _Seed = 0,
    training_dtype: Annotated[
        Literal["bf16", "fp32"], "What the model computes in: bf16 takes half the memory, fp32 is more exact"
    ] = "bf16",
    lora_dtype: Annotated[Literal["bf16", "fp32"], "What the LoRA's numbers are kept in when it is done"] = "bf16",
    algorithm: Annotated[
        Literal["LoRA", "LoHa", "LoKr", "OFT"], "The kind of change. LoRA is read everywhere"
    ] = "LoRA",
    gradient_checkpointing: _Checkpointing = True,
    existing_lora: Annotated[
        str | None,
        FileChoice("loras", fits=("lora",), none="[None]"),
        Label("Go on from"),
        "A LoRA to train further; its own kind and rank count then",
    ] = "[None]",
    alpha: Annotated[
        float,
        Number(0, 1024, 0.5),
        Label("Alpha", advanced=True),
        "How strong the change is for its rank; 0 is as the rank",
    ] = 0.0,
    layers: Annotated[
        Literal["attention", "blocks", "blocks and convolutions"],
        Label("Layers", advanced=True),
        "What is trained: only attention, all of its blocks, or convolutions as well",
    ] = "blocks",
    warmup_steps: _Warmup = 0,
    schedule: _Schedule = "constant",
    snr_gamma: _Gamma = 0.0,
    sample_prompt: _SamplePrompt = None,
    vae: _SampleVae = None,
    sample_every: _SampleEvery = 50,
    ctx: NodeContext,
) -> TrainedLora:
    """Teach a model something from your pictures: a thing, a face, a style. What it learns is a LoRA, a small file.

    Encode your pictures with VAE Encode, write what they show, and connect both. The node shows how the loss falls and
    how long it still takes. With a sample prompt it also shows what the model paints by now. Then paint with the model
    that it gives, and keep the LoRA with Save LoRA. The model that you connect is not changed. When you cancel it, or
    the computer stops, run the same workflow again: it goes on from where it was.
    """
    _tell_of_small_set(ctx, batch_size, latents)
    settings = diffusion.training.settings.Settings(
        steps, learning_rate, batch_size, grad_accumulation_steps, optimizer, loss_function, seed, training_dtype,
        gradient_checkpointing, snr_gamma, warmup_steps, schedule,
    )  # fmt: skip
    room = diffusion.training.lora_training
    shape = room.Shape(algorithm, rank, alpha, layers, lora_dtype)
    with cancellable(ctx) as cancelled, kept_when_stopped(ctx, steps) as checkpoint:
        existing = _existing(ctx, existing_lora, model, cancelled)
        trained = room.train_lora(
            model,
            latents,
            positive,
            settings,
            shape,
            existing=existing,
            checkpoint=checkpoint,
            on_step=Watch(ctx, _painter(sample_prompt, latents, vae, seed, cancelled), sample_every),
            cancelled=cancelled,
        )
    return _given(model, trained, latents)


class TrainedModel(NamedTuple):
    """What a training of all weights gives."""

    MODEL: Annotated[Model, "The model with what it learnt. Connect it to a sampler"]
    DIFFERENCE: Annotated[LoraModel, "What was learnt, as large as the model. Connect it to Save LoRA"]
    LOSS: Annotated[LossMap, "The loss of each step. Connect it to Loss Graph"]
    STEPS: Annotated[int, "In how many steps it was trained"]
    report: Annotated[str, "What was trained on what, and how the loss went"]


@node("TrainModel", title="Train Whole Model", category="training", lane="device", aliases=("finetune", "fine-tune"))
def train_model(
    *,
    model: Annotated[Model, "The model to learn; the original stays as it is. A small one, loaded in float32"],
    latents: _Latents,
    positive: _Positive,
    batch_size: _BatchSize = 1,
    grad_accumulation_steps: _Accumulation = 1,
    steps: _Steps = 100,
    learning_rate: _Rate = 0.00001,
    optimizer: _Optimizer = "AdamW",
    loss_function: _Loss = "MSE",
    seed: _Seed = 0,
    gradient_checkpointing: _Checkpointing = True,
    warmup_steps: _Warmup = 0,
    schedule: _Schedule = "constant",
    snr_gamma: _Gamma = 0.0,
    sample_prompt: _SamplePrompt = None,
    vae: _SampleVae = None,
    sample_every: _SampleEvery = 50,
    ctx: NodeContext,
) -> TrainedModel:
    """Teach all weights of a model something from your pictures: it can learn more than a LoRA, and forget more.

    For small models: it takes about six times the memory of the model in float32. What it learnt is the difference to
    the model that you connect, which is not changed; Save LoRA keeps it. For large models use Train LoRA.
    """
    _tell_of_small_set(ctx, batch_size, latents)
    settings = diffusion.training.settings.Settings(
        steps, learning_rate, batch_size, grad_accumulation_steps, optimizer, loss_function, seed, "fp32",
        gradient_checkpointing, snr_gamma, warmup_steps, schedule,
    )  # fmt: skip
    with cancellable(ctx) as cancelled, kept_when_stopped(ctx, steps) as checkpoint:
        trained = diffusion.training.full_training.train_model(
            model,
            latents,
            positive,
            settings,
            checkpoint=checkpoint,
            on_step=Watch(ctx, _painter(sample_prompt, latents, vae, seed, cancelled), sample_every),
            cancelled=cancelled,
        )
    return TrainedModel(*_given(model, trained, latents))


def _tell_of_small_set(ctx: NodeContext, batch_size: int, latents: list[Any]) -> None:
    most = sum(len(latent["samples"]) for latent in latents)
    if batch_size > most:
        ctx.warn(f"batch_size is {batch_size}, and there are {most} pictures: a step learns from {most} at most")


def _given(model: Any, trained: Any, latents: list[Any]) -> TrainedLora:
    first = trained.steps - len(trained.losses) + 1
    losses = {"loss": trained.losses, "steps": list(range(first, trained.steps + 1))}
    report = _report(trained, sum(len(latent["samples"]) for latent in latents))
    lora = diffusion.loras.lora.to_value(trained.lora)
    return TrainedLora(model.with_lora(trained.lora, 1.0), lora, losses, trained.steps, report)


def _existing(ctx: NodeContext, name: str | None, model: Any, cancelled: Any) -> Any:
    if name is None:
        return None
    path = ctx.files.path("loras", name)
    try:
        fit = diffusion.loras.reading.read_lora(
            path,
            {"denoiser": model.module},
            model.family.id,
            override=ctx.files.kinds.override(path),
            cancelled=cancelled,
        )
    except diffusion.errors.DiffusionError as error:
        error.input = "existing_lora"
        raise
    if fit.unused:
        first = fit.unused[0]
        ctx.warn(
            f"{len(fit.unused)} of the layers of {name} are not trained further and not in what comes out, {fit.used} "
            f"are; the first is {first.name} ({first.why})"
        )
    return fit.lora


def _painter(prompt: Any, latents: list[Any], vae: Any, seed: int, cancelled: Any) -> Any:
    """What paints a sample of the size of the first picture; None without a prompt."""
    if prompt is None:
        return None
    return diffusion.training.samples.Painter(prompt, latents[0], vae, seed, cancelled).paint


def _report(trained: Any, pictures: int) -> str:
    changes, losses = trained.lora.changes(), trained.losses
    part = max(1, len(losses) // 10)
    before, after = sum(losses[:part]) / part, sum(losses[-part:]) / part
    return (
        f"{len(changes)} layers learnt from {pictures} pictures in {len(losses)} steps ({trained.steps} in all).\n"
        f"Loss: {before:.4g} in the first tenth of the steps, {after:.4g} in the last."
    )
