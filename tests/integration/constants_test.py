"""Constants that routes fill (extract-table and its like) into columns of every type: what the target's column shows again as it is goes there, in the copy and in replication; everything else is
an error of the prechecks, of the copy and of replication. The oracle is the target's server."""

import pytest

from support import zoo
from support.dmlib import EXIT_CHECK, Job

VALUES = ["1", "01", "007", "300", "1e3", "1.5", "1.50", "-5", "+5", "0x10", "2005", "70", "20240101", "2024-01-01", "9999999999", "a", "A", "b,a", "a,b", "abc", "é", "日", "true", "x" * 20]
TYPES = {"i": "int", "tiny": "tinyint", "bu": "bigint unsigned", "z": "int(3) unsigned zerofill", "d0": "decimal(10,0)", "d2": "decimal(5,2)", "f": "float", "r": "double", "bits": "bit(9)", "y": "year", "dd": "date",
         "dt": "datetime", "v5": "varchar(5)", "c5": "char(5)", "v40": "varchar(40)", "latin": "varchar(40) CHARACTER SET latin1", "three": "varchar(40) CHARACTER SET utf8", "t": "text", "vb": "varbinary(40)", "bn": "binary(3)",
         "e": "enum('a','b','1')", "s": "set('a','b','1')", "j": "json"}
KEPT = {"i": "1 300 -5 2005 20240101", "tiny": "1 -5 70", "bu": "1 9999999999", "d0": "1 9999999999 -5", "d2": "1.50", "f": "1 1.5", "r": "1 1.5 9999999999", "y": "2005", "dd": "2024-01-01", "v5": "1 01 007 a A é 日",
        "c5": "01 abc", "v40": " ".join(VALUES), "latin": "01 é", "three": "日", "t": " ".join(VALUES), "vb": "01 日", "bn": "abc 007 1.5", "e": "a 1", "s": "a 1 a,b", "j": "1 300 true 1.5"}
REFUSED = {"i": "01 007 1e3 1.5 1.50 +5 0x10 2024-01-01 9999999999 a é true", "tiny": "01 300 2005", "bu": "01 -5", "z": "1 01", "d0": "01 1.5 1e3", "d2": "1 01 1.5 2005", "f": "01 1.50 1e3", "r": "01 1e3",
           "bits": "1 01 a", "y": "1 01 70 300", "dd": "20240101 1 2005", "dt": "20240101 2024-01-01", "v5": "2024-01-01 20240101", "c5": "20240101", "latin": "日", "bn": "1 01", "e": "01 A abc 2005", "s": "b,a A 01"}


def route(name):
    return {"schema-pattern": f"it_{name}", "table-pattern": "o_*", "target-schema": "all_o", "target-table": name, "extract-table": {"table-regexp": "o_(.*)", "target-column": "c"}}


def made(servers, tmp_path, kinds):
    source, target = servers(kinds[0]), servers(kinds[1])
    zoo.run_all(target, ["CREATE DATABASE all_o DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"])
    for name, kind in TYPES.items():
        zoo.run_all(source, [f"CREATE DATABASE it_{name}"])
        zoo.run_all(source, [s for i, v in enumerate(VALUES) for s in (f"CREATE TABLE `o_{v}` (id int PRIMARY KEY, v int)", f"INSERT INTO `o_{v}` VALUES ({3 * i}, 1), ({3 * i + 1}, 1)")], f"it_{name}")
        zoo.run_all(target, [f"CREATE TABLE {name} (id int PRIMARY KEY, v int, c {kind})"], "all_o")
    return source, target, Job(tmp_path, source, target, instance={"route-rules": list(TYPES)}, routes={n: route(n) for n in TYPES}, **{"case-sensitive": True})


def shown(target, name):
    """{id: (v, c)}"""
    text = "CAST(HEX(c) AS CHAR)" if TYPES[name].startswith(("bit", "binary", "varbinary")) else "CAST(c AS CHAR)"
    rows = target.query(f"SELECT id, v, {text} FROM all_o.{name}")
    return {int(i): (int(v), bytes.fromhex(c).decode() if "HEX" in text else c) for i, v, c in rows}


