"""DDL that an event filter leaves out: what becomes of the rows behind it. Right, or a clear error; never a mix-up."""

import pytest

from support import zoo
from support.dmlib import EXIT_TASK, Job, assert_error
from support.small import DB, make_small

KIND = "mariadb-10.11"


def filtered(servers, tmp_path, *events, kind=KIND):
    source, target = servers(kind), servers(kind)
    make_small(source, 20)
    job = Job(tmp_path, source, target)
    job.task_config["filters"] = {"no": {"schema-pattern": DB, "table-pattern": "*", "events": list(events), "action": "Ignore"}}
    job.task_config["mysql-instances"][0]["filter-rules"] = ["no"]
    job.run_ok()
    return source, target, job


def rows(server, what, table="t"):
    return [tuple(map(str, r)) for r in server.query(f"SELECT {what} FROM {DB}.{table} ORDER BY 1")]


RIGHT = {   # what both sides have afterwards
    "a column that is dropped": ("id, u", ["ALTER TABLE t DROP COLUMN v", "INSERT INTO t VALUES (900, 900)", "UPDATE t SET u = 5000 WHERE id = 1", "DELETE FROM t WHERE id = 2"]),
    "a column that grows": ("id, u, v", ["ALTER TABLE t MODIFY COLUMN v varchar(200)", "INSERT INTO t VALUES (900, 900, REPEAT('y', 40))", "UPDATE t SET v = 'short' WHERE id = 1"]),
    "another type": ("id, u, v", ["ALTER TABLE t MODIFY COLUMN u bigint NOT NULL", "INSERT INTO t VALUES (900, 900, 'z')", "UPDATE t SET v = 'w' WHERE id = 3"]),
    "columns that change places": ("id, u, v, v2", ["ALTER TABLE t MODIFY COLUMN v2 varchar(50) AFTER u", "INSERT INTO t (id, u, v, v2) VALUES (900, 900, 'is v', 'is v2')", "UPDATE t SET v = 'v', v2 = 'two' WHERE id = 1"]),
    "members of an ENUM that change places": ("id, e", ["ALTER TABLE t MODIFY COLUMN e enum('three', 'one', 'two')", "INSERT INTO t (id, u, e) VALUES (900, 900, 'one'), (901, 901, 'three')", "UPDATE t SET e = 'two' WHERE id = 1"]),
    "a sign": ("id, n", ["ALTER TABLE t MODIFY COLUMN n bigint unsigned", "INSERT INTO t (id, u, n) VALUES (900, 900, 9000000000000000000)", "UPDATE t SET n = 1 WHERE id = 1"]),
    "keys": ("id, u, v", ["ALTER TABLE t ADD KEY k (v)", "INSERT INTO t VALUES (900, 900, 'z', 'z2', 'one', 1)", "ALTER TABLE t DROP KEY k", "DELETE FROM t WHERE id = 5"]),
}
BEFORE = ["ALTER TABLE t ADD COLUMN v2 varchar(50)", "ALTER TABLE t ADD COLUMN e enum('one', 'two', 'three')", "ALTER TABLE t ADD COLUMN n bigint"]


@pytest.mark.parametrize("kind", [KIND, "mysql-8.0", "mysql-5.6"])
def test_rows_behind_it_are_right(servers, tmp_path, kind):
    """Also over restarts: the definitions are stored."""
    for number, (name, (columns, statements)) in enumerate(RIGHT.items()):
        if number == 0:
            source, target = servers(kind), servers(kind)
        else:
            for server in (source, target):
                server.query(f"DROP DATABASE {DB}")
            target.query("DROP DATABASE dm_meta")
        make_small(source, 20)
        if "dropped" not in name and "grows" not in name and "another" not in name:
            zoo.run_all(source, BEFORE, DB)
        job = Job(tmp_path / str(number), source, target)
        job.task_config["filters"] = {"no": {"schema-pattern": DB, "table-pattern": "*", "events": ["alter table"], "action": "Ignore"}}
        job.task_config["mysql-instances"][0]["filter-rules"] = ["no"]
        job.run_ok()
        zoo.run_all(source, statements[:1], DB)
        job.run_ok()
        zoo.run_all(source, statements[1:2], DB)
        job.run_ok()
        zoo.run_all(source, statements[2:], DB)
        job.run_ok()
        assert rows(target, columns) == rows(source, columns), name
        assert source.query(f"SHOW CREATE TABLE {DB}.t")[0][1] != target.query(f"SHOW CREATE TABLE {DB}.t")[0][1] or name == "keys", name


def test_a_column_that_the_target_lacks(servers, tmp_path):
    source, target, job = filtered(servers, tmp_path, "add column")
    zoo.run_all(source, ["ALTER TABLE t ADD COLUMN w int FIRST", "INSERT INTO t VALUES (9, 900, 900, 'x')"], DB)
    stopped = job.run()
    assert stopped.code == EXIT_TASK, str(stopped)
    assert_error(stopped.error, "db-unknown-column", source="src-1", table=(DB, "t"))
    target.query(f"ALTER TABLE {DB}.t ADD COLUMN w int")
    job.run_ok()
    assert rows(target, "id, u, v, w") == rows(source, "id, u, v, w")


def test_a_table_that_the_target_lacks(servers, tmp_path):
    source, target, job = filtered(servers, tmp_path, "create table")
    zoo.run_all(source, ["CREATE TABLE fresh (id int PRIMARY KEY)", "INSERT INTO fresh VALUES (1), (2)"], DB)
    stopped = job.run()
    assert stopped.code == EXIT_TASK, str(stopped)
    assert_error(stopped.error, "db-no-such-table", source="src-1", table=(DB, "fresh"))
    target.query(f"CREATE TABLE {DB}.fresh (id int PRIMARY KEY)")
    job.run_ok()
    assert rows(target, "id", "fresh") == rows(source, "id", "fresh")


def test_tables_that_stay(servers, tmp_path):
    source, target, job = filtered(servers, tmp_path, "drop table", "truncate table")
    zoo.run_all(source, ["TRUNCATE TABLE t", "INSERT INTO t VALUES (900, 900, 'z')", "DROP TABLE no_key"], DB)
    job.run_ok()
    assert len(rows(target, "id")) == 21 and len(rows(target, "a", "no_key")) == 50
    zoo.run_all(source, ["CREATE TABLE no_key (a int, c int)"], DB)
    stopped = job.run()
    assert_error(stopped.error, "sync-ddl-refused", source="src-1", position=True)
