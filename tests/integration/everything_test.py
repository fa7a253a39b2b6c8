"""One task with every kind of rule at once; TLS with an own authority; encrypted passwords; names with and without case;
targets with other columns and keys; sql_mode and time zones that differ."""

import subprocess

import pytest
from compare import compare

from support import zoo
from support.dmlib import EXIT_CHECK, Job, assert_error, find_program
from support.same import describe, tables

CI = "DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"


def encrypted(tmp_path, password):
    key = tmp_path / "key"
    key.write_text("5a" * 32)
    done = subprocess.run([find_program(), "encrypt", "--key-file", str(key)], input=password, capture_output=True, text=True, check=True)
    return key, done.stdout.strip()


def fill_source(source, number):
    """Two shards, a table that only one of the rules is about each, and names that are blocked."""
    for shard in (1, 2):
        db = f"it_shop_{shard}"
        zoo.run_all(source, [f"CREATE DATABASE {db} {CI}"])
        for table in ("order_1", "order_2"):
            zoo.run_all(source, [f"CREATE TABLE {table} (id bigint NOT NULL PRIMARY KEY, v varchar(40), amount int NOT NULL, at timestamp NULL)",
                                 f"INSERT INTO {table} VALUES " + ", ".join(f"({n}, 'v{n}', {n * 7 % 200 - 50}, '2024-03-0{1 + n % 9} 10:00:00')" for n in range(1, 201))], db)
        zoo.run_all(source, ["CREATE TABLE log_1 (id int PRIMARY KEY)", "INSERT INTO log_1 VALUES (1)",
                             f"CREATE TABLE audit_{number}_{shard} (id int PRIMARY KEY, v int)", f"INSERT INTO audit_{number}_{shard} VALUES (1, 1), (2, 2), (3, 3)"], db)
    zoo.run_all(source, ["CREATE TABLE customer (id int NOT NULL PRIMARY KEY, name varchar(40) NOT NULL, grade int)",
                         f"INSERT INTO customer VALUES ({number}1, 'ann{number}', 1), ({number}2, 'bob{number}', 2), ({number}3, 'eve{number}', 3)"], "it_shop_1")


CHANGES = {
    "order": ["INSERT INTO {t} VALUES (901, 'late', 10, '2024-07-01 00:00:00'), (902, 'negative', -10, NULL)", "UPDATE {t} SET v = CONCAT(v, '!'), amount = amount + 1 WHERE id % 3 = 0 AND amount >= 0",
              "UPDATE {t} SET amount = -ABS(amount) - 1 WHERE amount < 0", "DELETE FROM {t} WHERE id % 7 = 0 AND amount >= 0", "UPDATE {t} SET id = id + 5000 WHERE id = 1", "ALTER TABLE {t} ADD KEY secret (amount)",
              "UPDATE {t} SET amount = 11 WHERE id = 901"],
    "audit": ["UPDATE {t} SET v = 20 WHERE id = 2", "DELETE FROM {t} WHERE id = 1", "TRUNCATE TABLE {t}", "INSERT INTO {t} VALUES (9, 9)"],
    "customer": ["UPDATE {t} SET grade = grade + 10 WHERE id % 10 = 1", "UPDATE {t} SET name = CONCAT(name, '_'), id = id + 500 WHERE id % 10 = 2", "DELETE FROM {t} WHERE id % 10 = 3"],
}


def change_source(source, number):
    for shard in (1, 2):
        db = f"it_shop_{shard}"
        for table in ("order_1", "order_2"):
            zoo.run_all(source, [c.format(t=table) for c in CHANGES["order"]], db)
        zoo.run_all(source, [c.format(t=f"audit_{number}_{shard}") for c in CHANGES["audit"]], db)
        zoo.run_all(source, ["INSERT INTO log_1 VALUES (2)", "CREATE TABLE log_9 (id int)", "CREATE TABLE order_9_tmp (id int)"], db)
    zoo.run_all(source, [c.format(t="customer") for c in CHANGES["customer"]], "it_shop_1")


