"""Golden files: every feature of the format, and files of earlier versions, open, mean and give what they always did.

The tests walk `tests/golden/`, so a new folder there is a new test; `tests/support/golden.py` tells what is in one.
"""

import json

import jsonschema
import pytest

from graph.document.reader import SCHEMA_PATH, from_json, parse, read
from graph.document.writer import dump, to_json
from tests.support.golden import GOLDEN, folders, what_comes_of

FOLDERS = folders()
SCHEMA = jsonschema.Draft202012Validator(json.loads(SCHEMA_PATH.read_text(encoding="utf-8")))
every = pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.relative_to(GOLDEN).as_posix())


def test_no_file_lies_where_no_test_finds_it():
    expected = {folder / name for folder in FOLDERS for name in ("workflow.json", "rewritten.json", "expected.json")}
    assert {path for path in GOLDEN.rglob("*") if path.is_file()} <= expected
    assert len(FOLDERS) > 20


@every
def test_saving_it_writes_what_it_always_wrote(folder):
    before = folder / "workflow.json"
    after = folder / "rewritten.json" if (folder / "rewritten.json").exists() else before
    text = after.read_bytes()
    assert dump(read(before)).encode() == text
    assert dump(parse(text)).encode() == text, "saving again changes nothing"


@every
def test_nothing_in_it_gets_lost(folder):
    workflow = read(folder / "workflow.json")
    assert from_json(json.loads(json.dumps(to_json(workflow)))) == workflow


@every
def test_it_fits_the_published_schema(folder):
    SCHEMA.validate(json.loads((folder / "workflow.json").read_text(encoding="utf-8-sig")))


@every
def test_it_means_and_gives_what_it_always_did(folder, tmp_path):
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    found = what_comes_of(read(folder / "workflow.json"), tmp_path)
    assert json.loads(json.dumps(found)) == expected
