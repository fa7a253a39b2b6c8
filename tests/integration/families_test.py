"""A column of the target that is of another family than the source's: each value is the same there, or it is refused, in the copy and in replication.

families_tool tells which values the library refuses. All others are copied and replicated, and both servers say what they hold."""

import json
import math
import os
import struct
import subprocess
from decimal import Decimal, InvalidOperation
from pathlib import Path

import pytest

from support import zoo
from support.dmlib import EXIT_TASK, Job, assert_error, find_program

DB = "it_families"
UTF8 = "CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"


def texts(*values):
    return ["'" + v.replace("'", "''") + "'" for v in values]


# Name: type, what it holds, values as literals.
SOURCES = {
    "i": ("int", "number", "0 5 1 12 -7 2005 1900 2156 511 512 20240101 101010 2147483647".split()),
    "bu": ("bigint unsigned", "number", "18446744073709551615 9007199254740993 9007199254740992 16777217".split()),
    "z": ("int(6) unsigned zerofill", "number", ["7", "1234567"]),
    "d": ("decimal(10,2)", "number", "1.50 -0.25 100.00 2005.00 1.25 12".split()),
    "f": ("float", "real", "0.1 16777217 1e20 -1.5 1e-20 123456.7 0 1099511627776 3.4e38 0.00001 2005 12".split()),
    "f2": ("float(7,2)", "real", "1.23 -1 99999.99".split()),
    "r": ("double", "real", "0.1 1e20 1.5 123456789.123456789 1e15 1e14 1e-15 1e-14 1.2345678901234567e-13 9007199254740992 2005 12 1.7976931348623157e308".split()),
    "r2": ("double(10,3)", "real", "1.5 -2 1234567.125".split()),
    "y": ("year", "number", ["2005", "1901", "2155", "'0000'"]),
    "b": ("bit(9)", "bit", ["b'101'", "0", "b'111111111'"]),
    "v": (f"varchar(40) {UTF8}", "text", texts(
        "12", "1.5", "1.50", "1.555", "007", "000007", " 7", "7 ", "1e3", "-5", "0", "-0", "-0.00", "0.00", "", "+5", "0x10", "9007199254740993", "0.1", "16777217", "123456.7", "1234567.8", "0.1000000001",
        "0.000000000000001", "0.00001", "1e-5", "NaN", "1.5.5", "--5", "1,5", "１２", "1", "2", "5", "3", "a", "A", "b", "a,b", "b,a", "a,a", "a ", "á", "abc", "2005", "0000", "70", "99", "1900", "255", "511", "512",
        "2024-01-01", "20240101", "2024-1-1", "2024/01/01", "2024-02-30", "2024-13-01", "2024-00-00", "0000-00-00", "0000-00-00 00:00:00", "2024-01-01 10:00:00", "2024-01-01 10:00:00.7", "2024-01-01 10:00:00.700000",
        "2024-01-01 24:00:00", "2024-01-01T10:00:00", "2024-01-01 10:00:00+02:00", "1970-01-01 00:00:00", "2040-01-01 00:00:00", "24-01-01", "10:00:00", "10", "10:00", "1000", "-00:00:00", "-00:00:01", "838:59:59",
        "839:00:00", "23:61:00", "1:00:00", "10:00:00.500", "1 10:00:00", '{"a": 1}', '{"a":1,"a":2}', '{"a":1,"\\\\u0061":2}', '{"b":12345678901234567890123}', "[18446744073709551615]", "[0.1, 1e2, -1.50]",
        "[0.12345678901234567890]", '"x"', '"\\\\ud800"', "null", "true", "[-0]", "[", "é", "日", "1.2.3.4", "01.2.3.4", "::1", "::FFFF", "0:0:0:0:0:0:0:1", "::ffff:1.2.3.4", "1:2::3",
        "123e4567-e89b-12d3-a456-426614174000", "123E4567-e89b-12d3-a456-426614174000", "x" * 40)),
    "vl": ("varchar(20) CHARACTER SET latin1", "text", texts("12", "é", "1.5", "a", "b", "2024-01-01")),
    "vg": ("varchar(20) CHARACTER SET gbk", "text", texts("12", "中", "a")),
    "t": (f"text {UTF8}", "text", texts("12", "a", '{"a": [1, 2]}', "2024-01-01 10:00:00", "x" * 300)),
    "e": (f"enum('b','a','c','1','12','é','2005') {UTF8}", "text", texts("b", "a", "c", "1", "12", "é", "2005", "none")),
    "e1": ("enum('é','a') CHARACTER SET latin1", "text", texts("é", "a")),
    "s": (f"set('b','a','1','c') {UTF8}", "set", texts("", "a", "b,a", "1", "b,c")),
    "dd": ("date", "moment", texts("2024-01-01", "0000-00-00", "9999-12-31", "1970-01-01")),
    "tt": ("time", "moment", texts("10:00:00", "-838:59:59", "00:00:10")),
    "t3": ("time(3)", "moment", texts("10:00:00.500", "10:00:00")),
    "dt": ("datetime", "moment", texts("2024-01-01 00:00:00", "2024-01-01 10:00:00", "2040-01-01 00:00:00", "0000-00-00 00:00:00", "1970-01-01 00:00:01")),
    "d6": ("datetime(6)", "moment", texts("2024-01-01 00:00:00.500000", "2024-01-01 00:00:00")),
    "ts": ("timestamp NULL", "moment", texts("2024-01-01 10:00:00", "2024-03-31 02:30:00")),
    "vb": ("varbinary(20)", "bytes", ["'12'", "x'ff'", "'a'", "x'c3a9'", "x'e38182'", "x'f09f9880'", "x'c080'", "x'eda080'", "'1.5'", "x'00'", "''", "'a '", "'1234567890123456'", "'2024-01-01'"]),
    "bn": ("binary(3)", "bytes", ["'a'", "'12'", "'123'", "'abc'", "x'ffff'"]),
    "bl": ("blob", "bytes", ["'abc'", "x'ff'", "x'c3a9'"]),
    "g": ("geometry", "bytes", ["ST_GeomFromText('POINT(1 2)')"]),
}
MYSQL_ONLY = {"j": ("json", "json", ["'{\"a\": [1.0, 2]}'", "'5'", "'12'", "'\"x\"'", "'1.5'", "'null'"])}
MARIADB_ONLY = {"i4": ("inet4", "text", texts("1.2.3.4", "0.0.0.0")), "i6": ("inet6", "text", texts("::1", "1:2::3", "::ffff:1.2.3.4", "1234:5678:9abc:def0:1234:5678:9abc:def0")),
                "u": ("uuid", "text", texts("123e4567-e89b-12d3-a456-426614174000", "00000000-0000-0000-0000-000000000000"))}