@pytest.mark.parametrize("kinds", [("mysql-8.0", "mariadb-10.11"), ("mariadb-10.11", "mysql-9.7"), ("mysql-8.0", "tidb")], ids="-".join)
def test_constants_in_every_type(servers, tmp_path, kinds):
    source, target, job = made(servers, tmp_path, kinds)
    code, answer, errors = job.check()
    assert code == EXIT_CHECK, errors
    refused = {(i["table"]["schema"][3:], i["table"]["table"][2:]) for i in answer["items"] if i["name"] == "table_schema" and i["severity"] == "error" and not i["passed"]}
    assert {(n, v) for n, values in KEPT.items() for v in values.split()} & refused == set()
    assert {(n, v) for n, values in REFUSED.items() for v in values.split()} - refused == set()

    refused |= {("j", v) for v in VALUES if v not in KEPT["j"].split()}     # the server looks at these documents, or shows them in another way
    job.task_config["block-allow-list"]["chosen"]["ignore-tables"] = [{"db-name": f"it_{n}", "tbl-name": f"o_{v}"} for n, v in sorted(refused)]
    del job.task_config["block-allow-list"]["chosen"]["do-dbs"]
    job.task_config["block-allow-list"]["chosen"]["ignore-dbs"] = ["dm_meta"]
    job.run_ok()
    for name in TYPES:
        for i, v in enumerate(VALUES):
            zoo.run_all(source, [f"UPDATE `o_{v}` SET v = 2 WHERE id = {3 * i}", f"DELETE FROM `o_{v}` WHERE id = {3 * i + 1}", f"INSERT INTO `o_{v}` VALUES ({3 * i + 2}, 1)"], f"it_{name}")
    job.run_ok()
    for name in TYPES:
        kept = {3 * i + n: (2 - n // 2, v) for i, v in enumerate(VALUES) if (name, v) not in refused for n in (0, 2)}
        assert shown(target, name) == kept, name
    # Nothing is refused that every server keeps as it is.
    for name in ("i", "bu", "d0", "v40", "latin", "e", "t"):
        for i, v in enumerate(VALUES):
            if (name, v) not in refused:
                continue
            try:
                target.query("SET sql_mode = 'STRICT_ALL_TABLES'", f"REPLACE INTO all_o.{name} VALUES ({3 * i}, 1, '{v}')")
            except Exception:   # noqa: BLE001 (the server refuses it, too)
                continue
            assert shown(target, name)[3 * i][1] != v, (name, v)


@pytest.mark.parametrize("kind", ["mariadb-10.11", "mysql-8.0"])
@pytest.mark.parametrize("mode", ["all", "incremental"])
def test_a_constant_that_the_column_would_change_stops_the_run_too(servers, tmp_path, kind, mode):
    source, target = servers(kind), servers(kind)
    zoo.run_all(source, ["CREATE DATABASE it_i"])
    zoo.run_all(source, ["CREATE TABLE o_01 (id int PRIMARY KEY, v int)", "INSERT INTO o_01 VALUES (1, 1)"], "it_i")
    zoo.run_all(target, ["CREATE DATABASE all_o"])
    zoo.run_all(target, ["CREATE TABLE i (id int PRIMARY KEY, v int, c int)"], "all_o")
    job = Job(tmp_path, source, target, mode=mode, instance={"route-rules": ["i"]}, routes={"i": route("i")})
    assert job.run().code == EXIT_CHECK
    _, answer, _ = job.check()
    item, = [i for i in answer["items"] if not i["passed"] and i["severity"] == "error"]
    assert "`c`" in item["message"] and "'01'" in item["message"] and "int" in item["message"], item
    job.task_config["ignore-checking-items"] = ["table_schema"]
    job.write()     # an incremental task begins here
    zoo.run_all(source, ["INSERT INTO o_01 VALUES (2, 1)"], "it_i")
    outcome = job.run()
    assert outcome.code in (EXIT_CHECK, 4) and outcome.error["name"] == "db-data-too-long", str(outcome)
    assert "'01'" in outcome.error["message"] and "dmlib check" in outcome.error["workaround"], str(outcome)
    assert target.query("SELECT COUNT(*) FROM all_o.i") == [("0",)]
    for statement in item["instruction"].split(";"):
        if statement.strip():
            target.query(statement)
    del job.task_config["ignore-checking-items"]
    job.run_ok()
    assert {r[0] for r in target.query("SELECT c FROM all_o.i")} == {"01"}


@pytest.mark.parametrize("kinds", [("mysql-8.0", "mariadb-10.11"), ("mysql-8.0", "tidb")], ids="-".join)
def test_constants_that_a_collation_takes_for_the_same(servers, tmp_path, kinds):
    """Rows without a key are found by all their values: those of the table o_A are not those of o_a."""
    source, target = servers(kinds[0]), servers(kinds[1])
    zoo.run_all(source, ["CREATE DATABASE it_k"])
    zoo.run_all(source, [s for v in "aA" for s in (f"CREATE TABLE o_{v} (id int, v int)", f"INSERT INTO o_{v} VALUES (1, 1), (2, 1)")], "it_k")
    zoo.run_all(target, ["CREATE DATABASE all_o"])
    zoo.run_all(target, ["CREATE TABLE k (id int, v int, c varchar(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci)"], "all_o")
    job = Job(tmp_path, source, target, instance={"route-rules": ["k"]}, routes={"k": route("k")})
    job.run_ok()
    for v in "aA":      # whichever row is first in the target's table, one of the two would be the wrong one
        zoo.run_all(source, [f"DELETE FROM o_{v} WHERE id = {1 if v == 'a' else 2}", f"UPDATE o_{v} SET v = 7"], "it_k")
        job.run_ok()
        wanted = sorted((str(r[0]), str(r[1]), w) for w in "aA" for r in source.query(f"SELECT id, v FROM it_k.o_{w}"))
        assert sorted(tuple(r) for r in target.query("SELECT id, v, c FROM all_o.k")) == wanted, v


@pytest.mark.parametrize("kind", ["mysql-8.0", "mariadb-10.11"])
@pytest.mark.parametrize("key", ["PRIMARY KEY (id, c)", "PRIMARY KEY (id)", "KEY (id)"])
def test_rows_of_a_version_that_took_such_constants(servers, tmp_path, kind, key):
    """As the changelog tells to do: its way leads to the right rows."""
    source, target = servers(kind), servers(kind)
    zoo.run_all(source, ["CREATE DATABASE it_i"])
    zoo.run_all(source, [s for n, v in enumerate(("01", "007", "5")) for s in (f"CREATE TABLE o_{v} (id int NOT NULL, v int, {'KEY' if key.startswith('KEY') else 'PRIMARY KEY'} (id))", f"INSERT INTO o_{v} VALUES ({n}1, 1), ({n}2, 1), ({n}3, 1)")], "it_i")
    zoo.run_all(target, ["CREATE DATABASE all_o"])
    zoo.run_all(target, [f"CREATE TABLE i (id int NOT NULL, v int, c varchar(9) NOT NULL, {key})"], "all_o")
    job = Job(tmp_path, source, target, instance={"route-rules": ["i"]}, routes={"i": route("i")})
    job.run_ok()
    zoo.run_all(target, ["ALTER TABLE i MODIFY c int NOT NULL"], "all_o")     # what it left: 1, 7 and 5
    for n, v in enumerate(("01", "007", "5")):
        zoo.run_all(source, [f"UPDATE o_{v} SET v = 2 WHERE id = {n}1", f"DELETE FROM o_{v} WHERE id = {n}2", f"INSERT INTO o_{v} VALUES ({n}4, 1)"], "it_i")
    assert job.run().code == EXIT_CHECK
    _, answer, _ = job.check()
    items = [i for i in answer["items"] if not i["passed"] and i["severity"] == "error"]
    assert len(items) == 2 and all("earlier version" in i["message"] for i in items), items
    zoo.run_all(target, [items[0]["instruction"].rstrip(";"), "UPDATE i SET c = '01' WHERE c = '1'", "UPDATE i SET c = '007' WHERE c = '7'"], "all_o")
    job.run_ok()
    wanted = sorted((str(r[0]), str(r[1]), v) for v in ("01", "007", "5") for r in source.query(f"SELECT id, v FROM it_i.o_{v}"))
    assert sorted(tuple(r) for r in target.query("SELECT id, v, c FROM all_o.i")) == wanted
