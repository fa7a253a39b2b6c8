#!/usr/bin/python3
"""Compares the content of tables of two servers, row by row, exactly. Shares nothing with the product.

    compare.py --source 127.0.0.1:3306 --target 127.0.0.1:4000 --schema shop --table a.orders=b.orders2
    from compare import compare;  assert compare(source, target, schemas=["shop"]) == []

How: each column is selected by an expression whose text is the same on every dialect for the same value, both tables are read
once in whatever order the server likes, and each row is hashed (128 bits). Rows are counted as a multiset: the hashes of
equal rows are added up, in 4096 buckets, so duplicates matter and memory does not grow with the table. Only when a bucket
differs are the rows of the differing buckets read again and compared as they are.

Exit code 0 equal, 3 different, 2 an error.
"""

import argparse
import json
import os
import struct
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from decimal import Context, Decimal
from hashlib import blake2b
from pathlib import Path

import pymysql
from pymysql.constants import COMMAND

BUCKETS = 4096                   # a power of two below 65536
SECOND_PASS_BYTES = 32 << 20     # how much of the differing rows is kept per side, about

_TEXT = {"char", "varchar", "tinytext", "text", "mediumtext", "longtext", "set", "uuid", "inet4", "inet6"}
_BYTES = {"binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob"}
_NUMBER = {"tinyint", "smallint", "mediumint", "int", "bigint", "decimal", "year", "bit"}
_TIME = {"date", "datetime", "timestamp", "time"}
_SETTLED_HERE = {"json", "exact json", "float", "fixed float", "vector"}
_UTF8 = {"utf8mb4", "utf8mb3", "utf8", "ascii"}      # bytes that are utf8mb4 as they are


# ---- servers and their definitions ----------------------------------------------------------------------------------

@dataclass
class Column:
    name: str
    data_type: str
    column_type: str
    nullable: bool
    charset: str | None
    category: str = ""


@dataclass
class Table:
    """One table on one server."""
    side: "Side"
    schema: str
    name: str
    columns: list = field(default_factory=list)
    key: list = field(default_factory=list)          # names of the primary key's columns, lower case

    def __str__(self):
        return f"{self.schema}.{self.name}"


class Side:
    """A server, by options of pymysql.connect, by an object with host, port and user, or by 'user:password@host:port'."""

    def __init__(self, server, label):
        self.label = label
        self.options = connect_options(server)
        with self.connect() as c, c.cursor() as cursor:
            cursor.execute("SELECT VERSION()")
            version = cursor.fetchone()[0]
        self.flavour = "tidb" if "tidb" in version.lower() else "mariadb" if "mariadb" in version.lower() else "mysql"

    def connect(self):
        # sql_mode: names in backticks, CHAR without padding. character_set_results NULL: no conversion on the way to us.
        return pymysql.connect(**self.options, charset="utf8mb4", autocommit=True, connect_timeout=20,
                               init_command="SET SESSION sql_mode = '', time_zone = '+00:00'")

    def tables(self, schema):
        with self.connect() as c, c.cursor() as cursor:
            cursor.execute("SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = %s "
                           "AND TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED')", (schema,))
            return sorted(r[0] for r in cursor.fetchall())

    def table(self, schema, name):
        """The Table, or None when there is none."""
        with self.connect() as c, c.cursor() as cursor:
            cursor.execute("SELECT COLUMN_NAME, DATA_TYPE, COLUMN_TYPE, IS_NULLABLE, CHARACTER_SET_NAME FROM information_schema.COLUMNS "
                           "WHERE TABLE_SCHEMA = %s AND TABLE_NAME = %s ORDER BY ORDINAL_POSITION", (schema, name))
            columns = [Column(n, text(d).lower(), text(t).lower(), y == "YES", cs) for n, d, t, y, cs in cursor.fetchall()]
            cursor.execute("SELECT COLUMN_NAME FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = %s AND TABLE_NAME = %s "
                           "AND INDEX_NAME = 'PRIMARY' ORDER BY SEQ_IN_INDEX", (schema, name))
            key = [r[0].lower() for r in cursor.fetchall()]
        return Table(self, schema, name, columns, key) if columns else None


def text(value):
    return value.decode() if isinstance(value, bytes) else value


