"""`models`: what each file is and what goes with it, what had to be left out, and why; nothing takes the rest away."""

import json
import os

import pytest

import main
from commands.folders import ROOT
from tests.support.headers import shapes
from tests.support.other_user import as_other_user, checkout_for_all, folder_for_all
from tests.support.sparse_files import write_plain

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
    linked = next(item for item in told["models"] if item["name"] == "linked")
    assert linked["bytes"] > 10**6
    assert (linked["folder"], linked["kind"], linked["licence"]["name"]) == ("checkpoints", "checkpoint", "Apache 2.0")
    assert told["left_out"] == [{"folder": "checkpoints", "name": "gone.ckpt", "reason": "the link leads nowhere"}]
    document = json.loads((ROOT / "workflows" / "text-to-image.json").read_text())
    document["nodes"]["4"]["inputs"]["ckpt_name"] = "linked"
    (tmp_path / "linked.json").write_text(json.dumps(document))
    assert command("check", tmp_path / "linked.json", "--models-dir", tmp_path / "models").code == 0


@pytest.fixture
def models(tmp_path):
    for kind in ("diffusion_models", "text_encoders", "vae", "checkpoints"):
        (tmp_path / "models" / kind).mkdir(parents=True)
    write_plain(tmp_path / "models/diffusion_models/flux1-dev.safetensors", shapes("flux1-dev"), "BF16")
    write_plain(tmp_path / "models/vae/ae.safetensors", shapes("vae-flux"))
    write_plain(tmp_path / "models/checkpoints/strange.safetensors", {"a.weight": (3, 3), "b.weight": (9, 9)})
    return "--models-dir", tmp_path / "models"


def test_each_file_is_told_with_what_goes_with_it_its_licence_and_what_is_missing(command, models):
    out = command("models", *models).out
    for words in (
        "Flux.1", "bf16", "22.2 GiB", "vae: vae/ae.safetensors", "t5xxl is missing", "such as t5xxl_fp16",
        "FLUX.1 [dev] Non-Commercial License", "https://huggingface.co/black-forest-labs",
        "are of no kind that is known", "none; put files here",
    ):  # fmt: skip
        assert words in out.replace("\n", " "), words


def test_a_name_with_a_line_break_stays_on_its_line(command, models):
    write_plain(models[1] / "checkpoints" / "two\nlines.safetensors", {"a.weight": (3, 3)})
    assert r"two\nlines.safetensors" in command("models", *models).out
    one = command("models", r"checkpoints/two" + "\n" + "lines.safetensors", *models).out
    assert one.startswith(r"two\nlines.safetensors")


def test_one_file_is_told_by_its_path_or_its_name(command, models, tmp_path):
    for name in ("diffusion_models/flux1-dev.safetensors", tmp_path / "models/diffusion_models/flux1-dev.safetensors"):
        answer = command("models", name, "--json", *models)
        assert (answer.lines[0]["folder"], answer.lines[0]["family"]) == ("diffusion_models", "flux")
        assert "kind     diffusion model" in command("models", name, *models).out
    for name in ("vae/none.safetensors", "nothing"):
        answer = command("models", name, *models)
        assert (answer.code, "there is no" in answer.err) == (2, True)


def test_tensors_that_nobody_reads_are_told_of_a_file_that_is_asked_about(command, models):
    more = {f"extra.{number}": (3,) for number in range(4)}
    write_plain(models[1] / "vae/more.safetensors", {**shapes("vae-flux"), **more})
    said = command("models", "vae/more.safetensors", *models).out
    assert 'nobody reads 4 tensors of it: "extra.0", "extra.1", "extra.2" and 1 more' in said
    assert command("models", "vae/more.safetensors", "--json", *models).lines[0]["unread"] == list(more)
    assert "nobody reads" not in command("models", "vae/ae.safetensors", *models).out


def test_what_a_file_is_can_be_said_and_is_forgotten_again(command, models):
    place = ("checkpoints/strange.safetensors", *models)
    said = command("models", "--set-kind", "checkpoint", "--set-family", "sdxl/v", *place)
    assert (said.code, "as you said" in said.out, "family   sdxl/v" in said.out) == (0, True, True)
    assert command("models", "--json", *place).lines[0]["override"] == {
        "kind": "checkpoint", "family": "sdxl", "variant": "v"
    }  # fmt: skip
    assert "unknown" in command("models", "--forget", *place).out
    assert command("models", "--json", *place).lines[0]["override"] == {}


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--set-kind", "pickle"], "No file can be a 'pickle'"),
        (["--set-family", "sd9"], "There is no family 'sd9'"),
        (["--set-family", "flux/9"], "flux has no variant '9'"),
    ],
)
def test_what_no_file_can_be_is_refused(command, models, flags, words):
    answer = command("models", "checkpoints/strange.safetensors", *flags, *models)
    assert (answer.code, words in answer.err.replace("\n", " ")) == (2, True)
    assert command("models", *flags, *models).err.startswith("error  Name the file that this is about.")


def test_an_entry_of_extra_model_paths_that_cannot_be_used_is_named(command, models, tmp_path):
    (tmp_path / "mine.yaml").write_text("other:\n  vae: gone\n")
    answer = command("models", "--extra-model-paths", tmp_path / "mine.yaml", *models)
    assert answer.code == 0
    assert "there is no folder" in answer.err
    assert "Flux.1" in answer.out


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
