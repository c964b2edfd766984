"""Which sockets fit each other, which values fit a socket, and how a value is named in a message."""

import math

import numpy as np
import pytest

from graph.node_types.sockets import (
    ANY,
    BOOLEAN,
    COMBO,
    FLOAT,
    INT,
    STRING,
    SocketType,
    ValueRefusedError,
    can_connect,
    describe_value,
    union,
)

IMAGE = SocketType("IMAGE")
MASK = SocketType("MASK", converts={"IMAGE": lambda image: image})


@pytest.mark.parametrize(
    ("output", "target", "fits"),
    [
        (IMAGE, IMAGE, True),
        (IMAGE, SocketType("IMAGE", describe="another object of the same name"), True),
        (IMAGE, ANY, True),
        (ANY, IMAGE, True),
        (IMAGE, union((MASK, IMAGE)), True),
        (union((IMAGE, INT)), IMAGE, True),
        (union((INT, STRING)), union((FLOAT, STRING)), True),
        (INT, FLOAT, True),
        (INT, union((FLOAT, IMAGE)), True),
        (IMAGE, MASK, True),
        (STRING, COMBO, True),
        (COMBO, STRING, True),
        (COMBO, INT, False),
        (MASK, IMAGE, False),
        (FLOAT, INT, False),
        (BOOLEAN, INT, False),
        (STRING, INT, False),
        (IMAGE, union((INT, STRING)), False),
    ],
    ids=lambda value: value.name if isinstance(value, SocketType) else "",
)
def test_sockets_fit_by_name_by_union_and_by_conversion(output, target, fits):
    assert can_connect(output, target).ok is fits


@pytest.mark.parametrize(
    ("output", "target", "reason"),
    [
        (IMAGE, INT, "IMAGE does not fit INT"),
        (union((IMAGE, MASK)), union((INT, STRING)), "IMAGE or MASK does not fit INT or STRING"),
    ],
)
def test_a_refused_edge_says_why(output, target, reason):
    assert can_connect(output, target).reason == reason


def test_a_conversion_is_named_and_converts():
    fit = can_connect(INT, FLOAT)
    assert "INT is converted to FLOAT" in fit.reason
    assert repr(fit.convert(3)) == "3.0"


MARKED = SocketType("MARKED", lambda value: "" if str(value).startswith("m") else describe_value(value), "marked")
DRAWN = SocketType(
    "DRAWN",
    lambda value: "" if str(value).startswith("d") else describe_value(value),
    "drawn",
    {"MARKED": "d of {}".format},
)


@pytest.mark.parametrize(
    ("output", "target", "came", "arrives"),
    [
        (union((MARKED, DRAWN)), DRAWN, "m", "d of m"),
        (union((MARKED, DRAWN)), DRAWN, "d", "d"),
        (union((DRAWN, MARKED)), union((DRAWN, INT)), "m", "d of m"),
        (union((DRAWN, MARKED)), union((MARKED, DRAWN)), "m", "m"),
        (union((INT, STRING)), FLOAT, 3, 3.0),
        (union((INT, STRING)), FLOAT, "4.5", "4.5"),
        (union((INT, STRING)), FLOAT, None, None),
        (union((SocketType("MARKED"), STRING)), DRAWN, 5, "d of 5"),
        (SocketType("MARKED,STRING"), DRAWN, 5, "d of 5"),
        (SocketType("MARKED,DRAWN"), DRAWN, 5, 5),
    ],
)
def test_of_a_union_that_is_converted_which_can_be_converted(output, target, came, arrives):
    fit = can_connect(output, target)
    assert fit.ok
    found = fit.convert(came) if fit.convert else came
    assert (type(found), found) == (type(arrives), arrives)


def test_of_two_members_that_convert_a_type_the_first_does_it():
    other = SocketType("OTHER", None, "", {"MARKED": "o of {}".format, "INT": str})
    for target, arrives in ((union((DRAWN, other)), "d of m"), (union((other, DRAWN)), "o of m")):
        assert can_connect(MARKED, target).convert("m") == arrives


def test_equal_types_are_not_converted():
    assert can_connect(FLOAT, FLOAT).convert is None


def test_a_union_with_anything_is_anything():
    assert union((INT, ANY)).name == "*"


def test_a_union_names_each_member_once():
    assert union((INT, union((STRING, INT)))).names == ("INT", "STRING")


@pytest.mark.parametrize(
    ("socket", "good", "bad"),
    [
        (INT, [0, -1, 10**30], [True, 1.0, "1", None]),
        (FLOAT, [0.5, 3, -0.0], [True, math.nan, math.inf, -math.inf, "0.5", None]),
        (STRING, ["", "text"], [1, None, b"text"]),
        (BOOLEAN, [True, False], [0, 1, "true", None]),
        (union((INT, STRING)), [1, "1"], [1.5, None, True]),
    ],
    ids=["INT", "FLOAT", "STRING", "BOOLEAN", "INT,STRING"],
)
def test_values_are_checked_at_the_door(socket, good, bad):
    for value in good:
        assert socket.enforce(value) is value
    for value in bad:
        with pytest.raises(ValueRefusedError) as caught:
            socket.enforce(value)
        assert caught.value.expected == socket.describe
        assert caught.value.got


def test_a_type_without_a_check_takes_everything():
    assert IMAGE.enforce(None) is None


@pytest.mark.parametrize(
    ("value", "named"),
    [
        (None, "nothing"),
        (True, "bool True"),
        (7, "int 7"),
        (0.5, "float 0.5"),
        ("cat", "text 'cat'"),
        ("x" * 50, f"text '{'x' * 40}'..."),
        ([1, 2], "a list of 2 items"),
        ((1,), "a tuple of 1 items"),
        ({}, "a dict of 0 items"),
        (np.zeros((2, 3)), "a ndarray of shape (2, 3)"),
        (object(), "a object"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_a_value_is_named_in_a_few_words(value, named):
    assert describe_value(value) == named


class _StrangeShape:
    shape = 5


@pytest.mark.parametrize("value", [10**4000, -(10**100_000), _StrangeShape(), "\ud800" * 99], ids=type)
def test_naming_a_value_is_never_long_and_never_raises(value):
    assert len(describe_value(value)) < 300


def test_a_huge_number_is_named_by_its_digits():
    assert describe_value(10**5000) == "a number of about 5001 digits"
