"""Training all weights: what was learnt is a difference, and the model that is loaded stays as it is."""

import pytest
import torch

from diffusion.errors import DiffusionError
from diffusion.stored.modules import place
from diffusion.stored.plain import Plain
from diffusion.training.full_training import train_model
from diffusion.training.settings import Settings
from tests.support import tiny_families

pytestmark = pytest.mark.network


def trained(model, steps=2, **more):
    latents = [{"samples": tiny_families.latent(model, seed=1, batch=2)}]
    own = {name: more.pop(name) for name in ("on_step",) if name in more}
    settings = Settings(steps, **{"learning_rate": 0.001, "precision": "fp32", **more})
    return train_model(model, latents, [tiny_families.prompt(model, seed=1)], settings, **own)


def test_every_layer_learns_and_the_model_stays_as_it_is():
    model = tiny_families.shared("flux", "")
    before = [parameter.clone() for parameter in model.module.parameters()]
    weights = []
    result = trained(model, on_step=lambda _, now: weights.append(now.module.proj_out.weight.detach().clone()))
    assert all(torch.equal(a, b) for a, b in zip(before, model.module.parameters(), strict=True))
    changes = result.lora.layers["denoiser"]
    assert changes["proj_out"].values.any()
    assert changes["proj_out.bias"].values.any()
    with_it = model.with_lora(result.lora, 1.0)
    with with_it.lock, with_it.patched():
        assert torch.allclose(model.module.proj_out.weight, weights[-1], atol=1e-6)


def test_weights_in_few_bits_are_refused():
    model = tiny_families.model("flux", "")
    place(model.module, "proj_out.weight", Plain(model.module.proj_out.weight.half()), torch.float32)
    with pytest.raises(DiffusionError, match="few bits") as refused:
        trained(model)
    assert refused.value.input == "model"
