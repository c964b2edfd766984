"""Workflows as files: save, open, reload, crash, two tabs, dropped JSON and PNG, pictures, templates."""

from __future__ import annotations

import base64
import json
import shutil
from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

from tests.web.conftest import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.web.conftest import Editor, Serving

DROP = """([place, name, type, data]) => {
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0))
  const transfer = new DataTransfer()
  transfer.items.add(new File([bytes], name, { type }))
  const target = document.elementFromPoint(...place)
  for (const kind of ['dragenter', 'dragover', 'drop']) {
    target.dispatchEvent(new DragEvent(kind, {
      dataTransfer: transfer, bubbles: true, cancelable: true, clientX: place[0], clientY: place[1],
    }))
  }
}"""
NOTE = {"1": {"type": "PrimitiveString", "position": [0, 0], "inputs": {"value": "kept"}}}


def drop(page: Page, data: bytes, name: str, media: str, place: tuple[float, float] = (500, 700)) -> None:
    page.evaluate(DROP, [list(place), name, media, base64.b64encode(data).decode()])


def value_of(editor: Editor) -> Any:
    return editor.node("1").get_by_label("Value", exact=True)


def test_an_unsaved_workflow_survives_a_reload(page: Page, editor: Editor) -> None:
    editor.open(NOTE)
    value_of(editor).fill("written just now")
    page.reload()
    expect(value_of(editor)).to_have_value("written just now")
    expect(page.get_by_role("button", name="Kept in this browser")).to_be_visible()


# A write that is left to commit itself waits for the page to hear of it; a page that goes away before that undoes it.
# So whether an edit survives a reload right after it must not depend on a further turn of the page's event loop.
EDIT_AND_LOOK = """async () => {
  const open = new Set()
  const put = IDBObjectStore.prototype.put
  const commit = IDBTransaction.prototype.commit
  IDBObjectStore.prototype.put = function (...given) { open.add(this.transaction); return put.apply(this, given) }
  IDBTransaction.prototype.commit = function () { open.delete(this); looked.committed += 1; return commit.call(this) }
  const looked = { committed: 0 }
  const field = document.querySelector('[data-id="1"] input, [data-id="1"] textarea')
  Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), 'value').set.call(field, 'written just now')
  field.dispatchEvent(new Event('input', { bubbles: true }))
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
  return { ...looked, open: open.size }
}"""


def test_an_edit_is_handed_to_the_store_of_the_browser_at_once(page: Page, editor: Editor) -> None:
    editor.open(NOTE)
    expect(value_of(editor)).to_have_value("kept")
    assert page.evaluate(EDIT_AND_LOOK) == {"committed": 1, "open": 0}
    page.reload()
    expect(value_of(editor)).to_have_value("written just now")


def test_a_number_that_is_being_typed_survives_a_reload(page: Page, editor: Editor) -> None:
    editor.open({"1": {"type": "PrimitiveInt", "position": [0, 0], "inputs": {"value": 3}}})
    value_of(editor).fill("8")
    page.reload()
    expect(value_of(editor)).to_have_value("8")


def test_an_unsaved_workflow_survives_a_crash(page: Page, editor: Editor, serving: Serving) -> None:
    editor.open(NOTE)
    value_of(editor).fill("written before the crash")
    page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    context = page.context
    page.close(run_before_unload=False)
    again = context.new_page()
    again.goto(serving.address)
    expect(again.get_by_label("Value", exact=True)).to_have_value("written before the crash")


def test_two_tabs_have_documents_of_their_own(page: Page, editor: Editor, serving: Serving) -> None:
    editor.open(NOTE, title="Mine")
    other = page.context.new_page()
    other.goto(serving.address)
    expect(other.get_by_label("Title of the workflow")).to_have_value("Text to image")
    page.reload()
    expect(page.get_by_label("Title of the workflow")).to_have_value("Mine")


