"""Stored weights of every form, cut as a layout says: the values are those of the wide weight, cut the same way."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from diffusion.layouts.contract import Piece
from diffusion.layouts.cutting import cut
from diffusion.loading.pieces import cut_stored
from diffusion.loading.sources import read_file
from diffusion.stored.contract import Stored
from diffusion.stored.plain import Plain
from tests.support import quantised_files

PIECES = {
    "as it is": Piece("t", "s"),
    "rows": Piece("t", "s", rows=(64, 128)),
    "halves": Piece("t", "s", swap_halves=True),
    "turned": Piece("t", "s", transpose=True),
    "rows, turned": Piece("t", "s", rows=(32, 64), transpose=True),
}
MADE = {
    "fp16": lambda weights: quantised_files.plain(weights),
    "fp8 scaled": lambda weights: quantised_files.scaled_fp8(weights),
    "int8 by row": lambda weights: quantised_files.int8(weights),
    "int8 rotated": lambda weights: quantised_files.int8(weights, 64),
}


def stored(folder: Path, kind: str, weight: torch.Tensor) -> Stored:
    path = folder / "a"
    if kind in MADE:
        MADE[kind]({"a.weight": weight}).write(path)
    else:
        quantised_files.write_gguf(path, {"a.weight": weight}, kind)
    return read_file(path).weights["a.weight"]


@pytest.mark.parametrize("name", PIECES)
@pytest.mark.parametrize("kind", [*MADE, "Q8_0", "Q4_K"])
def test_a_cut_weight_widens_to_the_cut_of_the_wide_one(kind: str, name: str, tmp_path: Path) -> None:
    weight = stored(tmp_path, kind, torch.randn(192, 256, generator=torch.Generator().manual_seed(1)))
    piece = PIECES[name]
    made = cut_stored(piece, weight)
    assert torch.equal(made.widen(torch.float32), cut(piece, weight.widen(torch.float32)))
    if not (piece.swap_halves or piece.transpose):
        assert type(made) is type(weight)
        assert made.nbytes <= weight.nbytes


@pytest.mark.parametrize("kind", [*MADE, "Q8_0"])
def test_a_convolution_of_one_pixel_becomes_a_matrix(kind: str, tmp_path: Path) -> None:
    weight = stored(tmp_path, kind, torch.randn(64, 64, 1, 1))
    made = cut_stored(Piece("t", "s", squeeze=True), weight)
    assert torch.equal(made.widen(torch.float32), weight.widen(torch.float32)[:, :, 0, 0])


def test_what_is_cut_of_plain_numbers_lies_in_the_file() -> None:
    whole = Plain(torch.zeros(8, 4))
    made = cut_stored(Piece("t", "s", rows=(4, 8)), whole)
    assert made.tensors()["data"].data_ptr() == whole.data[4:].data_ptr()
