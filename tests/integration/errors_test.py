"""Error codes that no other test of the command meets: each is raised the way an operator would meet it."""

import json
import os
import subprocess

import pytest

from support import zoo
from support.dmlib import EXIT_CHECK, EXIT_CONFIG, EXIT_STOPPED, EXIT_TASK, Job, assert_error, assert_last_line, find_program
from support.same import assert_equal
from support.small import DB, changes, make_small

KIND = "mariadb-10.11"
AT_ONCE = {"checker": {"check-enable": False}}      # codes that would be tried again end the task


def pair(servers, tmp_path, kind=KIND, **options):
    source, target = servers(kind, **options.pop("source", {})), servers(kind, **options.pop("target", {}))
    make_small(source)
    return source, target, Job(tmp_path, source, target, **options)


def fails(job, name, *more, code=EXIT_TASK, **expect):
    options = {k: expect.pop(k) for k in ("give_up", "until", "seconds") if k in expect}
    outcome = job.run(*more, **options)
    assert outcome.code in (code if isinstance(code, tuple) else (code,)), str(outcome)
    assert_error(assert_last_line(outcome, job.name, "error")["error"], name, job.name, **expect)
    return outcome


def error_objects(text):
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


@pytest.mark.parametrize("kind", [KIND, "mysql-9.7"])
def test_a_row_larger_than_a_packet(servers, tmp_path, kind):
    source, target, job = pair(servers, tmp_path, kind, source={"max_allowed_packet": "64M"})
    zoo.run_all(source, ["CREATE TABLE big (id int PRIMARY KEY, v longtext)"], DB)
    job.run_ok()
    target.query("SET GLOBAL max_allowed_packet = 1048576")
    zoo.run_all(source, ["INSERT INTO big VALUES (1, REPEAT('x', 3000000))"], DB)
    fails(job, "db-packet-too-large", source="src-1")
    target.query("SET GLOBAL max_allowed_packet = 67108864")
    job.run_ok()
    assert_equal(source, target)


