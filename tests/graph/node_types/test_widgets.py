"""What a widget may be, read off a node's signature."""

from typing import Annotated

import pytest

from graph.node_types.node_type import NodeDefinitionError
from graph.node_types.widgets import (
    SEED_CONTROLS,
    SEED_MAX,
    WIDGETS,
    Choice,
    FileChoice,
    Number,
    Seed,
    Slider,
    Text,
    Toggle,
)
from tests.support.toys import type_from


def test_a_slider_needs_both_limits():
    def half_open(strength: Annotated[float, Slider(0)] = 0.5) -> float:
        """Has no upper end."""
        return strength

    with pytest.raises(NodeDefinitionError, match=r"Toy\.strength: a slider needs both limits"):
        type_from(half_open)


def test_a_number_needs_no_limits():
    assert (Number().min, Number().max, Number().step) == (None, None, None)


def test_seeds_go_from_zero_to_the_largest_64_bit_number():
    assert (Seed().min, Seed().max) == (0, SEED_MAX) == (0, 2**64 - 1)


def test_seeds_have_four_controls():
    assert SEED_CONTROLS == ("fixed", "randomize", "increment", "decrement")


def test_every_widget_is_known_by_its_kind():
    assert list(WIDGETS) == ["number", "slider", "seed", "text", "toggle", "choice", "file", "subworkflow"]
    assert {kind: widget.sets for kind, widget in WIDGETS.items() if widget.sets} == {
        "number": ("INT", "FLOAT"), "slider": ("INT", "FLOAT"), "seed": ("INT",), "text": ("STRING",),
        "toggle": ("BOOLEAN",), "subworkflow": ("BODY",),
    }  # fmt: skip


def test_widgets_are_told_apart_by_their_kind():
    widgets = [Number(), Slider(0, 1), Seed(), Text(), Toggle(), Choice(("a",)), FileChoice("input")]
    assert [item.kind for item in widgets] == ["number", "slider", "seed", "text", "toggle", "choice", "file"]


def test_the_kinds_of_files_that_fit_are_a_tuple():
    assert FileChoice("vae", fits=("vae",)).fits == ("vae",)
    with pytest.raises(TypeError, match=r"fits='vae' is no tuple of kinds"):
        FileChoice("vae", fits="vae")
