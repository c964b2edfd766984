"""Noise levels of training: what the network sees and is to give, for every way of counting noise."""

import math

import pytest
import torch

from diffusion.noise_models import EdmNoise, FlowNoise, LcmNoise, discrete_noise
from diffusion.training.levels import ByItem, draw, mix

MODELS = {
    "epsilon": discrete_noise(),
    "v": discrete_noise("v_prediction", zero_terminal_snr=True),
    "sample": discrete_noise("sample"),
    "flow": FlowNoise(3.0),
    "edm": EdmNoise(),
    "edm v": EdmNoise("v_prediction"),
    "lcm": LcmNoise.of(discrete_noise()),
}


@pytest.mark.parametrize("kind", MODELS)
def test_a_network_that_gives_what_is_wanted_predicts_the_picture(kind):
    model, dice = MODELS[kind], torch.Generator().manual_seed(0)
    picture, noise = torch.randn(2, 64, generator=dice, dtype=torch.float64)
    for sigma in (model.sigma_max, float(model.sigmas[len(model.sigmas) // 2]), model.sigma_min):
        made = mix(model, sigma)
        x = model.add_noise(picture, noise, sigma)
        output = made.wanted_picture * picture + made.wanted_noise * noise
        assert torch.allclose(model.scale_input(x, sigma), made.seen_picture * picture + made.seen_noise * noise)
        assert torch.allclose(model.x0(x, output, sigma), picture, atol=1e-6)


def test_predictions_have_the_targets_of_their_papers():
    assert mix(MODELS["epsilon"], 2.0)[2:4] == (0.0, 1.0)
    assert mix(MODELS["flow"], 0.25)[2:4] == pytest.approx((-1.0, 1.0))
    sigma = 2.0
    signal, noise = 1 / math.sqrt(1 + sigma**2), sigma / math.sqrt(1 + sigma**2)
    assert mix(MODELS["v"], sigma)[2:4] == pytest.approx((-noise, signal))


def test_trained_levels_are_equally_likely_and_flow_prefers_the_middle():
    dice = torch.Generator().manual_seed(0)
    model = MODELS["epsilon"]
    steps = [model.timestep(sigma) for sigma in draw(model, 4000, dice)]
    assert sum(step < 500 for step in steps) == pytest.approx(2000, abs=120)
    levels = draw(FlowNoise(1.0), 4000, dice)
    assert all(0 < level < 1 for level in levels)
    assert sum(0.25 < level < 0.75 for level in levels) == pytest.approx(0.728 * 4000, abs=120)


def test_each_item_is_told_its_own_level():
    told = ByItem(MODELS["flow"]).timestep(torch.tensor([0.25, 0.5], dtype=torch.float64))
    assert told.tolist() == [250.0, 500.0]
    assert ByItem(MODELS["flow"]).is_flow
