"""What all stored weights have in common: where they lie, what they cost, and how much is widened at a time."""

from __future__ import annotations

import pytest
import torch

from diffusion.stored.contract import Stored, pieces
from diffusion.stored.gguf import Gguf
from diffusion.stored.plain import Plain
from diffusion.stored.scaled import Scaled

MADE: dict[str, Stored] = {
    "fp16": Plain(torch.ones(4, 32, dtype=torch.float16)),
    "fp8": Plain(torch.ones(4, 32).to(torch.float8_e4m3fn)),
    "a number": Plain(torch.tensor(1.0)),
    "scaled": Scaled(torch.ones(4, 32).to(torch.float8_e5m2), torch.ones(4)),
    "rotated": Scaled(torch.ones(4, 32, dtype=torch.int8), torch.ones(1), group=16),
    "blocks": Gguf(torch.zeros(4, 34, dtype=torch.uint8), "Q8_0", (4, 32)),
    "inside of blocks": Gguf(torch.zeros(4, 34, dtype=torch.uint8), "Q8_0", (8, 16)).rows(1, 4),
}
CPU, GPU = torch.device("cpu"), torch.device("cuda")


@pytest.mark.parametrize("kind", MADE)
def test_moved_it_is_the_same_elsewhere(kind: str) -> None:
    stored = MADE[kind]
    there = stored.to("meta")
    assert (there.shape, there.format, there.nbytes) == (stored.shape, stored.format, stored.nbytes)
    assert (stored.device.type, there.device.type) == ("cpu", "meta")
    before, after = stored.tensors(), there.tensors()
    assert {role: (raw.dtype, raw.shape) for role, raw in after.items()} == {
        role: (raw.dtype, raw.shape) for role, raw in before.items()
    }


@pytest.mark.parametrize("kind", MADE)
def test_with_its_own_tensors_it_is_itself(kind: str) -> None:
    stored = MADE[kind]
    assert torch.equal(stored.with_tensors(stored.tensors()).widen(torch.float32), stored.widen(torch.float32))


@pytest.mark.parametrize("kind", MADE)
def test_filling_writes_what_widening_gives(kind: str) -> None:
    stored = MADE[kind]
    for dtype in (torch.float32, torch.float16, torch.bfloat16):
        wide = torch.full(stored.shape, 7.0, dtype=dtype)
        stored.fill(wide)
        assert torch.equal(wide, stored.widen(dtype))


@pytest.mark.parametrize("device", [CPU, GPU])
@pytest.mark.parametrize(("count", "width"), [(1, 1), (7, 3072), (10_000, 3072), (3, 10**9), (5, 0), (0, 8)])
def test_pieces_cover_everything_once_and_are_of_bounded_size(device: torch.device, count: int, width: int) -> None:
    found = list(pieces(count, width, device))
    assert [start for start, _ in found] == [0, *(end for _, end in found)][: len(found)]
    assert (found[-1][1] if found else 0) == count
    most = 2**18 if device == CPU else 2**24
    assert all(end - start == 1 or (end - start) * width <= most for start, end in found)
