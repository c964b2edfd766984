"""What changes of weights say in numbers, against their formulas written out."""

import re

import pytest
import torch

from diffusion.loras.changes import Difference, Dora, LoHa, LoKr, LowRank, Oft, Rows


def some(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed + sum(shape)))


def near(found, wanted):
    assert found.dtype == torch.float32
    assert found.shape == wanted.shape
    torch.testing.assert_close(found, wanted, atol=1e-5, rtol=1e-5)


def test_low_rank_is_up_times_down_by_alpha_over_rank():
    down, up = some(2, 5), some(3, 2)
    change = LowRank(down, up, 1.0)
    assert change.rank == 2
    near(change.delta(torch.zeros(3, 5)), up @ down / 2)


def test_low_rank_of_half_precision_is_computed_in_float32():
    down, up = some(2, 5).half(), some(3, 2).half()
    near(LowRank(down, up, 2.0).delta(torch.zeros(3, 5)), up.float() @ down.float())


def test_low_rank_of_a_convolution_is_the_convolution_by_one_after_the_other():
    down, up, x = some(2, 4, 3, 3), some(6, 2, 1, 1), some(1, 4, 8, 8)
    weight = LowRank(down, up, 2.0).delta(torch.zeros(6, 4, 3, 3))
    wanted = torch.nn.functional.conv2d(torch.nn.functional.conv2d(x, down, padding=1), up)
    near(torch.nn.functional.conv2d(x, weight, padding=1), wanted)


def test_the_middle_of_a_convolution_lies_between_its_ends():
    down, mid, up, x = some(2, 4, 1, 1), some(3, 2, 3, 3), some(6, 3, 1, 1), some(1, 4, 8, 8)
    weight = LowRank(down, up, 2.0, mid).delta(torch.zeros(6, 4, 3, 3))
    conv = torch.nn.functional.conv2d
    near(conv(x, weight, padding=1), conv(conv(conv(x, down), mid, padding=1), up))


def test_a_matrix_changes_a_convolution_of_one_pixel():
    down, up = some(2, 5), some(3, 2)
    near(LowRank(down, up, 2.0).delta(torch.zeros(3, 5, 1, 1))[:, :, 0, 0], up @ down)
    near(LowRank(down[:, :, None, None], up[:, :, None, None], 2.0).delta(torch.zeros(3, 5)), up @ down)


def test_loha_multiplies_two_products():
    w1a, w1b, w2a, w2b = some(4, 2), some(2, 6), some(4, 2, seed=1), some(2, 6, seed=1)
    near(LoHa(w1a, w1b, w2a, w2b, 4.0).delta(torch.zeros(4, 6)), (w1a @ w1b) * (w2a @ w2b) * 2)


def test_products_of_a_convolution_may_have_their_pixels_behind_each_other():
    w1a, w1b, w2a, w2b = some(4, 2), some(2, 45), some(4, 2, seed=1), some(2, 45, seed=1)
    change = LoHa(w1a, w1b, w2a, w2b, 2.0)
    assert change.misfit((4, 5, 3, 3)) == ""
    near(change.delta(torch.zeros(4, 5, 3, 3)), ((w1a @ w1b) * (w2a @ w2b)).reshape(4, 5, 3, 3))
    w1, w2a, w2b = some(2, 2), some(3, 2), some(2, 36)
    flat = LoKr(2.0, w1=w1, w2a=w2a, w2b=w2b)
    whole = LoKr(2.0, w1=w1, w2=(w2a @ w2b).reshape(3, 4, 3, 3))
    assert flat.misfit((6, 8, 3, 3)) == ""
    near(flat.delta(torch.zeros(6, 8, 3, 3)), whole.delta(torch.zeros(6, 8, 3, 3)))


def test_loha_of_a_convolution_with_cores():
    t1, t2 = some(2, 2, 3, 3), some(2, 2, 3, 3, seed=1)
    w1a, w1b, w2a, w2b = some(2, 4), some(2, 5), some(2, 4, seed=1), some(2, 5, seed=1)
    change = LoHa(w1a, w1b, w2a, w2b, 2.0, t1, t2)

    def whole(a, b, core):
        return torch.einsum("ijhw,io,jn->onhw", core, a, b)

    near(change.delta(torch.zeros(4, 5, 3, 3)), whole(w1a, w1b, t1) * whole(w2a, w2b, t2))


def test_lokr_is_a_kronecker_product():
    w1, w2a, w2b = some(2, 3), some(4, 2), some(2, 5)
    near(LoKr(1.0, w1=w1, w2a=w2a, w2b=w2b).delta(torch.zeros(8, 15)), torch.kron(w1, w2a @ w2b) / 2)


def test_lokr_of_whole_parts_knows_no_alpha():
    w1, w2 = some(2, 3), some(4, 5, 3, 3)
    made = LoKr(0.25, w1=w1, w2=w2).delta(torch.zeros(8, 15, 3, 3))
    near(made, torch.kron(w1[:, :, None, None], w2))


