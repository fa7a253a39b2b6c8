"""Somebody changes what decides the lanes of a table's rows (keys, key columns, routes) while some lanes are ahead of others: the task
stops before it applies a row of the table, and goes on when that is as before. Where no lane is ahead, it goes on by itself."""

import time

import pytest

from support.dmlib import Job, assert_error
from support.same import assert_equal
from support.zoo import run_all

DB = "it_lanes"
PAIRS = [("mariadb-10.11", "mariadb-10.11"), ("mysql-8.0", "mysql-8.0")]
ROWS = 300
BY_ID = "CREATE TABLE z (id int NOT NULL, v int, PRIMARY KEY (id))"
BY_NAME = "CREATE TABLE z (id varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, v int, PRIMARY KEY (id))"
NO_KEY = "CREATE TABLE z (id int NOT NULL, v int)"


@pytest.fixture(params=PAIRS, ids="-to-".join)
def pair(request, servers, tmp_path):
    source, target = servers(request.param[0]), servers(request.param[1])
    run_all(source, [f"CREATE DATABASE {DB}"])
    job = Job(tmp_path, source, target)
    job.task_config["syncers"]["all"] = {"worker-count": 8}
    job.source_config[0]["checker"] = {"backoff-min": "100ms", "backoff-max": "1s"}
    return source, target, job


def in_turn(cases):
    """Each case on one pair, so that both have half of them."""
    return pytest.mark.parametrize("pair,case", [(PAIRS[i % len(PAIRS)], case) for i, case in enumerate(cases)], indirect=["pair"], ids=list(cases))


def count(server, table="z", schema=DB):
    return int(server.query(f"SELECT COUNT(*) FROM {schema}.{table}")[0][0])


def stored(target):
    return dict(target.query("SELECT table_name, definition FROM dm_meta.it_dmlib_keys WHERE table_name <> ''"))


def wait_until(what, seconds, why):
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, why
        time.sleep(0.02)


def make(pair, z, *more):
    source, _, _ = pair
    run_all(source, ["CREATE TABLE stuck (id int PRIMARY KEY, v int)", "INSERT INTO stuck VALUES (1, 1)", z,
                     "CREATE TABLE w (id int PRIMARY KEY, v int)", "INSERT INTO w VALUES " + ",".join(f"({i}, 0)" for i in range(64)), *more], DB)


def rows(z, first=0, n=ROWS):
    name = "'k{0}'" if z == BY_NAME else "{0}"
    return [f"INSERT INTO z (id, v) VALUES ({name.format(i)}, {i})" for i in range(first, first + n)]


class Ahead:
    """A run one of whose lanes waits for a lock, with rows of z behind it; the other lanes are ahead."""

    def __init__(self, pair, changes):
        self.source, self.target, self.job = pair
        self.run = self.job.start(until=None)
        self.run.wait_for(lambda line: line.get("unit") == "sync" and line.get("position"), 60, "replication")
        self.lock = self.target.connect(database=DB)
        with self.lock.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT * FROM stuck FOR UPDATE")
            cursor.fetchall()
        run_all(self.source, ["UPDATE stuck SET v = v + 1", *changes], DB)
        run_all(self.source, [f"UPDATE w SET v = {i} WHERE id = {i % 64}" for i in range(200)], DB)
        self.wait()

    def wait(self):
        """Until the lanes that may go have nothing left."""
        begun = since = time.monotonic()
        last = None
        while time.monotonic() < since + 2.5:
            now = self.target.query(f"SELECT (SELECT SUM(v) FROM {DB}.w), (SELECT COUNT(*) FROM {DB}.z)")[0]
            if now != last or (int(now[1]) == 0 and time.monotonic() < begun + 20):
                last, since = now, time.monotonic()
            time.sleep(0.1)

    def release(self):
        self.lock.rollback()
        self.lock.close()

    def kill(self):
        self.run.kill9()
        self.release()


def ahead(pair, changes, most=ROWS):
    held = Ahead(pair, changes)
    there = count(pair[1])
    held.kill()
    assert 0 < there < most, f"{there} rows are there: no lane is ahead of another"
    return there


