"""The comparer against the real servers: equal values of every type are equal on every pair, the smallest difference is seen."""

import itertools
import json
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from compare import canonical_json, compare, cells, encode, split_name
from servers import up_or_skip

KINDS = ["mariadb-10.11", "mysql-9.7", "tidb", "mysql-8.0", "mysql-5.6", "mariadb-10.2", "mariadb-11.8", "mariadb-10.5"]

# name: (type, three values as SQL literals)
ZOO = {
    "ti": ("TINYINT", ["-128", "127", "NULL"]),
    "tu": ("TINYINT(3) UNSIGNED ZEROFILL", ["0", "255", "7"]),
    "bi": ("BIGINT", ["-9223372036854775808", "9223372036854775807", "0"]),
    "bu": ("BIGINT UNSIGNED", ["18446744073709551615", "0", "NULL"]),
    "dc": ("DECIMAL(65,30)", ["'-99999999999999999999999999999999999.999999999999999999999999999999'", "'0'", "'1.5'"]),
    "dz": ("DECIMAL(10,2) ZEROFILL", ["1.5", "0", "99999999.99"]),
    "fl": ("FLOAT", ["3.4028235e38", "0.1", "-1.17549435e-38"]),
    "f2": ("FLOAT", ["1e20", "16777217", "1e-10"]),
    "db": ("DOUBLE", ["1.7976931348623157e308", "0.1", "2.2250738585072014e-308"]),
    "d2": ("DOUBLE(10,2)", ["1.25", "-0.01", "12345678.9"]),
    "bt": ("BIT(64)", ["b'" + "1" * 64 + "'", "b'0'", "b'101'"]),
    "b1": ("BIT(1)", ["b'1'", "b'0'", "NULL"]),
    "yr": ("YEAR", ["0", "1901", "2155"]),
    "da": ("DATE", ["'0000-00-00'", "'1000-01-01'", "'9999-12-31'"]),
    "d6": ("DATETIME(6)", ["'0000-00-00 00:00:00.000000'", "'9999-12-31 23:59:59.999999'", "'2024-02-29 01:02:03.5'"]),
    "ts": ("TIMESTAMP(3) NULL", ["'1970-01-01 00:00:01.001'", "'2038-01-19 03:14:07.999'", "NULL"]),
    "t6": ("TIME(6)", ["'-838:59:59.000000'", "'838:59:58.999999'", "'-00:00:00.000001'"]),
    "t0": ("TIME", ["'-838:59:59'", "'00:00:00'", "'100:00:01'"]),
    "ch": ("CHAR(10) CHARACTER SET utf8mb4", ["'a  '", "''", "'\U0001F600\\\\'"]),
    "vl": ("VARCHAR(20) CHARACTER SET latin1 COLLATE latin1_bin", ["'\u00e9\u00ff '", "'abc'", "NULL"]),
    "vg": ("VARCHAR(20) CHARACTER SET gbk COLLATE gbk_chinese_ci", ["'\u4f60\u597d'", "''", "'\\'x'"]),
    "vu": ("VARCHAR(20) CHARACTER SET utf8", ["'\u4f60'", "'nul\\0x'", "NULL"]),
    "lt": ("LONGTEXT CHARACTER SET utf8mb4", ["REPEAT('\u00e4', 70000)", "''", "'x'"]),
    "bn": ("BINARY(5)", ["'a'", "X'0000000001'", "X'FFFE'"]),
    "vb": ("VARBINARY(300)", ["REPEAT(X'ff', 251)", "''", "REPEAT('x', 300)"]),
    "bl": ("LONGBLOB", ["REPEAT(X'00ff', 40000)", "''", "NULL"]),
    "en": ("ENUM('a','b''c','') CHARACTER SET utf8mb4", ["'a'", "'b''c'", "''"]),
    "se": ("SET('x','y','z') CHARACTER SET latin1 COLLATE latin1_bin", ["'x,z'", "''", "'x,y,z'"]),
}
JSONS = ['{"b":1,"a":[1.5,1e20,-0.0,12345678901234567890,0.1,1e-7,18446744073709551615]}', '"\\u00e9\\ud83d\\ude00\\n\\"q\\""', "null", "[]", "{}",
         "1.0", "100", "true", '{"a":{"b":[null,{"c":"\\\\u0041"}]}}', "1e100", "-9223372036854775808", "1.7976931348623157e308", "5e-324"]


