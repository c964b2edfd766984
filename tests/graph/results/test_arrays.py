"""Arrays belong to the first codec that owns them, and to none where nobody does."""

from __future__ import annotations

from graph.results.arrays import codec_of
from tests.support.toy_arrays import ToyArray, ToyArrays


class Others(ToyArrays):
    """Owns everything."""

    name = "others"

    def owns(self, value: object, /) -> bool:
        return True


def test_the_first_codec_that_owns_a_value_has_it() -> None:
    toys, others = ToyArrays(), Others()
    assert codec_of(ToyArray(b"x"), [toys, others]) is toys
    assert codec_of(ToyArray(b"x"), [others, toys]) is others
    assert codec_of("text", [toys, others]) is others


def test_what_nobody_owns_is_no_array() -> None:
    assert codec_of("text", [ToyArrays()]) is None
    assert codec_of(ToyArray(b"x"), []) is None