def must_stop(pair, *words):
    """Before any row of the table is applied."""
    _, _, job = pair
    outcome = job.run()
    assert outcome.code == 4, str(outcome)
    assert_error(outcome.error, "checkpoint-keys-changed", source="src-1", table=(DB, "z"), position=True)
    for word in words:
        assert word in outcome.error["message"] + outcome.error["workaround"], outcome.error
    return outcome


CASES = {
    # name: source's table, the target's if another, change, way back, what the error names
    "dropped": (BY_ID, None, "DROP PRIMARY KEY", "ADD PRIMARY KEY (id)", "`PRIMARY` (`id` number), and are no key now"),
    "added": (BY_ID, NO_KEY, "ADD PRIMARY KEY (id)", "DROP PRIMARY KEY", "they were no key, and are `PRIMARY` (`id` number) now"),
    "collation": (BY_NAME, None, "MODIFY id varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_polish_ci NOT NULL",
                  "MODIFY id varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL", "`id` binary text"),
    "words": (BY_NAME, None, "MODIFY id varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci NOT NULL",
              "MODIFY id varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL", "`id` text utf8mb4_general_ci"),
    "type": (BY_ID, None, "MODIFY id varchar(20) NOT NULL", "MODIFY id int NOT NULL", "`id` compared in a way that is not known"),
    "wider": (BY_ID, None, "DROP PRIMARY KEY, ADD PRIMARY KEY (id, v)", "DROP PRIMARY KEY, ADD PRIMARY KEY (id), MODIFY v int NULL", "(`id` number, `v` number)"),
    "keyless": (NO_KEY, None, "ADD UNIQUE KEY u (id)", "DROP KEY u", "`u` (`id` number)"),
    "another": (BY_ID, None, "ADD UNIQUE KEY u (v)", "DROP KEY u", "`u` (`v` number)"),
}


@in_turn(CASES)
def test_stops_and_goes_on_when_it_is_as_before(pair, case):
    z, other, change, back, words = CASES[case]
    source, target, job = pair
    make(pair, z)
    if other:
        run_all(target, [f"CREATE DATABASE {DB}"])
        run_all(target, [other], DB)
    job.run_ok()
    if NO_KEY in (z, other):
        # All rows of a table without a key are in one lane: some rows beside it.
        there = ahead(pair, rows(z), ROWS + 1)
    else:
        there = ahead(pair, rows(z))
    run_all(target, [f"ALTER TABLE z {change}"], DB)
    must_stop(pair, words)
    assert count(target) == there
    must_stop(pair, words)  # again, and again nothing is applied
    assert count(target) == there
    run_all(target, [f"ALTER TABLE z {back}"], DB)
    job.run_ok()
    assert_equal(source, target)
    # Behind a clean stop, the same change is right.
    run_all(target, [f"ALTER TABLE z {change}"], DB)
    run_all(source, [*rows(z, 1000, 20), "UPDATE z SET v = v + 5000 WHERE v >= 1000"], DB)
    job.run_ok()
    assert_equal(source, target)


def test_a_table_that_was_moved(pair):
    source, target, job = pair
    make(pair, NO_KEY)
    job.run_ok()
    there = ahead(pair, rows(NO_KEY), ROWS + 1)
    run_all(target, ["CREATE DATABASE it_other", f"RENAME TABLE {DB}.z TO it_other.z"])
    job.task_config["routes"] = {"r": {"schema-pattern": DB, "table-pattern": "z", "target-schema": "it_other", "target-table": "z"}}
    job.task_config["mysql-instances"][0]["route-rules"] = ["r"]
    must_stop(pair, f"its rows went to `{DB}`.`z` and go to `it_other`.`z` now")
    assert count(target, schema="it_other") == there
    del job.task_config["mysql-instances"][0]["route-rules"], job.task_config["routes"]
    run_all(target, [f"RENAME TABLE it_other.z TO {DB}.z", "DROP DATABASE it_other"])
    job.run_ok()
    assert_equal(source, target)


