#!/usr/bin/python3
"""The demo's users: makes a shop's data, and keeps changing it.

    shop.py make PORT ROWS       databases, tables and about ROWS rows
    shop.py write PORT STOPFILE  transactions and a few DDL until STOPFILE is there; prints what it did
"""
import os
import random
import sys
import time

import pymysql

TABLES = """
CREATE TABLE customers (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, email VARCHAR(120) NOT NULL UNIQUE, name VARCHAR(80) NOT NULL,
  balance DECIMAL(12,2) NOT NULL DEFAULT 0, seen TIMESTAMP(3) NULL) DEFAULT CHARSET=utf8mb4;
CREATE TABLE `order` (
  customer INT UNSIGNED NOT NULL, number INT NOT NULL, placed DATETIME(6) NOT NULL, total DECIMAL(10,2) NOT NULL,
  state ENUM('new','paid','sent') NOT NULL, note TEXT, PRIMARY KEY (customer, number), KEY (placed)) DEFAULT CHARSET=utf8mb4;
CREATE TABLE seats (
  seat INT NOT NULL PRIMARY KEY, guest INT NOT NULL UNIQUE) DEFAULT CHARSET=utf8mb4;
CREATE TABLE clicks (at DATETIME NOT NULL, page VARCHAR(60) NOT NULL, ms FLOAT) DEFAULT CHARSET=utf8mb4;
CREATE TABLE scratch_1 (a INT PRIMARY KEY);
"""
SEATS = 500


def connect(port, **more):
    return pymysql.connect(host="127.0.0.1", port=port, user="root", charset="utf8mb4", **more)


def rows_in(cursor, sql, count, make, at_once=5000):
    for first in range(0, count, at_once):
        rows = [make(i) for i in range(first, min(first + at_once, count))]
        cursor.executemany(sql, rows)
        cursor.connection.commit()


def make(port, count):
    chance = random.Random(1)
    with connect(port) as db, db.cursor() as cursor:
        cursor.execute("CREATE DATABASE shop DEFAULT CHARACTER SET utf8mb4")
        cursor.execute("USE shop")
        for statement in filter(str.strip, TABLES.split(";\n")):
            cursor.execute(statement)
        customers = count // 5
        rows_in(cursor, "INSERT INTO customers (email, name, balance) VALUES (%s, %s, %s)", customers,
                lambda i: (f"user{i}@example.org", f"Zoë Nr. {i}", chance.randrange(1_000_000) / 100))
        rows_in(cursor, "INSERT INTO `order` VALUES (%s, %s, %s, %s, %s, %s)", count // 2,
                lambda i: (1 + i % max(customers, 1), i, f"2026-01-{1 + i % 28:02d} 10:{i % 60:02d}:00.{i % 1000000:06d}",
                           chance.randrange(100_000) / 100, chance.choice(("new", "paid", "sent")), "x" * chance.randrange(200)))
        rows_in(cursor, "INSERT INTO seats VALUES (%s, %s)", SEATS, lambda i: (i, i))
        # Two equal rows of ten: a row that is copied twice, or once too little, shows in the comparison.
        rows_in(cursor, "INSERT INTO clicks VALUES (%s, %s, %s)", count * 3 // 10,
                lambda i: (f"2026-02-{1 + i % 28:02d} 00:00:00", f"/page/{i // 2 % 5000}", chance.choice((0.5, 1.25, None))))
        cursor.execute("INSERT INTO scratch_1 VALUES (1)")
        db.commit()
        print(f"{customers + count // 2 + SEATS + count * 3 // 10} rows in 4 tables")


def change(cursor, chance, number):
    """One transaction of the shop."""
    kind = chance.randrange(10)
    customer = chance.randrange(1, 1000)
    if kind < 5:
        cursor.execute("INSERT INTO `order` (customer, number, placed, total, state) VALUES (%s, %s, NOW(6), %s, 'new')",
                       (customer, number, chance.randrange(10_000) / 100))
        cursor.execute("UPDATE customers SET balance = balance - 1.25, seen = NOW(3) WHERE id = %s", (customer,))
    elif kind < 7:
        cursor.execute("UPDATE `order` SET state = 'paid', note = %s WHERE customer = %s LIMIT 3", (f"by no. {number} 😀", customer))
    elif kind == 7:
        cursor.execute("DELETE FROM `order` WHERE customer = %s ORDER BY number LIMIT 1", (customer,))
    elif kind == 8:
        cursor.execute("INSERT INTO clicks VALUES (NOW(), '/twice', 1.5), (NOW(), '/twice', 1.5)")
    else:
        # Two guests change seats: the unique values are swapped inside one transaction.
        a, b = chance.sample(range(SEATS), 2)
        cursor.execute("SELECT seat, guest FROM seats WHERE seat IN (%s, %s)", (a, b))
        guests = dict(cursor.fetchall())
        for seat, guest in ((a, -1), (b, guests[a]), (a, guests[b])):
            cursor.execute("UPDATE seats SET guest = %s WHERE seat = %s", (guest, seat))


DDL = ("ALTER TABLE customers ADD COLUMN city VARCHAR(40) NOT NULL DEFAULT 'Köln' AFTER name",
       "CREATE TABLE refunds (id INT PRIMARY KEY, amount DECIMAL(10,2) NOT NULL)",
       "ALTER TABLE `order` ADD INDEX by_state (state), MODIFY note MEDIUMTEXT",
       "RENAME TABLE refunds TO returned")


def write(port, stop):
    chance = random.Random(2)
    number, ddl, began = 1_000_000, 0, time.monotonic()
    with connect(port, database="shop") as db, db.cursor() as cursor:
        while not os.path.exists(stop):
            number += 1
            change(cursor, chance, number)
            db.commit()
            if ddl < len(DDL) and time.monotonic() - began > 3 + 2 * ddl:
                cursor.execute(DDL[ddl])
                ddl += 1
    print(f"{number - 1_000_000} transactions and {ddl} DDL statements in {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    if len(sys.argv) == 4 and sys.argv[1] in ("make", "write"):
        make(int(sys.argv[2]), int(sys.argv[3])) if sys.argv[1] == "make" else write(int(sys.argv[2]), sys.argv[3])
    else:
        sys.exit(__doc__)
