"""Routes, block-allow lists and event filters, from end to end."""

import pytest
from compare import compare

from support import zoo
from support.dmlib import EXIT_CHECK, Job
from support.same import assert_equal, describe, tables

KIND = "mariadb-10.11"


def names(server):
    return sorted(f"{d}.{t}" for d in (r[0] for r in server.query("SHOW DATABASES")) if d.startswith(("it", "all")) for t in tables(server, d))


def test_shards_of_two_sources_into_one_table(servers, tmp_path):
    """Four shards, two servers, one table; and one table beside them that is only renamed."""
    sources, target = [servers(KIND), servers("mysql-9.7")], servers(KIND)
    for number, source in enumerate(sources):
        for shard in (1, 2):
            db, base = f"it_shop_{shard}", (number * 2 + shard) * 100000
            zoo.run_all(source, [f"CREATE DATABASE {db} DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"])
            zoo.run_all(source, [f"CREATE TABLE order_{shard} (id bigint NOT NULL PRIMARY KEY, v varchar(20))",
                                 f"INSERT INTO order_{shard} VALUES " + ", ".join(f"({base + n}, 'v{n}')" for n in range(300))], db)
    zoo.run_all(sources[0], ["CREATE TABLE other (id int PRIMARY KEY)", "INSERT INTO other VALUES (1)"], "it_shop_1")
    routes = {"orders": {"schema-pattern": "it_shop_*", "table-pattern": "order_*", "target-schema": "all_shops", "target-table": "orders"},
              "schemas": {"schema-pattern": "it_shop_*", "target-schema": "all_shops"}}
    job = Job(tmp_path, sources, target, instance={"route-rules": ["orders", "schemas"]}, routes=routes)
    job.run_ok()
    wanted = {f"it_shop_{s}.order_{s}": "all_shops.orders" for s in (1, 2)} | {"it_shop_1.other": "all_shops.other"}

    def equal():
        found = compare(sources, target, tables=wanted)
        assert found == [], describe(found)
    equal()
    for number, source in enumerate(sources):
        for shard in (1, 2):
            base = (number * 2 + shard) * 100000
            zoo.run_all(source, [f"UPDATE order_{shard} SET v = 'new' WHERE id % 3 = 0", f"INSERT INTO order_{shard} VALUES ({base + 999}, 'x')",
                                 f"DELETE FROM order_{shard} WHERE id % 7 = 0", f"UPDATE order_{shard} SET id = id + 5000 WHERE id = {base + 1}"], f"it_shop_{shard}")
    job.run_ok()
    equal()


def test_block_allow_list(servers, tmp_path):
    source, target = servers(KIND), servers(KIND)
    for db in ("it_a", "it_b", "it_c_tmp"):
        zoo.run_all(source, [f"CREATE DATABASE {db}"])
        for t in ("orders", "log_1", "log_2", "keep"):
            zoo.run_all(source, [f"CREATE TABLE {t} (id int PRIMARY KEY, v int)", f"INSERT INTO {t} VALUES (1, 1)"], db)
    rules = {"chosen": {"do-dbs": ["it_*"], "ignore-tables": [{"db-name": "it_a", "tbl-name": "log_*"}, {"db-name": "~^it_c", "tbl-name": "~.*"}]}}
    job = Job(tmp_path, source, target, **{"block-allow-list": rules})
    job.run_ok()
    wanted = ["it_a.keep", "it_a.orders", *(f"it_b.{t}" for t in ("keep", "log_1", "log_2", "orders"))]
    assert names(target) == wanted
    for db in ("it_a", "it_b", "it_c_tmp"):
        zoo.run_all(source, ["UPDATE orders SET v = 2", "UPDATE log_1 SET v = 2", "ALTER TABLE log_2 ADD w int", "CREATE TABLE log_3 (id int PRIMARY KEY)", "CREATE TABLE fresh (id int PRIMARY KEY)",
                             "INSERT INTO fresh VALUES (7)", "INSERT INTO log_3 VALUES (3)", "DROP TABLE keep"], db)
    job.run_ok()
    assert names(target) == ["it_a.fresh", "it_a.orders", *(f"it_b.{t}" for t in ("fresh", "log_1", "log_2", "log_3", "orders"))]
    found = compare(source, target, tables=names(target))
    assert found == [], describe(found)