TARGETS = {
    "tiny": ("tinyint", "number"), "intu": ("int unsigned", "number"), "big": ("bigint", "number"), "zero": ("int(6) unsigned zerofill", "number"), "deci": ("decimal(10,2)", "number"),
    "wide": ("decimal(40,20)", "number"), "flo": ("float", "real"), "flo2": ("float(7,2)", "real"), "dou": ("double", "real"), "dou2": ("double(10,2)", "real"), "bits": ("bit(9)", "bit"), "yea": ("year", "number"),
    "vchar": (f"varchar(40) {UTF8}", "text"), "vshort": (f"varchar(5) {UTF8}", "text"), "fixed": (f"char(10) {UTF8}", "text"), "latin": ("varchar(40) CHARACTER SET latin1", "text"),
    "ascii": ("varchar(40) CHARACTER SET ascii", "text"), "three": ("varchar(40) CHARACTER SET utf8", "text"), "tiny_text": (f"tinytext {UTF8}", "text"), "long_text": (f"longtext {UTF8}", "text"),
    "vbin": ("varbinary(40)", "bytes"), "bin3": ("binary(3)", "bytes"), "tiny_blob": ("tinyblob", "bytes"), "lob": ("longblob", "bytes"), "enu": (f"enum('a','b','12','5') {UTF8}", "text"),
    "loose": (f"enum('a','b','12','5') CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci", "text"), "sets": ("set('a','b','1','c') CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci", "set"), "day": ("date", "moment"),
    "moment": ("datetime", "moment"), "micro": ("datetime(6)", "moment"), "stamp": ("timestamp NULL", "moment"), "clock": ("time", "moment"), "milli": ("time(3)", "moment"), "doc": ("json", "json"),
}
MARIADB_TARGETS = {"net4": ("inet4", "text"), "net6": ("inet6", "text"), "ids": ("uuid", "text")}
PAIRS = [("mysql-8.0", "mariadb-10.11"), ("mariadb-10.11", "mysql-9.7"), ("mysql-8.0", "tidb")]
# What people rely on, and what no server may be left to decide. (Source, value, targets)
KEPT = [("i", "12", "tiny big deci flo dou bits vchar vbin doc"), ("i", "2005", "yea vchar"), ("bu", "9007199254740992", "dou vchar"), ("d", "1.50", "vchar dou wide"), ("f", "0.1", "dou vchar deci wide"), ("f", "12", "big"),
        ("r", "0.1", "vchar wide"), ("y", "2005", "big vchar"), ("y", "'0000'", "big vchar yea"), ("b", "b'101'", "big bits tiny"), ("v", "'12'", "tiny big enu dou flo vbin doc"), ("v", "'1.50'", "deci"),
        ("v", "'1.5'", "dou flo"), ("v", "'-5'", "tiny big dou"), ("v", "'20240101'", "zero"), ("v", "'2024-01-01'", "day"), ("v", "'2024-01-01 10:00:00'", "moment stamp"), ("v", "'10:00:00'", "clock"),
        ("v", "'2024-01-01 10:00:00.700000'", "micro"), ("v", "'0000-00-00'", "day"), ("v", "'2005'", "yea"), ("v", "'a'", "enu loose sets"), ("v", "'a,b'", "sets"), ("v", "''", "sets vchar vbin"),
        ("v", "'{\"a\": 1}'", "doc"), ("v", "'[18446744073709551615]'", "doc"), ("v", "'é'", "vbin latin"), ("vl", "'é'", "vbin vchar"), ("vg", "'中'", "vbin"), ("t", "'12'", "big vchar vshort"), ("e", "'a'", "vchar enu sets vbin"),
        ("e", "'12'", "vchar big"), ("s", "'b,a'", "vchar sets"), ("dd", "'2024-01-01'", "moment stamp vchar vbin"), ("dt", "'2024-01-01 10:00:00'", "vchar stamp micro"), ("dt", "'2024-01-01 00:00:00'", "day"),
        ("ts", "'2024-01-01 10:00:00'", "moment vchar"), ("tt", "'10:00:00'", "vchar milli"), ("vb", "'a'", "vchar latin enu lob"), ("vb", "'12'", "big"), ("vb", "x'c3a9'", "vchar"), ("bn", "'abc'", "vchar bin3"), ("bn", "'123'", "big"),
        ("g", "ST_GeomFromText('POINT(1 2)')", "lob")]
