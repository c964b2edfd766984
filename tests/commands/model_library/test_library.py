"""A file is read once, by whatever process; one that was changed is read again; what a person set counts."""

from __future__ import annotations

import threading

import pytest

from commands.model_library import library as module
from commands.model_library.library import Library
from commands.model_library.memory import Memory
from commands.model_library.overrides import Overrides
from diffusion.families.family import Licence
from diffusion.model_files.loadable import unfit
from diffusion.model_files.model_file import ModelFile
from graph.building.calls import Call
from graph.files.folders import FileNameError
from graph.node_types.node_type import NodeType

LICENCE = Licence("Some terms", "https://example.com/terms", "not on Sundays")


class Reading:
    """Takes the stem of a file for its kind, and counts what it reads."""

    def __init__(self):
        self.read = []

    def __call__(self, path):
        self.read.append(path.name)
        return ModelFile(
            path.stem.split("-")[0], "sdxl", size=path.stat().st_size, parts=("denoiser", "vae"), licence=LICENCE,
            format="safetensors", problem="It is too old." if "old" in path.stem else "", serves=("sdxl", "sd1"),
        )  # fmt: skip


@pytest.fixture
def made(tmp_path):
    reading = Reading()

    def make(recognise=reading):
        overrides = Overrides(tmp_path / "data" / "overrides.json")
        return Library(Memory(tmp_path / "data" / "models.sqlite3"), overrides, recognise)

    make.reading = reading
    return make


@pytest.fixture
def paths(tmp_path):
    found = [tmp_path / f"{name}.safetensors" for name in ("vae", "checkpoint", "lora-old", "unknown-old")]
    for path in found:
        path.write_bytes(path.name.encode())
    return found


def test_a_file_is_read_once_by_whatever_process_and_again_when_it_changed(made, paths):
    first = made()
    assert first.known(paths) == [None] * 4
    found = first.look(paths)
    assert first.look(paths) == first.known(paths) == found
    first.close()
    second = made()
    assert second.look(paths) == found, "with licence, parts and all"
    assert found[0].licence == LICENCE
    assert made.reading.read == [path.name for path in paths]
    paths[1].write_bytes(b"another content")
    assert second.known(paths)[1] is None
    assert second.look(paths)[1].size == len(b"another content")
    assert made.reading.read[4:] == ["checkpoint.safetensors"]
    second.close()


def test_what_other_rules_told_is_not_believed(made, paths, monkeypatch):
    made().look(paths)
    monkeypatch.setattr(module, "rules_digest", lambda: "of other code")
    assert made().known(paths) == [None] * 4


def test_a_file_that_is_gone_is_an_answer(made, paths):
    paths[0].unlink()
    library = made()
    (found,) = library.look(paths[:1])
    assert (found.kind, found.problem) == ("unknown", "It is not there any more, or may not be looked at.")
    assert library.known(paths[:1]) == [found]
    library.close()


def test_progress_is_told_and_what_was_read_until_a_stop_is_kept(made, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "AT_ONCE", 10)
    many = [tmp_path / f"vae-{number}.safetensors" for number in range(35)]
    for path in many:
        path.touch()
    told, library = [], made()
    library.look(many, lambda read, of: told.append((read, of)), lambda: len(told) == 2)
    assert told == [(10, 35), (20, 35)]
    assert [item is not None for item in library.known(many)] == [True] * 20 + [False] * 15
    library.look(many, lambda read, of: told.append((read, of)))
    assert told[2:] == [(10, 15), (15, 15)]
    library.close()


def test_whoever_looks_stops_when_the_library_is_closed(made, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "AT_ONCE", 1)
    many = [tmp_path / f"vae-{number}.safetensors" for number in range(9)]
    for path in many:
        path.touch()
    library = made()
    library.look(many, lambda read, _: read == 2 and library.close())
    assert len(made.reading.read) == 2


def test_two_that_look_at_once_read_each_file_once(made, paths):
    inside, go_on = threading.Event(), threading.Event()

    class Slow(Reading):
        def __call__(self, path):
            inside.set()
            assert go_on.wait(30)
            return super().__call__(path)

    slow = Slow()
    library = made(slow)
    threads = [threading.Thread(target=library.look, args=(paths,)) for _ in range(2)]
    threads[0].start()
    assert inside.wait(30)
    threads[1].start()
    go_on.set()
    for thread in threads:
        thread.join(30)
    assert sorted(slow.read) == sorted(path.name for path in paths)
    library.close()


