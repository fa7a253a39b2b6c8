#!/usr/bin/env python3
"""Writes src/tables/charsets.csv and gb18030.csv: the characters of every charset but UTF-8 and its kin, as servers show them.

    python3 src/tables/collect_charsets.py PORT ...

Servers listen on 127.0.0.1:PORT (tests/servers/up mysql-5.6, mysql-8.0, mysql-9.7, mariadb-10.2, mariadb-10.11, mariadb-11.8) and
have to agree, as these do. Needs the `mariadb` client.

A row of charsets.csv is what the codes `lead` `first`.. (hex) are: four digits each, FFFD for a code that servers take for no
character of Unicode (they show '?', or U+FFFD in 16 cases) or do not take at all. A row of gb18030.csv is `count` codes of four bytes from `first` on
that are the characters `point`.. one after the other.
"""
import csv
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
HOLE = 0xFFFD
KIN = ("binary", "utf8", "utf8mb3", "utf8mb4", "ucs2", "utf16", "utf16le", "utf32")
# What a code of more than one byte may look like: the columns, the tables, the condition.
SHAPES = {
    1: ("a.b", "bytes a", "TRUE"),
    2: ("CONCAT(a.b, b.b)", "bytes a, bytes b", "a.b >= 0x80"),
    3: ("CONCAT(0x8F, a.b, b.b)", "bytes a, bytes b", "a.b >= 0x80 AND b.b >= 0x80"),
    4: ("CONCAT(a.b, b.b, c.b, d.b)", "bytes a, bytes b, bytes c, bytes d",
        "a.b >= 0x81 AND b.b BETWEEN 0x30 AND 0x39 AND c.b >= 0x81 AND d.b BETWEEN 0x30 AND 0x39"),
}


def ask(port, sql):
    """Line by line: some answers have a million of them."""
    command = ["mariadb", "--no-defaults", "-h127.0.0.1", f"-P{port}", "-uroot", "-BNq", "-e", sql]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as client:
        for line in client.stdout:
            yield line.rstrip("\n").split("\t")
    if client.returncode:
        raise SystemExit(f"port {port}: {sql[:200]}")


def prepare(port):
    values = ",".join(f"(0x{n:02X})" for n in range(256))
    list(ask(port, "SET sql_log_bin = 0; DROP DATABASE IF EXISTS charsets; CREATE DATABASE charsets;"
                   f"CREATE TABLE charsets.bytes (b binary(1) PRIMARY KEY); INSERT INTO charsets.bytes VALUES {values}"))


def characters(port, charset, longest):
    """{code: number of the character} of the codes that the server shows as one."""
    out = {}
    for length in range(1, longest + 1):
        code, tables, condition = SHAPES[length]
        sql = (f"SELECT HEX(code), HEX(CONVERT(text USING utf32)) FROM (SELECT {code} code, CONVERT({code} USING {charset}) text FROM {tables} "
               f"WHERE {condition}) t WHERE CAST(text AS BINARY) = code AND CHAR_LENGTH(text) = 1")
        for code, shown in ask(port, "USE charsets; " + sql):
            if len(shown) not in (0, 8):
                raise SystemExit(f"port {port}: {charset} {code} is {shown}")
            # MySQL takes eucjpms 80 to FF alone, and shows nothing.
            if shown and (shown != "0000003F" or code == "3F"):
                out[code] = int(shown, 16)
    return out


def charsets(port):
    return {r[0]: int(r[-1]) for r in ask(port, "SHOW CHARACTER SET") if r[0] not in KIN}


def collect(ports):
    """{charset: characters}"""
    out = {}
    for port in ports:
        prepare(port)
        for charset, longest in charsets(port).items():
            found = characters(port, charset, longest)
            other = out.setdefault(charset, found)
            if other != found:
                differences = [c for c in sorted(found.keys() | other.keys()) if found.get(c) != other.get(c)]
                raise SystemExit(f"port {port}: {charset} is not as on the others: {' '.join(differences[:20])}")
        list(ask(port, "SET sql_log_bin = 0; DROP DATABASE charsets"))
    return out


def lines(found):
    """{lead: (first trail, codes)} of the codes of up to three bytes."""
    leads = {}
    for code, point in found.items():
        if len(code) > 6:
            continue
        if point > 0xFFFF:
            raise SystemExit(f"{code} is {point:X}")
        leads.setdefault(code[:-2], {})[int(code[-2:], 16)] = point
    return {lead: (min(row), "".join(f"{row.get(n, HOLE):04X}" for n in range(min(row), max(row) + 1))) for lead, row in leads.items()}


def four_bytes(found):
    """[first, count, point]"""
    def linear(code):
        a, b, c, d = bytes.fromhex(code)
        return (((a - 0x81) * 10 + b - 0x30) * 126 + c - 0x81) * 10 + d - 0x30
    out = []
    for at, code, point in sorted((linear(c), c, p) for c, p in found.items() if len(c) == 8):
        if out and at == out[-1][3] + out[-1][1] and point == out[-1][2] + out[-1][1]:
            out[-1][1] += 1
        else:
            out.append([code, 1, point, at])
    return [(code, count, f"{point:X}") for code, count, point, _ in out]


def write(name, head, table):
    with open(HERE / name, "w", newline="", encoding="utf-8") as f:
        w = csv.writer(f, lineterminator="\n")
        w.writerow(head)
        w.writerows(table)


def main():
    told = collect(map(int, sys.argv[1:]))
    table = [(charset, lead, f"{first:02X}", codes) for charset in sorted(told) for lead, (first, codes) in sorted(lines(told[charset]).items(), key=lambda row: (len(row[0]), row[0]))]
    write("charsets.csv", ["charset", "lead", "first", "codes"], table)
    write("gb18030.csv", ["first", "count", "point"], four_bytes(told["gb18030"]))


if __name__ == "__main__":
    main()
