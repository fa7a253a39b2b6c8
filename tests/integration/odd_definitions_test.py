"""Definitions whose texts are no UTF-8: defaults of binary columns, statements of sessions in other charsets. Copied, replicated, resumed, changed."""

import pytest

from servers import up_or_skip
from support import zoo
from support.dmlib import EXIT_TASK, Job

DB = "it_odd"
PAIRS = [("mariadb-10.11", "mariadb-10.11"), ("mariadb-10.11", "tidb"), ("mariadb-10.11", "mysql-8.0"), ("mysql-8.0", "mysql-9.7"), ("mysql-9.7", "tidb"), ("mysql-8.0", "mariadb-10.11")]


@pytest.fixture(params=PAIRS, ids="-to-".join, scope="module")
def pair(request):
    source, target = (up_or_skip(kind) for kind in request.param)
    yield source, target
    source.down()
    target.down()


@pytest.fixture
def job(pair, tmp_path):
    source, target = pair
    made = Job(tmp_path, source, target)
    made.forget()
    source.query(f"DROP DATABASE IF EXISTS {DB}")
    zoo.run_all(source, [f"CREATE DATABASE {DB} DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"])
    return made


def run(server, statements, names=None, charset="utf8mb4"):
    """Statements as bytes, in a session of that charset."""
    with server.connect(database=DB, autocommit=True) as c, c.cursor() as cursor:
        cursor.execute(f"SET NAMES {charset}")
        for one in statements:
            c.query(one.encode("utf-8") if isinstance(one, str) else one)


BINARY = "id int NOT NULL PRIMARY KEY, a varbinary(4) DEFAULT 0x00ff, b binary(3) NOT NULL DEFAULT 0xfe5c27, c varbinary(9) NOT NULL DEFAULT 0x5c27c3, d varchar(9) DEFAULT 'ä\\\\''', e varbinary(9) DEFAULT 'abc'"


def same(source, target, tables, columns="*"):
    for table in tables:
        names = [r[0] for r in source.query(f"SHOW COLUMNS FROM {DB}.{table}")]
        assert names == [r[0] for r in target.query(f"SHOW COLUMNS FROM {DB}.{table}")], table
        what = "SELECT " + ", ".join(f"HEX(CONVERT(`{n}` USING utf8mb4))" if n in ("d", "e_", "m") else f"HEX(`{n}`)" for n in names) + f" FROM {DB}.{table} ORDER BY id"
        assert source.query(what) == target.query(what), table


def defaults(server, table):
    """What the server fills in, which is what a default is."""
    server.query(f"INSERT INTO {DB}.{table} (id) VALUES (99)")
    return server.query(f"SELECT HEX(a), HEX(b), HEX(c), HEX(CONVERT(d USING utf8mb4)), HEX(e) FROM {DB}.{table} WHERE id = 99")


def test_binary_defaults(pair, job):
    source, target = pair
    run(source, [f"CREATE TABLE copied ({BINARY})", "INSERT INTO copied (id) VALUES (1), (2)"])
    job.run_ok()
    run(source, ["INSERT INTO copied (id) VALUES (3)", "UPDATE copied SET a = 0xff00 WHERE id = 1", f"CREATE TABLE made ({BINARY})", "INSERT INTO made (id) VALUES (1)"])
    job.run_ok()
    same(source, target, ["copied", "made"])
    # Stored definitions are loaded; a statement changes them; a row of each form is behind it.
    added = "61" if target.kind.startswith("tidb") else "fffe00"    # TiDB: test_what_tidb_would_spoil
    run(source, [f"ALTER TABLE copied ADD COLUMN f varbinary(5) NOT NULL DEFAULT 0x{added}, MODIFY COLUMN a varbinary(5) DEFAULT 0xff", "INSERT INTO copied (id) VALUES (4)",
                 "ALTER TABLE made ALTER COLUMN e SET DEFAULT 0x80", "INSERT INTO made (id) VALUES (4)", "RENAME TABLE made TO made_2", "CREATE TABLE made_3 LIKE made_2", "INSERT INTO made_3 SELECT * FROM made_2"])
    job.run_ok()
    job.run_ok()
    same(source, target, ["copied", "made_2", "made_3"])
    if target.kind.startswith("tidb"):
        return    # it keeps the definition, and fills in other bytes itself
    for table in ("copied", "made_2", "made_3"):
        assert defaults(source, table) == defaults(target, table), table
        target.query(f"DELETE FROM {DB}.{table} WHERE id = 99")


