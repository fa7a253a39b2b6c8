"""Names that differ only in case: two tables of the source, one table of a target that folds names. Rows are never mixed in silence."""

import pytest

from servers import up_or_skip
from support import zoo
from support.dmlib import EXIT_CHECK, EXIT_TASK, Job, assert_error

DB = "it_case"
TARGETS = [("mysql-8.0", {"lower_case_table_names": 1}), ("mariadb-10.11", {"lower_case_table_names": 1}), ("tidb", {})]
SOURCES = {"mysql-8.0": "mariadb-10.11", "mariadb-10.11": "mysql-8.0", "tidb": "mysql-8.0"}


@pytest.fixture(params=TARGETS, ids=lambda p: p[0], scope="module")
def pair(request):
    kind, settings = request.param
    source, target = up_or_skip(SOURCES[kind], settings={}), up_or_skip(kind, settings=settings)
    yield source, target
    source.down()
    target.down()


@pytest.fixture
def job(pair, tmp_path):
    source, target = pair
    made = Job(tmp_path, source, target, schemas=("it_*", "IT_*"))
    made.task_config["case-sensitive"] = False
    made.forget()
    for (name,) in source.query("SHOW DATABASES"):
        if name.lower().startswith("it_"):
            source.query(f"DROP DATABASE `{name}`")
    zoo.run_all(source, [f"CREATE DATABASE {DB} DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"])
    zoo.run_all(source, ["CREATE TABLE a (id int NOT NULL PRIMARY KEY, v varchar(20))", "INSERT INTO a VALUES (1, 'a')", "CREATE TABLE other (id int NOT NULL PRIMARY KEY)"], DB)
    return made


def rows(server, table="a"):
    return sorted((int(i), v) for i, v in server.query(f"SELECT id, v FROM {DB}.{table}"))


def stopped(job, name, *words, source_rows=None):
    """The running task stops there, and says both names; the rows of `a` are as they were."""
    running = job.start(until=None)
    running.wait_for(lambda line: line.get("unit") == "sync" and line.get("caught_up"), why="a task that follows")
    yield running
    outcome = running.wait(60)
    assert outcome.code == EXIT_TASK, outcome
    assert_error(outcome.error, name, position=True)
    for word in ("upper from lower", *words):
        assert word in outcome.error["message"], outcome.error
    assert "block-allow-list" in outcome.error["workaround"], outcome.error


MAKES = {
    "create": ["CREATE TABLE A (id int NOT NULL PRIMARY KEY, v varchar(20))", "INSERT INTO A VALUES (1, 'A')"],
    "create like": ["CREATE TABLE A LIKE a", "REPLACE INTO A VALUES (1, 'A')"],
    "if not exists": ["CREATE TABLE IF NOT EXISTS A (id int NOT NULL PRIMARY KEY, v varchar(20))", "INSERT INTO A VALUES (1, 'A')"],
    "select": ["CREATE TABLE A (PRIMARY KEY (id)) SELECT id, 'A' AS v FROM a"],
    "rename": ["CREATE TABLE b LIKE a", "INSERT INTO b VALUES (1, 'A')", "RENAME TABLE b TO A", "INSERT INTO A VALUES (2, 'A')"],
    "alter": ["CREATE TABLE b LIKE a", "INSERT INTO b VALUES (1, 'A')", "ALTER TABLE b RENAME TO A", "INSERT INTO A VALUES (2, 'A')"],
}


@pytest.mark.parametrize("how", MAKES)
def test_a_second_table_stops_the_running_task(pair, job, how):
    source, target = pair
    watch = stopped(job, "sync-ddl-refused", f"`{DB}`.`A`", f"`{DB}`.`a`")
    next(watch)
    zoo.run_all(source, MAKES[how], DB)
    next(watch, None)
    assert rows(target) == [(1, "a")]
    # The next start says it before anything is written.
    outcome = job.run()
    assert outcome.code == EXIT_CHECK and "upper from lower" in outcome.error["message"], outcome