def connect_options(server):
    if isinstance(server, dict):
        return server
    if isinstance(server, str):
        return parse_server(server)
    return {"host": server.host, "port": int(server.port), "user": getattr(server, "user", "root"), "password": getattr(server, "password", "")}


def parse_server(text):
    """[user[:password]@]host:port, or the folder or the name of an instance that tests/servers/up started."""
    if os.path.isfile(os.path.join(text, "instance.json")):
        facts = json.loads(Path(text, "instance.json").read_text())
        return {k: facts[k] for k in ("host", "port", "user", "password")}
    account, _, address = text.rpartition("@")
    host, colon, port = address.rpartition(":")
    if not colon or not port.isdigit():
        import servers
        return parse_server(servers.load(text).dir)
    user, _, password = account.partition(":")
    return {"host": host, "port": int(port), "user": user or "root", "password": password}


# ---- what is selected -----------------------------------------------------------------------------------------------

def quoted(name):
    return "`" + name.replace("`", "``") + "`"


def category(column, side):
    data_type = column.data_type
    if data_type in ("float", "double") and "," in column.column_type:
        return "fixed float"                                 # FLOAT(M,D): each server rounds to D digits in its own way
    if data_type == "json" and side.flavour == "mysql":
        return "exact json"
    if data_type in _TEXT:
        return "text"
    if data_type in _NUMBER:
        return "number"
    if data_type in ("float", "double", "json", "vector", "enum"):
        return "float" if data_type == "double" else data_type
    return "time" if data_type in _TIME else "bytes"         # geometry is compared as SRID and WKB, which all servers send


def common_category(a, b):
    """How to compare when the two servers have different types for the column (MariaDB's JSON is a LONGTEXT)."""
    pair = {a, b}
    if len(pair) == 1:
        return a
    if pair & {"json", "exact json"} and pair <= {"json", "exact json", "text"}:
        return "json"
    if "fixed float" in pair:
        pair = pair - {"fixed float"} | {"float"}
    for strong, other in (("float", "number"), ("float", "float"), ("text", "enum")):
        if pair == {strong, other}:
            return strong
    return "bytes"


def expression(column, side):
    name = quoted(column.name)
    kind = column.category
    if "json" in kind:
        return f"CONVERT({name} USING utf8mb4)"
    if kind == "float" and column.data_type in ("float", "double"):
        return f"{name} + 0e0"                               # FLOAT alone is printed with 6 digits
    if kind == "enum":                                       # index 0 is the '' of an invalid value, unlike a member ''
        return f"CONCAT({name} = 0, CONVERT({name} USING utf8mb4))"
    if column.data_type == "bit" or "zerofill" in column.column_type:
        return f"{name} + 0"
    if column.data_type in _TEXT | {"enum"} and column.charset not in _UTF8:
        return f"CONVERT({name} USING utf8mb4)"
    return name


def select(table, columns):
    return f"SELECT {', '.join(expression(c, table.side) for c in columns)} FROM {quoted(table.schema)}.{quoted(table.name)}"


# A JSON column of MySQL may hold decimals of 65 digits. Elsewhere a number that is no 64-bit integer is a double, but for
# MariaDB, whose JSON is text: its digits that no double has cannot arrive anywhere else.
_EXACT = Context(prec=100000, Emin=-999999, Emax=999999)


def exact_json(value):
    """The same for documents of equal value: keys sorted (the last of doubles), numbers by value, strings as they are."""
    if isinstance(value, dict):
        return b"{" + b",".join(json.dumps(k).encode() + b":" + exact_json(value[k]) for k in sorted(value)) + b"}"
    if isinstance(value, list):
        return b"[" + b",".join(map(exact_json, value)) + b"]"
    if isinstance(value, Decimal):
        return str(_EXACT.normalize(_EXACT.add(value, Decimal(0)))).encode()       # also -0 is 0
    return json.dumps(value).encode()


def double(digits):
    return Decimal(repr(float(digits))) if abs(float(digits)) != float("inf") else Decimal(digits)


def integer_or_double(digits):
    return Decimal(digits) if -(1 << 63) <= int(digits) < 1 << 64 else double(digits)


def canonical_exact_json(cell):
    return canonical_json(cell, Decimal, Decimal)


def canonical_json(cell, fraction=double, integer=integer_or_double):
    try:
        return exact_json(json.loads(cell, parse_float=fraction, parse_int=integer))
    except ValueError:
        return b"not JSON: " + cell                           # MariaDB allows it without its CHECK


