"""Merged tables of which one gets a column that the target lacks and the others have: nothing of theirs is lost without a word."""

import subprocess

import pytest

from support import zoo
from support.dmlib import EXIT_TASK, Job, find_program

ROUTE = {"schema-pattern": "it_w", "table-pattern": "order_*", "target-schema": "all_w", "target-table": "orders"}


def rows(target):
    return [tuple(r) for r in target.query("SELECT id, d FROM all_w.orders ORDER BY id")]


@pytest.mark.parametrize("kinds", [("mysql-8.0", "mariadb-10.11"), ("mariadb-10.11", "tidb")], ids="-".join)
def test_a_column_that_an_event_filter_kept_from_the_target(servers, tmp_path, kinds):
    """The rows of order_2 got their values while ADD COLUMN was left out; that of order_1 must not make defaults of them."""
    source, target = servers(kinds[0]), servers(kinds[1])
    zoo.run_all(source, ["CREATE DATABASE it_w"])
    zoo.run_all(source, [s for n in (1, 2) for s in (f"CREATE TABLE order_{n} (id int PRIMARY KEY)", f"INSERT INTO order_{n} VALUES ({n})")], "it_w")
    job = Job(tmp_path, source, target, instance={"route-rules": ["orders"], "filter-rules": ["no"]}, routes={"orders": ROUTE},
              filters={"no": {"schema-pattern": "it_w", "table-pattern": "order_2", "events": ["add column"], "action": "Ignore"}})
    job.run_ok()
    zoo.run_all(source, ["ALTER TABLE order_2 ADD COLUMN d int DEFAULT 6"], "it_w")     # its row has 6 in d
    job.run_ok()
    zoo.run_all(source, ["ALTER TABLE order_1 ADD COLUMN d int DEFAULT 5", "INSERT INTO order_1 VALUES (11, 7)", "INSERT INTO order_2 VALUES (12, 8)"], "it_w")
    for _ in range(2):
        outcome = job.run()
        assert outcome.code == EXIT_TASK and outcome.error["name"] == "sync-ddl-refused" and "`d`" in outcome.error["message"], str(outcome)
        assert "by hand" in outcome.error["workaround"] and target.query("SELECT id FROM all_w.orders ORDER BY id") == [("1",), ("2",)], str(outcome)
    zoo.run_all(target, ["ALTER TABLE orders ADD COLUMN d int DEFAULT 5", "UPDATE orders SET d = 6 WHERE id = 2"], "all_w")
    job.run_ok()
    assert rows(target) == [("1", "5"), ("2", "6"), ("11", "7"), ("12", "8")]


def test_tables_without_rows_and_columns_that_only_one_table_gets(servers, tmp_path):
    source, target = servers("mysql-8.0"), servers("mysql-8.0")
    zoo.run_all(source, ["CREATE DATABASE it_w"])
    zoo.run_all(source, [f"CREATE TABLE order_{n} (id int PRIMARY KEY)" for n in (1, 2)], "it_w")
    job = Job(tmp_path, source, target, instance={"route-rules": ["orders"]}, routes={"orders": ROUTE})
    job.run_ok()
    zoo.run_all(source, ["ALTER TABLE order_2 ADD COLUMN d int DEFAULT 6"], "it_w")
    job.run_ok()
    zoo.run_all(target, ["ALTER TABLE orders DROP COLUMN d"], "all_w")
    zoo.run_all(source, ["ALTER TABLE order_1 ADD COLUMN d int DEFAULT 5", "INSERT INTO order_1 VALUES (11, 7)", "INSERT INTO order_2 VALUES (12, 8)"], "it_w")
    job.run_ok()    # no row of order_2 was there
    assert rows(target) == [("11", "7"), ("12", "8")]
    zoo.run_all(source, ["ALTER TABLE order_1 ADD COLUMN x int DEFAULT 5", "INSERT INTO order_1 VALUES (13, 7, 1)", "ALTER TABLE order_2 ADD COLUMN x int DEFAULT 5"], "it_w")
    job.run_ok()
    assert target.query("SELECT id, x FROM all_w.orders ORDER BY id") == [("11", "5"), ("12", "5"), ("13", "1")]


REBUILDS = "ALTER TABLE order_1 ADD COLUMN d int NOT NULL DEFAULT 5, DROP PRIMARY KEY, ADD PRIMARY KEY (id, d)"


def stopped(job, target, query, *told):
    """Twice, and the target's rows are what they were."""
    before = target.query(query)
    for _ in range(2):
        outcome = job.run()
        assert outcome.code == EXIT_TASK and outcome.error["name"] == "sync-ddl-refused", str(outcome)
        assert all(t in outcome.error["message"] for t in told) and "event filter" in outcome.error["workaround"], outcome.error
        assert target.query(query) == before


@pytest.mark.parametrize("lacks", [False, True], ids=["there", "lacking"])
def test_a_table_of_tidb_that_is_built_anew_keeps_what_the_others_have(servers, tmp_path, lacks):
    """Filled from the columns that one table had, the new table would have the default in place of the others' values."""
    source, target = servers("mysql-8.0"), servers("tidb")
    zoo.run_all(source, ["CREATE DATABASE it_w"])
    zoo.run_all(source, [s for n in (1, 2) for s in (f"CREATE TABLE order_{n} (id int PRIMARY KEY, x int)", f"INSERT INTO order_{n} VALUES ({n}, 1)")], "it_w")
    job = Job(tmp_path, source, target, instance={"route-rules": ["orders"]}, routes={"orders": ROUTE})
    job.run_ok()
    zoo.run_all(source, ["ALTER TABLE order_2 ADD COLUMN d int NOT NULL DEFAULT 6"], "it_w")
    job.run_ok()
    if lacks:
        zoo.run_all(target, ["ALTER TABLE orders DROP COLUMN d"], "all_w")
    zoo.run_all(source, [REBUILDS], "it_w")
    stopped(job, target, "SELECT * FROM all_w.orders ORDER BY id", "`d`", "order_2")


def test_a_table_of_tidb_that_is_built_anew_keeps_columns_of_the_target_alone(servers, tmp_path):
    source, target = servers("mysql-8.0"), servers("tidb")
    zoo.run_all(source, ["CREATE DATABASE it_w"])
    zoo.run_all(source, ["CREATE TABLE t (id int PRIMARY KEY, x int NOT NULL)", "INSERT INTO t VALUES (1, 1)"], "it_w")
    job = Job(tmp_path, source, target)
    job.run_ok()
    zoo.run_all(target, ["ALTER TABLE t ADD COLUMN more int DEFAULT 9", "UPDATE t SET more = 10"], "it_w")
    zoo.run_all(source, ["ALTER TABLE t DROP PRIMARY KEY, ADD PRIMARY KEY (id, x)"], "it_w")
    task, (source_file,) = job.write()
    said = subprocess.run([find_program(), "explain", task, "--source", source_file, "--json", "--database", "it_w", "--ddl", "ALTER TABLE t DROP PRIMARY KEY, ADD PRIMARY KEY (x, id)"], capture_output=True, text=True, check=False)
    assert '"stops"' in said.stdout and "more" in said.stdout, said
    stopped(job, target, "SELECT * FROM it_w.t", "`more`", "anew")
    zoo.run_all(target, ["ALTER TABLE t DROP COLUMN more"], "it_w")
    job.run_ok()
    assert target.query("SELECT * FROM it_w.t") == [("1", "1")] and "PRIMARY KEY (`id`,`x`)" in target.query("SHOW CREATE TABLE it_w.t")[0][1]
