"""What words in a file name stand for, what is no word, what can never be saved, and what is done about long names."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.files.name_patterns import Word, check, filled, folder_of, parse, parse_alone, unfilled
from graph.files.name_rules import LONGEST_PART, FileNameError, safe_name

NOW = datetime(2026, 3, 7, 4, 5, 9, tzinfo=UTC)
OWN = ("width", "height", "batch_num")
KNOWN = {
    "width": 640,
    "height": 480,
    "batch_num": 2,
    "KSampler.seed": 77,
    "KSampler.cfg": 7.5,
    "What to paint.text": "a cat: 2/3?",
    "On.value": True,
    "Empty.value": "",
    "Dots.value": "...",
    "Hidden.value": ".git",
    "Device.value": "con",
    "End.value": "a red boat.",
    "Up.value": "../../etc",
    "Half.value": "x\ud800y",
    "Word.value": "%year% %width%",
    "Huge.value": 10**5000,
    "Lines.value": "one\ntwo",
}


def name(pattern):
    return filled(pattern, KNOWN, NOW).as_posix()


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("cat", "cat"),
        (" cat ", "cat"),
        ("%year%-%month%-%day%", "2026-03-07"),
        ("%hour%%minute%%second%", "040509"),
        ("%width%x%height%", "640x480"),
        ("%date:yyyy-MM-dd%/cat", "2026-03-07/cat"),
        ("%date:yy.M.d hh-mm-ss%", "26.3.7 04-05-09"),
        ("%date:hh:mm%", "04_05"),
        ("%date:yyyy/MM%", "2026_03"),
        ("%KSampler.seed%", "77"),
        ("%KSampler.cfg%", "7.5"),
        ("%On.value%", "True"),
        ("%What to paint.text%", "a cat_ 2_3_"),
        ("%batch_num%", "2"),
        ("100%", "100%"),
        ("100% wool", "100% wool"),
        ("100% wool, 50% silk", "100% wool, 50% silk"),
        ("50%_%date:yyyy-MM-dd%", "50%_2026-03-07"),
        ("50%off%width%", "50%off640"),
        ("%%width%%", "%640%"),
        ("%width%%", "640%"),
        ("%", "%"),
        ("%%", "%%"),
        ("v1.5%x v2.0%", "v1.5%x v2.0%"),
        ("%Empty.value%", "_"),
        ("%Empty.value%/x", "_/x"),
        ("x%Empty.value%", "x"),
        ("%Dots.value%", "_"),
        ("%Hidden.value%", "git"),
        ("%Device.value%", "_con"),
        ("%End.value%", "a red boat"),
        ("%Up.value%", "_.._etc"),
        ("%Half.value%", "x_y"),
        ("%Word.value%", "%year% %width%"),
        ("%Huge.value%", "_"),
        ("%Lines.value%", "one_two"),
    ],
)
def test_words(pattern, expected):
    assert name(pattern) == expected


def test_a_word_that_nobody_knows_stays_and_is_told():
    assert name("%Nothing.seed% %width%") == "%Nothing.seed% 640"
    assert unfilled("%Nothing.seed% %width% %yaer% 100% wool", KNOWN) == ["%Nothing.seed%", "%yaer%"]


@pytest.mark.parametrize("text", ["%yaer%", "%KSampler.sed%", "%date:%", "%date%", "%a.b%", "%What to paint.txet%"])
def test_what_somebody_mistyped_is_seen(text):
    assert parse(f"x{text}", KNOWN.__contains__) == ["x", Word(text.strip("%"), known=False)]


@pytest.mark.parametrize("text", ["% wool%", "%wool %", "%50%", "%_%", "%x y%", "%v2.0%", "% a.b%", "%/%", "%-%"])
def test_what_is_no_word_is_left_in_peace(text):
    assert parse(text, KNOWN.__contains__) == [text]


LONG = "猫" * 300


def test_a_long_text_is_cut_in_bytes_at_the_border_of_a_character_and_takes_nothing_else_away():
    found = filled("%What.text% %KSampler.seed%_%width%", {**KNOWN, "What.text": LONG}, NOW).as_posix()
    assert found.endswith("猫 77_640")
    assert LONGEST_PART - 3 < len(found.encode()) <= LONGEST_PART
    folders = filled("%What.text%/%What.text%", {"What.text": LONG}, NOW)
    assert [len(part) for part in folders.parts] == [66, 66]
    assert filled("x" * 300, {}, NOW).as_posix() == "x" * LONGEST_PART


@pytest.mark.parametrize(
    "pattern",
    ["", " ", "/etc/cat", "../cat", "a/../../cat", "C:/cat", "a\\b", "~/cat", "con", "a\0b", "cats/", "a:b", "trail.",
     "a. /b", ".drafts/x", "cats/.x", "%width%/", "a:%KSampler.seed%", "%width%|x", "a/" * 16 + "b", "con/%width%"],
)  # fmt: skip
def test_what_can_never_be_saved_is_known_before(pattern):
    error = check(pattern, OWN)
    assert error is not None
    assert error.remedy.startswith("use a name such as ")
    if "%" not in pattern:  # what is filled in is mended, and what stands beside it with it
        with pytest.raises(FileNameError):
            name(pattern)


@pytest.mark.parametrize(
    ("pattern", "better"),
    [
        (".drafts/%KSampler.seed%", "drafts/%KSampler.seed%"),
        ("a:%date:hh:mm%", "a_%date:hh:mm%"),
        ("%width%\\x", "%width%/x"),
        ("cats/", "cats"),
        ("%yaer%:x", "yaer_x"),
        ("", "picture"),
        ("%a:b%", "_a_b_"),
    ],
)
def test_the_name_that_is_proposed_keeps_the_words(pattern, better):
    assert check(pattern, OWN).remedy == f"use a name such as {better!r}"


PIECES = st.one_of(
    st.sampled_from(["%width%", "%date:yyyy%", "%A.b%", "%a.b%", "%yaer%", *"%/\\:. ~x猫", "con"]),
    st.characters(),
)  # fmt: skip
PATTERNS = st.lists(PIECES, max_size=30).map("".join)


@given(PATTERNS)
def test_what_a_refusal_proposes_is_not_refused_itself(pattern):
    error = check(pattern, OWN)
    if error is not None:
        better = eval(error.remedy.removeprefix("use a name such as "))  # noqa: S307 - our own text
        assert check(better, OWN) is None
        assert all(isinstance(part, str) or part.known for part in parse_alone(better, OWN))


@given(PATTERNS, st.text(max_size=400))
def test_what_is_filled_in_never_makes_a_name_that_cannot_be_saved(pattern, value):
    if check(pattern, OWN) is None:
        words = {**dict.fromkeys(OWN, value), "A.b": value, "a.b": value, "yaer": value}
        found = filled(pattern, words, NOW)
        assert safe_name(found.as_posix()) == found
        assert found.is_relative_to(folder_of(pattern, OWN))
