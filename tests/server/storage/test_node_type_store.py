"""The node types that the last worker reported are there before the next worker is."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from graph.node_types.catalogue import socket_descriptions
from graph.node_types.registry import Registry
from server.hub import Hub
from server.shapes.worker_messages import CatalogueReported
from server.storage.node_type_store import Catalogue
from server.storage.notices import Notices
from tests.support.toys import toy_registry


def reported(registry: Registry | None = None) -> CatalogueReported:
    """What a worker reports of the toy nodes."""
    known = registry or toy_registry()
    return CatalogueReported(nodes=known.catalogue(), sockets=socket_descriptions(known), packs=[])


def opened(folder: Path) -> tuple[Catalogue, Notices]:
    notices = Notices(Hub())
    return Catalogue(folder / "node-types.json", notices), notices


def test_before_the_first_worker_there_are_none(tmp_path: Path) -> None:
    catalogue, notices = opened(tmp_path)
    assert json.loads(catalogue.body) == {"nodes": [], "packs": [], "sockets": {}}
    assert (catalogue.registry, catalogue.current, catalogue.etag) == (None, False, "")
    assert notices.all() == []


def test_what_a_worker_reports_is_served_packed_and_known_by_a_tag(tmp_path: Path) -> None:
    catalogue, _ = opened(tmp_path)
    assert catalogue.update(reported())
    assert catalogue.current
    assert catalogue.registry is not None
    assert catalogue.registry.get("Add") is not None
    assert gzip.decompress(catalogue.compressed) == catalogue.body
    tag = catalogue.etag
    assert not catalogue.update(reported()), "it is the same"
    assert catalogue.etag == tag
    assert catalogue.update(CatalogueReported(nodes=[], sockets={}, packs=[]))
    assert catalogue.etag != tag


def test_it_is_there_after_a_restart_and_not_taken_for_current(tmp_path: Path) -> None:
    first, _ = opened(tmp_path)
    first.update(reported())
    first.save()
    second, _ = opened(tmp_path)
    assert second.body == first.body
    assert second.etag == first.etag
    assert not second.current
    assert not second.update(reported())
    assert second.current


@pytest.mark.parametrize("text", ["", "{", "[]", '{"nodes": [1], "sockets": {}, "packs": []}'])
def test_a_damaged_file_is_set_aside_and_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "node-types.json").write_text(text)
    catalogue, notices = opened(tmp_path)
    assert catalogue.registry is None
    (notice,) = notices.all()
    assert notice.code == "node_types"
    (aside,) = tmp_path.iterdir()
    assert aside.name in notice.message
    assert aside.read_text() == text
    assert catalogue.update(reported())


def test_a_disk_that_takes_nothing_keeps_no_worker_from_its_work(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path / "gone" / "node-types.json", Notices(Hub()))
    catalogue.update(reported())
    catalogue.save()
    assert catalogue.current
