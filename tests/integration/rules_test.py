"""Routes, block-allow lists and event filters, from end to end."""

from compare import compare

from support import zoo
from support.dmlib import Job
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