def rules(number):
    where = {"schema-pattern": "it_shop_*", "table-pattern": "order_*"}
    return {
        "routes": {"orders": where | {"target-schema": "all_shops", "target-table": "orders", "extract-table": {"table-regexp": "order_(.*)", "target-column": "c_table"},
                                      "extract-schema": {"schema-regexp": "it_(.*)", "target-column": "c_schema"}, "extract-source": {"source-regexp": "src-(.*)", "target-column": "c_source"}},
                   "rest": {"schema-pattern": "it_shop_*", "target-schema": "all_shops"}},
        "filters": {"audit": {"schema-pattern": "it_shop_*", "table-pattern": "audit_*", "events": ["delete", "truncate table"], "action": "Ignore"},
                    "secret": {"schema-pattern": "it_shop_*", "table-pattern": "~^order_", "sql-pattern": ["ADD KEY secret"], "action": "Ignore"},
                    "never": {"schema-pattern": "it_shop_*", "table-pattern": "*", "events": ["drop database", "rename table"], "action": "Error"}},
        "expression-filter": {f"negative-{s}-{t}": {"schema": f"it_shop_{s}", "table": f"order_{t}", "insert-value-expr": "amount < 0", "update-old-value-expr": "amount < 0",
                                                    "update-new-value-expr": "amount < 0", "delete-value-expr": "amount < 0"} for s in (1, 2) for t in (1, 2)},
        "column-mappings": {f"ids-{n}": where | {"expression": "partition id", "source-column": "id", "target-column": "id", "arguments": [str(n), "it_shop", "order", "_"]} for n in range(number)}
        | {"texts": where | {"expression": "add prefix", "source-column": "v", "target-column": "v", "arguments": ["s:"]}},
        "block-allow-list": {"chosen": {"do-dbs": ["~^it_shop_\\d$"], "ignore-tables": [{"db-name": "it_shop_*", "tbl-name": "log_?"}, {"db-name": "it_*", "tbl-name": "*_tmp"}]}},
    }


def expected_orders(sources):
    """Computed by the sources; the columns that only the target has follow from the others."""
    out = []
    for number, source in enumerate(sources):
        for s in (1, 2):
            for t in (1, 2):
                sql = (f"SELECT ({number} << 59) | ({s} << 52) | ({t} << 44) | id, CONCAT('s:', v), amount, UNIX_TIMESTAMP(at), '{t}', 'shop_{s}', '{number + 1}', amount * 2, 5 "
                       f"FROM it_shop_{s}.order_{t} WHERE NOT amount < 0")
                out += [tuple(map(str, row)) for row in source.query(sql)]
    return sorted(out)


