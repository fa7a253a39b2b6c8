"""dmlib explain, dmlib run --dry-run, dmlib config: what a task would do, without a write."""

import json
import subprocess

import pytest

from support import zoo
from support.dmlib import EXIT_CHECK, EXIT_CONFIG, Job, address, find_program
from support.same import assert_equal


def dmlib(*args):
    done = subprocess.run([find_program(), *map(str, args)], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stdout, done.stderr


def lines(text):
    return [json.loads(line) for line in text.splitlines()]


def shop(source):
    zoo.run_all(source, ["CREATE DATABASE it_shop", "CREATE DATABASE other"])
    zoo.run_all(source, ["CREATE TABLE order_1 (id int PRIMARY KEY, v int)", "CREATE TABLE log_1 (id int PRIMARY KEY)", "CREATE TABLE plain (id int PRIMARY KEY, v int)",
                         "CREATE VIEW v AS SELECT * FROM plain"], "it_shop")
    zoo.run_all(source, ["CREATE TABLE t (id int PRIMARY KEY)"], "other")


RULES = {
    "block-allow-list": {"chosen": {"do-dbs": ["it_*"], "ignore-tables": [{"db-name": "it_*", "tbl-name": "log_*"}]}},
    "routes": {"orders": {"schema-pattern": "it_shop", "table-pattern": "order_*", "target-schema": "all_shops", "target-table": "orders"}},
    "filters": {"keep": {"schema-pattern": "it_shop", "table-pattern": "order_*", "events": ["delete", "drop table"], "action": "Ignore"},
                "halt": {"schema-pattern": "it_shop", "table-pattern": "*", "events": ["truncate table"], "action": "Error"}},
    "expression-filter": {"small": {"schema": "it_shop", "table": "plain", "insert-value-expr": "v < 10", "update-old-value-expr": "v < 10", "update-new-value-expr": "v < 10"}},
}
REFERENCES = {"route-rules": ["orders"], "filter-rules": ["keep", "halt"], "expression-filters": ["small"]}


@pytest.mark.parametrize("kind", ["mariadb-10.11", "mysql-9.7"])
def test_explain_and_dry_run(servers, tmp_path, kind):
    source, target = servers(kind), servers(kind)
    shop(source)
    job = Job(tmp_path, source, target, instance=REFERENCES, **RULES)
    task, (source_file,) = job.write()

    code, out, err = dmlib("explain", task, "--source", source_file, "--json")
    assert code == 0, err
    told = {f"{t['schema']}.{t['table']}": t for t in lines(out)}
    assert set(told) == {"it_shop.log_1", "it_shop.order_1", "it_shop.plain", "other.t"}
    assert told["it_shop.order_1"]["decision"] == "replicate" and told["it_shop.order_1"]["target_schema"] == "all_shops" and told["it_shop.order_1"]["target_table"] == "orders"
    assert told["it_shop.order_1"]["routes"] == ["routes orders"] and told["it_shop.order_1"]["filters"] == ["filters keep", "filters halt"]
    assert told["it_shop.plain"]["filters"] == ["filters halt", "expression-filter small"] and told["it_shop.plain"]["problems"] == []
    assert told["it_shop.log_1"]["decision"] == "skip" and "ignore-tables[0]" in told["it_shop.log_1"]["rule"] and told["it_shop.log_1"]["target_schema"] is None
    assert told["other.t"]["decision"] == "skip" and "do-dbs" in told["other.t"]["rule"]
    code, out, _ = dmlib("explain", task, "--source", source_file, "it_shop.order_1")
    assert code == 0 and "`all_shops`.`orders` by routes orders" in out and "log_1" not in out
    assert dmlib("explain", task, "--source", source_file, "it_shop.none")[0] == EXIT_CHECK

    code, out, _ = dmlib("explain", task, "--source", source_file, "--database", "it_shop", "--json", "--ddl", "ALTER TABLE order_1 ADD x int", "--ddl", "DROP TABLE order_1", "--ddl", "TRUNCATE plain")
    assert code == EXIT_CHECK
    assert [(s["fate"], s["rule"].split(" (")[0]) for s in lines(out)] == [("runs", ""), ("left-out", "filters keep"), ("stops", "filters halt")]
    assert lines(out)[0]["targets"] == [{"schema": "all_shops", "table": "orders"}]

    (file, position), = [r[:2] for r in source.query("SHOW BINARY LOG STATUS" if kind == "mysql-9.7" else "SHOW MASTER STATUS")]
    zoo.run_all(source, ["INSERT INTO order_1 VALUES (1, 1), (2, 2), (3, 3)", "UPDATE order_1 SET v = 9 WHERE id < 3", "DELETE FROM order_1", "INSERT INTO log_1 VALUES (1)",
                         "INSERT INTO plain VALUES (1, 1), (2, 20), (3, 30)", "UPDATE plain SET v = v + 1", "DELETE FROM plain WHERE id = 3",
                         "BEGIN", "INSERT INTO plain VALUES (7, 70)", "ROLLBACK", "ALTER TABLE order_1 ADD w int", "ANALYZE TABLE plain",
                         "CREATE TABLE log_2 (id int)", "DROP TABLE order_1"], "it_shop")
    (file2, position2), = [r[:2] for r in source.query("SHOW BINARY LOG STATUS" if kind == "mysql-9.7" else "SHOW MASTER STATUS")]
    zoo.run_all(source, ["TRUNCATE TABLE plain", "INSERT INTO plain VALUES (5, 50)"], "it_shop")
    run = ("run", task, "--source", source_file, "--dry-run", "--json")
    code, out, err = dmlib(*run, "--from", f"{file}:{position}", "--to", f"{file2}:{position2}")
    assert code == 0, err + out
    all_lines = lines(out)
    statements = [s for s in all_lines if "fate" in s]
    assert [s["fate"] for s in statements if s["kind"] not in ("analyze_table", "other")] == ["runs", "left-out", "left-out"], statements
    assert all(s["position"]["file"] == file and s["position"]["pos"] >= int(position) for s in statements)
    tables = {t["table"]: t for t in all_lines if "inserts" in t}

    def counts(table, kind_of_row):
        return {k: v for k, v in tables[table][kind_of_row].items() if v}
    assert counts("order_1", "inserts") == {"replicated": 3} and counts("order_1", "updates") == {"replicated": 2} and counts("order_1", "deletes") == {"ignored": 3}
    assert counts("log_1", "inserts") == {"ignored": 1}
    assert counts("plain", "inserts") == {"replicated": 2, "filtered": 1} and counts("plain", "updates") == {"replicated": 2, "filtered": 1} and counts("plain", "deletes") == {"replicated": 1}
    assert tables["plain"]["by_expression"] == {"small": 2} and tables["plain"]["problems"] == []
    assert all_lines[-1]["transactions"] >= 10 and all_lines[-1]["end"]["file"] == file2 and all_lines[-1]["end"]["pos"] == int(position2)

    code, out, _ = dmlib(*run, "--from", f"{file2}:{position2}")
    assert code == EXIT_CHECK and [s["fate"] for s in lines(out) if "fate" in s] == ["stops"]
    assert not any(t["table"] == "order_1" for t in lines(out) if "inserts" in t)
    code, out, err = dmlib("run", task, "--source", source_file, "--dry-run")
    assert code == EXIT_CHECK and "CREATE DATABASE it_shop" in out and "skipped by" in out, err
    if kind == "mysql-9.7":
        gtids = source.query("SELECT @@gtid_executed")[0][0].replace("\n", "")
        code, out, err = dmlib(*run, "--to", gtids)
        assert code == EXIT_CHECK and lines(out)[-1]["end"]["gtid"] == gtids, err
    for wrong in (["--from", "x"], ["--to", "caught-up"], ["--from", f"{file}:4", "--to", "0-1-1"]):
        assert dmlib(*run, *wrong)[0] == EXIT_CONFIG
    assert dmlib("run", task, "--source", source_file, "--from", f"{file}:4")[0] == EXIT_CONFIG
    assert not [r for r in target.query("SHOW DATABASES") if r[0] in ("dm_meta", "it_shop", "all_shops")], "something was written"


@pytest.mark.parametrize("kind", ["mariadb-10.11", "mysql-8.0"])
def test_a_range_that_the_source_does_not_have_is_an_error(servers, tmp_path, kind):
    """Not an empty rehearsal that looks as if nothing would happen, and not one of something else."""
    source, target = servers(kind), servers(kind)
    zoo.run_all(source, ["CREATE DATABASE it_range", "CREATE TABLE it_range.t (id int PRIMARY KEY)", "INSERT INTO it_range.t VALUES (1)"])
    (file, position), = [r[:2] for r in source.query("SHOW MASTER STATUS")]
    job = Job(tmp_path, source, target)
    task, (source_file,) = job.write()
    run = ("run", task, "--source", source_file, "--dry-run")
    base, position = file.rsplit(".", 1)[0], int(position)
    begin = ("--from", f"{file}:4")
    assert dmlib(*run, *begin, "--to", f"{file}:{position}")[0] == 0
    for options, said in ((("--to", "nofile.000001:4"), "nofile.000001"), (("--to", f"{base}.999999:4"), f"{base}.999999"), ((*begin, "--to", f"{file}:{position + 1000000}"), str(position)),
                          (("--from", f"{file}:{position}", "--to", f"{file}:4"), "before"), (("--from", f"{file}:{position + 1000000}"), f"{file}:{position + 1000000}"),
                          (("--from", f"{base}.999999:4"), f"{base}.999999:4"), (("--from", f"{file}:{position - 1}"), f"{file}:{position - 1}")):
        code, out, err = dmlib(*run, *options)
        assert code == EXIT_CHECK and said in err and "--from" in err, (options, out, err)
        assert "transactions" not in out, (options, out)
    far = "0-1-999999" if kind.startswith("mariadb") else "00000000-0000-0000-0000-000000000001:1-7"
    code, out, err = dmlib(*run, "--to", far)
    assert code == EXIT_CHECK and "transactions" in out and "--to" in err and far in err, (out, err)
    for wrong in (f"{file}:18446744073709551616", f"{file}:99999999999999999999999"):
        assert dmlib(*run, "--from", wrong)[0] == EXIT_CONFIG
        assert dmlib(*run, "--to", wrong)[0] == EXIT_CONFIG


def test_explain_says_what_the_target_refuses(servers, tmp_path):
    source, target = servers("mariadb-10.11"), servers("mysql-8.0")
    zoo.run_all(source, ["CREATE DATABASE it_x"])
    zoo.run_all(source, ["CREATE TABLE no_key (a int)", "CREATE TABLE fine (a int PRIMARY KEY)"], "it_x")
    job = Job(tmp_path, source, target)
    task, (source_file,) = job.write()
    code, out, _ = dmlib("explain", task, "--source", source_file, "--json")
    told = {t["table"]: t for t in lines(out)}
    assert code == 0 and told["fine"]["warnings"] == [] and any("key" in w for w in told["no_key"]["warnings"]), told
    target.down()
    code, out, err = dmlib("explain", task, "--source", source_file, "--json")
    assert code == 0 and len(lines(out)) == 2 and "nothing is said about the target" in err


OLD_TASK = """\
# a task as DM 1.0 had it
name: it
task-mode: all
is-sharding: false
remove-meta: false
enable-heartbeat: false
heartbeat-update-interval: 1
meta-schema: "dm_meta"
target-database:
  host: "{target.host}"
  port: {target.port}
  user: "root"
  password: ""
  max-allowed-packet: 67108864
mysql-instances:
  -
    source-id: "mysql-replica-01"
    route-rules: ["user-route"]
    filter-rules: ["no-drop"]
    column-mapping-rules: ["ids"]
    black-white-list:  "instance"
    mydumper-config-name: "global"
    loader-config-name: "global"
    syncer-config-name: "global"
black-white-list:
  instance:
    do-dbs: ["it_*"]
    ignore-tables:
      - db-name: "it_*"
        tbl-name: "log"
routes:
  user-route:
    schema-pattern: "it_shard_*"
    table-pattern: "t_*"
    target-schema: "it_all"
    target-table: "t"
  forgotten:
    schema-pattern: "x"
    target-schema: "y"
filters:
  no-drop:
    schema-pattern: "it_*"
    table-pattern: "*"
    events: ["truncate table", "drop table"]
    action: Ignore
column-mappings:
  ids:
    schema-pattern: "it_shard_*"
    table-pattern: "t_*"
    expression: "partition id"
    source-column: "id"
    target-column: "id"
    arguments: ["1", "it_shard_", "t_"]
mydumpers:
  global:
    mydumper-path: "./bin/mydumper"
    threads: 4
    chunk-filesize: 64
    skip-tz-utc: true
    extra-args: "-B it_shard_1 --no-locks"
loaders:
  global:
    pool-size: 4
    dir: "./dumped_data"
syncers:
  global:
    worker-count: 4
    batch: 100
    max-retry: 100
    enable-gtid: false
    disable-detect: false
    safe-mode: false
"""
OLD_WORKER = """\
log-level = "info"
worker-addr = ":8262"
server-id = 101
source-id = "mysql-replica-01"
flavor = "mariadb"
relay-dir = "./relay_log"
enable-gtid = false

[from]
host = "{source.host}"
user = "root"
password = ""
port = {source.port}

[checker]
check-enable = true
backoff-max = "5m"
"""


def test_files_of_dm_1_are_converted_and_run(servers, tmp_path):
    source, target = servers("mariadb-10.11"), servers("mariadb-10.11")
    for shard in (1, 2):
        zoo.run_all(source, [f"CREATE DATABASE it_shard_{shard} DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"])
        zoo.run_all(source, ["CREATE TABLE t_1 (id bigint PRIMARY KEY, v varchar(20))", "INSERT INTO t_1 VALUES (1, 'a'), (2, 'b')", "CREATE TABLE log (id int PRIMARY KEY)"], f"it_shard_{shard}")
    old, new = tmp_path / "old", tmp_path / "new"
    old.mkdir()
    new.mkdir()
    (old / "task.yaml").write_text(OLD_TASK.format(target=target))
    (old / "dm-worker.toml").write_text(OLD_WORKER.format(source=source))
    code, _, err = dmlib("config", "convert", old / "task.yaml", old / "dm-worker.toml", "--output-dir", new)
    assert code == 0, err
    assert "black-white-list is called block-allow-list now" in err and "routes.forgotten is not used" in err and "to do: " in err
    assert "# a task as DM 1.0 had it" in (new / "task.yaml").read_text()
    run = ("run", new / "task.yaml", "--source", new / "dm-worker.yaml", "--until", "caught-up", "--progress", "json")
    code, out, err = dmlib(*run)
    assert code == 0, err

    def expect(rows):
        wanted = sorted((str((1 << 59) | (s << 52) | (1 << 44) | i), v) for s in (1, 2) for i, v in rows)
        assert sorted(target.query("SELECT id, v FROM it_all.t")) == wanted
    expect([(1, "a"), (2, "b")])
    assert not target.query("SHOW DATABASES LIKE 'it\\_shard%'") or not target.query("SELECT 1 FROM information_schema.TABLES WHERE TABLE_NAME = 'log'")
    for shard in (1, 2):
        zoo.run_all(source, ["INSERT INTO t_1 VALUES (3, 'c')", "UPDATE t_1 SET v = 'x' WHERE id = 1", "TRUNCATE TABLE t_1", "DROP TABLE t_1"], f"it_shard_{shard}")
    code, out, err = dmlib(*run)
    assert code == 0, err
    expect([(1, "x"), (2, "b"), (3, "c")])


def test_convert_says_what_is_wrong(tmp_path):
    (tmp_path / "a.yaml").write_text("name: [\n")
    code, out, err = dmlib("config", "convert", tmp_path / "a.yaml")
    assert code == EXIT_CONFIG and out == "" and ":2:" in err
    (tmp_path / "b.yaml").write_text("task-mode: all\nsecrets: 1\n")
    code, out, err = dmlib("config", "convert", tmp_path / "b.yaml")
    assert code == EXIT_CONFIG and "secrets: 1" in out and "unknown" in err.lower()
    assert dmlib("config", "convert", tmp_path / "none")[0] == EXIT_CONFIG
    assert dmlib("config", "convert", tmp_path / "b.yaml", "--from", "new")[0] == EXIT_CONFIG
    assert dmlib("config", "convert", tmp_path / "b.yaml", "--output-dir", tmp_path)[0] == EXIT_CONFIG
    assert (tmp_path / "b.yaml").read_text().startswith("task-mode")


def test_convert_writes_over_no_file(tmp_path):
    out_dir = tmp_path / "out"
    out_dir.mkdir()
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "s.yaml").write_text(f"source-id: {folder}\nfrom: {{host: h, user: u}}\n")
    (tmp_path / "a" / "other.yaml").write_text("source-id: other\nfrom: {host: h, user: u}\n")
    (out_dir / "s.yaml").write_text("precious\n")
    convert = ("config", "convert", tmp_path / "a" / "other.yaml", tmp_path / "a" / "s.yaml", "--output-dir", out_dir)
    code, _, err = dmlib(*convert)
    assert code == EXIT_CONFIG and f"{out_dir / 's.yaml'} is there already" in err and "--force" in err
    assert (out_dir / "s.yaml").read_text() == "precious\n" and not (out_dir / "other.yaml").exists()
    assert dmlib(*convert, "--force")[0] == 0
    assert "source-id: a" in (out_dir / "s.yaml").read_text() and (out_dir / "other.yaml").exists()
    code, _, err = dmlib("config", "convert", tmp_path / "a" / "s.yaml", tmp_path / "b" / "s.yaml", "--output-dir", out_dir, "--force")
    assert code == EXIT_CONFIG and "written twice" in err
    assert "source-id: a" in (out_dir / "s.yaml").read_text()
    assert dmlib("config", "convert", tmp_path / "a" / "s.yaml", "--force")[0] == EXIT_CONFIG


def test_a_template_runs_when_filled_in(servers, tmp_path):
    source, target = servers("mariadb-10.11"), servers("mariadb-10.11")
    zoo.run_all(source, ["CREATE DATABASE it_t"])
    zoo.run_all(source, ["CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1)"], "it_t")
    for kind, server in (("task", target), ("source", source)):
        code, text, _ = dmlib("config", "template", kind)
        assert code == 0
        text = text.replace("host: 127.0.0.1", f"host: {server.host}").replace("  #port: ", f"  port: {server.port} # ").replace("user: dmlib", f"user: {address(server)['user']}")
        (tmp_path / f"{kind}.yaml").write_text(text)
    code, _, err = dmlib("run", tmp_path / "task.yaml", "--source", tmp_path / "source.yaml", "--until", "caught-up")
    assert code == 0, err
    assert_equal(source, target)
