"""Why a call ran: the inputs that differ from the nearest call that is remembered."""

import pytest

from graph.caching.call_history import CHECKED, FORGOTTEN, NEW, History, InputChange, Part, literal_part, not_reusable


def parts(**values):
    """Inputs from plain values; one that comes from a node is written as a pair of the node's id and the value."""
    return {
        name: Part(repr(value[1]).encode(), f"output of {value[0]}", value[0])
        if isinstance(value, tuple)
        else Part(repr(value).encode(), str(value))
        for name, value in values.items()
    }


class Earlier(History):
    """A history of which every call is of a run of its own."""

    def remember(self, *call):
        super().remember(*call)
        self.begin()


@pytest.fixture
def history():
    return Earlier()


def test_calls_of_the_same_run_are_not_compared_with():
    history = History()
    history.remember("Prompt", "6", b"v1", parts(text="a cat"))
    assert history.reason("Prompt", "7", b"v1", parts(text="a dog")) is NEW
    assert history.reason("Prompt", "6", b"v1", parts(text="a cat")) is NEW
    history.begin()
    assert history.reason("Prompt", "7", b"v1", parts(text="a dog")).code == "changed"
    assert history.reason("Prompt", "6", b"v1", parts(text="a cat")) is FORGOTTEN


def test_a_node_of_which_nothing_is_remembered_is_new(history):
    assert history.reason("Blur", "1", b"v1", parts(radius=2)) is NEW


def test_the_input_that_changed_is_named_with_what_it_was_and_is(history):
    history.remember("Blur", "1", b"v1", parts(radius=2, image=("7", "x")))
    reason = history.reason("Blur", "1", b"v1", parts(radius=3, image=("7", "x")))
    assert reason.code == "changed"
    assert reason.inputs == (InputChange("radius", "2", "3"),)
    assert reason.message == "changed: radius (2 -> 3)"
    assert reason.as_json() == {
        "code": "changed", "message": "changed: radius (2 -> 3)",
        "inputs": [{"name": "radius", "was": "2", "now": "3", "source": ""}],
    }  # fmt: skip


def test_an_input_off_an_edge_is_told_with_the_node_that_feeds_it(history):
    history.remember("Blur", "1", b"v1", parts(image=("7", "x")))
    reason = history.reason("Blur", "1", b"v1", parts(image=("7", "y")))
    assert reason.inputs == (InputChange("image", "output of 7", "output of 7", "7"),)
    assert reason.message == "changed: image (from node 7)"


LONG = "a red cat in a meadow, " * 10


@pytest.mark.parametrize(
    ("was", "now", "shown_was", "shown_now"),
    [
        (LONG + "sharp", LONG + "blurred", "a meadow, sharp", "a meadow, blurred"),
        (LONG, LONG + "sharp", "in a meadow, ", "in a meadow, sharp"),
        (LONG + "sharp" + LONG, LONG + "blurred" + LONG, "sharpa red", "blurreda red"),
        ("one " + LONG, "two " + LONG, "one a red", "two a red"),
        ("short", "shorter", "short", "shorter"),
    ],
)
def test_of_long_texts_the_place_is_shown_where_they_differ(history, was, now, shown_was, shown_now):
    history.remember("Prompt", "1", b"v1", {"text": literal_part(was)})
    reason = history.reason("Prompt", "1", b"v1", {"text": literal_part(now)})
    (change,) = reason.inputs
    assert shown_was in change.was
    assert shown_now in change.now
    assert change.was != change.now
    assert max(len(change.was), len(change.now)) <= 80
    assert f"{change.was.strip()} -> {change.now.strip()}" in reason.message


@pytest.mark.parametrize(
    ("was", "now"), [("1", 1), ("a cat\n", "a cat"), ("x" * 2000 + "1", "x" * 2000 + "2"), (True, "True")]
)
def test_what_differs_without_looking_so_is_told_to_do_so(history, was, now):
    history.remember("Prompt", "1", b"v1", {"text": literal_part(was)})
    assert history.reason("Prompt", "1", b"v1", {"text": literal_part(now)}).message.endswith("only looks the same)")


def test_a_reason_is_one_line(history):
    history.remember("Prompt", "1", b"v1", parts(text="one\ntwo"))
    reason = history.reason("Prompt", "1", b"v1", parts(text="one\nthree"))
    assert reason.message == "changed: text (one two -> one three)"
    assert reason.inputs[0].now == "one\nthree"


def test_inputs_that_came_or_went_are_changes(history):
    history.remember("Blur", "1", b"v1", parts(radius=2, mask="m"))
    reason = history.reason("Blur", "1", b"v1", parts(radius=2, edge="e"))
    assert reason.inputs == (InputChange("edge", "", "e"), InputChange("mask", "m", ""))
    assert reason.message == "changed: edge (nothing -> e), mask (m -> nothing)"


