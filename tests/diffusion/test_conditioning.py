"""Joining and mixing encoded prompts."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from diffusion import conditioning as c
from diffusion.errors import DiffusionError


def cond(value: float, tokens: int = 77, width: int = 32, **settings: Any) -> c.Conditioning:
    return [[torch.full((1, tokens, width), value), {"pooled_output": torch.full((1, width), value), **settings}]]


def test_combine_keeps_both_lists() -> None:
    assert [entry[0][0, 0, 0] for entry in c.combine(cond(1.0), cond(2.0))] == [1.0, 2.0]


def test_prompts_that_double_again_and_again_are_stopped_before_they_fill_the_memory(monkeypatch: Any) -> None:
    many = cond(1.0)
    with pytest.raises(DiffusionError, match="the limit is 1,000") as caught:
        for _ in range(20):
            many = c.combine(many, many)
    assert (len(many), caught.value.input) == (512, "conditioning_2")
    long = cond(1.0, width=768)
    monkeypatch.setattr("diffusion.memory.memory_left", lambda: 2**27)
    with pytest.raises(DiffusionError, match=r"Prompts of 78,848 tokens would take 231 MiB of memory") as caught:
        for _ in range(20):
            long = c.concat(long, long)
    assert caught.value.input == "conditioning_from"


def test_average_mixes_embeddings_and_pooled_output() -> None:
    (entry,) = c.average(cond(1.0, note="kept"), cond(3.0), 0.25)
    assert torch.allclose(entry[0], torch.tensor(2.5))
    assert torch.allclose(entry[1]["pooled_output"], torch.tensor(2.5))
    assert entry[1]["note"] == "kept"


def test_average_takes_the_pooled_output_that_there_is() -> None:
    bare = [[torch.ones(1, 77, 32), {}]]
    assert torch.equal(c.average(bare, cond(3.0), 0.25)[0][1]["pooled_output"], torch.full((1, 32), 3.0))
    assert "pooled_output" not in c.average(bare, bare, 0.25)[0][1]


@pytest.mark.parametrize(("to", "from_"), [(77, 154), (154, 77)])
def test_average_has_the_length_of_the_first(to: int, from_: int) -> None:
    mixed = c.average(cond(1.0, to), cond(3.0, from_), 0.5)[0][0]
    assert mixed.shape[1] == to
    assert float(mixed[0, -1, 0]) == (2.0 if from_ >= to else 0.5)


def test_concat_lays_tokens_end_to_end() -> None:
    joined = c.concat([*cond(1.0), *cond(2.0)], cond(3.0))
    assert [entry[0].shape[1] for entry in joined] == [154, 154]
    assert [float(entry[0][0, -1, 0]) for entry in joined] == [3.0, 3.0]


def test_zero_out_empties_everything() -> None:
    (entry,) = c.zero_out(cond(1.0))
    assert not entry[0].any()
    assert not entry[1]["pooled_output"].any()
    assert c.zero_out([[torch.ones(1, 2, 3), {"a": 1}]])[0][1] == {"a": 1}


def test_nothing_is_changed_in_place() -> None:
    one, two = cond(1.0), cond(2.0)
    for result in (
        c.combine(one, two),
        c.average(one, two, 0.5),
        c.concat(one, two),
        c.zero_out(one),
        c.set_area(one, width=64, height=64, x=0, y=0),
        c.set_mask(one, torch.ones(8, 8)),
        c.set_timestep_range(one, 0.1, 0.9),
    ):
        assert result is not one
        assert result[0][1] is not one[0][1] or result[0] is one[0]
    assert torch.equal(one[0][0], torch.ones(1, 77, 32))
    assert set(one[0][1]) == {"pooled_output"}


def test_prompts_of_two_encoders_do_not_mix() -> None:
    for mix in (lambda a, b: c.average(a, b, 0.5), c.concat):
        with pytest.raises(DiffusionError, match="different text encoders") as caught:
            mix(cond(1.0), cond(1.0, width=16))
        assert caught.value.input == "conditioning_from"
        with pytest.raises(DiffusionError, match="empty"):
            mix(cond(1.0), [])
