"""The curve of losses: where the line is, gaps, one value, none; and numbers that are none."""

import itertools
import math

import numpy as np
import pytest

from pictures.curve import SIZE, drawn, number, smoothed

LINE = (36, 87, 197)


def line(picture):
    """The mean height of the dark line in each column where there is one, in pixels from above."""
    near = (np.abs(np.asarray(picture).astype(int) - LINE).sum(axis=-1) < 60)[40:-50]
    return {x: float(np.flatnonzero(near[:, x]).mean()) for x in np.flatnonzero(near.any(axis=0))}


def test_a_falling_loss_is_a_line_that_falls_from_left_to_right():
    found = line(drawn([1 - i / 100 for i in range(100)]))
    columns = sorted(found)
    assert columns[0] < 100
    assert columns[-1] > 680
    heights = [found[x] for x in columns[:: len(columns) // 10]]
    assert heights == sorted(heights)


def test_values_that_are_no_numbers_leave_a_gap():
    values = [0.5] * 40 + [math.nan] * 20 + [0.5] * 40
    columns = sorted(line(drawn(values)))
    gaps = [after - before for before, after in itertools.pairwise(columns)]
    assert max(gaps) > 100


def test_a_single_value_is_a_dot_in_the_middle():
    found = line(drawn([0.3]))
    assert 3 <= len(found) <= 20
    assert abs(np.mean(list(found)) - (72 + 700) / 2) < 2


@pytest.mark.parametrize("losses", [[], [math.nan], [None, math.inf, "x"]])
def test_without_a_value_there_are_axes_and_no_line(losses):
    picture = drawn(losses)
    assert picture.size == SIZE
    assert line(picture) == {}
    assert np.asarray(picture).std() > 1


@pytest.mark.parametrize("values", [[1e-12, 1e-9], [1e9, 3e12], [-2.0, 2.0], [5, 5, 5], [0.0, 0.0]])
def test_every_magnitude_can_be_drawn(values):
    assert line(drawn(values))


def test_steps_place_the_values():
    few = line(drawn([0.1, 0.2, 0.3], steps=[1000, 1010, 1100]))
    rises = [few[x] for x in sorted(few)]
    assert rises[len(rises) // 4] > rises[-1]
    assert line(drawn([0.1, 0.2], steps=[1])) == line(drawn([0.1, 0.2]))


def test_smoothing_keeps_a_constant_and_calms_noise():
    assert smoothed([2.0] * 9) == pytest.approx([2.0] * 9)
    noise = [float(i % 2) for i in range(1000)]
    assert np.std(smoothed(noise)[100:]) < 0.02
    assert smoothed([1.0, None, 3.0])[1] is None


@pytest.mark.parametrize(
    ("value", "expected"), [(1, 1.0), ("0.5", 0.5), (None, None), (math.inf, None), (10**400, None)]
)
def test_numbers(value, expected):
    assert number(value) == expected


def test_the_axis_reaches_to_the_steps_that_are_to_come():
    half = sorted(line(drawn([0.5, 0.4] * 50, total=200)))
    assert half[-1] < 420


def test_a_single_peak_does_not_flatten_the_rest():
    columns = line(drawn([0.3 + 0.2 * (i % 100) / 100 for i in range(200)] + [90.0] + [0.4] * 50))
    assert max(columns.values()) - min(columns.values()) > 150


@pytest.mark.parametrize("losses", [[], [0.5], [0.5] * 3, [1.0, 0.5, 100.0, 0.25], [n / 7 for n in range(5000)]])
def test_any_losses_give_a_picture_of_the_size_asked_for(losses):
    assert drawn(losses, total=10, title="loss", size=(200, 100)).size == (200, 100)