def test_event_filters(servers, tmp_path):
    """Rows and definitions that a filter takes away do not arrive; everything else does."""
    source, target = servers(KIND), servers(KIND)
    zoo.run_all(source, ["CREATE DATABASE it_f"])
    for t in ("plain", "no_delete", "no_drop", "no_ddl"):
        zoo.run_all(source, [f"CREATE TABLE {t} (id int PRIMARY KEY, v int)", f"INSERT INTO {t} VALUES (1, 1), (2, 2), (3, 3)"], "it_f")
    filters = {"deletes": {"schema-pattern": "it_f", "table-pattern": "no_delete", "events": ["delete"], "action": "Ignore"},
               "drops": {"schema-pattern": "it_f", "table-pattern": "no_drop", "events": ["drop table", "truncate table"], "action": "Ignore"},
               "texts": {"schema-pattern": "it_f", "table-pattern": "no_ddl", "sql-pattern": ["ADD\\s+COLUMN\\s+secret"], "action": "Ignore"}}
    job = Job(tmp_path, source, target, filters=filters, instance={"filter-rules": list(filters)})
    job.run_ok()
    assert_equal(source, target)
    for t in ("plain", "no_delete", "no_drop"):
        zoo.run_all(source, [f"DELETE FROM {t} WHERE id = 1", f"UPDATE {t} SET v = 20 WHERE id = 2", f"INSERT INTO {t} VALUES (4, 4)"], "it_f")
    zoo.run_all(source, ["ALTER TABLE no_ddl ADD COLUMN open int", "UPDATE no_ddl SET open = 5", "TRUNCATE TABLE no_drop", "DROP TABLE no_drop", "DROP TABLE plain"], "it_f")
    job.run_ok()
    rows = {t: sorted(target.query(f"SELECT * FROM it_f.{t}")) for t in tables(target, "it_f")}
    assert set(rows) == {"no_delete", "no_drop", "no_ddl"}
    assert rows["no_delete"] == [("1", "1"), ("2", "20"), ("3", "3"), ("4", "4")]
    assert rows["no_drop"] == [("2", "20"), ("3", "3"), ("4", "4")]
    assert rows["no_ddl"] == [("1", "1", "5"), ("2", "2", "5"), ("3", "3", "5")]


def test_names_differ_only_by_case(servers, tmp_path):
    source, target = servers(KIND), servers(KIND)
    zoo.run_all(source, ["CREATE DATABASE it_case"])
    for t in ("Orders", "orders"):
        zoo.run_all(source, [f"CREATE TABLE {t} (id int PRIMARY KEY)", f"INSERT INTO {t} VALUES (1)"], "it_case")
    routes = {"upper": {"schema-pattern": "it_case", "table-pattern": "Orders", "target-schema": "it_case", "target-table": "Great"}}
    job = Job(tmp_path, source, target, routes=routes, instance={"route-rules": ["upper"]}, **{"case-sensitive": True})
    job.run_ok()
    zoo.run_all(source, ["INSERT INTO Orders VALUES (2)", "INSERT INTO orders VALUES (3)"], "it_case")
    job.run_ok()
    assert compare(source, target, tables={"it_case.Orders": "it_case.Great", "it_case.orders": "it_case.orders"}) == []
    assert sorted(tables(target, "it_case")) == ["Great", "orders"]


def shards(source, number):
    """Two shards of an application whose ids and names clash with those of the other source."""
    for shard in (1, 2):
        db = f"it_shop_{shard}"
        zoo.run_all(source, [f"CREATE DATABASE {db} DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"])
        zoo.run_all(source, [f"CREATE TABLE order_{shard} (id bigint NOT NULL PRIMARY KEY, v varchar(40))",
                             f"INSERT INTO order_{shard} VALUES " + ", ".join(f"({n}, 'v{number}{shard}-{n}')" for n in range(1, 301))], db)


