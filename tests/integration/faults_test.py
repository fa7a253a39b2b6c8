"""Bad input of every kind: the right exit code, a JSON error with a way out, and a later run, the cause removed, that ends equal."""

import json
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from support import zoo
from support.dmlib import EXIT_CHECK, EXIT_CONFIG, EXIT_TASK, Job, assert_error, assert_last_line
from support.same import assert_equal
from support.small import DB, changes, make_large, make_small

KIND = "mariadb-10.11"


def fails(job, code, name=None, *more, **options):
    """The run ends with this exit code and this ERROR in its last line."""
    expect = {k: options.pop(k) for k in ("source", "table", "position") if k in options}
    outcome = job.run(*more, **options)
    assert outcome.code == code, str(outcome)
    last = assert_last_line(outcome, job.name, "error")
    assert_error(last["error"], name, job.name, **expect)
    return outcome


def ends_equal(job, source, target, **options):
    job.run_ok(**options)
    assert_equal(source, target)


@pytest.fixture
def both(servers, tmp_path):
    source, target = servers(KIND), servers(KIND)
    make_small(source)
    return source, target, Job(tmp_path, source, target)


@pytest.fixture
def replicating(both):
    """The copy is done; only the changes that come now are left."""
    source, target, job = both
    job.run_ok()
    return source, target, job


# ---- before the first write -----------------------------------------------------------------------------------------

@pytest.mark.parametrize("kind", [KIND, "mysql-9.7"])
@pytest.mark.parametrize("side", ["source", "target"])
def test_wrong_password(servers, tmp_path, kind, side):
    source, target = servers(kind), servers(kind)
    make_small(source)
    server = source if side == "source" else target
    server.query("CREATE USER dm@'%' IDENTIFIED BY 'right'")
    server.query("GRANT ALL ON *.* TO dm@'%'")
    job = Job(tmp_path, source, target)
    account = job.source_config[0]["from"] if side == "source" else job.task_config["target-database"]
    account |= {"user": "dm", "password": "secret-and-wrong"}
    outcome = fails(job, EXIT_CHECK, ("db-access-denied", "check-failed"))
    assert "denied" in outcome.error["message"] and str(server.port) in outcome.error["message"], outcome.error
    assert "secret-and-wrong" not in outcome.stderr + "".join(outcome.raw)
    account["password"] = "right"
    ends_equal(job, source, target)


@pytest.mark.parametrize("side", ["source", "target"])
def test_unreachable_host(both, side):
    source, target, job = both
    account = job.source_config[0]["from"] if side == "source" else job.task_config["target-database"]
    port, account["port"] = account["port"], 1
    outcome = fails(job, EXIT_CHECK, ("db-connect", "task-gave-up", "check-failed"), give_up="5s")
    assert outcome.seconds < 40
    assert "127.0.0.1:1)" in outcome.error["message"], outcome.error
    account["port"] = port
    ends_equal(job, source, target)


@pytest.mark.parametrize("kind", [KIND, "mysql-9.7"])
def test_missing_privilege_on_the_source(servers, tmp_path, kind):
    source, target = servers(kind), servers(kind)
    make_small(source)
    source.query("CREATE USER dm@'%' IDENTIFIED BY ''")
    source.query(f"GRANT SELECT ON {DB}.* TO dm@'%'")
    job = Job(tmp_path, source, target)
    job.source_config[0]["from"]["user"] = "dm"
    outcome = fails(job, EXIT_CHECK)
    assert outcome.error["name"] in ("check-failed", "db-privilege"), outcome.error
    assert "REPLICATION" in json.dumps(outcome.error) + outcome.stderr, outcome
    assert "GRANT" in (json.dumps(outcome.error) + outcome.stderr).upper()
    source.query("GRANT SELECT, RELOAD, REPLICATION SLAVE, REPLICATION CLIENT, PROCESS, LOCK TABLES ON *.* TO dm@'%'")
    if kind.startswith("mysql"):
        source.query("GRANT BACKUP_ADMIN ON *.* TO dm@'%'")
    ends_equal(job, source, target)


