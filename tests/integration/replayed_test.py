"""Recorded binlogs of other people's type tests, applied event by event: the rows that come out are the recorded final state.

Needs DMLIB_CORPUS (types/replayed). `dmlib binlog --json` gives the events, `dmlib schema --json` the columns of each table at
each statement; nothing else knows the tables. No server is needed.
"""

import base64
import decimal
import gzip
import ipaddress
import json
import os
import pathlib
import re
import subprocess
import uuid

import pytest

from support.dmlib import find_program

CORPUS = os.environ.get("DMLIB_CORPUS")
FILES = sorted(pathlib.Path(CORPUS, "types", "replayed").glob("*/*.binlog.gz")) if CORPUS else []
CODECS = {"latin1": "cp1252", "latin2": "iso8859-2", "ascii": "ascii", "utf8mb3": "utf-8", "utf8mb4": "utf-8", "cp1250": "cp1250", "greek": "iso8859-7",
          "ucs2": "utf-16-be", "utf16": "utf-16-be", "utf32": "utf-32-be", "gbk": "gbk", "sjis": "shift_jis", "big5": "big5", "ujis": "euc_jp"}
COLLATIONS = {8: "latin1_swedish_ci", 45: "utf8mb4_general_ci", 255: "utf8mb4_0900_ai_ci", 2304: "utf8mb4_uca1400_ai_ci"}


def command(arguments, script=None):
    done = subprocess.run([str(find_program()), *arguments], input=script, capture_output=True, check=False)
    assert done.returncode == 0, (arguments, done.stderr.decode(errors="replace")[-2000:])
    return [json.loads(line, parse_float=decimal.Decimal) for line in done.stdout.decode().splitlines()]


def schema_lines(server, statements, collation):
    """What `dmlib schema` says about each statement, in order: [(default schema, sql)] in."""
    flavor, _, version = server.partition("-")
    script = ["DELIMITER //;;//", "SET sql_mode=''//;;//"]
    for schema, sql in statements:
        script.append((f"USE `{schema}`" if schema else "SET @nothing=1") + "//;;//\n" + sql + "\n//;;//")
    lines = command(["schema", "--json", "--flavor", flavor, "--server-version", version, "--collation", collation], "\n".join(script).encode())
    return lines[2::2]


class Tables:
    """The rows of every table, as {column name: value of the event}."""

    def __init__(self):
        self.rows, self.columns = {}, {}

    def take_definitions(self, line):
        for name in line.get("dropped", []):
            self.rows.pop(name.replace("`", ""), None)
        for t in line.get("tables", []):
            name = f"{t['schema']}.{t['table']}"
            self.columns[name] = t["columns"]
            self.rows.setdefault(name, [])
            names = {c["name"] for c in t["columns"]}
            for row in self.rows[name]:
                assert set(row) <= names, "a statement that changes the columns of rows is not replayed here"
                for c in t["columns"]:
                    if c["name"] not in row:
                        row[c["name"]] = default_of(c)

    def named(self, name, image):
        return {self.columns[name][int(position[1:]) - 1]["name"]: value for position, value in image.items()}

    def apply(self, event):
        name = f"{event['schema']}.{event['table']}"
        rows = self.rows[name]
        for change in event["rows"]:
            before, after = (self.named(name, change[k]) if k in change else None for k in ("before", "after"))
            if before is None:
                rows.append({c["name"]: after[c["name"]] if c["name"] in after else default_of(c) for c in self.columns[name]})
                continue
            at = next((i for i, row in enumerate(rows) if all(row[k] == v for k, v in before.items())), None)
            assert at is not None, f"{name} has no row {before}"
            if after is None:
                del rows[at]
            else:
                rows[at].update(after)


def default_of(column):
    """What an image that leaves the column out means: the default, in the event's form."""
    text = column["default"]
    if text is None:
        return None
    assert not column["default_is_expression"], column
    if column["type"].startswith(("enum", "set")):
        members = members_of(column)
        return members.index(text) + 1 if column["type"].startswith("enum") else sum(1 << members.index(m) for m in text.split(",") if m)
    if column["type"].startswith("bit"):
        return int(text[2:-1], 2)
    if re.match(r"(tiny|small|medium|big)?int|year", column["type"]):
        return int(text)
    if column["type"].startswith(("float", "double")):
        return decimal.Decimal(text)
    return text


def members_of(column):
    return [m.replace("''", "'") for m in re.findall(r"'((?:[^']|'')*)'", column["type"])]