CHANGES = ["UPDATE {t} SET v = CONCAT(v, '!') WHERE id % 3 = 0", "INSERT INTO {t} VALUES (999, 'late')", "DELETE FROM {t} WHERE id % 7 = 0", "UPDATE {t} SET id = id + 5000 WHERE id = 1"]


def changed(source):
    for shard in (1, 2):
        zoo.run_all(source, [c.format(t=f"order_{shard}") for c in CHANGES], f"it_shop_{shard}")


def test_extracted_columns(servers, tmp_path):
    """The same ids in four shards of two servers: the columns that routes fill keep them apart, in the copy and after it."""
    sources, target = [servers(KIND), servers("mysql-9.7")], servers(KIND)
    for number, source in enumerate(sources):
        shards(source, number)
    route = {"schema-pattern": "it_shop_*", "table-pattern": "order_*", "target-schema": "all_shops", "target-table": "orders",
             "extract-table": {"table-regexp": "order_(.*)", "target-column": "c_table"}, "extract-schema": {"schema-regexp": "it_(.*)", "target-column": "c_schema"},
             "extract-source": {"source-regexp": "src-(.*)", "target-column": "c_source"}}
    job = Job(tmp_path, sources, target, instance={"route-rules": ["orders"]}, routes={"orders": route})
    refused = job.run()
    assert refused.code != 0 and "c_table" in str(refused), refused
    zoo.run_all(target, ["DROP DATABASE IF EXISTS all_shops", "CREATE DATABASE all_shops DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"])
    zoo.run_all(target, ["CREATE TABLE orders (c_source varchar(20) NOT NULL, id bigint NOT NULL, v varchar(40), c_table varchar(20) NOT NULL, c_schema varchar(40), PRIMARY KEY (id, c_table, c_source))"], "all_shops")

    def equal():
        wanted = sorted((str(n + 1), str(row[0]), str(row[1]), str(s), f"shop_{s}") for n, source in enumerate(sources) for s in (1, 2) for row in source.query(f"SELECT id, v FROM it_shop_{s}.order_{s}"))
        found = sorted(tuple(map(str, row)) for row in target.query("SELECT c_source, id, v, c_table, c_schema FROM all_shops.orders"))
        assert found == wanted
    job.run_ok()
    equal()
    for source in sources:
        changed(source)
    job.run_ok()
    equal()


