"""The values of targets."""

import pytest

from graph.engine import Outcome
from graph.node_types.context import Artifact
from graph.scripting.errors import RunFailedError
from graph.scripting.targets import node_ids, value_of


def test_each_node_is_asked_for_once(w):
    split, add = w.Split(value=1), w.Add()
    assert node_ids((split.half, add, split)) == ["1", "2"]
    with pytest.raises(TypeError, match="not int"):
        node_ids((3,))


def test_values_by_output_node_and_file(w, files):
    outcome = Outcome("run", "finished", {"1": {"whole": 4, "half": 2.0}, "2": {"INT": [1, 2]}})
    split, add, show = w.Split(value=1), w.Add(), w.Show(value=1, name="x")
    files.root("output").mkdir(exist_ok=True)
    (files.root("output") / "x.txt").write_text("1")
    made = Outcome("run", "finished", artifacts={"3": (Artifact("output", "x.txt", "text/plain"),)})
    assert value_of(split.half, outcome, files) == 2.0
    assert value_of(split, outcome, files) == (4, 2.0)
    assert value_of(add, outcome, files) == [1, 2]
    assert value_of(show, made, files) == [files.root("output") / "x.txt"]
    assert value_of(show, outcome, files) == []


def test_a_branch_that_was_stopped_has_no_value(w, files):
    with pytest.raises(RunFailedError, match=r"node 1 .Add.: there is no value for INT\n.*stopped its branch"):
        value_of(w.Add(), Outcome("run", "finished"), files)
