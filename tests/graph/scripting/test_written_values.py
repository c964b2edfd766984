"""What is written for a Python value: a literal where JSON can hold it, else a value that only a run can have."""

from pathlib import Path

import pytest

from graph.api import BOOLEAN, FLOAT, INT, Input, Number
from graph.base.errors import NodeError, WorkflowError
from graph.document.workflow import Node, Reference, Workflow
from graph.node_types.flow import GivenValue
from graph.node_types.sockets import ANY
from graph.scripting.script import ScriptWorkflow
from graph.scripting.written_values import check_savable, written_value
from tests.support.toys import BOX

NUMBER, CONNECTED, ANYTHING = Input("n", INT, widget=Number()), Input("b", BOX), Input("a", ANY)


class Scalar:
    """As numpy and torch have them."""

    shape = ()

    def item(self):
        return 3


def test_json_stays_as_it_is(w, session):
    for value in (1, 0.5, "a", True, None, [1, ["a"]], {"a": [1.0]}):
        assert written_value(value, ANYTHING, session, w) == value
    assert written_value([Reference], None, session, w) == [Reference], "of an unknown input nothing is known"


def test_outputs_and_nodes_become_references(w, session):
    node = w.Add()
    assert (
        written_value(node, NUMBER, session, w) == Reference("1", "INT") == written_value(node[0], NUMBER, session, w)
    )
    with pytest.raises(NodeError, match="of another workflow"):
        written_value(node, NUMBER, session, ScriptWorkflow(session))


def test_numbers_of_libraries_and_paths_become_pythons_own(w, session):
    assert written_value(Scalar(), Input("f", FLOAT, widget=Number()), session, w) == 3
    assert written_value(Path("a/b"), ANYTHING, session, w) == str(Path("a/b"))
    assert written_value(True, Input("t", BOOLEAN), session, w) is True


def test_other_values_are_given_with_their_fingerprint(w, session):
    found = written_value(["x"], CONNECTED, session, w)
    assert isinstance(found, GivenValue)
    assert found.value.content == "x"
    assert found.fingerprint is None
    listed = written_value((1, {2}), ANYTHING, session, w)
    assert listed.fingerprint == session.engine.cache.fingerprinter.of((1, {2})) is not None


def test_given_values_cannot_be_saved():
    check_savable(Workflow({"1": Node("Add", {"number": 1})}))
    with pytest.raises(WorkflowError, match="got a list of 2 items"):
        check_savable(Workflow({"1": Node("Add", {"number": GivenValue([1, 2], None)})}))
