"""Running and saving a workflow of a script."""

import json
import signal
import threading

import pytest

from graph.api import CancelledError
from graph.base.errors import WorkflowError
from graph.document.reader import read
from graph.document.workflow import Node, Workflow
from graph.node_types.context import CancelToken
from graph.running import events
from graph.scripting.errors import RunFailedError
from graph.scripting.script import ScriptWorkflow


def test_values_of_outputs_and_nodes(w):
    two = w.Split(value=w.Any(value=2))
    assert w.run(two.half) == 1.0
    assert w.run(two) == (2, 1.0)
    assert w.run(w["Any"], two.whole) == (2, 2)


def test_without_targets_everything_that_saves_or_shows_is_run(w, recorder, files):
    files.root("output").mkdir(exist_ok=True)
    shown = w.Show(value=3, name="a")
    w.Add(name="not needed")
    outcome = w.run()
    assert outcome.status == "finished"
    assert w.outcome is outcome
    assert recorder.calls == ["a"]
    assert w.run(shown) == [files.root("output") / "a.txt"]
    assert w.outcome.reused == ("1",)


def test_results_are_remembered_from_run_to_run_and_for_other_workflows_of_the_session(w, session, recorder):
    node = w.Add(number=2, name="a")
    w.run(node)
    w.run(node)
    node.title = "Another title"
    w.run(node)
    other = ScriptWorkflow(session)
    other.Text()
    other.run(other.Add(name="a", number=2))
    assert recorder.take() == ["a"]
    node.inputs["number"] = 3
    w.run(node)
    assert recorder.take() == ["a"]
    assert (w.outcome.ran, w.outcome.reused) == (("1",), ())


def test_what_cannot_run_is_refused_before_anything_runs(w):
    node = w.Add(number=1)
    last = w.Split(value=node)
    w.remove(node)
    with pytest.raises(WorkflowError, match="input value: a required input is missing"):
        w.run(last)
    with pytest.raises(WorkflowError, match="input value"):
        w.check(last)
    with pytest.raises(WorkflowError, match="nothing to run"):
        w.run()
    with pytest.raises(TypeError, match="takes nodes and outputs of its workflow, not str"):
        w.run("2")
    with pytest.raises(ValueError, match="is of another workflow"):
        w.run(ScriptWorkflow(w.session).Add())


def test_a_failing_node_is_raised_with_its_remedy_and_the_outcome(w):
    broken = w.Fail(how="node_error")
    with pytest.raises(RunFailedError, match=r"node 1 .Fail., input in0: the yarn is torn\n.*mend the yarn") as raised:
        w.run(w.Add(in0=broken))
    assert raised.value.outcome is w.outcome
    assert w.outcome.status == "failed"
    broken.inputs["how"] = "plain"
    with pytest.raises(RunFailedError, match="the loom is on fire") as raised:
        w.run(broken)
    assert "toys.py" in "".join(raised.value.__notes__), "where in its code the node failed"


def test_events_and_progress_are_seen(w, session):
    node, seen = w.Progress(), []
    w.run(node, on_event=seen.append, previews=True)
    assert [event.value for event in seen if isinstance(event, events.NodeProgressed)] == [1, 2, 3]
    assert next(event.preview for event in seen if isinstance(event, events.NodeProgressed))
    node.inputs["name"] = "again"
    w.run(node, on_event=seen.append, progress=True)
    assert session.shown[0] is None
    assert session.shown[1] is True
    assert isinstance(session.shown[-1], events.RunFinished)


def test_ctrl_c_cancels_at_the_next_step_and_is_raised_then(w, recorder, monkeypatch):
    class Token(CancelToken):
        def cancel(self):
            super().cancel()
            recorder.open_gate("slow")

    def press():
        recorder.wait_until_called("slow")
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

    monkeypatch.setattr("graph.scripting.script.CancelToken", Token)
    last = w.Add(in0=w.WaitCancelled(name="slow"))
    thread = threading.Thread(target=press)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        w.run(last)
    thread.join()
    assert w.outcome.status == "cancelled"
    assert recorder.take() == ["slow"], "what comes after it does not run"


def test_a_run_is_cancelled_from_another_thread(w, recorder):
    node = w.WaitCancelled(name="slow")

    def cancel():
        recorder.wait_until_called("slow")
        w.cancel()
        recorder.open_gate("slow")

    w.cancel()  # nothing runs
    thread = threading.Thread(target=cancel)
    thread.start()
    with pytest.raises(CancelledError, match="the run was cancelled"):
        w.run(node)
    thread.join()


def test_given_values_run_like_others_and_are_remembered_by_what_they_are(w, recorder):
    class Unknown:
        pass

    node = w.Any(value=(1, "a", [2]), name="known")
    assert w.run(node) == (1, "a", [2])
    w.Any(value=(1, "a", [2]), name="known")
    w.run(w["2"])
    assert recorder.take() == ["known"]
    thing = Unknown()
    node = w.Any(value=thing, name="unknown")
    assert w.run(node) is thing
    w.run(node)
    assert recorder.take() == ["unknown", "unknown"], "what nobody can identify is never reused"


def test_the_saved_file_is_the_document_with_places_and_runs_to_the_same(w, session, tmp_path, recorder):
    w.title = "Numbers"
    node = w.Add(number=5, name="a", in0=w.Add(number=3, name="b"))
    expected = w.run(node)
    recorder.take()
    path = w.save(tmp_path / "numbers.json")
    found = read(path)
    assert found.title == "Numbers"
    assert all(each.position is not None for each in found.nodes.values())
    assert json.loads(path.read_text()) == w.to_json()
    opened = ScriptWorkflow(session, found)
    assert opened.run(opened["2"]) == expected
    assert recorder.take() == [], "the same document has the same keys"
    w.save(path)  # over the one that is there


def test_what_a_file_cannot_hold_is_refused_with_its_place(w, tmp_path):
    w.Box(in0=["content"])
    with pytest.raises(WorkflowError, match=r"node 1 .Box., input in0: the value was given from Python"):
        w.save(tmp_path / "x.json")
    assert list(tmp_path.glob("*.json")) == []


def test_seeds_are_left_alone_by_runs_and_advance_when_asked(session):
    w = ScriptWorkflow(session, Workflow({"s": Node("Seeded", {"seed": 4}, seeds={"seed": "increment"})}))
    assert w.run(w["s"]) == 4 == w.run(w["s"])
    w.advance_seeds()
    assert w.run(w["s"]) == 5


def test_it_is_shown_with_its_title_and_its_size(w):
    assert repr(w) == "<ScriptWorkflow: 0 nodes>"
    w.Add()
    w.title = "Sum"
    assert repr(w) == "<ScriptWorkflow 'Sum': 1 node>"
