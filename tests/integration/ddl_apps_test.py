"""DDL as applications and their migration tools write it (tests/data/schema/apps.sql), on real servers: after every statement that
the server takes, `dmlib schema` has the definitions that SHOW CREATE TABLE shows.
"""

import pathlib

import pytest

from support.ddl_compare import Session, differences, followed

DATA = pathlib.Path(__file__).resolve().parents[1] / "data/schema/apps.sql"
KINDS = ["mysql-5.6", "mysql-8.0", "mysql-9.7", "mariadb-10.2", "mariadb-10.11", "mariadb-11.8"]


def cases():
    """(name, options of the database, statements)."""
    out = []
    for line in DATA.read_text(encoding="utf-8").splitlines():
        if line.startswith("-- case "):
            name, _, options = line.removeprefix("-- case ").partition(" ")
            out.append((name, options, []))
        elif line and not line.startswith("--"):
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


@pytest.mark.parametrize("kind", KINDS)
def test_definitions_follow(kind, servers):
    server = servers(kind)
    version, charset, collation = server.query("SELECT VERSION(), @@character_set_server, @@collation_server")[0]
    session = Session(server)
    histories = [(name, record(session, options, statements)) for name, options, statements in cases()]
    lines = followed(kind, version, (charset, collation), [sql for _, history in histories for sql, _ in history])
    found, at, count = [], 0, 0
    for name, history in histories:
        count += len(history) - 5
        found += [f"{name}: {sql}\n    {what}" for _, sql, what in differences(history, lines[at:at + len(history)])]
        at += len(history)
    print(f"{kind}: {count} statements taken, {len(found)} differences")
    assert count >= 120, "the server takes too little"
    assert not found, "\n".join(found)
