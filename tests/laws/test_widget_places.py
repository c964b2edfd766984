"""A new widget touches four files, as `web/README.md` says: two of the engine, two of the editor.

Shown by the switch, which needs no check of its own. Generated files and style sheets do not count.
"""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "web" / "README.md"
PYTHON = re.compile(r"""\bToggle\b|["']toggle["']""")
SCRIPT = re.compile(r"""\bToggle(?:Field|Widget)\b|["']toggle["']|^\s*toggle: \{""", re.MULTILINE)
# It is the default widget of a socket type; a new one is not.
DEFAULT_OF_BOOLEAN = "graph/node_types/signature.py"
FOUR = ["graph/node_types/widgets.py", "graph/api.py", "web/src/widgets/ToggleField.tsx", "web/src/widgets/registry.ts"]


def places() -> set[str]:
    """The sources that name the switch: its class, its component or its kind."""
    scripts = [path for path in (ROOT / "web" / "src").rglob("*.ts*") if ".test." not in path.name]
    found = [path for path in (ROOT / "graph").rglob("*.py") if PYTHON.search(path.read_text(encoding="utf-8"))]
    found += [path for path in scripts if path.name != "types.ts" and SCRIPT.search(path.read_text(encoding="utf-8"))]
    return {path.relative_to(ROOT).as_posix() for path in found}


def test_a_widget_stands_in_four_files() -> None:
    assert places() - {DEFAULT_OF_BOOLEAN} == set(FOUR)


def test_the_readme_names_the_four() -> None:
    text = README.read_text(encoding="utf-8")
    section = text[text.index("### A widget") :]
    section = section[: section.index("\n### ")]
    named = re.findall(r"^\d\. `([^`]+)`", section, re.MULTILINE)
    assert named == [name.removeprefix("web/").replace("Toggle", "X") for name in FOUR]
