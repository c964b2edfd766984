"""Packs that do at import what nobody wants, in the worker of a real server: good ones run, broken ones are named."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.server.conftest import MakeServer
from tests.support.bad_packs import DEAF, ENDING, HANGING, NODE, PATCHING, REFUSED, write_packs
from tests.support.serving import JSON, Client, Watch, asynchronous

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals and limits of POSIX")


async def packs_of(client: Client) -> dict[str, JSON]:
    """What the last worker told about packs, by name."""
    return {pack["name"]: pack for pack in (await client.call("GET", "/node-types"))["packs"]}


async def finishes(client: Client, watch: Watch, node: str) -> None:
    run = await client.submit({"1": {"type": node}})
    assert (await watch.run(run["id"]))["status"] == "finished"


@pytest.mark.parametrize(
    "names",
    [
        ["segfault", "closes_everything", "becomes_another_program"],
        ["ends_workers_only", "audits_everything"],
    ],
    ids=" ".join,
)
@asynchronous
async def test_no_pack_that_ends_its_process_keeps_a_worker_from_starting(
    make_server: MakeServer, tmp_path: Path, names: list[str]
) -> None:
    bad = {f"b_{name}": ENDING[name] for name in names}
    packs = await load(make_server, tmp_path, bad)
    assert {name for name, pack in packs.items() if pack["error"]} == set(bad)
    assert not [name for name in bad if packs[name]["cause"] not in ("crash", "exit", "damage")]


@pytest.mark.parametrize("name", DEAF)
@asynchronous
async def test_no_pack_that_goes_on_for_ever_keeps_a_worker_from_starting(
    make_server: MakeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("JACQUARD_PACK_SECONDS", "0.5")  # too little for a good pack, if the machine is busy
    write_packs(tmp_path / "packs", {name: DEAF[name]})
    server = make_server("--packs-dir", str(tmp_path / "packs")).start()
    async with server.client() as client, client.watch() as watch:
        await watch.worker(state="ready")
        assert (await packs_of(client))[name]["cause"] == "time"


@asynchronous
async def test_no_pack_that_fails_or_replaces_something_keeps_a_worker_from_starting(
    make_server: MakeServer, tmp_path: Path
) -> None:
    bad = {f"b_{name}": text for name, text in {**REFUSED, "loop": HANGING["loop"]}.items()}
    patching = {f"c_{name}": text for name, (text, _) in PATCHING.items()}
    packs = await load(make_server, tmp_path, {**bad, **patching})
    assert {name for name, pack in packs.items() if pack["error"]} - {"c_builtins", "c_type_words"} == set(bad)
    told = {f"c_{name}" for name, (_, what) in PATCHING.items() if what}
    assert {name for name, pack in packs.items() if pack["changed"]} >= told


async def load(make_server: MakeServer, folder: Path, bad: dict[str, str | bytes]) -> dict[str, JSON]:
    """Start a server with bad packs between two good ones, run those, and look at what is told about each pack."""
    write_packs(folder / "packs", {"a_good": NODE.format(id="Early"), **bad, "z_good": NODE.format(id="Late")})
    server = make_server("--packs-dir", str(folder / "packs")).start()
    async with server.client() as client, client.watch() as watch:
        await watch.worker(state="ready")
        for node in ("Early", "Late"):
            await finishes(client, watch, node)
        packs = await packs_of(client)
    for name, pack in packs.items():
        assert (f"pack {name} was left out" in server.errors()) == bool(pack["error"])
    return packs


@asynchronous
async def test_the_death_of_a_worker_names_the_pack_that_it_imported(make_server: MakeServer, tmp_path: Path) -> None:
    write_packs(tmp_path / "packs", {"crashes": ENDING["segfault"], "good": NODE.format(id="Good")})
    server = make_server("--packs-dir", str(tmp_path / "packs")).start()
    async with server.client() as client, client.watch() as watch:
        worker = await watch.worker(state="ready")
        assert "while pack crashes was imported" in worker["last_failure"]["message"]
        assert [m["worker"]["state"] for m in watch.heard if m["type"] == "worker"].count("stopped") == 0
        pack = (await packs_of(client))["crashes"]
        assert (pack["cause"], pack["file"], pack["line"]) == ("crash", "crashes.py", 1)


@asynchronous
async def test_a_node_of_a_pack_that_was_left_out_is_missed_with_the_reason(
    make_server: MakeServer, tmp_path: Path
) -> None:
    write_packs(tmp_path / "packs", {"half": NODE.format(id="Half") + "\nimport a_library_that_is_not_there"})
    server = make_server("--packs-dir", str(tmp_path / "packs")).start()
    async with server.client() as client, client.watch() as watch:
        await watch.worker(state="ready")
        body = {"workflow": {"jacquard": 1, "nodes": {"1": {"type": "Half"}}}, "targets": ["1"]}
        (problem,) = (await client.call("POST", "/runs", 422, json=body))["error"]["problems"]
        assert problem["code"] == "unknown_node_type"
        assert "because pack 'half' was left out (half.py:9: ModuleNotFoundError" in problem["message"]