def test_missing_privilege_on_the_target(both):
    source, target, job = both
    target.query("CREATE USER dm@'%' IDENTIFIED BY ''")
    target.query("GRANT SELECT ON *.* TO dm@'%'")
    job.task_config["target-database"]["user"] = "dm"
    outcome = fails(job, EXIT_CHECK)
    assert outcome.error["name"] in ("check-failed", "db-privilege"), outcome.error
    target.query("GRANT ALL ON *.* TO dm@'%'")
    ends_equal(job, source, target)


@pytest.mark.parametrize("setting, value", [("binlog_format", "STATEMENT")])
def test_binlog_settings_of_the_source(servers, tmp_path, setting, value):
    source, target = servers(KIND, **{setting: value}), servers(KIND)
    make_small(source)
    job = Job(tmp_path, source, target)
    outcome = fails(job, EXIT_CHECK)
    assert setting in json.dumps(outcome.error) + outcome.stderr, str(outcome)
    source.query(f"SET GLOBAL {setting} = 'ROW'")
    ends_equal(job, source, target)


def test_no_binlog(servers, tmp_path):
    source, target = servers(KIND, skip_log_bin=None), servers(KIND)
    make_small(source)
    outcome = fails(Job(tmp_path, source, target), EXIT_CHECK)
    assert "binlog" in (json.dumps(outcome.error) + outcome.stderr).lower()


# ---- configuration --------------------------------------------------------------------------------------------------

def config_errors(outcome):
    """Exit 2: on stderr one problem a line with its place, and one ERROR each."""
    assert outcome.code == EXIT_CONFIG, str(outcome)
    objects = [json.loads(line) for line in [*outcome.stderr.splitlines(), *outcome.raw] if line.startswith("{")]
    places = [line.split(":")[:3] for line in outcome.stderr.splitlines() if not line.startswith("{")]
    assert objects and places, str(outcome)
    for e in objects:
        for key in ("code", "name", "class", "message", "workaround", "file", "line", "column"):
            assert key in e, (key, e)
        assert e["class"] == "config" and e["line"] > 0 and e["column"] > 0, e
    for file, line, column in places:
        assert file.endswith(".yaml") and int(line) > 0 and int(column) > 0, (file, line, column)
    return objects


def test_broken_yaml(both):
    source, target, job = both
    argv = job.argv()
    task = job.folder / "task.yaml"
    good = task.read_text()
    task.write_text(good + "\n  - : [broken\n")
    done = subprocess.run(argv, capture_output=True, text=True, timeout=30, stdin=subprocess.DEVNULL)
    assert done.returncode == EXIT_CONFIG, done.stderr
    assert f"{task}:" in done.stderr and "config-yaml" in done.stderr, done.stderr
    ends_equal(job, source, target)


def test_unknown_and_unsupported_keys_all_at_once(both):
    source, target, job = both
    job.task_config |= {"task-mod": "all", "shard-mode": "pessimistic"}
    job.source_config[0] |= {"relay": True, "enable-relay": True}
    job.task_config["syncers"]["all"]["worker_count"] = 3
    job.task_config["mydumpers"]["all"]["where"] = "id > 5"
    errors = config_errors(job.run())
    texts = [(e["name"], e["message"] + e["file"]) for e in errors]
    for name, word in (("config-unknown-key", "task-mod"), ("config-not-supported", "shard-mode"), ("config-unknown-key", "worker_count"),
                       ("config-not-supported", "where"), ("config-unknown-key", "relay"), ("config-not-supported", "enable-relay")):
        assert any(n == name and word in text for n, text in texts), (name, word, texts)
    for key in ("task-mod", "shard-mode"):
        del job.task_config[key]
    for key in ("relay", "enable-relay"):
        del job.source_config[0][key]
    del job.task_config["syncers"]["all"]["worker_count"], job.task_config["mydumpers"]["all"]["where"]
    ends_equal(job, source, target)