def test_a_server_of_no_known_version(servers, tmp_path):
    source, _, job = pair(servers, tmp_path, source={"version": "0.0.0-unknown", "skip_log_bin": None})
    assert source.query("SELECT VERSION()")[0][0].startswith("0.0.0")
    done = subprocess.run(job.argv("--dry-run", until=None, give_up=None), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    assert done.returncode != 0
    assert_error(error_objects(done.stdout + done.stderr)[-1], "db-unknown-server", task=None)


def test_no_connection_left(servers, tmp_path):
    """The account's own limit stands for the server's; it is waited for."""
    source, target, job = pair(servers, tmp_path)
    target.query("CREATE USER dm@'%' IDENTIFIED BY ''")
    target.query("GRANT ALL ON *.* TO dm@'%'")
    job.task_config["target-database"]["user"] = "dm"
    run = job.start(until=None)
    run.wait_for(lambda line: line.get("caught_up"), 60, "replication")
    target.query("GRANT USAGE ON *.* TO dm@'%' WITH MAX_USER_CONNECTIONS 1")
    for row in target.query("SELECT ID FROM information_schema.PROCESSLIST WHERE USER = 'dm'"):
        target.query(f"KILL {row[0]}")
    changes(source)
    line = run.wait_after(run.mark(), lambda line: (line.get("blocked_on") or {}).get("name") == "db-too-many-connections", 60, "db-too-many-connections")
    assert "max_connections" in line["blocked_on"]["workaround"], line
    target.query("GRANT USAGE ON *.* TO dm@'%' WITH MAX_USER_CONNECTIONS 0")
    run.wait_after(run.mark(), lambda line: line.get("unit") == "sync" and line["caught_up"] and not line["blocked_on"], 60, "going on")
    run.interrupt()
    assert run.wait(30).code == EXIT_STOPPED
    job.run_ok()
    assert_equal(source, target)


def test_a_file_that_cannot_be_read(servers, tmp_path):
    _, _, job = pair(servers, tmp_path)
    account = job.source_config[0]["from"]
    account["password-file"] = str(tmp_path / "nowhere")
    del account["password"]
    outcome = job.run()
    assert outcome.code == EXIT_CONFIG, str(outcome)
    assert_error(error_objects(outcome.stderr)[0], "config-file", task=None)


@pytest.mark.parametrize("arguments", [["run"], ["run", "--progress", "json", "--until", "tomorrow", "task.yaml"], ["check", "--json", "--no-such-option"]])
def test_a_command_line_that_is_wrong(arguments):
    done = subprocess.run([find_program(), *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30)
    assert done.returncode == EXIT_CONFIG and done.stderr.startswith(("dmlib:", "task.yaml:")), done.stderr
    found = error_objects(done.stderr)
    if len(arguments) > 1:
        assert {e["name"] for e in found} <= {"config-usage", "config-file"} and found, found
    if "check" in arguments:
        assert_error(found[0], "config-usage", task=None)


@pytest.mark.parametrize("table", ["progress", "copy"])
def test_a_checkpoint_of_a_newer_version(servers, tmp_path, table):
    source, target, job = pair(servers, tmp_path)
    job.run_ok()
    tables = [r[0] for r in target.query("SELECT TABLE_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = 'dm_meta' AND COLUMN_NAME = 'version'")]
    named = [t for t in tables if table in t]
    assert named, tables
    if table == "copy":     # which is read where replication has not begun
        target.query("DELETE FROM dm_meta.it_dmlib_progress")
    target.query(f"UPDATE dm_meta.{named[0]} SET version = 99")
    outcome = fails(job, "checkpoint-version", code=EXIT_CHECK)     # nothing was written yet
    assert "99" in outcome.error["message"], outcome.error


def test_a_task_that_runs_already(servers, tmp_path):
    source, target, job = pair(servers, tmp_path, source_keys=AT_ONCE)
    run = job.start(until=None)
    run.wait_for(lambda line: line.get("caught_up"), 60, "replication")
    second = Job(tmp_path / "second", source, target, source_keys=AT_ONCE)
    fails(second, "checkpoint-in-use", code=EXIT_CHECK)             # nothing was written yet
    changes(source)         # the first one is not disturbed
    run.wait_after(run.mark(), lambda line: line.get("rows_done", 0) >= 80 and line["caught_up"], 60, "the changes")
    run.interrupt()
    assert run.wait(30).code == EXIT_STOPPED
    job.run_ok()
    assert_equal(source, target)


def test_a_checkpoint_that_somebody_changed(servers, tmp_path):
    source, target, job = pair(servers, tmp_path)
    job.run_ok()
    gtids, = target.query("SELECT gtid_set FROM dm_meta.it_dmlib_progress")[0]
    target.query("UPDATE dm_meta.it_dmlib_progress SET gtid_set = 'no gtids'")
    outcome = fails(job, "checkpoint-read", code=EXIT_CHECK)
    assert "it_dmlib_progress" in outcome.error["message"], outcome.error
    target.query(f"UPDATE dm_meta.it_dmlib_progress SET gtid_set = '{gtids}'")
    changes(source)
    job.run_ok()
    assert_equal(source, target)


def test_a_target_that_stops_taking_writes(servers, tmp_path):
    """db-read-only is waited for: the status says it, and the task goes on by itself."""
    source, target, job = pair(servers, tmp_path)
    target.query("CREATE USER dm@'%' IDENTIFIED BY ''")
    target.query("GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX, CREATE TEMPORARY TABLES ON *.* TO dm@'%'")
    job.task_config["target-database"]["user"] = "dm"
    run = job.start(until=None)
    run.wait_for(lambda line: line.get("caught_up"), 60, "replication")
    target.query("SET GLOBAL read_only = ON")
    changes(source)
    line = run.wait_after(run.mark(), lambda line: (line.get("blocked_on") or {}).get("name") == "db-read-only", 60, "db-read-only")
    assert line["blocked_on"]["workaround"], line
    target.query("SET GLOBAL read_only = OFF")
    run.wait_after(run.mark(), lambda line: line["caught_up"] and not line["blocked_on"] and line["rows_done"] >= 80, 60, "going on")
    run.interrupt()
    assert run.wait(30).code == EXIT_STOPPED
    job.run_ok()
    assert_equal(source, target)


def test_rows_of_a_copy_that_cannot_be_told_from_others(servers, tmp_path):
    """A copied table trades places with one that is not, in the middle of the copy, and its target holds rows of somebody else."""
    source, target, job = pair(servers, tmp_path)
    zoo.run_all(source, ["CREATE TABLE some (id int PRIMARY KEY, v varchar(20))", "INSERT INTO some VALUES (1, 'a'), (2, 'b')"], DB)
    zoo.run_all(target, [f"CREATE DATABASE {DB} DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"])
    zoo.run_all(target, ["CREATE TABLE some (id int PRIMARY KEY, v varchar(20))", "INSERT INTO some VALUES (9, 'ours')", "CREATE TABLE no_key (a int, b varchar(20))",
                         "CREATE TRIGGER stops BEFORE INSERT ON no_key FOR EACH ROW BEGIN DO SLEEP(3); SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'not now'; END"], DB)
    first = job.run()
    assert first.code == EXIT_TASK and first.error["table"] == {"schema": DB, "table": "no_key"}, str(first)
    assert target.query(f"SELECT COUNT(*) FROM {DB}.some") == [("3",)]
    zoo.run_all(target, ["DROP TRIGGER stops"], DB)
    zoo.run_all(source, ["RENAME TABLE no_key TO other, some TO no_key", "RENAME TABLE no_key TO some, other TO no_key"], DB)
    outcome = fails(job, "load-target-not-empty", source="src-1", table=(DB, "some"))
    assert "*_dmlib_chunks" in outcome.error["workaround"] and f"from `{DB}`.`some`" in outcome.error["workaround"], outcome.error
    assert target.query(f"SELECT COUNT(*) FROM {DB}.some") == [("3",)]      # nothing was deleted
    zoo.run_all(target, [f"DELETE FROM {DB}.some WHERE id < 9", "DELETE FROM dm_meta.it_dmlib_chunks WHERE table_name = 'some'"])
    job.run_ok()
    target.query(f"DELETE FROM {DB}.some WHERE id = 9")
    assert_equal(source, target)


def test_a_value_that_the_target_would_change(servers, tmp_path):
    """What the target says of a value that it rounds: here its own default for a column that the source lacks."""
    source, target, job = pair(servers, tmp_path)
    zoo.run_all(source, ["CREATE TABLE exact (id int PRIMARY KEY, v varchar(10))", "INSERT INTO exact VALUES (1, 'a')"], DB)
    zoo.run_all(target, [f"CREATE DATABASE {DB} DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"])
    zoo.run_all(target, ["CREATE TABLE exact (id int PRIMARY KEY, v varchar(10), own decimal(5,1) DEFAULT (id * 1.25))"], DB)
    fails(job, "load-write", source="src-1", table=(DB, "exact"))
    assert target.query(f"SELECT COUNT(*) FROM {DB}.exact") == [("0",)]
    target.query(f"ALTER TABLE {DB}.exact DROP COLUMN own")
    job.run_ok()
    assert_equal(source, target)


def test_a_table_that_cannot_be_read(servers, tmp_path):
    """Its data file is damaged."""
    source, target, job = pair(servers, tmp_path, source_keys=AT_ONCE)
    zoo.run_all(source, ["CREATE TABLE broken (id int PRIMARY KEY, v varchar(200)) ENGINE=MyISAM ROW_FORMAT=DYNAMIC",
                         "INSERT INTO broken SELECT id, REPEAT('x', 100) FROM t", "FLUSH TABLES broken"], DB)
    files = [os.path.join(folder, name) for folder, _, names in os.walk(source.dir) for name in names if name == "broken.MYD"]
    assert len(files) == 1, source.dir
    with open(files[0], "r+b") as f:
        whole = f.read()
        f.seek(0)
        f.write(b"\xff" * (len(whole) // 2))
    fails(job, "dump-read", source="src-1", table=(DB, "broken"))
    with open(files[0], "r+b") as f:
        f.write(whole)
    source.query(f"REPAIR TABLE {DB}.broken")
    job.run_ok()
    assert_equal(source, target)


def test_an_engine_whose_rows_cannot_be_copied(servers, tmp_path):
    source, _, job = pair(servers, tmp_path, **{"ignore-checking-items": ["all"]})
    zoo.run_all(source, ["CREATE TABLE one (id int PRIMARY KEY) ENGINE=MyISAM", "CREATE TABLE both_of (id int PRIMARY KEY) ENGINE=MRG_MyISAM UNION=(one)"], DB)
    fails(job, "dump-unsupported-table", source="src-1", table=(DB, "both_of"))


def test_statements_that_cannot_be_followed(servers, tmp_path):
    """A rename out of what the rules leave out into what they take."""
    source, target, job = pair(servers, tmp_path)
    job.task_config["block-allow-list"]["chosen"] |= {"ignore-tables": [{"db-name": DB, "tbl-name": "draft"}]}
    job.run_ok()
    zoo.run_all(source, ["CREATE TABLE draft (id int PRIMARY KEY)", "RENAME TABLE draft TO final"], DB)
    fails(job, "sync-ddl-unresolved", source="src-1", position=True)


def test_rows_of_a_branch_that_need_more_memory(servers, tmp_path):
    source, target, job = pair(servers, tmp_path, source={"max_allowed_packet": "64M"}, target={"max_allowed_packet": "64M"})
    zoo.run_all(source, ["CREATE TABLE big (id int PRIMARY KEY, v longtext)"], DB)
    job.run_ok()
    zoo.run_all(source, ["XA START 'large'", *[f"INSERT INTO big VALUES ({n}, REPEAT('x', 4000000))" for n in range(6)], "XA END 'large'", "XA PREPARE 'large'", "XA COMMIT 'large'"], DB)
    outcome = fails(job, "sync-memory", "--memory-limit", "32MiB", source="src-1", position=True)
    assert "--memory-limit" in outcome.error["workaround"]
    job.run_ok("--memory-limit", "512MiB")
    assert_equal(source, target)


def test_a_cascade_that_the_target_lacks(servers, tmp_path):
    source, target, job = pair(servers, tmp_path)
    zoo.run_all(source, ["CREATE TABLE parent (id int PRIMARY KEY)", "CREATE TABLE child (id int PRIMARY KEY, p int, KEY (p), CONSTRAINT fk FOREIGN KEY (p) REFERENCES parent (id) ON DELETE CASCADE)",
                         "INSERT INTO parent VALUES (1), (2)", "INSERT INTO child VALUES (1, 1), (2, 2)"], DB)
    job.run_ok()
    target.query(f"ALTER TABLE {DB}.child DROP FOREIGN KEY fk")
    zoo.run_all(source, ["DELETE FROM parent WHERE id = 1"], DB)
    fails(job, "sync-foreign-key", source="src-1", table=(DB, "child"))
    target.query(f"ALTER TABLE {DB}.child ADD CONSTRAINT fk FOREIGN KEY (p) REFERENCES {DB}.parent (id) ON DELETE CASCADE")
    job.run_ok()
    assert_equal(source, target)


def test_a_snapshot_that_is_not_to_be_had(servers, tmp_path):
    """Somebody holds a table's write lock for longer than the snapshot waits."""
    source, target = servers("mysql-8.0"), servers("mysql-8.0")
    make_small(source)
    job = Job(tmp_path, source, target, source_keys=AT_ONCE)
    with source.connect(database=DB) as c, c.cursor() as cursor:
        cursor.execute("LOCK TABLES t WRITE")
        fails(job, "dump-snapshot", seconds=150)
        cursor.execute("UNLOCK TABLES")
    job.run_ok()
    assert_equal(source, target)


def test_a_stream_that_the_source_ends(servers, tmp_path):
    """The binlog file that is read next is not there any more, although the index names it."""
    source, target, job = pair(servers, tmp_path, source_keys=AT_ONCE)
    job.run_ok()
    source.query("FLUSH BINARY LOGS")
    changes(source)
    source.query("FLUSH BINARY LOGS")
    changes(source, start=3000)
    names = [r[0] for r in source.query("SHOW BINARY LOGS")]
    path = [os.path.join(folder, name) for folder, _, files in os.walk(source.dir) for name in files if name == names[-2]][0]
    os.rename(path, path + ".away")
    outcome = job.run(seconds=60)
    assert outcome.code in (EXIT_TASK, EXIT_CHECK), str(outcome)
    assert_error(assert_last_line(outcome, result="error")["error"], ("binlog-read", "binlog-purged"), source="src-1")
    os.rename(path + ".away", path)
    job.run_ok()
    assert_equal(source, target)
