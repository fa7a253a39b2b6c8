"""dmlib check and dmlib explain say what dmlib run will do: each fault is found before the run that ends by it, with its place in the task file, and the way out that is
printed puts it right."""

import json
import re
import subprocess

import pytest

from support import zoo
from support.dmlib import EXIT_CHECK, Job, find_program
from support.same import assert_equal

KINDS = ["mariadb-10.11", "mysql-8.0"]
STATEMENT = re.compile(r"(?:CREATE DATABASE|USE|CREATE TABLE|ALTER TABLE|DROP TABLE)\b[^;]*")


def dmlib(*args):
    done = subprocess.run([find_program(), *map(str, args)], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stdout, done.stderr


def lines(text):
    return [json.loads(line) for line in text.splitlines()]


def found(job, about, name="table_schema"):
    _, answer, errors = job.check()
    assert answer is not None, errors
    return [i for i in answer["items"] if i["name"] == name and not i["passed"] and about in i["message"]]


def explained(job, *more):
    task, sources = job.write()
    code, out, err = dmlib("explain", task, *[x for s in sources for x in ("--source", s)], "--json", *more)
    return code, {t.get("table"): t for t in lines(out)}, err


def statements(item):
    return [s.strip() for s in STATEMENT.findall(item["instruction"])]


def line_of(job, text):
    """The number of the first line of the task file that begins with the text."""
    task, _ = job.write()
    return next(n for n, line in enumerate(task.read_text().splitlines(), 1) if line.strip().startswith(text))


def made(servers, tmp_path, kind, tables, **keys):
    source, target = servers(kind), servers(kind)
    zoo.run_all(source, ["CREATE DATABASE it_w"])
    zoo.run_all(source, tables, "it_w")
    return source, target, Job(tmp_path, source, target, **keys)


# ---- 1. row expressions ------------------------------------------------------------------------------------------------

WRONG = [("insert-value-expr", "nosuch = 1", "nosuch"), ("update-old-value-expr", "v = UUID()", "UUID"), ("update-new-value-expr", "id + nosuch > 1", "nosuch"),
         ("delete-value-expr", "v LIKE 'a%' COLLATE nosuch_ci", "nosuch_ci")]


@pytest.mark.parametrize("kind,mode,key,text,said", [
    (kind, mode, *w) for kind in KINDS for mode in ("all", "incremental") for w in WRONG
    if kind == KINDS[0] or (mode, w[0]) in (("all", "insert-value-expr"), ("incremental", "update-new-value-expr"))])
def test_row_expressions(servers, tmp_path, kind, key, text, said, mode):
    rule = {"schema": "it_w", "table": "t", key: text}
    source, _, job = made(servers, tmp_path, kind, ["CREATE TABLE t (id int PRIMARY KEY, v varchar(20))"], mode=mode,
                          **{"expression-filter": {"small": rule}}, instance={"expression-filters": ["small"]})
    code, answer, errors = job.check()
    place = f"task.yaml:{line_of(job, 'small:')}:"
    if answer is None:      # what needs no table is said with the file
        assert code == 2 and place in errors and said in errors, errors
        assert job.run().code == 2
        return
    items = [i for i in answer["items"] if i["name"] == "table_schema" and said in i["message"]]
    assert code == EXIT_CHECK and len(items) == 1 and items[0]["severity"] == "error", answer
    assert f"expression-filter small {key}" in items[0]["message"] and place in items[0]["place"], items
    assert items[0]["table"] == {"schema": "it_w", "table": "t"} and items[0]["instruction"], items
    code, told, _ = explained(job)
    assert any(said in p and place in p for p in told["t"]["problems"]), told
    outcome = job.run()
    assert outcome.code == EXIT_CHECK and said in outcome.error["message"] and place in outcome.error["message"], str(outcome)
    rule[key] = "id < 10"
    assert found(job, "expression-filter") == []
    job.run_ok()


# ---- 2, 3, 4. columns that routes fill, and the target's own -------------------------------------------------------------

ROUTE = {"schema-pattern": "it_w", "table-pattern": "order_*", "target-schema": "it_all", "target-table": "orders",
         "extract-table": {"table-regexp": "order_(.*)", "target-column": "c_table"}}


def routed(servers, tmp_path, kind, on_target, tables=("CREATE TABLE order_1 (id int PRIMARY KEY, v varchar(20))", "INSERT INTO order_1 VALUES (1, 'a')"), **keys):
    source, target, job = made(servers, tmp_path, kind, tables, routes={"orders": json.loads(json.dumps(ROUTE))}, instance={"route-rules": ["orders"]} | keys.pop("instance", {}), **keys)
    zoo.run_all(target, ["CREATE DATABASE it_all"])
    zoo.run_all(target, on_target, "it_all")
    return source, target, job


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("mode", ["all", "incremental"])
def test_an_extracted_column_that_the_source_has(servers, tmp_path, kind, mode):
    source, target, job = routed(servers, tmp_path, kind, ["CREATE TABLE orders (id int PRIMARY KEY, v varchar(20), c_table varchar(20), shard varchar(20))"],
                                 ["CREATE TABLE order_1 (id int PRIMARY KEY, v varchar(20), c_table varchar(20))"], mode=mode)
    item, = found(job, "`c_table`")
    assert item["severity"] == "error" and f"task.yaml:{line_of(job, 'orders:')}:" in item["place"] and "target-column" in item["instruction"], item
    assert any("`c_table`" in p for p in explained(job)[1]["order_1"]["problems"])
    assert job.run().code == EXIT_CHECK
    job.task_config["routes"]["orders"]["extract-table"]["target-column"] = "shard"
    assert found(job, "`c_table`") == []
    job.run_ok()


@pytest.mark.parametrize("kind", KINDS)
def test_an_extracted_column_that_the_target_computes(servers, tmp_path, kind):
    source, target, job = routed(servers, tmp_path, kind, ["CREATE TABLE orders (id int PRIMARY KEY, v varchar(20), c_table varchar(20) GENERATED ALWAYS AS (concat('x', id)) STORED, KEY (c_table))"])
    job.task_config["ignore-checking-items"] = ["table_schema"]     # what the run itself says
    outcome = job.run()
    assert outcome.code in (EXIT_CHECK, 4) and outcome.error["name"] == "load-definition" and "computes" in outcome.error["message"], str(outcome)
    del job.task_config["ignore-checking-items"]
    item, = found(job, "`c_table`")
    assert item["severity"] == "error" and "computes" in item["message"], item
    assert job.run().code == EXIT_CHECK
    zoo.run_all(target, statements(item))
    assert found(job, "`c_table`") == []
    job.run_ok()
    assert target.query("SELECT id, c_table FROM it_all.orders") == [("1", "1")]


def test_the_stream_says_that_the_target_computes_an_extracted_column(servers, tmp_path):
    source, target, job = routed(servers, tmp_path, "mysql-8.0", ["CREATE TABLE orders (id int PRIMARY KEY, v varchar(20), c_table varchar(20) GENERATED ALWAYS AS (concat('x', id)) STORED)"], mode="incremental")
    (file, position), = [r[:2] for r in source.query("SHOW MASTER STATUS")]
    job.task_config["mysql-instances"][0]["meta"] = {"binlog-name": file, "binlog-pos": int(position)}
    zoo.run_all(source, ["INSERT INTO order_1 VALUES (2, 'b')"], "it_w")
    assert found(job, "`c_table`")
    job.task_config["ignore-checking-items"] = ["table_schema"]
    outcome = job.run()
    assert outcome.code in (EXIT_CHECK, 4) and outcome.error["name"] == "config-rule" and "computes" in outcome.error["message"] and "route" in outcome.error["workaround"], str(outcome)


@pytest.mark.parametrize("kind", KINDS)
def test_a_column_of_the_target_that_nobody_fills(servers, tmp_path, kind):
    """Such a run cannot write a row: an error where the task begins, a warning where it goes on."""
    source, target, job = made(servers, tmp_path, kind, ["CREATE TABLE t (id int PRIMARY KEY, v int)"])
    zoo.run_all(target, ["CREATE DATABASE it_w"])
    zoo.run_all(target, ["CREATE TABLE t (id int PRIMARY KEY, v int, more int NOT NULL)"], "it_w")
    item, = found(job, "`more`")
    assert item["severity"] == "error", item
    assert any("`more`" in p for p in explained(job)[1]["t"]["problems"])
    outcome = job.run()
    assert outcome.code == EXIT_CHECK and "`more`" in outcome.error["message"], str(outcome)
    zoo.run_all(target, statements(item)[:1])
    assert found(job, "`more`") == []
    job.run_ok()
    zoo.run_all(target, ["ALTER TABLE t MODIFY COLUMN more int NOT NULL"], "it_w")
    item, = found(job, "`more`")
    assert item["severity"] == "warning", item


@pytest.mark.parametrize("kind", KINDS)
def test_a_column_that_the_target_lacks(servers, tmp_path, kind):
    source, target, job = made(servers, tmp_path, kind, ["CREATE TABLE t (id int PRIMARY KEY, v int)"])
    zoo.run_all(target, ["CREATE DATABASE it_w"])
    zoo.run_all(target, ["CREATE TABLE t (id int PRIMARY KEY)"], "it_w")
    item, = found(job, "lacks column `v`")
    assert item["severity"] == "error", item
    assert job.run().code == EXIT_CHECK
    zoo.run_all(target, statements(item))
    assert found(job, "`v`") == []
    job.run_ok()


SHARDS = ["CREATE TABLE order_1 (id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY, a int)", "INSERT INTO order_1 (a) VALUES (1), (2)",
          "CREATE TABLE order_2 (id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY, a int)", "INSERT INTO order_2 (a) VALUES (3), (4)"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("key", ["PRIMARY KEY (id, c_table)", "PRIMARY KEY (c_table, id), KEY (id)", "KEY (id), UNIQUE KEY (c_table, id)"])
def test_a_merged_key_with_an_extracted_column_is_fine(servers, tmp_path, kind, key):
    source, target, job = routed(servers, tmp_path, kind, [f"CREATE TABLE orders (id bigint NOT NULL, a int, c_table varchar(20) NOT NULL, {key})"], SHARDS)
    if "UNIQUE" not in key:
        assert found(job, "primary key") == []
    assert found(job, "", "auto_increment_ID") == []
    job.run_ok()
    zoo.run_all(source, ["INSERT INTO order_1 (a) VALUES (5)", "UPDATE order_2 SET a = 9 WHERE id = 1", "DELETE FROM order_1 WHERE id = 2"], "it_w")
    job.run_ok()
    assert sorted(target.query("SELECT id, a, c_table FROM it_all.orders")) == [("1", "1", "1"), ("1", "9", "2"), ("2", "4", "2"), ("3", "5", "1")]


@pytest.mark.parametrize("kind", KINDS)
def test_a_merged_key_gets_the_extracted_column(servers, tmp_path, kind):
    """The printed statement: the rows of both tables fit afterwards."""
    source, target, job = routed(servers, tmp_path, kind, ["CREATE TABLE orders (id bigint NOT NULL PRIMARY KEY, a int, c_table varchar(20) NOT NULL)"], SHARDS)
    items = found(job, "", "auto_increment_ID")
    assert len(items) == 2 and all("c_table" in i["instruction"] for i in items), items
    zoo.run_all(target, statements(items[0]))
    assert found(job, "", "auto_increment_ID") == [] and found(job, "primary key") == []
    job.run_ok()
    assert target.query("SELECT COUNT(*) FROM it_all.orders") == source.query("SELECT 4")


def test_an_extracted_column_that_does_not_tell_the_tables_apart(servers, tmp_path):
    """Both tables have the same text in it: their counters still collide."""
    _, _, job = routed(servers, tmp_path, "mysql-8.0", ["CREATE TABLE orders (id bigint NOT NULL, a int, c_table varchar(20) NOT NULL, PRIMARY KEY (id, c_table))"], SHARDS)
    del job.task_config["routes"]["orders"]["extract-table"]
    job.task_config["routes"]["orders"]["extract-schema"] = {"schema-regexp": "(.*)", "target-column": "c_table"}
    assert len(found(job, "", "auto_increment_ID")) == 2


@pytest.mark.parametrize("kind", KINDS)
def test_a_primary_key_that_differs_gets_the_extracted_column_too(servers, tmp_path, kind):
    source, target, job = routed(servers, tmp_path, kind, ["CREATE TABLE orders (id bigint NOT NULL, a int NOT NULL, c_table varchar(20) NOT NULL, PRIMARY KEY (a, c_table))"], SHARDS)
    item = found(job, "primary key")[0]
    zoo.run_all(target, statements(item))
    assert found(job, "primary key") == []
    job.run_ok()
    assert target.query("SELECT COUNT(*) FROM it_all.orders") == source.query("SELECT 4")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("mode", ["all", "incremental"])
def test_an_extracted_value_that_is_too_long(servers, tmp_path, kind, mode):
    source, target, job = routed(servers, tmp_path, kind, ["CREATE TABLE orders (id int PRIMARY KEY, v varchar(20), c_table varchar(3) NOT NULL)"],
                                 ["CREATE TABLE order_long_one (id int PRIMARY KEY, v varchar(20))", "INSERT INTO order_long_one VALUES (1, 'a')"], mode=mode)
    item, = found(job, "`c_table`")
    assert item["severity"] == "error" and "long_one" in item["message"], item
    job.task_config["ignore-checking-items"] = ["table_schema"]
    if mode == "incremental":
        (file, position), = [r[:2] for r in source.query("SHOW MASTER STATUS")]
        job.task_config["mysql-instances"][0]["meta"] = {"binlog-name": file, "binlog-pos": int(position)}
        zoo.run_all(source, ["INSERT INTO order_long_one VALUES (2, 'b')"], "it_w")
    outcome = job.run()
    assert outcome.code == 4 and outcome.error["name"] == "db-data-too-long", str(outcome)
    assert "`orders`" in outcome.error["workaround"] and "`c_table`" in outcome.error["workaround"] and "source's definition" not in outcome.error["workaround"], str(outcome)
    zoo.run_all(target, statements(item))
    assert found(job, "`c_table`") == []
    job.run_ok()
    assert {r[0] for r in target.query("SELECT c_table FROM it_all.orders")} == {"long_one"}


@pytest.mark.parametrize("kind,expression", [(KINDS[0], "add prefix"), (KINDS[0], "add suffix"), (KINDS[1], "add prefix")])
@pytest.mark.parametrize("mode", ["all", "incremental"])
def test_a_prefixed_value_that_is_too_long(servers, tmp_path, kind, expression, mode):
    mapping = {"schema-pattern": "it_w", "table-pattern": "t", "expression": expression, "source-column": "v", "target-column": "v", "arguments": ["shard:"]}
    source, target, job = made(servers, tmp_path, kind, ["CREATE TABLE t (id int PRIMARY KEY, v varchar(6))", "INSERT INTO t VALUES (1, '123456')"], mode=mode,
                               **{"column-mappings": {"mark": mapping}}, instance={"column-mapping-rules": ["mark"]})
    if mode == "incremental":
        zoo.run_all(target, ["CREATE DATABASE it_w"])
        zoo.run_all(target, ["CREATE TABLE t (id int PRIMARY KEY, v varchar(6))"], "it_w")
        (file, position), = [r[:2] for r in source.query("SHOW MASTER STATUS")]
        job.task_config["mysql-instances"][0]["meta"] = {"binlog-name": file, "binlog-pos": int(position)}
        zoo.run_all(source, ["INSERT INTO t VALUES (2, '234567')"], "it_w")
    item, = found(job, "column-mappings mark")
    assert item["severity"] == "warning" and f"task.yaml:{line_of(job, 'mark:')}:" in item["place"], item
    outcome = job.run()
    assert outcome.code == 4 and outcome.error["name"] == "db-data-too-long", str(outcome)
    assert "column-mappings mark" in outcome.error["workaround"] and "source's definition" not in outcome.error["workaround"], str(outcome)
    item, = found(job, "column-mappings mark")      # the copy has made the table
    zoo.run_all(target, statements(item))
    assert found(job, "column-mappings mark") == []
    job.run_ok()
    want = {"1": "123456"} if mode == "all" else {"2": "234567"}
    assert dict(target.query("SELECT id, v FROM it_w.t")) == {k: f"shard:{v}" if "prefix" in expression else f"{v}shard:" for k, v in want.items()}


# ---- 5. a source that reads double quotes as names ---------------------------------------------------------------------

@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("mode", ["all", "incremental"])
def test_ansi_quotes(servers, tmp_path, kind, mode):
    source, target, job = made(servers, tmp_path, kind, ["CREATE TABLE t (id int PRIMARY KEY, `or``d\"er` varchar(20) DEFAULT 'it''s')", "INSERT INTO t VALUES (1, 'a\"b')"], mode=mode)
    definition = source.query("SHOW CREATE TABLE it_w.t")[0][1]
    extra = ",NO_BACKSLASH_ESCAPES" + (",NO_TABLE_OPTIONS,NO_KEY_OPTIONS" if kind.startswith("mariadb") else "")
    zoo.run_all(source, [f"SET GLOBAL sql_mode = 'ANSI_QUOTES,PIPES_AS_CONCAT,STRICT_TRANS_TABLES,PAD_CHAR_TO_FULL_LENGTH{extra}'"])
    if mode == "incremental":
        zoo.run_all(target, ["CREATE DATABASE it_w"])
        zoo.run_all(target, [definition, "INSERT INTO t VALUES (1, 'a\"b')"], "it_w")
    code, answer, errors = job.check()
    assert code == 0, (answer, errors)
    code, told, errors = explained(job)
    assert code == 0 and told["t"]["problems"] == [], (told, errors)
    if mode == "incremental":
        (file, position), = [r[:2] for r in source.query("SHOW MASTER STATUS")]
        job.task_config["mysql-instances"][0]["meta"] = {"binlog-name": file, "binlog-pos": int(position)}
    job.run_ok()
    with source.connect(database="it_w", autocommit=True) as c, c.cursor() as cursor:       # the session has the server's mode
        for statement in ['CREATE TABLE "quo""ted" ("a b" int PRIMARY KEY, "text" varchar(20) DEFAULT \'x\', c char(5), UNIQUE KEY "k" ("text"))', 'INSERT INTO "quo""ted" VALUES (1, \'one\' || \'two\', \'ab\')',
                          'ALTER TABLE "quo""ted" ADD COLUMN "c""d" int DEFAULT 5, RENAME TO "named"', 'INSERT INTO "named" ("a b") VALUES (2)', 'ALTER TABLE t CHANGE "or`d""er" "order" varchar(30) DEFAULT \'back\\slash\'',
                          'INSERT INTO t (id) VALUES (2)', 'CREATE TABLE "like" LIKE "named"', 'CREATE INDEX "by c" ON "named" ("c""d")', 'DROP TABLE "like"',
                          'UPDATE "named" SET "text" = \'n"\' WHERE "a b" = 2']:
            cursor.execute(statement)
    job.run_ok()
    zoo.run_all(source, ["SET GLOBAL sql_mode = ''"])
    assert_equal(source, target)
    assert source.query("SELECT * FROM it_w.t ORDER BY id") == target.query("SELECT * FROM it_w.t ORDER BY id")


# ---- 6. statements and rows --------------------------------------------------------------------------------------------

@pytest.mark.parametrize("kind", KINDS)
def test_explain_says_all_that_drop_database_does(servers, tmp_path, kind):
    rules = {"routes": {"orders": {"schema-pattern": "it_w", "table-pattern": "order_*", "target-schema": "it_all", "target-table": "orders"}},
             "filters": {"keep": {"schema-pattern": "it_w", "table-pattern": "kept", "events": ["drop table"], "action": "Ignore"}},
             "block-allow-list": {"chosen": {"do-dbs": ["it_*"], "ignore-tables": [{"db-name": "it_w", "tbl-name": "log_*"}]}}}
    source, target, job = made(servers, tmp_path, kind, [f"CREATE TABLE {t} (id int PRIMARY KEY)" for t in ("order_1", "plain", "kept", "log_1")], instance={"route-rules": ["orders"], "filter-rules": ["keep"]}, **rules)
    job.run_ok()
    zoo.run_all(target, ["CREATE TABLE own (id int PRIMARY KEY)"], "it_w")
    task, (source_file,) = job.write()
    explain = ("explain", task, "--source", source_file, "--json", "--ddl")
    code, out, err = dmlib(*explain, "DROP DATABASE it_w")
    said, = lines(out)
    assert code == 0 and said["fate"] == "runs" and said["targets"] == [{"schema": "it_w", "table": ""}], said
    assert sorted((g["schema"], g["table"]) for g in said["gone"]) == [("it_all", "orders"), ("it_w", "kept"), ("it_w", "own"), ("it_w", "plain")], said
    assert any("kept" in n and "filters keep" in n and "database" in n for n in said["notes"]), said
    assert any("own" in n for n in said["notes"]), said
    zoo.run_all(source, ["DROP DATABASE it_w"])
    job.run_ok()
    assert not target.query("SHOW DATABASES LIKE 'it\\_w'") and not target.query("SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'it_all'")


@pytest.mark.parametrize("kind", KINDS)
def test_explain_says_that_other_tables_would_lose_their_rows(servers, tmp_path, kind):
    source, target, job = made(servers, tmp_path, kind, ["CREATE TABLE order_1 (id int PRIMARY KEY)"], instance={"route-rules": ["orders"]},
                               routes={"orders": {"schema-pattern": "it_*", "table-pattern": "order_*", "target-schema": "it_all", "target-table": "orders"}})
    zoo.run_all(source, ["CREATE DATABASE it_v", "CREATE TABLE it_v.order_2 (id int PRIMARY KEY)"])
    job.run_ok()
    task, (source_file,) = job.write()
    for statement in ("DROP DATABASE it_w", "DROP TABLE it_w.order_1", "TRUNCATE TABLE it_w.order_1"):
        code, out, _ = dmlib("explain", task, "--source", source_file, "--json", "--ddl", statement)
        said, = lines(out)
        assert code == EXIT_CHECK and said["fate"] == "stops" and "`it_v`.`order_2`" in said["reason"], said
    zoo.run_all(source, ["DROP DATABASE it_w"])
    outcome = job.run()
    assert outcome.code == 4 and "`it_v`.`order_2`" in outcome.error["message"], str(outcome)


@pytest.mark.parametrize("kind", KINDS)
def test_explain_says_that_a_copied_definition_is_not_there(servers, tmp_path, kind):
    source, target, job = made(servers, tmp_path, kind, ["CREATE TABLE hidden (id int PRIMARY KEY)", "CREATE TABLE t (id int PRIMARY KEY)"],
                               **{"block-allow-list": {"chosen": {"do-dbs": ["it_*"], "ignore-tables": [{"db-name": "it_w", "tbl-name": "hidden"}]}}})
    job.run_ok()
    task, (source_file,) = job.write()
    explain = ("explain", task, "--source", source_file, "--json", "--database", "it_w", "--ddl")
    code, out, _ = dmlib(*explain, "CREATE TABLE fine LIKE t")
    assert code == 0 and lines(out)[0]["fate"] == "runs", out
    code, out, _ = dmlib(*explain, "CREATE TABLE a LIKE hidden")
    said, = lines(out)
    zoo.run_all(source, ["CREATE TABLE fine LIKE t", "CREATE TABLE a LIKE hidden"], "it_w")
    outcome = job.run()
    if outcome.code == 0:
        assert said["fate"] == "runs" and code == 0, said
    else:
        assert code == EXIT_CHECK and said["fate"] == "stops" and "hidden" in said["reason"], (said, str(outcome))


@pytest.mark.parametrize("kind,what", [(KINDS[0], what) for what in ("negative", "too large", "no table part", "update")] + [(KINDS[1], "negative")])
def test_dry_run_says_where_a_mapping_stops(servers, tmp_path, kind, what):
    mapping = {"schema-pattern": "it_w", "table-pattern": "t_*", "expression": "partition id", "source-column": "id", "target-column": "id", "arguments": ["1", "", "t_"]}
    source, target, job = made(servers, tmp_path, kind, ["CREATE TABLE t_1 (id bigint PRIMARY KEY, v int)", "CREATE TABLE t_x (id bigint PRIMARY KEY)"], mode="incremental",
                               **{"column-mappings": {"ids": mapping}}, instance={"column-mapping-rules": ["ids"]})
    if what != "no table part":
        zoo.run_all(source, ["DROP TABLE t_x"], "it_w")
    zoo.run_all(target, ["CREATE DATABASE it_w"])
    zoo.run_all(target, ["CREATE TABLE t_1 (id bigint PRIMARY KEY, v int)", "CREATE TABLE t_x (id bigint PRIMARY KEY)"], "it_w")
    (file, position), = [r[:2] for r in source.query("SHOW MASTER STATUS")]
    job.task_config["mysql-instances"][0]["meta"] = {"binlog-name": file, "binlog-pos": int(position)}
    bad = {"negative": "INSERT INTO t_1 VALUES (-3, 1)", "too large": "INSERT INTO t_1 VALUES (17592186044416, 1)", "no table part": "INSERT INTO t_x VALUES (1)",
           "update": "UPDATE t_1 SET id = -id WHERE id = 2"}[what]
    zoo.run_all(source, ["INSERT INTO t_1 VALUES (1, 1), (2, 2)", bad], "it_w")
    table, kind_of_row = ("t_x" if what == "no table part" else "t_1"), ("updates" if what == "update" else "inserts")
    task, (source_file,) = job.write()
    code, out, err = dmlib("run", task, "--source", source_file, "--dry-run", "--json", "--from", f"{file}:{position}")
    assert code == EXIT_CHECK, out + err
    told = {t["table"]: t for t in lines(out) if "inserts" in t}
    assert told[table][kind_of_row]["stops"] == 1 and told[table][kind_of_row]["replicated"] == (2 if what in ("negative", "too large") else 0), told
    stop = told[table]["first_stop"]
    assert stop["file"] == file and stop["pos"] > int(position) and "column-mappings ids" in stop["reason"] or "column mapping ids" in stop["reason"], told
    job.task_config["ignore-checking-items"] = ["all"]
    outcome = job.run()
    # A contradiction of the rules is said before anything begins.
    expected = "check-failed" if what == "no table part" else "sync-mapping"
    assert outcome.code in (EXIT_CHECK, 4) and outcome.error["name"] == expected, str(outcome)
    if outcome.error["position"]:
        assert outcome.error["position"]["file"] == stop["file"]


# ---- 7. rules that match nothing ---------------------------------------------------------------------------------------

UNUSED = {
    "block-allow-list": ({"block-allow-list": {"chosen": {"do-dbs": ["it_w", "it_nosuch"], "ignore-tables": [{"db-name": "it_w", "tbl-name": "log_*"}]}}}, {}, ["do-dbs[1]", "ignore-tables[0]"]),
    "routes": ({"routes": {"lost": {"schema-pattern": "it_w", "table-pattern": "order_*", "target-schema": "it_x"}}}, {"route-rules": ["lost"]}, ["routes lost"]),
    "filters": ({"filters": {"lost": {"schema-pattern": "it_x", "events": ["drop database"], "action": "Ignore"}}}, {"filter-rules": ["lost"]}, ["filters lost"]),
    "expression-filter": ({"expression-filter": {"lost": {"schema": "it_w", "table": "orders", "insert-value-expr": "id > 1"}}}, {"expression-filters": ["lost"]}, ["expression-filter lost"]),
    "column-mappings": ({"column-mappings": {"lost": {"schema-pattern": "it_w", "table-pattern": "t_*", "expression": "add prefix", "source-column": "v", "target-column": "v", "arguments": ["x"]}}},
                        {"column-mapping-rules": ["lost"]}, ["column-mappings lost"]),
}


@pytest.mark.parametrize("block", list(UNUSED))
def test_a_rule_that_matches_nothing(servers, tmp_path, block):
    keys, references, names = UNUSED[block]
    source, target, job = made(servers, tmp_path, KINDS[0], ["CREATE TABLE t (id int PRIMARY KEY, v varchar(9))"], instance=references, **json.loads(json.dumps(keys)))
    code, answer, _ = job.check()
    items = [i for i in answer["items"] if i["name"] == "rule_match" and not i["passed"]]
    assert code == 0 and [i["severity"] for i in items] == ["warning"] * len(names), answer
    for item, name in zip(items, names):
        assert name in item["message"] and re.fullmatch(r".*task\.yaml:\d+:\d+", item["place"]), item
        number = int(item["place"].rsplit(":", 2)[1])
        line = (job.folder / "task.yaml").read_text().splitlines()[number - 1]
        assert "lost" in line or "nosuch" in line or "log_*" in line or "db-name" in line, (item, line)
    _, _, err = explained(job)
    assert all(name in err for name in names), err
    outcome = job.run_ok()
    assert all(name in outcome.stderr for name in names), outcome.stderr
    job.task_config["ignore-checking-items"] = ["rule_match"]
    assert found(job, "", "rule_match") == []
    # its tables are there
    del job.task_config["ignore-checking-items"]
    zoo.run_all(source, ["CREATE DATABASE it_nosuch", "CREATE DATABASE it_x"])
    zoo.run_all(source, [f"CREATE TABLE {t} (id int PRIMARY KEY, v varchar(9))" for t in ("log_1", "order_1", "orders", "t_1")], "it_w")
    assert found(job, "", "rule_match") == []


def test_a_rule_that_matches_on_one_of_two_sources_is_fine(servers, tmp_path):
    sources, target = [servers("mysql-8.0"), servers("mysql-8.0")], servers("mysql-8.0")
    for number, source in enumerate(sources):
        zoo.run_all(source, [f"CREATE DATABASE it_{number}", f"CREATE TABLE it_{number}.t_{number} (id int PRIMARY KEY)"])
    job = Job(tmp_path, sources, target, schemas=["it_0", "it_1"], instance={"route-rules": ["zero", "two"]},
              routes={"zero": {"schema-pattern": "it_0", "target-schema": "it_a"}, "two": {"schema-pattern": "it_2", "target-schema": "it_a"}})
    item, = found(job, "", "rule_match")
    assert "routes two" in item["message"], item


def test_names_in_another_case(servers, tmp_path):
    """A server that keeps names in lower case, rules in mixed case that are compared with case: nothing matches, and that is said."""
    source, target = servers("mariadb-10.11", lower_case_table_names=1), servers("mariadb-10.11")
    zoo.run_all(source, ["CREATE DATABASE IT_Shop", "CREATE TABLE IT_Shop.Orders (id int PRIMARY KEY)", "INSERT INTO IT_Shop.Orders VALUES (1)"])
    job = Job(tmp_path, source, target, schemas=["IT_Shop"])
    job.task_config["case-sensitive"] = True
    item, = found(job, "", "rule_match")
    assert item["severity"] == "warning" and "do-dbs[0]" in item["message"] and "it_shop" in item["message"] and "case-sensitive" in item["instruction"], item
    outcome = job.run_ok()
    assert "do-dbs[0]" in outcome.stderr, outcome.stderr
    del job.task_config["case-sensitive"]
    assert found(job, "", "rule_match") == []


# ---- 8. statements of tables that are merged: explain and the rehearsal say what the run then does -----------------------

ORDERS = "CREATE TABLE {} (id int PRIMARY KEY, a int DEFAULT 1, b varchar(20), c int NOT NULL DEFAULT 0, KEY by_a (a)){}"
#   what comes before on the source, what somebody did on the target, the statement, whether the run stops
MERGED = {
    "drop column": ([], [], "ALTER TABLE order_1 DROP COLUMN b", True),
    "truncate": ([], [], "TRUNCATE TABLE order_1", True),
    "drop": ([], [], "DROP TABLE order_1", True),
    "rename away": ([], [], "RENAME TABLE order_1 TO plain", True),
    "rename inside": ([], [], "RENAME TABLE order_1 TO order_7", False),
    "alter rename": ([], [], "ALTER TABLE order_1 RENAME TO plain", True),
    "add column": ([], [], "ALTER TABLE order_1 ADD COLUMN d int DEFAULT 5", False),
    "add same column": (["ALTER TABLE order_2 ADD COLUMN d int DEFAULT 5"], [], "ALTER TABLE order_1 ADD COLUMN d int DEFAULT 5", False),
    "add other column": (["ALTER TABLE order_2 ADD COLUMN d int DEFAULT 6"], [], "ALTER TABLE order_1 ADD COLUMN d int DEFAULT 5", True),
    "add behind what is not there": ([], ["ALTER TABLE orders DROP COLUMN b"], "ALTER TABLE order_1 ADD COLUMN d int AFTER b", True),
    "create alike": ([], [], ORDERS.format("order_3", ""), False),
    "create another": ([], [], "CREATE TABLE order_3 (id int PRIMARY KEY, a varchar(5), b varchar(20), c int NOT NULL DEFAULT 0)", True),
    "create like": ([], [], "CREATE TABLE order_3 LIKE order_1", False),
    "create unmerged": ([], [], "CREATE TABLE plain (id int PRIMARY KEY)", False),
    "create what the target has": ([], ["CREATE TABLE plain (id int PRIMARY KEY, more int)"], "CREATE TABLE it_{}.plain (id bigint PRIMARY KEY)", True),
    "add key": ([], [], "CREATE INDEX by_b ON order_1 (b)", False),
    "add other key": (["CREATE INDEX by_b ON order_2 (b, a)"], [], "CREATE INDEX by_b ON order_1 (b)", True),
    "drop key": ([], [], "DROP INDEX by_a ON order_1", False),
    "disable keys": ([], [], "ALTER TABLE order_1 DISABLE KEYS", False),
    "enable keys": ([], [], "ALTER TABLE order_1 ENABLE KEYS", False),
    "add what others have and the target lacks": (["ALTER TABLE order_2 ADD COLUMN d int DEFAULT 6"], ["ALTER TABLE orders DROP COLUMN d"], "ALTER TABLE order_1 ADD COLUMN d int DEFAULT 5", True),
    "add what others have and the empty target lacks": (["ALTER TABLE order_2 ADD COLUMN d int DEFAULT 6"], ["ALTER TABLE orders DROP COLUMN d", "DELETE FROM orders"], "ALTER TABLE order_1 ADD COLUMN d int DEFAULT 5", False),
    "add the same that others have and the target lacks": (["ALTER TABLE order_2 ADD COLUMN d int DEFAULT 5"], ["ALTER TABLE orders DROP COLUMN d"], "ALTER TABLE order_1 ADD COLUMN d int DEFAULT 5", True),
}


@pytest.mark.parametrize("kind", KINDS)
def test_statements_of_merged_tables(servers, tmp_path, kind):
    source, target = servers(kind), servers(kind)
    wrong = []
    for number, (what, (before, on_target, statement, stops)) in enumerate(MERGED.items()):
        schema, into, statement = f"it_{number}", f"all_{number}", statement.format(number)
        zoo.run_all(source, [f"CREATE DATABASE {schema}"])
        zoo.run_all(source, [ORDERS.format("order_1", ""), "INSERT INTO order_1 (id) VALUES (1)", ORDERS.format("order_2", ""), "INSERT INTO order_2 (id) VALUES (2)"], schema)
        job = Job(tmp_path / str(number), source, target, name=f"it{number}", schemas=(schema,), instance={"route-rules": ["orders"]},
                  routes={"orders": {"schema-pattern": schema, "table-pattern": "order_*", "target-schema": into, "target-table": "orders"}})
        job.run_ok()
        zoo.run_all(source, before, schema)
        job.run_ok()
        if on_target:
            zoo.run_all(target, [f"CREATE DATABASE IF NOT EXISTS {schema}"])
            zoo.run_all(target, on_target, schema if "plain" in on_target[0] else into)
        (file, position), = [r[:2] for r in source.query("SHOW MASTER STATUS")]
        task, (source_file,) = job.write()
        code, out, err = dmlib("explain", task, "--source", source_file, "--json", "--database", schema, "--ddl", statement)
        said, = lines(out)
        zoo.run_all(source, [statement], schema)
        code2, out2, err2 = dmlib("run", task, "--source", source_file, "--dry-run", "--json", "--from", f"{file}:{position}")
        rehearsed, = [s for s in lines(out2) if "fate" in s]
        outcome = job.run()
        ended = "stops" if outcome.code else "runs"
        if (ended == "stops") != stops:
            wrong.append((what, "the run", ended, str(outcome)))
        if said["fate"] != ended or code != (EXIT_CHECK if outcome.code else 0):
            wrong.append((what, "explain", said, str(outcome)))
        elif outcome.code and outcome.error["message"].split("(")[0].replace("refused", "")[:60] not in said["reason"].replace("would refuse", ""):
            wrong.append((what, "explain, its reason", said["reason"], outcome.error["message"]))
        idle = "ran on the target" not in outcome.stderr and "already" not in outcome.stderr
        if ended == "runs" and idle != any("nothing of it" in n for n in said["notes"]):
            wrong.append((what, "explain, whether anything is done", said, str(outcome)))
        if rehearsed["fate"] != ended and not (rehearsed["fate"] == "runs" and rehearsed["reason"]):
            wrong.append((what, "the rehearsal", rehearsed, str(outcome)))
        if not on_target and not before and not what.startswith("create") and rehearsed["fate"] != ended:
            wrong.append((what, "the rehearsal does not know", rehearsed, str(outcome)))
    assert not wrong, "\n".join(map(str, wrong))


def test_explain_asks_the_source_for_its_dialect(servers, tmp_path):
    """The file of the source has no flavor."""
    source, target, job = made(servers, tmp_path, KINDS[0], ["CREATE TABLE t (id int PRIMARY KEY)"])
    zoo.run_all(source, ["SET GLOBAL sql_mode = 'ANSI_QUOTES'"])
    task, (source_file,) = job.write()
    explain = ("explain", task, "--source", source_file, "--json", "--database", "it_w", "--ddl")
    for statement in ("CREATE TABLE net (a inet6, u uuid)", 'ALTER TABLE "t" ADD COLUMN "b" int', "ALTER TABLE t ADD COLUMN IF NOT EXISTS i inet4"):
        code, out, err = dmlib(*explain, statement)
        said, = lines(out)
        assert code == 0 and said["fate"] == "runs" and said["reason"] == "" and err == "", (said, err)
    source.down()
    code, out, err = dmlib(*explain, "CREATE TABLE net (a inet6)")
    assert "MySQL" in err and "assumed" in err and "flavor" in err, err
    job.source_config[0]["flavor"] = "mariadb"
    job.write()
    code, out, err = dmlib(*explain, "CREATE TABLE net (a inet6)")
    assert lines(out)[0]["fate"] == "runs" and "MariaDB" in err and "assumed" not in err, (out, err)
