"""The equation against closed forms: what spreads, decays, is kept and is pulled, with every solver that can do it."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from diffusion.equation import forces
from diffusion.equation.contract import Force
from diffusion.equation.solving import MOST_STEPS, MOST_SUB_STEPS, solve
from diffusion.errors import Cancelled, DiffusionError

ALL = ("explicit", "spectral", "implicit")
WITH_MASKS = ("explicit", "implicit")
NOT_POSSIBLE = ("spectral", "edges")


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed))


def wave(boundary: str, down: int, across: int, size: int = 32) -> tuple[torch.Tensor, float, float]:
    """A wave that fits between the edges, its k^2, and the same on the grid of five points."""
    at = torch.arange(size, dtype=torch.float64)
    if boundary == "periodic":
        k, shift = 2 * math.pi / size, 0.0
    else:
        k, shift = math.pi / size, 0.5
    field = torch.cos(k * down * (at + shift))[:, None] * torch.cos(k * across * (at + shift))
    exact = (k * down) ** 2 + (k * across) ** 2
    on_grid = sum(2 - 2 * math.cos(k * number) for number in (down, across))
    return field.float()[None, None], exact, on_grid


@pytest.mark.parametrize("solver", ALL)
def test_a_gaussian_spreads_to_the_variance_that_it_had_and_twice_the_time(solver: str) -> None:
    at = torch.arange(65, dtype=torch.float32) - 32
    square = at.square()[:, None] + at.square()
    before, time = 9.0, 6.0
    expected = before / (before + 2 * time) * torch.exp(-square / (2 * (before + 2 * time)))
    end = solve(torch.exp(-square / (2 * before))[None, None], Force(), time=time, steps=40, solver=solver).u
    assert torch.allclose(end[0, 0], expected, atol={"explicit": 6e-3, "implicit": 2e-2, "spectral": 1e-5}[solver])
    spread = (end[0, 0] * square).sum() / end.sum() / 2
    assert float(spread) == pytest.approx(before + 2 * time, rel=2e-3)


@pytest.mark.parametrize("boundary", ["reflect", "periodic"])
def test_a_wave_decays_as_its_eigenvalue_says(boundary: str) -> None:
    field, exact, on_grid = wave(boundary, 3, 2)
    spectral = solve(field, Force(), time=5.0, steps=1, solver="spectral", boundary=boundary).u
    assert torch.allclose(spectral, field * math.exp(-exact * 5), atol=2e-6)
    explicit = solve(field, Force(), time=5.0, steps=100, solver="explicit", boundary=boundary).u
    assert torch.allclose(explicit, field * (1 - on_grid * 0.05) ** 100, atol=2e-6)
    implicit = solve(field, Force(), time=5.0, steps=100, solver="implicit", boundary=boundary).u
    assert torch.allclose(implicit, field / (1 + on_grid * 0.05) ** 100, atol=2e-5)


def test_one_spectral_step_is_as_good_as_many() -> None:
    field = noise(1, 2, 24, 17)
    once = solve(field, Force(), time=40.0, steps=1, solver="spectral").u
    assert torch.allclose(once, solve(field, Force(), time=40.0, steps=50, solver="spectral").u, atol=2e-6)


@pytest.mark.parametrize("boundary", ["reflect", "periodic"])
@pytest.mark.parametrize("solver", ALL)
def test_the_mean_is_kept_and_the_range_is_not_left(solver: str, boundary: str) -> None:
    field = noise(2, 3, 20, 31)
    end = solve(field, Force(), time=7.0, steps=4, solver=solver, boundary=boundary).u
    assert torch.allclose(end.mean((2, 3)), field.mean((2, 3)), atol=1e-5)
    assert float(end.std()) < 0.3 * float(field.std())
    assert float(field.min()) - 1e-5 <= float(end.min()) <= float(end.max()) <= float(field.max()) + 1e-5


def test_the_edges_mirror_or_lead_to_the_other_side() -> None:
    field = torch.zeros(1, 1, 16, 16)
    field[..., 0] = 1
    for solver in ALL:
        mirrored = solve(field, Force(), time=4.0, solver=solver, boundary="reflect").u[0, 0, 0]
        around = solve(field, Force(), time=4.0, solver=solver, boundary="periodic").u[0, 0, 0]
        assert float(mirrored[-1]) < 1e-3
        assert float(around[-1]) == pytest.approx(float(around[1]), abs=1e-5)
        assert float(around[-1]) > 0.1
        assert float(mirrored[0]) > 1.5 * float(around[0])


@pytest.mark.parametrize(
    ("solver", "order", "time"), [("explicit", 1, 1.0), ("implicit", 1, 1.0), ("spectral", 2, 3.0)]
)
def test_halving_the_steps_shows_the_order_in_time(solver: str, order: int, time: float) -> None:
    """Against far finer steps of the same solver, of the reaction, which none of them solves exactly."""
    field = wave("reflect", 2, 1, 12)[0].repeat(1, 2, 1, 1) * 0.4 + 0.5
    force = forces.reaction(2, 0.05, 0.06, 1.0)

    def end(steps: int) -> torch.Tensor:
        return solve(field, force, time=time, steps=steps, solver=solver).u

    finest = end(200 if order == 2 else 800)
    wide, narrow = ((end(steps) - finest).norm() for steps in (7, 14))
    assert float(torch.log2(wide / narrow)) == pytest.approx(order, abs=0.15)


def test_halving_the_cells_shows_the_second_order_in_space() -> None:
    def error(size: int) -> float:
        field, exact, on_grid = wave("reflect", 2, 2, size)
        time = 0.25 / exact
        end = solve(field, Force(), time=time, steps=1000, solver="explicit").u
        assert on_grid < exact
        return float((end / field).mean()) / math.exp(-0.25) - 1

    assert math.log2(error(8) / error(16)) == pytest.approx(2, abs=0.15)


def test_a_pull_ends_at_the_blurred_target() -> None:
    field, target = noise(1, 3, 16, 16), noise(1, 3, 16, 16, seed=1)
    kept = wave("reflect", 2, 1, 16)
    force = forces.towards(kept[0], 0.5)
    end = solve(kept[0] * 0, force, time=60.0, steps=3, solver="spectral").u
    assert torch.allclose(end, kept[0] * (0.5 / (0.5 + kept[1])), atol=1e-5)
    by_explicit = solve(field, forces.towards(target, 3.0), time=8.0, solver="explicit").u
    by_implicit = solve(field, forces.towards(target, 3.0), time=8.0, solver="implicit").u
    assert torch.allclose(by_explicit, by_implicit, atol=1e-4)


@pytest.mark.parametrize("solver", ALL)
def test_what_is_given_is_added_at_every_moment(solver: str) -> None:
    field = noise(1, 1, 8, 8)
    end = solve(field, forces.given(torch.full((1, 1, 8, 8), 2.0), 0.25), time=3.0, solver=solver).u
    assert torch.allclose(end, solve(field, Force(), time=3.0, solver=solver).u + 1.5, atol=1e-4)


@pytest.mark.parametrize("solver", WITH_MASKS)
def test_edges_stay_where_the_heat_equation_blurs_them(solver: str) -> None:
    field = (torch.arange(32) >= 16).float().expand(1, 3, 32, 32) + 0.04 * noise(1, 3, 32, 32)
    heat = solve(field, Force(), time=8.0, solver=solver).u
    kept = solve(field, forces.keeping_edges(0.05), time=8.0, solver=solver).u
    step = kept[..., 16].mean() - kept[..., 15].mean()
    assert float(step) > 0.9
    assert float(heat[..., 16].mean() - heat[..., 15].mean()) < 0.25
    assert float(kept[..., :14].std()) < 0.3 * float(field[..., :14].std())
    assert torch.allclose(kept.mean((2, 3)), field.mean((2, 3)), atol=1e-5)


@pytest.mark.parametrize("solver", WITH_MASKS)
@pytest.mark.parametrize(
    "force", [Force(), forces.keeping_edges(0.1), forces.reaction(2, 0.055, 0.062, 1.0)], ids=["heat", "edges", "gray"]
)
def test_where_the_mask_is_black_no_bit_changes(solver: str, force: Force) -> None:
    field = noise(2, 2, 16, 16)
    mask = torch.zeros(1, 1, 16, 16)
    mask[..., 4:12, 4:12] = 1
    mask[..., 8, :4] = 0.5
    end = solve(field, force, time=3.0, solver=solver, mask=mask).u
    kept = mask.expand(2, 2, -1, -1) == 0
    assert torch.equal(end[kept], field[kept])
    assert not torch.allclose(end[~kept], field[~kept], atol=0.02)


def test_a_white_mask_is_none() -> None:
    field = noise(1, 2, 9, 14)
    for solver in WITH_MASKS:
        masked = solve(field, Force(), time=3.0, solver=solver, mask=torch.ones(1, 1, 9, 14)).u
        assert torch.allclose(masked, solve(field, Force(), time=3.0, solver=solver).u, atol=1e-6)


def test_both_solvers_with_masks_fill_a_hole_with_the_harmonic_picture() -> None:
    """Between two columns that are kept, the end of the heat equation is a straight ramp."""
    field = torch.zeros(1, 1, 6, 12)
    field[..., 11] = 1
    mask = torch.ones(1, 1, 6, 12)
    mask[..., [0, 11]] = 0
    for solver, steps in (("explicit", 1), ("implicit", 30)):
        end = solve(field, Force(), time=400.0, steps=steps, solver=solver, mask=mask).u
        assert torch.allclose(end[0, 0, 3], torch.arange(12) / 11, atol=2e-3)


def numpy_gray_scott(v: np.ndarray, feed: float, kill: float, time: float, steps: int) -> np.ndarray:
    """Written apart from the solvers, in float64: four shifted copies with repeated edges."""

    def laplace(field: np.ndarray) -> np.ndarray:
        wide = np.pad(field, 1, mode="edge")
        return wide[:-2, 1:-1] + wide[2:, 1:-1] + wide[1:-1, :-2] + wide[1:-1, 2:] - 4 * field

    v = v.astype(np.float64)
    u, dt = 1 - v, time / steps
    for _ in range(steps):
        eaten = u * v**2
        u, v = (
            u + dt * (laplace(u) - eaten + feed * (1 - u)),
            v + dt * (0.5 * laplace(v) + eaten - (feed + kill) * v),
        )
    return v


def test_the_reaction_is_that_of_an_independent_stepping() -> None:
    field = (noise(1, 3, 24, 20) > 0.8).float()
    end = solve(field, forces.reaction(3, 0.055, 0.062, 1.0), time=20.0, steps=200, solver="explicit")
    assert end.sub_steps == 1
    for channel in range(3):
        expected = numpy_gray_scott(field[0, channel].numpy(), 0.055, 0.062, 20.0, 200)
        assert np.allclose(end.u[0, channel].numpy(), expected, atol=2e-5)


@pytest.mark.parametrize(
    ("solver", "force"),
    [(solver, force) for solver in ALL for force in ("heat", "reaction", "edges") if (solver, force) != NOT_POSSIBLE],
)
def test_a_batch_is_its_items_one_by_one(solver: str, force: str) -> None:
    made = {"heat": Force(), "reaction": forces.reaction(5, 0.05, 0.06, 1.0), "edges": forces.keeping_edges(0.1)}[force]
    batch = noise(3, 5, 12, 10) * torch.tensor([1.0, 0.2, 0.01]).view(-1, 1, 1, 1)
    whole = solve(batch, made, time=2.0, solver=solver).u
    for number in range(3):
        alone = solve(batch[number : number + 1], made, time=2.0, solver=solver).u
        assert torch.allclose(whole[number : number + 1], alone, atol=1e-6)


def test_the_solver_is_chosen_by_what_it_can_do_and_the_steps_are_told() -> None:
    field, mask = noise(1, 1, 8, 8), torch.ones(1, 1, 8, 8)
    assert solve(field, Force(), time=1e5).in_words() == "spectral: 20 steps; one covers a time of 5000"
    few = solve(field, Force(), time=10.0, steps=10, mask=mask)
    assert few.in_words() == "explicit: 10 steps, each in 4 parts; one covers a time of 0.25"
    assert solve(field, Force(), time=1e4, steps=40, mask=mask).solver == "implicit"
    assert solve(field, Force(), time=0.0).in_words() == "the time is 0, so nothing was changed"
    assert torch.equal(solve(field, Force(), time=0.0).u, field)


def test_every_step_is_told_and_can_be_the_last() -> None:
    seen: list[tuple[int, int, tuple[int, ...]]] = []
    force = forces.reaction(2, 0.05, 0.06, 1.0)
    solve(noise(1, 2, 8, 8), force, time=1.0, steps=3, on_step=lambda *at: seen.append((*at[:2], tuple(at[2].shape))))
    assert seen == [(1, 3, (1, 2, 8, 8)), (2, 3, (1, 2, 8, 8)), (3, 3, (1, 2, 8, 8))]
    asked: list[int] = []

    def cancelled() -> bool:
        asked.append(1)
        return len(asked) > 7

    for solver in ALL:
        asked.clear()
        with pytest.raises(Cancelled):
            solve(noise(1, 2, 8, 8), Force(), time=50.0, steps=100, solver=solver, cancelled=cancelled)
        assert len(asked) == 8


@pytest.mark.parametrize(
    ("change", "input_name", "words"),
    [
        ({"u": torch.full((1, 1, 4, 4), math.nan)}, "u", "no numbers"),
        ({"u": torch.zeros(4, 4)}, "u", "got \\[4, 4\\]"),
        ({"time": -1.0}, "time", "from 0 on, not -1.0"),
        ({"time": math.inf}, "time", "not inf"),
        ({"steps": 0}, "steps", "not 0"),
        ({"steps": MOST_STEPS + 1}, "steps", "not 1,001"),
        ({"time": 1e9, "solver": "explicit"}, "time", f"limit is {MOST_SUB_STEPS:,}"),
        ({"solver": "magic"}, "solver", "no solver 'magic'"),
        ({"boundary": "open"}, "boundary", "no boundary 'open'"),
        ({"solver": "spectral", "mask": torch.ones(1, 1, 4, 4)}, "solver", "cannot do with a mask"),
        ({"solver": "spectral", "force": forces.keeping_edges(0.1)}, "solver", "cannot do with edges"),
        ({"force": forces.given(torch.full((1, 1, 4, 4), 3e38), 3.0)}, "strength", "beyond all bounds in step 1 of 20"),
    ],
)
def test_what_cannot_be_solved_is_refused_with_a_reason(change: dict, input_name: str, words: str) -> None:
    asked = {"u": noise(1, 1, 4, 4), "force": Force(), "time": 1.0, **change}
    with pytest.raises(DiffusionError, match=words) as refused:
        solve(asked.pop("u"), asked.pop("force"), **asked)
    assert refused.value.input == input_name
    assert refused.value.remedy


def test_the_reaction_takes_what_lies_outside_of_its_range_as_the_nearest() -> None:
    field = torch.randn(1, 4, 12, 12, generator=torch.Generator().manual_seed(2)) * 3
    force = forces.reaction(4, 0.055, 0.062, 1.0)
    end = solve(field, force, time=5.0).u
    assert torch.equal(end, solve(field.clamp(0, 1), force, time=5.0).u)
    assert 0 <= float(end.min()) <= float(end.max()) <= 1
    mask = torch.zeros(1, 1, 12, 12)
    mask[..., 6:] = 1
    kept = solve(field, force, time=5.0, mask=mask).u
    assert torch.equal(kept[..., :6], field[..., :6])


def test_a_side_of_one_cell_is_a_field_too() -> None:
    for solver in ALL:
        for boundary in ("reflect", "periodic"):
            end = solve(noise(1, 1, 1, 9), Force(), time=2.0, solver=solver, boundary=boundary).u
            assert end.shape == (1, 1, 1, 9)
            assert float(end.std()) < 0.1