def test_oft_turns_outputs_and_keeps_their_lengths_together():
    weight, blocks = some(6, 5), some(2, 3, 3)
    turned = weight + Oft(blocks).delta(weight)
    skew = blocks - blocks.transpose(1, 2)
    one = torch.eye(3)
    turn = torch.block_diag(*((one + s) @ torch.linalg.inv(one - s) for s in skew))
    near(turned, turn.T @ weight)
    near(turned[:3].norm(dim=0), weight[:3].norm(dim=0))


def test_oft_turns_no_further_than_its_constraint():
    weight, blocks = some(6, 5), some(2, 3, 3)
    little = Oft(blocks, constraint=1e-3).delta(weight)
    assert 0 < little.norm() < 1e-2 * weight.norm()
    stretched = Oft(blocks * 0, rescale=torch.full((6, 1), 3.0)).delta(weight)
    near(stretched, weight * 2)


def test_dora_gives_each_output_its_length():
    weight, inner, lengths = some(3, 5), LowRank(some(2, 5), some(3, 2), 2.0), torch.tensor([[1.0], [2.0], [3.0]])
    moved = weight + Dora(inner, lengths).delta(weight)
    near(moved.norm(dim=1, keepdim=True), lengths)
    direction = weight + inner.delta(weight)
    near(moved, lengths * direction / direction.norm(dim=1, keepdim=True))


def test_dora_may_measure_along_inputs():
    weight, inner, lengths = some(3, 5), LowRank(some(2, 5), some(3, 2), 2.0), torch.rand(1, 5) + 1
    near((weight + Dora(inner, lengths).delta(weight)).norm(dim=0, keepdim=True), lengths)


def test_a_difference_is_itself_and_a_copy():
    values = some(4)
    made = Difference(values).delta(torch.zeros(4))
    near(made, values)
    assert made.data_ptr() != values.data_ptr()


def test_rows_are_those_of_a_larger_layer():
    down, up = some(2, 5), some(9, 2)
    whole = up @ down
    near(Rows(LowRank(down, up, 2.0), 3, 6, (9, 5)).delta(torch.zeros(3, 5)), whole[3:6])
    swapped = Rows(LowRank(down, up[:4], 2.0), 0, 4, (4, 5), swaps_halves=True).delta(torch.zeros(4, 5))
    near(swapped, torch.cat([whole[2:4], whole[:2]]))


@pytest.mark.parametrize(
    ("change", "shape", "words"),
    [
        (LowRank(some(2, 5), some(3, 4), 1.0), (3, 5), r"\[2, 5\] and \[3, 4\], which do not go together"),
        (LowRank(some(2, 5), some(3, 2), 1.0), (3, 6), r"for a layer of the shape \[3, 5\], and this one has \[3, 6\]"),
        (LowRank(some(2, 5), some(3, 2), 1.0), (5, 3), "and this one has"),
        (LowRank(some(5), some(3, 2), 1.0), (3, 5), "no matrices"),
        (LowRank(some(0, 5), some(3, 0), 1.0), (3, 5), "no matrices"),
        (LowRank(some(2, 4, 1, 1), some(6, 3, 1, 1), 1.0, some(2, 3, 3, 3)), (6, 4, 3, 3), "do not go together"),
        (LoHa(some(4, 2), some(2, 6), some(4, 2), some(3, 6), 1.0), (4, 6), "do not go together"),
        (LoHa(some(4, 2), some(2, 6), some(4, 2), some(2, 6), 1.0), (4, 7), "and this one has"),
        (LoKr(1.0, w1=some(2, 3), w2a=some(4, 2)), (8, 15), "do not go together"),
        (LoKr(1.0, w1=some(2, 3), w2=some(4, 5)), (8, 16), "and this one has"),
        (Oft(some(2, 3, 4)), (6, 5), "no squares"),
        (Oft(some(2, 3, 3)), (8, 5), "turns 6 outputs"),
        (Difference(some(4)), (5,), "and this one has"),
        (Dora(LowRank(some(2, 5), some(3, 2), 1.0), some(4, 1)), (3, 5), "lengths"),
        (Rows(Oft(some(3, 3, 3)), 0, 3, (9, 5)), (3, 5), "several layers at once"),
        (Rows(LowRank(some(2, 5), some(9, 2), 1.0), 0, 3, (9, 5)), (4, 5), "and this one has"),
    ],
)
def test_what_does_not_fit_says_why(change, shape, words):

    assert re.search(words, change.misfit(shape))


def test_what_fits_says_nothing():
    assert LowRank(some(2, 5), some(3, 2), 1.0).misfit((3, 5)) == ""
    assert LowRank(some(2, 4, 3, 3), some(6, 2, 1, 1), 1.0).misfit((6, 4, 3, 3)) == ""
    assert LoKr(1.0, w1=some(2, 3), w2a=some(4, 2), w2b=some(2, 5)).misfit((8, 15)) == ""
    assert Oft(some(2, 3, 3)).misfit((6, 5)) == ""
