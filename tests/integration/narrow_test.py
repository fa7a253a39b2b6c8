"""Columns of the target that are narrower than the source's: what servers cut without an error stops the task, what fits goes on."""

import pytest

from support import zoo
from support.dmlib import EXIT_TASK, Job, assert_error

DB = "it_narrow"
# Source's and target's type, a value that fits, one that the target's server cuts in silence.
PAIRS = {
    "decimal": ("decimal(8,3)", "decimal(8,1)", "1.5", "1.25"), "integer": ("decimal(8,3)", "int", "7", "1.25"), "float": ("double", "float", "0.5", "1.2345678901"),
    "real": ("double", "double(10,2)", "0.25", "1.2345"), "seconds": ("datetime(6)", "datetime(1)", "'2024-01-01 00:00:00.5'", "'2024-01-01 00:00:00.123456'"),
    "clock": ("time(3)", "time", "'10:00:00'", "'10:00:00.6'"), "day": ("datetime", "date", "'2024-01-01'", "'2024-01-01 10:00:00'"),
    "blanks": ("varchar(20)", "varchar(3)", "'abc'", "'abc  '"), "char": ("varchar(20)", "char(20)", "' abc'", "'abc '"), "zeros": ("varbinary(4)", "binary(4)", "'abcd'", "'ab'"),
    "text": ("text", "tinytext", "'a'", "CONCAT(REPEAT('a', 255), '  ')"),
}


@pytest.fixture(params=["mariadb-10.11", "mysql-9.7", "tidb"])
def pair(request, servers, tmp_path):
    source, target = servers("mysql-8.0"), servers(request.param)
    create = f"CREATE DATABASE {DB} DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"
    for server in (source, target):
        zoo.run_all(server, [create])
    return source, target, Job(tmp_path, source, target)


def make(source, target, names, key="PRIMARY KEY"):
    for name in names:
        wide, narrow, fits, _ = PAIRS[name]
        zoo.run_all(source, [f"CREATE TABLE `{name}` (id int NOT NULL {key}, c {wide}, n int)", f"INSERT INTO `{name}` VALUES (1, {fits}, 1), (2, NULL, 1)"], DB)
        zoo.run_all(target, [f"CREATE TABLE `{name}` (id int NOT NULL {key}, c {narrow}, n int)"], DB)


def rows(server, name):
    return [tuple(map(str, r)) for r in server.query(f"SELECT id, c IS NULL, n FROM {DB}.`{name}` ORDER BY id")]


def test_copy_and_replication(pair):
    """All that fits passes, and each value that does not stops where it stands, with its columns."""
    source, target, job = pair
    make(source, target, PAIRS)
    job.run_ok()
    for name, (_, _, fits, _) in PAIRS.items():
        zoo.run_all(source, [f"INSERT INTO `{name}` VALUES (3, {fits}, 1)", f"UPDATE `{name}` SET n = 2 WHERE id = 1", f"DELETE FROM `{name}` WHERE id = 2"], DB)
    job.run_ok()
    for name, (wide, _, fits, cut) in PAIRS.items():
        assert rows(target, name) == rows(source, name) == [("1", "0", "2"), ("3", "0", "1")], name
        zoo.run_all(source, [f"UPDATE `{name}` SET c = {cut}, n = 3 WHERE id = 1"], DB)
        outcome = job.run()
        assert outcome.code == EXIT_TASK, f"{name}: {outcome}"
        assert_error(outcome.error, "db-data-too-long", table=(DB, name), position=True)
        assert "would not keep" in outcome.error["message"] and "`c`" in outcome.error["message"], outcome.error
        assert rows(target, name) == [("1", "0", "2"), ("3", "0", "1")], name
        zoo.run_all(target, [f"ALTER TABLE `{name}` MODIFY COLUMN c {wide}" if target.flavour != "tidb" else f"ALTER TABLE `{name}` DROP COLUMN c"], DB)
        if target.flavour == "tidb":   # which does not change every type
            zoo.run_all(target, [f"ALTER TABLE `{name}` ADD COLUMN c {wide} AFTER id", f"UPDATE `{name}` SET c = {fits}"], DB)
        job.run_ok()
        same = f"SELECT id, HEX(CONCAT(c)), n FROM {DB}.`{name}` ORDER BY id"
        assert [tuple(map(str, r)) for r in target.query(same)] == [tuple(map(str, r)) for r in source.query(same)], name


@pytest.mark.parametrize("key", ["PRIMARY KEY", ""])
def test_copy_stops(pair, key):
    source, target, job = pair
    for name in PAIRS:
        make(source, target, [name], key)
        zoo.run_all(source, [f"INSERT INTO `{name}` VALUES (9, {PAIRS[name][3]}, 1)"], DB)
        outcome = job.run()
        assert outcome.code == EXIT_TASK, f"{name}: {outcome}"
        assert_error(outcome.error, ("db-data-too-long", "load-write"), table=(DB, name))
        assert rows(target, name) == [] or "9" not in {r[0] for r in rows(target, name)}, name
        for server in (source, target):
            zoo.run_all(server, [f"DROP TABLE `{name}`"], DB)
        job.forget()
        zoo.run_all(target, [f"CREATE DATABASE {DB} DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"])


def test_check_finds_them(pair):
    """A warning for each column, with the statement that puts it right."""
    source, target, job = pair
    make(source, target, PAIRS)
    zoo.run_all(source, ["CREATE TABLE same (id int PRIMARY KEY, v varchar(5), d decimal(7,2), t timestamp(3) NULL)"], DB)
    zoo.run_all(target, ["CREATE TABLE same (id bigint PRIMARY KEY, v varchar(6), d decimal(8,3), t timestamp(4) NULL)"], DB)

    def found():
        return {i["table"]["table"]: i for i in job.check()[1]["items"] if i["name"] == "table_schema" and "does not hold every value" in i["message"]}
    first = found()
    assert set(first) == set(PAIRS), first
    for item in first.values():
        assert item["severity"] == "warning" and "`c` is " in item["message"], item
    if target.flavour != "tidb":
        zoo.run_all(target, [i["instruction"].rstrip(";") for i in first.values()])
        assert found() == {}