def test_column_mappings_that_cannot_be_applied_are_found_before(servers, tmp_path):
    """A rule whose column is missing, is of another type, or is too small for what it gets: not rows that quietly stay as they were."""
    source, target = servers(KIND), servers(KIND)
    zoo.run_all(source, ["CREATE DATABASE it_map"])
    zoo.run_all(source, ["CREATE TABLE t_1 (id bigint PRIMARY KEY, n varchar(40), i int unsigned NOT NULL, d date, w varchar(9) CHARACTER SET utf16, l varchar(9) CHARACTER SET latin1, g varchar(50) AS (CONCAT(n, '!')) STORED)",
                         "INSERT INTO t_1 (id, n, i, w, l) VALUES (1, 'a', 7, 'w', 'l')"], "it_map")

    def job(column, expression="partition id", arguments=("1", "", "t_"), **more):
        rule = {"schema-pattern": "it_map", "table-pattern": "t_*", "source-column": column, "target-column": column, "expression": expression, "arguments": list(arguments)}
        return Job(tmp_path, source, target, instance={"column-mapping-rules": ["r"]}, **{"column-mappings": {"r": rule}}, **more)

    def failed(j):
        code, answer, _ = j.check()
        return code, [i for i in answer["items"] if not i["passed"] and i["severity"] == "error"]
    for column, expression, arguments, said in (("nope", "partition id", ("1", "", "t_"), "no column `nope`"), ("w", "add prefix", ("x:",), "utf16"), ("l", "add suffix", ("\u00e9",), "latin1"), ("g", "add prefix", ("x",), "generated"), ("d", "partition id", ("1", "", "t_"), "date"), ("i", "add prefix", ("x",), "int"),
                                                ("i", "partition id", ("1", "", "t_"), "63 bits")):
        code, items = failed(job(column, expression, arguments))
        assert code == EXIT_CHECK and len(items) == 1 and said in items[0]["message"] and items[0]["table"] == {"schema": "it_map", "table": "t_1"}, (column, items)
    outcome = job("nope", **{"ignore-checking-items": ["all"]}).run()
    assert outcome.code != 0 and outcome.error["name"] == "sync-mapping" and "`nope`" in outcome.error["message"], outcome
    made = target.query("SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'it_map'")[0][0]
    assert not int(made) or not target.query("SELECT * FROM it_map.t_1"), "rows were copied without the mapping"
    target.query("DROP DATABASE IF EXISTS dm_meta")
    outcome = job("w", "add prefix", ("x:",), **{"ignore-checking-items": ["all"]}).run()
    assert outcome.code != 0 and outcome.error["name"] == "sync-mapping" and "utf16" in outcome.error["message"], outcome
    target.query("DROP DATABASE IF EXISTS dm_meta")

    for way in ("made", "altered"):     # the way out, as printed
        target.query("DROP DATABASE IF EXISTS it_map")
        if way == "altered":
            zoo.run_all(target, ["CREATE DATABASE it_map", "CREATE TABLE it_map.t_1 (id bigint PRIMARY KEY, n varchar(40), i int unsigned NOT NULL, d date, w varchar(9) CHARACTER SET utf16, l varchar(9) CHARACTER SET latin1, "
                                 "g varchar(50) AS (CONCAT(n, '!')) STORED)"])
        code, items = failed(job("i"))
        assert code == EXIT_CHECK and len(items) == 1, items
        with target.connect() as c, c.cursor() as cursor:
            for statement in items[0]["instruction"].split("column: ")[-1].split(";"):
                if statement.strip():
                    cursor.execute(statement)
        assert failed(job("i")) == (0, []), way
        assert target.query("SELECT COLUMN_TYPE FROM information_schema.COLUMNS WHERE TABLE_SCHEMA='it_map' AND COLUMN_NAME='i'")[0][0] == "bigint(20) unsigned"
    job("i").run_ok()
    assert int(target.query("SELECT i FROM it_map.t_1")[0][0]) == (1 << 59) + (1 << 51) + 7


def test_columns_that_routes_fill_have_to_be_on_the_target(servers, tmp_path):
    source, target = servers(KIND), servers(KIND)
    zoo.run_all(source, ["CREATE DATABASE it_x"])
    zoo.run_all(source, ["CREATE TABLE t_01 (id int PRIMARY KEY)", "INSERT INTO t_01 VALUES (1)"], "it_x")
    route = {"schema-pattern": "it_x", "table-pattern": "t_*", "target-schema": "all_x", "target-table": "t", "extract-table": {"table-regexp": "t_(.*)", "target-column": "c_t"},
             "extract-schema": {"schema-regexp": "it_(.*)", "target-column": "c_s"}}
    job = Job(tmp_path, source, target, instance={"route-rules": ["r"]}, routes={"r": route})
    for there in ((), ("CREATE DATABASE all_x", "CREATE TABLE all_x.t (id int PRIMARY KEY, c_t varchar(9))")):
        target.query("DROP DATABASE IF EXISTS all_x")
        zoo.run_all(target, there)
        code, answer, _ = job.check()
        items = [i for i in answer["items"] if not i["passed"] and i["severity"] == "error"]
        assert code == EXIT_CHECK and len(items) == 1 and "`c_s`" in items[0]["message"] and items[0]["name"] == "table_schema", items
        with target.connect() as c, c.cursor() as cursor:      # the way out, as printed
            for statement in items[0]["instruction"].split(";"):
                if statement.strip():
                    cursor.execute(statement)
        code, answer, _ = job.check()
        assert code == 0, answer
    job.run_ok()
    assert [tuple(r) for r in target.query("SELECT c_t, c_s FROM all_x.t")] == [("01", "x")]


