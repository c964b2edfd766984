"""Layers whose weight is stored in few bits pass on the gradients of the wide weight, and keep none of it meanwhile."""

import pytest
import torch
from torch import nn

from diffusion.stored.modules import place
from diffusion.stored.plain import Plain
from diffusion.training.lora_training import Shape, train_lora
from diffusion.training.private_copy import private_copy
from diffusion.training.settings import Settings
from diffusion.training.stored_gradients import prepare
from tests.support import tiny_families

pytestmark = pytest.mark.network


def stored(layer):
    """The same layer over its weight in half precision, and one over the wide weight of that."""
    wide = nn.Sequential(layer)
    narrow = private_copy(wide, torch.float32, torch.float32)
    half = layer.weight.detach().half()
    place(narrow, "0.weight", Plain(half), torch.float32)
    layer.weight.data = half.float()
    return wide, narrow


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (lambda: nn.Linear(6, 4), (2, 3, 6)),
        (lambda: nn.Conv2d(4, 6, 3, stride=2, padding=1), (2, 4, 8, 6)),
        (lambda: nn.Conv2d(4, 6, 1, bias=False), (1, 4, 5, 5)),
    ],
)
def test_outputs_and_gradients_are_those_of_the_wide_weight(layer, shape):
    wide, narrow = stored(layer().requires_grad_(requires_grad=False))
    prepare(narrow)
    given = [tiny_families.random(*shape, seed=1).requires_grad_() for _ in range(2)]
    outputs = [module(x) for module, x in zip((wide, narrow), given, strict=True)]
    assert torch.allclose(*outputs)
    kept = []
    with torch.autograd.graph.saved_tensors_hooks(lambda tensor: kept.append(tensor) or tensor, lambda tensor: tensor):
        narrow(given[1])
    assert kept == []
    for output in outputs:
        output.square().sum().backward()
    assert torch.allclose(given[0].grad, given[1].grad, atol=1e-5)


def test_a_lora_learns_over_weights_in_few_bits_which_stay_as_they_are():
    model = tiny_families.model("flux", "")
    names = [name for name, part in model.module.named_modules() if isinstance(part, nn.Linear)]
    for name in names:
        place(model.module, f"{name}.weight", Plain(model.module.get_submodule(name).weight.half()), torch.float32)
    before = [buffer.clone() for buffer in model.module.buffers()]
    latents = [{"samples": tiny_families.latent(model, seed=1, batch=2)}]
    settings = Settings(2, 0.01, precision="fp32")
    result = train_lora(model, latents, [tiny_families.prompt(model, seed=1)], settings, Shape(rank=2))
    assert any(change.tensors()["up"].any() for change in result.lora.changes())
    assert all(torch.equal(a, b) for a, b in zip(before, model.module.buffers(), strict=True))
