"""Features of sources that change what stands in the binlog: row images, partial JSON, XA, two-phase ALTER, compression."""

import json
import os
import random
import time

import pytest

from support import zoo
from support.dmlib import Job, assert_error
from support.same import assert_equal
from support.writer import Writer
from support.zoo import run_all

SEED = int(os.environ.get("DMLIB_SEED", "1"))
DB = "it_feature"


def case_id(case):
    return "-to-".join(case[:2]) + "".join(f"-{v}" for v in case[2:] if isinstance(v, str))


# ---- row images ----------------------------------------------------------------------------------------------------

IMAGES = [("mysql-9.7", "mysql-9.7", "MINIMAL"), ("mariadb-10.11", "mariadb-10.11", "NOBLOB"), ("mysql-8.0", "tidb", "NOBLOB"),
          ("mysql-5.6", "tidb", "MINIMAL")]


@pytest.mark.parametrize("case", IMAGES, ids=case_id)
def test_row_images(servers, tmp_path, case):
    """All kinds of tables and values under a writer, in the copy and behind it; dmlib is killed in between."""
    source, target = servers(case[0], binlog_row_image=case[2]), servers(case[1])
    have = zoo.make(source, target, seed=SEED, rows=1000)
    job = Job(tmp_path, source, target)
    with Writer(tmp_path, source, target, have, seed=SEED, threads=2, ddl=False, pause=0.01) as writer:
        job.run_ok()
        kill_some(job)
        writer.stop()
    job.run_ok()
    assert_equal(source, target)


@pytest.mark.parametrize("image", ["FULL", "MINIMAL"])
def test_an_enum_without_a_name_on_tidb(servers, tmp_path, image):
    """TiDB compares ENUMs by name when it updates: from the error value to a member '' nothing changes by itself."""
    source, target = servers("mariadb-10.11", binlog_row_image=image), servers("tidb")
    run_all(source, [f"CREATE DATABASE {DB}"])
    run_all(source, ["SET SESSION sql_mode = ''", "CREATE TABLE t (id int PRIMARY KEY, e enum('a', '') NOT NULL, v int)", "CREATE TABLE no_key (e enum('a', '', 'b'), v int)",
                     "INSERT INTO t VALUES (1, 'none', 1), (2, 'none', 2), (3, '', 3), (4, 'a', 4)", "INSERT INTO no_key VALUES ('none', 1), ('', 2), ('a', 3)"], DB)
    job = Job(tmp_path, source, target)
    job.run_ok()
    run_all(source, ["SET SESSION sql_mode = ''", "UPDATE t SET e = 2 WHERE id = 1", "UPDATE t SET e = 2, v = 20 WHERE id = 2", "UPDATE t SET e = 0 WHERE id = 3", "UPDATE t SET e = 0 WHERE id = 4",
                     "UPDATE t SET e = 2 WHERE id = 4", "UPDATE no_key SET e = 2 WHERE v = 1", "UPDATE no_key SET e = 0 WHERE v = 2"], DB)
    job.run_ok()
    numbers = "SELECT id, e + 0, v FROM {0}.t ORDER BY id", "SELECT e + 0, v FROM {0}.no_key ORDER BY v"
    for query in numbers:
        assert target.query(query.format(DB)) == source.query(query.format(DB))