def test_rows_that_the_last_run_left_out(pair):
    """Of a table none of whose rows it wrote: its lanes' records say nothing of them."""
    source, target, job = pair
    make(pair, BY_ID, "CREATE TABLE z2 LIKE z")
    job.run_ok()
    job.task_config["filters"] = {"f": {"schema-pattern": DB, "table-pattern": "z2", "events": ["all dml"], "action": "Ignore"}}
    job.task_config["mysql-instances"][0]["filter-rules"] = ["f"]
    ahead(pair, [s for i in range(ROWS) for s in (f"INSERT INTO z VALUES ({i}, {i})", f"INSERT INTO z2 VALUES ({i}, {i})")])
    filters = job.task_config.pop("filters"), job.task_config["mysql-instances"][0].pop("filter-rules")
    outcome = job.run()
    assert outcome.code == 4, str(outcome)
    assert_error(outcome.error, "checkpoint-keys-changed", source="src-1", table=(DB, "z2"), position=True)
    assert count(target, "z2") == 0
    job.task_config["filters"], job.task_config["mysql-instances"][0]["filter-rules"] = filters
    job.run_ok()
    assert_equal(source, target, ignore_tables=["z2"])


HARMLESS = {
    "bigint": "MODIFY id bigint NOT NULL",
    "columns": "ADD COLUMN own int DEFAULT 3 FIRST, ADD KEY (v), COMMENT='x'",
    "a key less": "DROP KEY u",
    "bytes": "ENGINE=InnoDB",
}


@in_turn(HARMLESS)
def test_what_changes_no_lane_goes_on(pair, case):
    source, target, job = pair
    make(pair, BY_ID, "ALTER TABLE z ADD UNIQUE KEY u (v)")
    job.run_ok()
    ahead(pair, rows(BY_ID))
    run_all(target, [f"ALTER TABLE z {HARMLESS[case]}"], DB)
    job.run_ok()
    assert target.query(f"SELECT id, v FROM {DB}.z ORDER BY id") == source.query(f"SELECT id, v FROM {DB}.z ORDER BY id")
    assert_equal(source, target, ignore_tables=["z"])


def test_a_checkpoint_of_a_version_that_did_not_know_the_keys(pair):
    source, target, job = pair
    make(pair, BY_ID)
    job.run_ok()
    ahead(pair, rows(BY_ID))
    run_all(target, ["DROP TABLE dm_meta.it_dmlib_keys"])
    job.run_ok()
    assert_equal(source, target)


def test_a_run_of_a_version_that_did_not_know_the_keys(pair):
    """It raised the number of the run and left the keys as they were: they say nothing of its rows."""
    source, target, job = pair
    make(pair, BY_ID)
    job.run_ok()
    ahead(pair, rows(BY_ID))
    run_all(target, ["UPDATE dm_meta.it_dmlib_progress SET epoch = epoch + 1", "UPDATE dm_meta.it_dmlib_lanes SET epoch = epoch + 1",
                     "UPDATE dm_meta.it_dmlib_keys SET definition = 'other' WHERE table_name = 'z'"])
    job.run_ok()
    assert_equal(source, target)


def test_changed_while_it_runs_and_the_source_is_cut(pair):
    """No crash and no restart: the run of the same process behind the lost connection finds it."""
    source, target, job = pair
    make(pair, BY_ID)
    job.run_ok()
    held = Ahead(pair, rows(BY_ID))
    there = count(target)
    assert 0 < there < ROWS
    # The lane that waits has no row of z in its transaction yet.
    run_all(target, ["SET lock_wait_timeout = 5", "ALTER TABLE z DROP PRIMARY KEY"], DB)
    run_all(source, [f"KILL {r[0]}" for r in source.query("SELECT ID FROM information_schema.PROCESSLIST WHERE COMMAND LIKE 'Binlog%'")])
    time.sleep(1)
    held.release()
    outcome = held.run.wait(60)
    assert outcome.code == 4, str(outcome)
    assert_error(outcome.error, "checkpoint-keys-changed", source="src-1", table=(DB, "z"), position=True)
    assert count(target) == there
    run_all(target, ["ALTER TABLE z ADD PRIMARY KEY (id)"], DB)
    job.run_ok()
    assert_equal(source, target)


