"""The check of one value against one input: what comes in, what goes to the node, what is refused with what words."""

import math
from dataclasses import replace
from typing import Annotated, Any, Literal

import numpy as np
import pytest

from graph.files.file_kinds import AnyKind, FileRefusal
from graph.files.folders import Files
from graph.node_types.node_type import Input
from graph.node_types.sockets import FLOAT, INT, SocketType
from graph.node_types.value_checks import Refusal, admit, admit_literal
from graph.node_types.widgets import FileChoice, Number, Seed, Slider
from tests.support.toys import type_from

Pairs = Annotated[list[Any], SocketType("PAIRS", lambda value: "" if [] not in value else "an empty pair", "pairs")]


def everything(
    whole: int = 0,
    real: float = 0.0,
    text: str = "",
    switch: bool = False,
    steps: Annotated[int, Number(1, 10)] = 1,
    strength: Annotated[float, Slider(0, 1)] = 0.5,
    at_least: Annotated[int, Number(min=2)] = 2,
    at_most: Annotated[int, Number(max=2)] = 2,
    seed: Annotated[int, Seed()] = 0,
    colour: Literal["red", "green", "blue"] = "red",
    file: Annotated[str, FileChoice("input")] = "",
    either: Annotated[int | str, Number(min=0)] = 0,
    anything: Any = None,
    *,
    image: Annotated[Any, SocketType("IMAGE", describe="a picture")],
    maybe: Annotated[Any, SocketType("IMAGE")] | None = None,
    number: int | None = None,
    numbers: list[int] | None = None,
    pairs: list[Pairs] | None = None,
    all_of_it: list[Any] | None = None,
) -> int:
    """Take one of each."""
    return 0


INPUTS = type_from(everything).by_name
NO_FILES = Files()


@pytest.mark.parametrize(
    ("name", "value", "admitted"),
    [
        ("whole", 7, 7),
        ("whole", 20.0, 20),
        ("whole", -(10**30), -(10**30)),
        ("real", 7, 7.0),
        ("real", 0.5, 0.5),
        ("text", "", ""),
        ("switch", True, True),
        ("steps", 1, 1),
        ("steps", 10.0, 10),
        ("strength", 0, 0.0),
        ("strength", 1, 1.0),
        ("seed", 2**64 - 1, 2**64 - 1),
        ("colour", "green", "green"),
        ("either", "text beside a limit for numbers", "text beside a limit for numbers"),
        ("either", 3, 3),
        ("anything", [1, "2"], [1, "2"]),
        ("anything", None, None),
        ("maybe", None, None),
        ("number", None, None),
        ("number", 3.0, 3),
    ],
)
def test_a_value_that_fits_arrives_as_the_node_shall_get_it(name, value, admitted):
    arrived = admit_literal(INPUTS[name], value, NO_FILES)
    assert arrived == admitted
    assert type(arrived) is type(admitted)