@pytest.mark.parametrize("kinds", [("mariadb-10.11", "mariadb-10.11"), ("mysql-9.7", "mysql-9.7"), ("mysql-8.0", "tidb")], ids="-to-".join)
def test_rows_that_grow_in_one_transaction(servers, tmp_path, kinds):
    """A row that is small when it is inserted, and megabytes after some changes of the same transaction; others beside it."""
    source, target = servers(kinds[0]), servers(kinds[1])
    run_all(source, [f"CREATE DATABASE {DB}"])
    run_all(source, ["CREATE TABLE grows (id int PRIMARY KEY, b longblob) ENGINE=InnoDB", "INSERT INTO grows VALUES (100, '')"], DB)
    job = Job(tmp_path, source, target)
    job.run_ok()
    run_all(source, ["BEGIN", "INSERT INTO grows VALUES (1, '')", "INSERT INTO grows VALUES (2, REPEAT(CHAR(0), 600000))"]
            + [f"UPDATE grows SET b = CONCAT(b, REPEAT(CHAR({65 + n}), 400000)) WHERE id IN (1, 2, 100)" for n in range(4)]
            + ["UPDATE grows SET b = REPEAT(CHAR(0), 3000000) WHERE id = 2", "INSERT INTO grows VALUES (3, 'small')", "COMMIT"], DB)
    job.run_ok()
    rows = f"SELECT id, LENGTH(b), MD5(b) FROM {DB}.grows ORDER BY id"
    assert target.query(rows) == source.query(rows)


def kill_some(job, kills=2):
    """Ends dmlib within replication, without a chance to save anything."""
    rng = random.Random(SEED)
    for _ in range(kills):
        run = job.start(until=None)
        run.wait_for(lambda line: line.get("unit") == "sync", 60, "replication")
        time.sleep(rng.random() * 1.5)
        run.kill9()


DEFAULTS = ("CREATE TABLE defaults (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, n int, i int NOT NULL DEFAULT 42, s varchar(20) NOT NULL DEFAULT 'it''s',"
            " e enum('x', 'y') NOT NULL DEFAULT 'y', d datetime NOT NULL DEFAULT '2001-02-03 04:05:06', t timestamp NOT NULL DEFAULT '2001-02-03 04:05:06',"
            " now timestamp NULL DEFAULT CURRENT_TIMESTAMP, b bit(9) NOT NULL DEFAULT b'101', f decimal(5,2) NOT NULL DEFAULT 1.50, u int, UNIQUE KEY (u), UNIQUE KEY (n, i))")
# Columns without a default, which a session without strict mode leaves out.
IMPLICIT = ("CREATE TABLE implicit (id int NOT NULL PRIMARY KEY, i int NOT NULL, s varchar(20) NOT NULL, e enum('x', 'y') NOT NULL, x set('x', 'y') NOT NULL,"
            " d datetime NOT NULL, y year NOT NULL, m time NOT NULL, b bit(9) NOT NULL, v varbinary(9) NOT NULL, c text NOT NULL, f double NOT NULL)")


@pytest.mark.parametrize("case", [("mysql-9.7", "mysql-9.7", "MINIMAL"), ("mariadb-10.11", "tidb", "MINIMAL"), ("mysql-5.6", "mysql-9.7", "MINIMAL"),
                                  ("mariadb-11.8", "mysql-9.7", "FULL_NODUP"), ("mysql-8.0", "mariadb-10.11", "NOBLOB")], ids=case_id)
def test_columns_that_an_insert_leaves_out(servers, tmp_path, case):
    source, target = servers(case[0], binlog_row_image=case[2]), servers(case[1])
    expression = ["CREATE TABLE computed (id int NOT NULL PRIMARY KEY, u varchar(40) DEFAULT (uuid()), v int)"] if case[0] != "mysql-5.6" else []
    run_all(source, [f"CREATE DATABASE {DB}"])
    run_all(source, [DEFAULTS, IMPLICIT, *expression], DB)
    job = Job(tmp_path, source, target)
    job.run_ok()
    run_all(source, ["INSERT INTO defaults (id) VALUES (1), (2)", "INSERT INTO defaults (n) VALUES (3)", "INSERT INTO defaults (n, i, u) VALUES (3, 1, 1)",
                     "SET time_zone = '+05:00'", "INSERT INTO defaults (n) VALUES (7)", "UPDATE defaults SET t = '2020-01-01 00:00:00' WHERE id = 1",
                     "UPDATE defaults SET u = NULL, n = 9 WHERE u = 1", "INSERT INTO defaults (n, u) VALUES (10, 1)", "DELETE FROM defaults WHERE id = 2",
                     "SET sql_mode = ''", "INSERT INTO implicit (id) VALUES (1), (2)", "INSERT INTO implicit (id, s) VALUES (3, 'a')",
                     *([] if case[0] == "mariadb-10.11" else ["REPLACE INTO implicit (id, i) VALUES (3, 3)"]),
                     "UPDATE implicit SET s = REPLACE(s, 'a', 'b') WHERE id = 2", "INSERT INTO implicit (id, i) VALUES (3, 4) ON DUPLICATE KEY UPDATE v = 'dup'"], DB)
    if expression:
        run_all(source, ["INSERT INTO computed (id, v) VALUES (1, 1)", "UPDATE computed SET u = uuid() WHERE id = 1"], DB)
    job.run_ok()
    assert_equal(source, target)


