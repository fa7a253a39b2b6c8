"""Databases with every kind of table, made on the source before a copy: keys, names, character sets, big rows."""

import random

from support.values import MODE, create_typed, features, quoted, typed_rows, typed_tables

MAIN, ODD = "it_main", "it odd.na`me"           # the second one needs quotes
DDL = "it_ddl"
SCHEMAS = (MAIN, ODD, DDL)
CI = "utf8mb4_general_ci"


def run_all(server, statements, database=None):
    with server.connect(database=database, autocommit=True) as c, c.cursor() as cursor:
        cursor.execute(MODE)
        cursor.execute("SET NAMES utf8mb4")
        for statement in statements:
            try:
                cursor.execute(statement)
            except Exception as e:
                raise AssertionError(f"{server}: {e}\nin {statement[:600]}") from e


def key_tables(have, target_is_tidb):
    """Tables by the kind of their keys."""
    out = [
        "CREATE TABLE accounts (id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY, owner varchar(60) NOT NULL, balance decimal(14,2) NOT NULL DEFAULT 0,"
        " touched timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3), note varchar(200), KEY by_owner (owner))",
        "CREATE TABLE no_key (a int, b varchar(30), c double, KEY some (a))",
        "CREATE TABLE no_key_nulls (a int NULL, b int NULL, c text, UNIQUE KEY ab (a, b))",
        "CREATE TABLE composite (region varchar(10) NOT NULL, n int NOT NULL, day date NOT NULL, v varchar(50), PRIMARY KEY (region, n, day))",
        "CREATE TABLE several (id int NOT NULL PRIMARY KEY, a int NOT NULL, b varchar(20) NOT NULL, c int NULL, d bigint NOT NULL,"
        " UNIQUE KEY ua (a), UNIQUE KEY ub (b), UNIQUE KEY uc (c), UNIQUE KEY ucd (c, d))",
        "CREATE TABLE unique_only (code varchar(20) NOT NULL, v int, UNIQUE KEY code (code))",
        f"CREATE TABLE words (w varchar(40) CHARACTER SET utf8mb4 COLLATE {CI} NOT NULL PRIMARY KEY, n int, alt varchar(40) CHARACTER SET utf8mb4 COLLATE {CI} NULL, UNIQUE KEY alt (alt))",
        "CREATE TABLE words_bin (w varchar(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL PRIMARY KEY, n int)",
        "CREATE TABLE bytes_key (k varbinary(30) NOT NULL PRIMARY KEY, n int)",
        "CREATE TABLE moments (at datetime(6) NOT NULL, who char(8) NOT NULL, n int, PRIMARY KEY (at, who))",
        "CREATE TABLE big_rows (id int NOT NULL PRIMARY KEY, t mediumtext CHARACTER SET utf8mb4, b longblob)",
        "CREATE TABLE zero_auto (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, v varchar(20))",
        "CREATE TABLE parents (id int NOT NULL PRIMARY KEY, name varchar(40))",
        "CREATE TABLE children (id int NOT NULL PRIMARY KEY, parent int NOT NULL, v int, KEY parent (parent),"
        " CONSTRAINT fk_child FOREIGN KEY (parent) REFERENCES parents (id))",
        "CREATE TABLE by_range (id int NOT NULL, y int NOT NULL, v varchar(30), PRIMARY KEY (id, y)) PARTITION BY RANGE (y)"
        " (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (20), PARTITION p2 VALUES LESS THAN MAXVALUE)",
        "CREATE TABLE by_hash (id int NOT NULL PRIMARY KEY, v int) PARTITION BY HASH (id) PARTITIONS 4",
        "CREATE TABLE latin (id int NOT NULL PRIMARY KEY, v varchar(50), t text) DEFAULT CHARACTER SET latin1",
        "CREATE TABLE latin_key (v varchar(30) NOT NULL PRIMARY KEY, n int) DEFAULT CHARACTER SET latin1 COLLATE latin1_bin",
        "CREATE TABLE empty_one (id int NOT NULL PRIMARY KEY, v int)",
    ]
    if "generated" in have:
        out.append("CREATE TABLE computed (id int NOT NULL PRIMARY KEY, a int NOT NULL, twice int GENERATED ALWAYS AS (a * 2) VIRTUAL,"
                   " text_of varchar(30) GENERATED ALWAYS AS (concat('n', a)) STORED, z varchar(10), UNIQUE KEY by_text (text_of))")
    if "0900" in have:
        out.append("CREATE TABLE words_0900 (w varchar(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci NOT NULL PRIMARY KEY, n int)")
    if "uca1400" in have:
        out.append("CREATE TABLE words_1400 (w varchar(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_uca1400_ai_ci NOT NULL PRIMARY KEY, n int)")
    if not target_is_tidb:
        out.append("CREATE TABLE words_latin (w varchar(40) CHARACTER SET latin1 COLLATE latin1_swedish_ci NOT NULL PRIMARY KEY, n int)")
    if "functional key" in have:
        out.append("CREATE TABLE functional (id int NOT NULL PRIMARY KEY, a int, b varchar(20), KEY expr ((a + 1)), KEY low ((lower(b))))")
    if "check" in have:
        out.append("CREATE TABLE checked (id int NOT NULL PRIMARY KEY, v int, CONSTRAINT positive CHECK (v >= 0))")
    if "expression default" in have:
        out.append("CREATE TABLE by_default (id int NOT NULL PRIMARY KEY, v int DEFAULT (1 + 2), w varchar(20) DEFAULT (concat('a', 'b')))")
    return out


ODD_NAMES = ["select", "back`quote", "dot.name", "sp ace", "ünï 中", "semi;colon", "quote'\"", "CamelCase", "per%cent_", "1digit"]


