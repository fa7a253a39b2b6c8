"""Characters of every charset, of which TiDB knows few: they become what the source shows, or the task says which bytes are none."""

import pytest

from support.dmlib import EXIT_TASK, Job, assert_error
from support.zoo import run_all

DB = "it_charsets"
# Codes of one to four bytes: the expression, its tables, the condition.
SHAPES = {
    1: ("a.b", "bytes a", "TRUE"), 2: ("CONCAT(a.b, b.b)", "bytes a, bytes b", "a.b >= 0x80"),
    3: ("CONCAT(0x8F, a.b, b.b)", "bytes a, bytes b", "a.b >= 0x80 AND b.b >= 0x80"),
    4: ("CONCAT(a.b, b.b, c.b, d.b)", "bytes a, bytes b, bytes c, bytes d",
        "a.b IN (0x81, 0x84, 0x90) AND b.b BETWEEN 0x30 AND 0x31 AND c.b >= 0x81 AND d.b BETWEEN 0x30 AND 0x39"),
}
KIN = ("binary", "utf8", "utf8mb3", "utf8mb4", "ucs2", "utf16", "utf16le", "utf32")


def charsets(source):
    return {row[0]: int(row[-1]) for row in source.query("SHOW CHARACTER SET") if row[0] not in KIN}


def make_bytes(source):
    values = ",".join(f"(0x{n:02X})" for n in range(256))
    run_all(source, ["CREATE DATABASE charsets_help", "CREATE TABLE charsets_help.bytes (b binary(1) PRIMARY KEY)", f"INSERT INTO charsets_help.bytes VALUES {values}"])


def fill(charset, longest):
    """A table with every code that is a character, all codes with the same first bytes in a row; and one without a key."""
    yield f"CREATE TABLE {DB}.{charset} (id int PRIMARY KEY AUTO_INCREMENT, c mediumtext CHARACTER SET {charset})"
    for length in range(1, longest + 1):
        code, tables, condition = SHAPES[length]
        # A byte that is eucjpms only together with the next ones is shown as nothing, or as it is.
        yield (f"INSERT INTO {DB}.{charset} (c) SELECT GROUP_CONCAT(text ORDER BY code SEPARATOR '') "
               f"FROM (SELECT code, text, HEX(CONVERT(text USING utf8mb4)) shown FROM (SELECT {code} code, CONVERT({code} USING {charset}) text FROM {tables} WHERE {condition}) c) t "
               f"WHERE CAST(text AS BINARY) = code AND CHAR_LENGTH(text) = 1 AND (shown NOT IN ('3F', 'EFBFBD') OR code IN (0x3F, 0x8431A437)) AND shown <> '' AND shown NOT LIKE '8_' "
               f"GROUP BY {'code' if length == 1 else f'LEFT(code, {length - 1})'}")
    yield f"CREATE TABLE {DB}.{charset}_keyless (id int, c varchar(400) CHARACTER SET {charset} COLLATE {charset}_bin)"
    yield f"INSERT INTO {DB}.{charset}_keyless SELECT id, LEFT(c, 400) FROM {DB}.{charset}"


def assert_shown(source, target, names):
    for name in names:
        for table in (name, name + "_keyless"):
            shown = source.query(f"SELECT id, HEX(CONVERT(c USING utf8mb4)) FROM {DB}.{table} ORDER BY id")
            there = target.query(f"SELECT id, HEX(CONVERT(c USING utf8mb4)) FROM {DB}.{table} ORDER BY id")
            assert there == shown, (table, [(a, b) for a, b in zip(shown, there) if a != b][:2])


def test_every_code_becomes_what_the_source_shows(servers, tmp_path):
    source, target = servers("mysql-8.0"), servers("tidb")
    make_bytes(source)
    names = charsets(source)
    run_all(source, [f"CREATE DATABASE {DB}"])
    run_all(source, ["SET SESSION group_concat_max_len = 1000000", *(s for name, longest in names.items() for s in fill(name, longest))], "charsets_help")
    counts = {name: int(source.query(f"SELECT SUM(CHAR_LENGTH(c)) FROM {DB}.{name}")[0][0]) for name in names}
    assert counts["koi8u"] == 256 and counts["greek"] == 250 and counts["sjis"] > 7000 and counts["gb18030"] > 30000, counts
    job = Job(tmp_path, source, target)
    job.run_ok()
    assert_shown(source, target, names)
    run_all(source, [s for name in names for s in (
        f"INSERT INTO {name} (c) SELECT REVERSE(c) FROM {name} WHERE id % 2 = 0", f"UPDATE {name} SET c = CONCAT(c, 'x', c) WHERE id % 3 = 0",
        f"UPDATE {name}_keyless SET id = id + 100000 WHERE id % 2 = 1", f"DELETE FROM {name}_keyless WHERE id % 4 = 0")], DB)
    job.run_ok()
    assert_shown(source, target, names)


# Bytes that the source shows as '?' or U+FFFD; those of greek, and of ascii, would be a character of UTF-8.
NONE = [("mysql-8.0", "sjis", "4181AD42", "0x81AD42 at 1"), ("mysql-8.0", "greek", "D2A1", "0xD2A1 at 0"), ("mysql-8.0", "tis620", "A1A0", "0xA0 at 1"),
        ("mysql-8.0", "big5", "A15A", "0xA15A at 0"), ("mariadb-10.11", "ascii", "C3A9", "0xC3A9 at 0")]


@pytest.mark.parametrize("at", ["copy", "replication"])
@pytest.mark.parametrize("kind, charset, code, named", NONE, ids=[n[1] for n in NONE])
def test_bytes_that_are_no_character_are_named(servers, tmp_path, kind, charset, code, named, at):
    source, target = servers(kind), servers("tidb")
    run_all(source, [f"CREATE DATABASE {DB}", f"CREATE TABLE {DB}.t (id int PRIMARY KEY, c varchar(20) CHARACTER SET {charset})", f"INSERT INTO {DB}.t VALUES (1, 'fine')"])
    job = Job(tmp_path, source, target)
    if at == "replication":
        job.run_ok()
    run_all(source, [f"INSERT INTO {DB}.t VALUES (2, CONVERT(0x{code} USING {charset}))" if charset != "ascii" else f"INSERT INTO {DB}.t VALUES (2, 0x{code})"])
    assert source.query(f"SELECT HEX(c) FROM {DB}.t WHERE id = 2") == [(code,)]
    stopped = job.run()
    assert stopped.code == EXIT_TASK, str(stopped)
    assert_error(stopped.error, "db-data-too-long", source="src-1", table=(DB, "t"), position=at == "replication")
    message = stopped.error["message"]
    assert f"charset {charset}" in message and "`c`" in message and named in message, message
    assert not target.query(f"SELECT * FROM {DB}.t WHERE id = 2")
