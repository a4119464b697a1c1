"""The tables of the history, and how an older history becomes one of today.

Design decisions:
- Migrations only add: no column is dropped or renamed, so that a backup made before one is enough to go back.
- A run has a number, given in the order of opening: listings and cursors go by it, never by a clock.
- Rows lie clustered by (run, table, order of report) without a rowid: a table is read, or read on, in one sweep.
- Specs lie apart from runs, so that a scan over runs stays short.
"""

from sqlite_utils import Database, Migrations

from workbench.history.search import index_run

MIGRATIONS = Migrations("history")

_RUNS_AND_ROWS = (
    """
    CREATE TABLE runs (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        run TEXT NOT NULL UNIQUE,
        engine TEXT NOT NULL,
        purpose TEXT NOT NULL,
        state TEXT NOT NULL,
        title TEXT NOT NULL DEFAULT '',
        note TEXT NOT NULL DEFAULT '',
        starred INTEGER NOT NULL DEFAULT 0,
        owner TEXT NOT NULL DEFAULT '',
        origin TEXT NOT NULL DEFAULT '',
        parent TEXT,
        start_key TEXT,
        fingerprint TEXT,
        created REAL NOT NULL,
        started REAL,
        ended REAL,
        seconds REAL,
        phase TEXT NOT NULL DEFAULT '',
        done INTEGER NOT NULL DEFAULT 0,
        total INTEGER NOT NULL DEFAULT 0,
        unit TEXT NOT NULL DEFAULT '',
        progress_at REAL,
        error_code TEXT NOT NULL DEFAULT '',
        error TEXT NOT NULL DEFAULT '',
        hint TEXT NOT NULL DEFAULT '',
        traceback TEXT NOT NULL DEFAULT '',
        attempt INTEGER NOT NULL DEFAULT 0,
        version INTEGER NOT NULL DEFAULT 0,
        place INTEGER NOT NULL DEFAULT 0,
        read_to INTEGER NOT NULL DEFAULT 0,
        last_seq INTEGER NOT NULL DEFAULT -1,
        events INTEGER NOT NULL DEFAULT 0,
        refused INTEGER NOT NULL DEFAULT 0,
        refused_at INTEGER,
        deleted INTEGER NOT NULL DEFAULT 0,
        deleted_at REAL
    )
    """,
    "CREATE INDEX runs_listed ON runs (deleted, purpose, number, state, engine, owner, origin, starred, parent)",
    "CREATE INDEX runs_queued ON runs (place) WHERE state = 'queued'",
    "CREATE INDEX runs_parent ON runs (parent) WHERE parent IS NOT NULL",
    "CREATE UNIQUE INDEX runs_start_key ON runs (owner, start_key) WHERE start_key IS NOT NULL",
    "CREATE INDEX runs_fingerprint ON runs (fingerprint) WHERE fingerprint IS NOT NULL",
    "CREATE TABLE specs (number INTEGER PRIMARY KEY, spec TEXT NOT NULL)",
    "CREATE TABLE tags (number INTEGER, tag TEXT, PRIMARY KEY (number, tag)) WITHOUT ROWID",
    """
    CREATE TABLE result_rows (
        number INTEGER, name TEXT, seq INTEGER, attempt INTEGER, scope TEXT, body TEXT,
        PRIMARY KEY (number, name, seq)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE chunks (
        number INTEGER, name TEXT, seq INTEGER, attempt INTEGER, scope TEXT, file TEXT, amount INTEGER,
        PRIMARY KEY (number, name, seq)
    ) WITHOUT ROWID
    """,
    "CREATE TABLE counters (number INTEGER, name TEXT, amount INTEGER, PRIMARY KEY (number, name)) WITHOUT ROWID",
    "CREATE TABLE closed (number INTEGER, scope TEXT, PRIMARY KEY (number, scope)) WITHOUT ROWID",
    """
    CREATE TABLE artifacts (
        number INTEGER, name TEXT, bytes INTEGER, sha256 TEXT, PRIMARY KEY (number, name)
    ) WITHOUT ROWID
    """,
    "CREATE TABLE facts (number INTEGER, name TEXT, value TEXT, PRIMARY KEY (number, name)) WITHOUT ROWID",
    """
    CREATE TABLE notes (
        number INTEGER, seq INTEGER, attempt INTEGER, scope TEXT, at REAL, body TEXT, PRIMARY KEY (number, seq)
    ) WITHOUT ROWID
    """,
)