def save_as(page: Page, title: str) -> None:
    page.keyboard.press("Control+Shift+s")
    expect(page.get_by_label("Title", exact=True)).to_be_focused()
    page.get_by_label("Title", exact=True).fill(title)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("button", name="Saved")).to_be_visible()


def test_a_workflow_is_saved_then_saves_itself_and_is_opened_again(
    page: Page, editor: Editor, serving: Serving
) -> None:
    editor.open(NOTE)
    save_as(page, "My first cloth")
    value_of(editor).fill("changed later")
    expect(page.get_by_role("button", name="Saving soon")).to_be_visible()
    expect(page.get_by_role("button", name="Saved")).to_be_visible()
    found = list(serving.folder.rglob("my-first-cloth.json"))
    assert found
    assert json.loads(found[0].read_text())["nodes"]["1"]["inputs"]["value"] == "changed later"
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    page.keyboard.press("Control+z")
    editor.open({}, title="Something else")
    page.keyboard.press("Control+o")
    page.get_by_role("dialog", name="Open a workflow").get_by_role("button", name="My first cloth").click()
    expect(value_of(editor)).to_have_value("changed later")


def test_a_file_that_changed_elsewhere_is_never_written_over_silently(
    page: Page, editor: Editor, serving: Serving
) -> None:
    editor.open(NOTE)
    save_as(page, "Shared cloth")
    other = page.context.new_page()
    other.goto(serving.address)
    other.locator(".react-flow__node").first.wait_for()
    other.keyboard.press("Control+o")
    other.get_by_role("dialog").get_by_role("button", name="Shared cloth").click()
    other.get_by_label("Value", exact=True).fill("theirs")
    expect(other.get_by_role("button", name="Saved")).to_be_visible()
    value_of(editor).fill("mine")
    dialog = page.get_by_role("dialog", name="Changed elsewhere")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Take the other version").click()
    expect(value_of(editor)).to_have_value("theirs")
    page.keyboard.press("Control+z")
    expect(value_of(editor)).to_have_value("mine")


def test_undo_comes_back_to_a_saved_file_which_saves_itself_as_before(
    page: Page, editor: Editor, serving: Serving
) -> None:
    editor.open(NOTE)
    save_as(page, "Come back cloth")
    editor.open({}, title="Something else")
    page.keyboard.press("Control+z")
    expect(page.get_by_role("button", name="Saved")).to_be_visible()
    value_of(editor).fill("after coming back")
    expect(page.get_by_role("button", name="Saving soon")).to_be_visible()
    expect(page.get_by_role("button", name="Saved")).to_be_visible()
    (found,) = serving.folder.rglob("come-back-cloth.json")
    assert json.loads(found.read_text())["nodes"]["1"]["inputs"]["value"] == "after coming back"


def test_a_dropped_json_file_opens_and_undo_brings_back_what_was_there(page: Page, editor: Editor) -> None:
    text = json.dumps({"jacquard": 1, "title": "Dropped", "nodes": NOTE})
    drop(page, text.encode(), "dropped.json", "application/json")
    expect(page.get_by_label("Title of the workflow")).to_have_value("Dropped")
    page.keyboard.press("Control+z")
    expect(page.get_by_label("Title of the workflow")).to_have_value("Text to image")
    expect(editor.nodes()).to_have_count(7)


def test_what_was_chosen_in_one_document_is_not_chosen_in_the_next(page: Page, editor: Editor) -> None:
    number = {"type": "PrimitiveInt", "position": [0, 0]}
    editor.open({"8": number, "9": {**number, "position": [0, 200]}})
    editor.node("9").locator("header h3").click()
    editor.open({"8": number}, title="Another")
    editor.node("8").locator("header h3").click()
    page.keyboard.press("F2")  # it names the one that is chosen, and does nothing with two
    expect(page.get_by_label("Title of the node")).to_be_focused()