def test_statements_of_other_charsets(pair, job):
    """Members, comments and names in a latin1 session; raw bytes in a binary one."""
    source, target = pair
    tidb = target.kind.startswith("tidb")    # test_what_tidb_would_spoil
    text = "CREATE TABLE copied (id int NOT NULL PRIMARY KEY, d varchar(9) DEFAULT 'ä', m enum('ä','ö','x') CHARACTER SET latin1 DEFAULT 'ö' COMMENT 'größe', a varbinary(9) DEFAULT 'ü') COMMENT 'Käse'"
    run(source, [text.encode("latin-1"), "INSERT INTO copied (id) VALUES (1)"], charset="latin1")
    job.run_ok()
    run(source, [text.replace("copied", "made").encode("latin-1"), "INSERT INTO made (id) VALUES (1)".encode(),
                 f"ALTER TABLE copied ADD COLUMN `ß` varbinary(4) DEFAULT '{'e' if tidb else 'é'}', COMMENT 'Brötchen'".encode("latin-1"), "INSERT INTO copied (id) VALUES (2)"], charset="latin1")
    job.run_ok()
    run(source, [b"ALTER TABLE made ADD COLUMN r varbinary(4) NOT NULL DEFAULT '" + (b"ab" if tidb else b"\xff\xfe") + b"'", "INSERT INTO made (id) VALUES (3)"], charset="binary")
    job.run_ok()
    job.run_ok()
    same(source, target, ["copied", "made"])


def test_a_statement_that_the_target_refuses_is_told(pair, job):
    """Its record is stored, its text is printed, the next run comes to it again."""
    source, target = pair
    run(source, [f"CREATE TABLE copied ({BINARY})", "INSERT INTO copied (id) VALUES (1)"])
    job.run_ok()
    target.query(f"ALTER TABLE {DB}.copied ADD COLUMN n int")
    run(source, ["ALTER TABLE copied ADD COLUMN n varbinary(4) DEFAULT 'x' COMMENT 'ä'".encode("latin-1"), "INSERT INTO copied (id) VALUES (2)"], charset="latin1")
    for _ in range(2):
        outcome = job.run()
        assert outcome.code == EXIT_TASK and outcome.error["name"] == "sync-ddl-refused", outcome
        assert "ADD COLUMN n" in outcome.error["statement"], outcome.error
    target.query(f"ALTER TABLE {DB}.copied DROP COLUMN n")
    job.run_ok()
    same(source, target, ["copied"])


def test_what_tidb_would_spoil(pair, job):
    """TiDB gives rows that are there U+FFFD for the bytes of such a default: refused, with the way out."""
    source, target = pair
    if not target.kind.startswith("tidb"):
        pytest.skip("only TiDB does that")
    run(source, ["CREATE TABLE copied (id int NOT NULL PRIMARY KEY)", "INSERT INTO copied VALUES (1)"])
    job.run_ok()
    target.query(f"CREATE TABLE {DB}.seen (id int)")
    target.query(f"INSERT INTO {DB}.seen VALUES (1)")
    target.query(f"ALTER TABLE {DB}.seen ADD COLUMN f varbinary(4) NOT NULL DEFAULT 0xfffe")
    assert target.query(f"SELECT HEX(f) FROM {DB}.seen") != [("FFFE",)], "TiDB has learned it: take the refusal away"
    run(source, ["ALTER TABLE copied ADD COLUMN f varbinary(4) NOT NULL DEFAULT 0xfffe", "INSERT INTO copied (id) VALUES (2)"])
    outcome = job.run()
    assert outcome.code == EXIT_TASK and outcome.error["name"] == "sync-ddl-refused", outcome
    assert "no UTF-8" in outcome.error["message"] and "event filter" in outcome.error["message"], outcome.error
    for statement in ("ADD COLUMN f varbinary(4)", "MODIFY COLUMN f varbinary(4) NOT NULL DEFAULT 0xfffe"):
        target.query(f"ALTER TABLE {DB}.copied {statement}")
        target.query(f"UPDATE {DB}.copied SET f = 0xfffe")
    job.task_config["filters"] = {"no": {"schema-pattern": DB, "events": ["add column"], "action": "Ignore"}}
    job.task_config["mysql-instances"][0]["filter-rules"] = ["no"]
    job.run_ok()
    same(source, target, ["copied"])