def test_a_file_fits_if_it_is_of_the_kind_and_can_be_used(made, paths):
    library = made()
    assert library.unfit(paths, ("vae", "unknown")) == ["", "it is a checkpoint", "it is a LoRA", "it is too old"]
    assert library.unfit(paths, ("vae", "checkpoint", "lora")) == ["", "", "it is too old", "it is too old"]
    library.close()


def test_a_file_is_refused_for_a_loader_that_could_not_load_it(made, paths, tmp_path):
    library = made()
    vae, checkpoint, old, unknown = paths
    assert library.refusal(vae, "'x'", ("vae",)) is None
    why = library.refusal(vae, "'x'", ("checkpoint",))
    assert (why.message, why.expected, why.got) == ("'x' is a VAE; expected a checkpoint", "checkpoint", "VAE")
    assert why.remedy == "load it with Load VAE (VAELoader)"
    embedding = unfit("'y'", ModelFile("embedding", "sd1"), "lora")
    assert embedding.message == "'y' is an embedding; expected a LoRA."
    assert library.refusal(vae, "'x'", ("checkpoint", "vae")) is None, "one of the kinds is enough"
    for kind in ("vae", "denoiser", "text_encoder"):
        assert library.refusal(checkpoint, "'x'", (kind,)) is None, "their loaders take the part out of it"
    assert library.refusal(old, "'x'", ("vae",)).message == "'x' cannot be used. It is too old"
    assert library.refusal(unknown, "'x'", ("vae",)).message == "'x' cannot be used. It is too old"
    assert library.refusal(unknown, "'x'", ("text_encoder",)) is None, "its width may be unusual"
    assert library.refusal(vae, "'x'", ("gligen",)) is None, "no loader for these is known"
    assert library.refusal(tmp_path / "gone", "'x'", ("vae",)) is None
    read = list(made.reading.read)
    library.refusal(vae, "'x'", ("vae",))
    assert made.reading.read == read, "it is remembered"
    for kind, family in (("lora", "sdxl"), ("checkpoint", "sdxl")):
        library.set_override(unknown, {"kind": kind, "family": family})
        why = library.refusal(unknown, "'x'", ("checkpoint",))
    assert why is None, "what was refused a moment ago is looked at again"
    library.close()
    vae.write_bytes(b"new")
    assert library.refusal(vae, "'x'", ("checkpoint",)) is None, "a closed library knows nothing new"


def test_parts_of_files_are_followed_by_what_the_files_are(made, tmp_path):
    vae = tmp_path / "vae.safetensors"
    vae.touch()
    asked = []

    def path(folder, name):
        asked.append((folder, name))
        if name == "gone":
            raise FileNameError("it is gone", "put it there")
        return vae

    loader = NodeType("VAELoader", "", "", "", (), (), print)
    calls = {name: Call(name, loader, {"vae_name": name}) for name in ("here", "gone")}
    library = made()
    assert library.clashes(calls, frozenset(calls), path) == []
    assert asked == [("vae", "here"), ("vae", "gone")]
    library.close()


def test_what_a_person_set_counts_in_every_process_until_it_is_taken_back(made, paths):
    one, other = made(), made()
    assert other.look(paths)[1].family == "sdxl"
    one.set_override(paths[1], {"kind": "denoiser", "family": "flux", "variant": "schnell"})
    for library in (one, other):
        found = library.look(paths)[1]
        assert (found.kind, found.family, found.variant, found.name) == (
            "denoiser",
            "flux",
            "schnell",
            "Flux.1 schnell",
        )
        assert library.override(paths[1]) == {"kind": "denoiser", "family": "flux", "variant": "schnell"}
        assert library.overrides(paths)[0] == {}
        assert library.unfit(paths, ("checkpoint",))[1] == "it is a diffusion model"
    one.set_override(paths[1], {})
    assert other.look(paths)[1].family == "sdxl"
    assert other.overrides(paths) == [{}] * 4
    one.close()
    other.close()


def test_the_hash_of_a_whole_file_is_kept_until_the_file_changes(made, paths):
    one, other = made(), made()
    assert one.known_sha256(paths[0]) == ""
    one.keep_sha256(paths[0], "abc")
    assert (other.known_sha256(paths[0]), other.known_sha256(paths[1])) == ("abc", "")
    paths[0].write_bytes(b"another content")
    assert one.known_sha256(paths[0]) == other.known_sha256(paths[0]) == ""
    paths[0].unlink()
    one.keep_sha256(paths[0], "abc")
    assert one.known_sha256(paths[0]) == ""
    assert not made.reading.read, "a hash needs no header"
    one.close()
    other.close()