# The first is of the example in DM's manual.
@pytest.mark.parametrize("session", [{"sql_mode": "ANSI_QUOTES,NO_ZERO_IN_DATE,NO_ZERO_DATE"}, {"SQL_MODE": "'no_backslash_escapes, STRICT_ALL_TABLES'"}, {"sql_mode": "ANSI", "time_zone": "+03:00", "sql_select_limit": 1}],
                         ids=["quotes", "backslash", "ansi"])
@pytest.mark.parametrize("kind", [KIND, "mysql-8.0"])
def test_session_variables_that_change_how_statements_are_read(servers, tmp_path, kind, session):
    source, target = servers(KIND), servers(kind)
    zoo.run_all(source, ["CREATE DATABASE it_se"])
    zoo.run_all(source, ["SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO,STRICT_ALL_TABLES'", "CREATE TABLE t (id int PRIMARY KEY AUTO_INCREMENT, ts timestamp NULL, s varchar(50))",
                         "INSERT INTO t VALUES (0, '2024-01-01 00:00:00', 'a\\\\b\\'\"`'), (1, NULL, '\\\\')"], "it_se")
    job = Job(tmp_path, source, target)
    job.task_config["target-database"]["session"] = session
    for config in job.source_config:
        config["from"]["session"] = session
    job.run_ok()
    zoo.run_all(source, ["SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO,STRICT_ALL_TABLES'", "DELETE FROM t WHERE id = 0", "INSERT INTO t VALUES (0, NULL, 'c'), (7, NULL, 'q\\'\\\\')", "UPDATE t SET s = CONCAT(s, '\\\\') WHERE id = 1",
                         "ALTER TABLE t ADD COLUMN d timestamp NULL DEFAULT '2020-01-01 00:00:00'", "INSERT INTO t VALUES (8, NULL, '\"', NULL)"], "it_se")
    job.run_ok()
    question = "SELECT id, UNIX_TIMESTAMP(ts), HEX(s), UNIX_TIMESTAMP(d) FROM it_se.t ORDER BY id"
    assert [[str(v) for v in r] for r in target.query(question)] == [[str(v) for v in r] for r in source.query(question)]


@pytest.mark.parametrize("kind", [KIND, "mysql-8.0"])
@pytest.mark.parametrize("session", [{"sql_mode": "NO_ZERO_DATE"}, {"sql_mode": "''"}, {"CHARACTER_SET_CLIENT": "latin1", "character_set_connection": "latin1", "collation_connection": "latin1_bin", "autocommit": 0}],
                         ids=["warnings", "nothing", "charset"])
def test_session_variables_that_would_change_values(servers, tmp_path, kind, session):
    """No value is cut in silence, whatever the session is to be."""
    source, target = servers(KIND), servers(kind)
    create = "CREATE TABLE {} (id int PRIMARY KEY, e enum({}), s varchar(20) DEFAULT 'é', z datetime) DEFAULT CHARSET=utf8mb4"
    for server, members in ((source, "'a','b','c'"), (target, "'a','b'")):
        zoo.run_all(server, ["CREATE DATABASE it_sv CHARACTER SET utf8mb4", create.format("it_sv.t", members)])
    zoo.run_all(source, ["SET sql_mode = ''", "INSERT INTO t VALUES (1, 'a', '本é', '0000-00-00')"], "it_sv")
    job = Job(tmp_path, source, target)
    job.task_config["target-database"]["session"] = session
    job.run_ok()
    zoo.run_all(source, ["SET sql_mode = ''", "INSERT INTO t VALUES (2, 'b', '日é', '0000-00-00')", "ALTER TABLE t ADD COLUMN d varchar(9) DEFAULT 'ü'"], "it_sv")
    job.run_ok()
    question = "SELECT id, e, HEX(s), CAST(z AS char), HEX(d) FROM it_sv.t ORDER BY id"
    assert target.query(question) == source.query(question)
    zoo.run_all(source, ["INSERT INTO t (id, e) VALUES (3, 'c')"], "it_sv")
    stopped = job.run()
    assert stopped.code != 0 and stopped.error["name"] == "db-data-too-long", stopped
    assert target.query("SELECT COUNT(*) FROM it_sv.t") == [("2",)]


