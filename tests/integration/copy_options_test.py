"""What a task file says about the full copy's writes: rows that are on the target already, foreign keys, constants of routes, another server."""

import pytest

from support import zoo
from support.dmlib import EXIT_CHECK, EXIT_CONFIG, EXIT_TASK, Job, address, assert_error

KIND = "mariadb-10.11"
TARGETS = [KIND, "mysql-8.0", "tidb"]


def loaders(job, **keys):
    job.task_config["loaders"] = {"all": {"pool-size": 4} | keys}


def rows(server, table, order="id"):
    return [tuple(map(str, r)) for r in server.query(f"SELECT * FROM {table} ORDER BY {order}")]


@pytest.mark.parametrize("kind", TARGETS)
@pytest.mark.parametrize("extra", ["", ", e enum('a','b') DEFAULT 'a', x text CHARACTER SET latin1"], ids=["bulk", "insert"])
def test_rows_that_are_there(servers, tmp_path, kind, extra):
    """error: the row is named; replace: it takes the place of all rows with one of its keys, and replication goes on from it."""
    source, target = servers(KIND), servers(kind)
    columns = "(id int PRIMARY KEY, u int UNIQUE, v int" + extra + ")"
    zoo.run_all(source, ["CREATE DATABASE it_a", f"CREATE TABLE it_a.t {columns}", "INSERT INTO it_a.t (id, u, v) SELECT seq, seq, seq FROM it_a.seq_1_to_2000"])
    zoo.run_all(target, ["CREATE DATABASE it_a", f"CREATE TABLE it_a.t {columns}", "INSERT INTO it_a.t (id, u, v) VALUES (1, 5, 9), (7, 8, 9), (9, 9, 9), (5000, 5000, 1)"])
    job = Job(tmp_path, source, target)
    for key in ("on-duplicate-logical", "on-duplicate"):
        loaders(job, **{key: "error"})
        stopped = job.run()
        assert stopped.code == EXIT_TASK, stopped
        assert_error(stopped.error, "db-duplicate-entry", table=("it_a", "t"))
        loaders(job, **{key: "ignore"})
        refused = job.run()
        assert refused.code == EXIT_CONFIG and f"{key}: ignore is not supported" in refused.stderr, refused
    loaders(job)
    assert job.run().code == EXIT_TASK
    assert ("5000", "5000", "1") in {r[:3] for r in rows(target, "it_a.t")} and ("7", "8", "9") in {r[:3] for r in rows(target, "it_a.t")}
    loaders(job, **{"on-duplicate-logical": "replace"})
    job.run_ok()
    expected = rows(source, "it_a.t")
    assert [r for r in rows(target, "it_a.t") if r[0] != "5000"] == expected
    zoo.run_all(source, ["UPDATE it_a.t SET v = 0 WHERE id < 10", "DELETE FROM it_a.t WHERE id = 7"])
    job.run_ok()
    assert [r for r in rows(target, "it_a.t") if r[0] != "5000"] == rows(source, "it_a.t")


def test_replace_in_merged_tables_is_warned_about(servers, tmp_path):
    source, target = servers(KIND), servers(KIND)
    zoo.run_all(source, ["CREATE DATABASE it_a", *(f"CREATE TABLE it_a.t_{n} (id int PRIMARY KEY)" for n in (1, 2))])
    route = {"schema-pattern": "it_a", "table-pattern": "t_*", "target-schema": "it_a", "target-table": "t"}
    job = Job(tmp_path, source, target, instance={"route-rules": ["r"]}, routes={"r": route})
    for word, number in (("error", 0), ("replace", 2)):
        loaders(job, **{"on-duplicate-logical": word})
        code, answer, _ = job.check()
        assert code == 0, answer
        assert len([i for i in answer["items"] if "can be lost without a word" in i["message"]]) == number, answer


@pytest.mark.parametrize("session", [{"foreign_key_checks": "1"}, {"FOREIGN_KEY_CHECKS": "ON", "unique_checks": "OFF"}])
def test_the_copy_looks_at_no_foreign_keys(servers, tmp_path, session):
    source, target = servers(KIND), servers("mysql-8.0")
    zoo.run_all(source, ["CREATE DATABASE it_f", "CREATE TABLE it_f.zpar (id int PRIMARY KEY)", "CREATE TABLE it_f.achi (id int PRIMARY KEY, p int, FOREIGN KEY (p) REFERENCES it_f.zpar (id))",
                         "INSERT INTO it_f.zpar SELECT seq FROM it_f.seq_1_to_500", "INSERT INTO it_f.achi SELECT seq, seq FROM it_f.seq_1_to_500"])
    job = Job(tmp_path, source, target)
    job.task_config["target-database"]["session"] = session
    job.run_ok()
    assert len(rows(target, "it_f.achi")) == 500


