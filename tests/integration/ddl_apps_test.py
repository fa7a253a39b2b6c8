"""DDL as applications and their migration tools write it (tests/data/schema/apps.sql), and what hardly anybody writes (manual.sql), on
real servers: after every statement that the server takes, `dmlib schema` has the definitions that SHOW CREATE TABLE shows.
"""

import pathlib

import pytest

from support.ddl_compare import Session, differences, followed

DATA = pathlib.Path(__file__).resolve().parents[1] / "data/schema"
KINDS = ["mysql-5.6", "mysql-8.0", "mysql-9.7", "mariadb-10.2", "mariadb-10.5", "mariadb-10.11", "mariadb-11.8"]
# What docs/limits.md lists: keys' block sizes and the order of foreign keys on MySQL 5.6; a TIMESTAMP that loses its default before another that updates set.
LEFT_OUT = {"mysql-5.6": ["KEY_BLOCK_SIZE", "CONSTRAINT fk FOREIGN KEY ix"], "mariadb-10.5": ["ALTER TABLE d18 ALTER h DROP DEFAULT"]}


def cases(file, kind):
    """(name, options of the database, statements)."""
    out = []
    for line in (DATA / file).read_text(encoding="utf-8").splitlines():
        if line.startswith("-- case "):
            name, _, options = line.removeprefix("-- case ").partition(" ")
            out.append((name, options, []))
        elif line and not line.startswith("--"):
            if any(part in line for part in LEFT_OUT.get(kind, [])):
                continue
            out[-1][2].append(line.removesuffix(";"))
    return out


def record(session, options, statements):
    """[(sql, {table: definition} after it)] of what the server takes."""
    begin = ["CREATE DATABASE app " + options, "USE app", "SET sql_mode='NO_ENGINE_SUBSTITUTION'", "SET NAMES utf8mb4"]
    for sql in begin:
        assert session.run(sql) is None, sql
    out = [(sql, None) for sql in begin]
    for sql in statements:
        if session.run(sql) is None:
            out.append((sql, session.definitions("app")))
    assert session.run("SET foreign_key_checks=0") is None
    assert session.run("DROP DATABASE app") is None
    assert session.run("SET foreign_key_checks=1") is None
    return out + [("DROP DATABASE app", {})]


@pytest.mark.parametrize("file", ["apps.sql", "manual.sql"])
@pytest.mark.parametrize("kind", KINDS)
def test_definitions_follow(kind, file, servers):
    server = servers(kind)
    version, charset, collation = server.query("SELECT VERSION(), @@character_set_server, @@collation_server")[0]
    session = Session(server)
    histories = [(name, record(session, options, statements)) for name, options, statements in cases(file, kind)]
    lines = followed(kind, version, (charset, collation), [sql for _, history in histories for sql, _ in history])
    found, at, count = [], 0, 0
    for name, history in histories:
        count += len(history) - 5
        found += [f"{name}: {sql}\n    {what}" for _, sql, what in differences(kind, history, lines[at:at + len(history)])]
        at += len(history)
    print(f"{kind}: {count} statements taken, {len(found)} differences")
    assert count >= 90, "the server takes too little"
    assert not found, "\n".join(found)