def test_column_mapping(servers, tmp_path):
    """partition id, add prefix and add suffix, of copied and of replicated rows alike."""
    source, target = servers(KIND), servers(KIND)
    shards(source, 0)
    where = {"schema-pattern": "it_shop_*", "table-pattern": "order_*"}
    mappings = {"ids": where | {"expression": "partition id", "source-column": "id", "target-column": "id", "arguments": ["3", "it_shop", "order", "_"]},
                "names": where | {"expression": "add prefix", "source-column": "v", "target-column": "v", "arguments": ["shop:"]}}
    route = where | {"target-schema": "all_shops", "target-table": "orders"}
    job = Job(tmp_path, source, target, instance={"route-rules": ["orders"], "column-mapping-rules": ["ids", "names"]}, routes={"orders": route}, **{"column-mappings": mappings})

    def equal():
        wanted = sorted((str((3 << 59) | (s << 52) | (s << 44) | int(row[0])), "shop:" + row[1]) for s in (1, 2) for row in source.query(f"SELECT id, v FROM it_shop_{s}.order_{s}"))
        assert sorted(tuple(map(str, row)) for row in target.query("SELECT id, v FROM all_shops.orders")) == wanted
    job.run_ok()
    equal()
    changed(source)
    job.run_ok()
    equal()


def test_a_mapping_whose_column_goes(servers, tmp_path):
    source, target = servers(KIND), servers(KIND)
    zoo.run_all(source, ["CREATE DATABASE it_map", "CREATE TABLE it_map.t_1 (id bigint PRIMARY KEY, n varchar(40))", "INSERT INTO it_map.t_1 VALUES (1, 'a')"])
    rule = {"schema-pattern": "it_map", "table-pattern": "t_*", "source-column": "n", "target-column": "n", "expression": "add prefix", "arguments": ["x:"]}
    job = Job(tmp_path, source, target, instance={"column-mapping-rules": ["r"]}, **{"column-mappings": {"r": rule}, "ignore-checking-items": ["all"]})
    job.run_ok()
    zoo.run_all(source, ["ALTER TABLE t_1 DROP COLUMN n", "INSERT INTO t_1 VALUES (2)"], "it_map")
    outcome = job.run()
    assert outcome.code != 0 and outcome.error["name"] == "sync-mapping" and "`n`" in outcome.error["message"], outcome
    assert target.query("SELECT id FROM it_map.t_1") == source.query("SELECT id FROM it_map.t_1 WHERE id = 1")


def test_prefixes_in_replication(servers, tmp_path):
    """ASCII texts stand in any charset of one byte a letter; a default that no event shows is not left unmapped; a column that becomes UTF-16 stops the task."""
    source, target = servers(KIND), servers(KIND)
    source.query("SET GLOBAL binlog_row_image = MINIMAL")
    zoo.run_all(source, ["CREATE DATABASE it_pre"])
    zoo.run_all(source, ["CREATE TABLE t (id int PRIMARY KEY, s varchar(20) CHARACTER SET latin1, v int)", "INSERT INTO t VALUES (1, 'caf\u00e9', 1)"], "it_pre")
    rule = {"schema-pattern": "it_pre", "table-pattern": "t", "source-column": "s", "target-column": "s", "expression": "add prefix", "arguments": ["p:"]}
    job = Job(tmp_path, source, target, instance={"column-mapping-rules": ["r"]}, **{"column-mappings": {"r": rule}})
    job.run_ok()
    zoo.run_all(source, ["INSERT INTO t VALUES (2, '\u00fc', 2), (3, NULL, 3)", "INSERT INTO t (id) VALUES (4)", "UPDATE t SET v = 9 WHERE id = 1", "UPDATE t SET s = 'new' WHERE id = 2"], "it_pre")
    job.run_ok()
    assert target.query("SELECT id, s, v FROM it_pre.t ORDER BY id") == [("1", "p:caf\u00e9", "9"), ("2", "p:new", "2"), ("3", None, "3"), ("4", None, None)]
    zoo.run_all(source, ["ALTER TABLE t ALTER s SET DEFAULT 'dd'", "INSERT INTO t (id) VALUES (5)"], "it_pre")
    stopped = job.run()
    assert stopped.code != 0 and stopped.error["name"] == "binlog-row-image" and "`s`" in stopped.error["message"], stopped
    source.query("SET GLOBAL binlog_row_image = FULL")
    for server in (source, target):
        server.query("DROP DATABASE it_pre")
    target.query("DROP DATABASE dm_meta")
    zoo.run_all(source, ["CREATE DATABASE it_pre", "CREATE TABLE it_pre.t (id int PRIMARY KEY, s varchar(20))"])
    job.run_ok()
    zoo.run_all(source, ["ALTER TABLE t MODIFY s varchar(20) CHARACTER SET utf16", "INSERT INTO t VALUES (1, 'x')"], "it_pre")
    job.task_config["ignore-checking-items"] = ["all"]
    stopped = job.run()
    assert stopped.code != 0 and stopped.error["name"] == "sync-mapping" and "utf16" in stopped.error["message"], stopped