def test_a_row_that_cannot_be_found_is_refused(servers, tmp_path):
    """The target's table has no key: the before image of MINIMAL does not find a row there."""
    source, target = servers("mysql-9.7", binlog_row_image="MINIMAL"), servers("mysql-9.7")
    run_all(source, [f"CREATE DATABASE {DB}"])
    run_all(source, ["CREATE TABLE t (id int PRIMARY KEY, v int)", "INSERT INTO t VALUES (1, 1), (2, 2)"], DB)
    job = Job(tmp_path, source, target)
    job.run_ok()
    run_all(target, ["ALTER TABLE t DROP PRIMARY KEY"], DB)
    run_all(source, ["INSERT INTO t VALUES (3, 3)", "UPDATE t SET v = 5 WHERE id = 1"], DB)
    outcome = job.run()
    assert_error(outcome.error, "binlog-row-image", table=(DB, "t"), position=True)
    run_all(target, ["ALTER TABLE t ADD PRIMARY KEY (id)"], DB)
    job.run_ok()
    assert_equal(source, target)


def test_a_replace_of_mariadb_is_refused(servers, tmp_path):
    """MariaDB logs it as an update that lacks the columns which got their defaults: its own replicas go wrong, too."""
    source, target = servers("mariadb-10.11", binlog_row_image="MINIMAL"), servers("mariadb-10.11")
    run_all(source, [f"CREATE DATABASE {DB}"])
    run_all(source, ["CREATE TABLE t (id int PRIMARY KEY, v int, w int DEFAULT 7)", "INSERT INTO t VALUES (1, 1, 1), (2, 2, 2)"], DB)
    job = Job(tmp_path, source, target)
    job.run_ok()
    run_all(source, ["INSERT INTO t (id) VALUES (2) ON DUPLICATE KEY UPDATE v = 5", "REPLACE INTO t (id, v) VALUES (3, 3)"], DB)
    job.run_ok()
    assert_equal(source, target)
    run_all(source, ["REPLACE INTO t (id, v) VALUES (1, 10)"], DB)
    assert_error(job.run().error, "binlog-row-image", table=(DB, "t"), position=True)


# ---- partial JSON --------------------------------------------------------------------------------------------------

def json_document(rng, depth=0):
    if depth < 3 and rng.random() < 0.6:
        if rng.random() < 0.5:
            return {rng.choice(["a", "b", "k ey", "quo\"te", "ü"]): json_document(rng, depth + 1) for _ in range(rng.randrange(6))}
        return [json_document(rng, depth + 1) for _ in range(rng.randrange(6))]
    return rng.choice([1, -70000, 1 << 62, 2.5, True, None, "text", "é" * 40, "'\\\"", ""])


