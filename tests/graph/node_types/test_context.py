"""What a running node may ask of its run."""

from types import SimpleNamespace

import pytest

import graph.node_types.context
from graph.base.errors import NodeError
from graph.files.folders import Files
from graph.node_types.context import Artifact, CancelledError, CancelToken, NodeContext, RunRecord


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still until the test sets it."""
    clock = SimpleNamespace(now=1000.0)
    monkeypatch.setattr(graph.node_types.context, "time", SimpleNamespace(monotonic=lambda: clock.now))
    return clock


def context_with(**options):
    reports = []
    context = NodeContext(Files(), RunRecord("r1"), report=lambda *facts: reports.append(facts), **options)
    return context, reports


def test_progress_is_reported():
    context, reports = context_with()
    context.progress(1, 20)
    context.progress(2.5, 20.0)
    assert reports == [(1, 20, None), (2.5, 20.0, None)]


def test_a_preview_is_made_at_most_every_tenth_of_a_second(clock):
    context, reports = context_with(previews=True)
    for now in (1000.0, 1000.05, 1000.09, 1000.11, 1000.15, 1000.3):
        clock.now = now
        context.progress(now, 2000, lambda: b"picture")
    shown = [value for value, _, picture in reports if picture]
    assert shown == [1000.0, 1000.11, 1000.3]
    assert len(reports) == 6, "progress itself is always told"


def test_the_pause_begins_when_the_preview_is_made_so_that_slow_previews_do_not_pile_up(clock):
    context, reports = context_with(previews=True)

    def slow():
        clock.now += 5
        return b"picture"

    context.progress(1, 3, slow)
    context.progress(2, 3, slow)
    assert [bool(picture) for _, _, picture in reports] == [True, False]


def test_no_preview_is_made_when_nobody_looks(clock):
    context, reports = context_with()
    context.progress(1, 2, lambda: pytest.fail("a preview was made"))
    assert reports == [(1, 2, None)]


def test_progress_and_check_cancelled_raise_once_the_run_is_cancelled():
    token = CancelToken()
    context, reports = context_with(token=token, previews=True)
    context.check_cancelled()
    assert not context.cancelled
    token.cancel()
    token.cancel()
    assert context.cancelled
    with pytest.raises(CancelledError):
        context.check_cancelled()
    with pytest.raises(CancelledError):
        context.progress(1, 2, lambda: pytest.fail("a preview was made"))
    assert reports == []


def test_what_is_shown_is_kept_in_order():
    context, _ = context_with()
    shown = [Artifact("output", f"{number}.png") for number in range(3)]
    for artifact in shown:
        context.show(artifact)
    assert context.artifacts == shown
    assert shown[0].media == "image/png"


def test_what_is_there_is_shown_under_any_name_that_can_be_served():
    context, _ = context_with()
    for name in ("12:30.png", "con.png", f"cats/{'x' * 240}_00001_.png"):
        context.show(Artifact("input", name))
    for name in ("../x.png", ".git/x.png", "/etc/x.png"):
        with pytest.raises(NodeError):
            context.show(Artifact("input", name))


def test_contexts_share_nothing():
    (first, _), (second, _) = context_with(), context_with()
    first.show(Artifact("output", "1.png"))
    first.token.cancel()
    assert (second.artifacts, second.cancelled) == ([], False)
