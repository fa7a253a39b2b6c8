#!/usr/bin/env python3
"""Writes src/tables/weights.csv: what collations compare, as a server's WEIGHT_STRING() tells it.

    python3 src/tables/collect_weights.py PORT

A MySQL 8.0 listens on 127.0.0.1:PORT (tests/servers/up mysql-8.0). Needs pymysql.

A row is a run of characters: the weights (hex, two bytes each) of the first one, and what is added to the last of them from
one character to the next. utf8mb4_0900_ai_ci has contractions, pairs of characters with weights of their own: all of them end
in a combining mark, a middle dot, or a letter of South East Asia, so that no range with those is listed.
"""
import csv
import pathlib
import sys

import pymysql

OUT = pathlib.Path(__file__).resolve().parent / "weights.csv"
WITHOUT_CONTRACTIONS = [
    (0, 0xB6), (0xB8, 0x2AF), (0x370, 0x386), (0x388, 0x3FF), (0x400, 0x482), (0x48A, 0x52F), (0x531, 0x556), (0x559, 0x58A),
    (0x5D0, 0x5EA), (0x621, 0x64A), (0x660, 0x669), (0x671, 0x6D3), (0x1E00, 0x1FFF), (0x2000, 0x20CF), (0x2100, 0x27FF),
    (0x3000, 0x3029), (0x3030, 0x3098), (0x309B, 0x318F), (0xFF01, 0xFFDC), (0x1F300, 0x1FAFF)]
PLANE_0 = [(0, 0xD7FF), (0xE000, 0xFFFF)]
COLLATIONS = [
    ("latin1_swedish_ci", "latin1", [(0, 0xFF)]),
    ("utf8mb4_general_ci", "utf8mb4", PLANE_0),
    ("utf8mb4_0900_ai_ci", "utf8mb4", WITHOUT_CONTRACTIONS),
    ("latin1_general_ci", "latin1", [(0, 0xFF)]),
    ("latin1_general_cs", "latin1", [(0, 0xFF)]),
    ("latin1_german1_ci", "latin1", [(0, 0xFF)]),
    ("latin1_spanish_ci", "latin1", [(0, 0xFF)]),
    ("latin1_danish_ci", "latin1", [(0, 0xFF)]),
    ("utf8mb4_unicode_ci", "utf8mb4", PLANE_0),  # all beyond weigh FFFD
    ("utf8mb4_unicode_520_ci", "utf8mb4", [(0, 0xD7FF), (0xE000, 0x10FFFF)])]


def character(point, charset):
    return f"_latin1 0x{point:02X}" if charset == "latin1" else f"CONVERT(_utf32 0x{point:08X} USING utf8mb4)"


def weights(cursor, collation, charset, first, last):
    out = []
    for begin in range(first, last + 1, 2000):
        points = range(begin, min(begin + 2000, last + 1))
        cursor.execute("SELECT " + ",".join(f"HEX(WEIGHT_STRING({character(p, charset)} COLLATE {collation}))" for p in points))
        out += zip(points, (w or "" for w in cursor.fetchone()))
    return out


def runs(points):
    """[first, count, step, weights of the first]"""
    out = []
    for point, text in points:
        if out and point == out[-1][0] + out[-1][1] and len(text) == len(out[-1][3]):
            run = out[-1]
            gap = int(text or "0", 16) - int(run[3] or "0", 16)
            if run[1] == 1 and gap in (0, 1):
                run[2] = gap
            if gap == run[2] * run[1]:
                run[1] += 1
                continue
        out.append([point, 1, 0, text])
    return out


def main():
    cursor = pymysql.connect(host="127.0.0.1", port=int(sys.argv[1]), user="root", charset="utf8mb4").cursor()
    with open(OUT, "w", newline="", encoding="utf-8") as f:
        table = csv.writer(f, lineterminator="\n")
        table.writerow(["collation", "first", "count", "step", "weights"])
        for collation, charset, ranges in COLLATIONS:
            points = [p for first, last in ranges for p in weights(cursor, collation, charset, first, last)]
            if collation == "utf8mb4_general_ci":  # the others weigh what their number is
                points = [(p, w) for p, w in points if int(w, 16) != p]
            for first, count, step, text in runs(points):
                table.writerow([collation, f"{first:X}", count, step, text])


main()
