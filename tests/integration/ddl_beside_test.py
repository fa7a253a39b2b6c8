"""DDL waits for the rows of its tables only: while the target takes its time with it, rows of other tables go on."""

import time

import pytest

from support.dmlib import Job
from support.same import assert_equal
from support.zoo import run_all

DB = "it_beside"
PAIRS = [("mariadb-10.11", "mariadb-10.11"), ("mysql-9.7", "mysql-9.7"), ("mysql-8.0", "tidb")]


@pytest.fixture(params=PAIRS, ids="-to-".join)
def pair(request, servers, tmp_path):
    source, target = servers(request.param[0]), servers(request.param[1])
    run_all(source, [f"CREATE DATABASE {DB}"])
    run_all(source, ["CREATE TABLE held (id int PRIMARY KEY, v int, gone int, pad varchar(1000) NOT NULL DEFAULT 'p')", "CREATE TABLE free (id int PRIMARY KEY, v int)",
                     "CREATE TABLE parent (id int PRIMARY KEY)", "CREATE TABLE child (id int PRIMARY KEY, p int, FOREIGN KEY (p) REFERENCES parent (id))",
                     "INSERT INTO held (id, v, gone) VALUES (1, 1, 1), (2, 2, 2)", "INSERT INTO free VALUES (1, 1)", "INSERT INTO parent VALUES (1)"], DB)
    job = Job(tmp_path, source, target)
    job.run_ok()
    return source, target, job


def wait_until(what, seconds, why):
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, why
        time.sleep(0.02)


def count(server, table):
    return int(server.query(f"SELECT COUNT(*) FROM {DB}.{table}")[0][0])


def record(target):
    return target.query("SELECT ddl_state, ddl_tables FROM dm_meta.it_dmlib_progress")[0]


class Held:
    """A transaction on the target that keeps a table's definition as it is."""

    def __init__(self, target, table):
        self.connection = target.connect(database=DB)
        with self.connection.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute(f"SELECT * FROM {table}")
            cursor.fetchall()

    def release(self):
        self.connection.rollback()
        self.connection.close()


def held_in_ddl(pair, *options):
    """A run whose ALTER waits on the target while rows of another table have arrived."""
    source, target, job = pair
    run = replicating(job, *options)
    held = Held(target, "held")
    change(source)
    wait_until(lambda: count(target, "free") == 200, 30, "rows of the other table wait for the DDL")
    return source, target, job, run, held


def replicating(job, *options):
    run = job.start(*options, until=None)
    run.wait_for(lambda line: line.get("unit") == "sync", 60, "replication")
    return run


def change(source):
    """Rows before and behind the DDL that fit one definition only; the rows of the other table stand behind it."""
    run_all(source, ["INSERT INTO held (id, v, gone) VALUES (3, 3, 3)", "UPDATE held SET gone = 20 WHERE id = 2", "ALTER TABLE held DROP COLUMN gone, ADD COLUMN w int DEFAULT 7"], DB)
    run_all(source, [f"INSERT INTO free VALUES ({n}, {n})" for n in range(2, 202)], DB)
    run_all(source, ["UPDATE free SET v = v + 1", "DELETE FROM free WHERE id = 1"], DB)


def test_rows_of_other_tables_go_on(pair):
    source, target, job, run, held = held_in_ddl(pair)
    # Whoever reads the table now waits behind the statement.
    assert target.query(f"SELECT COUNT(*) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA='{DB}' AND TABLE_NAME='held' AND COLUMN_NAME='gone'") == [("1",)]
    state, tables = record(target)
    assert (state, tables) == ("1", f"`{DB}`.`held`")
    # Rows of its own table wait; what stands behind them does not, in the same transaction either.
    run_all(source, ["INSERT INTO held (id, v, w) VALUES (4, 4, 4)", "UPDATE held SET v = v + 1", "INSERT INTO free VALUES (1000, 1)", "BEGIN",
                     "UPDATE held, free SET held.v = held.v * 2, free.v = 5 WHERE held.id = free.id", "DELETE FROM held WHERE id = 1",
                     "INSERT INTO free VALUES (1001, 1)", "COMMIT"], DB)
    wait_until(lambda: count(target, "free") == 202, 30, "rows of the other table wait for those of the DDL's")
    assert record(target)[0] == "1"
    held.release()
    run_all(source, ["UPDATE held SET w = 8 WHERE id = 4", "INSERT INTO free VALUES (1002, 1)"], DB)
    wait_until(lambda: count(target, "free") == 203, 30, "the rest never came")
    run.interrupt()
    run.wait(60)
    job.run_ok()
    assert_equal(source, target)
    assert record(target)[0] == "0"


