"""The node that shows the curve: a picture in the temp folder, and words on what is odd."""

import math

import pytest
from PIL import Image

from graph.api import NodeError
from nodes.loss_graph import plot_loss_graph


@pytest.fixture
def warned(ctx):
    told = []
    ctx.report_warning = told.append
    return told


def test_the_curve_is_shown_on_the_node(ctx, files, warned):
    plot_loss_graph(loss={"loss": [0.5, 0.4, 0.3], "steps": [1, 2, 3]}, ctx=ctx)
    (shown,) = ctx.artifacts
    assert (shown.folder, shown.media) == ("temp", "image/png")
    assert shown.name.startswith("loss_graph")
    with Image.open(files.root("temp") / shown.name) as picture:
        assert picture.size == (720, 420)
    assert warned == []


def test_each_run_has_a_file_of_its_own_below_its_prefix(ctx):
    for _ in range(2):
        plot_loss_graph(loss={"loss": [0.5, 0.4]}, filename_prefix="cats/curve", ctx=ctx)
    names = [shown.name for shown in ctx.artifacts]
    assert len(set(names)) == 2
    assert all(name.startswith("cats/curve") for name in names)


@pytest.mark.parametrize(
    ("losses", "words"), [([], "made no step"), ([0.1, math.nan], "1 of 2 losses are not a number")]
)
def test_what_is_odd_is_said_and_the_picture_is_shown_all_the_same(ctx, warned, losses, words):
    plot_loss_graph(loss={"loss": losses}, ctx=ctx)
    assert len(ctx.artifacts) == 1
    assert len(warned) == 1
    assert words in warned[0]


def test_a_name_that_leads_out_is_refused(ctx):
    with pytest.raises(NodeError):
        plot_loss_graph(loss={"loss": [1.0]}, filename_prefix="../out", ctx=ctx)
