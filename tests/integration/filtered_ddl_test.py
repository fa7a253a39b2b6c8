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


# Of each kind: what an event filter on it leaves out, and its neighbour, which the target gets. The definition before tells them apart.
KINDS = [
    ("value range decrease", "MODIFY COLUMN c1 varchar(10)", "MODIFY COLUMN d1 varchar(30)"),
    ("precision decrease", "MODIFY COLUMN c2 decimal(10,1)", "MODIFY COLUMN d2 decimal(12,3)"),
    ("modify column", "MODIFY COLUMN c3 varchar(20)", "MODIFY COLUMN d3 bigint"),
    ("modify default value", "MODIFY COLUMN c4 int DEFAULT 7", "MODIFY COLUMN d4 int DEFAULT 1 COMMENT 'the same'"),
    ("modify charset", "MODIFY COLUMN c5 varchar(20) CHARACTER SET latin1", "MODIFY COLUMN d5 varchar(20) NOT NULL"),
    ("modify collation", "MODIFY COLUMN c6 varchar(20) COLLATE utf8mb4_bin", "MODIFY COLUMN d6 varchar(21)"),
    ("modify columns order", "MODIFY COLUMN c7 int AFTER id", "MODIFY COLUMN d7 int NOT NULL AFTER d8"),
    ("drop unique key", "DROP INDEX uniq", "DROP INDEX plain"),
    ("modify storage engine", "ENGINE=MyISAM", "ADD COLUMN x1 int"),
    ("modify table comment", "COMMENT='left out'", "ADD COLUMN x2 int, ALGORITHM=COPY"),
]
WIDE = """CREATE TABLE wide (id int NOT NULL PRIMARY KEY, d8 int, d7 int, c1 varchar(20), d1 varchar(20), c2 decimal(10,2), d2 decimal(10,2), c3 int, d3 int,
    c4 int DEFAULT 1, d4 int DEFAULT 1, c5 varchar(20), d5 varchar(20), c6 varchar(20), d6 varchar(20), c7 int, u int, p int, UNIQUE KEY uniq (u), KEY plain (p)) DEFAULT CHARSET=utf8mb4"""
ROW = "INSERT INTO wide (id, c1, d1, c2, d2, c3, d3, c4, d4, c5, d5, c6, d6, c7, d7, d8, u, p) VALUES ({0}, 'a', 'b', 1.5, 2.5, 3, 4, 5, 6, 'c', 'd', 'e', 'f', 7, 8, 9, {0}, {0})"
COLUMNS = "id, c1, d1, c2, d2, c3, d3, c4, d4, c5, d5, c6, d6, c7, d7, d8, u, p"


def facts(server):
    """What the statements of KINDS change, by name."""
    out = {name: (kind, default, charset, collation) for name, kind, default, charset, collation in server.query(
        f"SELECT column_name, column_type, column_default, character_set_name, collation_name FROM information_schema.columns WHERE table_schema = '{DB}' AND table_name = 'wide'")}
    out["order"] = [r[0] for r in server.query(f"SELECT column_name FROM information_schema.columns WHERE table_schema = '{DB}' AND table_name = 'wide' ORDER BY ordinal_position")]
    out["keys"] = {r[0] for r in server.query(f"SELECT index_name FROM information_schema.statistics WHERE table_schema = '{DB}' AND table_name = 'wide'")}
    out["engine"], out["comment"] = server.query(f"SELECT engine, table_comment FROM information_schema.tables WHERE table_schema = '{DB}' AND table_name = 'wide'")[0]
    return out


@pytest.mark.parametrize("kind", [KIND, "mysql-8.0"])
def test_kinds_that_definitions_tell(servers, tmp_path, kind):
    """A filter leaves out exactly the statements of its kinds; rows behind them are right."""
    source, target = servers(kind), servers(kind)
    make_small(source, 5)
    zoo.run_all(source, [WIDE, ROW.format(1)], DB)
    job = Job(tmp_path, source, target)
    job.task_config["filters"] = {"no": {"schema-pattern": DB, "table-pattern": "*", "events": [name for name, _, _ in KINDS], "action": "Ignore"}}
    job.task_config["mysql-instances"][0]["filter-rules"] = ["no"]
    job.run_ok()
    before = facts(target)
    assert before == facts(source)
    for number, (_, left_out, replicated) in enumerate(KINDS):
        zoo.run_all(source, [f"ALTER TABLE wide {left_out}", ROW.format(10 + 2 * number), f"ALTER TABLE wide {replicated}", ROW.format(11 + 2 * number)], DB)
    zoo.run_all(source, ["ALTER TABLE wide DROP COLUMN c7, DROP COLUMN d8"], DB)
    job.run_ok()
    there, here = facts(target), facts(source)
    for name in ("c1", "c2", "c3", "c4", "c5", "c6"):
        assert there[name] == before[name] and there[name] != here[name], name
    for name in ("d1", "d2", "d3", "d4", "d5", "d6", "d7"):
        assert there[name] == here[name], name
    assert there["order"] == ["id", "d7", "c1", "d1", "c2", "d2", "c3", "d3", "c4", "d4", "c5", "d5", "c6", "d6", "u", "p", "x1", "x2"]
    assert there["keys"] == {"PRIMARY", "uniq"} and here["keys"] == {"PRIMARY"}
    assert (there["engine"], there["comment"]) == ("InnoDB", "") and (here["engine"], here["comment"]) == ("MyISAM", "left out")
    columns = COLUMNS.replace(", c7", "").replace(", d8", "").replace(" c2,", " c2 + 0e0,")  # one digit less on the source
    assert rows(target, columns, "wide") == rows(source, columns, "wide") and len(rows(target, "id", "wide")) == 21


@pytest.mark.parametrize("kind", [KIND, "mysql-8.0"])
def test_incompatible_changes_stop_and_others_do_not(servers, tmp_path, kind):
    source, target = servers(kind), servers(kind)
    make_small(source, 5)
    zoo.run_all(source, [WIDE], DB)
    job = Job(tmp_path, source, target)
    job.task_config["filters"] = {"no": {"schema-pattern": DB, "table-pattern": "*", "events": ["incompatible ddl changes"], "action": "Error"}}
    job.task_config["mysql-instances"][0]["filter-rules"] = ["no"]
    job.run_ok()
    zoo.run_all(source, ["ALTER TABLE wide ADD COLUMN x int", "ALTER TABLE wide MODIFY COLUMN d3 bigint", "ALTER TABLE wide MODIFY COLUMN d1 varchar(30) NOT NULL", "ALTER TABLE wide COMMENT='new'",
                         "ALTER TABLE wide ADD KEY xx (x), ALGORITHM=INPLACE", "ALTER TABLE wide MODIFY COLUMN d8 int AFTER id"], DB)
    job.run_ok()
    assert facts(target) == facts(source)
    # Narrower, and without the default that it had: both are said to be wrong.
    zoo.run_all(source, ["ALTER TABLE wide MODIFY COLUMN c4 smallint"], DB)
    stopped = job.run()
    assert stopped.code == EXIT_TASK, str(stopped)
    assert_error(stopped.error, "sync-event-filtered-error", source="src-1", table=(DB, "wide"))
    assert "value range decrease" in stopped.error["message"], stopped.error
    job.task_config["filters"]["no"]["events"] = ["modify default value"]
    stopped = job.run()
    assert stopped.code == EXIT_TASK and "modify default value" in stopped.error["message"], str(stopped)
    job.task_config["filters"]["no"]["events"] = ["modify charset"]
    job.run_ok()
    assert facts(target) == facts(source)
