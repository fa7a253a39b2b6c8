"""Random DDL on a real server, and what `dmlib schema` makes of the statements that it took: the definitions are the same
after every statement, text by text, with SHOW CREATE TABLE.

Short by itself. DMLIB_DDL_HISTORIES=1000 (per server), DMLIB_DDL_SEED and DMLIB_DDL_SERVERS (kinds, with commas) make it longer. DMLIB_DDL_WILD=1 also
makes what hardly anybody writes; there the definitions have to agree for 97 % of the statements (docs/limits.md says what differs).
"""

import json
import os
import random
import re
import subprocess

import pytest

from support.ddl_maker import Maker
from support.dmlib import find_program

HISTORIES = int(os.environ.get("DMLIB_DDL_HISTORIES", "12"))
SEED = int(os.environ.get("DMLIB_DDL_SEED", "1"))
WILD = os.environ.get("DMLIB_DDL_WILD", "") == "1"
KINDS = os.environ.get("DMLIB_DDL_SERVERS", "mysql-5.6,mysql-8.0,mysql-9.7,mariadb-10.2,mariadb-10.11,mariadb-11.8").split(",")
STATEMENTS = 25
SCHEMA_OPTIONS = ["", "", " CHARACTER SET latin1", " CHARACTER SET utf8mb4", " CHARACTER SET utf8 COLLATE utf8_bin", " COLLATE utf8mb4_general_ci"]
# MariaDB adds conversions where character sets meet (docs/limits.md).
CONVERSION = re.compile(r"convert\((`(?:[^`]|``)+`) using \w+\)")
# The next value of AUTO_INCREMENT is data.
COUNTER = re.compile(r"^(\).*?) AUTO_INCREMENT=\d+", re.M)


class Unreadable(Exception):
    """The server cannot show what it has taken, or it crashed: the history ends there."""


class Session:
    """A session on the server; one database for each history."""

    def __init__(self, server):
        self.server = server
        self.connect()

    def connect(self):
        server = self.server
        self.cursor = server.connect(autocommit=True).cursor()
        self.reader = server.connect(autocommit=True).cursor()      # its sql_mode stays
        self.run("SET NAMES utf8mb4")

    def run(self, sql):
        """Nothing, or the number of the server's error."""
        import pymysql
        try:
            self.cursor.execute(sql)
            self.cursor.fetchall()
        except pymysql.err.MySQLError as e:
            if e.args[0] in (2006, 2013):
                self.server.again()
                self.connect()
                raise Unreadable from e
            return e.args[0]
        return None

    def definitions(self, schema):
        import pymysql
        out = {}
        try:
            self.reader.execute(f"SHOW TABLES FROM {schema}")
            for name in [row[0] for row in self.reader.fetchall()]:
                self.reader.execute(f"SHOW CREATE TABLE {schema}.`" + name.replace("`", "``") + "`")
                out[name] = self.reader.fetchall()[0][1]
        except (pymysql.err.MySQLError, UnicodeDecodeError) as e:
            raise Unreadable from e
        return out


def record(session, kind, seed):
    """One history: [(sql, {table: definition} after it)]."""
    rng = random.Random(f"{kind} {seed}")
    maker, schema = Maker(rng, kind, WILD), f"rnd{seed}"
    begin = f"CREATE DATABASE {schema}" + rng.choice(SCHEMA_OPTIONS)
    refused = session.run(begin)
    assert refused is None, (begin, refused)
    out = [(begin, None)]
    for sql in (f"USE {schema}", f"SET sql_mode='{maker.mode}'"):
        assert session.run(sql) is None
        out.append((sql, None))
    for _ in range(STATEMENTS):
        sql, taken = maker.statement()
        try:
            if session.run(sql) is not None:
                continue
            out.append((sql, session.definitions(schema)))
        except Unreadable:
            break
        taken()
    session.run(f"DROP DATABASE {schema}")
    out.append((f"DROP DATABASE {schema}", {}))
    return out


def followed(kind, version, default, statements):
    """The lines of `dmlib schema --json` for the statements."""
    delimiter = "//;;//"
    script = f"DELIMITER {delimiter}\nSET NAMES utf8mb4{delimiter}\n" + "".join(f"{sql}\n{delimiter}\n" for sql in statements)
    argv = [str(find_program()), "schema", "--json", "--flavor", kind.split("-")[0], "--server-version", version, "--charset", default[0], "--collation", default[1]]
    done = subprocess.run(argv, input=script.encode(), capture_output=True, check=False)
    lines = [json.loads(line) for line in done.stdout.splitlines()][1:]
    assert len(lines) == len(statements), done.stderr.decode(errors="replace")[-2000:]
    return lines


def comparable(text):
    # MySQL 5.6 prints PARTITION BY as it was written (docs/limits.md).
    return CONVERSION.sub(r"\1", COUNTER.sub(r"\1", text.split("\n/*!50100 PARTITION BY")[0]))


def differences(history, lines):
    """Where the two part, once for each table until they agree again."""
    tracked, apart, out, seen = {}, set(), [], set()
    for at, ((sql, expected), line) in enumerate(zip(history, lines, strict=True)):
        if line["result"] in ("refused", "unparsed"):
            out.append((at, sql, f"{line['result']}: {line['error']}"))
        for name in line["dropped"]:
            tracked.pop(name.split(".", 1)[1].strip("`").replace("``", "`"), None)
        for table in line["tables"]:
            tracked[table["table"]] = table["create"]
        if expected is None:
            continue
        for name in sorted(expected.keys() | tracked.keys()):
            ours, theirs = (comparable(side.get(name, "no such table")) for side in (tracked, expected))
            if ours != theirs and name not in apart:
                what = first_difference(theirs, ours)
                if what not in seen:        # a renamed table is no new case
                    out.append((at, sql, what))
                seen.add(what)
            (apart.discard if ours == theirs else apart.add)(name)
    return out


def first_difference(theirs, ours):
    pairs = [(a, b) for a, b in zip(theirs.split("\n") + [""] * 50, ours.split("\n") + [""] * 50) if a != b]
    return f"server: {pairs[0][0].strip()}\n    dmlib:  {pairs[0][1].strip()}" + (f"\n    and {len(pairs) - 1} more lines" if len(pairs) > 1 else "")


@pytest.mark.parametrize("kind", KINDS)
def test_definitions_follow(kind, servers):
    server = servers(kind)
    version, charset, collation = server.query("SELECT VERSION(), @@character_set_server, @@collation_server")[0]
    session = Session(server)
    histories = [record(session, kind, SEED + n) for n in range(HISTORIES)]
    statements = [sql for history in histories for sql, _ in history]
    lines = followed(kind, version, (charset, collation), statements)
    found, at, count = [], 0, 0
    for n, history in enumerate(histories):
        count += len(history) - 4
        found += [(SEED + n, *d) for d in differences(history, lines[at:at + len(history)])]
        at += len(history)
    print(f"{kind}: {count} statements taken, {len(found)} differences")
    assert count > HISTORIES * 4, "the server takes next to nothing of what is made"
    listed = "\n".join(f"seed {seed}, statement {at}: {sql}\n    {what}" for seed, at, sql, what in found[:60])
    assert len(found) <= (count * 3 // 100 if WILD else 0), f"{len(found)} differences among {count} statements\n{listed}"
