"""The process for large bodies: each job gives what the server itself would, and a refusal is an answer."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from graph.files.folders import Files
from graph.node_types.registry import Registry
from server.errors import ApiError
from server.runs import explanation, submission
from server.runs.large_bodies_process import Answer, BodyJobs
from server.workers import frames
from tests.support import server_nodes
from tests.support.serving import ROOT

NODES = {"1": {"type": "Keep", "inputs": {"value": 3}}}
WRONG = {"1": {"type": "Kep"}}
EVENTS = [
    {"event": "run_started", "number": 1, "at": 1.0, "to_run": ["1"], "reused": [], "blocked": []},
    {"event": "node_started", "number": 2, "at": 1.0, "node": "1"},
    {"event": "node_finished", "number": 3, "at": 2.0, "node": "1", "seconds": 1.0},
]


def node_types() -> bytes:
    registry = Registry()
    registry.add_module(server_nodes)
    return json.dumps({"nodes": registry.catalogue(), "sockets": {}}).encode()


def body_of(nodes: dict[str, Any], **more: Any) -> bytes:
    return json.dumps({"workflow": {"jacquard": 1, "title": "T", "nodes": nodes}, **more}).encode()


def examine(jobs: BodyJobs, body: bytes, *, known: bool = True, trusted: bool = True) -> Answer:
    return jobs.do("examine", {"has_node_types": known, "trusted": trusted}, body)


def test_a_submission_is_checked_and_its_document_comes_as_the_payload() -> None:
    jobs = BodyJobs()
    assert jobs.do("node_types", {}, node_types()) == ({}, b"")
    body = body_of(NODES, targets=["1"], client="me", key="k")
    facts, text = examine(jobs, body)
    here = submission.examine(body, registry=jobs.registry, trusted=True, files=Files())
    assert here.prepared is not None
    assert text.decode() == here.prepared.text
    assert facts["prepared"] == {"title": "T", "node_count": 1, "changed": {}}
    assert (facts["targets"], facts["client"], facts["key"], facts["digest"]) == (["1"], "me", "k", here.digest)


def test_node_types_count_only_where_the_server_knows_them() -> None:
    jobs = BodyJobs()
    jobs.do("node_types", {}, node_types())
    facts, text = examine(jobs, body_of(WRONG))
    assert (facts["prepared"], facts["problem_count"], text) == (None, 1, b"")
    assert facts["problems"][0]["code"] == "unknown_node_type"
    for known, trusted in ((False, True), (True, False)):
        facts, text = examine(jobs, body_of(WRONG), known=known, trusted=trusted)
        assert facts["prepared"]["node_count"] == 1
        assert json.loads(text)["nodes"] == WRONG


def test_the_folders_are_those_that_were_sent(tmp_path: Path) -> None:
    jobs = BodyJobs()
    roots, bundled = {"input": [str(tmp_path)]}, {"input": {"cat.png": str(tmp_path / "cat.png")}}
    assert jobs.do("files", {"roots": roots, "bundled": bundled}, b"") == ({}, b"")
    assert {kind: [*found] for kind, found in jobs.files.roots.items()} == {"input": [tmp_path]}
    assert jobs.files.bundled["input"]["cat.png"] == tmp_path / "cat.png"


def test_a_document_is_formatted_as_it_is_saved_here() -> None:
    body = json.dumps({"nodes": NODES, "jacquard": 1}).encode()
    facts, saved = BodyJobs().do("save", {}, body)
    assert (facts, saved) == ({}, submission.to_be_saved(body))
    with pytest.raises(ApiError) as refused:
        BodyJobs().do("save", {}, b'{"jacquard": 1, "nodes": []}')
    assert refused.value.status == 422


def test_a_run_is_explained_from_its_batches_and_its_document() -> None:
    batches = [json.dumps(EVENTS[:2]), json.dumps(EVENTS[2:])]
    document = json.dumps({"jacquard": 1, "nodes": NODES})
    parts = [part.encode() for part in (*batches, document)]
    data = {"run": "r", "status": "finished", "page": [0, 10, None], "sizes": [len(part) for part in parts]}
    facts, told = BodyJobs().do("explain", data, b"".join(parts))
    assert (facts, told) == ({}, explanation.as_json("r", "finished", batches, document, 0, 10, None))
    (node,) = json.loads(told)["nodes"]
    assert (node["node"], node["type"], node["did"]) == ("1", "Keep", "ran")


@pytest.mark.process
def test_it_answers_frame_by_frame_also_with_a_refusal_and_ends_with_its_input() -> None:
    asked = [
        frames.encode({"type": "save"}, b"{"),
        frames.encode({"type": "save"}, b'{"jacquard": 1, "nodes": {}}'),
    ]
    command = [sys.executable, "-m", "server.runs.large_bodies_process"]
    done = subprocess.run(command, input=b"".join(asked), capture_output=True, cwd=ROOT, check=True)
    out = io.BytesIO(done.stdout)
    refused, saved, end = (frames.read_blocking(out) for _ in range(3))
    assert refused is not None
    facts = frames.read_object(refused)
    assert (facts["status"], refused.payload) == (400, b"")
    assert facts["refusal"]["message"]
    assert saved is not None
    assert json.loads(saved.payload) == {"jacquard": 1, "nodes": {}}
    assert end is None
