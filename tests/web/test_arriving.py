"""Files that arrive by drop and paste: several at once, damaged ones, folders; nothing is left out without a word."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.graph.test_shared_cases import CASES, file_of

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.web.conftest import Editor, Serving

RECORDS = json.loads((Path(__file__).resolve().parents[1] / "cases" / "picture-records.json").read_text())
DROP = """([target, place, files]) => {
  const transfer = new DataTransfer()
  for (const [name, type, data] of files) {
    const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0))
    transfer.items.add(new File([bytes], name, { type }))
  }
  const element = target ?? document.elementFromPoint(...place)
  for (const kind of ['dragenter', 'dragover', 'drop']) {
    element.dispatchEvent(new DragEvent(kind, {
      dataTransfer: transfer, bubbles: true, cancelable: true, clientX: place[0], clientY: place[1],
    }))
  }
}"""
NOTE = {"1": {"type": "PrimitiveString", "position": [0, 0], "inputs": {"value": "kept"}}}


def drop(page: Page, files: list[tuple[str, str, bytes]], on: Any = None) -> None:
    sent = [[name, media, base64.b64encode(data).decode()] for name, media, data in files]
    page.evaluate(DROP, [on.element_handle() if on else None, [500, 600], sent])


def drop_as_the_system_does(page: Page, *paths: Path, address: str = "") -> None:
    """Things of the disk, folders too, or an address of another page."""
    items = [{"mimeType": "text/uri-list", "data": address}] if address else []
    data = {"items": items, "files": [str(path) for path in paths], "dragOperationsMask": 1}
    session = page.context.new_cdp_session(page)
    for kind in ("dragEnter", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": kind, "x": 500, "y": 600, "data": data})
    session.detach()


def png(colour: str, size: tuple[int, int] = (40, 30)) -> bytes:
    from PIL import Image

    written = io.BytesIO()
    Image.new("RGB", size, colour).save(written, "PNG")
    return written.getvalue()


def picture(name: str, colour: str) -> tuple[str, str, bytes]:
    return name, "image/png", png(colour)


def loaders(page: Page) -> Any:
    return page.get_by_role("group", name="Load Image")


def test_three_pictures_become_three_nodes_in_one_step(page: Page, editor: Editor) -> None:
    editor.open(NOTE)
    drop(page, [picture(f"three-{colour}.png", colour) for colour in ("red", "lime", "blue")])
    expect(loaders(page)).to_have_count(3)
    expect(page.locator(".toast").last).to_contain_text("Added 3 pictures")
    nodes = [node for node in editor.document()["nodes"].values() if node["type"] == "LoadImage"]
    assert [node["inputs"]["image"] for node in nodes] == ["three-red.png", "three-lime.png", "three-blue.png"]
    places = [node["position"] for node in nodes]
    apart = [
        abs(one[0] - other[0]) >= 280 or abs(one[1] - other[1]) >= 200
        for index, one in enumerate(places)
        for other in places[index + 1 :]
    ]
    assert all(apart), "none covers another"
    page.keyboard.press("Control+z")
    expect(loaders(page)).to_have_count(0)
    expect(editor.nodes()).to_have_count(1)


def test_a_picture_among_others_that_cannot_be_used_is_named_and_the_others_are_taken(
    page: Page, editor: Editor
) -> None:
    editor.open(NOTE)
    damaged = ("torn.png", "image/png", png("red")[:40])
    drop(page, [picture("good-one.png", "navy"), damaged, picture("good-two.png", "teal")])
    expect(page.locator(".toast.is-bad")).to_contain_text("1 of 3 were not taken")
    expect(page.locator(".toast.is-bad")).to_contain_text("torn.png")
    expect(loaders(page)).to_have_count(2)


def test_pictures_that_are_let_go_on_a_node_go_into_it_and_beside_it(page: Page, editor: Editor) -> None:
    editor.open({"1": {"type": "LoadImage", "position": [0, 0], "inputs": {"image": "house-sketch.png"}}})
    drop(page, [picture("into.png", "olive")], on=editor.node("1").locator("header"))
    expect(editor.node("1").get_by_label("Picture", exact=True)).to_have_value("into.png")
    expect(loaders(page)).to_have_count(1)
    drop(page, [picture("first.png", "plum"), picture("second.png", "tan")], on=editor.node("1").locator("header"))
    expect(editor.node("1").get_by_label("Picture", exact=True)).to_have_value("first.png")
    expect(loaders(page)).to_have_count(2)
    expect(page.locator(".toast").last).to_contain_text("the others beside it")
    page.keyboard.press("Control+z")
    expect(editor.node("1").get_by_label("Picture", exact=True)).to_have_value("into.png")
    expect(loaders(page)).to_have_count(1)


def test_folders_are_named_whatever_they_are_called_and_what_lies_beside_them_is_taken(
    page: Page, editor: Editor, tmp_path: Path
) -> None:
    editor.open(NOTE)
    for name in ("holiday", "album.png"):
        (tmp_path / name).mkdir()
    (tmp_path / "beside.png").write_bytes(png("gold"))
    drop_as_the_system_does(page, tmp_path / "holiday", tmp_path / "beside.png", tmp_path / "album.png")
    expect(page.locator(".toast.is-bad")).to_contain_text("holiday, album.png are folders")
    expect(page.locator(".toast.is-bad")).to_contain_text("Load Images from Folder")
    expect(loaders(page)).to_have_count(1)
    expect(page.locator(".toast.is-bad")).to_have_count(1)


def test_a_picture_whose_name_tells_nothing_is_taken_among_others(page: Page, editor: Editor) -> None:
    editor.open(NOTE)
    drop(page, [("scan", "", png("red")), picture("known.png", "blue"), ("notes", "", b"hello"), ("more", "", b"yes")])
    expect(page.locator(".toast.is-bad")).to_contain_text("2 of 4 were not taken")
    expect(page.locator(".toast.is-bad")).to_contain_text("notes: This file is neither a workflow nor a picture")
    expect(loaders(page)).to_have_count(2)


def test_a_file_that_went_away_meanwhile_is_blamed_and_not_the_server(
    page: Page, editor: Editor, tmp_path: Path
) -> None:
    editor.open(NOTE)
    gone = tmp_path / "gone.png"
    gone.write_bytes(png("pink"))
    page.evaluate("""() => addEventListener('drop', (event) => {
      event.preventDefault()
      window.kept = event.dataTransfer.files[0]
    }, { capture: true, once: true })""")
    drop_as_the_system_does(page, gone)
    expect(loaders(page)).to_have_count(1)
    gone.unlink()
    again = """() => {
      const transfer = new DataTransfer()
      transfer.items.add(window.kept)
      const init = { dataTransfer: transfer, bubbles: true, cancelable: true, clientX: 700, clientY: 800 }
      document.querySelector('.react-flow__pane').dispatchEvent(new DragEvent('drop', init))
    }"""
    page.evaluate(again)
    expect(page.locator(".toast.is-bad")).to_contain_text("gone.png was not opened")
    expect(page.locator(".toast.is-bad")).to_contain_text("cannot be read any more")


@pytest.mark.parametrize("address", ["https://example.org/cat.png", "javascript:alert(1)", "file:///etc/hostname"])
def test_an_address_is_refused_with_what_to_do_and_leads_nowhere(page: Page, editor: Editor, address: str) -> None:
    editor.open(NOTE)
    drop_as_the_system_does(page, address=address)
    expect(page.locator(".toast.is-bad")).to_contain_text("Save the file on this computer and drop it here")
    expect(editor.nodes()).to_have_count(1)


def test_a_picture_of_this_page_is_dragged_onto_the_canvas_and_its_workflow_opens(page: Page, editor: Editor) -> None:
    pictures = page.get_by_role("complementary", name="Result")
    editor.run()
    expect(pictures.get_by_role("status")).to_contain_text("Finished in")
    editor.open(NOTE)
    page.locator(".toast").get_by_role("button", name="Close this message").click()
    editor.drag(pictures.locator(".result-recent img").first, (500, 760))
    expect(page.locator(".toast").last).to_contain_text("Opened the workflow of")
    expect(page.get_by_label("Title of the workflow")).to_have_value("Text to image")


def test_a_workflow_that_is_let_go_on_a_picture_opens(page: Page, editor: Editor) -> None:
    editor.open({"1": {"type": "LoadImage", "position": [0, 0]}})
    text = json.dumps({"jacquard": 1, "title": "Over a node", "nodes": NOTE}).encode()
    drop(page, [("over.json", "application/json", text)], on=editor.node("1").locator("header"))
    expect(page.get_by_label("Title of the workflow")).to_have_value("Over a node")


def test_a_workflow_and_pictures_at_once_are_all_taken(page: Page, editor: Editor) -> None:
    text = json.dumps({"jacquard": 1, "title": "With pictures", "nodes": NOTE}).encode()
    drop(page, [picture("mix-a.png", "red"), ("mix.json", "application/json", text), picture("mix-b.png", "blue")])
    expect(page.get_by_label("Title of the workflow")).to_have_value("With pictures")
    expect(loaders(page)).to_have_count(2)
    expect(editor.nodes()).to_have_count(3)


def test_of_two_workflows_none_is_chosen_without_a_word(page: Page, editor: Editor) -> None:
    editor.open(NOTE, title="Stays")
    text = json.dumps({"jacquard": 1, "title": "Other", "nodes": {}}).encode()
    drop(page, [("a.json", "application/json", text), ("b.json", "application/json", text)])
    expect(page.locator(".toast.is-bad")).to_contain_text("a.json: only one workflow can be opened at a time")
    expect(page.locator(".toast.is-bad")).to_contain_text("b.json")
    expect(page.get_by_label("Title of the workflow")).to_have_value("Stays")


@pytest.mark.parametrize(
    ("name", "media", "data", "words"),
    [
        ("notes.txt", "text/plain", b"hello", "neither a workflow nor a picture"),
        ("weights.safetensors", "", b"\x08\x00\x00\x00\x00\x00\x00\x00{}", "neither a workflow nor a picture"),
        ("empty.json", "application/json", b"", "it is empty"),
        ("wide.json", "application/json", '{"jacquard":1}'.encode("utf-16"), "UTF-16"),
    ],
)
def test_other_files_are_refused_by_their_name(
    page: Page, editor: Editor, name: str, media: str, data: bytes, words: str
) -> None:
    editor.open(NOTE)
    drop(page, [(name, media, data)])
    expect(page.locator(".toast.is-bad")).to_contain_text(f"{name} was not opened")
    expect(page.locator(".toast.is-bad")).to_contain_text(words)
    expect(editor.nodes()).to_have_count(1)


def test_a_picture_whose_workflow_is_damaged_is_taken_as_a_picture_and_said(page: Page, editor: Editor) -> None:
    editor.open(NOTE)
    # what is wrong with the text, not with the picture around it
    torn = next(case for case in RECORDS if case["name"] == "an empty text")
    drop(page, [("painted.png", "image/png", base64.b64decode(torn["base64"]))])
    expect(loaders(page)).to_have_count(1)
    expect(page.locator(".toast.is-bad")).to_contain_text("The workflow of painted.png was not opened")
    expect(page.locator(".toast.is-bad")).to_contain_text("It was taken as a picture")
    expect(page.get_by_label("Title of the workflow")).to_have_value("Test")


def test_what_check_refuses_is_refused_with_its_place_and_nothing_on_the_canvas_is_lost(
    page: Page, editor: Editor
) -> None:
    editor.open(NOTE)
    page.keyboard.press("Control+a")
    names = ("Latin-1", "an id twice", "the number 1e400", "cut off after 40 letters", "the word NaN")
    for case in CASES:
        if case["name"] not in names:
            continue
        drop(page, [(f"{case['name']}.json", "application/json", file_of(case))])
        shown = page.locator(".toast.is-bad", has_text=f"{case['name']}.json was not opened")
        expect(shown).to_contain_text(f"line {case.get('line', 1)}, column {case.get('column', '')}")
        shown.get_by_role("button", name="Close this message").click()
    expect(page.get_by_label("Title of the workflow")).to_have_value("Test")
    assert editor.document()["nodes"]["1"]["inputs"]["value"] == "kept"


def test_a_file_that_is_opened_and_downloaded_is_the_same_document(page: Page, editor: Editor) -> None:
    from graph.document.reader import parse
    from graph.document.writer import to_json

    # few of the many cases, which vitest goes through: here the whole way, through file, page and download
    names = [
        "UTF-8 with a byte order mark", "half an emoji as an escape", "what is unknown is kept",
        "the number 18446744073709551615", "the number 1e20", "the number -0.0", "names that look alike",
    ]  # fmt: skip
    for case in CASES:
        if case["name"] not in names:
            continue
        names.remove(case["name"])
        page.keyboard.press("Control+o")
        file = {"name": "case.json", "mimeType": "application/json", "buffer": file_of(case)}
        page.get_by_label("Workflow file", exact=True).set_input_files(file)
        expect(page.locator(".toast").last).to_contain_text("Opened")
        page.locator(".toast").last.get_by_role("button", name="Close this message").click()
        with page.expect_download() as download:
            page.get_by_role("button", name="Main menu").click()
            page.get_by_role("menuitem", name="Download as a file").click()
        assert to_json(parse(download.value.path().read_bytes())) == to_json(parse(file_of(case))), case["name"]
    assert not names


def test_text_that_is_no_workflow_is_not_pasted_without_a_word(page: Page, editor: Editor) -> None:
    editor.open(NOTE)
    for text, words in (
        ("just words", "nothing to paste"),
        ('{"jacquard": 1, "nodes": {"1": {"type": "A"}, "1": {"type": "B"}}}', "occurs twice"),
        ('{"jacquard": 1, "nodes": {"1": {"type": "A", "inputs": {"x": 1e400}}}}', "1e400"),
    ):
        page.evaluate("(text) => navigator.clipboard.writeText(text)", text)
        page.locator(".react-flow__pane").click(position={"x": 700, "y": 600})
        page.keyboard.press("Control+v")
        expect(page.locator(".toast").last).to_contain_text(words)
    expect(editor.nodes()).to_have_count(1)


def test_what_a_whole_workflow_has_beside_its_nodes_is_named_when_it_is_pasted(page: Page, editor: Editor) -> None:
    editor.open(NOTE)
    text = json.dumps({"jacquard": 1, "title": "Whole", "nodes": NOTE, "groups": [{"title": "g"}]})
    page.evaluate("(text) => navigator.clipboard.writeText(text)", text)
    page.keyboard.press("Control+v")
    expect(page.locator(".toast").last).to_contain_text("Left out: title, groups")
    expect(editor.nodes()).to_have_count(2)


WIRED = {
    "1": {"type": "PrimitiveInt", "position": [0, 0], "inputs": {"value": 5}},
    "2": {"type": "Calculate", "position": [400, 0], "inputs": {"a": {"from": ["1", "INT"]}, "b": 2}},
}


def wires_into_copies(editor: Editor, known: tuple[str, ...] = ("1", "2")) -> list[Any]:
    nodes = editor.document()["nodes"]
    return [node.get("inputs", {}).get("a") for key, node in nodes.items() if key not in known]


def test_a_pasted_copy_says_which_wires_it_left_out_and_how_to_keep_them(page: Page, editor: Editor) -> None:
    editor.open(WIRED)
    editor.node("2").locator("header h3").click()
    page.keyboard.press("Control+c")
    page.keyboard.press("Control+v")
    toast = page.locator(".toast").last
    expect(toast).to_contain_text("One wire was left out")
    expect(toast).to_contain_text("Ctrl + Shift + V")
    expect(editor.nodes()).to_have_count(3)
    assert wires_into_copies(editor) == [None]
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+Shift+V")
    expect(editor.nodes()).to_have_count(3)
    assert wires_into_copies(editor) == [{"from": ["1", "INT"]}]


def test_a_duplicate_gets_what_its_original_gets(page: Page, editor: Editor) -> None:
    editor.open(WIRED)
    editor.node("2").locator("header h3").click()
    page.keyboard.press("Control+d")
    expect(editor.nodes()).to_have_count(3)
    assert wires_into_copies(editor) == [{"from": ["1", "INT"]}]
    expect(page.locator(".toast", has_text="left out")).to_have_count(0)


def test_wires_from_another_workflow_cannot_be_kept_and_this_is_said(page: Page, editor: Editor) -> None:
    editor.open(WIRED)
    editor.node("2").locator("header h3").click()
    page.keyboard.press("Control+c")
    editor.open({"1": {"type": "PrimitiveInt", "position": [0, 0]}}, title="Elsewhere")
    page.keyboard.press("Control+Shift+V")
    expect(page.locator(".toast").last).to_contain_text("The node that it comes from is not here")
    expect(editor.nodes()).to_have_count(2)
    assert wires_into_copies(editor, ("1",)) == [None]


def test_a_sub_workflow_that_comes_under_another_id_is_named_once_and_comes_once(page: Page, editor: Editor) -> None:
    def sub(title: str, socket: str) -> dict[str, Any]:
        inner = {"1": {"type": "EmptyLatentImage", "position": [0, 0]}}
        return {"canvas": {"title": title, "nodes": inner, "inputs": [{"name": "side", "to": [["1", socket]]}]}}

    use = {"7": {"type": "@canvas", "position": [0, 0]}}
    editor.open(use, title="From", subworkflows=sub("Wide", "width"))
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+c")
    editor.open(use, title="To", subworkflows=sub("High", "height"))
    page.keyboard.press("Control+v")
    said = page.locator(".toast", has_text="has another id here")
    expect(said).to_contain_text("“Wide” (canvas) became canvas-2")
    said.get_by_role("button", name="Close this message").click()
    page.keyboard.press("Control+v")
    expect(editor.nodes()).to_have_count(3)
    expect(said).to_have_count(0)
    written = editor.document()
    assert [node["type"] for node in written["nodes"].values()] == ["@canvas", "@canvas-2", "@canvas-2"]
    assert list(written["subworkflows"]) == ["canvas", "canvas-2"]


def test_what_is_being_done_stays_among_many_messages(page: Page, editor: Editor) -> None:
    editor.open(NOTE)
    held: list[Any] = []
    page.route("**/uploads", lambda route: held.append(route))
    drop(page, [picture("slow-a.png", "red"), picture("slow-b.png", "blue")])
    expect(page.locator(".toast", has_text="Uploading 1 of 2")).to_be_visible()
    for number in range(8):
        drop(page, [(f"notes-{number}.txt", "text/plain", b"hello")])
    expect(page.locator(".toast", has_text="notes-7.txt")).to_be_visible()
    expect(page.locator(".toast", has_text="Uploading 1 of 2")).to_be_visible()
    for route in held:
        route.continue_()
    page.unroute("**/uploads")


def test_a_long_upload_says_how_far_it_is(page: Page, editor: Editor, serving: Serving) -> None:
    import os

    from PIL import Image

    editor.open({"1": {"type": "LoadImage", "position": [0, 0]}})
    file = serving.folder / "large.png"
    Image.frombytes("RGB", (2000, 1600), os.urandom(2000 * 1600 * 3)).save(file, compress_level=0)
    page.evaluate("""() => {
      window.said = []
      const look = () => window.said.push(document.querySelector('.toasts').textContent)
      new MutationObserver(look).observe(document.querySelector('.toasts'), {
        childList: true, subtree: true, characterData: true,
      })
    }""")
    editor.node("1").locator("input[type=file]").set_input_files(file)
    expect(editor.node("1").get_by_label("Picture", exact=True)).to_have_value("large.png")
    said = "\n".join(page.evaluate("window.said"))
    assert "Uploading: large.png (9" in said
    assert "0 %" in said
    expect(page.locator(".toast", has_text="Uploading")).to_have_count(0)


def test_pictures_that_arrive_after_another_workflow_was_opened_are_not_put_into_it(page: Page, editor: Editor) -> None:
    editor.open(NOTE, title="First")
    held: list[Any] = []
    page.route("**/uploads", lambda route: held.append(route))
    drop(page, [picture("late.png", "coral")])
    while not held:
        page.evaluate("0")  # lets what happened be told
    editor.open(NOTE, title="Second")
    held[0].continue_()
    expect(page.locator(".toast.is-bad")).to_contain_text("late.png was not taken")
    expect(page.locator(".toast.is-bad")).to_contain_text("among the inputs")
    expect(editor.nodes()).to_have_count(1)
