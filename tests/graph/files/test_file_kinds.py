"""Where nobody knows model files, every file fits and nothing is set against how it looks."""

from pathlib import Path

from graph.files.file_kinds import AnyKind


def test_every_file_fits_where_nobody_knows_model_files():
    assert AnyKind().unfit([Path("a"), Path("b")], ("vae",)) == ["", ""]
    assert AnyKind().override(Path("a")) == {}
    assert AnyKind().refusal(Path("a"), "a", ("vae",)) is None
