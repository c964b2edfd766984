"""The doors: what fits a socket, and in which words the rest is turned away."""

import pytest
import torch

from graph.node_types.sockets import ValueRefusedError, can_connect
from nodes import types

PICTURE = torch.rand(1, 4, 4, 3)
PLANE = torch.rand(1, 4, 4)


@pytest.mark.parametrize(
    ("socket", "value"),
    [
        (types.IMAGE, PICTURE),
        (types.IMAGE, torch.rand(2, 4, 4, 1)),
        (types.IMAGE, torch.rand(2, 4, 4, 4).half()),
        (types.MASK, PLANE),
        (types.LATENT, {"samples": torch.rand(1, 4, 8, 8), "unknown": 1}),
        (types.CONDITIONING, [[torch.rand(1, 77, 32), {}]]),
        (types.MODEL, object()),
    ],
)
def test_fits(socket, value):
    assert socket.enforce(value) is value


@pytest.mark.parametrize(
    ("socket", "value", "words"),
    [
        (types.IMAGE, None, "nothing"),
        (types.IMAGE, PLANE, r"shape \(1, 4, 4\)"),
        (types.IMAGE, torch.rand(1, 3, 4, 5), r"shape \(1, 3, 4, 5\)"),
        (types.IMAGE, (PICTURE * 255).to(torch.uint8), "torch.uint8"),
        (types.IMAGE, torch.rand(0, 4, 4, 3), "empty"),
        (types.IMAGE, "cat.png", "text"),
        (types.MASK, PICTURE, r"shape \(1, 4, 4, 3\)"),
        (types.MASK, PLANE > 0.5, "torch.bool"),
        (types.LATENT, torch.rand(1, 4, 8, 8), "Tensor"),
        (types.LATENT, {}, "'samples' is nothing"),
        (types.CONDITIONING, [], "0 items"),
        (types.CONDITIONING, [torch.rand(1, 2)], "a list that holds"),
        (types.MODEL, None, "nothing"),
        (types.VAE, PICTURE, "Tensor"),
        (types.CLIP, {"a": 1}, "dict"),
    ],
)
def test_does_not_fit(socket, value, words):
    with pytest.raises(ValueRefusedError, match=words):
        socket.enforce(value)


def test_a_mask_may_enter_where_a_picture_is_wanted():
    fit = can_connect(types.MASK, types.IMAGE)
    assert fit.ok
    assert types.IMAGE.enforce(fit.convert(PLANE)).shape == (1, 4, 4, 3)
    assert not can_connect(types.IMAGE, types.MASK).ok
