"""The session of scripts: packs, folders, a bar, and results that the command line finds again."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

import main
from commands import scripting
from commands.scripting import ScriptSession
from commands.terminal import ProgressView
from graph.document.workflow import Workflow as Document
from workflow import Workflow

ROOT = Path(__file__).parents[2]
PACK = '''
from graph.api import node

@node("Shout", category="text")
def shout(text: str) -> str:
    """Make a text loud."""
    return text.upper() + "!"
'''


@pytest.fixture
def home(tmp_path):
    (tmp_path / "packs").mkdir()
    (tmp_path / "packs" / "loud.py").write_text(PACK)
    return tmp_path


@pytest.fixture
def session(home):
    session = ScriptSession(home, home / "models", home / "packs")
    yield session
    session.close()


def test_packs_and_built_in_nodes_are_there_and_results_go_into_the_data_folder(session, home):
    w = Workflow(session=session)
    assert w.run(w.Shout(text="hey")) == "HEY!"
    assert w.outcome.ran
    session.close()
    assert (home / "cache").is_dir()
    assert w.run(w["Shout"]) == "HEY!", "a session that was closed goes on"


def test_without_a_disk_cache_nothing_is_written(home):
    session = ScriptSession(home, home / "models", home / "packs", disk_cache=False)
    w = Workflow(session=session)
    w.run(w.Shout(text="hey"))
    session.close()
    assert not (home / "cache").exists()


def test_a_bar_is_shown_where_a_person_watches(session, monkeypatch):
    with session.progress(Document(), None) as view:
        assert view is None
    with session.progress(Document(), True) as view:
        assert isinstance(view, ProgressView)
    terminal = io.StringIO()
    terminal.isatty = lambda: True
    monkeypatch.setattr(sys, "stderr", terminal)
    assert isinstance(session.progress(Document(), None), ProgressView)
    monkeypatch.setattr(sys, "stderr", None)
    with session.progress(Document(), None) as view:
        assert view is None


def test_the_default_session_is_one_in_the_process(monkeypatch):
    monkeypatch.setattr(scripting, "ScriptSession", lambda: object())
    scripting.default_session.cache_clear()
    try:
        assert scripting.default_session() is scripting.default_session()
    finally:
        scripting.default_session.cache_clear()


@pytest.mark.process
@pytest.mark.long
def test_what_a_script_made_is_reused_by_the_command_line_and_the_other_way_round(home, session, capsys):
    (home / "input").mkdir()
    Image.effect_noise((8, 8), 50).save(home / "input" / "noise.png")
    lines = (
        "from pathlib import Path\nfrom workflow import Session, Workflow\nhome = Path.cwd()\n"
        "w = Workflow(session=Session(home, home / 'models', home / 'packs'))\n"
        "image, _ = w.LoadImage(image='noise.png')\nw.SaveImage(images=w.ImageBlur(image=image, blur_radius=1))\n"
        "w.save('saved.json')\nw.run()\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", lines], cwd=home, env=environment, check=True)
    folders = (f"--data-dir={home}", f"--models-dir={home / 'models'}", f"--packs-dir={home / 'packs'}")

    def command_line(*more):
        assert main.main(["run", str(home / "saved.json"), "--json", *folders, *more]) == 0
        return json.loads(capsys.readouterr().out.splitlines()[-1])

    assert command_line()["reused"] == ["1", "2", "3"]
    assert command_line("--set", "ImageBlur.blur_radius=2")["ran"] == ["2", "3"]
    w = Workflow.open(home / "saved.json", session=session)
    w["ImageBlur"].inputs["blur_radius"] = 2
    w.run()
    assert (w.outcome.ran, w.outcome.reused) == ((), ("1", "2", "3"))
