"""Lists over the API: page by page, to their end and no further."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.server.conftest import MakeServer
from tests.server.http.routes.test_runs import COUNT, waiting
from tests.support.serving import Client, asynchronous


@asynchronous
async def test_every_list_goes_on_to_its_end(make_server: MakeServer, tmp_path: Path) -> None:
    server = make_server().start()
    async with server.client() as client, client.watch() as watch:
        made = [await client.submit({"1": {"type": "Save", "inputs": {"value": value}}}) for value in range(9)]
        for run in made:
            await watch.run(run["id"])
        blocking = await client.submit(waiting(tmp_path / "go"))
        await watch.run(blocking["id"], "running")
        queued = [await client.submit(COUNT) for _ in range(5)]
        order = [run["id"] for run in (*queued, blocking, *made[::-1])]
        assert await _all(client, "/runs?limit=2", "runs", "before") == order
        assert await _all(client, "/runs?limit=4&status=queued", "runs", "before") == order[:5]
        assert await _all(client, "/runs?limit=15", "runs", "before") == order
        ended = "/runs?limit=2&status=finished"
        first = await client.call("GET", ended)
        await client.call("DELETE", f"/runs/{first['runs'][-1]['id']}")
        rest = await client.call("GET", f"{ended}&before={first['next']}")
        assert [run["id"] for run in rest["runs"]] == order[8:10], "also behind one that was forgotten"
        await client.call("GET", "/runs?before=nothing", 404)

        events = [event["number"] for event in (await client.call("GET", f"/runs/{made[0]['id']}/events"))["events"]]
        path = f"/runs/{made[0]['id']}/events?limit=1"
        assert await _all(client, path, "events", "after", "number") == events

        outputs = (await client.call("GET", "/outputs"))["outputs"]
        assert len(outputs) == 9
        for gone in (*outputs[:4], outputs[6]):
            (server.folder / "output" / gone["name"]).unlink()
        left = [output["id"] for output in (*outputs[4:6], *outputs[7:])]
        assert (await client.call("GET", "/outputs?limit=3"))["outputs"][0]["id"] == left[0]
        for limit in (1, 2, 3, 4, 5):
            assert await _all(client, f"/outputs?limit={limit}", "outputs", "before") == left


async def _all(client: Client, path: str, name: str, parameter: str, key: str = "id") -> list[Any]:
    found, following = [], None
    while True:
        page = await client.call("GET", path + (f"&{parameter}={following}" if following else ""))
        found += [item[key] for item in page[name]]
        if (following := page["next"]) is None:
            return found
        assert page[name], "an empty page is the last one"
