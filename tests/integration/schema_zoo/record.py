#!/usr/bin/env python3
"""Runs tests/data/schema/zoo.sql on a real server and writes what it answers.

    python3 tests/integration/schema_zoo/record.py KIND PORT

KIND is such as mysql-9.7; the server listens on 127.0.0.1, root without password. The result goes to
tests/data/schema/KIND.jsonl: per statement ok or errno, and SHOW CREATE TABLE of every table that is new
or differs, with the COLUMN_TYPE of its columns; names of tables gone. Needs the mariadb client.
"""
import json
import pathlib
import re
import subprocess
import sys

DATA = pathlib.Path(__file__).resolve().parents[2] / "data/schema"
SCHEMAS = ("zoo", "zoo_other")


class Session:
    """One client process per statement: no state but the default database is carried over."""

    def __init__(self, port):
        self.base = ["mariadb", "--no-defaults", "-h127.0.0.1", f"-P{port}", "-uroot", "-BN", "--default-character-set=utf8mb4"]

    def run(self, sql, database=None):
        done = subprocess.run(self.base + ([f"-D{database}"] if database else []), input=sql, capture_output=True, text=True, check=False)
        if done.returncode:
            number = re.search(r"ERROR (\d+)", done.stderr)
            return int(number.group(1)) if number else -1, done.stderr.strip()
        return 0, done.stdout

    def rows(self, sql):
        code, text = self.run(sql)
        if code:
            raise SystemExit(text)
        return [[unescape(c) for c in line.split("\t")] for line in text.splitlines()]


def unescape(text):
    return re.sub(r"\\([ntr0\\])", lambda m: {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "\\": "\\"}[m.group(1)], text)


def state(session):
    names = session.rows("SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA IN ('zoo','zoo_other')")
    out = {}
    for schema, table in names:
        quoted = "`" + schema + "`.`" + table.replace("`", "``") + "`"
        out[f"{schema}.{table}"] = session.rows(f"SHOW CREATE TABLE {quoted}")[0][1]
    return out


def types(session, name):
    schema, table = name.split(".", 1)
    table = table.replace("'", "''")
    return dict(session.rows("SELECT COLUMN_NAME, COLUMN_TYPE FROM information_schema.COLUMNS "
                             f"WHERE TABLE_SCHEMA='{schema}' AND TABLE_NAME='{table}' ORDER BY ORDINAL_POSITION"))


def cases():
    name, options, statements = None, "", []
    for line in (DATA / "zoo.sql").read_text(encoding="utf-8").splitlines():
        if line.startswith("-- case "):
            if name:
                yield name, options, statements
            _, _, name, *rest = line.split(" ", 3)
            options, statements = (rest[0] if rest else ""), []
        elif line and not line.startswith("--"):
            statements.append(line.removesuffix(";"))
    yield name, options, statements


def main():
    kind, port = sys.argv[1:]
    session = Session(port)
    with open(DATA / f"{kind}.jsonl", "w", encoding="utf-8") as out:
        for name, options, statements in cases():
            for schema in SCHEMAS:
                session.run(f"SET foreign_key_checks=0; DROP DATABASE IF EXISTS {schema}")
            code, text = session.run(f"CREATE DATABASE zoo {options}")
            if code:
                raise SystemExit(text)
            print(json.dumps({"case": name, "options": options}), file=out)
            before = {}
            for sql in statements:
                code, _ = session.run(sql, "zoo")
                after = state(session)
                record = {"sql": sql, "errno": code}
                record["after"] = {n: t for n, t in after.items() if before.get(n) != t}
                record["types"] = {n: types(session, n) for n in record["after"]}
                record["gone"] = sorted(before.keys() - after.keys())
                print(json.dumps(record, ensure_ascii=False), file=out)
                before = after
        for schema in SCHEMAS:
            session.run(f"SET foreign_key_checks=0; DROP DATABASE IF EXISTS {schema}")


if __name__ == "__main__":
    main()
