"""Loading node packs: folders and single files dropped into `custom_nodes/`.

A pack that cannot be imported, or has a node whose id is taken, is reported and left out whole; it never keeps the
others, or the program, from starting.
"""

from __future__ import annotations

import importlib.util
import sys
import traceback
import types
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from graph.footing import PARENT, Ground
from graph.registry import Registry


@dataclass(frozen=True, slots=True)
class PackReport:
    """How loading one pack went. `error` is empty when it went well; `details` is a traceback."""

    name: str
    node_ids: tuple[str, ...] = ()
    error: str = ""
    details: str = ""


def load_packs(folder: Path, registry: Registry, known: Collection[str] = ()) -> list[PackReport]:
    """Import every pack of a folder in alphabetical order and add its nodes; `_name` and `.name` are left out.

    `known` are the modules that all results depend on anyway, as far as caching goes.
    """
    if not folder.is_dir():
        return []
    if PARENT not in sys.modules:  # relative imports of a pack look for it; its own folder need not be on sys.path
        sys.modules[PARENT] = types.ModuleType(PARENT)
        sys.modules[PARENT].__path__ = [str(folder)]
    found = sorted(item for item in folder.iterdir() if not item.name.startswith(("_", ".")))
    ground = Ground(known)
    return [_load(item, registry, ground) for item in found if item.suffix == ".py" or (item / "__init__.py").is_file()]


def _load(path: Path, registry: Registry, ground: Ground) -> PackReport:
    name = f"{PARENT}.{path.stem}"
    found = Registry()
    before = ground.before_import(path)
    try:
        _import(name, path)
        modules = [module for known, module in sorted(sys.modules.items()) if (known + ".").startswith(name + ".")]
        for module in modules:
            found.add_module(module)
        footing = ground.footing(path, before, modules)
        registry.add_all(map(footing.under, found))
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a pack does at import concerns that pack only
        for module_name in [known for known in sys.modules if known == name or known.startswith(name + ".")]:
            del sys.modules[module_name]
        return PackReport(path.stem, (), f"{type(error).__name__}: {error}", traceback.format_exc())
    return PackReport(path.stem, tuple(node_type.id for node_type in found))


def _import(name: str, path: Path) -> None:
    source = path / "__init__.py" if path.is_dir() else path
    places = [str(path)] if path.is_dir() else None
    spec = importlib.util.spec_from_file_location(name, source, submodule_search_locations=places)
    if spec is None or spec.loader is None:
        raise ImportError(f"{source} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