def canonical_float(cell):
    return repr(float(cell) + 0.0).encode()                   # two servers print 1e20 in two ways; not all of them keep -0


def canonical_vector(cell):
    """TiDB sends [1,2], the others 32-bit floats."""
    return struct.pack(f"<{cell.count(b',') + 1}f", *json.loads(cell)) if cell != b"[]" else b""


def converter(column, side):
    if column.category == "vector":
        return canonical_vector if side.flavour == "tidb" else None
    return {"json": canonical_json, "exact json": canonical_exact_json, "float": canonical_float, "fixed float": canonical_float}.get(column.category)


# ---- reading --------------------------------------------------------------------------------------------------------

def row_packets(table, columns):
    """The rows in the encoding of the protocol: one bytes object each, the same bytes for the same cells.

    pymysql's own cursors take 10 times longer. It connects; the answer's packets are read here.
    """
    connection = table.side.connect()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET character_set_results = NULL")
            try:
                cursor.execute("SET SESSION net_write_timeout = 3600")
            except pymysql.MySQLError:
                pass                        # TiDB has none
        # Every answer so far has been read to its end, so the smaller buffer that is replaced here is empty.
        connection._rfile = connection._sock.makefile("rb", 1 << 18)
        connection._execute_command(COMMAND.COM_QUERY, select(table, columns))
        packets = read_packets(connection._rfile.read)
        for _ in range(len(columns) + 2):   # the number of columns, each column, end of the columns
            raise_if_error(next(packets))
        for packet in packets:
            if packet[0] >= 0xFE:
                raise_if_error(packet)
                if len(packet) < 9:
                    return
            yield packet
        raise OSError(f"{table.side.label}: the connection was lost while reading {table}")
    finally:
        connection._force_close()


def read_packets(read):
    while head := read(4):
        size = head[0] | head[1] << 8 | head[2] << 16
        packet = read(size)
        while size == 0xFFFFFF:             # longer than a packet of the protocol can be
            head = read(4)
            size = head[0] | head[1] << 8 | head[2] << 16
            packet += read(size)
        yield packet


def raise_if_error(packet):
    if packet[0] == 0xFF:
        raise pymysql.OperationalError(int.from_bytes(packet[1:3], "little"), packet[9:].decode("utf-8", "replace"))


def cells(packet):
    """The cells of a row: bytes or None."""
    out, i, end = [], 0, len(packet)
    while i < end:
        n = packet[i]
        i += 1
        if n == 0xFB:
            out.append(None)
            continue
        if n > 0xFB:
            size = {0xFC: 2, 0xFD: 3, 0xFE: 8}[n]
            n = int.from_bytes(packet[i:i + size], "little")
            i += size
        out.append(packet[i:i + n])
        i += n
    return out


def encode(row):
    return b"".join(b"\xfb" if c is None else b"\xfe" + len(c).to_bytes(8, "little") + c for c in row)


def canonical_rows(table, columns):
    """Packets whose bytes are equal exactly when the rows are. Columns that no server expression can settle are settled here."""
    converters = [(i, f) for i, c in enumerate(columns) if (f := converter(c, table.side))]
    if not any(c.category in _SETTLED_HERE for c in columns):
        yield from row_packets(table, columns)
        return
    for packet in row_packets(table, columns):
        row = cells(packet)
        for i, convert in converters:
            if row[i] is not None:
                row[i] = convert(row[i])
        yield encode(row)                   # both sides in this form, also the one that needs no conversion


# ---- comparing ------------------------------------------------------------------------------------------------------

@dataclass
class Tally:
    rows: int = 0
    size: int = 0
    sums: list = field(default_factory=lambda: [0] * BUCKETS)


def tally(tables_and_columns):
    t = Tally()
    sums, mask, rows, size = t.sums, BUCKETS - 1, 0, 0
    number = int.from_bytes
    for table, columns in tables_and_columns:
        for packet in canonical_rows(table, columns):
            h = number(blake2b(packet, digest_size=16).digest(), "little")
            # The low bits choose the bucket; +1 in a high place counts the rows of it.
            sums[h & mask] += h + (1 << 160)
            rows += 1
            size += len(packet)
    t.rows, t.size = rows, size
    return t