_STATE_COUNTS = (
    """
    CREATE TABLE state_counts (
        purpose TEXT, state TEXT, deleted INTEGER, amount INTEGER, PRIMARY KEY (purpose, state, deleted)
    ) WITHOUT ROWID
    """,
    "INSERT INTO state_counts SELECT purpose, state, deleted, count(*) FROM runs GROUP BY 1, 2, 3",
    """
    CREATE TRIGGER runs_counted AFTER INSERT ON runs BEGIN
        INSERT INTO state_counts VALUES (new.purpose, new.state, new.deleted, 1)
        ON CONFLICT DO UPDATE SET amount = amount + 1;
    END
    """,
    """
    CREATE TRIGGER runs_recounted AFTER UPDATE OF state, deleted ON runs
    WHEN old.state <> new.state OR old.deleted <> new.deleted BEGIN
        UPDATE state_counts SET amount = amount - 1
        WHERE purpose = old.purpose AND state = old.state AND deleted = old.deleted;
        INSERT INTO state_counts VALUES (new.purpose, new.state, new.deleted, 1)
        ON CONFLICT DO UPDATE SET amount = amount + 1;
    END
    """,
    """
    CREATE TRIGGER runs_uncounted AFTER DELETE ON runs BEGIN
        UPDATE state_counts SET amount = amount - 1
        WHERE purpose = old.purpose AND state = old.state AND deleted = old.deleted;
    END
    """,
)

_SEARCH = """
    CREATE VIRTUAL TABLE search USING fts5 (
        title, note, tags, engine, run, settings,
        tokenize = 'unicode61 remove_diacritics 2', prefix = '1 2 3'
    )
"""

_REVISIONS = (
    "ALTER TABLE counters ADD COLUMN revision INTEGER NOT NULL DEFAULT -1",
    "ALTER TABLE counters ADD COLUMN shrunk INTEGER NOT NULL DEFAULT -1",
    """
    UPDATE counters SET revision = last_seq, shrunk = last_seq
    FROM runs WHERE runs.number = counters.number
    """,
    "CREATE TABLE uncommitted (number INTEGER, scope TEXT, PRIMARY KEY (number, scope)) WITHOUT ROWID",
    """
    INSERT INTO uncommitted
    SELECT number, scope FROM (
        SELECT number, scope FROM result_rows
        UNION SELECT number, scope FROM chunks UNION SELECT number, scope FROM notes
    ) AS said
    WHERE NOT EXISTS (SELECT 1 FROM closed WHERE closed.number = said.number AND closed.scope = said.scope)
    """,
)


_DIGESTS = (
    "ALTER TABLE runs ADD COLUMN archived INTEGER NOT NULL DEFAULT 0",
    "CREATE TABLE digests (number INTEGER PRIMARY KEY, basis TEXT NOT NULL, body TEXT NOT NULL)",
)


@MIGRATIONS(name="m001_runs_and_rows")
def runs_and_rows(db: Database) -> None:
    """Runs, their specs, tags, rows, chunks, artifacts, facts and notes."""
    _execute(db, _RUNS_AND_ROWS)


@MIGRATIONS(name="m002_state_counts")
def state_counts(db: Database) -> None:
    """Runs by state, kept by triggers."""
    _execute(db, _STATE_COUNTS)


@MIGRATIONS(name="m003_search")
def search(db: Database) -> None:
    """Full-text search, filled with what is already there."""
    db.execute(_SEARCH)
    for (number,) in db.execute("SELECT number FROM runs").fetchall():
        index_run(db.conn, number)


@MIGRATIONS(name="m004_runs_by_engine")
def runs_by_engine(db: Database) -> None:
    """Return the listing of one engine's tab, as quick as the listing of all."""
    db.execute("CREATE INDEX runs_by_engine ON runs (deleted, purpose, engine, number, state, owner, origin, starred)")


@MIGRATIONS(name="m005_extensions")
def extensions(db: Database) -> None:
    """Return how runs were extended by more seeds, items or arms: a JSON list each, as in the run folder."""
    db.execute("CREATE TABLE extensions (number INTEGER PRIMARY KEY, body TEXT NOT NULL)")


@MIGRATIONS(name="m006_revisions")
def revisions(db: Database) -> None:
    """Return the last event that changed each table, the last that took rows from it, and open scopes."""
    _execute(db, _REVISIONS)


@MIGRATIONS(name="m007_digests")
def digests(db: Database) -> None:
    """Runs laid aside, and what is kept of each run for its listing: verdict words and disk use."""
    _execute(db, _DIGESTS)


def known_migrations() -> list[str]:
    """Names of the migrations of this version, in order."""
    fresh = Database(memory=True)
    try:
        return [migration.name for migration in MIGRATIONS.pending(fresh)]
    finally:
        fresh.close()


def _execute(db: Database, statements: tuple[str, ...]) -> None:
    for statement in statements:
        db.execute(statement)
