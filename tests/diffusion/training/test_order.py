"""Which pictures a step is made with: each once a round, shapes not mixed, and any batch can be asked for by number."""

from diffusion.training.order import Order


def test_each_picture_comes_up_once_a_round_with_others_of_its_shape():
    groups = ["wide"] * 5 + ["high"] * 3
    order = Order(groups, 2, seed=1)
    assert order.batches_a_round == 5
    for first in (0, 5):
        batches = [order.batch(first + number) for number in range(5)]
        assert sorted(place for batch in batches for place in batch) == list(range(8))
        assert all(len({groups[place] for place in batch}) == 1 for batch in batches)


def test_a_batch_depends_on_its_number_and_the_seed_alone():
    numbers = [7, 0, 30, 7]
    order = Order([0] * 9, 2, seed=1)
    assert [order.batch(number) for number in numbers] == [Order([0] * 9, 2, seed=1).batch(n) for n in numbers]
    assert [order.batch(n) for n in range(5)] != [Order([0] * 9, 2, seed=2).batch(n) for n in range(5)]
    assert [order.batch(n) for n in range(5)] != [order.batch(n) for n in range(5, 10)]