def odd_tables():
    return [f"CREATE TABLE {quoted(name)} ({quoted('order')} int NOT NULL PRIMARY KEY, {quoted('a`b')} varchar(30), {quoted('c.d e')} int,"
            f" {quoted('größe')} varchar(20), KEY {quoted('ke`y')} ({quoted('a`b')}))" for name in ODD_NAMES]


def fill_keys(server, have, rng, rows):
    """Rows of the key tables."""
    def many(table, columns, values, chunk=1000):
        with server.connect(database=MAIN) as c, c.cursor() as cursor:
            cursor.execute(MODE)
            marks = ", ".join(["%s"] * len(columns))
            for at in range(0, len(values), chunk):
                cursor.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", values[at:at + chunk])
            c.commit()
    many("accounts", ["owner", "balance", "note"], [(f"owner {rng.randrange(rows)}", f"{rng.randrange(10**8) / 100:.2f}", None if n % 7 == 0 else f"note {n}") for n in range(rows)])
    many("no_key", ["a", "b", "c"], [(rng.randrange(50), f"b{rng.randrange(20)}", rng.randrange(10) / 4) for _ in range(rows // 2)])
    many("no_key_nulls", ["a", "b", "c"], [(None, rng.randrange(5), "same") for _ in range(100)] + [(n, n, f"c{n}") for n in range(100)])
    many("composite", ["region", "n", "day", "v"], [(f"r{n % 13}", n, f"2024-{n % 12 + 1:02}-{n % 28 + 1:02}", f"v{n}") for n in range(rows // 2)])
    many("several", ["id", "a", "b", "c", "d"], [(n, 1000000 + n, f"b{n:06}", None if n % 5 == 0 else n * 3, n) for n in range(1, rows // 4 + 1)])
    many("unique_only", ["code", "v"], [(f"code-{n}", n) for n in range(500)])
    many("words", ["w", "n", "alt"], [(w, n, f"alt {n}") for n, w in enumerate(WORDS_START)])
    many("words_bin", ["w", "n"], [(w, n) for n, w in enumerate([*WORDS_START, "ABC", "Abc", "élan", "ELAN"])])
    many("bytes_key", ["k", "n"], [(bytes([n, 0, 255 - n]), n) for n in range(200)] + [(b"a", 1), (b"a\0", 2), (b"a\0\0", 3)])
    many("moments", ["at", "who", "n"], [(f"2024-01-01 00:00:{n % 60:02}.{n:06}", f"w{n % 9}", n) for n in range(500)])
    many("big_rows", ["id", "t", "b"], [(n, "é" * (1 << 19), rng.randbytes(1000) * 1049) for n in range(4)], chunk=1)
    many("zero_auto", ["id", "v"], [(n, f"v{n}") for n in range(10)])
    many("parents", ["id", "name"], [(n, f"p{n}") for n in range(200)])
    many("children", ["id", "parent", "v"], [(n, n % 200, n) for n in range(1000)])
    many("by_range", ["id", "y", "v"], [(n, n % 30, f"v{n}") for n in range(600)])
    many("by_hash", ["id", "v"], [(n, n) for n in range(600)])
    many("latin", ["id", "v", "t"], [(n, "äöü é ñ ÿ", "ß" * n) for n in range(200)])
    many("latin_key", ["v", "n"], [(w, n) for n, w in enumerate(["a", "A", "ä", "Ä", "é", "ÿ", "ß", "z "])])
    for table in ("words_0900", "words_1400", "words_latin"):
        if table_made(table, have):
            many(table, ["w", "n"], [(w, n) for n, w in enumerate(WORDS_START)])
    if "generated" in have:
        many("computed", ["id", "a", "z"], [(n, n * 7, "z") for n in range(400)])
    if "functional key" in have:
        many("functional", ["id", "a", "b"], [(n, n % 10, f"Bb{n}") for n in range(100)])
    if "check" in have:
        many("checked", ["id", "v"], [(n, n) for n in range(50)])
    if "expression default" in have:
        many("by_default", ["id"], [(n,) for n in range(20)])


WORDS_START = ["abc", "Elan", "straße", "zebra", "naïve", "Übung", "ärger", "ОДИН", "one two", "x", "0", "ﬁn"]


def table_made(table, have):
    return {"words_0900": "0900", "words_1400": "uca1400"}.get(table) in have if table != "words_latin" else "latin words" in have


def make(source, target, seed=1, rows=4000):
    """All databases with their data on the source. Returns what the pair of servers can do, for the writer."""
    rng = random.Random(seed)
    tidb = target.flavour == "tidb"
    have = features(source, target) | (set() if tidb else {"latin words"})
    for schema in SCHEMAS:
        run_all(source, [f"CREATE DATABASE {quoted(schema)} DEFAULT CHARACTER SET utf8mb4 COLLATE {CI}"])
    run_all(source, key_tables(have, tidb), MAIN)
    run_all(source, odd_tables(), ODD)
    for name, columns in typed_tables(source, target).items():
        inserts = [f"INSERT INTO {name} VALUES ({n}, {', '.join(row)})" for n, row in enumerate(typed_rows(columns))]
        run_all(source, [create_typed(name, columns), *inserts], MAIN)
    fill_keys(source, have, rng, rows)
    run_all(source, [f"INSERT INTO {quoted(name)} VALUES (0, '', NULL, ''), (1, 'one', 1, 'groß'), (2, 'it''s', -1, NULL)" for name in ODD_NAMES], ODD)
    run_all(source, ["CREATE TABLE start (id int PRIMARY KEY, v varchar(20))", "INSERT INTO start VALUES (1, 'a'), (2, 'b')"], DDL)
    return have
