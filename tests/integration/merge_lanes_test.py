"""Two tables of one source share a table of the target, and hold its key in unlike types. A key goes from one to the other while some
lanes are held back: the row that goes has to be gone before the one that comes is written."""

import time

import pytest

from support.dmlib import Job
from support.zoo import run_all

DB = "it_merge"
PAIRS = [("mariadb-10.11", "mariadb-10.11"), ("mysql-8.0", "mysql-8.0")]
ROWS = 40
UTF8 = "varchar(20) CHARACTER SET utf8mb4"
KINDS = {
    # the key of the first table, of the second, of the target; its values
    "decimal": ("decimal(10,2)", "decimal(12,2)", "decimal(12,2)", "{0}"),
    "float": ("float", "double", "double", "{0}"),
    "charset": ("varchar(20) CHARACTER SET latin2", UTF8, UTF8 + " COLLATE utf8mb4_bin", "'k{0}'"),
    "latin1": ("varchar(20) CHARACTER SET latin1", UTF8, UTF8 + " COLLATE utf8mb4_general_ci", "'k{0}'"),
    "widened": ("varchar(20) CHARACTER SET latin1", UTF8, UTF8 + " COLLATE utf8mb4_bin", "'é{0}'"),
    "number and text": ("int", UTF8, UTF8 + " COLLATE utf8mb4_bin", "{0}"),
    "members": ("enum('a','b','c')", "enum('c','b','a')", "enum('a','b','c')", "'{1}'"),
    "alike": ("int", "bigint", "bigint", "{0}"),
}
MODES = {"safe": {"safe-mode": True}, "repair": {"on-row-mismatch": "repair"}, "error": {}}
CASES = [("decimal", "safe"), ("charset", "safe"), ("decimal", "repair")] + [(kind, "error") for kind in KINDS]


def value(kind, i):
    return KINDS[kind][3].format(i, "abc"[i % 3])


def rows_of(kind):
    return 3 if kind == "members" else ROWS


def make(source, target, kind, second=None):
    first, other, goal, _ = KINDS[kind]
    run_all(source, [f"CREATE DATABASE {DB}"])
    run_all(target, [f"CREATE DATABASE {DB}"])
    run_all(source, ["CREATE TABLE stuck (id int PRIMARY KEY, v int)", "INSERT INTO stuck VALUES " + ",".join(f"({i}, 0)" for i in range(8)),
                     f"CREATE TABLE za (k {first} NOT NULL, v int, PRIMARY KEY (k))", f"CREATE TABLE zb (k {second or other} NOT NULL, v int, PRIMARY KEY (k))",
                     "INSERT INTO za VALUES " + ",".join(f"({value(kind, i)}, {i})" for i in range(rows_of(kind)))], DB)
    run_all(target, [f"CREATE TABLE z (k {goal} NOT NULL, v int, PRIMARY KEY (k))"], DB)


def job_of(tmp_path, source, target, mode):
    job = Job(tmp_path, source, target, routes={"r": {"schema-pattern": DB, "table-pattern": "z?", "target-schema": DB, "target-table": "z"}},
              **{"ignore-checking-items": ["all"]})
    job.task_config["syncers"]["all"] = {"worker-count": 8} | MODES[mode]
    job.task_config["mysql-instances"][0]["route-rules"] = ["r"]
    return job


def held_back(job, target, source, changes):
    """The changes while some lanes wait for a lock, and a clean stop behind them."""
    run = job.start(until=None)
    run.wait_for(lambda line: line.get("unit") == "sync" and line.get("position"), 60, "replication")
    lock = target.connect(database=DB)
    with lock.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT * FROM stuck WHERE id < 3 FOR UPDATE")
        cursor.fetchall()
    run_all(source, [f"UPDATE stuck SET v = v + 1 WHERE id = {i}" for i in range(8)] + changes, DB)
    time.sleep(2)
    lock.rollback()
    lock.close()
    run.wait_for(lambda line: line.get("unit") == "sync" and line.get("caught_up"), 60, "the end")
    job_ended = run.alive()
    run.interrupt()
    outcome = run.wait(60)
    assert job_ended and outcome.code == 130, str(outcome)


def assert_same(job, source, target, kind):
    job.run_ok()
    assert sorted(target.query(f"SELECT v FROM {DB}.z")) == sorted(source.query(f"SELECT v FROM {DB}.za UNION ALL SELECT v FROM {DB}.zb")), kind


@pytest.mark.parametrize("pair,kind,mode", [(PAIRS[i % 2], *case) for i, case in enumerate(CASES)], ids=[" ".join(case) for case in CASES])
def test_a_key_goes_from_one_table_to_another(servers, tmp_path, pair, kind, mode):
    source, target = servers(pair[0]), servers(pair[1])
    make(source, target, kind)
    job = job_of(tmp_path, source, target, mode)
    job.run_ok()
    held_back(job, target, source, [s for i in range(rows_of(kind)) for s in (f"DELETE FROM za WHERE k = {value(kind, i)}",
                                                                              f"INSERT INTO zb VALUES ({value(kind, i)}, {1000 + i})")])
    assert_same(job, source, target, kind)


@pytest.mark.parametrize("pair", PAIRS, ids="-to-".join)
def test_one_of_them_gets_another_type(servers, tmp_path, pair):
    """As a rolling ALTER does it: until its turn comes, the other one has the former type."""
    source, target = servers(pair[0]), servers(pair[1])
    make(source, target, "decimal", second="decimal(10,2)")
    job = job_of(tmp_path, source, target, "safe")
    job.run_ok()
    moves = [s for i in range(ROWS) for s in (f"DELETE FROM za WHERE k = {i}", f"INSERT INTO zb VALUES ({i}, {1000 + i})")]
    back = [s for i in range(ROWS) for s in (f"DELETE FROM zb WHERE k = {i}", f"INSERT INTO za VALUES ({i}, {2000 + i})")]
    held_back(job, target, source, moves[:ROWS] + ["ALTER TABLE zb MODIFY k decimal(12,2) NOT NULL"] + moves[ROWS:] + back +
              ["ALTER TABLE za MODIFY k decimal(12,2) NOT NULL"] + moves)
    assert_same(job, source, target, "decimal")