def test_a_file_that_is_no_workflow_is_refused_in_words(page: Page, editor: Editor) -> None:
    drop(page, b'{"nodes": [], "links": []}', "other.json", "application/json")
    expect(page.locator(".toast")).to_contain_text("a graph of another tool")
    drop(page, b'{"jacquard": 1,', "torn.json", "application/json")
    expect(page.locator(".toast").last).to_contain_text("not valid JSON at line 1")
    expect(editor.nodes()).to_have_count(7)


def test_a_picture_that_was_saved_brings_back_its_workflow(page: Page, editor: Editor, serving: Serving) -> None:
    image = {"type": "LoadImage", "position": [0, 0], "inputs": {"image": "house-sketch.png"}}
    save = {
        "type": "SaveImage",
        "position": [420, 0],
        "inputs": {"images": {"from": ["1", "IMAGE"]}, "filename_prefix": "restored"},
    }
    editor.open({"1": image, "2": save}, title="Inside a picture")
    editor.run()
    expect(editor.node("2").get_by_role("img", name="Result 1")).to_be_visible()
    saved = next(serving.folder.rglob("restored*.png"))
    editor.open({}, title="Other")
    drop(page, saved.read_bytes(), saved.name, "image/png")
    expect(page.get_by_label("Title of the workflow")).to_have_value("Inside a picture")
    expect(editor.nodes()).to_have_count(2)


def test_other_pictures_become_inputs_by_drop_and_by_button(page: Page, editor: Editor, serving: Serving) -> None:
    from PIL import Image

    plain = serving.folder / "plain.png"
    Image.new("RGB", (40, 30), "red").save(plain)
    drop(page, plain.read_bytes(), "plain.png", "image/png")
    expect(editor.nodes()).to_have_count(8)
    node = page.get_by_role("group", name="Load Image")
    expect(node.locator(".file-picture img")).to_be_visible()
    name = node.get_by_label("Picture", exact=True).input_value()
    assert name
    other = serving.folder / "other.png"
    Image.new("RGB", (40, 30), "blue").save(other)
    node.locator("input[type=file]").set_input_files(other)
    expect(node.get_by_label("Picture", exact=True)).not_to_have_value(name)


def test_a_picture_is_pasted(page: Page, editor: Editor) -> None:
    page.evaluate("""() => {
      const canvas = document.createElement('canvas')
      canvas.width = canvas.height = 8
      return new Promise((done) => canvas.toBlob((blob) => {
        const transfer = new DataTransfer()
        transfer.items.add(new File([blob], 'clip.png', { type: 'image/png' }))
        document.dispatchEvent(new ClipboardEvent('paste', { clipboardData: transfer, bubbles: true }))
        done()
      }))
    }""")
    expect(page.get_by_role("group", name="Load Image")).to_be_visible()


def test_templates_open(page: Page, editor: Editor) -> None:
    page.get_by_role("button", name="Templates").click()
    dialog = page.get_by_role("dialog", name="Templates")
    examples = list((ROOT / "workflows").rglob("*.json"))
    expect(dialog.locator(".template")).to_have_count(len(examples))
    dialog.get_by_role("button", name="Inpainting").click()
    expect(page.get_by_label("Title of the workflow")).to_have_value("Inpainting")
    page.keyboard.press("Control+z")
    expect(page.get_by_label("Title of the workflow")).to_have_value("Text to image")


def test_a_list_of_files_says_what_was_left_out_and_shows_every_picture_that_it_offers(
    page: Page, editor: Editor, serving: Serving
) -> None:
    folder = serving.folder / "input"
    folder.mkdir(exist_ok=True)
    shutil.copy(ROOT / "workflows" / "pictures" / "house-sketch.png", folder / "what? 12:30.png")
    (folder / "astray.png").symlink_to("nowhere.png")
    try:
        editor.open({"1": {"type": "LoadImage", "position": [0, 0], "inputs": {"image": "house-sketch.png"}}})
        choice = editor.node("1").get_by_label("Picture", exact=True)
        left_out = choice.locator("optgroup[label='Left out'] option")
        expect(left_out).to_have_text(["astray.png: the link leads nowhere"])
        expect(left_out).to_be_disabled()
        choice.select_option("what? 12:30.png")
        shown = editor.node("1").get_by_alt_text("what? 12:30.png")
        page.wait_for_function("picture => picture.complete && picture.naturalWidth > 0", arg=shown.element_handle())
    finally:
        (folder / "astray.png").unlink()


