"""Words in the names of saved pictures, in whole runs: whose values they are, what is saved anew, what is refused."""

import json
import os
from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from PIL import Image

from graph.base.errors import WorkflowError
from graph.document.reader import from_json
from graph.engine import Engine
from nodes import save_image as saving
from nodes.tensor_values import CODECS
from tests.support.other_user import as_other_user, folder_for_all

PICTURE = {"type": "LoadImage", "inputs": {"image": "a.png"}}


@pytest.fixture(autouse=True)
def picture(put):
    """A picture to save."""
    put("a.png", Image.linear_gradient("L").resize((6, 4)).convert("RGB"))


def ref(node, output):
    return {"from": [node, output]}


def save(prefix, images=("1", "IMAGE"), **more):
    return {"type": "SaveImage", "inputs": {"images": ref(*images), "filename_prefix": prefix}, **more}


def blur(**inputs):
    return {"type": "ImageBlur", "inputs": {"image": ref("1", "IMAGE"), **inputs}}


def document(nodes, subworkflows=None):
    return from_json({"jacquard": 1, "nodes": {"1": PICTURE, **nodes}, "subworkflows": subworkflows or {}})


@pytest.fixture
def engine(engine, files):
    """The engine of the other tests, which knows pictures by their content, too."""
    with Engine(engine.registry, files, codecs=CODECS) as engine:
        yield engine


@pytest.fixture
def saved(engine):
    """Run some nodes; returns the names of what was saved or shown again, and the outcome."""

    def saved(nodes, subworkflows=None, **options):
        outcome = engine.run(document(nodes, subworkflows), **options)
        assert outcome.status == "finished", [str(problem) for problem in outcome.problems]
        names = [artifact.name for artifacts in outcome.artifacts.values() for artifact in artifacts]
        return sorted(name.replace("_00001_.png", "") for name in names), outcome

    return saved


@pytest.fixture
def refused(engine):
    """The problems of a document that cannot run."""

    def refused(nodes, subworkflows=None):
        with pytest.raises(WorkflowError) as caught:
            engine.check(document(nodes, subworkflows))
        return [(each.code, each.node, each.socket, each.message, each.remedy) for each in caught.value.problems]

    return refused


def project(value, **more):
    return {"type": "PrimitiveString", "title": "Project", "inputs": {"value": value}, **more}


# However long


@pytest.mark.parametrize("value", ["a long prompt, " * 100, "日本語のプロンプト" * 100, "😀" * 300])
@pytest.mark.parametrize(
    "prefix", ["%Project.value%", "x/" * 10 + "%Project.value%", "/".join(["%Project.value%"] * 9)]
)
def test_whatever_the_length_of_a_word_the_picture_is_saved_shown_and_found(saved, files, prefix, value):
    _, outcome = saved({"p": project(value), "2": save(prefix)})
    (artifact,) = outcome.artifacts["2"]
    assert files.path("output", artifact.name).is_file()
    assert len(quote(artifact.name)) < 4_000, "browsers and proxies take an address of that length"
    assert saved({"p": project(value), "2": save(prefix)})[1].artifacts["2"] == (artifact,)


# What is saved anew


def test_a_name_that_changes_by_its_words_is_saved_anew_and_one_that_does_not_is_reused(saved):
    for value, ran in (("alpha", ("1", "9")), ("beta", ("9",)), ("beta", ()), ("alpha", ())):
        names, outcome = saved({"2": project(value), "9": save("%Project.value%/x")})
        assert (names, outcome.ran) == ([f"{value}/x"], ran)


def test_what_is_no_word_of_the_name_saves_nothing_anew(saved):
    saved({"2": project("alpha"), "3": blur(blur_radius=2), "9": save("%Project.value%")})
    _, outcome = saved({"2": project("alpha"), "3": blur(blur_radius=3), "9": save("%Project.value%")})
    assert outcome.ran == ()


