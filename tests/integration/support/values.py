"""Extreme values of every column type, as SQL literals, and the tables that hold them."""

import random

MODE = "SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES,NO_ENGINE_SUBSTITUTION'"

# What a source or a target can hold beyond the rest.
FEATURES = {
    "mariadb-10.11": {"json", "generated", "geometry", "gbk", "check", "expression default", "inet", "uca1400", "rename column",
                      "rename index", "ctas", "negative zero", "compressed column"},
    "mariadb-11.8": {"json", "generated", "geometry", "gbk", "check", "expression default", "inet", "uca1400", "rename column",
                     "rename index", "ctas", "negative zero", "compressed column"},
    "mariadb-10.2": {"json", "generated", "geometry", "gbk", "check", "expression default", "ctas", "negative zero"},
    "mysql-9.7": {"json", "generated", "geometry", "gbk", "check", "expression default", "0900", "rename column", "rename index",
                  "ctas", "negative zero", "mysql json", "functional key"},
    "mysql-8.0": {"json", "generated", "geometry", "gbk", "check", "expression default", "0900", "rename column", "rename index",
                  "ctas", "negative zero", "mysql json", "functional key"},
    "mysql-5.6": {"geometry", "gbk", "negative zero"},
    "tidb": {"json", "generated", "gbk", "0900", "mysql json"},
}
SAME_DIALECT = {"inet", "uca1400", "compressed column", "functional key", "expression default"}


def features(source, target):
    """What a table may have so that both servers hold it."""
    have = FEATURES[source.kind] & (FEATURES[target.kind] | {"rename column", "rename index", "ctas", "negative zero", "check"})
    if source.flavour != target.flavour:
        have -= SAME_DIALECT
    if target.flavour == "tidb":
        have.discard("expression default")
    return have


def fractions(kind, values):
    """One column for each number of digits, all with the same values."""
    return [(f"{kind[0]}{n}", f"{kind}({n}) NULL", values) for n in range(7)]


INTEGERS = [
    ("t1", "tinyint NULL", ["-128", "127", "0", "NULL", "-1"]), ("t1u", "tinyint unsigned NULL", ["0", "255", "128", "NULL"]),
    ("s", "smallint NULL", ["-32768", "32767", "NULL"]), ("su", "smallint unsigned NULL", ["65535", "32768", "0"]),
    ("m", "mediumint NULL", ["-8388608", "8388607", "-1", "NULL"]), ("mu", "mediumint unsigned NULL", ["16777215", "8388608"]),
    ("i", "int NULL", ["-2147483648", "2147483647", "0", "NULL"]), ("iu", "int unsigned NULL", ["4294967295", "2147483648", "0"]),
    ("b", "bigint NULL", ["-9223372036854775808", "9223372036854775807", "-1", "NULL"]),
    ("bu", "bigint unsigned NULL", ["18446744073709551615", "9223372036854775808", "0", "NULL"]),
    ("z", "int(8) unsigned zerofill NULL", ["7", "4294967295", "0"]), ("y", "year NULL", ["1901", "2155", "'0000'", "NULL"]),
    ("flag", "boolean NOT NULL DEFAULT TRUE", ["TRUE", "FALSE"]),
]
FIXED = [
    ("d65", "decimal(65,30) NULL", ["99999999999999999999999999999999999.999999999999999999999999999999",
                                    "-99999999999999999999999999999999999.999999999999999999999999999999",
                                    "0.000000000000000000000000000001", "0", "NULL"]),
    ("d10", "decimal(10,0) NULL", ["9999999999", "-9999999999", "0"]), ("d52u", "decimal(5,2) unsigned NULL", ["999.99", "0.01", "0"]),
    ("d11", "decimal(1,1) NULL", ["0.9", "-0.9", "0.0"]), ("d60", "decimal(60,10) NULL", ["-1234567890123456789012345678901234567890.0000000001", "1"]),
    ("d3030", "decimal(30,30) NULL", ["0.123456789012345678901234567890", "-0.000000000000000000000000000001"]),
]
FLOATS = [
    ("f", "float NULL", ["3.402823e38", "-3.402823e38", "1.17549435e-38", "0.1", "16777217", "-1.5", "0", "NULL", "1e-45"]),
    ("d", "double NULL", ["1.7976931348623157e308", "-1.7976931348623157e308", "2.2250738585072014e-308", "0.1", "0.30000000000000004",
                          "9007199254740993", "1e22", "123456789.123456789", "0", "NULL"]),
    ("fu", "float unsigned NULL", ["3.4e38", "0", "0.333333333"]), ("du", "double unsigned NULL", ["1e300", "0"]),
    ("f73", "float(7,3) NULL", ["1234.567", "-0.001", "9999.999"]), ("d105", "double(10,5) NULL", ["12345.67891", "-99999.99999"]),
]
DATES = [("d", "date NULL", ["'1000-01-01'", "'9999-12-31'", "'0000-00-00'", "'2024-02-31'", "'2024-00-00'", "'2024-05-00'", "NULL", "'2024-02-29'"])]
TIMES = ["'-838:59:59'", "'838:59:59'", "'00:00:00'", "'-00:00:00.000001'", "'-00:00:01.500000'", "'12:34:56.789012'", "NULL", "'-12:00:00.999999'"]
DATETIMES = ["'1000-01-01 00:00:00'", "'9999-12-31 23:59:59'", "'0000-00-00 00:00:00'", "'2024-02-30 10:11:12.131415'", "'2024-02-29 23:59:59.000001'",
             "'2023-00-00 01:02:03'", "NULL", "'1969-12-31 23:59:59.5'"]