def json_change(rng, column):
    path = "".join(rng.choice(['.a', '.b', '."k ey"', '.ü', "[0]", "[1]", "[last]"]) for _ in range(rng.randrange(1, 4)))
    path = ("$" + path).replace("'", "''")
    value = json.dumps(json_document(rng, 2), ensure_ascii=False).replace("\\", "\\\\").replace("'", "''")
    if rng.random() < 0.25:
        return f"{column} = JSON_REMOVE({column}, '{path}')"
    function = rng.choice(["JSON_SET", "JSON_REPLACE", "JSON_SET"])
    return f"{column} = {function}({column}, '{path}', CAST('{value}' AS JSON))"


@pytest.mark.parametrize("case", [("mysql-9.7", "mysql-9.7", ""), ("mysql-8.0", "tidb", ""), ("mysql-9.7", "mariadb-11.8", "FULL")], ids=case_id)
def test_partial_json(servers, tmp_path, case):
    source, target = servers(case[0], binlog_row_value_options="PARTIAL_JSON"), servers(case[1])
    rng = random.Random(SEED)
    run_all(source, [f"CREATE DATABASE {DB}"])
    run_all(source, ["CREATE TABLE j (id int PRIMARY KEY, d json, v int, e json)"], DB)
    big = {"a": {"b": ["x" * 50] * 20, "k ey": {"ü": 1}}, "b": [{"a": 1}, [1, 2, 3]], "pad": "p" * 500}
    with source.connect(database=DB) as c, c.cursor() as cursor:
        for n in range(60):
            cursor.execute("INSERT INTO j VALUES (%s, %s, 0, %s)", (n, json.dumps(big), json.dumps(json_document(rng))))
        c.commit()
    job = Job(tmp_path, source, target)
    code, answer, _ = job.check()
    assert code == 0, answer
    job.run_ok()
    with source.connect(database=DB) as c, c.cursor() as cursor:
        cursor.execute("SET NAMES utf8mb4")
        for _ in range(600):
            parts = [json_change(rng, "d")] + ([json_change(rng, "e")] if rng.random() < 0.3 else []) + (["v = v + 1"] if rng.random() < 0.5 else [])
            cursor.execute(f"UPDATE j SET {', '.join(parts)} WHERE id = {rng.randrange(60)}")
        c.commit()
        log = [r[0] for r in source.query("SHOW BINARY LOGS")]
        events = [r[2] for name in log for r in source.query(f"SHOW BINLOG EVENTS IN '{name}'")]
    assert "Update_rows_partial" in events, "the source wrote no partial updates"
    job.run_ok()
    assert_equal(source, target)


def test_partial_json_without_its_document_is_refused(servers, tmp_path):
    """With MINIMAL images the document that a partial update changes is nowhere."""
    source, target = servers("mysql-9.7", binlog_row_value_options="PARTIAL_JSON", binlog_row_image="MINIMAL"), servers("mysql-9.7")
    run_all(source, [f"CREATE DATABASE {DB}"])
    run_all(source, ["CREATE TABLE j (id int PRIMARY KEY, d json)", "INSERT INTO j VALUES (1, JSON_OBJECT('a', REPEAT('x', 500), 'b', 1))"], DB)
    job = Job(tmp_path, source, target)
    code, answer, _ = job.check()
    assert code == 3 and "binlog_row_value_options" in json.dumps(answer), answer
    source.query("SET GLOBAL binlog_row_value_options = ''")
    job.run_ok()
    run_all(source, ["SET binlog_row_value_options = 'PARTIAL_JSON'", "UPDATE j SET d = JSON_SET(d, '$.b', 2)"], DB)
    assert_error(job.run().error, "binlog-row-image", table=(DB, "j"), position=True)


# ---- two-phase ALTER -----------------------------------------------------------------------------------------------

