"""The edition of the cache: what is in it that no file tells, and what happens where it cannot be known."""

import os

import pytest

from commands.code_version import CODE, CodeVersion, machine_facts
from graph.packs.libraries import Libraries


def test_settings_that_decide_how_libraries_compute_are_in_it_and_others_are_not():
    plain = machine_facts({})
    assert machine_facts({"LANG": "de_DE.UTF-8", "HOME": "/somewhere", "TORCHLESS": "1"}) == plain
    for name in ("OMP_NUM_THREADS", "ATEN_CPU_CAPABILITY", "CUDA_VISIBLE_DEVICES", "NVIDIA_TF32_OVERRIDE"):
        assert machine_facts({name: "1"}) not in (plain, machine_facts({name: "2"}))


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="this system does not tell")
def test_how_many_processors_this_process_may_use_is_in_it(monkeypatch):
    plain = machine_facts({})
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(77)))
    assert machine_facts({}) != plain


@pytest.fixture
def root(tmp_path):
    for folder in CODE:
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.py").write_text("a = 1")
    return tmp_path


def code_version(root):
    return CodeVersion(root, Libraries([]), dict)


def test_it_is_the_same_wherever_the_code_lies(root, tmp_path_factory):
    before = code_version(root).digest()
    assert code_version(root.rename(tmp_path_factory.mktemp("other") / "place")).digest() == before


def test_code_that_changed_before_it_was_read_or_is_not_there_has_an_edition_that_never_comes_again(root):
    late = code_version(root)
    (root / "nodes" / "a.py").write_text("a = 2")
    assert not late.is_unchanged()
    assert late.digest() != late.digest()
    (root / "nodes" / "a.py").unlink()
    (root / "nodes").rmdir()
    gone = code_version(root)
    assert not gone.is_unchanged()
    assert gone.digest() != gone.digest()