INTEGER_BITS = {"tinyint": 8, "smallint": 16, "mediumint": 24, "int": 32, "bigint": 64}


def shown(value, column):
    """A value of an event as SELECT shows it: bytes, a number, or {"json": document}."""
    if value is None:
        return None
    kind = re.match(r"\w+", column["type"]).group()
    if isinstance(value, dict) and "base64" in value:
        value = base64.b64decode(value["base64"])
    if kind == "json":
        return value
    if kind == "enum":
        return ([""] + members_of(column))[value].encode()
    if kind == "set":
        return ",".join(m for i, m in enumerate(members_of(column)) if value >> i & 1).encode()
    if kind == "bit":
        return value.to_bytes((int(column["type"][4:-1]) + 7) // 8, "big")
    if kind == "year":
        return b"%04d" % value
    if kind in ("float", "double"):
        return value
    if isinstance(value, int):
        if value < 0 and "unsigned" in column["type"]:      # the event does not say so
            value += 1 << INTEGER_BITS[kind]
        width = re.search(r"\((\d+)\).*zerofill", column["type"])
        return str(value).zfill(int(width.group(1)) if width else 0).encode()
    raw = value if isinstance(value, bytes) else value.encode()
    if kind in ("inet4", "inet6"):
        return str(ipaddress.ip_address(raw)).encode()
    if kind == "uuid":
        return str(uuid.UUID(bytes=raw.ljust(16, b"\0"))).encode()
    if kind == "binary":
        return raw.ljust(int(column["type"][7:-1]), b"\0")
    return raw


def same(ours, theirs, column):
    if ours is None or theirs is None:
        return ours is None and theirs is None
    kind = re.match(r"\w+", column["type"]).group()
    theirs = bytes.fromhex(theirs["hex"]) if isinstance(theirs, dict) else theirs.encode()
    if kind == "json":
        return ours["json"] == json.loads(theirs, parse_float=decimal.Decimal)
    if kind in ("float", "double"):
        digits = re.search(r",(\d+)\)", column["type"])
        if digits:
            return f"{ours:.{digits.group(1)}f}" == theirs.decode()
        return decimal.Decimal(f"{ours:.6g}" if kind == "float" else ours) == decimal.Decimal(theirs.decode())
    # Texts were recorded over a connection with utf8mb4, and as they are where that failed.
    return ours == theirs or bool(column.get("charset")) and ours.decode(CODECS[column["charset"]]).encode() == theirs


@pytest.mark.skipif(not FILES, reason="DMLIB_CORPUS is not set")
@pytest.mark.parametrize("path", FILES, ids=[f"{p.parent.name}-{p.name.split('.')[1]}" for p in FILES])
def test_the_rows_are_the_recorded_state(path, tmp_path):
    binlog = tmp_path / "binlog.000001"
    binlog.write_bytes(gzip.decompress(path.read_bytes()))
    state = json.loads(gzip.decompress(path.with_name(path.name.replace(".binlog.gz", ".state.json.gz")).read_bytes()))
    events = command(["binlog", "--json", str(binlog)])
    queries = [e for e in events if "query" in e and e["type"].startswith("QUERY") and e["query"] not in ("BEGIN", "COMMIT")]
    collation = COLLATIONS[queries[0]["charset"]["server"]]
    definitions = iter(schema_lines(state["server"], [(q.get("schema"), q["query"]) for q in queries], collation))
    tables = Tables()
    followed = {id(q) for q in queries}
    for event in events:
        assert event["status"] != "refused", event
        if id(event) in followed:
            line = next(definitions)
            assert line["result"] in ("applied", "no_effect"), (event["query"], line)
            tables.take_definitions(line)
        elif event.get("rows"):
            tables.apply(event)
    compared = 0
    for expected in state["tables"]:
        name = f"{expected['db']}.{expected['table']}"
        if name not in tables.columns:   # the recording took the bytes of a name for latin1
            name = name.encode("latin1").decode()
        columns = {c["name"]: c for c in tables.columns[name]}
        if "rows" not in expected:       # the recording could not read that table
            assert "error" in expected
            continue
        got = [[shown(row[c], columns[c]) for c in expected["cols"]] for row in tables.rows[name]]
        assert len(got) == len(expected["rows"]), name
        for row in expected["rows"]:
            at = next((i for i, ours in enumerate(got) if all(same(a, b, columns[c]) for a, b, c in zip(ours, row, expected["cols"], strict=True))), None)
            assert at is not None, f"{name}: no row {row} among {got}"
            del got[at]
            compared += 1
    assert compared > 300
