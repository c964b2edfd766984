"""Numbers: compared and calculated as on paper, with words for what has no answer; and a loop that ends by them."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from graph.api import NodeError
from nodes.numbers import calculate, compare, get_image_size
from tests.support.documents import document, subworkflow

NUMBERS = st.floats(-1e6, 1e6) | st.integers(-(2**53), 2**53).map(float)


@given(NUMBERS, NUMBERS)
def test_comparisons_answer_as_one_would(a, b):
    answers = {words: compare(a=a, comparison=words, b=b) for words in ("a < b", "a = b", "a > b")}
    assert sum(answers.values()) == 1
    assert compare(a=a, comparison="a <= b", b=b) == (answers["a < b"] or answers["a = b"])
    assert compare(a=a, comparison="a >= b", b=b) == (answers["a > b"] or answers["a = b"])
    assert compare(a=a, comparison="a is not b", b=b) != answers["a = b"]


@pytest.mark.parametrize(
    ("a", "operation", "b", "result", "whole"),
    [
        (2, "a + b", 3, 5, 5),
        (2, "a - b", 3.5, -1.5, -1),
        (1.5, "a x b", 3, 4.5, 5),
        (7, "a / b", 2, 3.5, 4),
        (7, "remainder of a / b", 4, 3, 3),
        (2, "a to the power of b", 0.5, math.sqrt(2), 1),
        (2, "the smaller one", 3, 2, 2),
        (2, "the larger one", 3, 3, 3),
        (2.0**53, "a - b", 1, 2.0**53 - 1, 2**53 - 1),
    ],
)
def test_a_result_comes_as_it_is_and_as_the_next_whole_number(a, operation, b, result, whole):
    assert calculate(a=a, operation=operation, b=b) == (result, whole)


@given(NUMBERS)
def test_a_whole_number_is_at_most_a_half_away(a):
    found = calculate(a=a, operation="a + b", b=0.0)
    assert abs(found.INT - a) <= 0.5


@pytest.mark.parametrize(
    ("a", "operation", "b", "socket"),
    [
        (1, "a / b", 0, "b"),
        (1, "remainder of a / b", 0, "b"),
        (10, "a to the power of b", 1e6, "operation"),
        (-8, "a to the power of b", 0.5, "operation"),
        (0, "a to the power of b", -1, "operation"),
        (1e308, "a x b", 10, "operation"),
        (math.nan, "a + b", 1, "a"),
        (1, "a + b", math.inf, "b"),
    ],
)
def test_what_has_no_answer_is_an_error_that_names_the_input(a, operation, b, socket):
    with pytest.raises(NodeError) as error:
        calculate(a=a, operation=operation, b=b)
    assert (error.value.input, bool(error.value.remedy)) == (socket, True)


def test_a_root_of_a_negative_number_is_told_apart_from_what_is_too_large():
    with pytest.raises(NodeError, match="has no answer"):
        calculate(a=-8, operation="a to the power of b", b=0.5)
    with pytest.raises(NodeError, match="too large"):
        calculate(a=10, operation="a to the power of b", b=1e6)


def test_what_is_no_number_is_not_compared():
    with pytest.raises(NodeError, match="a is nan"):
        compare(a=math.nan, comparison="a < b", b=1.0)


def test_the_size_of_pictures_is_told():
    assert get_image_size(image=torch.zeros(2, 5, 7, 3)) == (7, 5, 2)


def test_a_loop_ends_by_a_condition(engine, put):
    """A picture is made larger until it is wide enough: 8, 12, 18, 27, 40 and 60 pixels."""
    put("small.png", Image.new("RGB", (8, 6)))
    body = subworkflow(
        {"state": "larger.image"},
        {"state": "@larger.IMAGE", "go_on": "@wide.BOOLEAN"},
        larger=("ImageScaleBy", {"scale_by": 1.5}),
        size=("GetImageSize", {"image": "@larger.IMAGE"}),
        twice=("Calculate", {"a": "@size.width", "operation": "a x b", "b": 2}),
        wide=("Compare", {"a": "@twice.INT", "comparison": "a < b", "b": 100}),
    )
    workflow = document(
        subworkflows={"grow": body},
        picture=("LoadImage", {"image": "small.png"}),
        loop=("While", {"state": "@picture.IMAGE", "body": "grow"}),
        end=("GetImageSize", {"image": "@loop.output"}),
    )
    outcome = engine.run(workflow, ["end"])
    assert outcome.status == "finished"
    assert 50 <= outcome.values["end"]["width"] < 75
    assert len([node for node in outcome.seconds if node.endswith("larger")]) == 5
