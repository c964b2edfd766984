"""The written file is what the safetensors library reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file

from diffusion.pickles.streaming import write_safetensors

if TYPE_CHECKING:
    from pathlib import Path


def test_every_type_of_element_comes_back_bit_for_bit(tmp_path: Path) -> None:
    torch.manual_seed(0)
    kinds = [torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.float8_e4m3fn, torch.float8_e5m2]
    tensors = {str(kind): torch.randn(3, 5).to(kind) for kind in kinds}
    tensors |= {
        "i": torch.arange(7),
        "b": torch.tensor([True, False]),
        "scalar": torch.tensor(2.0),
        "none": torch.ones(0),
    }
    tensors["turned"] = torch.randn(4, 6).T
    tensors["shared"] = tensors["i"]
    told: list[tuple[int, int]] = []
    write_safetensors(tensors, {"format": "pt"}, tmp_path / "x.safetensors", lambda *at: told.append(at))
    read = load_file(tmp_path / "x.safetensors")
    assert read.keys() == tensors.keys()
    for name, tensor in tensors.items():
        assert read[name].dtype == tensor.dtype
        assert read[name].shape == tensor.shape
        assert torch.equal(
            read[name].contiguous().view(-1).view(torch.uint8), tensor.contiguous().view(-1).view(torch.uint8)
        )
    assert told[-1][0] == told[-1][1] == sum(tensor.nbytes for tensor in tensors.values())
    with safe_open(tmp_path / "x.safetensors", "pt") as file:
        assert file.metadata() == {"format": "pt"}


def test_a_type_of_element_without_a_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        write_safetensors({"c": torch.ones(1, dtype=torch.complex64)}, {}, tmp_path / "x", lambda *_: None)
