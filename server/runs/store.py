"""Reads and writes runs, events and outputs: functions on a connection, executed by `Database`.

Bounded: the newest `KEPT_RUNS` ended runs are kept, and the events of the newest `KEPT_EVENTS`, or of fewer if these
have more than `KEPT_BYTES`. Outputs are kept until somebody deletes them: they name pictures and are small. The tables
are in `tables`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from sqlite3 import Connection
from typing import Any

from server.requests.json_body import LARGE
from server.runs.rows import STATUSES, columns, run_of
from server.runs.run import Run

KEPT_EVENTS, KEPT_RUNS, KEPT_BYTES = 200, 2_000, 256 * 2**20
_AGAIN = "Run it again."
_TYPES = {"text": ("run", "node", "folder", "name", "media"), "integer": ("bytes",), "real": ("created",)}
_MAY_LACK = ("width", "height")
_WHOLE_DOCUMENT = (
    "CASE WHEN typeof(document) = 'text' THEN "
    f"CASE WHEN length(document) >= {LARGE} THEN 1 "
    "WHEN json_valid(document) THEN json_type(document) = 'object' END END"
)
_WHOLE_OUTPUT = " AND ".join(
    [
        *(f"typeof({name}) = '{kind}'" for kind, names in _TYPES.items() for name in names),
        *(f"typeof({name}) IN ('integer', 'null')" for name in _MAY_LACK),
    ]
)


def insert(
    connection: Connection, run: Run, key: str | None, digest: str, changed: dict[str, Any], workflow: str
) -> None:
    """Inserts a run, last in the queue. A `key` that was used before raises `sqlite3.IntegrityError`."""
    values = {**columns(run), "id": run.id, "key": key, "digest": digest, "changed": json.dumps(changed)}
    names = ", ".join(values)
    placeholders = ", ".join("?" * len(values))
    last = "(SELECT coalesce(max(place), 0) + 1 FROM runs)"
    connection.execute(f"INSERT INTO runs (place, {names}) VALUES ({last}, {placeholders})", list(values.values()))  # noqa: S608
    connection.execute("INSERT INTO workflows VALUES (?, ?)", (run.id, workflow))


def update(connection: Connection, run_id: str, values: dict[str, Any]) -> None:
    """Updates columns of a run."""
    assignments = ", ".join(f"{name} = ?" for name in values)
    connection.execute(f"UPDATE runs SET {assignments} WHERE id = ?", [*values.values(), run_id])  # noqa: S608


def put_in_order(connection: Connection, ids: Sequence[str]) -> None:
    """Stores the order of the queue."""
    connection.executemany("UPDATE runs SET place = ? WHERE id = ?", [(place, run) for place, run in enumerate(ids)])


def find_by_key(connection: Connection, key: str) -> tuple[str, str, dict[str, Any]] | None:
    """Returns the run with an idempotency key: its id, the digest of the request (empty if made by an earlier version),
    and the seeds that it advanced.
    """
    row = connection.execute("SELECT id, digest, changed FROM runs WHERE key = ?", (key,)).fetchone()
    return (row["id"], row["digest"] or "", _object_in(row["changed"])) if row else None


def get(connection: Connection, run_id: str) -> Run | None:
    """Returns a run, or None."""
    row = connection.execute("SELECT * FROM runs WHERE id = ?", (run_id,)).fetchone()
    return run_of(row) if row else None


def restore(connection: Connection, run: Run, values: dict[str, Any], workflow: str) -> None:
    """Writes a run that the new database may lack."""
    if connection.execute("SELECT 1 FROM runs WHERE id = ?", (run.id,)).fetchone() is None:
        insert(connection, run, None, "", {}, workflow)
    else:
        update(connection, run.id, values)
        if workflow:
            connection.execute("INSERT OR IGNORE INTO workflows VALUES (?, ?)", (run.id, workflow))


def repair(connection: Connection) -> int:
    """Repairs damaged rows; returns how many. Runs of unknown status have failed, those without an id are deleted."""
    problem = {"code": "damaged", "message": "The entry of the run in the database was damaged.", "remedy": _AGAIN}
    placeholders = ", ".join("?" * len(STATUSES))
    gone = connection.execute(
        "DELETE FROM runs WHERE typeof(id) != 'text' OR length(id) NOT BETWEEN 1 AND 100"
    ).rowcount
    twice = connection.execute(
        "DELETE FROM runs WHERE number NOT IN (SELECT max(number) FROM runs GROUP BY id)"
    ).rowcount
    failed = connection.execute(
        f"UPDATE runs SET status = 'failed', problems = ?, problem_count = 1 "  # noqa: S608 - marks only
        f"WHERE status IS NULL OR status NOT IN ({placeholders})",
        (json.dumps([problem]), *sorted(STATUSES)),
    ).rowcount
    return gone + twice + failed


def workflow_of(connection: Connection, run_id: str) -> str | None:
    """Returns the document of a run as JSON text, or None if it is missing or damaged. SQLite checks it, except a large
    one, which would block the database: see `documents`."""
    query = f"SELECT document FROM workflows WHERE run = ? AND {_WHOLE_DOCUMENT}"  # noqa: S608
    row = connection.execute(query, (run_id,)).fetchone()
    return str(row["document"]) if row else None


def unfinished(connection: Connection) -> list[Run]:
    """Returns the running runs by their start, then the queued ones in queue order."""
    rows = connection.execute(
        "SELECT * FROM runs WHERE status IN ('queued', 'running') "
        "ORDER BY status = 'queued', CASE status WHEN 'running' THEN started ELSE place END, number"
    )
    return [run_of(row) for row in rows]


def ended(connection: Connection, statuses: Iterable[str], limit: int, before: int | None = None) -> list[Run]:
    """Returns ended runs, newest first; only those before a number, if one is given."""
    wanted = list(statuses)
    placeholders = ", ".join("?" * len(wanted))
    query = f"SELECT * FROM runs WHERE status IN ({placeholders}) AND number < ? ORDER BY number DESC LIMIT ?"  # noqa: S608
    return [run_of(row) for row in connection.execute(query, [*wanted, before or 2**62, limit])]


def cursor_of(connection: Connection, run_id: str) -> str | None:
    """Returns the cursor of a run in the list of ended runs; it stays valid after the run is deleted."""
    row = connection.execute("SELECT number FROM runs WHERE id = ?", (run_id,)).fetchone()
    return f"{row['number']}.{run_id}" if row else None


def place_of(connection: Connection, cursor: str) -> int | None:
    """Returns the number for a cursor or the id of a run."""
    number, dot, _ = cursor.partition(".")
    if dot and number.isascii() and number.isdigit() and len(number) < 19:
        return int(number)
    row = connection.execute("SELECT number FROM runs WHERE id = ?", (cursor,)).fetchone()
    return int(row["number"]) if row else None


def forget(connection: Connection, run_id: str) -> None:
    """Deletes a run and its events."""
    connection.execute("DELETE FROM runs WHERE id = ?", (run_id,))


def add_events(connection: Connection, run: str, last_number: int, batch: str) -> None:
    """Stores a batch of events: the JSON text of a list, and the number of the last one."""
    values = (run, last_number, batch, len(batch))
    connection.execute("INSERT OR REPLACE INTO events (run, last_number, batch, bytes) VALUES (?, ?, ?, ?)", values)


def batches_of(connection: Connection, run: str, after: int = 0) -> list[str]:
    """Returns the JSON texts of the batches that have an event with a number above `after`."""
    rows = connection.execute(
        "SELECT batch FROM events WHERE run = ? AND last_number > ? ORDER BY last_number", (run, after)
    )
    return [row["batch"] for row in rows]


def events_in(batches: Iterable[str], after: int = 0) -> Iterator[dict[str, Any]]:
    """Yields the events in batches with a number above `after`; damaged batches and events are left out."""
    for batch in batches:
        try:
            events = json.loads(batch)
        except (ValueError, TypeError, RecursionError):
            continue
        for event in events if isinstance(events, list) else ():
            if _is_event(event) and event["number"] > after:
                yield event


def events_of(connection: Connection, run: str, after: int = 0) -> list[dict[str, Any]]:
    """Returns the events of a run with a number above `after`."""
    return list(events_in(batches_of(connection, run, after), after))


def add_output(connection: Connection, output: dict[str, Any]) -> int:
    """Inserts the entry of a picture; returns its id."""
    names = ("run", "node", "folder", "name", "media", "width", "height", "bytes", "created")
    placeholders = ", ".join("?" * len(names))
    cursor = connection.execute(
        f"INSERT INTO outputs ({', '.join(names)}) VALUES ({placeholders})",  # noqa: S608
        [output[name] for name in names],
    )
    return int(cursor.lastrowid or 0)


def is_output(connection: Connection, output: Mapping[str, Any]) -> bool:
    """Whether a picture has an entry."""
    query = "SELECT 1 FROM outputs WHERE folder = ? AND name = ?"
    return connection.execute(query, (output["folder"], output["name"])).fetchone() is not None


def outputs(connection: Connection, limit: int, before: int | None = None) -> list[dict[str, Any]]:
    """Returns entries of pictures, newest first; damaged ones are left out."""
    rows = connection.execute(
        f"SELECT * FROM outputs WHERE number < ? AND {_WHOLE_OUTPUT} ORDER BY number DESC LIMIT ?",  # noqa: S608
        (before or 2**62, limit),
    )
    return [{("id" if name == "number" else name): row[name] for name in row.keys()} for row in rows]  # noqa: SIM118


def prune(connection: Connection, kept_bytes: int = KEPT_BYTES) -> None:
    """Deletes the oldest runs and events beyond the bounds."""
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


def _object_in(text: Any) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, TypeError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _is_event(event: Any) -> bool:
    return isinstance(event, dict) and isinstance(event.get("event"), str) and type(event.get("number")) is int
