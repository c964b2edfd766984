"""A LoRA as a value: what flows between nodes, and lies in the cache of the disk."""

import json

import pytest
import torch

from diffusion.errors import DiffusionError
from diffusion.loras.changes import Dora, LoKr, LowRank, Rows
from diffusion.loras.lora import Lora, from_value, to_value
from graph.caching.disk.serialization import pack, unpack
from graph.node_types.sockets import ValueRefusedError
from graph.results.fingerprint import Fingerprinter
from nodes import types
from nodes.tensor_values import CODECS


def made(alpha=2.0, dtype=torch.float32):
    low = LowRank(torch.ones(2, 5, dtype=dtype), torch.ones(3, 2, dtype=dtype), alpha)
    layers = {
        "denoiser": {
            "mid_block.attentions.0.proj_in": low,
            "conv_in": Dora(low, torch.ones(3, 1)),
            "to_q": Rows(LoKr(1.0, w1=torch.ones(3, 1), w2=torch.ones(1, 5)), 0, 3, (3, 5)),
        },
        "clip_l": {"encoder.layers.0.self_attn.q_proj": low},
    }
    return Lora(layers, "sd1", {"ss_tag": "cät"})


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
def test_a_lora_survives_the_disk(dtype):
    packed = pack(to_value(made(dtype=dtype)), CODECS)
    buffers = [bytearray(buffer.data) for buffer in packed.buffers]
    back = from_value(unpack(json.dumps(json.loads(packed.skeleton)), buffers, CODECS))
    was = made(dtype=dtype)
    assert (back.family, back.metadata, list(back.layers)) == ("sd1", {"ss_tag": "cät"}, ["denoiser", "clip_l"])
    for part, changes in was.layers.items():
        for path, change in changes.items():
            again = back.layers[part][path]
            assert type(again) is type(change)
            assert torch.equal(again.delta(torch.ones(3, 5)), change.delta(torch.ones(3, 5)))


def test_its_fingerprint_is_that_of_its_content():
    prints = Fingerprinter(CODECS)
    first = prints.of(to_value(made()))
    assert first is not None
    assert first == prints.of(to_value(made()))
    assert first != prints.of(to_value(made(alpha=1.0)))


def test_it_tells_its_rank_and_its_size():
    assert made().rank == 2
    assert made().nbytes == 4 * (3 * (2 * 5 + 3 * 2) + 3 + 3 + 5)


def test_the_socket_takes_it():
    value = to_value(made())
    assert types.LORA_MODEL.enforce(value) is value


@pytest.mark.parametrize("value", [None, torch.zeros(1), {"samples": 1}, "cat.safetensors", {"layers": []}])
def test_the_socket_takes_nothing_else(value):
    with pytest.raises(ValueRefusedError, match="a LoRA"):
        types.LORA_MODEL.enforce(value)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({}, "without layers"),
        ({"layers": {"vae": {}}}, "part 'vae'"),
        ({"layers": {"denoiser": {"a": {"kind": "magic"}}}}, "kind that is not known"),
        ({"layers": {"denoiser": {"a": {"kind": "lora", "alpha": 1.0}}}}, "do not belong"),
        ({"layers": {"denoiser": {"a": {"kind": "difference", "values": torch.ones(2).int()}}}}, "whole numbers"),
        (
            {"layers": {"denoiser": {"a": {"kind": "oft", "blocks": torch.ones(1, 1, 1), "constraint": float("nan")}}}},
            "is nan",
        ),
    ],
)
def test_a_value_that_is_no_lora_is_refused_with_what_is_wrong(value, words):
    with pytest.raises(DiffusionError, match=words):
        from_value(value)