@pytest.mark.parametrize("change", [{"task-mode": "everything"}, {"name": ""}, {"mysql-instances": []}, {"block-allow-list": {"other": {}}},
                                    {"target-database": {"host": "127.0.0.1", "port": 70000, "user": "root"}}],
                         ids=["mode", "no name", "no instance", "bad reference", "port"])
def test_bad_values(both, change):
    source, target, job = both
    good = dict(job.task_config)
    job.task_config |= change
    config_errors(job.run())
    assert not [r for r in target.query("SHOW DATABASES") if r[0] in (DB, "dm_meta")]
    job.task_config = good
    ends_equal(job, source, target)


@pytest.mark.parametrize("arguments", [["run"], ["run", "a.yaml", "b.yaml"], ["run", "--no-such-option"], ["frobnicate"], ["run", "missing.yaml", "--source", "missing.yaml"]])
def test_usage(tmp_path, program, arguments):
    done = subprocess.run([program, *arguments], capture_output=True, text=True, timeout=30, cwd=tmp_path, stdin=subprocess.DEVNULL)
    assert done.returncode == EXIT_CONFIG and done.stderr.strip(), done


# ---- in the work ----------------------------------------------------------------------------------------------------

def purge(server):
    """Every binlog but a new one is gone. A file that a session still sends cannot be purged."""
    server.query("FLUSH BINARY LOGS")
    end = time.monotonic() + 20
    while len(server.query("SHOW BINARY LOGS")) > 1:
        assert time.monotonic() < end, "the binlog cannot be purged"
        for (number,) in server.query("SELECT ID FROM information_schema.PROCESSLIST WHERE COMMAND LIKE 'Binlog Dump%'"):
            server.query(f"KILL {number}")
        server.query(f"PURGE BINARY LOGS TO '{server.query('SHOW BINARY LOGS')[-1][0]}'")
        time.sleep(0.1)


def test_purged_binlog(replicating):
    source, target, job = replicating
    changes(source)
    purge(source)
    outcome = job.run()
    assert outcome.code in (EXIT_CHECK, EXIT_TASK), str(outcome)
    assert_error(assert_last_line(outcome, result="error")["error"], "binlog-purged", source="src-1")
    job.forget()                    # the way out: another copy
    ends_equal(job, source, target)


def test_statement_format(replicating):
    """A session of the source that logs statements: refused with place and text, nothing behind it is applied."""
    source, target, job = replicating
    changes(source)
    with source.connect(database=DB, autocommit=True) as c, c.cursor() as cursor:
        cursor.execute("SET SESSION binlog_format = STATEMENT")
        cursor.execute("UPDATE t SET v = 'by statement' WHERE id < 10")
    changes(source, start=5000)
    for _ in range(2):              # the second run says the same
        outcome = fails(job, EXIT_TASK, "binlog-statement-dml", source="src-1", position=True)
        assert "by statement" in (outcome.error["statement"] or outcome.error["message"]), outcome.error
        assert target.query(f"SELECT COUNT(*) FROM {DB}.t WHERE v = 'by statement' OR id >= 5000") == [("0",)]
    job.forget()
    ends_equal(job, source, target)


@pytest.mark.parametrize("kind", [KIND, "tidb"])
def test_conflicting_row_at_the_copy(servers, tmp_path, kind):
    """A row on the target that is not ours: nothing is overwritten in silence."""
    source, target = servers(KIND), servers(kind)
    make_small(source)
    job = Job(tmp_path, source, target)
    zoo.run_all(target, [f"CREATE DATABASE {DB} DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"])
    zoo.run_all(target, ["CREATE TABLE t (id int NOT NULL PRIMARY KEY, u int NOT NULL, v varchar(50), UNIQUE KEY u (u))", "INSERT INTO t VALUES (5, 99999, 'mine')"], DB)
    outcome = job.run()
    assert outcome.code in (EXIT_CHECK, EXIT_TASK), str(outcome)
    assert_error(assert_last_line(outcome, result="error")["error"], ("db-duplicate-entry", "load-write", "load-target-not-empty", "check-failed"))
    if outcome.code == EXIT_TASK:
        assert outcome.error["table"] == {"schema": DB, "table": "t"}, outcome.error
        assert "'5'" in outcome.error["message"], outcome.error
    assert target.query(f"SELECT v FROM {DB}.t WHERE id = 5") == [("mine",)]
    target.query(f"DELETE FROM {DB}.t WHERE id = 5")
    ends_equal(job, source, target)


