"""Rules about columns that a DDL of the source renames or drops while the task is stopped: what is read next is from before the DDL. The prechecks keep no task from going on whose rules are right for
that, and the stop at the DDL's first row says what to change; nobody is locked out on the way."""

import pytest

from support import zoo
from support.dmlib import EXIT_CHECK, EXIT_TASK, Job

KINDS = ["mysql-8.0", "mariadb-10.11"]


def rule_items(job):
    code, answer, errors = job.check()
    assert answer is not None, errors
    return code, [i for i in answer["items"] if i["name"] == "table_schema" and not i["passed"] and ("expression-filter" in i["message"] or "column mapping" in i["message"])]


def made(servers, tmp_path, kind, mode, **keys):
    source, target = servers(kind), servers(kind)
    zoo.run_all(source, ["CREATE DATABASE it_r"])
    zoo.run_all(source, ["CREATE TABLE t (id int PRIMARY KEY, a int, s varchar(20))"], "it_r")
    if mode == "incremental":   # begins by file and offset; the second start is by GTID
        zoo.run_all(target, ["CREATE DATABASE it_r", "CREATE TABLE it_r.t (id int PRIMARY KEY, a int, s varchar(20))"])
    job = Job(tmp_path, source, target, mode=mode, **keys)
    job.write()
    zoo.run_all(source, ["INSERT INTO t VALUES (1, 5, 'x'), (2, 50, 'x')"], "it_r")
    job.run_ok()
    return source, target, job


def filtered(servers, tmp_path, kind, mode="all"):
    rule = {"schema": "it_r", "table": "t", "insert-value-expr": "a < 10"}
    return *made(servers, tmp_path, kind, mode, instance={"expression-filters": ["small"]}, **{"expression-filter": {"small": rule}}), rule


def ids(target):
    return [int(r[0]) for r in target.query("SELECT id FROM it_r.t ORDER BY id")]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("mode", ["all", "incremental"])
def test_a_filtered_column_is_renamed(servers, tmp_path, kind, mode):
    source, target, job, rule = filtered(servers, tmp_path, kind, mode)
    zoo.run_all(source, ["INSERT INTO t VALUES (3, 5, 'x'), (4, 50, 'x')", "ALTER TABLE t CHANGE a b int", "INSERT INTO t VALUES (5, 5, 'x'), (6, 50, 'x')"], "it_r")
    code, items = rule_items(job)
    assert code == 0 and len(items) == 1 and items[0]["severity"] == "warning", items
    assert "`a`" in items[0]["message"] and "task.yaml" in items[0]["place"] and "statement" in items[0]["instruction"], items
    for _ in range(2):      # nothing changes by trying again
        outcome = job.run()
        assert outcome.code == EXIT_TASK and outcome.error["name"] == "config-rule", str(outcome)
        assert "`a`" in outcome.error["message"] and "`b`" in outcome.error["workaround"] and outcome.error["table"]["table"] == "t", str(outcome)
        assert ids(target) == [2, 4]
    rule["insert-value-expr"] = "b < 10"
    code, _ = rule_items(job)
    assert code == 0
    job.run_ok()
    assert ids(target) == [2, 4, 6]
    assert rule_items(job) == (0, [])


@pytest.mark.parametrize("kind", KINDS)
def test_a_rule_that_is_written_for_what_comes_behind_the_ddl(servers, tmp_path, kind):
    """Too early where rows from before are still to be read: the task says so, and goes on with the old rule; right where there are none."""
    source, target, job, rule = filtered(servers, tmp_path, kind)
    zoo.run_all(source, ["INSERT INTO t VALUES (3, 5, 'x'), (4, 50, 'x')", "ALTER TABLE t CHANGE a b int", "INSERT INTO t VALUES (5, 5, 'x'), (6, 50, 'x')"], "it_r")
    rule["insert-value-expr"] = "b < 10"
    code, items = rule_items(job)
    assert code == 0 and len(items) == 1 and items[0]["severity"] == "warning" and "`b`" in items[0]["message"], items
    outcome = job.run()
    assert outcome.code == EXIT_TASK and "`b`" in outcome.error["message"] and "`a`" in outcome.error["workaround"] and ids(target) == [2], str(outcome)
    rule["insert-value-expr"] = "a < 10"
    assert job.run().code == EXIT_TASK
    rule["insert-value-expr"] = "b < 10"
    job.run_ok()
    assert ids(target) == [2, 4, 6]
    zoo.run_all(source, ["ALTER TABLE t CHANGE b c int", "INSERT INTO t VALUES (7, 5, 'x'), (8, 50, 'x')"], "it_r")
    rule["insert-value-expr"] = "c < 10"
    job.run_ok()
    assert ids(target) == [2, 4, 6, 8]


@pytest.mark.parametrize("kind", KINDS)
def test_a_filtered_column_is_dropped(servers, tmp_path, kind):
    source, target, job, rule = filtered(servers, tmp_path, kind)
    zoo.run_all(source, ["INSERT INTO t VALUES (3, 5, 'x'), (4, 50, 'x')", "ALTER TABLE t DROP COLUMN a", "INSERT INTO t VALUES (5, 'x'), (6, 'x')"], "it_r")
    assert rule_items(job)[0] == 0
    outcome = job.run()
    assert outcome.code == EXIT_TASK and "`a`" in outcome.error["message"] and ids(target) == [2, 4], str(outcome)
    rule["insert-value-expr"] = "id < 6"
    job.run_ok()
    assert ids(target) == [2, 4, 6]


@pytest.mark.parametrize("kind", KINDS)
def test_a_column_that_never_was_is_an_error_of_a_task_that_goes_on(servers, tmp_path, kind):
    source, target, job, rule = filtered(servers, tmp_path, kind)
    zoo.run_all(source, ["ALTER TABLE t CHANGE a b int"], "it_r")
    rule["insert-value-expr"] = "nosuch < 10"
    code, items = rule_items(job)
    assert code == EXIT_CHECK and len(items) == 1 and items[0]["severity"] == "error" and "nosuch" in items[0]["message"], items
    assert job.run().code == EXIT_CHECK


@pytest.mark.parametrize("kind", KINDS)
def test_a_mapped_column_is_renamed(servers, tmp_path, kind):
    rule = {"schema-pattern": "it_r", "table-pattern": "t", "expression": "add prefix", "source-column": "s", "target-column": "s", "arguments": ["p:"]}
    source, target, job = made(servers, tmp_path, kind, "all", instance={"column-mapping-rules": ["mark"]}, **{"column-mappings": {"mark": rule}})
    zoo.run_all(source, ["INSERT INTO t VALUES (3, 5, 'x')", "ALTER TABLE t CHANGE s z varchar(20)", "INSERT INTO t VALUES (4, 5, 'x')"], "it_r")
    code, items = rule_items(job)
    assert code == 0 and len(items) == 1 and items[0]["severity"] == "warning" and "`s`" in items[0]["message"], items
    outcome = job.run()
    assert outcome.code == EXIT_TASK and outcome.error["name"] == "sync-mapping" and "`s`" in outcome.error["message"] and ids(target) == [1, 2, 3], str(outcome)
    rule["source-column"] = rule["target-column"] = "z"
    job.run_ok()
    assert target.query("SELECT id, z FROM it_r.t ORDER BY id") == [("1", "p:x"), ("2", "p:x"), ("3", "p:x"), ("4", "p:x")]
