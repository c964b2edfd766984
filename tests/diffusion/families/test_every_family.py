"""What every family and variant promises: every sampler and schedule, cancelling, masks, regions, parts, previews."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import torch

from diffusion import conditioning as c
from diffusion.errors import Cancelled
from diffusion.families.table import FAMILIES, recognise_family
from diffusion.latents import empty, set_noise_mask
from diffusion.models import Vae
from diffusion.preview import LatentPreview
from diffusion.sample import sample
from diffusion.samplers import SAMPLERS
from diffusion.schedules import SCHEDULES
from tests.support import tiny_families, tiny_modules

if TYPE_CHECKING:
    from diffusion.models import DiffusionModel

pytestmark = pytest.mark.network

torch.set_num_threads(1)

every_kind = pytest.mark.parametrize("kind", tiny_families.KINDS, ids=lambda kind: " ".join(kind).strip())
QUICK = (("sd1", ""), ("sd3", "medium"), ("flux", ""))
"""A small network of each way to build one; the others are larger, and among the quick tests with `every_kind`."""
each_network = pytest.mark.parametrize(
    "kind",
    [
        pytest.param(kind, marks=() if kind in QUICK else pytest.mark.long, id=" ".join(kind).strip())
        for kind in tiny_families.PLAIN
    ],
)


def model_of(kind: tuple[str, str]) -> DiffusionModel:
    return tiny_families.shared(*kind)


def paint(
    model: DiffusionModel, latent: dict[str, Any] | None = None, sides: tuple[int, int] = (8, 8), **more: Any
) -> torch.Tensor:
    """A short run."""
    prompts = {
        "positive": tiny_families.prompt(model, seed=1, sides=sides),
        "negative": tiny_families.prompt(model, seed=2, sides=sides),
    }
    common = {"seed": 7, "steps": 3, "cfg": 3.0, "sampler_name": "euler", "scheduler": "simple"}
    given = latent or empty(sides[1] * 8, sides[0] * 8)
    samples: torch.Tensor = sample(model, latent=given, **{**prompts, **common, **more})["samples"]
    return samples


def apart(a: torch.Tensor, b: torch.Tensor) -> float:
    """The largest difference, in deviations."""
    return float((a - b).abs().max() / b.std())


@every_kind
def test_a_tiny_model_of_each_kind_is_recognised_by_its_tensors(kind: tuple[str, str]) -> None:
    shapes = {name: tuple(tensor.shape) for name, tensor in model_of(kind).module.state_dict().items()}
    found = recognise_family(shapes)
    assert found is not None
    # What a network predicts, and that it was trained to edit, is not to be seen in shapes.
    seen = {"v": "", "v_zero_snr": "", "kontext": ""}
    assert (found[0].id, found[1]) == (kind[0], seen.get(kind[1], kind[1]))


@every_kind
def test_it_paints_from_an_empty_latent_what_depends_on_the_prompt(kind: tuple[str, str]) -> None:
    model = model_of(kind)
    painted = paint(model)
    assert painted.shape == (1, model.latent_format.channels, 8, 8)
    assert painted.isfinite().all()
    assert apart(paint(model, positive=tiny_families.prompt(model, seed=5)), painted) > 1e-4


@pytest.mark.long
@each_network
@pytest.mark.parametrize("sampler", SAMPLERS)
def test_every_sampler_works(kind: tuple[str, str], sampler: str) -> None:
    painted = paint(model_of(kind), sampler_name=sampler)
    assert painted.isfinite().all()
    assert painted.abs().max() < 1e3


@pytest.mark.long
@pytest.mark.parametrize("kind", [("sd1", ""), ("sd3", ""), ("flux", "")], ids=lambda kind: kind[0])
@pytest.mark.parametrize("schedule", SCHEDULES)
def test_every_schedule_works(kind: tuple[str, str], schedule: str) -> None:
    assert paint(model_of(kind), scheduler=schedule, steps=4).isfinite().all()


@each_network
def test_sides_need_not_be_multiples_of_a_patch(kind: tuple[str, str]) -> None:
    assert paint(model_of(kind), sides=(7, 9)).shape[-2:] == (7, 9)


@each_network
def test_an_item_of_a_batch_is_the_item_alone(kind: tuple[str, str]) -> None:
    model = model_of(kind)
    both = paint(model, empty(64, 64, 2), sampler_name="dpmpp_2m_sde")
    alone = paint(model, {**empty(64, 64), "batch_index": [1]}, sampler_name="dpmpp_2m_sde")
    assert apart(both[1], alone[0]) < 1e-3


@each_network
@pytest.mark.parametrize("sampler", ["euler", "heun"])
def test_two_parts_of_a_run_are_the_whole_run(kind: tuple[str, str], sampler: str) -> None:
    settings: dict[str, Any] = {"steps": 6, "sampler_name": sampler, "scheduler": "normal"}
    whole = paint(model_of(kind), **settings)
    first = paint(model_of(kind), **settings, last_step=3, force_full_denoise=False)
    second = paint(model_of(kind), {"samples": first}, **settings, start_step=3, add_noise=False)
    assert apart(first, whole) > 0.01
    assert apart(second, whole) < 1e-4


@each_network
@pytest.mark.parametrize("sampler", ["euler", "euler_ancestral", "dpmpp_sde"])
def test_what_the_noise_mask_leaves_out_is_kept(kind: tuple[str, str], sampler: str) -> None:
    model = model_of(kind)
    samples = tiny_families.latent(model, seed=3)
    mask = torch.zeros(1, 64, 64)
    mask[:, :, 32:] = 1.0
    painted = paint(model, set_noise_mask({"samples": samples}, mask), sampler_name=sampler)
    assert apart(painted[..., :3], samples[..., :3]) < 1e-5
    assert apart(painted[..., 5:], samples[..., 5:]) > 0.1


@each_network
def test_a_region_changes_its_place_and_little_else(kind: tuple[str, str]) -> None:
    model = model_of(kind)
    everywhere = tiny_families.prompt(model, seed=1)
    there = c.set_area(tiny_families.prompt(model, seed=4), width=24, height=40, x=8, y=16, strength=9.0)
    settings: dict[str, Any] = {"steps": 1, "cfg": 1.0, "scheduler": "karras"}
    plain, mixed = paint(model, **settings), paint(model, **settings, positive=c.combine(everywhere, there))
    change = (mixed - plain).abs().amax(dim=1)[0]
    inside = torch.zeros(8, 8, dtype=torch.bool)
    inside[2:7, 1:4] = True
    assert change[~inside].max() < 1e-5 * plain.std()
    assert change[inside].min() > 0


@each_network
def test_prompts_of_unlike_length_are_both_heard(kind: tuple[str, str]) -> None:
    model = model_of(kind)
    long = tiny_families.prompt(model, seed=2, tokens=11)
    assert apart(paint(model, negative=long), paint(model)) > 1e-4


@each_network
def test_cancelling_stops_inside_a_step_and_a_rerun_is_identical(kind: tuple[str, str]) -> None:
    model = model_of(kind)
    before, asked, steps = paint(model), 0, list[int]()

    def cancelled() -> bool:
        nonlocal asked
        asked += 1
        return asked == 4

    with pytest.raises(Cancelled):
        paint(model, cancelled=cancelled, on_step=lambda step: steps.append(step.step))
    assert asked == 4
    assert steps == []
    assert not any(part._forward_pre_hooks for part in model.module.modules())
    assert torch.equal(paint(model), before)


@each_network
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_it_works_in_half_precision(kind: tuple[str, str], dtype: torch.dtype) -> None:
    whole = model_of(kind)
    half = replace(whole, module=deepcopy(whole.module).to(dtype), dtype=dtype)
    painted = paint(half, steps=2)
    assert painted.dtype == torch.float32
    assert apart(painted, paint(whole, steps=2)) < 0.2


@each_network
def test_previews_are_pictures_of_the_right_size(kind: tuple[str, str]) -> None:
    model = model_of(kind)
    autoencoder = tiny_modules.vae(channels=model.latent_format.channels)
    vae = Vae(autoencoder, model.latent_format, torch.device("cpu"), torch.float32)
    pictures: list[Any] = []
    seen = replace(model, preview=LatentPreview(vae).picture)
    paint(seen, sides=(4, 8), on_step=lambda step: pictures.append(step.preview()))
    assert pictures[-1].size == (64, 32)


@every_kind
def test_what_is_known_of_a_family_can_be_shown(kind: tuple[str, str]) -> None:
    family, variant = FAMILIES[kind[0]], kind[1]
    native, licence = family.native_of(variant), family.licence_of(variant)
    assert variant == "" or family.variants[variant]
    assert native.least_side <= min(native.width, native.height) <= max(native.width, native.height) <= native.most_side
    assert native.width % native.side_multiple == native.height % native.side_multiple == 0
    assert licence is None or licence.source.startswith("https://")
