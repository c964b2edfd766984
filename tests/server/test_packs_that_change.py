"""A pack that is edited while the server runs: nothing of before is shown for it, and a new worker runs it as it is."""

from __future__ import annotations

from pathlib import Path

from tests.server.conftest import MakeServer
from tests.support.serving import JSON, Client, Watch, asynchronous

PACK = '''
from pathlib import Path
from graph.api import node
from . import helper

@node("Stamp", category="pack", side_effect=True)
def stamp(log: str) -> str:
    """Write down what there is."""
    found = f"{helper.value} {Path(__file__).with_name('weights.bin').read_text()}"
    with Path(log).open("a") as file:
        file.write(found + "\\n")
    return found
'''


async def run(client: Client, watch: Watch, log: Path) -> JSON:
    submitted = await client.submit({"1": {"type": "Stamp", "inputs": {"log": str(log)}}})
    return await watch.run(submitted["id"])


@asynchronous
async def test_what_is_edited_is_not_reused_and_told_and_remembered_by_the_next_worker(
    make_server: MakeServer, tmp_path: Path
) -> None:
    pack, log = tmp_path / "packs" / "stamping", tmp_path / "log"
    pack.mkdir(parents=True)
    (pack / "__init__.py").write_text(PACK)
    (pack / "helper.py").write_text("value = 'one'")
    (pack / "weights.bin").write_text("1")
    server = make_server("--packs-dir", str(tmp_path / "packs")).start()
    async with server.client() as client, client.watch() as watch:
        await watch.worker(state="ready")
        for _ in range(2):
            assert (await run(client, watch, log))["status"] == "finished"
        assert log.read_text().splitlines() == ["one 1"], "the second run reuses the first"
        (pack / "weights.bin").write_text("2")
        (pack / "helper.py").write_text("value = 'two'")
        for _ in range(2):
            found = await run(client, watch, log)
        assert log.read_text().splitlines() == ["one 1", "one 2", "one 2"], "the code is what was imported"
        warned = await watch.event(found["id"], "node_warned")
        assert "restart Jacquard" in warned["warnings"][0]["message"]
    server.stop()
    server.start()
    async with server.client() as client, client.watch() as watch:
        await watch.worker(state="ready")
        for _ in range(2):
            found = await run(client, watch, log)
        assert log.read_text().splitlines()[3:] == ["two 2"]
        assert not [event for event in watch.events(found["id"]) if event["event"] == "node_warned"]
