"""What a pack changes around it at import is put back, and told; what libraries do for good reasons stays."""

import logging
import os
import sys
import warnings

import pytest

from graph.node_types.registry import Registry
from graph.packs.loading import load_packs
from graph.packs.patches import Patches
from graph.packs.process_state import surroundings
from tests.support.bad_packs import PATCHING, write_packs

HARMFUL = (
    "warnings",
    "descriptors",
    "other_descriptors",
    "forks",
    "leaves_a_thread",
    "exits_at_the_end",
    "files",
    "mask",
    "odd_module",
)
"""Those that are tried in a process of their own, by the tests of commands and of the server."""
AND_BREAKING = ("builtins", "type_words")
"""Those that cannot be imported themselves, after what they did."""


@pytest.mark.skipif(os.name != "posix", reason="signals and limits of POSIX")
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.process if name == "prints" else ())
        for name in PATCHING
        if not name.startswith(HARMFUL) and "std" not in name
    ],
)
def test_what_is_replaced_is_put_back_and_told(tmp_path, name):
    text, told = PATCHING[name]
    before = {each: sys.modules[each] for each in list(sys.modules)}
    code, undo = Patches(), surroundings()
    code.look()
    (report,) = load_packs(write_packs(tmp_path, {"bad": text}), Registry())
    assert report.error == "" or name in AND_BREAKING
    assert any(told in words for words in report.changed) or not told
    assert code.put_back() == undo() == []
    assert {each: sys.modules.get(each) for each in before if not each.startswith("custom_nodes")} == {
        each: module for each, module in before.items() if not each.startswith("custom_nodes")
    }


def test_what_libraries_do_for_good_reasons_stays(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setenv("JACQUARD_TEST_PLACES", "/usr/bin")
    text = (
        "import os, sys, warnings, logging\n"
        "os.environ['JACQUARD_TEST_NEW'] = '1'\n"
        "os.environ['JACQUARD_TEST_PLACES'] = '/opt/bin' + os.pathsep + os.environ['JACQUARD_TEST_PLACES']\n"
        "sys.path.insert(0, '/somewhere')\n"
        "warnings.filterwarnings('ignore', category=UserWarning, module='somewhere')\n"
        "logging.getLogger('somewhere').setLevel(logging.DEBUG)\n"
        "import multiprocessing; multiprocessing.RLock()\n"  # as libraries do that show how far they are
        "os.new_function = print\n"
    )
    first, filters = sys.path[0], len(warnings.filters)
    (report,) = load_packs(write_packs(tmp_path, {"good": text}), Registry())
    try:
        assert (report.error, report.changed) == ("", ())
        assert os.environ.pop("JACQUARD_TEST_NEW") == "1"
        assert os.environ["JACQUARD_TEST_PLACES"].startswith("/opt/bin")
        assert (sys.path[0], sys.path[-1]) == (first, "/somewhere"), "it takes the place of nothing"
        assert len(warnings.filters) == filters + 1
        assert logging.getLogger("somewhere").level == logging.DEBUG
    finally:
        del os.new_function
        warnings.filters.pop(0)


@pytest.mark.long
def test_importing_torch_and_the_libraries_of_this_field_replaces_nothing_that_is_told(tmp_path):
    text = "import torch, diffusers, transformers, safetensors.torch, PIL.Image, numpy\n"
    (report,) = load_packs(write_packs(tmp_path, {"good": text}), Registry())
    assert (report.error, report.changed) == ("", ())


@pytest.mark.parametrize("name", ["log_level", "log_configured"])
def test_a_log_that_was_put_back_has_no_more_levels_of_its_own_than_before(tmp_path, name):
    log = logging.getLogger("jacquard.worker")
    before = log.level
    load_packs(write_packs(tmp_path, {"loud": PATCHING[name][0]}), Registry())
    assert (log.level, log.disabled) == (before, False)
