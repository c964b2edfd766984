"""No logic looks at the words of a message: what follows from an answer is in its code or its fields.

A better wording, or another language, then breaks nothing. The law finds the ways in which it was done before: a
message, a reason, a remedy or the text of an error is asked how it begins or ends, or what is in it.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from tests.support.sources import nodes_of

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("graph", "server", "commands", "nodes", "pictures", "diffusion")
WORDS = {"message", "msg", "reason", "remedy", "advice", "detail"}
QUESTIONS = {"startswith", "endswith", "find", "rfind", "index", "count", "partition", "removeprefix", "removesuffix"}
PATTERNS = {"match", "search", "fullmatch", "findall"}

ALLOWED = {
    "graph/running/call_checks.py": "torch has no code for memory that it cannot get",
    "web/src/state/ui.ts": "the first sentence of a notice is its headline",
}

WEB_LOOKS = re.compile(
    r"""\b(?:message|reason|remedy|detail)\)?\??\.(?:startsWith|endsWith|includes|indexOf|lastIndexOf|match|search)\(
    |/[a-z]*\.test\([^)]*\b(?:message|reason|remedy|detail)\b
    |\b(?:message|remedy|detail)\b\s*[!=]==\s*['"`]
    """,
    re.VERBOSE,
)


def is_text(node: ast.expr, *, names: bool = True) -> bool:
    """Whether an expression is a message, or the text of an error."""
    if isinstance(node, ast.Attribute):
        return node.attr in WORDS
    if isinstance(node, ast.Name):
        return names and node.id in WORDS
    is_call = isinstance(node, ast.Call) and len(node.args) == 1 and isinstance(node.args[0], ast.Name)
    return is_call and node.args[0].id in {"error", "problem", "refusal", "caught"}  # str(error), words(error)


def looks(nodes: Iterable[ast.AST]) -> Iterator[int]:
    """The lines in which the words of a message decide something."""
    for node in nodes:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            asked = node.func.value if node.func.attr in QUESTIONS else None
            if node.func.attr in PATTERNS and node.args:
                asked = node.args[-1]
            if asked is not None and is_text(asked):
                yield node.lineno
        elif isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            is_constant = any(isinstance(each, ast.Constant) and isinstance(each.value, str) for each in sides)
            is_contained = any(isinstance(each, ast.In | ast.NotIn) for each in node.ops)
            is_equal = any(isinstance(each, ast.Eq | ast.NotEq) for each in node.ops)
            # a name may be that of a message of the protocol, which is asked for its fields
            contained = is_contained and any(is_text(each, names=False) for each in node.comparators)
            if is_constant and (contained or (is_equal and any(is_text(each) for each in sides))):
                yield node.lineno


def test_no_module_looks_at_the_words_of_a_message() -> None:
    found = [
        f"{path.relative_to(ROOT).as_posix()}:{line}"
        for folder in FOLDERS
        for path in sorted((ROOT / folder).rglob("*.py"))
        if path.relative_to(ROOT).as_posix() not in ALLOWED
        for line in looks(nodes_of(path))
    ]
    assert found == []


def test_no_file_of_the_editor_looks_at_the_words_of_a_message() -> None:
    sources = [path for path in (ROOT / "web" / "src").rglob("*.ts*") if ".test." not in path.name]
    found = [
        f"{path.relative_to(ROOT).as_posix()}: {look[0]}"
        for path in sorted(sources)
        if path.relative_to(ROOT).as_posix() not in ALLOWED
        for look in WEB_LOOKS.finditer(path.read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize(
    "source",
    [
        "reason.message.endswith(ALSO_CODE)",
        "advice.endswith('?')",
        "str(error).startswith('there is no ')",
        "error.msg.startswith('Unterminated string')",
        "'cut off' in problem.message",
        "problem.message == 'it failed'",
        "re.search('memory', str(error))",
        "PATTERN.match(problem.remedy)",
    ],
)
def test_the_law_sees_what_was_done_before(source: str) -> None:
    assert list(looks(ast.walk(ast.parse(source)))) == [1]


@pytest.mark.parametrize(
    "source",
    [
        "problem.code == 'wrong_type'",
        "'text' in message",
        "name in message",
        "text.endswith('/')",
        "message['type'] == 'done'",
    ],
)
def test_the_law_leaves_codes_and_fields_alone(source: str) -> None:
    assert list(looks(ast.walk(ast.parse(source)))) == []


@pytest.mark.parametrize(
    "source",
    [
        "fits.reason.endsWith('runs once for each item')",
        "/^item\\b/i.test(problem.message)",
        "message.indexOf('. ')",
        "problem.message === 'it failed'",
    ],
)
def test_the_law_sees_it_in_the_editor_too(source: str) -> None:
    assert WEB_LOOKS.search(source)
