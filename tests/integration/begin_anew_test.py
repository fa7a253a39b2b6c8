"""A full copy that begins where rows are already, with no key on the target that would find them twice."""

import pytest

from support.dmlib import EXIT_CHECK, Job
from support.zoo import run_all

KEYLESS = ["CREATE DATABASE it_n", "CREATE TABLE it_n.t (id int, v int)", "INSERT INTO it_n.t VALUES (1, 1), (2, 2)"]


def refused(job, checked=True):
    outcome = job.run()
    message = outcome.error["message"]
    assert outcome.error["name"] == ("check-failed" if checked else "load-target-not-empty"), outcome.error
    assert "`it_n`.`t`" in message and "has rows and no key" in message and "TRUNCATE TABLE `it_n`.`t`" in outcome.error["workaround"]
    return message


def renamed_source(job):
    job.source_config[0]["source-id"] = job.task_config["mysql-instances"][0]["source-id"] = "renamed"


def other_schema(job):
    job.task_config["meta-schema"] = "dm_meta_2"


def other_name(job):
    job.task_config["name"] = job.name = "other"


@pytest.mark.parametrize("kinds", [("mariadb-10.11", "mariadb-10.11"), ("mysql-8.0", "tidb")], ids="-to-".join)
@pytest.mark.parametrize("change", [renamed_source, other_schema, other_name])
def test_a_keyless_table_is_not_copied_twice(servers, tmp_path, change, kinds):
    source, target = servers(kinds[0]), servers(kinds[1])
    run_all(source, KEYLESS)
    job = Job(tmp_path, source, target)
    job.run_ok()
    job.run_ok()  # its own rows
    change(job)
    assert job.check()[0] == EXIT_CHECK
    refused(job)
    job.task_config["ignore-checking-items"] = ["all"]
    message = refused(job, checked=False)
    if change is renamed_source:
        assert "as source src-1" in message
    assert len(target.query("SELECT * FROM it_n.t")) == 2
    run_all(target, ["TRUNCATE TABLE it_n.t"])
    job.run_ok()
    assert sorted(target.query("SELECT * FROM it_n.t")) == sorted(source.query("SELECT * FROM it_n.t"))


@pytest.mark.parametrize("key, doubles", [("id int, v int, n bigint AUTO_INCREMENT PRIMARY KEY", True), ("id int, v int, UNIQUE KEY (id)", True), ("id int PRIMARY KEY, v int", False)])
def test_which_keys_tell_rows_apart(servers, tmp_path, key, doubles):
    """A number that the target makes finds nothing twice, nor does a key that takes NULL; rows that a key tells apart may be there."""
    source, target = servers("mariadb-10.11"), servers("mariadb-10.11")
    run_all(source, KEYLESS)
    run_all(target, ["CREATE DATABASE it_n", f"CREATE TABLE it_n.t ({key})", "INSERT INTO it_n.t (id, v) VALUES (7, 7)"])
    job = Job(tmp_path, source, target)
    if doubles:
        refused(job)
    else:
        job.run_ok()
        assert len(target.query("SELECT * FROM it_n.t")) == 3


def test_merged_keyless_tables_of_several_sources(servers, tmp_path):
    """Rows that the task itself wrote are no reason to stop: tables of one source and of two, and a source that joins later."""
    first, second, target = servers("mariadb-10.11"), servers("mariadb-10.11"), servers("mariadb-10.11")
    for n, server in enumerate((first, second)):
        run_all(server, ["CREATE DATABASE it_n"] + [x for t in ("t1", "t2") for x in (f"CREATE TABLE it_n.{t} (id int)", f"INSERT INTO it_n.{t} VALUES ({n})")])
    routes = {"r": {"schema-pattern": "it_n", "table-pattern": "t*", "target-schema": "it_n", "target-table": "t"}}
    job = Job(tmp_path, [first, second], target, routes=routes, instance={"route-rules": ["r"]})
    sources, instances = job.source_config[1:], job.task_config["mysql-instances"][1:]
    del job.source_config[1:], job.task_config["mysql-instances"][1:]
    job.run_ok()
    assert len(target.query("SELECT * FROM it_n.t")) == 2
    job.source_config += sources
    job.task_config["mysql-instances"] += instances
    job.run_ok()
    assert len(target.query("SELECT * FROM it_n.t")) == 4
    job.run_ok()
    job.forget()
    run_all(target, ["CREATE DATABASE it_n", "CREATE TABLE it_n.t (id int)"])
    job.run_ok()
    assert len(target.query("SELECT * FROM it_n.t")) == 4


