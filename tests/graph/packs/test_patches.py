"""What was replaced in the code of the program is put back and named; what is new or of a library's own stays."""

from __future__ import annotations

import builtins
import inspect
import json
import logging
import types
from collections.abc import Iterator

import pytest

import graph.base.suggestions
from graph.base import suggestions
from graph.base.errors import Problem
from graph.packs.patches import Patches


@pytest.fixture
def patches() -> Iterator[Patches]:
    found = Patches()
    found.look()
    yield found
    found.restore_builtins()
    found.put_back()


def test_where_nothing_was_replaced_nothing_is_found(patches: Patches) -> None:
    assert patches.put_back() == []


def test_a_function_of_the_engine_is_put_back(patches: Patches) -> None:
    real = suggestions.listed
    suggestions.listed = lambda *_: "nothing"  # type: ignore[assignment]
    assert patches.put_back() == ["graph.base.suggestions.listed"]
    assert suggestions.listed is real


def test_a_function_of_a_vital_library_that_was_removed_comes_back(patches: Patches) -> None:
    real = json.dumps
    del json.dumps
    assert patches.put_back() == ["json.dumps"]
    assert json.dumps is real


def test_another_body_in_the_same_function_is_noticed(patches: Patches) -> None:
    def broken(*_: object) -> str:
        return "broken"

    suggestions.listed.__code__ = broken.__code__
    suggestions.listed.__defaults__ = None
    assert patches.put_back() == ["graph.base.suggestions.listed"]
    assert suggestions.listed(["a", "b"]) == "a, b"


def test_a_method_of_a_class_is_put_back(patches: Patches) -> None:
    real = Problem.as_json
    Problem.as_json = lambda _: {}  # type: ignore[method-assign]
    assert patches.put_back() == ["graph.base.errors.Problem.as_json"]
    assert Problem.as_json is real


def test_a_constant_of_the_engine_is_put_back_also_what_is_in_it(
    patches: Patches, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = types.ModuleType("graph.a_module_of_a_test")
    module.LIMIT, module.NAMES = 3, ["a"]  # type: ignore[attr-defined]
    monkeypatch.setitem(__import__("sys").modules, module.__name__, module)
    patches.look()
    names = module.NAMES
    module.LIMIT = 4  # type: ignore[attr-defined]
    names.append("b")
    assert patches.put_back() == [f"{module.__name__}.LIMIT", f"{module.__name__}.NAMES"]
    assert (module.LIMIT, names) == (3, ["a"])


def test_builtins_are_put_back_before_anything_else(patches: Patches) -> None:
    real = builtins.len
    builtins.len = lambda _: 7  # type: ignore[assignment]
    patches.restore_builtins()
    assert builtins.len is real
    assert patches.put_back() == ["builtins.len"]


def test_what_is_added_is_nobodys_loss(patches: Patches) -> None:
    graph.base.suggestions.new_name = print  # type: ignore[attr-defined]
    assert patches.put_back() == []
    del graph.base.suggestions.new_name  # type: ignore[attr-defined]


def test_what_a_library_of_this_field_replaces_stays_and_is_not_told(patches: Patches) -> None:
    real = inspect.getfile

    def getfile(of: object) -> str:
        return real(of)  # type: ignore[arg-type]

    getfile.__module__ = "torch.package.package_importer"
    try:
        inspect.getfile = getfile
        assert patches.put_back() == []
        assert inspect.getfile is getfile
    finally:
        inspect.getfile = real


@pytest.mark.parametrize("second", ["diffusers", "transformers"])
def test_what_two_libraries_of_this_field_bring_in_turn_is_not_told(
    monkeypatch: pytest.MonkeyPatch, second: str
) -> None:
    monkeypatch.setattr(logging.Logger, "warning_advice", lambda self: None, raising=False)
    patches = Patches()
    patches.look()

    def warning_advice(self: logging.Logger) -> None:
        del self

    warning_advice.__module__ = f"{second}.utils.logging"
    monkeypatch.setattr(logging.Logger, "warning_advice", warning_advice)
    assert patches.put_back() == []
    assert logging.Logger.warning_advice is warning_advice  # type: ignore[attr-defined]


def test_modules_that_came_later_count_from_the_next_look(patches: Patches, monkeypatch: pytest.MonkeyPatch) -> None:
    module = types.ModuleType("graph.another_of_a_test")
    module.act = lambda: 1  # type: ignore[attr-defined]
    monkeypatch.setitem(__import__("sys").modules, module.__name__, module)
    module.act = replaced = lambda: 2  # type: ignore[attr-defined]
    assert patches.put_back() == []
    patches.look()
    module.act = lambda: 3  # type: ignore[attr-defined]
    assert patches.put_back() == [f"{module.__name__}.act"]
    assert module.act is replaced
