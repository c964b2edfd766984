"""Identities: different literals differ, equal ones are equal in every process, code and files count."""

import importlib.util
import itertools
import math
import os
import subprocess
import sys
from enum import IntEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.files.file_kinds import AnyKind
from graph.files.folders import FileNameError, Files
from graph.node_types.digests import chosen_file_identity, code_fingerprint, digest, encode, file_identity
from tests.support.examples import examples
from tests.support.ids import plain

DIFFERENT = [
    None, True, False, 0, 1, -1, 0.0, -0.0, 1.0, math.inf, math.nan, 2**64, 10**5000, "", "1", "True", b"", b"1",
    [], [1], [1.0], [True], ["1"], [None], [[1]], [[], [1]], [[1], []], [1, 1], (), (1,), ((1,),), (1, 1), {}, {"1": 1},
    {"1": 1.0}, {1: 1}, {"1": [1]}, {"1": {"1": 1}}, {"a": "bc"}, {"ab": "c"}, ["a", "bc"], ["ab", "c"], ["ab:c"],
    "i1;", "ü", "u\u0308", "\ud800", "\0", " ",
]  # fmt: skip


def test_values_of_different_kinds_never_have_one_identity():
    for one, other in itertools.combinations(DIFFERENT, 2):
        assert encode(one) != encode(other), (one, other)


literals = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=3)
    | st.binary(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=2), inner, max_size=3)
    ),
    max_leaves=5,
)


def tagged(value):
    """The value with the name of its type at every place: equal exactly when two literals are the same."""
    if isinstance(value, list | tuple):
        return (type(value).__name__, [tagged(item) for item in value])
    if isinstance(value, dict):
        return ("dict", sorted((key, repr(tagged(item))) for key, item in value.items()))
    return (type(value).__name__, repr(value))


@examples(100)
@given(literals, literals)
def test_identities_are_equal_exactly_when_the_literals_are(one, other):
    assert (encode(one) == encode(other)) == (tagged(one) == tagged(other))
    assert encode(one) == encode(one)


def test_no_encoding_begins_another_so_that_they_can_be_joined():
    encoded = [encode(value) for value in DIFFERENT]
    for one, other in itertools.permutations(encoded, 2):
        assert not other.startswith(one)


def test_the_order_of_a_dict_does_not_count():
    assert encode({"a": 1, "b": 2}) == encode({"b": 2, "a": 1})


class _Level(IntEnum):
    LOW = 1


@pytest.mark.parametrize("value", [object(), {1, 2}, _Level.LOW, lambda: 0, [object()], {"a": object()}, 1j], ids=plain)
def test_what_has_no_identity_says_so(value):
    with pytest.raises(TypeError, match="has no identity"):
        encode(value)


SCRIPT = """
from graph.node_types.digests import digest, encode
from graph.caching.keys import cache_keys
from graph.files.folders import Files
from graph.building.build import build
from tests.support.toys import toy_registry, workflow_from_text
value = {"b": [1, 1.0, True, "ü", None], "a": {"x": (b"1",), "y": {}}}
workflow = workflow_from_text("a -> b, a -> c -> d, b -> d -> k:Keep", inputs={"a": {"number": 3}})
graph = build(workflow, toy_registry(), Files())
print(digest(encode(value)).hex(), sorted((node, key.hex()) for node, key in cache_keys(graph, Files()).items()))
"""


@pytest.mark.process
def test_identities_and_keys_are_the_same_in_every_process():
    def ask(seed):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)}
        command = [sys.executable, "-c", SCRIPT]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=60).stdout

    first = ask("1")
    assert len(first) > 100
    assert first == ask("2")


def load(path, body):
    path.write_text(f"def run():\n    return {body}\n")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.run


def test_the_code_of_a_function_is_the_file_that_it_is_in(tmp_path):
    one, same, other = (load(tmp_path / f"{name}.py", body) for name, body in (("a", 1), ("b", 1), ("c", 2)))
    assert code_fingerprint(one) == code_fingerprint(same)
    assert code_fingerprint(one) != code_fingerprint(other)


def test_a_function_without_a_file_is_told_by_its_byte_code():
    def make(body):
        scope = {}
        exec(f"def run(value):\n    return value.{body}", scope)  # noqa: S102
        return scope["run"]

    assert code_fingerprint(make("upper()")) == code_fingerprint(make("upper()"))
    assert len({code_fingerprint(make(body)) for body in ("upper()", "lower()", "upper", "count(1)", "count(2)")}) == 5


def test_the_code_is_what_was_imported_not_what_was_saved_since(tmp_path):
    run = load(tmp_path / "edited.py", 1)
    before = code_fingerprint(run)
    (tmp_path / "edited.py").write_text("def run():\n    return 2\n")
    assert code_fingerprint(run) == before


def test_a_file_is_told_by_name_size_and_time(tmp_path):
    path = tmp_path / "cat.png"
    path.write_bytes(b"1")
    before = file_identity(path)
    assert file_identity(path) == before
    path.write_bytes(b"12")
    longer = file_identity(path)
    os.utime(path, ns=(1, 1))
    touched = file_identity(path)
    renamed = file_identity(path.rename(tmp_path / "dog.png"))
    assert len({before, longer, touched, renamed}) == 4


def test_any_file_of_a_folder_counts(tmp_path):
    folder = tmp_path / "model"
    (folder / "unet").mkdir(parents=True)
    (folder / "unet" / "weights").write_bytes(b"1")
    before = file_identity(folder)
    (folder / "unet" / "weights").write_bytes(b"12")
    changed = file_identity(folder)
    (folder / "config.json").touch()
    added = file_identity(folder)
    (folder / "config.json").rename(folder / "unet" / "config.json")
    moved = file_identity(folder)
    assert len({before, changed, added, moved}) == 4


def test_a_file_that_is_not_there_has_no_identity(tmp_path):
    with pytest.raises(FileNotFoundError):
        file_identity(tmp_path / "nothing")


def test_a_digest_has_128_bits():
    assert len(digest(b"a", b"b")) == 16
    assert digest(b"a", b"b") == digest(b"ab")


def test_a_chosen_file_is_another_one_when_somebody_sets_something_against_how_it_looks(tmp_path):
    (tmp_path / "a.ckpt").write_bytes(b"weights")
    (tmp_path / "b.ckpt").write_bytes(b"weights")
    overrides = {}

    class Kinds(AnyKind):
        def override(self, path):
            return overrides.get(path.name, {})

    files = Files({"vae": [tmp_path]}, {}, Kinds())
    plain_identity = file_identity(tmp_path / "a.ckpt")
    assert chosen_file_identity(files, "vae", "a.ckpt") == plain_identity, "what was kept before counts as before"
    overrides["a.ckpt"] = {"family": "sdxl"}
    changed = chosen_file_identity(files, "vae", "a.ckpt")
    assert encode(changed) != encode(plain_identity)
    overrides["a.ckpt"] = {"family": "sd1"}
    assert encode(chosen_file_identity(files, "vae", "a.ckpt")) != encode(changed)
    assert chosen_file_identity(files, "vae", "b.ckpt") == file_identity(tmp_path / "b.ckpt")
    with pytest.raises(FileNameError):
        chosen_file_identity(files, "vae", "c.ckpt")
