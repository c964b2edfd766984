"""A test that builds or runs a network without the mark `network`, or one that says more, fails, and has none.

`make check` is quick because it leaves those tests out.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from diffusers import AutoencoderTiny
from transformers import CLIPTextConfig, CLIPTextModel

from tests.support.network_guard import NetworkBuilt, NetworkGuard
from tools import check

WAYS: dict[str, Callable[[], object]] = {
    "diffusers": lambda: AutoencoderTiny(encoder_block_out_channels=(4,), decoder_block_out_channels=(4,)),
    "transformers": lambda: CLIPTextModel(CLIPTextConfig(hidden_size=4, num_attention_heads=1, num_hidden_layers=1)),
    "one that was built before": lambda: AutoencoderTiny.__new__(AutoencoderTiny)(torch.zeros(1)),
}


@pytest.mark.parametrize("way", WAYS)
def test_without_the_mark_no_network_is_there_and_its_kind_is_noted(network_guard: NetworkGuard, way: str) -> None:
    with pytest.raises(NetworkBuilt, match="mark the test"):
        WAYS[way]()
    assert network_guard.refused == ["CLIPTextModel" if way == "transformers" else "AutoencoderTiny"]
    network_guard.refused.clear()  # this test itself is not to fail


def test_a_layer_alone_is_no_network(network_guard: NetworkGuard) -> None:
    assert torch.nn.Linear(2, 1)(torch.zeros(1, 2)).shape == (1, 1)
    assert network_guard.refused == []


@pytest.mark.network
def test_with_the_mark_it_is_built_and_runs(network_guard: NetworkGuard) -> None:
    tiny = AutoencoderTiny(
        encoder_block_out_channels=(4,),
        decoder_block_out_channels=(4,),
        num_encoder_blocks=(1,),
        num_decoder_blocks=(1,),
    )
    assert tiny(torch.zeros(1, 3, 8, 8)).sample.shape == (1, 3, 8, 8)
    assert network_guard.refused == []


def test_the_quick_check_leaves_them_out() -> None:
    assert "not (model or long or network)" in check.QUICK