def merged_shards(servers, tmp_path, *, shards=(1, 2), create="CREATE TABLE it_m{n}.t (id int PRIMARY KEY)"):
    source, target = servers(KIND), servers(KIND)
    for n in shards:
        zoo.run_all(source, [f"CREATE DATABASE it_m{n}", f"CREATE TABLE it_m{n}.u (id int PRIMARY KEY)", create.format(n=n), f"INSERT INTO it_m{n}.t VALUES ({n})"])
    routes = {"r": {"schema-pattern": "it_m*", "table-pattern": "t", "target-schema": "all_m", "target-table": "t"}}
    job = Job(tmp_path, source, target, instance={"route-rules": ["r"]}, routes=routes)
    job.run_ok()
    return source, target, job


def stops_unless_filtered(source, target, job, statement, event):
    """The statement would take rows of another shard along: the task stops at it, and goes on behind an event filter."""
    zoo.run_all(source, [statement, "INSERT INTO it_m2.t VALUES (3)"])
    stopped = job.run()
    assert stopped.code != 0 and stopped.error["name"] == "sync-ddl-refused" and "`it_m2`.`t`" in stopped.error["message"], stopped
    assert f"[{event}]" in stopped.error["workaround"], stopped
    assert target.query("SELECT id FROM all_m.t ORDER BY id") == [("1",), ("2",)]
    job.task_config["filters"] = {"f": {"schema-pattern": "it_m*", "events": [event], "action": "Ignore"}}
    job.task_config["mysql-instances"][0]["filter-rules"] = ["f"]
    job.run_ok()
    assert target.query("SELECT id FROM all_m.t ORDER BY id") == [("1",), ("2",), ("3",)]


@pytest.mark.parametrize(("statement", "event"), [
    ("TRUNCATE TABLE it_m1.t", "truncate table"),
    ("DROP TABLE it_m1.t", "drop table"),
    ("DROP DATABASE it_m1", "drop database"),
    ("CREATE OR REPLACE TABLE it_m1.t (id int PRIMARY KEY)", "create table"),
    ("RENAME TABLE it_m1.t TO it_m1.gone", "rename table"),
    ("ALTER TABLE it_m1.t RENAME TO it_m1.gone", "rename table"),
    ("RENAME TABLE it_m1.t TO it_m1.t_old, it_m1.u TO it_m1.t", "rename table"),
])
def test_rows_of_other_shards_stay(servers, tmp_path, statement, event):
    """A table of the target has rows of several: what would take them all away stops the task, and an event filter lets it go on."""
    source, target, job = merged_shards(servers, tmp_path)
    stops_unless_filtered(source, target, job, statement, event)


