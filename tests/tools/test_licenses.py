"""The licences of what Jacquard stands on: read from what is installed, and refused when they are not permissive."""

from pathlib import Path

import pytest

from tools import licenses
from tools.licenses import Package, is_permissive


@pytest.mark.parametrize(
    ("expression", "permitted"),
    [
        ("MIT", True),
        ("MIT OR GPL-3.0-only", True),
        ("MIT AND GPL-3.0-only", False),
        ("(MIT OR GPL-2.0-only) AND BSD-3-Clause", True),
        ("(MIT OR BSD-3-Clause) AND GPL-2.0-only", False),
        ("((MIT))", True),
        ("Apache-2.0 AND Apache-2.0 WITH LLVM-exception", True),
        ("MPL-2.0", False),
        ("GPL-3.0-only", False),
        ("unknown", False),
        ("", False),
    ],
)
def test_an_expression_is_permissive_when_one_choice_asks_for_little(expression: str, permitted: bool) -> None:
    assert is_permissive(expression) is permitted


def test_everything_that_jacquard_stands_on_is_permitted() -> None:
    packages = licenses.all_packages()
    assert {"torch", "aiohttp", "pytest", "react", "vite"} <= {package.name for package in packages}
    assert [package for package in packages if not package.is_permitted] == []


def test_every_exception_is_still_needed() -> None:
    assert {package.name.lower() for package in licenses.all_packages()} >= set(licenses.EXCEPTIONS)


def test_an_exception_is_for_one_licence_only() -> None:
    assert Package("python", "tqdm", "1", "MPL-2.0 AND MIT").is_permitted
    assert not Package("python", "tqdm", "1", "GPL-3.0-only").is_permitted


def test_the_command_names_what_is_not_permitted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(licenses, "all_packages", lambda: [Package("python", "greedy", "1.0", "AGPL-3.0-only")])
    assert licenses.main() == 1
    assert "1 packages, 1 not permitted: greedy" in capsys.readouterr().out


def test_what_is_needed_in_turn_is_read_too(tmp_path: Path) -> None:
    (tmp_path / "some.txt").write_text("aiohttp>=3  # the server\n-r other.txt\nnot-there-at-all==1\n")
    names = {package.name for package in licenses.python_packages(tmp_path / "some.txt")}
    assert {"aiohttp", "yarl", "multidict"} <= names