def test_killed_while_it_waits(pair):
    """What was committed beyond the DDL, and before it, is left out; the DDL runs once."""
    source, target, job, run, held = held_in_ddl(pair)
    run_all(source, ["INSERT INTO held (id, v, w) VALUES (4, 4, 4)", "UPDATE held SET v = v + 1", "INSERT INTO free VALUES (1000, 1)"], DB)
    wait_until(lambda: count(target, "free") == 201, 30, "rows of the other table wait for those of the DDL's")
    run.kill9()
    run_all(source, ["UPDATE held SET v = v + 1", "DELETE FROM held WHERE id = 4", "INSERT INTO free VALUES (1001, 1)"], DB)
    second = replicating(job)
    wait_until(lambda: count(target, "free") == 202, 30, "rows of the other table wait for those of the DDL's")
    second.kill9()
    held.release()
    job.run_ok()
    assert_equal(source, target)


def test_killed_behind_it(pair):
    """The rows that waited are committed, some or all of them, when the process dies: none comes twice."""
    source, target, job, run, held = held_in_ddl(pair)
    run_all(source, ["INSERT INTO held (id, v, w) SELECT id + 10, v, 1 FROM free"], DB)
    run_all(source, ["INSERT INTO free VALUES (1000, 1)"], DB)
    wait_until(lambda: count(target, "free") == 201, 30, "rows of the other table wait for those of the DDL's")
    held.release()
    wait_until(lambda: count(target, "held") > 3, 30, "the rows that waited never came")
    run.kill9()
    run_all(source, ["UPDATE held SET v = v + 1"], DB)
    job.run_ok()
    assert_equal(source, target)
    assert record(target)[0] == "0"


def test_more_rows_than_memory_for_them(pair):
    """Then what is behind them waits, too."""
    source, target, job, run, held = held_in_ddl(pair, "--memory-limit", "32MiB")
    run_all(source, [f"INSERT INTO held (id, v, pad) SELECT id + {n}000, v, REPEAT('{n}', 300) FROM free" for n in range(1, 60)], DB)
    run_all(source, ["INSERT INTO free VALUES (1000, 1)"], DB)
    time.sleep(1.5)
    assert count(target, "free") == 200
    held.release()
    wait_until(lambda: count(target, "free") == 201, 60, "the rest never came")
    run.interrupt()
    run.wait(60)
    job.run_ok()
    assert_equal(source, target)


def running(target, word):
    return [r for r in target.query("SELECT INFO FROM information_schema.PROCESSLIST WHERE INFO IS NOT NULL") if str(r[0]).startswith(word)]


def test_a_statement_whose_session_is_lost_runs_once(pair):
    """The server goes on with it after its client died: the next run waits for its end before it looks what it did."""
    source, target, job = pair
    run_all(source, ["CREATE TABLE big (id int PRIMARY KEY AUTO_INCREMENT, a varchar(230), b varchar(230)) DEFAULT CHARSET latin1", "INSERT INTO big (a, b) VALUES ('aaaa', 'bbbb')"]
            + ["INSERT INTO big (a, b) SELECT CONCAT('a', id, REPEAT('x', 200)), CONCAT('b', id, REPEAT('y', 200)) FROM big"] * 15, DB)
    job.run_ok()
    run = replicating(job)
    run_all(source, ["ALTER TABLE big CHANGE a b varchar(400), CHANGE b a varchar(400)", "INSERT INTO big (a, b) VALUES ('na', 'nb')"], DB)
    # TiDB takes a moment for it only.
    wait_until(lambda: running(target, "ALTER") or "400" in str(target.query(f"SHOW COLUMNS FROM {DB}.big")), 30, "the ALTER never came")
    run.kill9()
    job.run_ok()
    assert_equal(source, target)


