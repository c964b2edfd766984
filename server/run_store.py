"""Runs, their events and their outputs in the database: functions on a connection, to be done by `Database`.

Bounded: events are kept of the newest `KEPT_EVENTS` ended runs, and of fewer when these have more than `KEPT_BYTES`;
runs of the newest `KEPT_RUNS`. Outputs are kept for as long as nobody deletes them: they name pictures and cost little.
The tables are in `run_tables`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from sqlite3 import Connection, Row
from typing import Any

from server.run import Run

KEPT_EVENTS, KEPT_RUNS, KEPT_BYTES = 200, 2_000, 256 * 2**20

_FIELDS = (
    "status", "title", "client", "targets", "node_count", "created", "started", "finished", "attempt", "deaths",
    "cancelling", "problems", "failures", "artifacts", "problem_count", "artifact_counts", "last_number",
    "warnings", "warning_count",
)  # fmt: skip
_AS_JSON = frozenset({"targets", "problems", "failures", "artifacts", "artifact_counts", "warnings"})


def insert(
    connection: Connection, run: Run, key: str | None, digest: str, changed: dict[str, Any], workflow: str
) -> None:
    """Keep a new run, last in the queue. A `key` that was used before raises `sqlite3.IntegrityError`."""
    values = {**columns(run), "id": run.id, "key": key, "digest": digest, "changed": json.dumps(changed)}
    names = ", ".join(values)
    marks = ", ".join("?" * len(values))
    last = "(SELECT coalesce(max(place), 0) + 1 FROM runs)"
    connection.execute(f"INSERT INTO runs (place, {names}) VALUES ({last}, {marks})", list(values.values()))  # noqa: S608
    connection.execute("INSERT INTO workflows VALUES (?, ?)", (run.id, workflow))


def columns(run: Run) -> dict[str, Any]:
    """What is written down about a run, as it is now: to be taken before the work goes to another thread."""
    values = {name: getattr(run, name) for name in _FIELDS}
    return {name: json.dumps(value) if name in _AS_JSON else value for name, value in values.items()}


def update(connection: Connection, run_id: str, values: dict[str, Any]) -> None:
    """Write down what changed about a run."""
    assignments = ", ".join(f"{name} = ?" for name in values)
    connection.execute(f"UPDATE runs SET {assignments} WHERE id = ?", [*values.values(), run_id])  # noqa: S608


def put_in_order(connection: Connection, ids: Sequence[str]) -> None:
    """Write down the order of the queue."""
    connection.executemany("UPDATE runs SET place = ? WHERE id = ?", [(place, run) for place, run in enumerate(ids)])


def find_by_key(connection: Connection, key: str) -> tuple[str, str, dict[str, Any]] | None:
    """The run that was submitted under an idempotency key: its id, the digest of the request (empty: of an earlier
    version), and what it changed.
    """
    row = connection.execute("SELECT id, digest, changed FROM runs WHERE key = ?", (key,)).fetchone()
    return (row["id"], row["digest"], json.loads(row["changed"])) if row else None


def get(connection: Connection, run_id: str) -> Run | None:
    """One run."""
    row = connection.execute("SELECT * FROM runs WHERE id = ?", (run_id,)).fetchone()
    return _run(row) if row else None


def workflow_of(connection: Connection, run_id: str) -> str | None:
    """The document of a run, as JSON text."""
    row = connection.execute("SELECT document FROM workflows WHERE run = ?", (run_id,)).fetchone()
    return str(row["document"]) if row else None


def unfinished(connection: Connection) -> list[Run]:
    """What was running, in the order of its beginning, then what was queued, in queue order."""
    rows = connection.execute(
        "SELECT * FROM runs WHERE status IN ('queued', 'running') "
        "ORDER BY status = 'queued', CASE status WHEN 'running' THEN started ELSE place END, number"
    )
    return [_run(row) for row in rows]


def ended(connection: Connection, statuses: Iterable[str], limit: int, before: int | None = None) -> list[Run]:
    """Runs that ended, newest first; those older than a place, if one is given."""
    wanted = list(statuses)
    marks = ", ".join("?" * len(wanted))
    query = f"SELECT * FROM runs WHERE status IN ({marks}) AND number < ? ORDER BY number DESC LIMIT ?"  # noqa: S608
    return [_run(row) for row in connection.execute(query, [*wanted, before or 2**62, limit])]


def cursor_of(connection: Connection, run_id: str) -> str | None:
    """What names the place of a run in the list of those that ended, also when it is forgotten."""
    row = connection.execute("SELECT number FROM runs WHERE id = ?", (run_id,)).fetchone()
    return f"{row['number']}.{run_id}" if row else None


def place_of(connection: Connection, cursor: str) -> int | None:
    """The place that a cursor or the id of a run names."""
    number, dot, _ = cursor.partition(".")
    if dot and number.isascii() and number.isdigit() and len(number) < 19:
        return int(number)
    row = connection.execute("SELECT number FROM runs WHERE id = ?", (cursor,)).fetchone()
    return int(row["number"]) if row else None


def forget(connection: Connection, run_id: str) -> None:
    """Delete a run and its events."""
    connection.execute("DELETE FROM runs WHERE id = ?", (run_id,))


def add_events(connection: Connection, run: str, last_number: int, batch: str) -> None:
    """Keep a batch of events: the JSON text of a list, and the number of the last."""
    values = (run, last_number, batch, len(batch))
    connection.execute("INSERT OR REPLACE INTO events (run, last_number, batch, bytes) VALUES (?, ?, ?, ?)", values)


def batches_of(connection: Connection, run: str, after: int = 0) -> list[str]:
    """The events of a run, as the JSON texts of the batches that have one with a number above `after`."""
    rows = connection.execute(
        "SELECT batch FROM events WHERE run = ? AND last_number > ? ORDER BY last_number", (run, after)
    )
    return [row["batch"] for row in rows]


def events_in(batches: Iterable[str], after: int = 0) -> Iterator[dict[str, Any]]:
    """The events in some batches with a number above `after`."""
    return (event for batch in batches for event in json.loads(batch) if event["number"] > after)


def events_of(connection: Connection, run: str, after: int = 0) -> list[dict[str, Any]]:
    """The events of a run with a number above `after`."""
    return list(events_in(batches_of(connection, run, after), after))


def add_output(connection: Connection, output: dict[str, Any]) -> int:
    """Keep a picture's entry; returns its id."""
    names = ("run", "node", "folder", "name", "media", "width", "height", "bytes", "created")
    marks = ", ".join("?" * len(names))
    cursor = connection.execute(
        f"INSERT INTO outputs ({', '.join(names)}) VALUES ({marks})",  # noqa: S608
        [output[name] for name in names],
    )
    return int(cursor.lastrowid or 0)