def collect(tables_and_columns, buckets):
    """{row: how many} of the rows in these buckets."""
    out, mask = {}, BUCKETS - 1
    for table, columns in tables_and_columns:
        for packet in canonical_rows(table, columns):
            if number_of(packet) & mask in buckets:
                out[packet] = out.get(packet, 0) + 1
    return out


def number_of(packet):
    return int.from_bytes(blake2b(packet, digest_size=16).digest(), "little")


def match_columns(group, ignore_columns, ignore_target_only, definitions):
    """(columns per table, differences): the columns in the order of the first source table, on every side."""
    first, target = group.sources[0], group.target
    ignored = {c.lower() for c in ignore_columns}

    def wanted(table):
        return {c.name.lower(): c for c in table.columns
                if c.name.lower() not in ignored and f"{table}.{c.name}".lower() not in ignored}

    differences, per_table = [], {}
    maps = {id(t): wanted(t) for t in [*group.sources, target]}
    names = list(maps[id(first)])
    for t in [*group.sources[1:], target]:
        have = maps[id(t)]
        missing = [maps[id(first)][n].name for n in names if n not in have]
        extra = [c.name for n, c in have.items() if n not in maps[id(first)]]
        if missing:
            differences.append(group.difference("columns", f"{t.side.label} {t} lacks the columns {', '.join(missing)}"))
        if extra and not (t is target and ignore_target_only):
            differences.append(group.difference("columns", f"{t.side.label} {t} has the columns {', '.join(extra)} more"))
        if definitions:
            both = [n for n in names if n in have]
            if [n for n in have if n in both] != both:
                differences.append(group.difference("columns", f"{t.side.label} {t} has its columns in another order: {', '.join(c.name for c in have.values())}"))
            for n in both:
                a, b = maps[id(first)][n], have[n]
                if a.nullable != b.nullable:
                    differences.append(group.difference("columns", f"{t.side.label} {t}.{b.name} is {'NULL' if b.nullable else 'NOT NULL'}"
                                                                   f", {first.side.label} {first}.{a.name} is not"))
    shared = [n for n in names if all(n in maps[id(t)] for t in [*group.sources, target])]
    for n in shared:
        common = category(maps[id(target)][n], target.side)
        for t in group.sources:
            common = common_category(category(maps[id(t)][n], t.side), common)
        for t in [*group.sources, target]:
            maps[id(t)][n].category = common
    for t in [*group.sources, target]:
        per_table[id(t)] = [maps[id(t)][n] for n in shared]
    return per_table, differences


@dataclass
class Group:
    """What is compared at a time: one target table with the source table, or with all that are merged into it."""
    sources: list
    target: Table

    def difference(self, kind, message, **more):
        return {"kind": kind, "source": [str(s) for s in self.sources], "target": str(self.target), "message": message} | more


def compare_group(group, ignore_columns, ignore_target_only, definitions, limit, report):
    started = time.monotonic()
    per_table, differences = match_columns(group, ignore_columns, ignore_target_only, definitions)
    columns = per_table[id(group.target)]
    rows = 0
    if columns:
        source = [(t, per_table[id(t)]) for t in group.sources]
        target = [(group.target, columns)]
        a, b = both_sides(lambda tables: tally(tables), source, target)
        rows = a.rows
        if a.sums != b.sums:
            differences += row_differences(group, columns, source, target, a, b, limit)
    report({"source": [str(s) for s in group.sources], "target": str(group.target), "rows": rows, "equal": not differences,
            "seconds": round(time.monotonic() - started, 2)})
    return differences


def both_sides(work, source, target):
    with ThreadPoolExecutor(2) as pool:
        a, b = pool.submit(work, source), pool.submit(work, target)
        return a.result(), b.result()


