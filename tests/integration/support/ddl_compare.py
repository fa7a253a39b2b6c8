"""Definitions that a real server shows after statements, and those that `dmlib schema` tracks: compared text by text."""

import json
import re
import subprocess

from support.dmlib import find_program

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


def followed(kind, version, default, statements):
    """The lines of `dmlib schema --json` for the statements."""
    delimiter = "//;;//"
    script = f"DELIMITER {delimiter}\nSET NAMES utf8mb4{delimiter}\n" + "".join(f"{sql}\n{delimiter}\n" for sql in statements)
    argv = [str(find_program()), "schema", "--json", "--flavor", kind.split("-")[0], "--server-version", version, "--charset", default[0], "--collation", default[1]]
    done = subprocess.run(argv, input=script.encode(), capture_output=True, check=False)
    lines = [json.loads(line) for line in done.stdout.splitlines()][1:]
    assert len(lines) == len(statements), done.stderr.decode(errors="replace")[-2000:]
    return lines


def comparable(text, kind):
    if kind == "mysql-5.6":     # it prints PARTITION BY as it was written (docs/limits.md)
        text = re.split(r"\n/\*!50[15]00 PARTITION BY", text)[0]
    return CONVERSION.sub(r"\1", COUNTER.sub(r"\1", text))


def differences(kind, history, lines):
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
            ours, theirs = (comparable(side.get(name, "no such table"), kind) for side in (tracked, expected))
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
