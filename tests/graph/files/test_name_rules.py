"""Names of new files can be held by every system; names of what is there stay inside; remedies are never refused."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.files.name_rules import LONGEST_PART, FileNameError, cut, inside_name, is_unicode, mended_name, safe_name

LETTERS = st.text(alphabet=st.one_of(st.sampled_from('./\\ ~:?*"<>|\0\x1f\x7fconCONlpt1猫é\ud800-%'), st.characters()))
NAMES = st.one_of(LETTERS, st.lists(LETTERS, max_size=20).map("/".join), LETTERS.map(lambda text: text * 120))


@given(NAMES)
def test_what_a_refusal_proposes_is_not_refused_itself(name):
    try:
        safe_name(name)
    except FileNameError as error:
        proposed = mended_name(name)
        assert error.remedy == f"use a name such as {proposed!r}"
        assert safe_name(proposed).as_posix() == proposed


@given(NAMES)
def test_a_name_that_may_be_written_may_be_read(name):
    try:
        path = safe_name(name)
    except FileNameError:
        return
    assert inside_name(name) == path
    assert all(len(part.encode()) <= LONGEST_PART and not part.startswith(".") for part in path.parts)


@given(NAMES)
def test_a_name_that_may_be_read_goes_down_only_and_not_into_what_is_hidden(name):
    try:
        parts = inside_name(name).parts
    except FileNameError as error:
        assert error.remedy
        return
    assert parts
    assert not any(part.startswith(".") or part == "/" or "\0" in part for part in parts)
    assert is_unicode(name)


@pytest.mark.parametrize(
    "name",
    ["12:30.png", "what?.png", "a|b.png", "~x.png", "a\\b.png", 'say "hi".png', "con.png", "x.", "x ", "a./b", "C:x",
     "a\nb.png", "x" * 250, "<b>.png"],
)  # fmt: skip
def test_what_people_have_is_read_though_nothing_new_is_called_so(name):
    assert inside_name(name).as_posix() == name
    with pytest.raises(FileNameError):
        safe_name(name)


@pytest.mark.parametrize(
    ("name", "proposed"),
    [
        (".drafts/x", "drafts/x"),
        ("a\\b", "a/b"),
        ("C:\\x", "C_/x"),
        ("a:b", "a_b"),
        ("", "picture"),
        ("trail.", "trail"),
        ("con", "_con"),
        ("../x", "x"),
        ("/etc/cat", "etc/cat"),
        ("x" * 201, "x" * 200),
    ],
)
def test_the_name_that_is_proposed_is_like_the_one_that_was_meant(name, proposed):
    with pytest.raises(FileNameError, match=re.escape(repr(name[:60])[:-1])) as caught:
        safe_name(name)
    assert caught.value.remedy == f"use a name such as {proposed!r}"


@given(st.text(), st.integers(0, 50))
def test_a_text_is_cut_at_the_border_of_a_character(text, most):
    found = cut(text, most)
    if is_unicode(text):
        assert len(found.encode()) <= most
    assert text.startswith(found)