@pytest.mark.parametrize("case", [("mariadb-10.11", "mariadb-10.11"), ("mariadb-11.8", "tidb")], ids=case_id)
def test_two_phase_alter(servers, tmp_path, case):
    """Each ALTER stands in the log twice, one of them is rolled back; the target runs each once, where it took effect."""
    source, target = servers(case[0], binlog_alter_two_phase=1), servers(case[1])
    run_all(source, [f"CREATE DATABASE {DB}"])
    run_all(source, ["CREATE TABLE t (id int PRIMARY KEY, v int)", "INSERT INTO t VALUES (1, 1), (2, 1)"], DB)
    job = Job(tmp_path, source, target)
    job.run_ok()
    run_all(source, ["ALTER TABLE t ADD COLUMN w int DEFAULT 5", "INSERT INTO t VALUES (3, 3, 3)", "CREATE INDEX by_w ON t (w)"], DB)
    with source.connect(database=DB) as c, c.cursor() as cursor, pytest.raises(Exception, match="Duplicate"):
        cursor.execute("ALTER TABLE t ADD UNIQUE KEY (v)")
    run_all(source, ["DROP INDEX by_w ON t", "ALTER TABLE t DROP COLUMN v", "INSERT INTO t VALUES (4, 4)", "ALTER TABLE t RENAME t2"], DB)
    job.run_ok()
    assert_equal(source, target)
    assert [r[0] for r in target.query(f"SHOW COLUMNS FROM {DB}.t2")] == ["id", "w"]


@pytest.mark.parametrize("kind", ["mariadb-10.11"])
def test_two_phase_alter_under_a_writer(servers, tmp_path, kind):
    source, target = servers(kind, binlog_alter_two_phase=1), servers(kind)
    have = zoo.make(source, target, seed=SEED, rows=1000)
    job = Job(tmp_path, source, target)
    job.run_ok()
    with Writer(tmp_path, source, target, have, seed=SEED, threads=2, ddl_rounds=1, pause=0.01) as writer:
        kill_some(job)
        writer.stop()
    job.run_ok()
    assert_equal(source, target)


# ---- XA ------------------------------------------------------------------------------------------------------------

XA_PAIRS = [("mysql-9.7", "mysql-9.7", {}), ("mariadb-10.11", "mariadb-10.11", {}), ("mysql-8.0", "tidb", {"binlog_transaction_compression": "ON"}),
            ("mariadb-11.8", "tidb", {"log_bin_compress": "ON"}), ("mariadb-10.5", "mysql-9.7", {}), ("mysql-5.6", "mysql-9.7", {}), ("mariadb-10.2", "mariadb-10.11", {})]


class Branches:
    """XA transactions on one server, each on a connection of its own that is closed while the transaction is prepared."""

    def __init__(self, server, detach=True):
        self.server, self.rng, self.open, self.count, self.detach, self.kept = server, random.Random(SEED), {}, 0, detach, set()

    def begin(self, statements, end="XA PREPARE"):
        self.count += 1
        name = f"'branch {self.count}','b'"
        c = self.server.connect(database=DB, autocommit=True)
        with c.cursor() as cursor:
            for statement in [f"XA START {name}", *statements, f"XA END {name}", end.replace("XA COMMIT", f"XA COMMIT {name}").replace("XA PREPARE", f"XA PREPARE {name}")]:
                cursor.execute(statement)
        if end == "XA PREPARE":
            self.open[name] = c
            if self.detach:
                c.close()
        return name

    def finish(self, name, how="COMMIT"):
        c = self.open.pop(name)
        if self.detach:
            c = self.server.connect(autocommit=True)
            time.sleep(0.05)        # the server may still be busy with the connection that went away
        with c.cursor() as cursor:
            cursor.execute(f"XA {how} {name}")
        c.close()

    def random_step(self):
        free = [name for name in self.open if name not in self.kept]
        if free and self.rng.random() < 0.4:
            self.finish(self.rng.choice(free), "COMMIT" if self.rng.random() < 0.7 else "ROLLBACK")
            return
        n = self.count * 10 + 1000
        statements = [f"INSERT INTO x VALUES ({n}, {n}, 'new'), ({n + 1}, NULL, 'new')", f"INSERT INTO no_key VALUES ({n % 7}, 'xa')",
                      f"UPDATE x SET v = CONCAT(v, '{n}'), u = {n + 2} WHERE id = {self.count}", f"DELETE FROM x WHERE id = {self.count + 500}"]
        self.begin(self.rng.sample(statements, self.rng.randrange(1, 5)), "XA COMMIT ONE PHASE" if self.rng.random() < 0.2 else "XA PREPARE")


