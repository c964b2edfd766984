"""What counts as a set in a folder: captions beside pictures, how often a picture counts, and what is left out."""

import os

import pytest

from graph.api import NodeError
from nodes.set_folder import LeftOuts, facts, look


@pytest.fixture
def put_text(files):
    """Write files into the folder `set` of the input folder; pictures are not opened here, so any bytes do."""

    def put_text(**texts):
        for name, text in texts.items():
            path = files.root("input") / "set" / name.replace("__", "/").replace("_dot_", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())

    return put_text


def seen(files, folder="set"):
    left_out = LeftOuts()
    return {entry.name: (entry.caption, entry.repeats) for entry in look(files, folder, left_out)}, left_out.reasons


def test_a_caption_is_the_text_file_beside_the_picture(files, put_text):
    put_text(a_dot_png="", a_dot_txt="\ufeff a cat,\n on a mat ", b_dot_jpg="", b_dot_caption="a dog", c_dot_webp="")
    assert seen(files) == ({"a.png": ("a cat, on a mat", 1), "b.jpg": ("a dog", 1), "c.webp": ("", 1)}, {})


def test_the_number_of_a_folder_says_how_often_its_pictures_count_beside_the_others(files, put_text):
    put_text(**{"4_best__a_dot_png": "", "6_rest__b_dot_png": "", "6_rest__b_dot_txt": "b", "0_no__c_dot_png": ""})
    entries, reasons = seen(files)
    assert entries == {"4_best/a.png": ("", 2), "6_rest/b.png": ("b", 3)}
    assert reasons == {"0_no/c.png": "its folder says that it counts 0 times"}


def test_a_folder_alone_counts_once_whatever_its_number(files, put_text):
    put_text(**{"10_cat__a_dot_png": "", "10_cat__b_dot_png": ""})
    assert {repeats for _, repeats in seen(files)[0].values()} == {1}


def test_everything_else_is_left_out_with_its_reason(files, put_text):
    put_text(a_dot_png="", notes_dot_txt="hello", b_dot_psd="", c_dot_png="", c_dot_txt=b"\xff\xfe\x00", d_dot_png="",
             d_dot_txt="x" * 100_001)  # fmt: skip
    entries, reasons = seen(files)
    assert set(entries) == {"a.png"}
    assert reasons == {
        "b.psd": "it is neither a picture nor a caption",
        "c.png": "its caption c.txt is not written in UTF-8",
        "d.png": "its caption d.txt has more than 100,000 bytes",
        "notes.txt": "there is no picture that it could be the caption of",
    }


def test_the_input_folder_itself_is_taken_without_its_folders(files, put_text):
    put_text(a_dot_png="")
    (files.root("input") / "x.png").write_bytes(b"")
    assert set(seen(files, "")[0]) == {"x.png"}


def test_a_folder_that_is_not_there_is_refused_with_a_suggestion(files, put_text):
    put_text(a_dot_png="")
    with pytest.raises(NodeError, match="no folder 'sett'") as caught:
        seen(files, "sett")
    assert caught.value.input == "folder"
    assert "'set'" in caught.value.remedy


def test_a_folder_that_leads_out_is_refused(files):
    with pytest.raises(NodeError) as caught:
        seen(files, "../output")
    assert caught.value.input == "folder"


def test_the_facts_change_with_a_caption_and_a_picture(files, put_text):
    put_text(a_dot_png="x", a_dot_txt="a cat")
    before = facts(files, "set")
    assert facts(files, "set") == before
    put_text(a_dot_txt="a dog")
    after = facts(files, "set")
    assert [one == other for one, other in zip(before, after, strict=True)] == [True, False]
    path = files.root("input") / "set/a.png"
    os.utime(path, ns=(1, 1))
    assert facts(files, "set")[0] != after[0]


def test_of_very_many_left_outs_only_the_first_are_warned_of():
    left_outs, warned = LeftOuts(), []
    for number in range(12):
        left_outs(f"{number}.psd", "no")
    left_outs.tell(warned.append)
    assert warned[0] == "0.psd was left out: no"
    assert len(warned) == 9
    assert warned[-1].startswith("4 more were left out")
    assert len(left_outs.lines()) == 12