def test_many_changes_are_all_listed_and_only_some_told(history):
    history.remember("Blur", "1", b"v1", parts(a=1, b=1, c=1, d=1, e=1))
    reason = history.reason("Blur", "1", b"v1", parts(a=2, b=2, c=2, d=2, e=2))
    assert len(reason.inputs) == 5
    assert reason.message == "changed: a (1 -> 2), b (1 -> 2), c (1 -> 2) and 2 more"


def test_the_same_inputs_with_other_code_say_so(history):
    history.remember("Blur", "1", b"v1", parts(radius=2))
    assert history.reason("Blur", "1", b"v2", parts(radius=2)).code == "code"
    assert "code" in history.reason("Blur", "1", b"v2", parts(radius=3)).message


@pytest.mark.parametrize("node", ["1", "2"])
def test_a_call_that_was_made_before_was_forgotten(history, node):
    history.remember("Blur", "1", b"v1", parts(radius=2))
    history.remember("Blur", "1", b"v1", parts(radius=3))
    assert history.reason("Blur", node, b"v1", parts(radius=2)) is FORGOTTEN


def test_the_same_node_is_the_nearest_though_another_is_more_alike(history):
    history.remember("Blur", "1", b"v1", parts(radius=1, image="a", mask="a"))
    history.remember("Blur", "2", b"v1", parts(radius=2, image="b", mask="b"))
    reason = history.reason("Blur", "1", b"v1", parts(radius=1, image="b", mask="b"))
    assert [change.name for change in reason.inputs] == ["image", "mask"]


def test_a_new_node_is_compared_with_the_call_of_its_type_that_is_most_alike(history):
    history.remember("Blur", "1", b"v1", parts(radius=1, image="a", mask="a"))
    history.remember("Blur", "2", b"v1", parts(radius=2, image="b", mask="b"))
    history.remember("Blur", "3", b"v1", parts(radius=9, image="c", mask="c"))
    history.remember("Sharpen", "4", b"v1", parts(radius=5, image="b", mask="b"))
    reason = history.reason("Blur", "5", b"v1", parts(radius=9, image="b", mask="b"))
    assert reason.inputs == (InputChange("radius", "2", "9"),)


def test_a_new_node_that_is_like_none_of_its_type_is_compared_with_the_last_one(history):
    history.remember("Blur", "1", b"v1", parts(radius=1))
    history.remember("Blur", "2", b"v1", parts(radius=2))
    assert history.reason("Blur", "3", b"v1", parts(radius=3)).inputs == (InputChange("radius", "2", "3"),)


def test_the_oldest_calls_are_forgotten_and_leave_nothing_behind():
    history = Earlier(max_calls=10)
    for number in range(50):
        history.remember("Blur", str(number), b"v1", parts(radius=number, image=f"i{number}"))
    assert len(history) == 10
    assert history.reason("Blur", "49", b"v1", parts(radius=49, image="i49")) is FORGOTTEN
    assert history.reason("Blur", "3", b"v1", parts(radius=3, image="i3")).code == "changed"
    assert history.lookup_sizes == (10, 20)
    assert len(history.take_unsaved()) == 10


def test_nodes_that_make_the_same_call_do_not_pile_up():
    history = Earlier(max_calls=10)
    for number in range(50):
        history.remember("Blur", str(number), b"v1", parts(radius=1))
    assert len(history) == 1
    assert history.lookup_sizes == (10, 1)


def test_a_call_that_is_made_again_is_young_again():
    history = Earlier(max_calls=2)
    for radius in (1, 2, 1, 3):
        history.remember("Blur", "1", b"v1", parts(radius=radius))
    assert history.reason("Blur", "1", b"v1", parts(radius=1)) is FORGOTTEN
    assert history.reason("Blur", "1", b"v1", parts(radius=2)).code == "changed"


def test_what_was_written_down_answers_as_before(history):
    history.remember("Blur", "1", b"v1", parts(radius=2))
    saved = history.take_unsaved()
    assert history.take_unsaved() == []
    later = History(saved)
    assert later.reason("Blur", "1", b"v1", parts(radius=3)).inputs == (InputChange("radius", "2", "3"),)
    assert later.take_unsaved() == []


def test_other_reasons_have_words():
    assert CHECKED.as_json()["code"] == "checked"
    assert not_reusable("the node is declared with cache=False").as_json() == {
        "code": "not_reusable", "message": "the node is declared with cache=False"
    }  # fmt: skip