@pytest.mark.parametrize("case", XA_PAIRS, ids=case_id)
def test_xa(servers, tmp_path, case):
    """Branches that are prepared in one run of dmlib and committed or rolled back in another one, with kills in between."""
    source, target = servers(case[0], **case[2]), servers(case[1])
    run_all(source, [f"CREATE DATABASE {DB}"])
    run_all(source, ["CREATE TABLE x (id int PRIMARY KEY, u int, v varchar(200), UNIQUE KEY (u))", "CREATE TABLE no_key (a int, b varchar(20))", "CREATE TABLE other (id int)",
                     "INSERT INTO x VALUES " + ", ".join(f"({n}, {n}, 'v')" for n in range(1000))], DB)
    job = Job(tmp_path, source, target)
    job.run_ok()
    survives = case[0] not in ("mysql-5.6", "mariadb-10.2")     # the others roll back what a connection leaves behind
    branches = Branches(source, detach=survives)
    early = branches.begin(["INSERT INTO x VALUES (5000, 5000, 'early')", "INSERT INTO no_key VALUES (1, 'early')", "DELETE FROM x WHERE id = 999"])
    dropped = branches.begin(["INSERT INTO x VALUES (6000, 6000, 'never')", "UPDATE x SET v = 'never' WHERE id = 998"])
    branches.kept = {early, dropped}
    job.run_ok()
    run_all(source, ["ALTER TABLE other ADD COLUMN n int DEFAULT 3", "INSERT INTO other VALUES (1, 1)"], DB)
    for _ in range(4):
        run = job.start(until=None)
        run.wait_for(lambda line: line.get("unit") == "sync", 60, "replication")
        for _ in range(25):
            branches.random_step()
        run.kill9()
    stored = target.query("SELECT COUNT(DISTINCT branch) FROM dm_meta.it_dmlib_branches")[0][0]
    assert int(stored) >= (2 if survives else 0)
    branches.finish(early)
    job.run_ok()
    branches.finish(dropped, "ROLLBACK")
    run_all(source, ["INSERT INTO x VALUES (6000, 6000, 'later')"], DB)
    for name in list(branches.open)[:-1]:
        branches.finish(name)
    job.run_ok()
    assert_equal(source, target)
    for name in list(branches.open):
        branches.finish(name)
    job.run_ok()
    assert_equal(source, target)
    assert int(target.query("SELECT COUNT(*) FROM dm_meta.it_dmlib_branches")[0][0]) == 0


def test_xa_commit_without_its_prepare_is_refused(servers, tmp_path):
    """An incremental task that begins between XA PREPARE and XA COMMIT."""
    source, target = servers("mysql-9.7"), servers("mysql-9.7")
    for server in (source, target):
        run_all(server, [f"CREATE DATABASE {DB}"])
        run_all(server, ["CREATE TABLE x (id int PRIMARY KEY)"], DB)
    branches = Branches(source)
    name = branches.begin(["INSERT INTO x VALUES (1)"])
    place = source.query("SHOW BINARY LOG STATUS")[0]
    job = Job(tmp_path, source, target, mode="incremental", instance={"meta": {"binlog-name": place[0], "binlog-pos": int(place[1])}})
    branches.finish(name)
    outcome = job.run()
    assert_error(outcome.error, "binlog-refused", position=True)
    assert "XA PREPARE" in outcome.error["workaround"], outcome.error