REFUSED = [("i", "5", "yea"), ("i", "1", "enu loose day moment clock"), ("i", "20240101", "day moment"), ("i", "101010", "clock"), ("f", "0.1", "day yea big"), ("b", "b'101'", "vchar vbin enu day"),
           ("v", "'1.5'", "tiny big yea deci"), ("v", "'007'", "tiny big dou"), ("v", "' 7'", "big deci dou"), ("v", "'7 '", "big fixed"), ("v", "'1e3'", "big dou flo"), ("v", "'-0'", "big dou"), ("v", "'+5'", "big"), ("v", "'000007'", "zero big"), ("v", "'1.50'", "dou2 flo2 dou"),
           ("v", "'16777217'", "flo"), ("v", "'0.1000000001'", "flo"), ("v", "'1'", "enu loose yea bits"), ("v", "'2'", "enu sets"), ("v", "'A'", "enu loose sets"), ("v", "'á'", "loose sets"), ("v", "'b,a'", "sets"),
           ("v", "'a,a'", "sets"), ("v", "'a '", "enu loose fixed"), ("v", "'5'", "yea bits"), ("v", "'70'", "yea"), ("v", "'20240101'", "day moment"), ("v", "'2024-1-1'", "day moment"), ("v", "'2024-01-01'", "moment stamp"),
           ("v", "'2024-01-01 10:00:00'", "day clock micro"), ("v", "'2024-01-01 10:00:00.7'", "moment micro"), ("v", "'10'", "clock"), ("v", "'1:00:00'", "clock"), ("v", "'10:00:00.500'", "clock"), ("v", "'-00:00:00'", "clock"),
           ("v", "'{\"a\":1,\"a\":2}'", "doc"), ("v", "'{\"b\":12345678901234567890123}'", "doc"), ("v", "'[0.12345678901234567890]'", "doc"), ("v", "'abc'", "big day enu"), ("v", "'a'", "bin3"), ("v", "'日'", "bits big"),
           ("e", "'c'", "enu big"), ("e", "'1'", "enu yea"), ("e1", "'é'", "vbin lob"), ("s", "'b,a'", "enu"), ("tt", "'10:00:00'", "moment day big"), ("dd", "'2024-01-01'", "big clock yea"), ("vb", "x'ff'", "vchar ascii three doc"),
           ("vb", "'a '", "fixed enu"), ("bn", "'12'", "big enu"), ("bl", "x'ff'", "vchar"), ("g", "ST_GeomFromText('POINT(1 2)')", "big enu day")]


