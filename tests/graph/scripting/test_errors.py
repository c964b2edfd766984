"""Wrong names are what Python expects of them, and still the engine's errors."""

import pytest

from graph.base.errors import Problem, WorkflowError
from graph.engine import Outcome
from graph.scripting.errors import RunFailedError, UnknownNameError, UnknownNodeTypeError, UnknownOutputError

PROBLEM = Problem("unknown_node", "there is no node 'x'", remedy="did you mean 'y'?")


@pytest.mark.parametrize(
    ("kind", "also"),
    [(UnknownNodeTypeError, AttributeError), (UnknownOutputError, IndexError), (UnknownNameError, KeyError)],
)
def test_a_wrong_name_is_also_what_python_expects(kind, also):
    error = kind([PROBLEM])
    assert isinstance(error, WorkflowError)
    assert isinstance(error, also)
    assert error.problems == [PROBLEM]
    assert str(error) == "there is no node 'x'\n  To fix it: did you mean 'y'?"


def test_a_failed_run_has_its_outcome():
    outcome = Outcome("run", "failed")
    assert RunFailedError([PROBLEM], outcome).outcome is outcome