def test_changed_while_it_runs_and_found_behind_a_statement(pair):
    """The target's tables are looked at anew behind DDL of the source: what was written before is committed, then it goes on."""
    source, target, job = pair
    make(pair, BY_ID)
    job.run_ok()
    run = job.start(until=None)
    run.wait_for(lambda line: line.get("unit") == "sync" and line.get("position"), 60, "replication")
    run_all(source, rows(BY_ID), DB)
    wait_until(lambda: count(target) == ROWS, 30, "rows")
    run_all(target, ["ALTER TABLE z DROP PRIMARY KEY, ADD PRIMARY KEY (id, v)"], DB)
    run_all(source, ["ALTER TABLE w ADD COLUMN more int"], DB)
    wait_until(lambda: "`more`" in target.query(f"SHOW CREATE TABLE {DB}.w")[0][1], 30, "the statement")
    time.sleep(1)
    # Behind a new file each table's map is a new one.
    run_all(source, ["FLUSH BINARY LOGS", *rows(BY_ID, 1000), "DELETE FROM z WHERE id < 10", "DELETE FROM z WHERE id = 1001"], DB)
    wait_until(lambda: count(target) == 2 * ROWS - 11, 60, "rows behind the statement")
    assert run.alive()
    run.interrupt()
    outcome = run.wait(60)
    assert outcome.code == 130, str(outcome)
    assert "are others than when its last rows were written" in outcome.stderr, outcome.stderr[-2000:]
    job.run_ok()
    assert target.query(f"SELECT * FROM {DB}.z ORDER BY id") == source.query(f"SELECT * FROM {DB}.z ORDER BY id")


@pytest.mark.parametrize("again", [False, True], ids=["killed", "killed and changed"])
def test_a_statement_of_the_source_changes_the_keys(pair, again):
    """It runs while a lane is held back; rows behind it are written by the new keys, and read by them again."""
    source, target, job = pair
    make(pair, "CREATE TABLE z (id int NOT NULL, v int NOT NULL, PRIMARY KEY (id))")
    run_all(source, [f"INSERT INTO z VALUES ({i}, {i})" for i in range(2000, 2010)], DB)
    job.run_ok()
    changes = ["ALTER TABLE z DROP PRIMARY KEY, ADD PRIMARY KEY (id, v)", *rows(BY_ID)]
    held = Ahead(pair, changes)
    there = count(target) - 10
    held.kill()
    assert 0 < there < ROWS, f"{there} rows are there: no lane is ahead of another"
    assert target.query("SELECT ddl_state FROM dm_meta.it_dmlib_progress") == [("2",)]
    assert "`PRIMARY` (`id` number, `v` number)" in stored(target)["z"]
    if again:
        run_all(target, ["ALTER TABLE z DROP PRIMARY KEY, ADD PRIMARY KEY (id)"], DB)
        must_stop(pair, "they were `PRIMARY` (`id` number, `v` number), and are `PRIMARY` (`id` number) now")
        assert count(target) == there + 10
        run_all(target, ["ALTER TABLE z DROP PRIMARY KEY, ADD PRIMARY KEY (id, v)"], DB)
    job.run_ok()
    assert_equal(source, target)


def test_killed_before_a_statement_of_the_source_could_run(pair):
    """Rows of its table are in the lane that waits: the keys of before hold until it runs."""
    source, target, job = pair
    make(pair, BY_ID)
    job.run_ok()
    held = Ahead(pair, [*rows(BY_ID), "ALTER TABLE z DROP PRIMARY KEY", *rows(BY_ID, 1000)])
    there = count(target)
    held.kill()
    assert 0 < there < ROWS
    assert "`PRIMARY` (`id` number)" in stored(target)["z"]
    job.run_ok()
    assert_equal(source, target)
