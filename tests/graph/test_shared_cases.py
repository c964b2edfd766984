"""The reader of workflow files gives the answers that the editor's reader gives: both go through the same cases."""

import base64
import json
import re
from pathlib import Path

import pytest

from graph.base.errors import WorkflowError
from graph.document.reader import parse
from graph.document.writer import dump, to_json

FILE = Path(__file__).resolve().parents[1] / "cases" / "workflow-files.json"
CASES = json.loads(FILE.read_text(encoding="utf-8"))


def spelled(case, text):
    """A text of a case with its repeated parts written out."""
    return re.sub("«(.*?)»", lambda part: part[1] * case.get("times", 1), text)


def file_of(case):
    return base64.b64decode(case["base64"]) if "base64" in case else spelled(case, case["text"]).encode()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_file_is_read_or_refused_as_the_cases_say(case):
    if "code" in case:
        with pytest.raises(WorkflowError) as caught:
            parse(file_of(case))
        assert {problem.code for problem in caught.value.problems} == {case["code"]}
        if case.get("column", 1) > 1:
            assert f"line {case['line']}, column {case['column']}" in str(caught.value)
        return
    meant = to_json(parse(spelled(case, case["text"] if "same" in case else case["is"])))
    found = parse(file_of(case))
    assert to_json(found) == meant
    assert to_json(parse(dump(found))) == meant, "and once more after it was written"


def test_the_cases_accept_and_refuse():
    assert {"code", "same", "is"} <= {key for case in CASES for key in case}
