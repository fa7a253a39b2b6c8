"""`ordering: transaction`: whoever reads the target sees whole transactions of the source, in the source's order."""

import threading
import time

import pytest

from support.dmlib import Job
from support.zoo import run_all

DB = "it_order"
PAIRS = [("mariadb-10.11", "mariadb-10.11"), ("mysql-9.7", "mysql-9.7"), ("mysql-8.0", "tidb")]
ACCOUNTS, BIG = 200, 30000


@pytest.fixture(params=PAIRS, ids="-to-".join)
def pair(request, servers, tmp_path):
    source, target = servers(request.param[0]), servers(request.param[1])
    run_all(source, [f"CREATE DATABASE {DB}"])
    run_all(source, ["CREATE TABLE accounts (id int PRIMARY KEY, v int NOT NULL, note varchar(40), KEY (v))",
                     "CREATE TABLE ticks (n int PRIMARY KEY)", "CREATE TABLE big (id int PRIMARY KEY, c varchar(200))",
                     "CREATE TABLE no_key (n int)",
                     f"INSERT INTO accounts (id, v) VALUES {','.join(f'({i}, 100)' for i in range(ACCOUNTS))}"], DB)
    job = Job(tmp_path, source, target)
    job.task_config["syncers"]["all"] = {"worker-count": 8, "batch": 20, "ordering": "transaction"}
    job.run_ok()
    return source, target, job


class Transfers:
    """Transactions that leave the sum as it is and count themselves."""

    def __init__(self, source, keyless=True):
        self.keyless = keyless  # such rows order all batches that have them
        self.source, self.stop, self.done, self.fault = source, threading.Event(), 0, None
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _run(self):
        try:
            with self.source.connect(database=DB) as c, c.cursor() as cursor:
                while not self.stop.is_set():
                    n = self.done
                    for k in range(4):
                        amount = 1 + (n + k) % 7
                        cursor.execute(f"UPDATE accounts SET v = v - {amount} WHERE id = {(n * 7 + k) % ACCOUNTS}")
                        cursor.execute(f"UPDATE accounts SET v = v + {amount} WHERE id = {(n * 13 + k * 3 + 1) % ACCOUNTS}")
                    cursor.execute(f"INSERT INTO ticks VALUES ({n})")
                    if self.keyless:
                        cursor.execute(f"INSERT INTO no_key VALUES ({n % 5})")
                    c.commit()
                    self.done += 1
        except Exception as e:  # told by the test
            self.fault = e

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()
        assert self.fault is None, self.fault


LOOK = (f"SELECT (SELECT SUM(v) FROM {DB}.accounts), (SELECT COUNT(*) FROM {DB}.ticks), (SELECT COALESCE(SUM(n), 0) FROM {DB}.ticks), "
        f"(SELECT COUNT(*) FROM {DB}.no_key), (SELECT COUNT(*) FROM {DB}.big)")


def look(target, seen):
    with target.connect() as c, c.cursor() as cursor:
        cursor.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT")
        cursor.execute(LOOK)
        total, count, ticks, keyless, big = (int(v) for v in cursor.fetchone())
    assert total == 100 * ACCOUNTS, f"a part of a transaction: the sum is {total}"
    # Not MAX(n): TiDB's embedded store looks past the snapshot for it.
    assert ticks == count * (count - 1) // 2 and keyless == count, f"not in order: {count} ticks with the sum {ticks}, {keyless} rows without key"
    assert big in (0, BIG), f"a part of the large transaction: {big} rows"
    seen.add(count)


def assert_same(source, target):
    for table in ("accounts", "ticks", "big", "no_key"):
        order = "n" if table in ("ticks", "no_key") else "id"
        sql = f"SELECT * FROM {DB}.{table} ORDER BY {order}"
        assert target.query(sql) == source.query(sql), table


def test_readers_see_whole_transactions_in_order(pair):
    source, target, job = pair
    seen = set()
    with Transfers(source) as writer:
        run = job.start(until=None)
        end = time.monotonic() + 6
        while time.monotonic() < end:
            look(target, seen)
        with source.connect(database=DB) as c, c.cursor() as cursor:
            # Larger than a batch may be: it goes in pieces.
            for at in range(0, BIG, 1000):
                cursor.execute("INSERT INTO big VALUES " + ",".join(f"({i}, '{'x' * 180}')" for i in range(at, at + 1000)))
            c.commit()
        end = time.monotonic() + 60
        while time.monotonic() < end and int(target.query(f"SELECT COUNT(*) FROM {DB}.big")[0][0]) == 0:
            look(target, seen)
        look(target, seen)
    assert run.alive()
    run.kill9()
    job.run_ok()
    look(target, seen)
    assert_same(source, target)
    assert len(seen) > 5, f"only {seen} was seen: nothing was replicated while the test looked"


def test_kills_and_a_change_of_the_ordering(pair):
    """Killed while it applies row by row order, and with whole transactions: the next run sorts it out."""
    source, target, job = pair
    with Transfers(source):
        for ordering in ("row", "transaction", "transaction", "row", "transaction"):
            job.task_config["syncers"]["all"]["ordering"] = ordering
            run = job.start(until=None)
            run.wait_for(lambda line: line.get("unit") == "sync" and line.get("position"), 60, "replication")
            time.sleep(0.7)
            run.kill9()
    seen = set()
    run = job.start()
    outcome = run.wait(120)
    assert outcome.code == 0, str(outcome)
    look(target, seen)
    assert_same(source, target)


def test_somebody_holds_a_lock_on_the_target(pair):
    """Batches behind the one that waits for it give their locks back, and run again."""
    source, target, job = pair
    with Transfers(source, keyless=False):
        run = job.start(until=None)
        run.wait_for(lambda line: line.get("unit") == "sync" and line.get("position"), 60, "replication")
        for _ in range(3):
            with target.connect(database=DB) as c, c.cursor() as cursor:
                cursor.execute("BEGIN")
                cursor.execute("SELECT * FROM accounts WHERE id IN (5, 6, 7) FOR UPDATE")
                time.sleep(1.5)
                c.rollback()
            total, ticks, count = (int(v) for v in target.query(f"SELECT (SELECT SUM(v) FROM {DB}.accounts), COALESCE(SUM(n), 0), COUNT(*) FROM {DB}.ticks")[0])
            assert total == 100 * ACCOUNTS and ticks == count * (count - 1) // 2
            time.sleep(0.5)
    run.interrupt()
    assert run.wait(60).code == 130
    job.run_ok()
    assert_same(source, target)