TIMESTAMPS = ["'1970-01-01 00:00:01'", "'2038-01-19 03:14:07'", "0", "'2024-03-31 01:30:00.123456'", "'2001-09-09 01:46:40.999999'", "NULL"]
BITS = [("b1", "bit(1) NULL", ["b'0'", "b'1'", "NULL"]), ("b7", "bit(7) NULL", ["b'1111111'", "0"]), ("b8", "bit(8) NULL", ["255", "65"]),
        ("b9", "bit(9) NULL", ["511", "256"]), ("b17", "bit(17) NULL", ["131071", "65536"]), ("b33", "bit(33) NULL", ["8589934591", "4294967296"]),
        ("b64", "bit(64) NULL", ["18446744073709551615", "9223372036854775808", "1", "0", "NULL"])]
MEMBERS = ",".join(f"'m{i:02}'" for i in range(64))
LISTS = [("e", "enum('a','b','it''s','ü','q,r') NULL", ["'a'", "'it''s'", "'ü'", "'q,r'", "NULL", "'nothing of these'", "2"]),
         ("ee", "enum('','x','y') NOT NULL", ["''", "'x'", "'not there'", "1", "3"]),
         ("e300", "enum(" + ",".join(f"'v{i}'" for i in range(300)) + ") NULL", ["'v0'", "'v299'", "256", "300"]),
         ("s", "set('x','y','z') NULL", ["''", "'x'", "'x,z'", "7", "NULL"]), ("s64", f"set({MEMBERS}) NULL", ["'m63'", "'m00,m63'", "18446744073709551615", "0"])]
WORDS = ["''", "'a'", "'trailing  '", "'  leading'", "'quote'' and \\\\ back'", "'tab\\tnew\\nline\\rend'", "'nul\\0mid'", "'sub\\Zmark'", "'%_`\"'", "NULL"]
EUROPE = ["_utf8'äöüßÄÖÜé'", "_utf8'ÿþ÷×'"]
CHINESE = ["_utf8'中文字符'", "_utf8'漢字'"]
WIDE = ["_utf8mb4'\U0001F600\U0001F9EC'", "_utf8mb4'e\u0301 \u00e9'", "_utf8mb4'ελληνικά Русский'"]
TEXTS = [("c", "char(20) character set utf8mb4 NULL", WORDS + EUROPE + WIDE), ("cl", "char(20) character set latin1 NULL", WORDS + EUROPE),
         ("v", "varchar(100) character set utf8mb4 NULL", WORDS + CHINESE + WIDE), ("vl", "varchar(300) character set latin1 collate latin1_bin NULL", WORDS + EUROPE),
         ("u", "varchar(50) character set utf8 NULL", WORDS + CHINESE + EUROPE), ("a", "varchar(20) character set ascii collate ascii_bin NULL", WORDS[:5]),
         ("vb", "varchar(50) character set utf8mb4 collate utf8mb4_bin NULL", WORDS + WIDE),
         ("tt", "tinytext character set utf8mb4", WORDS + WIDE), ("t", "text character set utf8mb4", [*WORDS, *CHINESE, "REPEAT(_utf8'é', 20000)"]),
         ("mt", "mediumtext character set latin1", [*WORDS, "REPEAT('x', 70000)"]), ("lt", "longtext character set utf8mb4", [*WIDE, "REPEAT('long ', 50000)"])]
BYTES = ["''", "x'00'", "x'0000000000000000'", "x'6100'", "x'61620000'", "x'ff00fe7f'", "x'c328'", "'ab  '", "NULL", "x'0d0a1a5c2722'"]
BINARIES = [("b8", "binary(8) NULL", BYTES), ("vb", "varbinary(20) NULL", BYTES), ("tb", "tinyblob", [*BYTES, "REPEAT(x'00ff', 127)"]),
            ("bl", "blob", [*BYTES, "REPEAT(x'00ff80', 20000)"]), ("mb", "mediumblob", BYTES), ("lb", "longblob", [*BYTES, "REPEAT(x'fe00', 60000)"]),
            ("b255", "binary(255) NULL", BYTES)]
