"""The page about caching: every sentence on it is the docstring of a test, or a part of one, and the other way round.

Tables and blocks of code are no sentences; they have tests of their own below. The first section tells what the page
is, and the worked example is compared with what the commands print.
"""

import ast
import re
import shlex
from pathlib import Path

import pytest

import main
from commands.explaining import HOW
from graph.caching.call_history import CODE, FORGOTTEN, NEW

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/how-caching-decides.md").read_text(encoding="utf-8")
CLAIMING = ("test_caching_for_users.py", "test_caching_for_authors.py", "test_how_caching_decides.py")
NOT_BEHAVIOUR = {"How caching decides", "A worked example"}
ELSEWHERE = {
    "A run waits for a value that was expensive to be written, for a twentieth of the time that it took at most; so of "
    "a process that is killed, hardly a call that had ended is made again.": (
        "tests/graph/test_disk_killed.py", "test_a_dear_call_whose_end_was_told_is_not_made_again_after_a_kill"
    ),
    "A process that is killed leaves nothing half-written.": (
        "tests/graph/test_disk_killed.py", "test_killed_at_a_step_nothing_is_half_written"
    ),
    "The fingerprint of a value is the same in every process.": (
        "tests/graph/results/test_fingerprint.py", "test_a_mark_is_the_same_in_every_process"
    ),
    "In shadow mode every call is watched: a node that changes an input in place fails, and is told which.": (
        "tests/graph/running/test_shadow.py", "test_a_node_that_changes_an_input_in_place_is_found_and_the_input_named"
    ),
    "In the editor, a click on the badge of a node tells the same.": (
        "tests/web/test_streams.py", "test_a_node_says_why_it_ran_and_leads_to_the_cause"
    ),
}  # fmt: skip


def sections() -> dict[str, str]:
    """Heading -> text, without blocks of code and tables."""
    prose = re.sub(r"```.*?```|^\|[^\n]*$", "", PAGE, flags=re.DOTALL | re.MULTILINE)
    parts = re.split(r"^#+ (.*)$", prose, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def sentences_of(text: str) -> list[str]:
    """The sentences of some paragraphs and lists."""
    found = []
    for paragraph in re.split(r"\n\s*\n|^(?:- |\d+\. )", text, flags=re.MULTILINE):
        plain = " ".join(paragraph.replace("**", "").split())
        found += re.split(r"(?<=[.!?:]) (?=[A-Z`])", plain)
    return [sentence for sentence in found if sentence]


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    """The tests of a file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    kinds = ast.FunctionDef | ast.AsyncFunctionDef
    return [item for item in ast.walk(tree) if isinstance(item, kinds) and item.name.startswith("test_")]


def claims() -> dict[str, str]:
    """Sentence -> the test that keeps it true."""
    found = {}
    for name in CLAIMING:
        for function in functions(Path(__file__).parent / name):
            for sentence in sentences_of(ast.get_docstring(function) or ""):
                found[sentence] = f"{name}::{function.name}"
    return found


def test_every_sentence_is_kept_true_by_a_test_and_every_test_keeps_one():
    told = [each for heading, text in sections().items() if heading not in NOT_BEHAVIOUR for each in sentences_of(text)]
    kept = {**claims(), **{sentence: "::".join(place) for sentence, place in ELSEWHERE.items()}}
    assert [sentence for sentence in told if sentence not in kept] == [], "no test keeps these true"
    assert [(kept[sentence], sentence) for sentence in kept if sentence not in told] == [], "these left the page"
    assert len(told) == len(set(told))


@pytest.mark.parametrize(("path", "name"), ELSEWHERE.values())
def test_a_test_that_stands_elsewhere_is_there(path, name):
    assert name in {function.name for function in functions(ROOT / path)}


def test_the_words_are_those_that_are_used():
    """These are the words:"""
    table = re.findall(r"^\| `(.*?)` \|", PAGE, re.MULTILINE)
    unreusable = ["the node is to run every time (cache=False)", "nothing tells if ... is the same as before"]
    said = [NEW.message, "changed: ...", CODE.message, FORGOTTEN.message, *unreusable, *HOW.values()]
    assert sorted(table) == sorted(said)


@pytest.mark.model
def test_the_worked_example_is_what_the_commands_print(tmp_path, capsys, monkeypatch, clock):
    monkeypatch.chdir(ROOT)
    block = re.search(r"## A worked example.*?```\n(.*?)```", PAGE, re.DOTALL)
    steps = re.split(r"^\$ python main\.py ", block[1], flags=re.MULTILINE)[1:]
    assert len(steps) == 3
    for step in steps:
        command, _, printed = step.partition("\n")
        assert main.main([*shlex.split(command), "--data-dir", str(tmp_path)]) == 0
        assert essence(capsys.readouterr().out) == essence(printed)


def essence(printed: str) -> list[str]:
    """The lines in any order, without times and folders, and without the node whose cost is that of loading torch."""
    plain = re.sub(r"\d+\.\d\d s", "", re.sub(r"(?:/\S*/)?output/", "", printed))
    lines = [" ".join(line.split()) for line in plain.splitlines() if line.strip()]
    return sorted(line for line in lines if "EmptyLatentImage" not in line)