@pytest.mark.parametrize(("statement", "event"), [
    ("ALTER TABLE it_m1.t DROP PARTITION p0", "drop table partition"),
    ("ALTER TABLE it_m1.t TRUNCATE PARTITION p0", "truncate table partition"),
    ("ALTER TABLE it_m1.t EXCHANGE PARTITION p0 WITH TABLE it_m1.u", "exchange table partition"),
    ("ALTER TABLE it_m1.t CONVERT PARTITION p0 TO TABLE it_m1.v", "alter table"),
])
def test_partitions_of_other_shards_stay(servers, tmp_path, statement, event):
    source, target, job = merged_shards(servers, tmp_path, create="CREATE TABLE it_m{n}.t (id int PRIMARY KEY) "
                                        "PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN MAXVALUE)")
    stops_unless_filtered(source, target, job, statement, event)


def test_a_schema_with_tables_of_another_stays(servers, tmp_path):
    """A schema is dropped under its own name: what other schemas have there would go with it."""
    source, target = servers(KIND), servers(KIND)
    zoo.run_all(source, ["CREATE DATABASE it_own", "CREATE DATABASE it_guest", "CREATE TABLE it_own.a (id int PRIMARY KEY)", "CREATE TABLE it_guest.b (id int PRIMARY KEY)",
                         "INSERT INTO it_guest.b VALUES (1)"])
    routes = {"r": {"schema-pattern": "it_guest", "target-schema": "it_own"}}
    job = Job(tmp_path, source, target, instance={"route-rules": ["r"]}, routes=routes)
    job.run_ok()
    zoo.run_all(source, ["DROP DATABASE it_own"])
    stopped = job.run()
    assert stopped.code != 0 and stopped.error["name"] == "sync-ddl-refused" and "`it_guest`.`b`" in stopped.error["message"], stopped
    assert target.query("SELECT id FROM it_own.b") == [("1",)]


def test_tables_that_are_left_out_stay_where_their_schema_goes(servers, tmp_path):
    """The target's own table has the name of one that the rules leave out."""
    source, target = servers(KIND), servers(KIND)
    zoo.run_all(source, ["CREATE DATABASE it_away", "CREATE TABLE it_away.a (id int PRIMARY KEY)", "CREATE TABLE it_away.own (id int PRIMARY KEY)"])
    zoo.run_all(target, ["CREATE DATABASE it_away", "CREATE TABLE it_away.own (id int PRIMARY KEY)", "CREATE TABLE it_away.late (id int PRIMARY KEY)",
                         "INSERT INTO it_away.own VALUES (1)"])
    job = Job(tmp_path, source, target, instance={"route-rules": ["r"]}, routes={"r": {"schema-pattern": "it_away", "target-schema": "it_there"}})
    job.task_config["block-allow-list"]["chosen"] = {"do-dbs": ["it_away"], "ignore-tables": [{"db-name": "it_away", "tbl-name": "own"}, {"db-name": "it_away", "tbl-name": "late"}]}
    job.run_ok()
    zoo.run_all(source, ["CREATE TABLE it_away.late (id int PRIMARY KEY)", "DROP DATABASE it_away"])
    job.run_ok()
    assert [r[0] for r in target.query("SHOW TABLES FROM it_there")] == []
    assert [r[0] for r in target.query("SHOW TABLES FROM it_away")] == ["late", "own"]


def test_renames_that_leave_no_rows_of_others_run(servers, tmp_path):
    """Beside the merged table, and from one of its shards' names to another one that goes there, too."""
    source, target, job = merged_shards(servers, tmp_path, shards=(1, 2, 3))
    zoo.run_all(source, ["CREATE TABLE it_m1.alone (id int PRIMARY KEY)", "INSERT INTO it_m1.alone VALUES (7)", "RENAME TABLE it_m1.alone TO it_m1.renamed", "TRUNCATE it_m1.renamed",
                         "CREATE DATABASE it_m4", "RENAME TABLE it_m3.t TO it_m4.t", "INSERT INTO it_m4.t VALUES (4)",
                         "CREATE TABLE it_m4.first_of_its_own (id int PRIMARY KEY)"])
    job.run_ok()
    assert target.query("SELECT id FROM all_m.t ORDER BY id") == [("1",), ("2",), ("3",), ("4",)]
    assert target.query("SELECT COUNT(*) FROM it_m1.renamed") == [("0",)]
    assert [r[0] for r in target.query("SHOW TABLES FROM it_m4")] == ["first_of_its_own"]
