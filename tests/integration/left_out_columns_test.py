"""Columns that a row image leaves out, where the target's table is not made as the source's: nothing there may be guessed."""

import pytest

from support.dmlib import Job, assert_error
from support.zoo import run_all

DB = "it_left_out"


def tables(server, query):
    return server.query(query.format(DB))


@pytest.mark.parametrize("kinds", [("mariadb-10.11", "mariadb-10.11"), ("mysql-9.7", "mysql-9.7"), ("mysql-8.0", "tidb")], ids="-to-".join)
def test_on_update_of_the_target_alone(servers, tmp_path, kinds):
    """ts changes on the target by itself where an UPDATE does not name it; on the source it did not change."""
    source, target = servers(kinds[0], binlog_row_image="MINIMAL"), servers(kinds[1])
    for server, more in ((source, ""), (target, " ON UPDATE CURRENT_TIMESTAMP")):
        run_all(server, [f"CREATE DATABASE {DB}"])
        run_all(server, [f"CREATE TABLE t (id int NOT NULL PRIMARY KEY, v int, e enum('a', ''), ts timestamp NULL DEFAULT NULL{more}, UNIQUE KEY (v))"], DB)
    run_all(source, ["SET SESSION sql_mode = ''", "INSERT INTO t VALUES (1, 1, 'a', '2020-01-01'), (2, 2, 'none', '2020-01-01'), (3, 3, 'a', NULL)"], DB)
    job = Job(tmp_path, source, target)
    job.run_ok()
    run_all(source, ["UPDATE t SET v = 10 WHERE id = 1", "UPDATE t SET e = 2 WHERE id = 2", "UPDATE t SET v = 30 WHERE id = 3", "UPDATE t SET id = 4 WHERE id = 3",
                     "UPDATE t SET v = 11, ts = '2021-01-01' WHERE id = 1"], DB)
    job.run_ok()
    query = "SELECT id, v, e + 0, ts FROM {0}.t ORDER BY id"
    assert tables(target, query) == tables(source, query)


VIRTUAL = "CREATE TABLE t (id int NOT NULL PRIMARY KEY, a int, s int AS (a * 2) STORED, w int AS (a + 1) VIRTUAL)"
PLAIN = "CREATE TABLE t (id int NOT NULL PRIMARY KEY, a int, s int, w int)"


@pytest.mark.parametrize("change", ["INSERT INTO t (id, a) VALUES (3, 3)", "UPDATE t SET a = 7 WHERE id = 1"])
@pytest.mark.parametrize("kind", ["mariadb-10.11", "mysql-9.7"])
def test_virtual_columns_that_are_plain_on_the_target(servers, tmp_path, kind, change):
    """MariaDB leaves a VIRTUAL column without an index out of MINIMAL images also where it changed; MySQL has it where it changed."""
    source, target = servers(kind, binlog_row_image="MINIMAL"), servers(kind)
    for server, table in ((source, VIRTUAL), (target, PLAIN)):
        run_all(server, [f"CREATE DATABASE {DB}"])
        run_all(server, [table], DB)
    run_all(source, ["INSERT INTO t (id, a) VALUES (1, 1), (2, 2)"], DB)
    job = Job(tmp_path, source, target)
    job.run_ok()
    query = "SELECT * FROM {0}.t ORDER BY id"
    assert tables(target, query) == tables(source, query)
    run_all(source, [change], DB)
    if kind.startswith("mysql"):
        job.run_ok()
        assert tables(target, query) == tables(source, query)
        return
    outcome = job.run()
    assert_error(outcome.error, "binlog-row-image", source="src-1", table=(DB, "t"), position=True)
    assert "`w`" in outcome.error["message"]
    assert tables(target, "SELECT id, w FROM {0}.t ORDER BY id") == [("1", "2"), ("2", "3")], "a value was guessed"


COMPUTED = ("CREATE TABLE t (id int NOT NULL PRIMARY KEY, v varchar(20), a varchar(30) AS (SOUNDEX(v)) STORED, b varchar(30) AS (SOUNDEX(v)) VIRTUAL, c int AS (id * 2) STORED,"
            " UNIQUE KEY (a))")


@pytest.mark.parametrize("kinds", [("mariadb-10.11", "mysql-8.0"), ("mariadb-10.11", "tidb"), ("mysql-8.0", "mariadb-10.11")], ids="-to-".join)
def test_generated_columns_that_become_ordinary(servers, tmp_path, kinds):
    """The target does not know the function: the copy and replication fill the column with the source's values."""
    source, target = servers(kinds[0]), servers(kinds[1])
    run_all(source, [f"CREATE DATABASE {DB}"])
    run_all(source, [COMPUTED, "INSERT INTO t (id, v) VALUES (1, 'hello'), (2, 'world'), (3, NULL)", "CREATE TABLE no_key LIKE t", "ALTER TABLE no_key DROP PRIMARY KEY, DROP KEY a",
                     "INSERT INTO no_key (id, v) SELECT id, v FROM t"], DB)
    job = Job(tmp_path, source, target)
    job.run_ok()
    for table in ("t", "no_key"):
        query = "SELECT * FROM {0}." + table + " ORDER BY id"
        assert tables(target, query) == tables(source, query)
    run_all(source, ["INSERT INTO t (id, v) VALUES (4, 'more')", "UPDATE t SET v = 'other' WHERE id = 1", "UPDATE no_key SET v = 'other' WHERE id = 1", "DELETE FROM no_key WHERE id = 2"], DB)
    job.run_ok()
    for table in ("t", "no_key"):
        query = "SELECT * FROM {0}." + table + " ORDER BY id"
        assert tables(target, query) == tables(source, query)
