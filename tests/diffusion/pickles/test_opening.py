"""What of a pickle is obeyed: tensors and containers, nothing else."""

from __future__ import annotations

import os
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from diffusion.errors import DiffusionError
from diffusion.pickles.opening import check_archive, refuse_harmful, unpickle

NEW, OLD = True, False


class Callback:
    """Stands for what a training program remembers beside the weights."""

    def __init__(self) -> None:
        self.best = 3


class Calls:
    """A pickle that calls a function when it is opened."""

    def __init__(self, function: Callable[..., Any], *arguments: Any) -> None:
        self.call = function, arguments

    def __reduce__(self) -> Any:
        return self.call


def save(content: Any, path: Path, form: bool) -> Path:
    torch.save(content, path, _use_new_zipfile_serialization=form)
    return path


@pytest.mark.parametrize("form", [NEW, OLD], ids=["archive", "before 1.6"])
def test_weights_are_read_and_objects_of_unknown_classes_are_not_made(tmp_path: Path, form: bool) -> None:
    path = save({"a": torch.arange(6.0), "callback": Callback()}, tmp_path / "a.ckpt", form)
    content, names = unpickle(path)
    assert torch.equal(content["a"], torch.arange(6.0))
    assert not isinstance(content["callback"], Callback)
    assert not vars(content["callback"])
    assert names == [f"{Callback.__module__}.Callback"]


@pytest.mark.parametrize("form", [NEW, OLD], ids=["archive", "before 1.6"])
@pytest.mark.parametrize("function", [subprocess.call, eval, exec, os.remove, getattr, __import__])
def test_what_calls_a_function_is_refused_and_nothing_is_called(
    tmp_path: Path, form: bool, function: Callable[..., Any]
) -> None:
    victim = tmp_path / "victim"
    victim.touch()
    arguments = {subprocess.call: (["rm", str(victim)],), os.remove: (str(victim),)}.get(
        function, (f"open({str(victim)!r}, 'w')",)
    )
    path = save({"a": torch.ones(1), "b": Calls(function, *arguments)}, tmp_path / "evil.pt", form)
    with pytest.raises(DiffusionError, match="which no weight file needs") as caught:
        unpickle(path)
    assert victim.exists()
    assert "Do not use this file" in caught.value.remedy


@pytest.mark.parametrize("name", ["os.system", "__builtin__.eval", "subprocess.Popen", "nt.system", "runpy.run_path"])
def test_one_harmful_name_among_harmless_ones_is_enough(name: str) -> None:
    with pytest.raises(DiffusionError, match="no weight file needs"):
        refuse_harmful(["pytorch_lightning.callbacks.ModelCheckpoint", name], "a.ckpt")


def test_names_that_training_programs_write_are_not_refused() -> None:
    refuse_harmful(
        ["builtins.set", "pathlib.PosixPath", "numpy.core.multiarray.scalar", "lightning.Callback"], "a.ckpt"
    )


def test_an_archive_that_unpacks_to_more_than_it_is_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.pt", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data/0", b"\0" * 10**6)
    with pytest.raises(DiffusionError, match="would unpack to"):
        check_archive(tmp_path / "bomb.pt")


@pytest.mark.parametrize("content", [b"", b"hello", b"\x80\x02}q\x00.", b"PK\x03\x04", os.urandom(300)])
def test_what_is_no_weight_file_is_refused_in_words(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.ckpt").write_bytes(content)
    with pytest.raises(DiffusionError, match=r"x\.ckpt"):
        unpickle(tmp_path / "x.ckpt")


@pytest.mark.parametrize("form", [NEW, OLD], ids=["archive", "before 1.6"])
def test_a_file_cut_anywhere_is_refused_in_words(tmp_path: Path, form: bool) -> None:
    whole = save({"a": torch.ones(100)}, tmp_path / "a.ckpt", form).read_bytes()
    for part in range(0, len(whole) - 1, max(1, len(whole) // 17)):
        (tmp_path / "cut.ckpt").write_bytes(whole[:part])
        with pytest.raises(DiffusionError):
            unpickle(tmp_path / "cut.ckpt")
