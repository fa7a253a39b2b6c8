#!/usr/bin/env python3
"""Writes src/tables/collations.csv from what real servers answer.

    python3 src/tables/collect_collations.py SERIES=PORT ...

where SERIES is such as mariadb-10.2, mariadb-11.8, mysql-5.6, mysql-9.7 (tests/servers/up starts them)
and the server listens on 127.0.0.1. Oldest server of a flavour first. Needs the `mariadb` client.
"""
import csv
import pathlib
import subprocess
import sys

OUT = pathlib.Path(__file__).resolve().parent / "collations.csv"


def ask(port, sql):
    text = subprocess.run(["mariadb", "--no-defaults", "-h127.0.0.1", f"-P{port}", "-uroot", "-BN", "-e", sql],
                          check=True, capture_output=True, text=True).stdout
    return [line.split("\t") for line in text.splitlines()]


def canonical(name):
    """Servers before MySQL 8.0.30 and MariaDB 10.6 say utf8 where the newer ones say utf8mb3."""
    return "utf8mb3" + name[4:] if name == "utf8" or name.startswith("utf8_") else name


def pad_of(name, stated):
    if stated in ("NO PAD", "PAD SPACE"):
        return "none" if stated == "NO PAD" else "space"
    return "none" if "_nopad_" in name or name == "binary" else "space"


def collations(series, port):
    if series.startswith("mariadb"):
        columns = {c[0] for c in ask(port, "SHOW COLUMNS FROM COLLATION_CHARACTER_SET_APPLICABILITY FROM information_schema")}
        if "FULL_COLLATION_NAME" in columns:
            query = ("SELECT FULL_COLLATION_NAME, CHARACTER_SET_NAME, ID, '' "
                     "FROM information_schema.COLLATION_CHARACTER_SET_APPLICABILITY")
        else:
            query = "SELECT COLLATION_NAME, CHARACTER_SET_NAME, ID, '' FROM information_schema.COLLATIONS"
    else:
        columns = {c[0] for c in ask(port, "SHOW COLUMNS FROM COLLATIONS FROM information_schema")}
        pad = "PAD_ATTRIBUTE" if "PAD_ATTRIBUTE" in columns else "''"
        query = f"SELECT COLLATION_NAME, CHARACTER_SET_NAME, ID, {pad} FROM information_schema.COLLATIONS"
    return ask(port, query)


def main():
    table = {}
    for argument in sys.argv[1:]:
        series, port = argument.split("=")
        flavour, since = series.split("-")
        for name, charset, number, pad in collations(series, port):
            name, charset = canonical(name), canonical(charset)
            row = table.setdefault(name, {"name": name, "charset": charset, "pad": pad_of(name, pad), "mysql_id": 0,
                                          "mysql_since": "", "mariadb_id": 0, "mariadb_since": ""})
            if row[f"{flavour}_id"] not in (0, int(number)):
                raise SystemExit(f"{name} has two ids on {flavour}")
            row[f"{flavour}_id"] = int(number)
            row[f"{flavour}_since"] = row[f"{flavour}_since"] or since
            if pad:
                row["pad"] = pad_of(name, pad)
    ordered = sorted(table.values(), key=lambda r: (r["mysql_id"] or r["mariadb_id"], r["name"]))
    with open(OUT, "w", newline="", encoding="utf-8") as f:
        w = csv.DictWriter(f, list(ordered[0]), lineterminator="\n")
        w.writeheader()
        w.writerows(ordered)


if __name__ == "__main__":
    main()