def test_rows_stop_it_where_the_statement_is_left_out(pair, job):
    source, target = pair
    job.task_config["filters"] = {"no": {"schema-pattern": "it_*", "events": ["create table"], "action": "Ignore"}}
    job.task_config["mysql-instances"][0]["filter-rules"] = ["no"]
    watch = stopped(job, "sync-schema-mismatch", f"`{DB}`.`A`")
    next(watch)
    zoo.run_all(source, MAKES["create"], DB)
    next(watch, None)
    assert rows(target) == [(1, "a")]


def test_tables_of_two_schemas(pair, job):
    source, target = pair
    watch = stopped(job, "sync-ddl-refused", "`IT_CASE`.`a`")
    next(watch)
    zoo.run_all(source, ["CREATE DATABASE IT_CASE", "CREATE TABLE IT_CASE.a LIKE it_case.a", "INSERT INTO IT_CASE.a VALUES (1, 'A')"])
    next(watch, None)
    assert rows(target) == [(1, "a")]


def test_a_schema_that_goes_takes_nothing_with_it(pair, job):
    source, target = pair
    running = job.start(until=None)
    running.wait_for(lambda line: line.get("unit") == "sync" and line.get("caught_up"), why="a task that follows")
    zoo.run_all(source, ["CREATE DATABASE IT_CASE", "CREATE TABLE IT_CASE.mine (id int PRIMARY KEY)", "DROP DATABASE IT_CASE"])
    outcome = running.wait(60)
    assert outcome.code == EXIT_TASK, outcome
    assert_error(outcome.error, "sync-ddl-refused", position=True)
    assert rows(target) == [(1, "a")]


def test_routes_to_names_that_differ_in_case(pair, job):
    source, target = pair
    zoo.run_all(source, ["CREATE TABLE b LIKE a", "INSERT INTO b VALUES (1, 'b')"], DB)
    job.task_config["routes"] = {"one": {"schema-pattern": DB, "table-pattern": "a", "target-schema": DB, "target-table": "all_"},
                                 "two": {"schema-pattern": DB, "table-pattern": "b", "target-schema": DB, "target-table": "ALL_"}}
    job.task_config["mysql-instances"][0]["route-rules"] = ["one", "two"]
    outcome = job.run()
    assert outcome.code == EXIT_CHECK and "upper from lower" in outcome.error["message"], outcome
    # Whoever leaves the check out is stopped before the copy makes anything.
    job.task_config["ignore-checking-items"] = ["table_schema"]
    outcome = job.run()
    assert outcome.code != 0 and outcome.error["name"] == "load-definition" and "upper from lower" in outcome.error["message"], outcome
    # The same name is a merge, on purpose.
    job.forget()
    zoo.run_all(source, ["UPDATE b SET id = 2"], DB)
    job.task_config["routes"]["two"]["target-table"] = "all_"
    job.run_ok()
    assert rows(target, "all_") == [(1, "a"), (2, "b")]


def test_a_table_may_change_the_case_of_its_name(pair, job):
    source, target = pair
    job.run_ok()
    zoo.run_all(source, ["RENAME TABLE a TO A", "INSERT INTO A VALUES (2, 'A')", "ALTER TABLE A RENAME TO a", "INSERT INTO a VALUES (3, 'a')", "RENAME TABLE a TO x, x TO A", "INSERT INTO A VALUES (4, 'A')",
                         "DROP TABLE IF EXISTS OTHER", "ALTER TABLE A ADD COLUMN w int", "INSERT INTO A VALUES (5, 'A', 5)"], DB)
    job.run_ok()
    assert rows(target) == [(1, "a"), (2, "A"), (3, "a"), (4, "A"), (5, "A")]
    assert target.query(f"SELECT COUNT(*) FROM {DB}.other")[0][0] == "0"
    # Gone and made again under the other spelling: one table at a time.
    zoo.run_all(source, ["DROP TABLE A", "CREATE TABLE a (id int NOT NULL PRIMARY KEY, v varchar(20))", "INSERT INTO a VALUES (7, 'new')"], DB)
    job.run_ok()
    assert rows(target) == [(7, "new")]