@pytest.mark.parametrize(
    ("name", "value", "code", "expected", "got"),
    [
        ("whole", 0.5, "wrong_type", "a whole number", "float 0.5"),
        ("whole", True, "wrong_type", "a whole number", "bool True"),
        ("whole", "7", "wrong_type", "a whole number", "text '7'"),
        ("whole", None, "wrong_type", "a whole number", "nothing"),
        ("whole", [7], "wrong_type", "a whole number", "a list of 1 items"),
        ("whole", math.nan, "not_finite", "a finite number", "nan"),
        ("whole", math.inf, "not_finite", "a finite number", "inf"),
        ("real", -math.inf, "not_finite", "a finite number", "-inf"),
        ("real", True, "wrong_type", "a finite number", "bool True"),
        ("real", 10**400, "above_max", "a finite number", "a number of about 401 digits"),
        ("anything", math.nan, "not_finite", "a finite number", "nan"),
        ("text", 7, "wrong_type", "text", "int 7"),
        ("switch", 1, "wrong_type", "true or false", "int 1"),
        ("steps", 0, "below_min", "a whole number from 1 to 10", "0"),
        ("steps", 11, "above_max", "a whole number from 1 to 10", "11"),
        ("strength", 1.5, "above_max", "a number from 0 to 1", "1.5"),
        ("at_least", 1, "below_min", "a whole number of at least 2", "1"),
        ("at_most", 3, "above_max", "a whole number of at most 2", "3"),
        ("seed", 2**64, "above_max", "a whole number from 0 to 18446744073709551615", "18446744073709551616"),
        ("seed", -1, "below_min", "a whole number from 0 to 18446744073709551615", "-1"),
        ("either", -1, "below_min", "a number of at least 0", "-1"),
        ("either", 0.5, "wrong_type", "a whole number or text", "float 0.5"),
        ("colour", "grn", "not_a_choice", "one of 'red', 'green', 'blue'", "'grn'"),
        ("colour", 1, "not_a_choice", "one of 'red', 'green', 'blue'", "int 1"),
        ("colour", None, "not_a_choice", "one of 'red', 'green', 'blue'", "nothing"),
        ("file", 7, "wrong_type", "a file name", "int 7"),
        ("file", "cat.png", "file_missing", "a file in input/", "cat.png"),
        ("image", "cat", "needs_connection", "a connection from an output of type IMAGE", "text 'cat'"),
        ("image", None, "needs_connection", "a connection from an output of type IMAGE", "nothing"),
        ("maybe", 7, "needs_connection", "a connection from an output of type IMAGE", "int 7"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_with_code_expected_got_and_remedy(name, value, code, expected, got):
    refusal = admit_literal(INPUTS[name], value, NO_FILES)
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.expected, refusal.got) == (code, expected, got)
    assert refusal.message
    assert refusal.remedy


@pytest.mark.parametrize(
    ("name", "expected"), [("text", "text"), ("switch", "true or false"), ("whole", "a finite number")]
)
def test_what_is_not_finite_is_refused_in_the_words_of_the_input(name, expected):
    refusal = admit(INPUTS[name], math.nan, NO_FILES)
    assert (refusal.expected, refusal.got.split()[-1]) == (expected, "nan")


def test_a_number_too_long_to_be_written_is_refused_like_any_other():
    refusal = admit_literal(INPUTS["at_most"], 10**5000, NO_FILES)
    assert (refusal.code, refusal.got) == ("above_max", "a number of about 5001 digits")
    assert admit(INPUTS["colour"], 10**5000, NO_FILES).code == "not_a_choice"


def test_a_wrong_choice_is_answered_with_the_closest_right_one():
    assert admit(INPUTS["colour"], "gren", NO_FILES).remedy == "did you mean 'green'?"


def test_a_limit_is_told_in_the_remedy():
    assert admit(INPUTS["steps"], 50, NO_FILES).remedy == "use a whole number from 1 to 10"


@pytest.mark.parametrize(
    ("value", "remedy"),
    [(100, "use 96 or 104"), (17, "use 16 or 24"), (63, "use 56 or 64"), (101.0, "use 96 or 104")],
)
def test_what_is_no_multiple_is_answered_with_the_nearest_two(value, remedy):
    item = Input("width", INT, 16, Number(16, 64 * 8, 8, multiple_of=8))
    refusal = admit_literal(item, value, NO_FILES)
    assert (refusal.code, refusal.expected) == ("not_a_multiple", "a multiple of 8 from 16 to 512")
    assert (refusal.message, refusal.remedy) == (f"{int(value)} is not a multiple of 8", remedy)
    assert admit(item, value, NO_FILES) == refusal
    assert [admit(item, side, NO_FILES) for side in (16, 104, 512)] == [16, 104, 512]


def test_of_numbers_that_cannot_be_multiples_only_what_is_within_the_limits_is_proposed():
    assert admit(Input("x", INT, 0, Number(multiple_of=8)), -3, NO_FILES).remedy == "use -8 or 0"
    assert admit(Input("x", FLOAT, 0.0, Number(0, 8, multiple_of=8)), 0.5, NO_FILES).remedy == "use 0 or 8"
    assert "a number of about" in admit(Input("x", INT, 0, Number(multiple_of=8)), 10**5000 + 1, NO_FILES).remedy


def test_a_tensor_is_no_choice():
    refusal = admit(INPUTS["colour"], np.zeros((2, 2)), NO_FILES)
    assert (refusal.code, refusal.got) == ("not_a_choice", "a ndarray of shape (2, 2)")


def test_a_value_off_an_edge_may_enter_where_none_can_be_written():
    picture = object()
    assert admit(INPUTS["image"], picture, NO_FILES) is picture


def test_long_lists_of_choices_are_cut(tmp_path):
    for number in range(12):
        (tmp_path / f"{number:02}.png").touch()
    refusal = admit(INPUTS["file"], "dog.webp", Files({"input": [tmp_path]}))
    assert refusal.expected.startswith("one of '00.png', '01.png'")
    assert refusal.expected.endswith("and 4 more")
    assert refusal.remedy.endswith("and 4 more. Else put the file into input/, or choose another")


def test_a_missing_file_is_answered_with_the_closest_one(tmp_path):
    (tmp_path / "cat.png").touch()
    refusal = admit(INPUTS["file"], "cats.png", Files({"input": [tmp_path]}))
    assert refusal.remedy == "did you mean 'cat.png'? Else put the file into input/, or choose another"


def test_a_file_that_is_there_is_admitted(tmp_path):
    (tmp_path / "cat.png").touch()
    assert admit_literal(INPUTS["file"], "cat.png", Files({"input": [tmp_path]})) == "cat.png"


def test_a_file_that_is_known_not_to_load_is_refused_with_the_reason_where_the_input_wants_kinds(tmp_path):
    class Kinds(AnyKind):
        def refusal(self, path, name, fits):
            return FileRefusal(f"{name} is no {fits[0]}", fits[0], path.suffix, "choose another")

    (tmp_path / "cat.png").touch()
    files = Files({"input": [tmp_path]}, kinds=Kinds())
    picky = replace(INPUTS["file"], widget=FileChoice("input", fits=("vae",)))
    refusal = admit(picky, "cat.png", files)
    assert refusal == Refusal("file_unfit", "'cat.png' is no vae", "vae", ".png", "choose another")
    assert admit(INPUTS["file"], "cat.png", files) == "cat.png"
    assert admit(picky, "cat.png", Files({"input": [tmp_path]})) == "cat.png", "where nobody knows, the node says it"


@pytest.mark.parametrize("name", ["../cat.png", "/etc/passwd", "\ud800.png", "a" * 5000, ".", ""])
def test_a_hostile_file_name_is_a_refusal_and_no_crash(tmp_path, name):
    refusal = admit_literal(INPUTS["file"], name, Files({"input": [tmp_path]}))
    assert refusal.code == "file_missing"


@pytest.mark.parametrize(
    ("name", "value", "admitted"),
    [
        ("numbers", [1, 2.0], [1, 2]),
        ("numbers", [], []),
        ("numbers", 3.0, [3]),
        ("numbers", None, None),
        ("pairs", [[1], [2, 3]], [[1], [2, 3]]),
    ],
)
def test_an_input_that_collects_takes_a_list_or_one_value_off_an_edge(name, value, admitted):
    assert repr(admit(INPUTS[name], value, NO_FILES)) == repr(admitted)


def test_of_a_list_the_item_that_does_not_fit_is_named():
    refusal = admit(INPUTS["numbers"], [1, "two", 3], NO_FILES)
    assert (refusal.message, refusal.got) == ("item 1: the value has the wrong type", "text 'two'")


def test_a_list_may_be_one_value_of_a_type_that_is_a_list_itself():
    one = SocketType("ONE", lambda value: "" if isinstance(value, list) else "no list", "a list")

    def take(values: list[Annotated[Any, one]]) -> int:
        """Take."""
        return 0

    assert admit(type_from(take).by_name["values"], [1, 2], NO_FILES) == [[1, 2]]


@pytest.mark.parametrize("name", ["numbers", "all_of_it"])
def test_a_list_is_connected_and_not_written(name):
    assert admit_literal(INPUTS[name], [1, 2], NO_FILES).code == "needs_connection"


def test_a_choice_that_stands_for_no_file_becomes_none(tmp_path):
    def open_one(file: Annotated[str | None, FileChoice("input", none="[None]")] = "[None]") -> str:
        return str(file)

    item = type_from(open_one).by_name["file"]
    files = Files({"input": [tmp_path]})
    assert admit_literal(item, "[None]", files) is None
    assert isinstance(admit_literal(item, "other.png", files), Refusal)