def row_differences(group, columns, source, target, a, b, limit):
    differing = [i for i in range(BUCKETS) if a.sums[i] != b.sums[i]]
    most = max(a.size + 200 * a.rows, b.size + 200 * b.rows) / BUCKETS + 1      # a row costs more than its bytes
    chosen = set(differing[:max(1, int(SECOND_PASS_BYTES / most))])
    left, right = both_sides(lambda tables: collect(tables, chosen), source, target)
    only_source = {r: n - right.get(r, 0) for r, n in left.items() if n > right.get(r, 0)}
    only_target = {r: n - left.get(r, 0) for r, n in right.items() if n > left.get(r, 0)}
    out = []
    counts = {"source_rows": a.rows, "target_rows": b.rows, "differing_source_rows": sum(only_source.values()),
              "differing_target_rows": sum(only_target.values()), "complete": len(chosen) == len(differing)}
    shown = describe_rows(group, columns, only_source, only_target, limit)
    at_least = "" if counts["complete"] else "at least "
    out.append(group.difference("rows", f"{', '.join(map(str, group.sources))}: {a.rows} rows, {group.target}: {b.rows} rows; {at_least}"
                                f"{counts['differing_source_rows']} of the source are not in the target, "
                                f"{counts['differing_target_rows']} of the target not in the source", **counts, examples=shown))
    return out


def describe_rows(group, columns, only_source, only_target, limit):
    """The first differing rows; with a primary key the two versions of a row side by side."""
    names = [c.name for c in columns]
    lower = [n.lower() for n in names]
    key = [lower.index(k) for k in group.sources[0].key] if all(k in lower for k in group.sources[0].key) else []

    def key_of(row):
        return tuple(row[i] for i in key)

    def order(packet):
        row = cells(packet)
        return [(c is not None, int(c) if c and c.lstrip(b"-").isdigit() else 0, c or b"") for c in (key_of(row) if key else row)]

    partner = {key_of(cells(p)): p for p in only_target} if key else {}
    out, used = [], set()
    for packet in sorted(only_source, key=order)[:limit]:
        row = cells(packet)
        other = partner.get(key_of(row)) if key else None
        if other is not None and other not in used:
            used.add(other)
            theirs = cells(other)
            out.append({"where": "both", "key": show(names, row, key),
                        "differs": {names[i]: [show_cell(row[i]), show_cell(theirs[i])] for i in range(len(names)) if row[i] != theirs[i]}})
        else:
            out.append({"where": "source only", "times": only_source[packet], "row": show(names, row)})
    for packet in sorted((p for p in only_target if p not in used), key=order)[:max(0, limit - len(out))]:
        out.append({"where": "target only", "times": only_target[packet], "row": show(names, cells(packet))})
    return out


def show(names, row, which=None):
    return {names[i]: show_cell(row[i]) for i in (range(len(names)) if which is None else which)}


