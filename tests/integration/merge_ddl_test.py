"""The same DDL in several tables that are merged into one: the second finds it done. Right, or a clear error; never a mix-up."""

import pytest

from support import zoo
from support.dmlib import EXIT_TASK, Job, assert_error

DB, ALL = "it_merge", "all_merged"
TARGETS = ["mysql-9.7", "mariadb-10.11", "tidb"]
TABLES = ("t_1", "t_2", "t_3")
# What each table does after the other, then a row of it with columns that have to be on the target.
SAME = {
    "a column": (["ADD COLUMN c int NOT NULL DEFAULT 7"], "id, c"),
    "columns with text": (["ADD COLUMN c varchar(20) CHARACTER SET latin1 NOT NULL DEFAULT 'x'", "ADD COLUMN d decimal(10,2) DEFAULT 0, ADD COLUMN e enum('a','b') DEFAULT 'b'"], "id, c, d, e"),
    "a column in the middle": (["ADD COLUMN c datetime(3) NULL AFTER id"], "id, c, v"),
    "an index": (["ADD INDEX k (v)", "ADD UNIQUE KEY u (id, v)", "DROP INDEX k"], "id, v"),
    "a column and its index": (["ADD COLUMN c bigint unsigned, ADD INDEX c (c)"], "id, c"),
}


def merged(servers, tmp_path, kind, source_kind="mysql-8.0", **keys):
    source, target = servers(source_kind), servers(kind)
    zoo.run_all(source, [f"CREATE DATABASE {DB} DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"])
    for number, name in enumerate(TABLES):
        zoo.run_all(source, [f"CREATE TABLE {name} (id int NOT NULL PRIMARY KEY, v varchar(20))", f"INSERT INTO {name} VALUES ({number}01, 'a'), ({number}02, 'b')"], DB)
    routes = {"tables": {"schema-pattern": DB, "table-pattern": "t_*", "target-schema": ALL, "target-table": "t"}, "schemas": {"schema-pattern": DB, "target-schema": ALL}}
    instance = {"route-rules": ["tables", "schemas"]} | ({"filter-rules": list(keys["filters"])} if "filters" in keys else {})
    job = Job(tmp_path, source, target, instance=instance, routes=routes, **keys)
    job.run_ok()
    return source, target, job


def rows(server, what, *tables):
    return sorted(tuple(map(str, r)) for t in tables for r in server.query(f"SELECT {what} FROM {t}"))


def assert_same(source, target, what="id, v", tables=TABLES):
    assert rows(target, what, f"{ALL}.t") == rows(source, what, *(f"{DB}.{t}" for t in tables))


def warned(outcome):
    return [line for line in outcome.stderr.splitlines() if "on the target already as the statement makes it" in line]


@pytest.mark.parametrize("kind", TARGETS)
def test_the_same_ddl_in_each(servers, tmp_path, kind):
    """Two of three find it done, with a warning each that is counted."""
    for number, (name, (statements, columns)) in enumerate(SAME.items()):
        source, target, job = merged(servers, tmp_path / str(number), kind)
        for statement in statements:
            zoo.run_all(source, [f"ALTER TABLE {table} {statement}" for table in TABLES], DB)
        for n, table in enumerate(TABLES):
            zoo.run_all(source, [f"INSERT INTO {table} (id) VALUES ({n}50)", f"UPDATE {table} SET id = {n}51 WHERE id = {n}01"], DB)
        outcome = job.run_ok()
        assert_same(source, target, columns)
        assert len(warned(outcome)) >= 2 * len(statements), f"{name}: {outcome}"    # on TiDB each change is a step
        assert outcome.status[-1]["ddl_already_there"] == len(warned(outcome)), outcome.status[-1]
        again = job.run_ok()
        assert warned(again) == [] and again.status[-1]["ddl_already_there"] == 0


@pytest.mark.parametrize("kind", TARGETS)
def test_a_table_of_later(servers, tmp_path, kind):
    """CREATE TABLE of a further one, with other keys than the target's, which is said."""
    source, target, job = merged(servers, tmp_path, kind)
    zoo.run_all(source, ["CREATE TABLE t_4 (id int NOT NULL PRIMARY KEY, v varchar(20), KEY v (v))", "INSERT INTO t_4 VALUES (901, 'x')"], DB)
    outcome = job.run_ok()
    assert_same(source, target, tables=[*TABLES, "t_4"])
    assert len(warned(outcome)) == 1 and "and has rows" in warned(outcome)[0] and "it lacks KEY `v`" in warned(outcome)[0], outcome


@pytest.mark.parametrize("kind", TARGETS)
def test_a_part_is_there(servers, tmp_path, kind):
    """Of a statement with several changes those that are missing are made."""
    source, target, job = merged(servers, tmp_path, kind)
    zoo.run_all(source, ["ALTER TABLE t_1 ADD COLUMN c int DEFAULT 3", "ALTER TABLE t_2 ADD COLUMN c int DEFAULT 3, ADD COLUMN d int DEFAULT 4, ADD INDEX d (d)", "ALTER TABLE t_1 ADD COLUMN d int DEFAULT 4, ADD INDEX d (d)",
                         "ALTER TABLE t_3 ADD COLUMN d int DEFAULT 4, ADD COLUMN c int DEFAULT 3"], DB)
    zoo.run_all(source, ["INSERT INTO t_1 (id, c, d) VALUES (11, 1, 2)", "INSERT INTO t_2 (id) VALUES (12)", "INSERT INTO t_3 (id, d) VALUES (13, NULL)"], DB)
    job.run_ok()
    assert_same(source, target, "id, c, d")
    assert "KEY `d` (`d`)" in target.query(f"SHOW CREATE TABLE {ALL}.t")[0][1]


