"""Runs, their events and their outputs in the database: functions on a connection, to be done by `Database`.

Bounded: events are kept of the newest `KEPT_EVENTS` ended runs, and of fewer when these have more than `KEPT_BYTES`;
runs of the newest `KEPT_RUNS`. Outputs are kept for as long as nobody deletes them: they name pictures and cost little.
The tables are in `run_tables`.
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
    """Keep a new run, last in the queue. A `key` that was used before raises `sqlite3.IntegrityError`."""
    values = {**columns(run), "id": run.id, "key": key, "digest": digest, "changed": json.dumps(changed)}
    names = ", ".join(values)
    placeholders = ", ".join("?" * len(values))
    last = "(SELECT coalesce(max(place), 0) + 1 FROM runs)"
    connection.execute(f"INSERT INTO runs (place, {names}) VALUES ({last}, {placeholders})", list(values.values()))  # noqa: S608
    connection.execute("INSERT INTO workflows VALUES (?, ?)", (run.id, workflow))


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
    return (row["id"], row["digest"] or "", _object_in(row["changed"])) if row else None


def get(connection: Connection, run_id: str) -> Run | None:
    """One run."""
    row = connection.execute("SELECT * FROM runs WHERE id = ?", (run_id,)).fetchone()
    return run_of(row) if row else None


def restore(connection: Connection, run: Run, values: dict[str, Any], workflow: str) -> None:
    """Write down a run again that is known here, and perhaps in the database no more."""
    if connection.execute("SELECT 1 FROM runs WHERE id = ?", (run.id,)).fetchone() is None:
        insert(connection, run, None, "", {}, workflow)
    else:
        update(connection, run.id, values)
        if workflow:
            connection.execute("INSERT OR IGNORE INTO workflows VALUES (?, ?)", (run.id, workflow))


def repair(connection: Connection) -> int:
    """Make sense of rows that make none; returns how many. Runs of no known status have failed, those without a name
    are gone."""
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
    """The document of a run, as JSON text; None where it is gone or damaged. SQLite looks into it, off the loop; not
    into a large one, for which everybody who asks the database would wait: see `run_documents`."""
    query = f"SELECT document FROM workflows WHERE run = ? AND {_WHOLE_DOCUMENT}"  # noqa: S608
    row = connection.execute(query, (run_id,)).fetchone()
    return str(row["document"]) if row else None


def unfinished(connection: Connection) -> list[Run]:
    """What was running, in the order of its beginning, then what was queued, in queue order."""
    rows = connection.execute(
        "SELECT * FROM runs WHERE status IN ('queued', 'running') "
        "ORDER BY status = 'queued', CASE status WHEN 'running' THEN started ELSE place END, number"
    )
    return [run_of(row) for row in rows]


def ended(connection: Connection, statuses: Iterable[str], limit: int, before: int | None = None) -> list[Run]:
    """Runs that ended, newest first; those older than a place, if one is given."""
    wanted = list(statuses)
    placeholders = ", ".join("?" * len(wanted))
    query = f"SELECT * FROM runs WHERE status IN ({placeholders}) AND number < ? ORDER BY number DESC LIMIT ?"  # noqa: S608
    return [run_of(row) for row in connection.execute(query, [*wanted, before or 2**62, limit])]


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
    """The events in some batches with a number above `after`; batches and events that are damaged are left out."""
    for batch in batches:
        try:
            events = json.loads(batch)
        except (ValueError, TypeError, RecursionError):
            continue
        for event in events if isinstance(events, list) else ():
            if _is_event(event) and event["number"] > after:
                yield event


def events_of(connection: Connection, run: str, after: int = 0) -> list[dict[str, Any]]:
    """The events of a run with a number above `after`."""
    return list(events_in(batches_of(connection, run, after), after))


def add_output(connection: Connection, output: dict[str, Any]) -> int:
    """Keep a picture's entry; returns its id."""
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
    """Pictures, newest first; entries that are damaged are left out."""
    rows = connection.execute(
        f"SELECT * FROM outputs WHERE number < ? AND {_WHOLE_OUTPUT} ORDER BY number DESC LIMIT ?",  # noqa: S608
        (before or 2**62, limit),
    )
    return [{("id" if name == "number" else name): row[name] for name in row.keys()} for row in rows]  # noqa: SIM118


def prune(connection: Connection, kept_bytes: int = KEPT_BYTES) -> None:
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


def _object_in(text: Any) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, TypeError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _is_event(event: Any) -> bool:
    return isinstance(event, dict) and isinstance(event.get("event"), str) and type(event.get("number")) is int