def show_cell(cell, most=120):
    if cell is None:
        return None
    try:
        shown = cell.decode()
        if not shown.isprintable():
            shown = repr(shown)[1:-1]
    except UnicodeDecodeError:
        shown = "0x" + cell[:most // 2].hex()
    return shown if len(shown) <= most else f"{shown[:most]}... ({len(cell)} bytes)"


# ---- what to compare ------------------------------------------------------------------------------------------------

def split_name(name):
    """'schema.table', also with backticks; or a pair already."""
    if not isinstance(name, str):
        return tuple(name)
    parts, part, i, in_quotes = [], "", 0, False
    while i < len(name):
        c = name[i]
        if c == "`":
            if in_quotes and name[i + 1:i + 2] == "`":
                part, i = part + c, i + 1
            else:
                in_quotes = not in_quotes
        elif c == "." and not in_quotes:
            parts.append(part)
            part = ""
        else:
            part += c
        i += 1
    parts.append(part)
    if len(parts) != 2:
        raise ValueError(f"{name!r} is not schema.table")
    return tuple(parts)


def table_pairs(tables):
    """[(source, target)] from a list of names or a mapping source -> target."""
    if isinstance(tables, dict):
        return [(split_name(a), split_name(b)) for a, b in tables.items()]
    return [(split_name(t), split_name(t)) for t in tables or ()]


def schema_pairs(schemas, sources, target, ignore_tables):
    """Every table of the schemas, on either side. A table that is on the target only is compared with nothing, so it is reported."""
    out = []
    for a in schemas or ():
        b = schemas[a] if isinstance(schemas, dict) else a
        on_target = target.tables(b)
        by_lower = {t.lower(): t for t in on_target}
        on_source = {t for s in sources for t in s.tables(a)}
        matched = {t: t if t in on_target else by_lower.get(t.lower(), t) for t in on_source}
        out += [((a, t), (b, m)) for t, m in matched.items()]
        out += [((a, t), (b, t)) for t in on_target if t not in matched.values()]
    skipped = {n.lower() for n in ignore_tables}
    return sorted(p for p in out if p[0][1].lower() not in skipped and ".".join(p[0]).lower() not in skipped)


def compare(source, target, tables=None, schemas=None, ignore_columns=(), ignore_tables=(), ignore_target_only=False,
            definitions=False, limit=10, report=lambda line: None):
    """The differences, [] when equal.

    source             a server, or a list of servers whose tables are merged; see Side
    tables             names 'schema.table' (or pairs), or a mapping source -> target; several sources may have one target
    schemas            names, or a mapping source -> target: all their tables, also those that only one side has
    ignore_columns     'column' or 'schema.table.column'; ignore_tables likewise 'table' or 'schema.table' (of the source)
    ignore_target_only columns that only the target has are no difference
    definitions        the order of the columns and NULL or NOT NULL count, too
    limit              how many differing rows are described per table
    report             called with a dict for each table that was compared
    """
    sources = [Side(s, "source" if i == 0 else f"source {i + 1}") for i, s in enumerate(source if isinstance(source, list) else [source])]
    target = Side(target, "target")
    differences, wanted = [], {}
    for a, b in [*table_pairs(tables), *schema_pairs(schemas, sources, target, ignore_tables)]:
        wanted.setdefault(b, []).append(a)
    if not wanted:
        raise ValueError("nothing to compare: no table named, or the schemas have none")
    for b, names in wanted.items():
        found = [t for s in sources for n in names if (t := s.table(*n))]
        missing = [n for n in names if not any((t.schema, t.name) == n for t in found)]
        there = target.table(*b)
        for n in missing:
            differences.append({"kind": "table", "source": [".".join(n)], "target": ".".join(b), "message": f"the source has no table {'.'.join(n)}"})
        if not there:
            differences.append({"kind": "table", "source": [".".join(n) for n in names], "target": ".".join(b),
                                "message": f"the target has no table {'.'.join(b)}"})
        elif found:
            differences += compare_group(Group(found, there), ignore_columns, ignore_target_only, definitions, limit, report)
    return differences


# ---- the command ----------------------------------------------------------------------------------------------------

def mapping(items):
    out = {}
    for item in items or ():
        a, sep, b = item.partition("=")
        out[a] = b if sep else a
    return out


def main():
    p = argparse.ArgumentParser(description="Compare tables of two servers row by row; exit code 3 when they differ.")
    p.add_argument("--source", action="append", required=True, help="[user[:password]@]host:port, or an instance of tests/servers/up; repeat to merge")
    p.add_argument("--target", required=True)
    p.add_argument("--table", action="append", metavar="SCHEMA.TABLE[=SCHEMA.TABLE]")
    p.add_argument("--schema", action="append", metavar="SCHEMA[=SCHEMA]", help="all its tables")
    p.add_argument("--ignore-column", action="append", default=[], metavar="[SCHEMA.TABLE.]COLUMN")
    p.add_argument("--ignore-table", action="append", default=[], metavar="[SCHEMA.]TABLE")
    p.add_argument("--ignore-target-only", action="store_true", help="columns that only the target has")
    p.add_argument("--definitions", action="store_true", help="compare the order of columns and NULL, too")
    p.add_argument("--limit", type=int, default=10, help="differing rows to show per table")
    p.add_argument("--json", action="store_true", help="print the differences as a JSON array")
    p.add_argument("--quiet", action="store_true", help="no line per table")
    args = p.parse_args()

    def line(r):
        if not args.quiet:
            names = ", ".join(r["source"]) + ("" if r["source"] == [r["target"]] else f" -> {r['target']}")
            print(f"{'equal    ' if r['equal'] else 'DIFFERENT'} {names}: {r['rows']} rows, {r['seconds']} s", file=sys.stderr)

    try:
        found = compare(args.source, args.target, mapping(args.table), mapping(args.schema), args.ignore_column, args.ignore_table,
                        args.ignore_target_only, args.definitions, args.limit, line)
    except (pymysql.MySQLError, ValueError, OSError) as e:
        print(f"error: {e}", file=sys.stderr)
        return 2
    if args.json:
        print(json.dumps(found))
    else:
        for d in found:
            print(d["message"])
            for example in d.get("examples", ()):
                print("   ", json.dumps(example, ensure_ascii=False))
    return 3 if found else 0


if __name__ == "__main__":
    sys.exit(main())