@pytest.mark.parametrize("name, conflict, undo", [
    ("db-duplicate-entry", "INSERT INTO t VALUES (2000, 2000, 'mine')", "DELETE FROM t WHERE id = 2000"),
    ("db-duplicate-entry", "INSERT INTO t VALUES (-1, 2000, 'holds the unique value')", "DELETE FROM t WHERE id = -1"),
    ("db-affected-rows", "DELETE FROM t WHERE id = 7", "INSERT INTO t VALUES (7, 7, 'v7')"),
    ("db-affected-rows", "UPDATE no_key SET b = 'other' WHERE b = 'twin'", "UPDATE no_key SET b = 'twin' WHERE b = 'other'"),
], ids=["primary", "unique", "missing", "missing-no-key"])
def test_conflicting_row_in_replication(replicating, name, conflict, undo):
    source, target, job = replicating
    zoo.run_all(target, [conflict], DB)
    zoo.run_all(source, ["INSERT INTO t VALUES (2000, 2000, 'theirs')", "UPDATE t SET v = 'changed' WHERE id = 7", "UPDATE no_key SET b = 'new' WHERE b = 'twin' LIMIT 1"], DB)
    changes(source, start=3000)
    outcome = fails(job, EXIT_TASK, name, source="src-1", position=True)
    assert outcome.error["table"] == {"schema": DB, "table": "no_key" if "no_key" in conflict else "t"}, outcome.error
    zoo.run_all(target, [undo], DB)
    ends_equal(job, source, target)


def test_target_lacks_a_column(replicating):
    source, target, job = replicating
    target.query(f"ALTER TABLE {DB}.t DROP COLUMN v")
    changes(source)
    outcome = job.run()
    assert outcome.code in (EXIT_CHECK, EXIT_TASK), str(outcome)
    e = assert_last_line(outcome, result="error")["error"]
    assert_error(e, ("db-unknown-column", "check-failed"))
    assert "v" in e["message"] and (e["table"] == {"schema": DB, "table": "t"} or e["name"] == "check-failed"), e
    target.query(f"ALTER TABLE {DB}.t ADD COLUMN v varchar(50)")
    with source.connect(database=DB) as c, c.cursor() as cursor, target.connect(database=DB, autocommit=True) as d, d.cursor() as other:
        cursor.execute("SELECT id, v FROM t WHERE id < 200")
        olds = {f"{n}": v.rstrip("+") for n, v in cursor.fetchall()}
        for n, v in olds.items():
            other.execute("UPDATE t SET v = %s WHERE id = %s", (v, n))
    ends_equal(job, source, target)


def test_target_table_of_the_copy_lacks_a_column(both):
    source, target, job = both
    zoo.run_all(target, [f"CREATE DATABASE {DB}", f"CREATE TABLE {DB}.t (id int NOT NULL PRIMARY KEY, u int NOT NULL, UNIQUE KEY u (u))"])
    outcome = job.run()
    assert outcome.code in (EXIT_CHECK, EXIT_TASK), str(outcome)
    e = assert_last_line(outcome, result="error")["error"]
    assert_error(e)
    assert "v" in json.dumps(e) + outcome.stderr
    target.query(f"DROP TABLE {DB}.t")
    ends_equal(job, source, target)