DAMAGE = """(damage) => new Promise((done, failed) => {
  const request = indexedDB.open('jacquard')
  request.onsuccess = () => {
    const sessions = request.result.transaction('sessions', 'readwrite').objectStore('sessions')
    sessions.openCursor().onsuccess = ({ target: { result: cursor } }) => {
      if (!cursor) return done()
      const session = cursor.value
      session.content.doc.nodes['1'].type = damage
      cursor.update(session).onsuccess = () => cursor.continue()
    }
  }
  request.onerror = failed
})"""


def test_a_session_that_is_damaged_is_set_aside_and_said(page: Page, editor: Editor, serving: Serving) -> None:
    editor.open(NOTE)
    context = page.context
    page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    page.close()
    # nobody writes the session while it is damaged
    other = context.new_page()
    other.route("**/*", lambda route: route.fulfill(body="<title>empty</title>", content_type="text/html"))
    other.goto(serving.address)
    other.evaluate(DAMAGE, 5)
    other.close()
    again = context.new_page()
    again.goto(serving.address)
    expect(again.locator(".toast.is-bad")).to_contain_text("The workflow that this browser kept is damaged")
    expect(again.locator(".toast.is-bad")).to_contain_text("Node 1 has no type")
    with again.expect_download() as download:
        again.get_by_role("button", name="Download it").click()
    assert json.loads(download.value.path().read_text())["doc"]["nodes"]["1"]["inputs"] == {"value": "kept"}
    expect(again.get_by_label("Title of the workflow")).to_have_value("Text to image")


def test_a_browser_that_does_not_keep_edits_says_so(page: Page, editor: Editor) -> None:
    editor.open(NOTE)
    expect(page.get_by_role("button", name="Kept in this browser")).to_be_visible()
    page.evaluate("""() => {
      const put = IDBObjectStore.prototype.put
      window.mend = () => { IDBObjectStore.prototype.put = put }
      IDBObjectStore.prototype.put = () => { throw new DOMException('The disk is full.', 'QuotaExceededError') }
    }""")
    value_of(editor).fill("not kept")
    expect(page.locator(".toast.is-bad")).to_contain_text("This browser does not keep your edits")
    expect(page.locator(".toast.is-bad")).to_contain_text("The disk is full.")
    expect(page.get_by_role("button", name="Not kept")).to_be_visible()
    page.evaluate("window.mend()")
    value_of(editor).fill("kept again")
    expect(page.get_by_role("button", name="Kept in this browser")).to_be_visible()


def test_a_saved_file_that_was_damaged_since_is_refused_and_what_is_open_stays(
    page: Page, editor: Editor, serving: Serving
) -> None:
    editor.open(NOTE)
    save_as(page, "Damaged later")
    (found,) = serving.folder.rglob("damaged-later.json")
    editor.open({**NOTE, "2": {"type": "PrimitiveInt", "position": [300, 0]}}, title="Stays open")
    found.write_bytes(found.read_bytes().replace(b"kept", "größe".encode("latin-1")))
    page.keyboard.press("Control+o")
    page.get_by_role("dialog", name="Open a workflow").get_by_role("button", name="damaged-later").click()
    expect(page.locator(".toast.is-bad")).to_contain_text("not UTF-8 text: byte 0xf6")
    expect(page.get_by_label("Title of the workflow")).to_have_value("Stays open")