def tool():
    build = Path(os.environ.get("DMLIB_BUILD_DIR") or Path(find_program()).parents[2])
    found = next(iter(sorted(build.glob("**/families_tool"))), None)
    if found is None:
        (pytest.fail if os.environ.get("CI", "").lower() in ("true", "1") else pytest.skip)("no families_tool: build it")
    return str(found)


def sources_of(server):
    return SOURCES | (MARIADB_ONLY if server.flavour == "mariadb" else MYSQL_ONLY)


def targets_of(server):
    return TARGETS | (MARIADB_TARGETS if server.flavour == "mariadb" else {})


def make(source, target):
    """Each table of the source has one type, and a column for each type of the target; `k_` has no key."""
    for server in (source, target):
        zoo.run_all(server, [f"CREATE DATABASE {DB} DEFAULT CHARACTER SET utf8mb4"])
    here, there = [], []
    for name, (kind, _, values) in sources_of(source).items():
        for prefix, key in (("", "PRIMARY KEY"), ("k_", "")):
            head = f"CREATE TABLE `{prefix}{name}` (id bigint unsigned NOT NULL {key}, "
            here.append(head + ", ".join(f"`{t}` {kind}" for t in targets_of(target)) + ", n int)")
            there.append(head + ", ".join(f"`{t}` {kind}" for t, (kind, _) in targets_of(target).items()) + ", n int)")
        rows = ", ".join("(" + ", ".join([str(i + 1)] + [v] * len(targets_of(target)) + ["1"]) + ")" for i, v in enumerate(values))
        here.append(f"INSERT INTO `{name}` VALUES {rows}")
    zoo.run_all(source, here, DB)
    zoo.run_all(target, there, DB)


