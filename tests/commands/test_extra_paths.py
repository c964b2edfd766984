"""`extra_model_paths.yaml`: each folder under its kind; what cannot be used is named and hides nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from commands.extra_paths import FILE_NAME, as_notice, plain_kind, read_extra_paths
from commands.folders import find_extra_paths, find_files, find_place_names


@pytest.fixture
def write(tmp_path):
    def write(text, name=FILE_NAME):
        (tmp_path / name).write_text(text)
        return tmp_path / name

    return write


def folders(tmp_path, *names):
    for name in names:
        (tmp_path / name).mkdir(parents=True)


def test_a_section_names_folders_by_kind_below_its_base_path(tmp_path, write):
    folders(tmp_path, "a1111/models/Stable-diffusion", "a1111/models/Lora", "a1111/models/LyCORIS", "elsewhere")
    found = read_extra_paths(
        [
            write(
                f"a1111:\n  base_path: {tmp_path}/a1111\n  checkpoints: models/Stable-diffusion\n"
                f"  configs: models/Stable-diffusion\n"
                f"  loras: |\n    models/Lora\n    models/LyCORIS\n  vae: {tmp_path}/elsewhere\n"
            )
        ]
    )
    assert found.problems == ()
    assert found.after == {
        "checkpoints": [tmp_path / "a1111/models/Stable-diffusion"],
        "loras": [tmp_path / "a1111/models/Lora", tmp_path / "a1111/models/LyCORIS"],
        "vae": [tmp_path / "elsewhere"],
    }
    assert not found.before


def test_without_a_base_path_folders_are_beside_the_file_and_home_and_variables_are_filled_in(
    tmp_path, write, monkeypatch
):
    folders(tmp_path, "mine", "home/pictures/x", "disk/y")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DISK", str(tmp_path / "disk"))
    text = "one:\n  vae: mine\ntwo:\n  base_path: ~/pictures\n  vae: x\nthree:\n  base_path: $DISK\n  vae: y\n"
    found = read_extra_paths([write(text)])
    assert found.problems == ()
    assert found.after == {"vae": [tmp_path / "mine", tmp_path / "home/pictures/x", tmp_path / "disk/y"]}


def test_a_section_that_is_the_default_comes_before_one_s_own_folders(tmp_path, write):
    folders(tmp_path, "first", "last", "models/vae")
    for folder in ("first", "last", "models/vae"):
        (tmp_path / folder / "same.safetensors").touch()
    write("a:\n  is_default: true\n  vae: first\nb:\n  vae: last\n")
    files = find_files(tmp_path, tmp_path / "models", extra=find_extra_paths(tmp_path / "models"))
    assert files.roots["vae"] == [tmp_path / "first", tmp_path / "models/vae", tmp_path / "last"]
    assert files.path("vae", "same.safetensors") == tmp_path / "first" / "same.safetensors"
    assert files.choices("vae", ())[-1:] == ["same.safetensors"], "one name is offered once"


def test_other_names_of_the_field_and_of_other_programs_mean_the_same_kinds(tmp_path, write):
    pairs = {
        "clip": "text_encoders", "unet": "diffusion_models", "t2i_adapter": "controlnet",
        "Stable-Diffusion": "checkpoints", "Lora": "loras", "VAE": "vae", "ESRGAN": "upscale_models",
    }  # fmt: skip
    for name, kind in pairs.items():
        assert plain_kind(name) == kind
        folders(tmp_path, name)
    found = read_extra_paths([write("a:\n" + "".join(f"  {name}: {name}\n" for name in pairs))])
    assert found.after == {kind: [tmp_path / name] for name, kind in pairs.items()}
    assert found.problems == ()


def test_former_folder_names_are_looked_into_as_well(tmp_path):
    for folder in ("unet", "diffusion_models", "clip", "t2i_adapter"):
        folders(tmp_path, f"models/{folder}")
        (tmp_path / "models" / folder / f"{folder}.safetensors").touch()
    files = find_files(tmp_path, tmp_path / "models")
    assert files.choices("diffusion_models") == ["diffusion_models.safetensors", "unet.safetensors"]
    assert files.choices("text_encoders") == ["clip.safetensors"]
    assert files.choices("controlnet") == ["t2i_adapter.safetensors"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("bad: 7", "section 'bad': it is no list of folders by kind"),
        ("bad:\n  base_path: [1]\n  loras: good", "base_path is [1]; expected a folder"),
        ("bad:\n  base_path: $NOWHERE_SET/x\n  loras: x", "$NOWHERE_SET in its base_path is not set"),
        ("bad:\n  base_path: gone\n  loras: x", "there is no folder"),
        ("bad:\n  is_default: 3\n  loras: good", "is_default is 3; expected true or false"),
        ("bad:\n  base_path: good", "it names no folder"),
        ("bad:\n  output: good", "'output' is no kind of model folder"),
        ("bad:\n  custom_nodes: good", "'custom_nodes' is no kind of model folder"),
        ("bad:\n  ../vae: good", "'../vae' is no kind of model folder"),
        ("bad:\n  loras: 3", "loras is 3; expected a path"),
        ("bad:\n  loras: a.txt", "a.txt, named for loras, is no folder"),
        ("bad:\n  loras: typo", "typo, named for loras; its models are listed once it is there"),
    ],
)
def test_an_entry_that_cannot_be_used_is_named_and_takes_nothing_else_away(tmp_path, write, text, problem):
    folders(tmp_path, "good")
    (tmp_path / "a.txt").touch()
    found = read_extra_paths([write(f"fine:\n  vae: good\n{text}\nlast:\n  controlnet: good\n")])
    (told,) = found.problems
    assert told.startswith(f"{tmp_path / FILE_NAME}, section 'bad': ")
    assert problem in told
    assert found.after["vae"] == found.after["controlnet"] == [tmp_path / "good"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: [", "it is no YAML; line"),
        ("- a\n- b", "it has no sections"),
        ("a:\n  b: !!python/object/apply:os.system ['x']", "it is no YAML; line 2"),
        pytest.param("[" * 100_000, "it is no YAML", marks=pytest.mark.long),
        ("#" * (2**20 + 1), "it has more than 1,048,576 bytes"),
        ("a: \x00", "it is no YAML"),
    ],
    ids=["cut off", "a list", "code", "deep", "long", "zero"],
)
def test_a_file_that_is_none_of_these_is_left_out_and_the_others_count(tmp_path, write, text, problem):
    folders(tmp_path, "good")
    found = read_extra_paths([write(text, "bad.yaml"), write("a:\n  vae: good", "good.yaml")])
    (told,) = found.problems
    assert told.startswith(f"{tmp_path / 'bad.yaml'} is left out: ")
    assert problem in told
    assert found.after == {"vae": [tmp_path / "good"]}


def test_a_file_that_was_asked_for_must_be_there_and_one_that_may_lie_beside_need_not(tmp_path, write):
    assert read_extra_paths([tmp_path / FILE_NAME]).problems == ()
    (told,) = read_extra_paths([], needed=[tmp_path / "mine.yaml"]).problems
    assert told == f"{tmp_path / 'mine.yaml'} cannot be read: No such file or directory."
    assert read_extra_paths([write("")]).problems == ()


def test_folders_of_kinds_that_packs_bring_are_known_by_the_name_of_the_kind(tmp_path, write):
    folders(tmp_path, "ip")
    (tmp_path / "ip" / "a.bin").touch()
    write("a:\n  ipadapter: ip\n")
    extra = find_extra_paths(tmp_path / "models")
    assert find_files(tmp_path, tmp_path / "models", extra=extra).choices("ipadapter") == ["a.bin"]
    names = find_place_names(tmp_path, tmp_path / "models", extra)
    assert names.shorten(f"in {tmp_path}/ip/a.bin") == "in ipadapter/a.bin"


def test_a_folder_that_comes_later_is_seen_without_reading_the_file_again(tmp_path, write):
    write("a:\n  base_path: disk\n  loras: Lora\n")
    files = find_files(tmp_path, tmp_path / "models", extra=find_extra_paths(tmp_path / "models"))
    assert files.choices("loras") == []
    folders(tmp_path, "disk/Lora/styles")
    (tmp_path / "disk/Lora/styles/ink.safetensors").touch()
    assert files.choices("loras") == ["styles/ink.safetensors"]
    assert files.path("loras", "styles/ink.safetensors") == Path(tmp_path / "disk/Lora/styles/ink.safetensors")


def test_a_notice_has_the_first_problem_and_where_the_others_are():
    assert as_notice([]) == ""
    assert as_notice(["One."]) == "One."
    assert as_notice(["One.", "Two.", "Three."]) == "One. 2 more: 'python main.py models' lists them."


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="has no pipes among its files")
def test_a_pipe_in_the_place_of_the_file_is_named_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / FILE_NAME)
    found = read_extra_paths([tmp_path / FILE_NAME])
    assert found.problems == (f"{tmp_path / FILE_NAME} cannot be read: {FILE_NAME} is not a plain file.",)