def test_read_only_target(replicating):
    """It is tried again until --give-up-after; then exit 4."""
    source, target, job = replicating
    target.query("CREATE USER dm@'%' IDENTIFIED BY ''")
    target.query("GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX, CREATE TEMPORARY TABLES ON *.* TO dm@'%'")
    job.task_config["target-database"]["user"] = "dm"
    job.run_ok()
    target.query("SET GLOBAL read_only = ON")
    changes(source)
    started = time.monotonic()
    outcome = job.run(give_up="5s")
    assert outcome.code in (EXIT_CHECK, EXIT_TASK), str(outcome)
    assert_error(assert_last_line(outcome, result="error")["error"], ("db-read-only", "task-gave-up", "check-failed"))
    assert "read" in json.dumps(outcome.error).lower(), outcome.error
    assert time.monotonic() - started < 40
    target.query("SET GLOBAL read_only = OFF")
    ends_equal(job, source, target)


def test_target_becomes_read_only_and_writable_again(both):
    """Within one run: it says what it waits for, and goes on."""
    source, target, job = both
    target.query("CREATE USER dm@'%' IDENTIFIED BY ''")
    target.query("GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX, CREATE TEMPORARY TABLES ON *.* TO dm@'%'")
    job.task_config["target-database"]["user"] = "dm"
    run = job.start(until=None)
    run.wait_for(lambda line: line.get("caught_up"), 60, "replication")
    target.query("SET GLOBAL read_only = ON")
    changes(source)
    mark = run.mark()
    blocked = run.wait_after(mark, lambda line: line.get("blocked_on"), 30, "blocked_on")
    assert "read" in json.dumps(blocked["blocked_on"]).lower(), blocked
    target.query("SET GLOBAL read_only = OFF")
    mark = run.mark()
    run.wait_after(mark, lambda line: line.get("unit") == "sync" and line["caught_up"] and not line["blocked_on"], 60, "going on")
    run.interrupt()
    assert run.wait(30).code == 130
    ends_equal(job, source, target)


def test_full_disk(servers, tmp_path):
    """A target whose disk is too small for the copy."""
    source = servers(KIND)
    make_large(source, 200000)
    # Not below tmp_path: each pytest that starts closes the folder of all of them to other users, as whom the server runs.
    disk = Path(tempfile.mkdtemp(prefix="dmlib-disk-"))
    disk.chmod(0o755)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=220m,mode=755", "tmpfs", str(disk)], capture_output=True).returncode:
        disk.rmdir()
        pytest.skip("cannot mount a small file system here (needs root)")
    try:
        from servers import up
        with up(KIND, dir=disk / "server", settings={"innodb_log_file_size": "8M", "skip_log_bin": None}) as target:
            job = Job(tmp_path / "job", source, target)
            filler = disk / "filler"
            free = int(subprocess.run(["df", "--output=avail", "-B1", str(disk)], capture_output=True, text=True, check=True).stdout.split()[-1])
            with open(filler, "wb") as f:
                f.write(b"\0" * max(0, free - (30 << 20)))
            run = job.start(give_up="8s")
            ends = time.monotonic() + 45
            while run.alive() and time.monotonic() < ends:
                time.sleep(0.2)
            hangs = run.alive()     # InnoDB may wait for the disk for ever, and dmlib waits for InnoDB
            filler.unlink()
            outcome = run.wait(150)
            blocked = [line["blocked_on"] for line in outcome.status if line.get("blocked_on")]
            assert blocked or "full" in json.dumps(outcome.error).lower(), str(outcome)
            if not (hangs and outcome.code == 0):
                assert outcome.code == EXIT_TASK, str(outcome)
                assert_error(assert_last_line(outcome, result="error")["error"], ("db-read-only", "task-gave-up", "load-write", "db-execute-failed"))
            job.run_ok()
            assert_equal(source, target)
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=False)
        disk.rmdir()