def test_every_kind_of_rule(servers, tmp_path):
    """Two sources with TLS and accounts of their own into one target with TLS, other columns and other keys."""
    sources = [servers("mariadb-10.11", tls=True, default_time_zone="+09:00", sql_mode=""), servers("mysql-9.7", tls=True, default_time_zone="-03:00")]
    target = servers("mysql-8.0", tls=True, default_time_zone="+05:30", sql_mode="TRADITIONAL,ANSI_QUOTES")
    for number, source in enumerate(sources):
        fill_source(source, number)
    for server in (*sources, target):
        zoo.run_all(server, ["CREATE USER 'tls'@'%' IDENTIFIED BY 'S3cret!' REQUIRE SSL", "GRANT ALL ON *.* TO 'tls'@'%' WITH GRANT OPTION"])
    zoo.run_all(target, [f"CREATE DATABASE all_shops {CI}"])
    zoo.run_all(target, ["CREATE TABLE orders (c_source varchar(20) NOT NULL, five int NOT NULL DEFAULT 5, amount int NOT NULL, id bigint unsigned NOT NULL, v varchar(60), twice int GENERATED ALWAYS AS (amount * 2) STORED,"
                         " c_table varchar(20) NOT NULL, at timestamp NULL, c_schema varchar(40) NOT NULL, made timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP, PRIMARY KEY (id), UNIQUE KEY (c_source, c_schema, c_table, id))",
                         "CREATE TABLE customer (grade bigint, name varchar(40) NOT NULL PRIMARY KEY, id int NOT NULL, extra varchar(10) NOT NULL DEFAULT 'none', KEY (id))"], "all_shops")
    key, text = encrypted(tmp_path, "S3cret!")
    all_rules = rules(len(sources))
    job = Job(tmp_path / "job", sources, target, instance={"route-rules": ["orders", "rest"], "filter-rules": ["audit", "secret", "never"], "expression-filters": list(all_rules["expression-filter"])},
              timezone="+02:00", **all_rules)
    for number, (config, server) in enumerate(zip(job.source_config, sources)):
        config["from"] |= {"user": "tls", "password": text, "security": {"ssl-ca": server.tls["ca"], "ssl-cert": server.tls["cert"], "ssl-key": server.tls["key"]}}
        job.task_config["mysql-instances"][number]["column-mapping-rules"] = [f"ids-{number}", "texts"]
    job.task_config["target-database"] |= {"user": "tls", "password": text, "security": {"ssl-ca": target.tls["ca"]}}

    def equal():
        found = target.query("SELECT id, v, amount, UNIX_TIMESTAMP(at), c_table, c_schema, c_source, twice, five FROM all_shops.orders")
        assert sorted(tuple(map(str, row)) for row in found) == expected_orders(sources)
        wanted = sorted(tuple(map(str, row)) for source in sources for row in source.query("SELECT id, name, grade, 'none' FROM it_shop_1.customer"))
        assert sorted(tuple(map(str, row)) for row in target.query("SELECT id, name, grade, extra FROM all_shops.customer")) == wanted
    options = ("--key-file", str(key))
    outcome = job.run_ok(*options)
    assert "S3cret" not in outcome.stderr + "".join(outcome.raw) and "cannot be read" not in outcome.stderr
    equal()
    assert sorted(tables(target, "all_shops")) == ["audit_0_1", "audit_0_2", "audit_1_1", "audit_1_2", "customer", "orders"]
    for number, source in enumerate(sources):
        change_source(source, number)
    job.run_ok(*options)
    equal()
    for number in (0, 1):
        for shard in (1, 2):
            rows = sorted(tuple(map(str, r)) for r in target.query(f"SELECT * FROM all_shops.audit_{number}_{shard}"))
            assert rows == [("1", "1"), ("2", "20"), ("3", "3"), ("9", "9")]
    assert sorted(tables(target, "all_shops")) == ["audit_0_1", "audit_0_2", "audit_1_1", "audit_1_2", "customer", "orders"]
    assert not target.query("SELECT 1 FROM information_schema.STATISTICS WHERE INDEX_NAME = 'secret'")
    zoo.run_all(sources[0], ["RENAME TABLE order_1 TO order_5"], "it_shop_1")
    stopped = job.run(*options)
    assert_error(stopped.error, "sync-event-filtered-error", source="src-1", position=True)


@pytest.mark.parametrize("side", ["source", "target"])
def test_a_wrong_authority_is_refused(servers, tmp_path, side):
    source, target, other = servers("mariadb-10.11", tls=True), servers("mysql-8.0", tls=True), servers("mariadb-10.11", tls=True)
    zoo.run_all(source, ["CREATE DATABASE it_x"])
    zoo.run_all(source, ["CREATE TABLE t (id int PRIMARY KEY)"], "it_x")
    job = Job(tmp_path, source, target)
    job.source_config[0]["from"]["security"] = {"ssl-ca": source.tls["ca"]}
    job.task_config["target-database"]["security"] = {"ssl-ca": target.tls["ca"]}
    job.run_ok()
    (job.source_config[0]["from"] if side == "source" else job.task_config["target-database"])["security"] = {"ssl-ca": other.tls["ca"]}
    refused = job.run()
    assert refused.code == EXIT_CHECK and "certificate" in str(refused).lower(), refused
    (job.source_config[0]["from"] if side == "source" else job.task_config["target-database"])["security"] |= {"verify": False}
    assert "verify" in job.run_ok().stderr


