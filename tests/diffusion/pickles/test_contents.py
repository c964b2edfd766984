"""Which tensors of an unpickled file are kept, under which names, and what is said to be left out."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from diffusion.errors import DiffusionError
from diffusion.pickles.contents import weights_in
from diffusion.pickles.opening import Dropped

W = torch.ones(2, 3)


@pytest.mark.parametrize(
    ("content", "names"),
    [
        ({"a.weight": W}, ["a.weight"]),
        ({"state_dict": {"a.weight": W}, "epoch": 1}, ["a.weight"]),
        ({"params_ema": {"b": W}, "params": {"a": W}}, ["b"]),
        ({"model": {"state_dict": {"a": W}}}, ["a"]),
        ({"unet": {"a": W}, "clip": {"b": W}}, ["unet.a", "clip.b"]),
        ({"string_to_param": {"*": W}, "string_to_token": {"*": 265}, "name": "cat"}, ["emb_params"]),
        (W, ["weight"]),
    ],
    ids=["plain", "lightning", "the better of two", "wrapped twice", "several models", "textual inversion", "a tensor"],
)
def test_weights_have_the_names_that_their_readers_look_for(content: Any, names: list[str]) -> None:
    kept, _ = weights_in(content)
    assert list(kept) == names


def test_what_is_left_out_is_said_with_its_kind() -> None:
    _, dropped = weights_in({"state_dict": {"a": W, "b": 3}, "callbacks": {"x": Dropped()}, "lr": [1, 2]})
    assert dropped == ["callbacks (dict of 1)", "lr (list of 2)", "b (int)"]


def test_tensors_that_the_format_does_not_know_are_left_out_and_said() -> None:
    kept, dropped = weights_in({"a": W, "sparse": W.to_sparse(), "complex": W.to(torch.complex64)})
    assert list(kept) == ["a"]
    assert [name.split()[0] for name in dropped] == ["sparse", "complex"]


@pytest.mark.parametrize("content", [{}, {"epoch": 1}, [1, 2], None])
def test_a_file_without_weights_is_refused(content: Any) -> None:
    with pytest.raises(DiffusionError, match="no weights"):
        weights_in(content)


def test_nesting_without_end_is_not_followed() -> None:
    loop: dict[str, Any] = {"a": W}
    loop["again"] = loop
    kept, _ = weights_in(loop)
    assert kept["a"] is W or torch.equal(kept["a"], W)