@pytest.mark.parametrize("kind", TARGETS)
@pytest.mark.parametrize("column", ["enum('a','b')", "set('a','b')"])
def test_constants_of_routes_in_columns_of_members(servers, tmp_path, kind, column):
    """2 is the second member for the servers."""
    source, target = servers(KIND), servers(kind)
    zoo.run_all(source, ["CREATE DATABASE it_x", "CREATE TABLE it_x.t_2 (id int PRIMARY KEY)", "INSERT INTO it_x.t_2 VALUES (1)"])
    zoo.run_all(target, ["CREATE DATABASE all_x", f"CREATE TABLE all_x.t (id int PRIMARY KEY, c {column})"])
    route = {"schema-pattern": "it_x", "table-pattern": "t_*", "target-schema": "all_x", "target-table": "t", "extract-table": {"table-regexp": "t_(.*)", "target-column": "c"}}
    job = Job(tmp_path, source, target, instance={"route-rules": ["r"]}, routes={"r": route})
    code, answer, _ = job.check()
    found = [i for i in answer["items"] if not i["passed"] and i["severity"] == "error"]
    assert code == EXIT_CHECK and len(found) == 1 and "does not keep '2'" in found[0]["message"], answer
    job.task_config["ignore-checking-items"] = ["all"]
    stopped = job.run()
    assert_error(stopped.error, "db-data-too-long", table=("it_x", "t_2"))
    assert rows(target, "all_x.t") == []
    wide = column.replace("'b'", "'b','2'")
    zoo.run_all(target, [f"ALTER TABLE all_x.t MODIFY COLUMN c {wide}"])
    job.run_ok()
    assert rows(target, "all_x.t") == [("1", "2")]
    if kind == "tidb":      # which takes no member away
        return
    zoo.run_all(target, ["DELETE FROM all_x.t", f"ALTER TABLE all_x.t MODIFY COLUMN c {column}"])
    zoo.run_all(source, ["INSERT INTO it_x.t_2 VALUES (2)"])
    stopped = job.run()
    assert stopped.code == EXIT_TASK, stopped
    assert_error(stopped.error, "db-data-too-long", table=("it_x", "t_2"))
    assert rows(target, "all_x.t") == []


def test_a_check_of_the_target(servers, tmp_path):
    for kind in (KIND, "mysql-8.0"):
        source, target = servers(KIND), servers(kind)
        zoo.run_all(source, ["CREATE DATABASE it_v", "CREATE TABLE it_v.t (id int PRIMARY KEY, f int)"])
        zoo.run_all(target, ["CREATE DATABASE it_v", "CREATE TABLE it_v.t (id int PRIMARY KEY, f int CHECK (f > 5))"])
        job = Job(tmp_path / kind, source, target)
        job.run_ok()
        zoo.run_all(source, ["INSERT INTO it_v.t VALUES (1, 1)"])
        stopped = job.run()
        assert_error(stopped.error, "db-execute-failed", table=("it_v", "t"), position=True)
        assert "CHECK" in stopped.error["workaround"], stopped
        source.query("DROP DATABASE it_v")


def test_a_source_of_the_other_flavour(servers, tmp_path):
    source, other, target = servers(KIND), servers("mysql-8.0"), servers(KIND)
    for server, row in ((source, 1), (other, 5)):
        zoo.run_all(server, ["CREATE DATABASE it_w", "CREATE TABLE it_w.t (id int PRIMARY KEY)", f"INSERT INTO it_w.t VALUES ({row})"])
    job = Job(tmp_path, source, target)
    job.run_ok()
    job.source_config[0]["from"] = address(other)
    stopped = job.run()
    assert stopped.code in (EXIT_CHECK, EXIT_TASK), stopped
    assert_error(stopped.error, "checkpoint-source-changed")
    assert rows(target, "it_w.t") == [("1",)]