def test_first_checkpoint_is_whole_or_not_there(replicating):
    """A first start that breaks while it stores the definitions leaves no place without them."""
    source, target, job = replicating
    for table in ("progress", "lanes", "schema"):     # as a run that was killed behind the copy leaves it
        target.query(f"DELETE FROM dm_meta.it_dmlib_{table}")
    target.query("CREATE TRIGGER dm_meta.no_definitions BEFORE INSERT ON dm_meta.it_dmlib_schema FOR EACH ROW SIGNAL SQLSTATE '45000'")
    fails(job, EXIT_TASK)
    assert target.query("SELECT COUNT(*) FROM dm_meta.it_dmlib_progress") == [("0",)]
    target.query("DROP TRIGGER dm_meta.no_definitions")
    job.run_ok()
    changes(source)
    ends_equal(job, source, target)


def test_ddl_that_the_target_refuses(replicating):
    source, target, job = replicating
    target.query(f"ALTER TABLE {DB}.t ADD COLUMN w int")       # somebody's own column is in the way
    zoo.run_all(source, ["INSERT INTO t VALUES (4000, 4000, 'before')", "ALTER TABLE t ADD COLUMN w varchar(20) NOT NULL DEFAULT 'x'", "INSERT INTO t VALUES (4001, 4001, 'behind', 'y')"], DB)
    outcome = fails(job, EXIT_TASK, position=True)
    assert outcome.error["name"] in ("sync-ddl-refused", "db-execute-failed"), outcome.error
    assert "ADD COLUMN" in (outcome.error["statement"] or "").upper(), outcome.error
    assert target.query(f"SELECT COUNT(*) FROM {DB}.t WHERE id = 4001") == [("0",)]
    target.query(f"ALTER TABLE {DB}.t DROP COLUMN w")
    ends_equal(job, source, target)


# ---- servers that go away -------------------------------------------------------------------------------------------

@pytest.mark.parametrize("which", ["source", "target"])
@pytest.mark.parametrize("kind", [KIND, "mysql-9.7"])
def test_restart_of_a_server(servers, tmp_path, kind, which):
    """Retried with back-off; the status says on what, since when and the next try; then it goes on."""
    source, target = servers(kind), servers(kind)
    make_small(source)
    job = Job(tmp_path, source, target)
    run = job.start(until=None, give_up="2m")
    run.wait_for(lambda line: line.get("caught_up"), 60, "replication")
    victim = source if which == "source" else target
    victim.kill9()
    if which == "target":
        changes(source)
    mark = run.mark()
    line = run.wait_after(mark, lambda line: line.get("blocked_on"), 30, "blocked_on")
    assert which in json.dumps(line["blocked_on"]) or str(victim.port) in json.dumps(line["blocked_on"]), line
    victim.again()
    changes(source, start=6000)
    mark = run.mark()
    run.wait_after(mark, lambda line: line.get("unit") == "sync" and line["caught_up"] and not line["blocked_on"], 60, "going on")
    run.interrupt()
    assert run.wait(30).code == 130
    ends_equal(job, source, target)


@pytest.mark.parametrize("which", ["source", "target"])
@pytest.mark.parametrize("phase", ["copy", "replication"])
def test_give_up(servers, tmp_path, which, phase):
    source, target = servers(KIND), servers(KIND)
    make_large(source, 300000 if phase == "copy" else 1000)
    job = Job(tmp_path, source, target)
    run = job.start(until=None, give_up="5s")
    if phase == "copy":
        run.wait_for(lambda line: line.get("unit") == "load", 60, "the copy")
        time.sleep(0.3)
    else:
        run.wait_for(lambda line: line.get("caught_up"), 60, "replication")
    victim = source if which == "source" else target
    victim.kill9()
    if which == "target" and phase == "replication":
        changes(source)
    died = time.monotonic()
    outcome = run.wait(60)
    assert outcome.code == EXIT_TASK, str(outcome)
    assert 4 < time.monotonic() - died < 25
    assert_error(assert_last_line(outcome, result="error")["error"], ("task-gave-up", "db-connect", "db-connection-lost"))
    assert any(line.get("blocked_on") for line in outcome.status), outcome.status[-3:]
    victim.again()
    changes(source, start=6000)
    ends_equal(job, source, target)
