"""What a run of the sampler promises: batches, parts of runs, cancelling, masks, progress, and errors that help."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import torch
from diffusers.models.resnet import ResnetBlock2D

from diffusion.errors import Cancelled, DiffusionError
from diffusion.latents import empty, set_noise_mask
from diffusion.sample import Step, sample, sample_sigmas
from diffusion.samplers import SAMPLERS
from diffusion.schedules import sigmas_for
from diffusion.text_encoding import encode

if TYPE_CHECKING:
    from collections.abc import Callable

    from diffusion.conditioning import Conditioning
    from diffusion.models import Checkpoint, DiffusionModel

    Prompts = tuple[Conditioning, Conditioning]
    Paint = Callable[..., dict[str, Any]]

pytestmark = pytest.mark.network

SIDE = 64


@pytest.fixture
def paint(checkpoint: Checkpoint, prompts: Prompts) -> Paint:
    """`paint(latent, **settings)`: a short run with the tiny model."""

    def run(latent: dict[str, Any] | None = None, **settings: Any) -> dict[str, Any]:
        defaults = {"seed": 7, "steps": 4, "cfg": 5.0, "sampler_name": "euler", "scheduler": "karras"}
        arguments = {"model": checkpoint.model, "positive": prompts[0], "negative": prompts[1]}
        return sample(latent=latent or empty(SIDE, SIDE), **{**arguments, **defaults, **settings})

    return run


@pytest.fixture
def unscaled(checkpoint: Checkpoint) -> DiffusionModel:
    """The tiny model with latents that need no scaling, so that nothing is rounded between two parts of a run."""
    return replace(checkpoint.model, latent_format=replace(checkpoint.model.latent_format, scale=1.0))


def close(a: torch.Tensor, b: torch.Tensor) -> bool:
    """Equal but for the order in which a larger batch is added up."""
    return bool((a - b).abs().max() <= 1e-4 * max(1.0, float(b.std())))


# --- batches


@pytest.mark.parametrize("sampler", SAMPLERS)
@pytest.mark.long
def test_item_3_of_a_batch_of_8_is_item_3_of_a_batch_of_4(paint: Paint, sampler: str) -> None:
    eight = paint(empty(SIDE, SIDE, 8), sampler_name=sampler)["samples"]
    four = paint(empty(SIDE, SIDE, 4), sampler_name=sampler)["samples"]
    assert close(eight[3], four[3])
    assert close(eight[0], paint(sampler_name=sampler)["samples"][0])
    assert not close(eight[3], eight[2])


@pytest.mark.parametrize("sampler", ["euler", "euler_ancestral", "dpmpp_2m_sde"])
def test_an_item_taken_alone_by_its_batch_index_is_the_same_item(paint: Paint, sampler: str) -> None:
    four = paint(empty(SIDE, SIDE, 4), sampler_name=sampler)["samples"]
    alone = paint({**empty(SIDE, SIDE), "batch_index": [2]}, sampler_name=sampler)
    assert close(alone["samples"][0], four[2])
    assert alone["batch_index"] == [2]


def test_the_same_seed_gives_the_same_numbers_and_another_seed_does_not(paint: Paint) -> None:
    assert torch.equal(paint(seed=2**64 - 1)["samples"], paint(seed=2**64 - 1)["samples"])
    assert not torch.equal(paint(seed=1)["samples"], paint(seed=2)["samples"])


def test_the_highest_seed_works_with_samplers_that_count_on_from_it(paint: Paint) -> None:
    assert paint(seed=2**64 - 1, sampler_name="euler_ancestral")["samples"].isfinite().all()
    assert paint(seed=2**64 - 1, sampler_name="dpmpp_2m_sde")["samples"].isfinite().all()


# --- parts of a run


@pytest.mark.parametrize("sampler", ["euler", "heun", "dpm_2", "ddim"])
@pytest.mark.parametrize("middle", [1, 3, 5])
@pytest.mark.long
def test_two_parts_of_a_run_are_exactly_the_whole_run(paint: Paint, unscaled: Any, sampler: str, middle: int) -> None:
    settings = {"model": unscaled, "steps": 6, "sampler_name": sampler}
    whole = paint(**settings)["samples"]
    first = paint(**settings, last_step=middle, force_full_denoise=False)
    second = paint(first, **settings, start_step=middle, add_noise=False)["samples"]
    assert torch.equal(second, whole)


def test_with_a_latent_scale_two_parts_are_the_whole_run_but_for_rounding(paint: Paint) -> None:
    whole = paint(steps=6)["samples"]
    first = paint(steps=6, last_step=3, force_full_denoise=False)
    second = paint(first, steps=6, start_step=3, add_noise=False)["samples"]
    assert (second - whole).abs().max() <= 1e-5 * whole.std()


def test_a_part_that_ends_early_ends_without_noise_unless_asked(paint: Paint) -> None:
    sigmas: list[float] = []
    paint(steps=6, last_step=3, on_step=lambda step: sigmas.append(step.sigma))
    assert len(sigmas) == 3
    clean = paint(steps=6, last_step=3)["samples"]
    noisy = paint(steps=6, last_step=3, force_full_denoise=False)["samples"]
    assert not torch.equal(clean, noisy)


@pytest.mark.parametrize("settings", [{"denoise": 0.0}, {"start_step": 4}, {"start_step": 9}, {"last_step": 0}])
def test_a_run_of_no_steps_gives_the_latent_back(paint: Paint, settings: dict[str, Any]) -> None:
    latent = {"samples": torch.randn(1, 4, 8, 8)}
    assert torch.equal(paint(latent, **settings)["samples"], latent["samples"])


def test_little_denoise_stays_nearer_to_the_given_latent(paint: Paint) -> None:
    latent = {"samples": torch.zeros(1, 4, 8, 8) + 1.0}
    distance = [
        float((paint(latent, denoise=denoise, cfg=1.0)["samples"] - 1.0).abs().mean()) for denoise in (0.1, 0.5, 1.0)
    ]
    assert distance == sorted(distance)


# --- progress and cancelling


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_every_step_is_reported_once_in_order(paint: Paint, sampler: str) -> None:
    steps: list[Step] = []
    paint(steps=5, sampler_name=sampler, on_step=steps.append)
    assert [step.step for step in steps] == [1, 2, 3, 4, 5]
    assert {step.total for step in steps} == {5}
    assert [step.sigma for step in steps] == sorted((step.sigma for step in steps), reverse=True)


def test_previews_are_pictures_and_come_no_faster_than_the_eye(paint: Paint) -> None:
    pictures = []
    paint(steps=8, on_step=lambda step: pictures.append(step.preview()))
    assert pictures[0].size == (SIDE, SIDE)
    assert pictures[-1].mode == "RGB"
    assert None in pictures


def test_watching_a_run_does_not_change_it(paint: Paint) -> None:
    watched = paint(on_step=lambda step: step.preview(), cancelled=lambda: False)
    assert torch.equal(watched["samples"], paint()["samples"])


def test_cancelling_stops_inside_a_step_and_a_rerun_is_identical(paint: Paint, checkpoint: Checkpoint) -> None:
    before = paint()["samples"]
    asked = 0

    def cancelled() -> bool:
        nonlocal asked
        asked += 1
        return asked == 12

    steps: list[int] = []
    with pytest.raises(Cancelled):
        paint(cancelled=cancelled, on_step=lambda step: steps.append(step.step))
    assert asked == 12
    assert len(steps) < 4
    assert not any(
        block._forward_pre_hooks for block in checkpoint.model.module.modules() if isinstance(block, ResnetBlock2D)
    )
    assert torch.equal(paint()["samples"], before)


def test_cancelling_one_thread_leaves_another_on_the_same_model_alone(paint: Paint) -> None:
    alone = paint(steps=6)["samples"]
    started, results = threading.Event(), []
    first = threading.Thread(
        target=lambda: results.append(paint(steps=6, on_step=lambda _: started.set(), cancelled=lambda: False))
    )
    first.start()
    started.wait(10)
    with pytest.raises(Cancelled):
        paint(steps=6, cancelled=lambda: True)
    first.join()
    assert torch.equal(results[0]["samples"], alone)


def test_what_a_listener_raises_comes_through_and_leaves_the_model_free(paint: Paint) -> None:
    def burst(step: Step) -> None:
        raise KeyError(step.step)

    with pytest.raises(KeyError):
        paint(on_step=burst)
    paint(cancelled=lambda: False)


# --- masks


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_what_the_mask_leaves_out_is_kept(paint: Paint, sampler: str) -> None:
    latent = {"samples": torch.randn((2, 4, 8, 8), generator=torch.Generator().manual_seed(0))}
    mask = torch.zeros(1, SIDE, SIDE)
    mask[:, :, SIDE // 2 :] = 1.0
    painted = paint(set_noise_mask(latent, mask), sampler_name=sampler)["samples"]
    assert (painted[..., :3] - latent["samples"][..., :3]).abs().max() < 1e-5
    assert not close(painted[..., 5:], latent["samples"][..., 5:])


def test_a_mask_of_ones_changes_nothing(paint: Paint) -> None:
    latent = {"samples": torch.ones(1, 4, 8, 8)}
    assert torch.equal(
        paint({**latent, "noise_mask": torch.ones(SIDE, SIDE)}, denoise=0.5)["samples"],
        paint(latent, denoise=0.5)["samples"],
    )


# --- latents and models of other shapes


def test_an_empty_latent_takes_the_channels_and_the_scale_of_the_model(wide_checkpoint: Checkpoint) -> None:
    prompt = encode(wide_checkpoint.clip, "cat")
    painted = sample(
        wide_checkpoint.model,
        prompt,
        prompt,
        empty(64, 32),
        seed=1,
        steps=2,
        cfg=1.0,
        sampler_name="euler",
        scheduler="simple",
    )
    assert painted["samples"].shape == (1, 8, 8, 16)
    assert painted["downscale_ratio_spacial"] == 4


def test_inputs_are_left_alone_and_results_may_be_changed(paint: Paint, prompts: Prompts) -> None:
    latent = {"samples": torch.ones(1, 4, 8, 8), "origin": "elsewhere"}
    kept, words = latent["samples"].clone(), prompts[0][0][0].clone()
    painted = paint(latent)
    assert torch.equal(latent["samples"], kept)
    assert torch.equal(prompts[0][0][0], words)
    assert painted["origin"] == "elsewhere"
    painted["samples"].mul_(2)
    assert not painted["samples"].is_inference()
    assert torch.nn.Parameter(painted["samples"]).sum().backward() is None


# --- errors


@pytest.mark.parametrize(
    ("settings", "message", "socket"),
    [
        ({"sampler_name": "eulerr"}, r"no sampler 'eulerr'. Choose one of euler,", "sampler_name"),
        ({"scheduler": "karas"}, r"no schedule 'karas'. Choose one of simple,", "scheduler"),
        ({"steps": 0}, r"1 to 10000 steps, not 0", "steps"),
        ({"seed": -1}, r"from 0 to 2\*\*64 - 1, not -1", "seed"),
        ({"seed": 2**64}, r"from 0 to 2\*\*64 - 1", "seed"),
        ({"cfg": float("nan")}, r"cfg must be a number", "cfg"),
        ({"positive": []}, r"There is no prompt", "positive"),
        ({"positive": [[torch.zeros(1, 77, 8), {}]]}, r"\[1, tokens, 32\], got \[1, 77, 8\]", "positive"),
        ({"latent": {"samples": torch.ones(1, 5, 8, 8)}}, r"4 channels; the given one has 5", "latent_image"),
        ({"latent": {"samples": torch.ones(4, 8, 8)}}, r"got \[4, 8, 8\]", "latent_image"),
        ({"latent": {"sample": 1}}, r"got NoneType", "latent_image"),
        ({"latent": {"samples": torch.zeros(1, 4, 8, 8), "batch_index": [-1]}}, r"negative places", "latent_image"),
        ({"latent": {"samples": torch.zeros(1, 4, 8, 8), "noise_mask": torch.zeros(8)}}, r"got \[8\]", "mask"),
    ],
)
def test_bad_input_is_refused_in_words(paint: Paint, settings: dict[str, Any], message: str, socket: str) -> None:
    with pytest.raises(DiffusionError, match=message) as caught:
        paint(**settings)
    assert caught.value.input == socket
    assert caught.value.remedy


def test_levels_may_be_given_as_a_tensor(paint: Paint, checkpoint: Checkpoint, prompts: Prompts) -> None:
    sigmas = torch.tensor(sigmas_for("karras", checkpoint.model.noise_model, 4))
    settings = {"seed": 7, "cfg": 5.0, "sampler_name": "dpmpp_2m_sde", "sigmas": sigmas}
    given = sample_sigmas(checkpoint.model, *prompts, empty(SIDE, SIDE), **settings)
    assert torch.equal(given["samples"], paint(sampler_name="dpmpp_2m_sde")["samples"])


def test_a_listener_may_sample_with_the_same_model(paint: Paint) -> None:
    inner = []
    paint(steps=1, on_step=lambda _: inner.append(paint(steps=1)))
    assert len(inner) == 1


def test_levels_that_do_not_fall_are_refused(checkpoint: Checkpoint, prompts: Prompts) -> None:
    with pytest.raises(DiffusionError, match="must fall"):
        sample_sigmas(
            checkpoint.model,
            *prompts,
            empty(SIDE, SIDE),
            seed=0,
            cfg=1.0,
            sampler_name="euler",
            sigmas=[1.0, 2.0, 0.0],
        )


@pytest.mark.parametrize("where", [0, 2])
def test_numbers_that_are_not_finite_are_an_error_and_no_black_picture(paint: Paint, where: int) -> None:
    poison = torch.full((1, 4, 8, 8), 1.0)
    poison[0, where] = torch.inf
    with pytest.raises(DiffusionError, match="not finite"):
        paint({"samples": poison}, denoise=0.5)