DOCUMENTS = ["'{}'", "'[]'", "'null'", "'true'", "'\"text\"'", "'0'", "'-9223372036854775808'", "'18446744073709551615'", "'1.5'", "'[1,[2,[3,{\"a\":null}]]]'",
             "'{\"k\":\"quote \\\\\" and \\\\\\\\ back\",\"ü\":\"中\"}'", "NULL", "'{\"b\":1,\"a\":2,\"aa\":3}'", "'[1e20,1.0,-0.5]'",
             "CONCAT('[', REPEAT('{\"key\":\"some text of a document\"},', 3000), '1]')"]
OPAQUE = ["JSON_OBJECT('d', CAST('2024-02-29' AS DATE))", "JSON_ARRAY(CAST('12:34:56.123456' AS TIME(6)))", "JSON_ARRAY(CAST('1999-12-31 23:59:59.5' AS DATETIME(6)))",
          "JSON_ARRAY(CAST(1.50 AS DECIMAL(10,2)))", "JSON_ARRAY(0.1, 1e300)"]


def shapes(source):
    """Geometries. MySQL 8 keeps the SRID of its argument; all of them know these functions."""
    name = "ST_GeomFromText" if source.kind != "mysql-5.6" else "GeomFromText"
    texts = ["POINT(1 2)", "POINT(-0.5 1e10)", "LINESTRING(0 0,1 1,2 4)", "POLYGON((0 0,10 0,10 10,0 10,0 0),(2 2,4 2,4 4,2 4,2 2))",
             "MULTIPOINT(1 1,2 2)", "MULTILINESTRING((0 0,1 1),(2 2,3 3))", "GEOMETRYCOLLECTION(POINT(1 1),LINESTRING(0 0,1 1))"]
    return [f"{name}('{t}')" for t in texts] + [f"{name}('POINT(3 4)', 4326)", "NULL"]


def typed_tables(source, target):
    """{table: [(column, type, values)]}: one table for each family, so that a fault in one is seen as such."""
    have = features(source, target)
    floats = [(c, t, [*v, "-0e0"]) for c, t, v in FLOATS] if "negative zero" in have else FLOATS
    tables = {
        "t_integer": INTEGERS, "t_fixed": FIXED, "t_float": floats, "t_bit": BITS, "t_list": LISTS, "t_text": TEXTS, "t_binary": BINARIES,
        "t_date": DATES + fractions("time", TIMES) + fractions("datetime", DATETIMES) + [(f"ts{n}", f"timestamp({n}) NULL DEFAULT NULL", TIMESTAMPS) for n in range(7)],
    }
    if "json" in have:
        tables["t_json"] = [("j", "json", DOCUMENTS + (OPAQUE if "mysql json" in have and source.flavour == "mysql" else [])), ("j2", "json NULL", DOCUMENTS)]
    if "geometry" in have:
        tables["t_geometry"] = [("g", "geometry NULL", shapes(source)), ("p", "point NULL", shapes(source)[:2] + ["NULL"])]
    if "gbk" in have:
        tables["t_gbk"] = [("g", "varchar(40) character set gbk NULL", WORDS + CHINESE), ("gt", "text character set gbk", WORDS + CHINESE)]
    if "inet" in have:
        tables["t_inet"] = [("u", "uuid NULL", ["'123e4567-e89b-12d3-a456-426655440000'", "'00000000-0000-0000-0000-000000000000'", "NULL"]),
                            ("i6", "inet6 NULL", ["'::1'", "'2001:db8::ff00:42:8329'", "NULL", "'::'", "'1::'", "'1:2:3::5:6:7:8'", "'1:0:0:2::3'", "'::1.2.3.4'", "'::100:0'", "'::ffff:1.2.3.4'", "'::ffff:0:102:304'",
                                                     "'::ffff'", "'::1:0:0'", "'fe80::1'", "'1:2:3:4:5:6:7:8'", "'0:1::'"]), ("i4", "inet4 NULL", ["'0.0.0.0'", "'255.255.255.255'"])]
    if "compressed column" in have:
        tables["t_compressed"] = [("v", "varchar(2000) COMPRESSED NULL", [*WORDS[:5], "REPEAT('abc', 600)"]), ("b", "blob COMPRESSED NULL", [*BYTES, "REPEAT(x'00ff', 20000)"])]
    return tables


def quoted(name):
    return "`" + name.replace("`", "``") + "`"


def create_typed(name, columns):
    lines = ["id int NOT NULL PRIMARY KEY", *(f"{quoted(c)} {t}" for c, t, _ in columns)]
    return f"CREATE TABLE {name} ({', '.join(lines)}) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"


def typed_rows(columns):
    """Rows so that each value of each column is there at least once."""
    return [[values[n % len(values)] for _, _, values in columns] for n in range(max(len(v) for _, _, v in columns))]


def random_row(columns, rng=random):
    return [rng.choice(values) for _, _, values in columns]
