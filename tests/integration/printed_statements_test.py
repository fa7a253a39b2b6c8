"""Every statement that a precheck prints as the way out runs as it is printed, and the finding is gone behind it. Also what else stands under a table's name."""

import re

import pytest

from servers import up_or_skip
from support import zoo
from support.dmlib import EXIT_CHECK, EXIT_OK, Job

DB, ALL = "it_p", "it_all"
PIECE = re.compile(r"(?:'(?:[^'\\]|\\.|'')*'|`(?:[^`]|``)*`|\"[^\"]*\"|[^;'`\"])+")
VERB = re.compile(r"(?:CREATE DATABASE|USE|CREATE TABLE|ALTER TABLE|DROP (?:TABLE|VIEW|SEQUENCE|TRIGGER))\b.*", re.S)
PAIRS = [("mariadb-10.11", "mariadb-10.11"), ("mysql-8.0", "mysql-8.0"), ("mysql-8.0", "tidb")]
EXOTIC = "v varchar(20) NOT NULL DEFAULT 'it''s;\\\\x' COMMENT 'a;b''c AUTO_INCREMENT', ts timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3), e enum('a;','b''') CHARACTER SET latin1, x varbinary(9) DEFAULT 0x00ff"


@pytest.fixture(params=PAIRS, ids="-to-".join, scope="module")
def pair(request):
    source, target = (up_or_skip(kind) for kind in request.param)
    yield source, target
    source.down()
    target.down()


def prepared(pair, tmp_path, on_source, on_target=(), merged=False, **keys):
    source, target = pair
    if merged:
        keys |= {"routes": {"r": {"schema-pattern": DB, "table-pattern": "t_*", "target-schema": ALL, "target-table": "t"}}, "instance": {"route-rules": ["r"]}}
    job = Job(tmp_path, source, target, schemas=(DB,), **keys)
    job.forget()
    source.query(f"DROP DATABASE IF EXISTS {DB}")
    name = ALL if merged else DB
    zoo.run_all(source, [f"CREATE DATABASE {DB} DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"])
    zoo.run_all(source, list(on_source), DB)
    if on_target:
        zoo.run_all(target, [f"CREATE DATABASE {name} DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"])
        zoo.run_all(target, list(on_target), name)
    return job


def failing(job, *names):
    _, answer, errors = job.check()
    assert answer is not None, errors
    return [i for i in answer["items"] if not i["passed"] and (not names or i["name"] in names)]


def statements_of(item):
    found = [VERB.search(piece) for piece in PIECE.findall(item["instruction"])]
    return [m.group(0).strip() for m in found if m]


def of_source(item):
    return item["name"] in ("schema_of_shard_tables", "primary_key") or bool(item["source"]) and "target" not in item["message"]


def follow(job, pair, rounds=12):
    """Runs what one finding after the other prints, until nothing is printed. Returns the statements."""
    source, target = pair
    ran = []
    for _ in range(rounds):
        # Of two ways to a key, the one that the merged tables share.
        found = sorted(failing(job), key=lambda i: i["name"] != "schema_of_shard_tables")
        item = next((i for i in found if statements_of(i)), None)
        if item is None:
            return ran
        for statement in statements_of(item):
            zoo.run_all(source if of_source(item) else target, [statement])
            ran.append(statement)
    assert False, f"still printed after {rounds} rounds: {item}"


