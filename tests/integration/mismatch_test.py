"""Somebody else writes to the target: what `on-row-mismatch` makes of rows that are not as they must be."""

import re

import pytest

from support.dmlib import EXIT_TASK, Job, assert_error, assert_last_line
from support.same import assert_equal
from support.small import DB, make_small
from support.zoo import run_all

KINDS = ["mariadb-10.11", "mysql-9.7", "tidb"]
REPORT = re.compile(r"db-affected-rows: (\w+) on \S+ \(source `it_small`\.`(\w+)`\) with (.*?) at (\S+):(\d+) (found no row|met another row)[^:]*: (.*)")


@pytest.fixture(params=KINDS)
def copied(request, servers, tmp_path):
    """The copy is done, the target tampered with; the changes that meet it stand in the source's binlog."""
    source, target = servers("mariadb-10.11"), servers(request.param)
    make_small(source)
    run_all(source, ["INSERT INTO no_key VALUES (2, 'alone'), (3, 'alone')"], DB)
    job = Job(tmp_path, source, target)
    job.run_ok()
    run_all(target, ["DELETE FROM t WHERE id IN (5, 6, 9)", "INSERT INTO t VALUES (1000, 9000, 'foreign'), (2000, 9001, 'foreign')",
                     "UPDATE t SET v = 'foreign' WHERE id = 7", "DELETE FROM no_key WHERE a IN (2, 3)"], DB)
    run_all(source, ["UPDATE t SET v = 'new' WHERE id BETWEEN 4 AND 8",      # 5 and 6 are not there, 7 has another value
                     "INSERT INTO t VALUES (999, 999, 'new'), (1000, 1000, 'new'), (1001, 1001, 'new')",     # 1000 is there
                     "DELETE FROM t WHERE id BETWEEN 9 AND 12",              # 9 is not
                     "UPDATE t SET id = 2000 WHERE id = 20",                 # is taken
                     "UPDATE no_key SET b = 'changed' WHERE a = 2", "DELETE FROM no_key WHERE a = 3"], DB)
    return source, target, job


def reports(outcome):
    """Operation, table, key without quotes, found, outcome."""
    found = [REPORT.search(line) for line in outcome.stderr.splitlines() if "db-affected-rows" in line]
    assert all(found), outcome.stderr
    assert all(m[4].startswith("binlog.") and int(m[5]) > 4 for m in found), outcome.stderr
    return sorted((m[1], m[2], m[3].replace("`", ""), m[6], m[7]) for m in found)


def policy(job, word):
    job.task_config["syncers"]["all"]["on-row-mismatch"] = word


def test_repair(copied):
    source, target, job = copied
    policy(job, "repair")
    outcome = job.run_ok()
    assert_equal(source, target)
    found = reports(outcome)
    keyless = [r for r in found if r[1] == "no_key"]
    assert [r for r in found if r[1] == "t"] == [
        ("DELETE", "t", "id=9", "found no row", "gone before"), ("INSERT", "t", "id=1000", "met another row", "replaced"),
        ("UPDATE", "t", "id=20 (then id=2000)", "met another row", "replaced"),
        ("UPDATE", "t", "id=5", "found no row", "inserted"), ("UPDATE", "t", "id=6", "found no row", "inserted")]
    assert [(r[0], r[4]) for r in keyless] == [("DELETE", "gone before"), ("UPDATE", "inserted")]
    last = outcome.status[-1]
    assert (last["rows_mismatched"], last["rows_repaired"]) == (7, 7), last
    assert reports(job.run_ok()) == []


def test_warn(copied):
    source, target, job = copied
    policy(job, "warn")
    outcome = job.run_ok()
    found = reports(outcome)
    assert [r[:3] for r in found if r[1] == "t"] == [
        ("DELETE", "t", "id=9"), ("INSERT", "t", "id=1000"), ("UPDATE", "t", "id=20 (then id=2000)"), ("UPDATE", "t", "id=5"), ("UPDATE", "t", "id=6")]
    assert [r[0] for r in found if r[1] == "no_key"] == ["DELETE", "UPDATE"] and {r[4] for r in found} == {"left out"}
    last = outcome.status[-1]
    assert (last["rows_mismatched"], last["rows_repaired"]) == (7, 0), last
    rows = [dict((r[0], r[1:]) for r in s.query(f"SELECT id, u, v FROM {DB}.t")) for s in (source, target)]
    differ = {key for key in rows[0].keys() | rows[1].keys() if rows[0].get(key) != rows[1].get(key)}
    assert {int(key) for key in differ} == {5, 6, 1000, 2000, 20}
    left = [sorted(s.query(f"SELECT a, b FROM {DB}.no_key")) for s in (source, target)]
    assert [r for r in left[0] if r[1] != "changed"] == left[1]


def test_another_unique_value_stays_an_error(servers, tmp_path):
    """Which of two rows is wrong is not known: nothing is replaced."""
    source, target = servers("mariadb-10.11"), servers("mariadb-10.11")
    make_small(source)
    job = Job(tmp_path, source, target)
    policy(job, "repair")
    job.run_ok()
    run_all(target, ["INSERT INTO t VALUES (4000, 3000, 'foreign')"], DB)
    run_all(source, ["INSERT INTO t VALUES (3000, 3000, 'new'), (3001, 3001, 'new')"], DB)
    outcome = job.run()
    assert outcome.code == EXIT_TASK, str(outcome)
    assert_error(assert_last_line(outcome, "it", "error")["error"], "db-duplicate-entry", table=(DB, "t"), position=True)
    run_all(target, ["DELETE FROM t WHERE id = 4000"], DB)
    job.run_ok()
    assert_equal(source, target)


def test_error_is_the_default(servers, tmp_path):
    source, target = servers("mariadb-10.11"), servers("mariadb-10.11")
    make_small(source)
    job = Job(tmp_path, source, target)
    job.run_ok()
    run_all(target, ["DELETE FROM t WHERE id = 5"], DB)
    run_all(source, ["UPDATE t SET v = 'new' WHERE id BETWEEN 4 AND 8"], DB)
    outcome = job.run()
    assert outcome.code == EXIT_TASK, str(outcome)
    assert_error(assert_last_line(outcome, "it", "error")["error"], "db-affected-rows", table=(DB, "t"), position=True)
    policy(job, "repair")
    job.run_ok()
    assert_equal(source, target)
