"""Names of files over HTTP: refused at submission by a server that knows no node, and filled in by its worker."""

from __future__ import annotations

from typing import Any

from tests.support.serving import Server, asynchronous


def document(name: Any) -> dict[str, Any]:
    nodes = {
        "1": {"type": "Keep", "title": "Project", "inputs": {"value": 7}},
        "2": {"type": "SaveNamed", "inputs": {"name": name}},
    }
    return {"jacquard": 1, "nodes": nodes}


@asynchronous
async def test_what_can_never_be_saved_is_refused_at_submission_with_node_socket_and_remedy(server: Server) -> None:
    folder = server.folder / "output"
    folder.mkdir(exist_ok=True)
    (folder / "taken").write_text("mine")
    expected = {
        "a\\b": ("bad_file_name", "use a name such as 'a/b'"),
        "trail.": ("bad_file_name", "use a name such as 'trail'"),
        "": ("bad_file_name", "use a name such as 'picture'"),
        "%Project.valu%": ("unknown_word", "did you mean %Project.value%?"),
        "taken/x": ("cannot_write", "move the file, or choose another"),
    }
    async with server.client() as client, client.watch() as watch:
        await watch.worker(state="ready")
        for name, (code, remedy) in expected.items():
            answer = await client.call("POST", "/runs", 422, json={"workflow": document(name), "targets": ["2"]})
            (problem,) = answer["error"]["problems"]
            found = problem["code"], problem["node"], problem["socket"], problem["remedy"]
            assert found == (code, "2", "name", remedy)
            assert str(server.folder) not in str(answer)


@asynchronous
async def test_words_are_filled_in_by_the_worker_and_a_changed_one_saves_anew(server: Server) -> None:
    async with server.client() as client, client.watch() as watch:
        await watch.worker(state="ready")
        for value in (7, 8):
            workflow = document("words/%Project.value% of 100%")
            workflow["nodes"]["1"]["inputs"]["value"] = value
            answer = await client.call("POST", "/runs", 201, json={"workflow": workflow, "targets": ["2"]})
            done = await watch.run(answer["run"]["id"])
            assert done["status"] == "finished", done
            (artifact,) = done["artifacts"]["2"]
            assert artifact["name"] == f"words/{value} of 100%_00001_.png"
            served = server.ask("GET", f"/{artifact['url']}", headers={"Authorization": f"Bearer {server.token}"})
            assert served.status == 200
