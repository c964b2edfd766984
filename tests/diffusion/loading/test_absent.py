"""What stands for a part that is not there: harmless until it is used, and then it says what to do."""

from __future__ import annotations

import pytest

from diffusion.errors import DiffusionError
from diffusion.loading.absent import Absent
from nodes.types import CLIP


def test_it_goes_through_a_socket_and_costs_nothing() -> None:
    absent = Absent("There is none.", "Load one.", "clip")
    assert CLIP.check(absent) == ""
    assert absent.nbytes == 0
    assert absent.weights is absent
    assert "Absent" in repr(absent)


def test_using_it_raises_what_is_missing() -> None:
    absent = Absent("There is none.", "Load one.", "clip")
    with pytest.raises(DiffusionError, match=r"There is none. Load one.") as caught:
        _ = absent.style
    assert caught.value.input == "clip"


def test_who_looks_for_an_attribute_finds_none() -> None:
    assert not hasattr(Absent("a", "b", "clip"), "ndim")
    assert getattr(Absent("a", "b", "clip"), "parts", None) is None


def test_python_s_own_questions_are_answered_as_usual() -> None:
    assert not hasattr(Absent("a", "b", "clip"), "__len__")