# ---- system-versioned tables ---------------------------------------------------------------------------------------

@pytest.mark.parametrize("case", [("mariadb-10.11", "mariadb-10.11", "FULL"), ("mariadb-11.8", "tidb", "FULL"), ("mariadb-10.5", "mysql-9.7", "MINIMAL")], ids=case_id)
def test_system_versioned_tables(servers, tmp_path, case):
    """The target holds the current rows, whatever became history before and after the copy."""
    source, target = servers(case[0], binlog_row_image=case[2]), servers(case[1])
    run_all(source, [f"CREATE DATABASE {DB}"])
    shapes = {"keyed": "(id int PRIMARY KEY, v int)", "keyless": "(id int, v int)", "part": "(id int PRIMARY KEY, v int, o int WITHOUT SYSTEM VERSIONING)"}
    for name, columns in shapes.items():
        run_all(source, [f"CREATE TABLE {name} {columns} WITH SYSTEM VERSIONING", f"INSERT INTO {name} (id, v) VALUES (1, 1), (2, 2), (3, 3), (4, 4)",
                         f"UPDATE {name} SET v = 5 WHERE id = 4", f"DELETE FROM {name} WHERE id = 3"], DB)
    job = Job(tmp_path, source, target)
    job.run_ok()
    for name in shapes:
        run_all(source, [f"UPDATE {name} SET v = 10 WHERE id = 1", f"UPDATE {name} SET id = 20 WHERE id = 2", f"DELETE FROM {name} WHERE id = 1",
                         f"INSERT INTO {name} (id, v) VALUES (1, 100), (9, 9)", "BEGIN", f"INSERT INTO {name} (id, v) VALUES (30, 1)", f"UPDATE {name} SET v = 2 WHERE id = 30",
                         f"DELETE FROM {name} WHERE id = 30", "COMMIT", f"DELETE HISTORY FROM {name}", f"UPDATE {name} SET v = v + 1"], DB)
    run_all(source, ["UPDATE part SET o = 5"], DB)
    job.run_ok()
    for name in shapes:
        rows = [sorted(map(str, server.query(f"SELECT id, v FROM {DB}.{name}"))) for server in (source, target)]
        assert rows[0] == rows[1] and len(rows[0]) == 4, (name, rows)


# ---- compression ---------------------------------------------------------------------------------------------------

COMPRESSED = [("mysql-9.7", "mysql-9.7", {"binlog_transaction_compression": "ON"}), ("mysql-8.0", "tidb", {"binlog_transaction_compression": "ON"}),
              ("mariadb-10.11", "mariadb-10.11", {"log_bin_compress": "ON", "log_bin_compress_min_len": 10})]


@pytest.mark.parametrize("case", COMPRESSED, ids=case_id)
def test_compressed_binlog(servers, tmp_path, case):
    source, target = servers(case[0], **case[2]), servers(case[1])
    have = zoo.make(source, target, seed=SEED, rows=1000)
    job = Job(tmp_path, source, target)
    with Writer(tmp_path, source, target, have, seed=SEED, threads=2, ddl=False, pause=0.01) as writer:
        job.run_ok()
        kill_some(job, 3)
        writer.stop()
    run_all(source, ["CREATE TABLE packed (id int PRIMARY KEY, v varchar(500))", "INSERT INTO packed VALUES (1, REPEAT('x', 500))",
                     "ALTER TABLE packed ADD COLUMN w int DEFAULT 5"], zoo.MAIN)
    job.run_ok()
    events = {r[2] for log in source.query("SHOW BINARY LOGS") for r in source.query(f"SHOW BINLOG EVENTS IN '{log[0]}'")}
    wanted = {"Transaction_payload"} if case[0].startswith("mysql") else {"Query_compressed", "Write_rows_compressed_v1", "Update_rows_compressed_v1", "Delete_rows_compressed_v1"}
    assert wanted <= events, events
    assert_equal(source, target)