@pytest.mark.parametrize("pair", PAIRS[:2], ids="-to-".join, indirect=True)
def test_columns_that_may_have_changed_places(pair):
    """The table looks as before: a person has to say whether the statement of a lost session ran."""
    source, target, job = pair
    run_all(source, ["CREATE TABLE one (id int PRIMARY KEY, a varchar(9), b varchar(9))", "INSERT INTO one VALUES (1, 'a', 'b')"], DB)
    job.run_ok()
    run = replicating(job)
    held = Held(target, "one")
    run_all(source, ["ALTER TABLE one CHANGE b a varchar(9) AFTER id, CHANGE a b varchar(9) AFTER a", "INSERT INTO one VALUES (2, 'x', 'y')"], DB)
    wait_until(lambda: running(target, "ALTER"), 30, "the ALTER never came")
    run.kill9()
    held.release()
    stopped = job.run()
    assert stopped.code != 0 and stopped.error["name"] == "sync-ddl-unresolved", stopped
    settle(target, stopped, target.query(f"SELECT a FROM {DB}.one WHERE id = 1") == [("b",)])
    job.run_ok()
    assert_equal(source, target)


@pytest.mark.parametrize("pair", PAIRS[:2], ids="-to-".join, indirect=True)
def test_an_exchange_that_the_target_refuses_for_a_while(pair):
    """Its answer says that nothing ran: the task tries again and asks nobody."""
    source, target, job = pair
    tables_alike(source)
    job.task_config["target-database"]["session"] = {"lock_wait_timeout": 1}
    job.run_ok()
    run = replicating(job)
    held = Held(target, "one")
    run_all(source, ["RENAME TABLE one TO x, two TO one, x TO two", "INSERT INTO one VALUES (2, 'behind')"], DB)
    run.wait_for(lambda line: line.get("retries"), 60, "a retry")
    held.release()
    wait_until(lambda: count(target, "one") == 2, 60, "the row behind the exchange never came")
    run.interrupt()
    run.wait(60)
    assert_equal(source, target)


def tables_alike(source):
    run_all(source, [f"CREATE TABLE {t} (id int PRIMARY KEY, v varchar(9))" for t in ("one", "two")] + [f"INSERT INTO {t} VALUES (1, '{t}')" for t in ("one", "two")], DB)


def settle(target, stopped, ran):
    """Runs the printed statement."""
    first, second = [part.split(": ", 1)[1].split("; then")[0] for part in stopped.error["workaround"].split("; if it did not")]
    target.query(first if ran else second)


def test_an_exchange_that_may_have_run(pair):
    """Tables defined alike change places: nothing tells whether the statement of a lost session ran, so a person has to."""
    source, target, job = pair
    tables_alike(source)
    job.run_ok()
    run = replicating(job)
    held = Held(target, "one")
    run_all(source, ["RENAME TABLE one TO x, two TO one, x TO two", "INSERT INTO one VALUES (2, 'behind')"], DB)
    wait_until(lambda: running(target, "RENAME"), 30, "the RENAME never came")
    run.kill9()
    held.release()
    for ends in range(2):
        stopped = job.run()
        assert stopped.code != 0 and stopped.error["name"] == "sync-ddl-unresolved" and "RENAME TABLE" in stopped.error["message"], stopped
    settle(target, stopped, target.query(f"SELECT v FROM {DB}.one") == [("two",)])
    job.run_ok()
    assert_equal(source, target)
    assert record(target)[0] == "0"


def test_foreign_keys_wait_for_everything(pair):
    source, target, job = pair
    run = replicating(job)
    held = Held(target, "child")
    run_all(source, ["ALTER TABLE child ADD COLUMN w int", "INSERT INTO free VALUES (2, 2)"], DB)
    wait_until(lambda: record(target)[0] == "1", 30, "the DDL never began")
    time.sleep(0.5)
    assert count(target, "free") == 1 and not record(target)[1]
    held.release()
    wait_until(lambda: count(target, "free") == 2, 30, "the rest never came")
    run.interrupt()
    run.wait(60)
    job.run_ok()
    assert_equal(source, target)


def test_a_checkpoint_without_the_list_of_tables(pair):
    """Stores of the first days lack the column."""
    source, target, job = pair
    target.query("ALTER TABLE dm_meta.it_dmlib_progress DROP COLUMN ddl_tables")
    target.query("ALTER TABLE dm_meta.it_dmlib_progress DROP COLUMN ddl_rows_pos")
    run_all(source, ["ALTER TABLE held DROP COLUMN gone", "INSERT INTO held (id, v) VALUES (9, 9)"], DB)
    job.run_ok()
    assert_equal(source, target)
    assert record(target) == ("0", None)
