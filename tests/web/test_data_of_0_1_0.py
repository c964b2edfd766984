"""What a page of version 0.1.0 kept in its browser opens in the page of today: the unsaved workflow is there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.signing_in import new_address
from tests.web.conftest import PATIENCE_MS, Editor, Serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser

KEPT = json.loads((Path(__file__).resolve().parents[1] / "support" / "data_of_0_1_0" / "browser.json").read_text())
PUT_BACK = """(kept) => new Promise((done, failed) => {
  const request = indexedDB.open('jacquard', kept.version)
  request.onupgradeneeded = () => {
    for (const name of Object.keys(kept.stores)) request.result.createObjectStore(name)
  }
  request.onsuccess = () => {
    const transaction = request.result.transaction(Object.keys(kept.stores), 'readwrite')
    for (const [name, entries] of Object.entries(kept.stores))
      for (const [key, value] of entries) transaction.objectStore(name).put(value, key)
    transaction.oncomplete = () => { request.result.close(); done() }
    transaction.onerror = () => failed(transaction.error)
  }
  for (const [key, value] of Object.entries(kept.session)) sessionStorage.setItem(key, value)
  localStorage.setItem('jacquard.theme', kept.local['jacquard.theme'])
})"""


def test_an_unsaved_workflow_of_0_1_0_is_there_again(browser: Browser, serving: Serving) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(f"{serving.address}/login")  # the same origin, and no editor that would write its own beside it
    page.evaluate(PUT_BACK, KEPT)
    page.goto(new_address(serving.folder))
    editor = Editor(page)
    editor.node("2").wait_for()
    assert page.get_by_label("Title of the workflow").input_value() == "Kept by 0.1.0"
    document = editor.document()
    assert document["nodes"]["1"]["inputs"] == {"value": 41}
    assert document["nodes"]["2"]["inputs"] == {"value": {"from": ["1", "INT"]}}
    context.close()
