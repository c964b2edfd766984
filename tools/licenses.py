"""List the licences of everything that Jacquard stands on, and refuse what is not permissive.

    python tools/licenses.py

Reads what is installed for requirements.txt and requirements-dev.txt, with all that these need in turn, and
web/package-lock.json. What goes into the editor's bundle is checked once more when it is built. Exits with 1 when a
licence is unknown or not permissive and no exception is written down here.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

PERMISSIVE = frozenset({
    "0BSD", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC0-1.0",
    "CNRI-Python", "HPND", "ISC", "MIT", "MIT-0", "MIT-CMU", "PSF-2.0", "Python-2.0", "Unlicense", "Zlib",
})  # fmt: skip
"""SPDX identifiers of licences that ask for little more than to be named."""

EXCEPTIONS = {
    "certifi": ("MPL-2.0", "a list of certificates; what downloads for transformers and diffusers needs it"),
    "tqdm": ("MPL-2.0 AND MIT", "diffusers and transformers need it"),
    "hypothesis": ("MPL-2.0", "tests only"),
    "pathspec": ("MPL-2.0", "mypy needs it; checks only"),
    "axe-core": ("MPL-2.0", "tests of the editor only"),
    "lightningcss": ("MPL-2.0", "vite needs it to build the editor; nothing of it is in the bundle"),
}
"""Package -> the licence under which it may stay, and why. All are used as they are, without a change.

The Mozilla Public License asks for the source of its own files only, if one changes them. For a GPU, torch brings
NVIDIA's own libraries along, under NVIDIA's terms; no file here names them.
"""

_WORDS = {
    "mit": "MIT", "mit license": "MIT", "isc": "ISC", "isc license": "ISC", "isc license (iscl)": "ISC",
    "apache": "Apache-2.0", "apache 2.0": "Apache-2.0", "apache license 2.0": "Apache-2.0",
    "apache 2.0 license": "Apache-2.0", "apache software license": "Apache-2.0", "bsd": "BSD-3-Clause",
    "bsd license": "BSD-3-Clause", "python software foundation license": "PSF-2.0",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
}  # fmt: skip
"""How packages say it that do not use SPDX expressions."""
_REQUIREMENT = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[([^\]]*)\])?")


@dataclass(frozen=True, order=True)
class Package:
    """Something that Jacquard stands on. `license` is an SPDX expression, or what the package says instead."""

    kind: str
    name: str
    version: str
    license: str

    @property
    def is_permitted(self) -> bool:
        """Whether it may be used: by its licence, or by an exception."""
        return is_permissive(self.license) or self.license == EXCEPTIONS.get(self.name.lower(), ("", ""))[0]


def is_permissive(expression: str) -> bool:
    """Whether an SPDX expression asks for little: all parts of an AND, one of an OR."""
    inner = re.compile(r"\(([^()]*)\)")
    while (group := inner.search(expression)) is not None:
        answer = "MIT" if is_permissive(group[1]) else "refused"
        expression = expression[: group.start()] + answer + expression[group.end() :]
    options = re.split(r"\s+OR\s+", expression.strip())
    return any(all(part.strip() in PERMISSIVE for part in re.split(r"\s+AND\s+", option)) for option in options)


def python_packages(*requirements: Path) -> Iterator[Package]:
    """What is installed for some requirement files, and what that needs in turn."""
    pending = [name for file in requirements for name in _required(file.read_text("utf-8").splitlines())]
    seen: set[str] = set()
    while pending:
        name = pending.pop()
        if name in seen:
            continue
        seen.add(name)
        try:
            found = distribution(name)
        except PackageNotFoundError:
            continue  # for another system, or an extra that is not asked for
        pending += _required(line for line in found.requires or () if "extra ==" not in line)
        yield Package("python", found.metadata["Name"], found.version, license_of(found))


def license_of(found: Distribution) -> str:
    """What a Python package says about its licence, as an SPDX expression where that can be made out."""
    facts = found.metadata
    if expression := facts.get("License-Expression"):
        return str(expression)
    classifiers = (line.rsplit(" :: ", 1)[-1] for line in facts.get_all("Classifier", ()) if "License ::" in line)
    said = [*classifiers, (facts.get("License") or "").split("\n")[0]]
    known = [_WORDS[word.lower()] for word in said if word.lower() in _WORDS]
    return known[0] if known else next(filter(None, said), "unknown")


def node_packages(lock: Path) -> Iterator[Package]:
    """What the editor is built and tested with."""
    for place, facts in json.loads(lock.read_text("utf-8"))["packages"].items():
        if place:
            name = place.rpartition("node_modules/")[2]
            # The builds of one package for several systems count as that package.
            family = next((known for known in EXCEPTIONS if name.startswith(f"{known}-")), name)
            yield Package("node", family, facts["version"], facts.get("license", "unknown"))


def all_packages() -> list[Package]:
    """Everything, in order and once."""
    python = python_packages(ROOT / "requirements.txt", ROOT / "requirements-dev.txt")
    return sorted({*python, *node_packages(ROOT / "web" / "package-lock.json")})


def _required(lines: Iterator[str] | list[str]) -> list[str]:
    found = (_REQUIREMENT.match(line.strip()) for line in lines)
    return [re.sub(r"[-_.]+", "-", match[1]).lower() for match in found if match]


def main() -> int:
    """Print the list; returns the exit code."""
    packages = all_packages()
    for package in packages:
        why = EXCEPTIONS[package.name.lower()][1] if package.is_permitted and not is_permissive(package.license) else ""
        note = f"   {why}" if package.is_permitted else "   NOT PERMITTED"
        print(f"{package.kind:7} {package.name:34} {package.version:18} {package.license}{note}")
    refused = [package.name for package in packages if not package.is_permitted]
    print(f"{len(packages)} packages, {len(refused)} not permitted{': ' if refused else ''}{', '.join(refused)}")
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
