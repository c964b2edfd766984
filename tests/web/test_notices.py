"""What a person should know about the installation, on the page: it stays until it is over or closed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.support.serving import Server
from tests.support.signing_in import new_address

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page


@pytest.fixture
def page(browser: Browser, tmp_path: Path) -> Iterator[Page]:
    """A page of a server that found its database and its list of node types damaged."""
    folder = tmp_path / "data"
    folder.mkdir()
    for name in ("jacquard.sqlite3", "node-types.json"):
        (folder / name).write_bytes(b"\xff\x00\xfe" * 500)
    server = Server(tmp_path).start()
    context = browser.new_context(viewport={"width": 400, "height": 800})
    opened = context.new_page()
    opened.goto(new_address(tmp_path))
    yield opened
    context.close()
    server.stop()


def test_what_was_damaged_is_told_on_the_page_until_it_is_closed_and_others_do_not_push_it_out(page: Page) -> None:
    told = page.locator(".toast", has_text="The database was damaged")
    expect(told.locator("strong")).to_contain_text("is set aside as jacquard.sqlite3.damaged-")
    expect(told.locator("p")).to_have_text(
        "Its queue and history are lost. Pictures are still there, and those of the output folder are being listed "
        "again."
    )
    box = told.bounding_box()
    assert box is not None
    assert box["width"] > 320  # a narrow window is used in whole
    for number in range(7):  # each is refused in a message of its own
        drop = f"""() => {{
            const data = new DataTransfer();
            data.items.add(new File(['{{'], '{number}.json', {{ type: 'application/json' }}));
            document.querySelector('.react-flow').dispatchEvent(
              new DragEvent('drop', {{ dataTransfer: data, bubbles: true, cancelable: true }}));
        }}"""
        page.evaluate(drop)
        expect(page.locator(".toast", has_text=f"{number}.json")).to_be_visible()
    expect(told).to_be_visible()
    told.get_by_role("button", name="Close this message").click()
    expect(told).to_have_count(0)
    page.reload()
    expect(told).to_be_visible()