# on the source, on the target
TABLES = {
    "a counter that the target lacks": (["CREATE TABLE t_1 (id int NOT NULL, n bigint NOT NULL AUTO_INCREMENT, PRIMARY KEY (id), KEY (n))"], ["CREATE TABLE t_1 (id int NOT NULL PRIMARY KEY)"]),
    "a counter that is the key": (["CREATE TABLE t_1 (n bigint NOT NULL AUTO_INCREMENT PRIMARY KEY, v int)"], ["CREATE TABLE t_1 (v int)"]),
    "another counter there": (["CREATE TABLE t_1 (id int NOT NULL, n bigint NOT NULL AUTO_INCREMENT, PRIMARY KEY (id), KEY (n))"], ["CREATE TABLE t_1 (id int NOT NULL AUTO_INCREMENT PRIMARY KEY)"]),
    "no key, but a counter": (["CREATE TABLE t_1 (n bigint NOT NULL AUTO_INCREMENT, v int, KEY (n))"], []),
    "no key, names taken": (["CREATE TABLE t_1 (id int, id_2 int, ID_3 int)"], []),
    "a counter of another key": (["CREATE TABLE t_1 (id int NOT NULL PRIMARY KEY, v int NOT NULL)"], ["CREATE TABLE t_1 (id int NOT NULL, v int NOT NULL AUTO_INCREMENT, PRIMARY KEY (v))"]),
    "both count": (["CREATE TABLE t_1 (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, v int NOT NULL)"], ["CREATE TABLE t_1 (id int NOT NULL, v int NOT NULL AUTO_INCREMENT, PRIMARY KEY (v))"]),
    "a key that the source lacks": (["CREATE TABLE t_1 (id int NOT NULL, UNIQUE KEY (id))"], ["CREATE TABLE t_1 (id int NOT NULL AUTO_INCREMENT, PRIMARY KEY (id))"]),
    "a key over a prefix": (["CREATE TABLE t_1 (id varchar(300) NOT NULL, v int NOT NULL, PRIMARY KEY (id(20)))"], ["CREATE TABLE t_1 (id varchar(300), v int NOT NULL, PRIMARY KEY (v))"]),
    "narrower, and a counter here": (["CREATE TABLE t_1 (id int NOT NULL PRIMARY KEY, n bigint unsigned NOT NULL AUTO_INCREMENT, KEY (n))"], ["CREATE TABLE t_1 (id int NOT NULL PRIMARY KEY, n int NOT NULL)"]),
    "narrower counters": (["CREATE TABLE t_1 (id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY)"], ["CREATE TABLE t_1 (id int NOT NULL AUTO_INCREMENT PRIMARY KEY)"]),
    "odd texts": ([f"CREATE TABLE t_1 (id int NOT NULL PRIMARY KEY, {EXOTIC})"], ["CREATE TABLE t_1 (id int NOT NULL PRIMARY KEY, v char(5), e enum('a;'))"]),
    "more columns there": (["CREATE TABLE t_1 (id int NOT NULL PRIMARY KEY)"], ["CREATE TABLE t_1 (id int NOT NULL PRIMARY KEY, a int NOT NULL, b json NOT NULL, d text NOT NULL, e enum('x') NOT NULL, f timestamp(2) NOT NULL DEFAULT '2000-01-01 00:00:00')"]),
}


@pytest.mark.parametrize("name", TABLES)
def test_what_is_printed_runs(pair, tmp_path, name):
    on_source, on_target = TABLES[name]
    job = prepared(pair, tmp_path, on_source, on_target)
    assert failing(job), "nothing to say"
    follow(job, pair)
    outcome = job.run()
    assert outcome.code == EXIT_OK, outcome


SHARDS = {
    "a counter in one": ["CREATE TABLE t_1 (id int NOT NULL PRIMARY KEY, n bigint NOT NULL AUTO_INCREMENT, KEY (n))", "CREATE TABLE t_2 (id int NOT NULL PRIMARY KEY)"],
    "other counters": ["CREATE TABLE t_1 (id int NOT NULL PRIMARY KEY, n bigint NOT NULL AUTO_INCREMENT, KEY (n))", "CREATE TABLE t_2 (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, n int NOT NULL)"],
    "odd texts": [f"CREATE TABLE t_1 (id int NOT NULL PRIMARY KEY, {EXOTIC}, g int AS (id * 2) STORED, `od``d` json, b bit(4) DEFAULT b'101', y year)", "CREATE TABLE t_2 (id int NOT NULL PRIMARY KEY, zz int NOT NULL)"],
    "other primary keys": ["CREATE TABLE t_1 (id int NOT NULL, v varchar(300) NOT NULL, PRIMARY KEY (id))", "CREATE TABLE t_2 (id int NOT NULL, v varchar(300) NOT NULL, PRIMARY KEY (id, v(10)))"],
    "a primary key in one": ["CREATE TABLE t_1 (id int NOT NULL, v int)", "CREATE TABLE t_2 (id int NOT NULL PRIMARY KEY, v int)"],
    "a unique key in one": ["CREATE TABLE t_1 (id int NOT NULL PRIMARY KEY, v int, UNIQUE KEY `u``k` (v))", "CREATE TABLE t_2 (id int NOT NULL PRIMARY KEY, v int, w int, KEY `u``k` (w))"],
    "unique keys of one name": ["CREATE TABLE t_1 (id int NOT NULL PRIMARY KEY, v int, w int, UNIQUE KEY u (v))", "CREATE TABLE t_2 (id int NOT NULL PRIMARY KEY, v int, w int, UNIQUE KEY u (w))"],
    "a counter that loses its key": ["CREATE TABLE t_1 (id int NOT NULL PRIMARY KEY, n int NOT NULL)", "CREATE TABLE t_2 (id int NOT NULL, n int NOT NULL AUTO_INCREMENT PRIMARY KEY)"],
}