def test_rules_that_take_more_than_before(servers, tmp_path):
    """Tables that the task does not know are named at each start; what is said at their first row or statement is true, and its way out works."""
    source, target = servers("mariadb-10.11"), servers("mariadb-10.11")
    run_all(source, ["CREATE DATABASE it_n"] + [f"CREATE TABLE it_n.{t} (id int PRIMARY KEY)" for t in ("a", "b", "c")] + ["INSERT INTO it_n.b VALUES (1)"])
    job = Job(tmp_path, source, target)
    job.task_config["block-allow-list"]["chosen"] = {"do-tables": [{"db-name": "it_n", "tbl-name": "a"}]}
    assert "not known to the task" not in job.run_ok().stderr
    assert "not known to the task" not in job.run_ok().stderr
    job.task_config["block-allow-list"]["chosen"] = {"do-dbs": ["it_n"]}
    run_all(source, ["INSERT INTO it_n.a VALUES (2)"])
    for _ in range(2):
        assert "2 table(s) of the source are taken by the rules and not known to the task" in job.run_ok().stderr
    assert "`it_n`.`b`, `it_n`.`c`" in job.run_ok().stderr
    run_all(source, ["ALTER TABLE it_n.b ADD COLUMN z int", "INSERT INTO it_n.c VALUES (3)", "CREATE TABLE it_n.d LIKE it_n.b", "INSERT INTO it_n.a VALUES (9)"])
    left_out = []
    for table, name in (("b", "sync-ddl-unresolved"), ("c", "sync-no-table"), ("d", "sync-ddl-unresolved")):
        error = job.run().error
        assert error["name"] == name and error["table"] == {"schema": "it_n", "table": table}, error
        assert "does not know" in error["message"] and "doesn't exist" not in error["message"]
        assert f"Leave `it_n`.`{table}` out (block-allow-list: ignore-tables)" in error["workaround"]
        left_out.append({"db-name": "it_n", "tbl-name": table})
        job.task_config["block-allow-list"]["chosen"] = {"do-dbs": ["it_n"], "ignore-tables": left_out}
    job.run_ok()
    assert target.query("SELECT * FROM it_n.a ORDER BY id") == source.query("SELECT * FROM it_n.a ORDER BY id")
    (tmp_path / "own").mkdir()
    own = Job(tmp_path / "own", source, target, name="own")
    own.task_config["block-allow-list"]["chosen"] = {"do-tables": left_out}
    own.run_ok()
    assert target.query("SELECT * FROM it_n.b") == source.query("SELECT * FROM it_n.b")


def test_like_a_table_that_the_rules_leave_out(servers, tmp_path):
    source, target = servers("mysql-8.0"), servers("mariadb-10.11")
    run_all(source, ["CREATE DATABASE it_n", "CREATE DATABASE other", "CREATE TABLE other.t1 (id int PRIMARY KEY)", "CREATE TABLE it_n.t (id int PRIMARY KEY)"])
    job = Job(tmp_path, source, target, schemas=["it_n"])
    job.run_ok()
    run_all(source, ["CREATE TABLE it_n.n LIKE other.t1"])
    error = job.run().error
    assert error["name"] == "sync-ddl-unresolved" and "the rules leave out `other`.`t1`" in error["message"], error
    assert "Leave `it_n`.`n` out" in error["workaround"]
    job.task_config["block-allow-list"]["chosen"]["ignore-tables"] = [{"db-name": "it_n", "tbl-name": "n"}]
    job.run_ok()


def test_a_start_that_is_not_there_fails_the_check(servers, tmp_path):
    """`check` says what `run` would, before a task ever ran; behind that, its meta does not count."""
    source, target = servers("mysql-8.0"), servers("mysql-8.0")
    table = ["CREATE DATABASE it_n", "CREATE TABLE it_n.t (id int PRIMARY KEY)"]
    run_all(source, table)
    run_all(target, table)
    file, place = source.query("SHOW MASTER STATUS")[0][:2]
    job = Job(tmp_path, source, target, mode="incremental", source_keys={"enable-gtid": False})
    instance = job.task_config["mysql-instances"][0]
    for meta in ({"binlog-name": "binlog.999999", "binlog-pos": 4}, {"binlog-name": file, "binlog-pos": 999999999}):
        instance["meta"] = meta
        code, report, _ = job.check()
        item, = [i for i in report["items"] if i["name"] == "meta_position"]
        assert code == EXIT_CHECK and item["severity"] == "error", item
        assert item["instruction"].startswith("Correct meta of src-1") and "SHOW BINARY LOGS" in item["instruction"], item
        assert job.run().code == EXIT_CHECK
    instance["meta"] = {"binlog-name": file, "binlog-pos": int(place)}
    job.run_ok()
    instance["meta"] = {"binlog-name": "binlog.999999", "binlog-pos": 4}
    code, report, _ = job.check()
    assert code == 0 and [i["severity"] for i in report["items"] if i["name"] == "meta_position" and not i["passed"]] == ["warning"]
    job.run_ok()


def test_a_mariadb_gtid_that_is_ahead_fails_the_check(servers, tmp_path):
    source, target = servers("mariadb-10.11"), servers("mariadb-10.11")
    table = ["CREATE DATABASE it_n", "CREATE TABLE it_n.t (id int PRIMARY KEY)"]
    run_all(source, table)
    run_all(target, table)
    domain, server, _ = source.query("SELECT @@gtid_binlog_pos")[0][0].split("-")
    job = Job(tmp_path, source, target, mode="incremental", source_keys={"enable-gtid": True}, instance={"meta": {"binlog-gtid": f"{domain}-{server}-99999999"}})
    code, report, _ = job.check()
    item, = [i for i in report["items"] if i["name"] == "meta_position"]
    assert code == EXIT_CHECK and item["severity"] == "error" and "gtid_binlog_pos" in item["instruction"], item
