#!/usr/bin/env python3
"""Writes src/tables/cases.csv: what LOWER() and UPPER() make of each character, as servers tell it.

    python3 src/tables/collect_cases.py PORT ...

Servers listen on 127.0.0.1:PORT (tests/servers/up mysql-8.0, mysql-9.7, mariadb-10.11, mariadb-11.8). Needs pymysql.

A row is a run of characters, `step` apart, that change by the same difference. No difference stands where the servers or their
collations do not agree, or where the result takes more bytes (MySQL's buffers may be too small for it). Characters of no row stay.
"""
import csv
import pathlib
import sys

import pymysql

OUT = pathlib.Path(__file__).resolve().parent / "cases.csv"
COLLATIONS = {"mysql": ["utf8mb4_0900_ai_ci", "utf8mb4_bin", "utf8mb4_general_ci"], "mariadb": ["utf8mb4_general_ci", "utf8mb4_bin"]}
POINTS = [p for p in range(1, 0x20000) if not 0xD800 <= p < 0xE000]


def answers(port):
    """Per collation and function one list of numbers, -1 for what is no single character."""
    cursor = pymysql.connect(host="127.0.0.1", port=port, user="root", charset="utf8mb4", autocommit=True).cursor()
    cursor.execute("SELECT VERSION()")
    kind = "mariadb" if "MariaDB" in cursor.fetchone()[0] else "mysql"
    for sql in ("DROP DATABASE IF EXISTS cases", "CREATE DATABASE cases DEFAULT CHARACTER SET utf8mb4", "USE cases", "CREATE TABLE c (n int PRIMARY KEY, v varchar(1))"):
        cursor.execute(sql)
    for i in range(0, len(POINTS), 5000):
        cursor.executemany("INSERT INTO c VALUES (%s, %s)", [(p, chr(p)) for p in POINTS[i:i + 5000]])
    for collation in COLLATIONS[kind]:
        cursor.execute("SELECT " + ", ".join(f"HEX(CONVERT({f}(v COLLATE {collation}) USING utf32))" for f in ("LOWER", "UPPER")) + " FROM c ORDER BY n")
        yield tuple([int(t, 16) if t and len(t) == 8 else -1 for t in column] for column in zip(*cursor.fetchall()))


def runs(columns):
    """[first, last, step, difference or None]"""
    out = []
    for i, point in enumerate(POINTS):
        told = {c[i] for c in columns}
        to = told.pop() if len(told) == 1 else -1
        if to == point:
            continue
        known = to >= 0 and len(chr(to).encode()) <= len(chr(point).encode())
        difference = to - point if known else None
        for run in out[-2:]:
            if run[3] == difference and (point - run[1] == run[2] or (run[0] == run[1] and point - run[1] in (1, 2))):
                run[2], run[1] = point - run[1], point
                break
        else:
            out.append([point, point, 1, difference])
    return out


def main():
    told = [pair for port in sys.argv[1:] for pair in answers(int(port))]
    with open(OUT, "w", newline="", encoding="utf-8") as f:
        table = csv.writer(f, lineterminator="\n")
        table.writerow(["to", "first", "last", "step", "difference"])
        for which, name in enumerate(("lower", "upper")):
            for first, last, step, difference in runs([pair[which] for pair in told]):
                table.writerow([name, f"{first:X}", f"{last:X}", step, "" if difference is None else difference])


if __name__ == "__main__":
    main()