def is_output(connection: Connection, output: Mapping[str, Any]) -> bool:
    """Whether a picture has an entry."""
    query = "SELECT 1 FROM outputs WHERE folder = ? AND name = ?"
    return connection.execute(query, (output["folder"], output["name"])).fetchone() is not None


def outputs(connection: Connection, limit: int, before: int | None = None) -> list[dict[str, Any]]:
    """Pictures, newest first."""
    rows = connection.execute(
        "SELECT * FROM outputs WHERE number < ? ORDER BY number DESC LIMIT ?", (before or 2**62, limit)
    )
    return [{("id" if name == "number" else name): row[name] for name in row.keys()} for row in rows]  # noqa: SIM118


def tidy(connection: Connection, kept_bytes: int = KEPT_BYTES) -> None:
    """Let go of the oldest."""
    newest = "SELECT id FROM runs WHERE status NOT IN ('queued', 'running') ORDER BY number DESC LIMIT ? OFFSET ?"
    connection.execute(f"DELETE FROM events WHERE run IN ({newest})", (-1, KEPT_EVENTS))  # noqa: S608
    connection.execute(f"DELETE FROM runs WHERE id IN ({newest})", (-1, KEPT_RUNS))  # noqa: S608
    connection.execute(
        """
        DELETE FROM events WHERE run IN (
            SELECT id FROM (
                SELECT runs.id, sum(sizes.own) OVER (ORDER BY runs.number DESC) - sizes.own AS newer
                FROM runs JOIN (SELECT run, sum(bytes) AS own FROM events GROUP BY run) AS sizes ON sizes.run = runs.id
                WHERE runs.status NOT IN ('queued', 'running')
            ) WHERE newer > ?
        )
        """,
        (kept_bytes,),
    )


def _run(row: Row) -> Run:
    values = {name: json.loads(row[name]) if name in _AS_JSON else row[name] for name in _FIELDS}
    return Run(id=row["id"], **{**values, "cancelling": bool(row["cancelling"])})