@pytest.fixture(scope="module")
def instances():
    """kind -> a server, started when it is first asked for."""
    class Instances(dict):
        def __missing__(self, kind):
            self[kind] = up_or_skip(kind)
            make_zoo(self[kind])
            return self[kind]

    started = Instances()
    yield started
    for server in started.values():
        server.down()


def execute(server, *statements, args=None):
    with server.connect(autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute("SET SESSION sql_mode = '', time_zone = '+00:00'")
        for statement in statements:
            cursor.execute(statement, args)


def make_zoo(server):
    columns = ", ".join(f"{n} {t}" for n, (t, _) in ZOO.items())
    execute(server, "CREATE DATABASE zoo CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", f"CREATE TABLE zoo.types (id INT PRIMARY KEY, {columns})",
            *(f"INSERT INTO zoo.types VALUES ({i}, {', '.join(v[i] for _, v in ZOO.values())})" for i in range(3)))
    if server.kind != "mysql-5.6":
        execute(server, "CREATE TABLE zoo.js (id INT PRIMARY KEY, j JSON)")
        for i, j in enumerate(JSONS):
            execute(server, "INSERT INTO zoo.js VALUES (%s, %s)", args=(i, j))
    if server.flavour != "tidb":
        execute(server, "CREATE TABLE zoo.geo (id INT PRIMARY KEY, g GEOMETRY, p POINT)",
                "INSERT INTO zoo.geo VALUES (1, ST_GeomFromText('POINT(1 2)'), ST_GeomFromText('POINT(1 2)')), (2, NULL, NULL), "
                "(3, ST_GeomFromText('LINESTRING(0 0,1 1)', 4326), NULL)")


@pytest.mark.parametrize("a, b", itertools.combinations(KINDS, 2))
def test_equal_values_are_equal_on_every_pair(a, b, instances):
    a, b = instances[a], instances[b]
    skipped = ["js"] * ("mysql-5.6" in (a.kind, b.kind)) + ["geo"] * ("tidb" in (a.kind, b.kind))
    assert compare(a, b, schemas=["zoo"], ignore_tables=skipped, definitions=True) == []


# One column of one row becomes a little different: each is seen, in its column.
CHANGES = [("ti", "-127"), ("bu", "18446744073709551614"), ("dc", "'-99999999999999999999999999999999999.999999999999999999999999999998'"),
           ("fl", "3.4028233e38"), ("db", "1.7976931348623155e308"), ("bt", "b'" + "1" * 63 + "0'"), ("yr", "1901"), ("da", "'0000-00-01'"),
           ("d6", "'0000-00-00 00:00:00.000001'"), ("ts", "'1970-01-01 00:00:01.002'"), ("ts", "NULL"), ("t6", "'-838:59:58.999999'"),
           ("ch", "' a'"), ("ch", "'A'"), ("vl", "'\u00e9\u00ff'"), ("vl", "'e\u00ff '"), ("vg", "'\u4f60'"), ("vu", "''"), ("vu", "'NULL'"),
           ("lt", "REPEAT('\u00e4', 69999)"), ("bn", "'a '"), ("vb", "REPEAT(X'ff', 250)"), ("bl", "NULL"), ("bl", "''"), ("en", "''"), ("se", "'x'")]


@pytest.mark.parametrize("source, target", [("mariadb-10.11", "tidb"), ("mysql-9.7", "mariadb-10.11")])
def test_the_smallest_difference_is_seen(source, target, instances):
    a, b = instances[source], instances[target]
    for column, value in CHANGES:
        execute(b, f"UPDATE zoo.types SET {column} = {value} WHERE id = 0")
        found = compare(a, b, tables=["zoo.types"])
        execute(b, f"UPDATE zoo.types SET {column} = {ZOO[column][1][0]} WHERE id = 0")
        assert len(found) == 1, column
        (example,) = found[0]["examples"]
        assert (example["where"], example["key"], list(example["differs"])) == ("both", {"id": "0"}, [column])
    assert compare(a, b, tables=["zoo.types"]) == []


def test_an_invalid_enum_is_not_the_empty_member(instances):
    a, b = instances["mariadb-10.11"], instances["tidb"]
    for server, value in ((a, "''"), (b, "0")):
        execute(server, "DROP TABLE IF EXISTS zoo.e", "CREATE TABLE zoo.e (e ENUM('a', '') CHARACTER SET utf8mb4 COLLATE utf8mb4_bin)",
                f"INSERT IGNORE INTO zoo.e VALUES ({value})")
    assert compare(a, b, tables=["zoo.e"])
    execute(a, "DROP TABLE zoo.e")
    execute(b, "DROP TABLE zoo.e")


def make(server, name, definition, rows):
    execute(server, "CREATE DATABASE IF NOT EXISTS c CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", f"DROP TABLE IF EXISTS {name}", f"CREATE TABLE {name} ({definition})")
    for row in rows:
        execute(server, f"INSERT INTO {name} VALUES ({', '.join(['%s'] * len(row))})", args=row)


def test_duplicates_matter_in_a_table_without_a_key(instances):
    a, b = instances["mysql-9.7"], instances["tidb"]
    rows = [(1, "x"), (1, "x"), (2, None), (2, ""), (3, "NULL")]
    make(a, "c.nokey", "a INT, b VARCHAR(10)", rows)
    make(b, "c.nokey", "a INT, b VARCHAR(10)", reversed(rows))
    assert compare(a, b, tables=["c.nokey"]) == []
    execute(b, "INSERT INTO c.nokey VALUES (1, 'x')")
    (found,) = compare(a, b, tables=["c.nokey"])
    assert found["examples"] == [{"where": "target only", "times": 1, "row": {"a": "1", "b": "x"}}]
    assert (found["source_rows"], found["target_rows"]) == (5, 6)
    execute(b, "DELETE FROM c.nokey WHERE a = 1 LIMIT 2", "INSERT INTO c.nokey VALUES (2, '')")     # as many rows, other counts
    (found,) = compare(a, b, tables=["c.nokey"])
    assert {(e["where"], e["row"]["a"]) for e in found["examples"]} == {("source only", "1"), ("target only", "2")}


def test_columns_tables_and_definitions(instances):
    a, b = instances["mariadb-10.11"], instances["mysql-9.7"]
    make(a, "c.cols", "id INT PRIMARY KEY, x INT, y INT", [(1, 2, 3)])
    make(b, "c.cols", "id INT PRIMARY KEY, Y INT NOT NULL, extra INT, X INT", [(1, 3, 9, 2)])
    assert len(compare(a, b, tables=["c.cols"])) == 1                       # extra
    assert compare(a, b, tables=["c.cols"], ignore_target_only=True) == []
    assert compare(a, b, tables=["c.cols"], ignore_columns=["extra"]) == []
    messages = [d["message"] for d in compare(a, b, tables=["c.cols"], ignore_columns=["c.cols.EXTRA"], definitions=True)]
    assert len(messages) == 2 and "another order" in messages[0] and "NOT NULL" in messages[1]
    assert "lacks the columns extra" in compare(b, a, tables=["c.cols"])[0]["message"]
    execute(a, "CREATE TABLE c.only_a (id INT)")
    execute(b, "CREATE TABLE c.only_b (id INT)")
    messages = [d["message"] for d in compare(a, b, schemas=["c"], ignore_target_only=True, ignore_tables=["nokey"])]
    assert messages == ["the target has no table c.only_a", "the source has no table c.only_b"]
    assert compare(a, b, schemas=["c"], ignore_target_only=True, ignore_tables=["c.nokey", "ONLY_A", "only_b"]) == []
    with pytest.raises(ValueError):
        compare(a, b, schemas=["no such schema"])


def test_mapped_and_merged_tables_with_odd_names(instances):
    a, b = instances["mariadb-10.11"], instances["tidb"]
    make(a, "c.`we``ird. name`", "id INT PRIMARY KEY, `sel``ect` VARCHAR(5)", [(1, "a")])
    make(a, "c.shard2", "id INT PRIMARY KEY, `sel``ect` VARCHAR(5)", [(2, "b")])
    make(b, "c.merged", "id INT PRIMARY KEY, `sel``ect` VARCHAR(5)", [(2, "b"), (1, "a")])
    assert compare(a, b, tables={"c.`we``ird. name`": "c.merged", "c.shard2": "c.merged"}) == []
    assert compare(a, b, tables={("c", "shard2"): ("c", "merged")})
    assert compare([a, a], b, tables={("c", "shard2"): ("c", "merged")})        # the same shard on two servers: twice its rows


def test_rows_beyond_a_packet(instances):
    """A row of 20 MB comes in two packets of the protocol."""
    a, b = instances["mariadb-10.11"], instances["mysql-9.7"]
    for server, last in ((a, "x"), (b, "x")):
        make(server, "c.big", "id INT PRIMARY KEY, v LONGBLOB", [])
        execute(server, f"INSERT INTO c.big VALUES (1, CONCAT(REPEAT('a', 20000000), '{last}')), (2, 'after')")
    assert compare(a, b, tables=["c.big"]) == []
    execute(b, "UPDATE c.big SET v = CONCAT(REPEAT('a', 20000000), 'y') WHERE id = 1")
    (found,) = compare(a, b, tables=["c.big"])
    assert found["examples"][0]["key"] == {"id": "1"}


def test_types_that_one_dialect_lacks(instances):
    a, b = instances["mariadb-11.8"], instances["mysql-9.7"]
    make(a, "c.u", "id UUID PRIMARY KEY, i INET6, n INET4", [("00112233-4455-6677-8899-aabbccddeeff", "2001:db8::1", "10.0.0.1")])
    make(b, "c.u", "id CHAR(36) PRIMARY KEY, i VARCHAR(50), n VARCHAR(20)", [("00112233-4455-6677-8899-aabbccddeeff", "2001:db8::1", "10.0.0.1")])
    assert compare(a, b, tables=["c.u"]) == []
    t = instances["tidb"]
    for server, convert in ((b, "STRING_TO_VECTOR"), (t, "")):
        execute(server, "CREATE DATABASE IF NOT EXISTS c", "DROP TABLE IF EXISTS c.v", "CREATE TABLE c.v (id INT PRIMARY KEY, v VECTOR(3))",
                f"INSERT INTO c.v VALUES (1, {convert}('[1,2.5,-3e10]')), (2, NULL)")
    assert compare(b, t, tables=["c.v"]) == []
    execute(t, "UPDATE c.v SET v = '[1,2.5,-3.00001e10]' WHERE id = 1")
    assert compare(b, t, tables=["c.v"])


def test_many_differences_stay_within_the_limit(instances):
    a, b = instances["mariadb-10.11"], instances["tidb"]
    for server in (a, b):
        make(server, "c.many", "id INT PRIMARY KEY, v VARCHAR(200)", [])
        with server.connect(autocommit=True) as c, c.cursor() as cursor:
            for i in range(0, 20000, 2000):
                cursor.execute("INSERT INTO c.many VALUES " + ",".join(f"({i + n}, '{server.flavour}')" for n in range(2000)))
    (found,) = compare(a, b, tables=["c.many"], limit=3)
    assert found["complete"] and found["differing_source_rows"] == 20000
    assert [e["key"]["id"] for e in found["examples"]] == ["0", "1", "2"]


def test_the_command(instances):
    a, b = instances["mariadb-10.11"], instances["tidb"]
    tool = str(Path(__file__).with_name("compare.py"))

    def run(*args):
        return subprocess.run([tool, "--source", f"{a.host}:{a.port}", "--target", f"root:@{b.host}:{b.port}", *args], capture_output=True, text=True)

    assert run("--schema", "zoo", "--ignore-table", "geo").returncode == 0
    make(a, "c.t", "id INT PRIMARY KEY, v INT", [(1, 1), (2, 2)])
    make(b, "c.t2", "id INT PRIMARY KEY, v INT", [(1, 1), (2, 3)])
    done = run("--table", "c.t=c.t2", "--json")
    assert done.returncode == 3
    assert json.loads(done.stdout)[0]["examples"] == [{"where": "both", "key": {"id": "2"}, "differs": {"v": ["2", "3"]}}]
    assert done.stderr.startswith("DIFFERENT c.t -> c.t2: 2 rows")
    assert run("--table", "no_schema").returncode == 2
    assert subprocess.run([tool, "--source", "127.0.0.1:1", "--target", "127.0.0.1:1", "--table", "a.b"], capture_output=True).returncode == 2
    done = subprocess.run([tool, "--source", a.dir, "--target", b.dir, "--table", "zoo.types"], capture_output=True)
    assert done.returncode == 0


def test_without_servers():
    assert split_name("a.b") == ("a", "b")
    assert split_name("`a.b`.`c``d`") == ("a.b", "c`d")
    with pytest.raises(ValueError):
        split_name("a")
    row = [None, b"", b"x" * 251, b"NULL"]
    assert cells(encode(row)) == row
    same = [(b'{"a":1,"b":2}', b'{ "b": 2.0, "a": 1 }'), (b"[1e2]", b"[100]"), (b"-0.0", b"0"), (b'"\\u0041"', b'"A"')]
    other = [(b"1", b'"1"'), (b"[1,2]", b"[2,1]"), (b"18446744073709551615", b"18446744073709551614"), (b"null", b'"null"'), (b"true", b"1"), (b"{}", b"[]")]
    assert all(canonical_json(a) == canonical_json(b) for a, b in same)
    assert not any(canonical_json(a) == canonical_json(b) for a, b in other)