OTHER = {   # the first table's change, the second's under the same name
    "another type": ("ADD COLUMN c int", "ADD COLUMN c bigint", "`c` is `c` int"), "another sign": ("ADD COLUMN c int", "ADD COLUMN c int unsigned", "unsigned"),
    "another default": ("ADD COLUMN c int NOT NULL DEFAULT 1", "ADD COLUMN c int NOT NULL DEFAULT 2", "DEFAULT '2'"), "NULL": ("ADD COLUMN c int NOT NULL DEFAULT 1", "ADD COLUMN c int DEFAULT 1", "NOT NULL"),
    "another charset": ("ADD COLUMN c varchar(9)", "ADD COLUMN c varchar(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", "utf8mb4_bin"), "members": ("ADD COLUMN c enum('a','b')", "ADD COLUMN c enum('b','a')", "enum('b','a')"),
    "a moment": ("ADD COLUMN c datetime DEFAULT CURRENT_TIMESTAMP", "ADD COLUMN c datetime DEFAULT CURRENT_TIMESTAMP", "default had then"),
    "another key": ("ADD INDEX k (v)", "ADD INDEX k (v, id)", "key `k`"), "a unique one": ("ADD INDEX k (v)", "ADD UNIQUE KEY k (v)", "UNIQUE"), "a length": ("ADD COLUMN c varchar(9)", "ADD COLUMN c varchar(8)", "varchar(8)"),
}


@pytest.mark.parametrize("kind", TARGETS)
def test_something_else_under_the_name_stops(servers, tmp_path, kind):
    for number, (name, (first, second, told)) in enumerate(OTHER.items()):
        source, target, job = merged(servers, tmp_path / str(number), kind)
        zoo.run_all(source, [f"ALTER TABLE t_1 {first}", f"ALTER TABLE t_2 {second}", "INSERT INTO t_2 (id) VALUES (555)"], DB)
        for _ in range(2):   # a second run is no way around it
            outcome = job.run()
            assert outcome.code == EXIT_TASK, f"{name}: {outcome}"
            assert_error(outcome.error, "sync-ddl-refused", table=(DB, "t_2"), position=True)
            assert told in outcome.error["message"], f"{name}: {outcome.error}"
        assert "555" not in {r[0] for r in rows(target, "id", f"{ALL}.t")}
        job.task_config["filters"] = {"no": {"schema-pattern": DB, "table-pattern": "t_2", "events": ["all ddl"], "action": "Ignore"}}
        job.task_config["mysql-instances"][0]["filter-rules"] = ["no"]
        job.run_ok()
        assert_same(source, target, "id, v")


@pytest.mark.parametrize("kind", TARGETS)
def test_a_table_that_is_another_stops(servers, tmp_path, kind):
    source, target, job = merged(servers, tmp_path, kind)
    zoo.run_all(source, ["CREATE TABLE t_4 (id int NOT NULL PRIMARY KEY, v varchar(30), x int)"], DB)
    outcome = job.run()
    assert outcome.code == EXIT_TASK, outcome
    assert_error(outcome.error, "sync-ddl-refused", table=(DB, "t_4"), position=True)
    assert "varchar(20)" in outcome.error["message"] and "`x` is not there" in outcome.error["message"], outcome.error


@pytest.mark.parametrize("kind", TARGETS)
def test_a_column_that_others_have_is_kept(servers, tmp_path, kind):
    source, target, job = merged(servers, tmp_path, kind)
    zoo.run_all(source, ["ALTER TABLE t_1 DROP COLUMN v", "INSERT INTO t_1 VALUES (77)"], DB)
    outcome = job.run()
    assert outcome.code == EXIT_TASK, outcome
    assert_error(outcome.error, "sync-ddl-refused", table=(DB, "t_2"), position=True)
    assert "values of column `v`" in outcome.error["message"] and "drop column" in outcome.error["workaround"], outcome.error
    assert ("201", "a") in rows(target, "id, v", f"{ALL}.t")
    job.task_config["filters"] = {"no": {"schema-pattern": DB, "table-pattern": "t_*", "events": ["drop column"], "action": "Ignore"}}
    job.task_config["mysql-instances"][0]["filter-rules"] = ["no"]
    job.run_ok()
    assert_same(source, target, "id")
    assert {("201", "a"), ("77", "None")} <= set(rows(target, "id, v", f"{ALL}.t"))
    # The last one may.
    zoo.run_all(source, ["ALTER TABLE t_2 DROP COLUMN v"], DB)
    job.run_ok()
    job.task_config["mysql-instances"][0]["filter-rules"] = []
    del job.task_config["filters"]
    zoo.run_all(source, ["ALTER TABLE t_3 DROP COLUMN v", "INSERT INTO t_3 VALUES (78)"], DB)
    job.run_ok()
    assert [r[0] for r in target.query(f"SHOW COLUMNS FROM {ALL}.t")] == ["id"]
    assert_same(source, target, "id")