def decide(source, target):
    """{answer: {way: {(table, id, column)}}}; refused: by the library; loud: by the target's server."""
    files = [Path(source.dir) / "data" / r[0] for r in source.query("SHOW BINARY LOGS")]
    done = subprocess.run([tool(), str(source.port), str(target.port), DB, *map(str, files)], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    out = {answer: {"copy": set(), "stream": set()} for answer in ("kept", "refused", "loud")}
    for line in done.stdout.splitlines():
        way, table, row, column, answer = line.split(" ")
        out[answer][way].add((table, int(row), column))
    assert sum(len(x["copy"]) for x in out.values()) > 4000
    return out


def value_of(source, table, row):
    return sources_of(source)[table][2][row - 1]


def plain(hex_text):
    return None if hex_text is None else bytes.fromhex(hex_text).decode()


def read(server, table, kinds, schema=DB, row_id="id"):
    """{(id, column): (text, bytes in digits, number)} as the server shows them."""
    forms = []
    for column, kind in kinds.items():
        text = "NULL" if kind in ("bytes", "bit") else f"`{column}`" if kind == "real" else f"HEX(CONVERT(CONCAT(`{column}`) USING utf8mb4))"
        number = f"`{column}`+0" if kind in ("number", "bit") else f"`{column}`*1e0" if kind == "real" else "NULL"
        forms.append(f"{text}, HEX({'CONCAT' if kind == 'json' else ''}(`{column}`)), {number}" if kind not in ("number", "bit", "real") else f"{text}, NULL, {number}")
    out = {}
    for row in server.query(f"SELECT {row_id}, {', '.join(forms)} FROM {schema}.`{table}` ORDER BY {row_id}, n"):
        for i, (column, kind) in enumerate(kinds.items()):
            shown, raw, number = (None if x is None else str(x) for x in row[1 + 3 * i:4 + 3 * i])
            # CONCAT shows some FLOATs and DOUBLEs otherwise than SELECT does.
            out[int(row[0]), column] = (shown if kind == "real" else plain(shown), raw, number)
    return out


def as_float32(x):
    return struct.unpack("f", struct.pack("f", x))[0]


def same_number(have, there, kind, goal):
    """Both as (text, bytes, number)."""
    shown, stored = have[0], there[2]
    exact = Decimal(have[2]) if kind != "real" else Decimal(float(have[2]))
    if goal != "real":
        return Decimal(stored) in (exact, Decimal(shown) if shown else exact, Decimal(repr(float(have[2]))))
    if kind == "real":
        return float(stored) == float(have[2]) or as_float32(float(have[2])) == float(stored) and math.isclose(float(there[0]), float(have[2]), rel_tol=1e-6) or Decimal(shown) == Decimal(there[0])
    return Decimal(float(stored)) == exact or Decimal(repr(float(stored))) == exact or Decimal(there[0]) == exact


def moment(text):
    day, _, clock = text.partition(" ") if "-" in text[1:] else ("", "", text)
    clock = clock or "00:00:00"
    return day, clock.rstrip("0").rstrip(".") if "." in clock else clock


def same(have, there, kind, goal):
    if goal == "bytes":
        return there[1] == (have[1] if kind in ("text", "bytes") else have[0].encode().hex().upper())
    if kind == "bytes":
        if goal in ("text", "set", "moment", "json"):
            return there[0] == plain(have[1])
        return goal != "bit" and there[0] == plain(have[1])
    if kind in ("number", "real", "bit") and goal in ("number", "real", "bit"):
        return same_number(have, there, kind, goal)
    if goal == "json":
        return json.loads(have[0], parse_float=Decimal) == json.loads(there[0], parse_float=Decimal)
    if kind == "moment" and goal == "moment":
        return moment(have[0]) == moment(there[0])
    if kind == "set" and goal == "set":
        return set(have[0].split(",")) == set(there[0].split(","))
    return there[0] is not None and there[0] == have[0]


def wrong_values(source, target, prefix=""):
    kinds = {t: kind for t, (_, kind) in targets_of(target).items()}
    out = []
    for table, (_, kind, values) in sources_of(source).items():
        have, there = read(source, prefix + table, dict.fromkeys(kinds, kind)), read(target, prefix + table, kinds)
        assert have.keys() == there.keys(), (table, have.keys() ^ there.keys())
        for (row, column), h in have.items():
            t = there[row, column]
            empty = h == (None, None, None)
            try:
                fine = t == h if empty else t != (None, None, None) and same(h, t, kind, kinds[column])
            except (InvalidOperation, ValueError, TypeError, UnicodeDecodeError) as e:
                fine, t = False, (*t, repr(e))
            if not fine:
                out.append(f"{SOURCES.get(table, [table])[0]} -> {targets_of(target)[column][0]}: {values[(row - 1) % 1000]} row {row}: source {h[0]!r} {h[1:]}, target {t[0]!r} {t[1:]}")
    return out


# Keys of another family: types, what they hold, three values.
KEYS = {
    "text_number": ("varchar(30)", "bigint", "text", "number", texts("9007199254740993", "9007199254740992", "7")), "number_text": ("bigint", "varchar(30)", "number", "text", ["9007199254740993", "9007199254740992", "7"]),
    "text_float": ("varchar(30)", "float", "text", "real", texts("0.1", "0.2", "16777200")), "double_float": ("double", "float", "real", "real", ["0.1", "0.2", "-0.3"]),
    "float_double": ("float", "double", "real", "real", ["0.1", "0.2", "16777217"]), "float_text": ("float", "varchar(30)", "real", "text", ["0.1", "0.2", "1e20"]),
    "float_decimal": ("float", "decimal(20,5)", "real", "number", ["0.1", "0.2", "1.5"]), "text_day": ("varchar(30)", "date", "text", "moment", texts("2024-01-01", "2024-01-02", "0000-00-00")),
    "day_text": ("date", "varchar(30)", "moment", "text", texts("2024-01-01", "2024-01-02", "0000-00-00")), "text_enum": ("varchar(30)", "enum('2','1','a')", "text", "text", texts("1", "2", "a")),
    "enum_text": ("enum('2','1','a')", "varchar(30)", "text", "text", texts("1", "2", "a")), "enum_enum": ("enum('2','1','a')", "enum('a','1','2')", "text", "text", texts("1", "2", "a")),
    "set_set": ("set('b','a')", "set('a','b')", "set", "set", texts("a", "b,a", "b")), "year_text": ("year", "varchar(30)", "number", "text", ["2005", "'0000'", "1999"]), "number_year": ("int", "year", "number", "number", ["2005", "0", "1999"]),
    "latin_bytes": ("varchar(10) CHARACTER SET latin1", "varbinary(10)", "text", "bytes", texts("é", "x", "ß")), "bytes_text": ("varbinary(10)", f"varchar(10) {UTF8}", "bytes", "text", ["x'c3a9'", "'a'", "'A'"]),
    "bits_number": ("bit(9)", "int", "bit", "number", ["b'101'", "0", "511"]),
}


def make_keys(source, target):
    zoo.run_all(source, [f"CREATE DATABASE {DB}_keys DEFAULT CHARACTER SET utf8mb4", f"USE {DB}_keys", *(f"CREATE TABLE `{n}` (id {k[0]} NOT NULL PRIMARY KEY, n int)" for n, k in KEYS.items()),
                         *(f"INSERT INTO `{n}` VALUES ({k[4][0]}, 1)" for n, k in KEYS.items())])
    zoo.run_all(target, [f"CREATE DATABASE {DB}_keys DEFAULT CHARACTER SET utf8mb4", f"USE {DB}_keys", *(f"CREATE TABLE `{n}` (id {k[1]} NOT NULL PRIMARY KEY, n int)" for n, k in KEYS.items())])


def change_keys(source):
    for n, k in KEYS.items():
        first, second, third = k[4]
        zoo.run_all(source, [f"INSERT INTO `{n}` VALUES ({second}, 5)", f"UPDATE `{n}` SET n = 2 WHERE n = 1", f"UPDATE `{n}` SET id = {third} WHERE n = 2", f"DELETE FROM `{n}` WHERE n = 5", f"INSERT INTO `{n}` VALUES ({first}, 7)"], f"{DB}_keys")


def wrong_keys(source, target):
    out = []
    for n, (_, _, kind, goal, _) in KEYS.items():
        have, there = [{row: v[row, "id"] for row in (2, 7) if (row, "id") in v} for v in (read_keys(source, n, kind), read_keys(target, n, goal))]
        if have.keys() != there.keys() or not all(same(have[r], there[r], kind, goal) for r in have):
            out.append((n, have, there))
    return out


def read_keys(server, table, kind):
    rows = server.query(f"SELECT n, COUNT(*) FROM {DB}_keys.`{table}` GROUP BY n")
    assert sorted(int(r[0]) for r in rows) == [2, 7] and {int(r[1]) for r in rows} == {1}, (table, rows)
    return read(server, table, {"id": kind}, f"{DB}_keys", "n")


@pytest.mark.parametrize("kinds", PAIRS, ids=lambda p: f"{p[0]}-to-{p[1]}")
def test_every_value_is_the_same_or_refused(servers, tmp_path, kinds):
    source, target = servers(kinds[0]), servers(kinds[1])
    make(source, target)
    make_keys(source, target)
    answers = decide(source, target)
    for answer, ways in answers.items():
        assert ways["copy"] == ways["stream"], (answer, sorted((*x, value_of(source, x[0], x[1])) for x in ways["copy"] ^ ways["stream"]))
    stops = answers["refused"]["copy"] | answers["loud"]["copy"]
    named = {(table, value_of(source, table, row), column) for table, row, column in stops}
    assert [x for s, v, ts in KEPT for t in ts.split() if (x := (s, v, t)) in named] == []
    named = {(table, value_of(source, table, row), column) for table, row, column in answers["refused"]["copy"]}
    assert [x for s, v, ts in REFUSED for t in ts.split() if (target.flavour != "mariadb" or t != "doc") and (x := (s, v, t)) not in named] == []
    for table, row, column in stops:
        source.query(f"UPDATE {DB}.`{table}` SET `{column}` = NULL WHERE id = {row}")
    job = Job(tmp_path, source, target)
    job.run_ok()
    assert wrong_values(source, target) == []
    for table in sources_of(source):
        zoo.run_all(source, [f"INSERT INTO `k_{table}` SELECT * FROM `{table}`", f"INSERT INTO `{table}` SELECT id + 1000, {', '.join(f'`{t}`' for t in targets_of(target))}, n FROM `{table}`",
                             f"UPDATE `{table}` SET n = 2 WHERE id < 1000"], DB)
    change_keys(source)
    job.run_ok()
    assert wrong_values(source, target) == wrong_values(source, target, "k_") == wrong_keys(source, target) == []
    for table in sources_of(source):
        zoo.run_all(source, [f"UPDATE `k_{table}` SET n = 2 WHERE id % 2 = 0", f"DELETE FROM `k_{table}` WHERE id % 3 = 0", f"DELETE FROM `{table}` WHERE id % 3 = 0"], DB)
    job.run_ok()
    assert wrong_values(source, target) == wrong_values(source, target, "k_") == []
    # '007' never came to the target; there it would be 7.
    zoo.run_all(source, ["SET SESSION sql_log_bin = 0", "INSERT INTO text_number VALUES ('007', 9)", "SET SESSION sql_log_bin = 1", "DELETE FROM text_number WHERE id = '007'"], f"{DB}_keys")
    outcome = job.run()
    assert outcome.code == EXIT_TASK, str(outcome)
    assert_error(outcome.error, "db-data-too-long", table=(f"{DB}_keys", "text_number"), position=True)
    assert "would not keep '007': column `id` is bigint" in outcome.error["message"], outcome.error
    assert wrong_keys(source, target) == []


@pytest.mark.parametrize("key", ["PRIMARY KEY", ""])
def test_the_task_stops_and_check_says_so(servers, tmp_path, key):
    source, target = servers("mariadb-10.11"), servers("mariadb-10.11")
    pairs = {"text": ("varchar(20)", "int", "'12'", "'1.6'"), "member": ("varchar(20)", "enum('a','1')", "'1'", "'2'"), "year": ("int", "year", "2005", "5"), "shown": ("float", "double", "0.1", None), "digits": ("int", "varchar(11)", "-2147483648", None),
             "never": ("date", "int", "NULL", "'2024-01-01'")}
    for server, at in ((source, 0), (target, 1)):
        zoo.run_all(server, [f"CREATE DATABASE {DB} DEFAULT CHARACTER SET utf8mb4", f"USE {DB}", *(f"CREATE TABLE `{n}` (id int NOT NULL {key}, c {p[at]})" for n, p in pairs.items())])
    zoo.run_all(source, [f"INSERT INTO `{n}` VALUES (1, {p[2]})" for n, p in pairs.items()], DB)
    job = Job(tmp_path, source, target)
    found = {i["table"]["table"]: i["message"] for i in job.check()[1]["items"] if "does not hold every value" in i["message"]}
    bad = {n: p[3] for n, p in pairs.items() if p[3]}
    assert found.keys() == bad.keys(), found
    assert "a value in it stops the task" in found["never"] and "would be another one there" in found["text"], found
    job.run_ok()
    for name, value in bad.items():
        zoo.run_all(source, [f"UPDATE `{name}` SET c = {value}"], DB)
        outcome = job.run()
        assert outcome.code == EXIT_TASK, (name, str(outcome))
        assert_error(outcome.error, "db-data-too-long", table=(DB, name), position=True)
        assert f"would not keep {value if name != 'never' else '2024-01-01'}: column `c` is " in outcome.error["message"], outcome.error
        zoo.run_all(target, [f"ALTER TABLE `{name}` DROP COLUMN c, ADD COLUMN c {pairs[name][0]}", f"UPDATE `{name}` SET c = {pairs[name][2]}"], DB)
        job.run_ok()
    job.forget()
    for name, value in bad.items():
        zoo.run_all(target, [f"CREATE DATABASE {DB}", f"USE {DB}", f"CREATE TABLE `{name}` (id int NOT NULL {key}, c {pairs[name][1]})"])
        outcome = job.run()
        assert outcome.code == EXIT_TASK, (name, str(outcome))
        assert_error(outcome.error, "db-data-too-long", table=(DB, name))
        assert "would not keep" in outcome.error["message"], outcome.error
        job.forget()