@pytest.mark.parametrize("kinds", [("mariadb-10.11", 0, "mysql-8.0", 1), ("mysql-8.0", 1, "mariadb-10.11", 0), ("mariadb-10.11", 1, "mariadb-10.11", 1)], ids=lambda k: f"{k[0]}-{k[1]}-to-{k[2]}-{k[3]}")
def test_lower_case_table_names(servers, tmp_path, kinds):
    source, target = servers(kinds[0], lower_case_table_names=kinds[1]), servers(kinds[2], lower_case_table_names=kinds[3])
    zoo.run_all(source, [f"CREATE DATABASE It_Case {CI}"])
    zoo.run_all(source, ["CREATE TABLE Orders (Id int PRIMARY KEY, V int)", "CREATE TABLE Items (Id int PRIMARY KEY, o int)", "INSERT INTO Orders VALUES (1, 1), (2, 2)", "INSERT INTO Items VALUES (1, 1)"], "It_Case")
    job = Job(tmp_path, source, target, schemas=("it_*",))
    job.run_ok()
    zoo.run_all(source, ["INSERT INTO Orders VALUES (3, 3)", "UPDATE Orders SET V = 9 WHERE ID = 1", "ALTER TABLE Orders ADD COLUMN W int DEFAULT 4", "CREATE TABLE NewOne LIKE Orders", "INSERT INTO NewOne SELECT * FROM Orders",
                         "RENAME TABLE NewOne TO Renamed", "DELETE FROM Items", "DROP TABLE Items"], "It_Case")
    job.run_ok()
    low = [kinds[1] == 1, kinds[3] == 1]
    pairs = {f"It_Case.{t}".lower() if low[0] else f"It_Case.{t}": f"It_Case.{t}".lower() if any(low) else f"It_Case.{t}" for t in ("Orders", "Renamed")}
    found = compare(source, target, tables=pairs)
    assert found == [], describe(found)
    if low == [False, True]:
        zoo.run_all(source, ["CREATE TABLE orders (id int PRIMARY KEY)"], "It_Case")
        checked = job.check()
        assert checked[0] == EXIT_CHECK and any("case" in i["message"] for i in checked[1]["items"] if not i["passed"]), checked


@pytest.mark.parametrize("kinds", [("mariadb-10.11", "mysql-8.0"), ("mysql-8.0", "mariadb-10.11")], ids="-to-".join)
def test_sql_mode_and_time_zones_differ(servers, tmp_path, kinds):
    """Values that the target's own mode would refuse, and moments that its zone would move; in the copy and behind it."""
    source, target = servers(kinds[0], default_time_zone="+09:00", sql_mode=""), servers(kinds[1], default_time_zone="-11:00", sql_mode="TRADITIONAL,NO_BACKSLASH_ESCAPES,PIPES_AS_CONCAT,ANSI_QUOTES")
    zoo.run_all(source, [f"CREATE DATABASE it_mode {CI}"])
    rows = ["(NULL, '2024-01-01 00:00:00', '0000-00-00', '2024-00-10', 'a\\\\b''c\"d')", "(NULL, '2024-06-30 23:59:59', '2024-02-29', '0000-00-00', '')", "(NULL, NULL, NULL, NULL, '||')"]
    with source.connect(database="it_mode", autocommit=True) as c, c.cursor() as cursor:
        cursor.execute("SET sql_mode = 'ALLOW_INVALID_DATES', time_zone = '+09:00'")
        cursor.execute("CREATE TABLE t (id int AUTO_INCREMENT PRIMARY KEY, ts timestamp NULL, d date, e date, s varchar(20))")
        cursor.execute("INSERT INTO t VALUES " + ", ".join(rows))
        job = Job(tmp_path, source, target)
        job.run_ok()
        cursor.execute("INSERT INTO t VALUES " + ", ".join(rows))
        cursor.execute("UPDATE t SET ts = '2024-03-10 02:30:00', d = '2023-02-31' WHERE id = 1")
        cursor.execute("ALTER TABLE t ADD COLUMN made datetime NOT NULL DEFAULT '0000-00-00 00:00:00', ADD COLUMN stamp timestamp NOT NULL DEFAULT '2001-01-01 00:00:00'")
        cursor.execute("INSERT INTO t (s) VALUES ('later')")
        cursor.execute("CREATE TABLE zoned (id int PRIMARY KEY, at timestamp NOT NULL DEFAULT '2010-10-10 10:10:10')")
        cursor.execute("INSERT INTO zoned (id) VALUES (1)")
    job.run_ok()

    def all_of(server, table, columns):
        with server.connect(autocommit=True) as c, c.cursor() as cursor:
            cursor.execute("SET time_zone = '+00:00', sql_mode = ''")
            cursor.execute(f"SELECT CONCAT_WS('|', {', '.join(f'IFNULL(CAST({x} AS CHAR), 0)' for x in columns)}) FROM it_mode.{table} ORDER BY id")
            return [r[0] for r in cursor.fetchall()]
    for table, columns in (("t", ("id", "ts", "d", "e", "s", "made", "stamp")), ("zoned", ("id", "at"))):
        assert all_of(source, table, columns) == all_of(target, table, columns)
