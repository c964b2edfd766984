"""`models`: what there is, what had to be left out, and why; nothing of it takes the rest away."""

import json
import os

import pytest

import main
from commands.folders import ROOT
from tests.support.other_user import as_other_user, checkout_for_all, folder_for_all

pytestmark = pytest.mark.skipif(os.name != "posix", reason="rights and links of POSIX")


def test_a_model_behind_a_link_is_listed_and_can_be_chosen(command, tmp_path):
    (tmp_path / "models" / "checkpoints").mkdir(parents=True)
    (tmp_path / "models" / "checkpoints" / "linked").symlink_to(ROOT / "models" / "picturebook")
    (tmp_path / "models" / "checkpoints" / "gone.ckpt").symlink_to("/nowhere")
    answer = command("models", "--models-dir", tmp_path / "models")
    assert answer.code == 0
    assert "linked" in answer.out
    assert "left out: gone.ckpt  the link leads nowhere" in answer.out
    told = command("models", "--models-dir", tmp_path / "models", "--json").lines[0]
    linked = next(item for item in told["checkpoints"] if item["name"] == "linked")
    assert linked["bytes"] > 10**6
    assert told["left_out"] == [{"kind": "checkpoints", "name": "gone.ckpt", "reason": "the link leads nowhere"}]
    document = json.loads((ROOT / "workflows" / "text-to-image.json").read_text())
    document["nodes"]["4"]["inputs"]["ckpt_name"] = "linked"
    (tmp_path / "linked.json").write_text(json.dumps(document))
    assert command("check", tmp_path / "linked.json", "--models-dir", tmp_path / "models").code == 0


@pytest.mark.process
def test_a_folder_that_may_not_be_read_takes_no_list_and_no_refusal_away(command):
    checkout_for_all()
    for words in (["models"], ["check", ROOT / "workflows" / "image-to-image.json"]):
        command(*words)  # whatever is to be imported
    with folder_for_all() as folder:
        for kind in ("models/checkpoints", "input"):
            (folder / kind / "lost+found").mkdir(parents=True)
            (folder / kind / "lost+found").chmod(0)
        places = ["--models-dir", str(folder / "models"), "--data-dir", str(folder)]
        code, said = as_other_user(lambda: main.main(["models", *places]))
        assert code == 0, said
        assert "picturebook" in said
        assert "left out: lost+found  it may not be read" in said
        document = json.loads((ROOT / "workflows" / "image-to-image.json").read_text())
        load = next(node for node in document["nodes"].values() if node["type"] == "LoadImage")
        load["inputs"]["image"] = "typo.png"
        (folder / "typo.json").write_text(json.dumps(document))
        code, said = as_other_user(lambda: main.main(["check", str(folder / "typo.json"), *places, "--json"]))
    assert code == 2, said
    (problem,) = json.loads(said.splitlines()[-1])["problems"]
    assert problem["message"] == "there is no 'typo.png' in input/"
    assert problem["expected"].endswith("(left out: lost+found: it may not be read)")
