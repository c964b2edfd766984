"""Opening this folder runs nothing.

Editors, shells, package managers and coding agents look for files of certain names in a folder and run what they say.
None of these is in here, no package runs a script when it is installed, and no link leads out.
"""

import json
import re
import subprocess
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).resolve().parents[2]

FOLDERS = {
    ".aider", ".amazonq", ".augment", ".circleci", ".claude", ".cline", ".clinerules", ".codex", ".continue", ".cursor",
    ".devcontainer", ".fleet", ".gemini", ".githooks", ".goose", ".husky", ".idea", ".junie", ".kiro", ".nova", ".nvim",
    ".opencode", ".qwen", ".roo", ".run", ".settings", ".theia", ".trae", ".vim", ".vs", ".vscode", ".windsurf", ".zed",
    "node_modules",
}  # fmt: skip
FILES = {
    ".aider.conf.yml", ".bazelrc", ".cursorrules", ".dir-locals.el", ".env", ".envrc", ".exrc",
    ".gitmodules", ".gitpod.yml", ".hgrc", ".lldbinit", ".gdbinit", ".lvimrc", ".local.vimrc", ".mcp.json",
    ".mise.toml", ".nvim.lua", ".nvimrc", ".pnp.cjs", ".pre-commit-config.yaml", ".projectile", ".pythonrc", ".replit",
    ".vimrc", ".windsurfrules", ".yarnrc", ".yarnrc.yml", "agents.md", "claude.md", "devcontainer.json", "gemini.md",
    "lefthook.yml", "mcp.json", "mise.toml", "opencode.json", "setup.py", "sitecustomize.py", "usercustomize.py",
}  # fmt: skip
ENDINGS = (".code-workspace", ".sublime-project", ".iml", ".pth", ".egg-link")
PACKAGE_HOOKS = {
    "preinstall", "install", "postinstall", "prepare", "preprepare", "postprepare", "prepublish", "prepublishOnly",
    "dependencies", "preuninstall", "uninstall", "postuninstall",
}  # fmt: skip


def speaks_up(name: str) -> bool:
    """Whether some program runs, or obeys, a file of this name when somebody opens the folder that holds it."""
    *folders, file = (part.lower() for part in PurePosixPath(name).parts)
    return bool(FOLDERS & set(folders)) or file in FILES or file.endswith(ENDINGS)


def tracked() -> list[str]:
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-z"],  # noqa: S607 - wherever git lies
        capture_output=True,
        check=True,
    )
    return [name for name in listed.stdout.decode().split("\0") if name]


pytestmark = pytest.mark.process


@pytest.fixture(scope="module")
def names() -> list[str]:
    if not (ROOT / ".git").exists():
        pytest.skip("this is no checkout: nothing says which files belong to it")
    return tracked()


def test_no_file_is_run_when_somebody_opens_the_folder(names: list[str]) -> None:
    assert "main.py" in names
    assert [name for name in names if speaks_up(name)] == []


def test_no_link_leads_out_of_the_folder(names: list[str]) -> None:
    links = [ROOT / name for name in names if (ROOT / name).is_symlink()]
    assert [link for link in links if not link.resolve().is_relative_to(ROOT)] == []


def test_git_itself_is_told_to_run_nothing(names: list[str]) -> None:
    attributes = [ROOT / name for name in names if PurePosixPath(name).name == ".gitattributes"]
    text = "\n".join(file.read_text("utf-8") for file in attributes)
    assert not re.search(r"\b(filter|diff|merge)=", text)


def test_packages_run_no_script_when_they_are_installed() -> None:
    settings = (ROOT / "web" / ".npmrc").read_text("utf-8").splitlines()
    assert "ignore-scripts=true" in settings
    scripts = json.loads((ROOT / "web" / "package.json").read_text("utf-8"))["scripts"]
    assert PACKAGE_HOOKS & set(scripts) == set()


@pytest.mark.parametrize(
    "name",
    [".vscode/tasks.json", "web/.envrc", "a/.Claude/settings.json", "x.code-workspace", "nodes/CLAUDE.md", "a.pth"],
)
def test_the_law_sees_what_it_is_for(name: str) -> None:
    assert speaks_up(name)


@pytest.mark.parametrize("name", ["main.py", ".gitignore", ".ci/run", "web/src/env.ts", "docs/claude-monet.md"])
def test_the_law_lets_other_files_be(name: str) -> None:
    assert not speaks_up(name)
