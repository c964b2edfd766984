"""The tables of runs, events and outputs, and the migrations from earlier versions.

The document of a run has a table of its own, because SQLite rewrites a whole row when any column of it changes.
"""

from __future__ import annotations

VERSION = 5
SCHEMA = f"""
PRAGMA user_version = {VERSION};
CREATE TABLE IF NOT EXISTS runs (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, key TEXT UNIQUE, status TEXT NOT NULL,
    place REAL NOT NULL, title TEXT NOT NULL, client TEXT NOT NULL, targets TEXT NOT NULL, node_count INTEGER NOT NULL,
    created REAL NOT NULL, started REAL, finished REAL, attempt INTEGER NOT NULL, deaths INTEGER NOT NULL,
    cancelling INTEGER NOT NULL, problems TEXT NOT NULL, failures TEXT NOT NULL, artifacts TEXT NOT NULL,
    problem_count INTEGER NOT NULL, artifact_counts TEXT NOT NULL, last_number INTEGER NOT NULL, changed TEXT NOT NULL,
    warnings TEXT NOT NULL DEFAULT '{{}}', warning_count INTEGER NOT NULL DEFAULT 0,
    digest TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS runs_by_status ON runs (status, place);
CREATE TABLE IF NOT EXISTS workflows (
    run TEXT PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE, document TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS events (
    run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE, last_number INTEGER NOT NULL, batch TEXT NOT NULL,
    bytes INTEGER NOT NULL, PRIMARY KEY (run, last_number)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS outputs (
    number INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT NOT NULL, node TEXT NOT NULL, folder TEXT NOT NULL,
    name TEXT NOT NULL, media TEXT NOT NULL, width INTEGER, height INTEGER, bytes INTEGER NOT NULL,
    created REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS outputs_by_name ON outputs (folder, name);
"""
STEPS = {
    2: """
ALTER TABLE runs DROP COLUMN made;
ALTER TABLE runs ADD COLUMN problem_count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN artifact_counts TEXT NOT NULL DEFAULT '{}';
ALTER TABLE events ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
""",
    3: """
CREATE TABLE workflows (
    run TEXT PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE, document TEXT NOT NULL
);
INSERT INTO workflows SELECT id, workflow FROM runs;
ALTER TABLE runs DROP COLUMN workflow;
""",
    4: """
ALTER TABLE runs ADD COLUMN warnings TEXT NOT NULL DEFAULT '{}';
ALTER TABLE runs ADD COLUMN warning_count INTEGER NOT NULL DEFAULT 0;
""",
    5: """
ALTER TABLE runs ADD COLUMN digest TEXT NOT NULL DEFAULT '';
""",
}
"""Version -> migration from the one before. Existing migrations never change."""
