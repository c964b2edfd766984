"""A curve of losses as a picture."""

import pytest

from pictures.curve import drawn, smoothed


def test_the_mean_runs_over_the_last_steps():
    assert smoothed([1.0, 3.0]) == [1.0, 2.0]
    assert smoothed([float(n) for n in range(10)])[-1] == pytest.approx(7.0)


@pytest.mark.parametrize("losses", [[], [0.5], [0.5] * 3, [1.0, 0.5, 100.0, 0.25], [n / 7 for n in range(5000)]])
def test_any_losses_give_a_picture_of_the_size_asked_for(losses):
    assert drawn(losses, total=10, title="loss", size=(200, 100)).size == (200, 100)


def test_a_falling_loss_is_drawn_from_high_to_low():
    picture = drawn([10.0 - n / 10 for n in range(100)], size=(300, 200))
    blue = [
        (x, y)
        for x in range(300)
        for y in range(200)
        if picture.getpixel((x, y))[2] > 150 > picture.getpixel((x, y))[0]
    ]
    assert min(blue)[1] < 80
    assert max(blue)[1] > 120