def test_a_picture_that_is_saved_is_not_saved_again_because_the_clock_went_on(saved, monkeypatch):
    class Later(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime(2049, 1, 1, tzinfo=UTC)

    first, _ = saved({"9": save("%date:yyyy-MM-dd% %year%")})
    monkeypatch.setattr(saving, "datetime", Later)
    again, outcome = saved({"9": save("%date:yyyy-MM-dd% %year%")})
    assert (again, outcome.ran) == (first, ())
    assert saved({"3": blur(), "9": save("%date:yyyy-MM-dd% %year%", ("3", "IMAGE"))})[0] == ["2049-01-01 2049"]


# Whose values they are


def test_an_input_that_is_left_at_its_default_has_a_value(saved):
    assert saved({"2": blur(), "9": save("radius_%ImageBlur.blur_radius%")})[0] == ["radius_1"]


def test_a_value_that_is_written_in_a_node_that_hands_it_on_needs_no_run_of_that_node(saved):
    names, outcome = saved(
        {
            "2": blur(blur_radius=ref("4", "value")),
            "3": {"type": "PrimitiveInt", "inputs": {"value": 3}},
            "4": {"type": "Reroute", "inputs": {"value": ref("3", "INT")}},
            "9": save("%ImageBlur.blur_radius% %Whole.value%"),
            "8": {"type": "PrimitiveInt", "title": "Whole", "inputs": {"value": 8.0}},
        }
        | {"4": {"type": "Reroute", "inputs": {"value": ref("3", "INT")}}}
        | {"2": blur(blur_radius=ref("4", "output"))}
    )
    assert names == ["3 8"]
    assert outcome.ran == ("1", "9")


def test_a_value_that_is_worked_out_in_the_run_comes_by_an_edge_and_counts(saved):
    def nodes(b):
        return {
            "2": {"type": "Calculate", "inputs": {"a": 1, "b": b}},
            "3": blur(blur_radius=ref("2", "INT")),
            "9": save("r%ImageBlur.blur_radius%"),
        }

    assert saved(nodes(1))[0] == ["r2"]
    names, outcome = saved(nodes(2))
    assert (names, set(outcome.ran)) == (["r3"], {"2", "9"}), "the blur itself is needed by nobody"
    assert saved(nodes(1))[1].ran == ()
    assert saved({**nodes(1), "2": {"type": "Calculate", "inputs": {"a": 0, "b": 2}}})[1].ran == ("2",), "equal value"


def test_a_name_may_come_from_a_text_node_with_its_words(saved, refused):
    nodes = {"2": project("%ImageBlur.blur_radius%/x"), "3": blur(), "9": save(ref("2", "STRING"))}
    assert saved(nodes)[0] == ["1/x"]
    problems = refused({**nodes, "2": project("a:b%ImageBlur.radius%")})
    assert [each[:3] for each in problems] == [
        ("bad_file_name", "9", "filename_prefix"),
        ("unknown_word", "9", "filename_prefix"),
    ]


def test_words_in_a_name_that_is_worked_out_in_the_run_stay_and_are_told(saved, engine):
    nodes = {
        "2": {"type": "Text", "inputs": {"words": ref("3", "STRING")}},
        "3": project("%Project.value% %width%"),
        "9": save(ref("2", "STRING")),
    }
    told = []
    outcome = engine.run(document(nodes), listener=told.append)
    (artifact,) = outcome.artifacts["9"]
    assert artifact.name == "%Project.value% 6_00001_.png"
    assert any("%Project.value% stays as it is" in json.dumps(event.as_json()) for event in told)


def test_of_two_nodes_the_one_with_the_title_is_meant_and_then_the_first_of_the_type(saved):
    nodes = {
        "2": blur(blur_radius=2),
        "3": {**blur(blur_radius=3), "title": "Soft"},
        "4": {**blur(blur_radius=4), "title": "ImageBlur"},
        "9": save("%Soft.blur_radius% %ImageBlur.blur_radius%"),
    }
    assert saved(nodes)[0] == ["3 4"]
    del nodes["4"]
    assert saved(nodes)[0] == ["3 2"]


def test_a_muted_node_can_still_be_named(saved):
    assert saved({"2": project("alpha", mode="muted"), "9": save("%Project.value%")})[0] == ["alpha"]


# In sub-workflows


SOFT = {
    "title": "Soften",
    "inputs": [{"name": "image", "to": [["1", "image"]]}, {"name": "times", "to": [["1", "blur_radius"]]}],
    "outputs": [{"name": "IMAGE", "from": ["1", "IMAGE"]}],
    "nodes": {
        "1": {"type": "ImageBlur", "inputs": {"blur_radius": 5}},
        "2": {
            "type": "SaveImage",
            "inputs": {"images": ref("1", "IMAGE"), "filename_prefix": "in %ImageBlur.blur_radius% %Project.value%"},
        },
    },
}


def test_each_instance_has_its_own_values_and_reaches_further_out(saved):
    nodes = {
        "2": project("alpha"),
        "3": {"type": "@soft", "title": "One", "inputs": {"image": ref("1", "IMAGE"), "times": 2}},
        "4": {"type": "@soft", "title": "Two", "inputs": {"image": ref("1", "IMAGE"), "times": ref("5", "INT")}},
        "5": {"type": "Calculate", "inputs": {"a": 1, "b": 2}},
        "6": {"type": "@soft", "inputs": {"image": ref("1", "IMAGE")}},
        "9": save("out %One.times% %Two.times% %Soften.times% %@soft.times%"),
    }
    assert saved(nodes, {"soft": SOFT})[0] == ["in 2 alpha", "in 3 alpha", "in 5 alpha", "out 2 3 2 2"]


def test_a_word_that_an_instance_cannot_know_is_refused_with_the_way_to_it(refused):
    (problem,) = refused({"3": {"type": "@soft", "inputs": {"image": ref("1", "IMAGE")}}}, {"soft": SOFT})
    assert problem[:2] == ("unknown_word", "3")
    assert problem[3] == "the word %Project.value% in the file name means nothing here"


def turn(prefix):
    return {
        "inputs": [{"name": "item", "to": [["1", "blur_radius"]]}, {"name": "extra", "to": [["1", "image"]]}],
        "outputs": [{"name": "IMAGE", "from": ["1", "IMAGE"]}],
        "nodes": {
            "1": {"type": "ImageBlur", "inputs": {}},
            "2": {"type": "SaveImage", "inputs": {"images": ref("1", "IMAGE"), "filename_prefix": prefix}},
        },
    }


def loop(**more):
    return {
        "2": project("alpha", **more),
        "3": {"type": "ForEachNumber", "inputs": {"start": 1, "stop": 4}},
        "4": {
            "type": "ForEach",
            "inputs": {"items": ref("3", "INT"), "body": "turn", "extra": ref("1", "IMAGE")},
        },
    }


def test_each_turn_of_a_loop_has_its_own_values_and_those_that_are_written_outside(saved, files):
    names, _ = saved(loop(), {"turn": turn("%ImageBlur.blur_radius% %Project.value%")})
    assert names == ["1 alpha", "2 alpha", "3 alpha"]
    again = {**loop(), "2": project("beta")}
    assert saved(again, {"turn": turn("%ImageBlur.blur_radius% %Project.value%")})[0] == ["1 beta", "2 beta", "3 beta"]
    assert saved(loop(), {"turn": turn("%ImageBlur.blur_radius% %Project.value%")})[0] == names
    assert len(list(files.root("output").iterdir())) == 6


def test_what_a_loop_cannot_know_is_refused_before_it_begins(refused):
    for prefix in ("%ImageBlur.radius%", "%Projekt.value%", "a:b", "%Calculate.a%"):
        nodes = {**loop(), "5": {"type": "Calculate", "inputs": {"a": ref("6", "FLOAT")}}, "6": {"type": "Calculate"}}
        assert len(refused(nodes, {"turn": turn(prefix)})) == 1, prefix


# Streams


def test_each_item_of_a_stream_has_its_own_values_and_the_number_comes_from_where_it_is_made(saved):
    nodes = {
        "3": {"type": "ForEachNumber", "inputs": {"start": 1, "stop": 4}},
        "4": blur(blur_radius=ref("3", "INT")),
        "9": save("r%ImageBlur.blur_radius%", ("4", "IMAGE")),
        "8": save("%ForEachNumber.stop%"),
    }
    assert saved(nodes)[0] == ["4", "r1", "r2", "r3"]


def test_a_word_that_is_another_with_each_item_is_refused_where_all_are_saved_at_once(refused, saved):
    nodes = {
        "3": {"type": "ForEachNumber", "inputs": {"start": 1, "stop": 4}},
        "4": blur(blur_radius=ref("3", "INT")),
        "9": save("r%ImageBlur.blur_radius%"),
    }
    (problem,) = refused(nodes)
    assert problem[:3] == ("items_in_name", "9", "filename_prefix")
    assert problem[3].startswith("the word %ImageBlur.blur_radius% stands for another value with each item")


# What is refused before it runs


@pytest.mark.parametrize(
    ("prefix", "code", "remedy"),
    [
        ("%ImageBlur.blur_radus%", "unknown_word", "did you mean %ImageBlur.blur_radius%?"),
        ("%ImgBlur.blur_radius%", "unknown_word", "did you mean %ImageBlur.blur_radius%?"),
        ("%yaer%", "unknown_word", "did you mean %year%?"),
        ("%widht%", "unknown_word", "did you mean %width%?"),
        ("%date%", "unknown_word", "did you mean %date:yyyy-MM-dd%?"),
        ("%Date:yyyy/MM%", "unknown_word", "did you mean %date:yyyy-MM-dd%?"),
        ("%ImageBlur.image%", "wrong_socket_type", "connect an output of type INT or FLOAT or STRING or BOOLEAN"),
        ("a:b", "bad_file_name", "use a name such as 'a_b'"),
        (".drafts/x", "bad_file_name", "use a name such as 'drafts/x'"),
        ("", "bad_file_name", "use a name such as 'picture'"),
        ("cats/", "bad_file_name", "use a name such as 'cats'"),
    ],
)
def test_a_name_that_cannot_be_saved_is_refused_with_a_better_one(refused, prefix, code, remedy):
    (problem,) = refused({"2": blur(), "9": save(prefix)})
    assert problem[:3] == (code, "9", "filename_prefix")
    assert problem[4].startswith(remedy)


@pytest.mark.parametrize("prefix", ["100% wool", "50%_x", "%", "a%%b", "v2.0%x"])
def test_a_lone_percent_sign_is_one(saved, prefix):
    assert saved({"9": save(prefix)})[0] == [prefix]


def test_only_what_the_targets_need_is_checked(engine):
    workflow = document({"8": save("a:b"), "9": save("fine")})
    assert engine.run(workflow, ["9"]).status == "finished"


def test_a_file_in_the_place_of_a_folder_is_known_before(refused, files):
    (files.root("output") / "cats").write_text("mine")
    (problem,) = refused({"9": save("cats/red/%width%")})
    assert problem == (
        "cannot_write", "9", "filename_prefix", "output/cats/red is no folder: a file lies in its place",
        "move the file, or choose another",
    )  # fmt: skip


@pytest.mark.skipif(os.name != "posix", reason="links need rights on Windows")
def test_a_link_that_leads_out_is_known_before(refused, files, tmp_path):
    (files.root("output") / "link").symlink_to(tmp_path)
    (files.root("output") / "gone").symlink_to(files.root("output") / "nowhere")
    assert refused({"9": save("link/x")})[0][3] == "the folder output/link leads out of output/"
    assert refused({"9": save("gone/x")})[0][3] == "output/gone cannot be written: the link leads nowhere"


@pytest.mark.skipif(os.name != "posix", reason="rights of POSIX")
@pytest.mark.process
def test_a_folder_that_may_not_be_written_is_known_before_without_telling_where_it_lies(engine):
    from graph.files.folders import Files

    with folder_for_all() as folder:
        (folder / "input").mkdir()
        Image.new("RGB", (2, 2)).save(folder / "input" / "a.png")
        for name in ("output", "temp", "output/cats"):
            (folder / name).mkdir()
        for name in ("output/cats", "output", "temp"):
            (folder / name).chmod(0o555)
        engine.files = Files({kind: [folder / kind] for kind in ("input", "output", "temp")})
        preview = {"type": "PreviewImage", "inputs": {"images": ref("1", "IMAGE")}}

        def check():
            try:
                engine.check(document({"8": save("cats/x"), "9": preview}))
            except WorkflowError as error:
                for problem in error.problems:
                    print(problem.code, problem.node, problem.message)

        code, said = as_other_user(check)
        assert (folder / "output" / "cats").is_dir()
    assert code == 0, said
    assert said.splitlines() == [
        "cannot_write 8 nothing can be written into output/cats",
        "cannot_write 9 nothing can be written into temp/",
    ]


def test_checking_makes_no_folder(engine, files):
    files.root("output").rmdir()
    engine.check(document({"9": save("cats/red/x")}))
    assert not files.roots["output"][0].exists()
