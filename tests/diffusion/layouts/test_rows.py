"""Rows of a table: what their patterns fit, which pieces they make, and what a piece is cut to."""

from __future__ import annotations

import pytest
import torch

from diffusion.layouts.contract import Piece, shape_of, targets
from diffusion.layouts.cutting import cut
from diffusion.layouts.rows import Row, below, count, expand, origins, thirds


def test_numbers_are_carried_to_the_other_side_and_a_star_stands_for_weight_and_bias() -> None:
    rows = [Row("a.{i}.b.{k}.*", "x.{k}.y.{i}.*")]
    names = ["a.3.b.10.weight", "a.3.b.10.bias", "a.3.b.10.scale", "a.z.b.1.weight", "a.3.b.weight"]
    assert expand(rows, names) == [Piece("x.10.y.3.weight", names[0]), Piece("x.10.y.3.bias", names[1])]


def test_a_number_in_a_pattern_fits_itself_only() -> None:
    rows = [Row("net.0.*", "first.*"), Row("net.2.*", "last.*")]
    made = expand(rows, ["net.0.weight", "net.1.weight", "net.2.weight"])
    assert [piece.target for piece in made] == ["first.weight", "last.weight"]


def test_of_two_names_for_the_same_tensor_the_first_in_the_file_counts() -> None:
    rows = [Row("new.weight", "x.weight"), Row("old.weight", "x.weight")]
    assert expand(rows, ["old.weight", "new.weight"]) == [Piece("x.weight", "old.weight")]


def test_two_rows_that_make_the_same_tensor_of_one_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="two rows make x"):
        expand([Row("a", "x"), Row("a", "x", transpose=True)], ["a"])


def test_a_matrix_with_query_key_and_value_becomes_three() -> None:
    rows = thirds("qkv.*", ("q.*", "k.*", "v.*"), 4)
    made = expand(rows, ["qkv.weight", "qkv.bias"])
    assert targets({"qkv.weight": (12, 5), "qkv.bias": (12,)}, made) == {
        **{f"{letter}.weight": (4, 5) for letter in "qkv"},
        **{f"{letter}.bias": (4,) for letter in "qkv"},
    }
    assert [piece.rows for piece in made if piece.source == "qkv.bias"] == [(0, 4), (4, 8), (8, 12)]


def test_read_backwards_each_tensor_has_all_the_names_of_files() -> None:
    rows = [
        *thirds("b.{i}.qkv.*", ("q.{i}.*", "k.{i}.*", "v.{i}.*"), 4),
        Row("n.scale", "n.weight"),
        Row("n.w", "n.weight"),
    ]
    assert origins(rows, ["k.1.weight", "n.weight", "z.weight"]) == [
        Piece("k.1.weight", "b.1.qkv.weight", rows=(4, 8)),
        Piece("n.weight", "n.scale"),
        Piece("n.weight", "n.w"),
    ]


def test_rows_of_a_block_have_its_names_in_front() -> None:
    assert below("in.{i}", "out.{i}", [("a.*", "b.*")]) == [Row("in.{i}.a.*", "out.{i}.b.*")]


def test_blocks_are_counted_by_the_highest_number() -> None:
    assert count(["a.0.x", "a.11.x", "a.2.x", "b.40.x", "a.c.x"], "a.") == 12
    assert count([], "a.") == 0


@pytest.mark.parametrize(
    ("piece", "shape"),
    [
        (Piece("a", "b", rows=(2, 5)), (6, 4)),
        (Piece("a", "b", swap_halves=True), (6, 4)),
        (Piece("a", "b", transpose=True), (6, 4)),
        (Piece("a", "b", squeeze=True), (6, 4, 1, 1)),
        (Piece("a", "b", rows=(0, 4), transpose=True), (6, 4)),
    ],
)
def test_the_shape_that_is_told_is_that_of_what_is_cut(piece: Piece, shape: tuple[int, ...]) -> None:
    made = cut(piece, torch.arange(24.0).reshape(shape))
    assert tuple(made.shape) == shape_of(piece, shape)
    assert made.is_contiguous()


def test_halves_change_places() -> None:
    assert cut(Piece("a", "b", swap_halves=True), torch.arange(6.0)).tolist() == [3, 4, 5, 0, 1, 2]


def test_rows_and_shapes_are_views_of_the_file() -> None:
    whole = torch.zeros(6, 4, 1, 1)
    for piece in (Piece("a", "b", rows=(2, 5)), Piece("a", "b", squeeze=True)):
        cut(piece, whole).fill_(1.0)
    assert whole.sum() == 24