@pytest.mark.parametrize("name", SHARDS)
def test_what_is_printed_about_merged_tables_runs(pair, tmp_path, name):
    job = prepared(pair, tmp_path, SHARDS[name], merged=True)
    assert failing(job, "schema_of_shard_tables"), "nothing to say"
    follow(job, pair)
    assert failing(job, "schema_of_shard_tables") == []
    assert job.run().code == EXIT_OK


def keys(job):
    return [i for i in failing(job, "schema_of_shard_tables") if "different keys" in i["message"]]


UNIQUE = ["CREATE TABLE t_1 (id int NOT NULL PRIMARY KEY, v int, UNIQUE KEY u (v))", "CREATE TABLE t_2 (id int NOT NULL PRIMARY KEY, v int)", "INSERT INTO t_1 VALUES (1, 1)"]


def test_a_unique_key_that_one_lacks(pair, tmp_path):
    """The task stops at the row that is one too many: a warning that says so."""
    source, target = pair
    job = prepared(pair, tmp_path, UNIQUE, merged=True)
    item, = keys(job)
    assert item["severity"] == "warning" and "only `it_p`.`t_1` has UNIQUE KEY `u` (`v`)" in item["message"] and "stops the task" in item["message"], item
    assert "ALTER TABLE `it_p`.`t_2` ADD UNIQUE KEY `u` (`v`);" in item["instruction"], item
    job.run_ok()
    zoo.run_all(source, ["INSERT INTO t_2 VALUES (2, 1)"], DB)
    outcome = job.run()
    assert outcome.error["name"] == "db-duplicate-entry", outcome
    assert target.query(f"SELECT id FROM {ALL}.t") == [("1",)]


def test_rows_that_safe_mode_would_replace(pair, tmp_path):
    """There the row would take another one's place without a word: an error, before anything is written."""
    source, target = pair
    job = prepared(pair, tmp_path, UNIQUE, merged=True)
    job.task_config["syncers"]["all"]["safe-mode"] = True
    item, = keys(job)
    assert item["severity"] == "error" and "Rows can be lost" in item["message"], item
    outcome = job.run()
    assert outcome.code == EXIT_CHECK and "Rows can be lost" in outcome.error["message"], outcome
    # It is true: whoever leaves the check out loses one.
    job.task_config["ignore-checking-items"] = ["schema_of_shard_tables"]
    job.run_ok()
    zoo.run_all(source, ["INSERT INTO t_2 VALUES (2, 1)"], DB)
    job.run_ok()
    assert target.query(f"SELECT id FROM {ALL}.t") == [("2",)]


def test_keys_that_lose_nothing(pair, tmp_path):
    source, target = pair
    job = prepared(pair, tmp_path, UNIQUE, ["CREATE TABLE t (id int NOT NULL PRIMARY KEY, v int)"], merged=True)
    item, = keys(job)   # the target's table has not the key either
    assert item["severity"] == "warning" and "No row is refused" in item["message"], item
    # Keys that are the same, whatever they are called, and those that are not unique.
    job = prepared(pair, tmp_path, ["CREATE TABLE t_1 (id int NOT NULL PRIMARY KEY, v int, UNIQUE KEY u (v), KEY k (id, v))", "CREATE TABLE t_2 (id int NOT NULL PRIMARY KEY, v int, UNIQUE KEY other (v))"], merged=True)
    assert keys(job) == []


def test_a_view_or_a_sequence_under_the_name(pair, tmp_path):
    source, target = pair
    job = prepared(pair, tmp_path, ["CREATE TABLE t_1 (id int NOT NULL PRIMARY KEY, v int)"], ["CREATE TABLE q (id int NOT NULL PRIMARY KEY, v int)", "CREATE VIEW t_1 AS SELECT * FROM q"])
    kinds = {"a view": None}
    if target.kind != "mysql-8.0":
        kinds["a sequence"] = "CREATE SEQUENCE t_1"
    for what, make in kinds.items():
        if make:
            zoo.run_all(target, [make], DB)
        item, = failing(job, "table_schema")
        assert item["severity"] == "error" and f"`{DB}`.`t_1` is {what} on the target" in item["message"], item
        outcome = job.run()
        assert outcome.code == EXIT_CHECK and what in outcome.error["message"], outcome
        assert follow(job, pair), item
    job.run_ok()
