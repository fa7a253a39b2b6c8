"""The Sakila sample database: schema, data, then changes to every table. It comes from $DMLIB_CORPUS/sakila."""

import gzip
import os
import subprocess
from pathlib import Path

import pytest

from support.dmlib import Job
from support.same import assert_equal

CORPUS = Path(os.environ.get("DMLIB_CORPUS", "nowhere")) / "sakila"
# One change of each kind for each table, by the columns that the table has.
CHANGES = [
    "UPDATE actor SET first_name = CONCAT(first_name, '!') WHERE actor_id % 7 = 0", "INSERT INTO actor (first_name, last_name) VALUES ('NEW', 'ONE'), ('NEW', 'TWO')",
    "DELETE FROM film_actor WHERE actor_id < 5", "DELETE FROM actor WHERE actor_id < 5", "UPDATE film_actor SET last_update = '2024-01-01' WHERE film_id < 100",
    "INSERT INTO film_actor (actor_id, film_id) VALUES (10, 999), (11, 999)",
    "INSERT INTO country (country) VALUES ('Utopia')", "UPDATE country SET country = UPPER(country) WHERE country_id < 20",
    "INSERT INTO city (city, country_id) VALUES ('Nowhere', 1), ('Sömewhere', 2)", "UPDATE city SET city = CONCAT(city, 'ñ') WHERE city_id % 5 = 0",
    "UPDATE address SET phone = REVERSE(phone), address2 = NULL WHERE address_id % 3 = 0", "UPDATE address SET district = 'öst' WHERE address_id = 7",
    "UPDATE category SET name = 'Äction' WHERE category_id = 1", "INSERT INTO category (name) VALUES ('New')", "UPDATE language SET name = 'Deutsch' WHERE language_id = 6",
    "INSERT INTO language (name) VALUES ('Esperanto')", "UPDATE film SET rental_rate = rental_rate + 1, rating = 'NC-17' WHERE film_id % 11 = 0",
    "UPDATE film SET special_features = 'Trailers,Commentaries', description = REPEAT('long ', 500) WHERE film_id % 50 = 0",
    "INSERT INTO film (title, language_id, release_year) VALUES ('DMLIB', 1, 2024)", "DELETE FROM film_category WHERE film_id < 20", "UPDATE film_category SET category_id = 2 WHERE film_id = 30",
    "UPDATE film_text SET title = CONCAT(title, ' 2') WHERE film_id % 10 = 0", "DELETE FROM film_text WHERE film_id = 33",
    "UPDATE inventory SET last_update = '2024-05-05 05:05:05' WHERE inventory_id % 9 = 0", "INSERT INTO inventory (film_id, store_id) VALUES (5, 1), (6, 2)",
    "UPDATE customer SET active = 0, email = NULL WHERE customer_id % 8 = 0", "INSERT INTO customer (store_id, first_name, last_name, address_id, create_date) VALUES (1, 'A', 'B', 9, '2024-02-29 00:00:00')",
    "UPDATE staff SET email = 'x@example.org', picture = x'00ff00' WHERE staff_id = 1", "UPDATE store SET last_update = '2024-07-07' WHERE store_id = 2",
    "DELETE FROM payment WHERE payment_id % 13 = 0", "UPDATE payment SET amount = amount * 2 WHERE customer_id < 50", "UPDATE rental SET return_date = NULL WHERE rental_id % 6 = 0",
    "DELETE FROM payment WHERE rental_id < 100", "DELETE FROM rental WHERE rental_id < 100",
    "ALTER TABLE film ADD COLUMN remark varchar(50) DEFAULT 'none', ADD INDEX by_year (release_year)", "UPDATE film SET remark = 'seen' WHERE film_id < 300",
]


def feed(server, path, database=None):
    """A script with DELIMITER needs the vendor's client."""
    argv = [*server.client, "--default-character-set=utf8mb4", "-h", server.host, "-P", str(server.port), "-u", server.user, "-f"]
    argv += [database] if database else []
    script = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    if server.flavour == "mysql":       # with GTIDs it refuses a trigger that writes to MyISAM
        script = script.replace(b"ENGINE=MyISAM", b"ENGINE=InnoDB")
    done = subprocess.run(argv, input=script, capture_output=True)
    errors = [line for line in done.stderr.decode(errors="replace").splitlines() if line.startswith("ERROR")]
    assert not errors, errors[:5]


@pytest.mark.skipif(not (CORPUS / "sakila-schema.sql").exists(), reason="set DMLIB_CORPUS to the folder with sakila/")
@pytest.mark.parametrize("kinds", [("mysql-9.7", "mysql-9.7"), ("mariadb-10.11", "mariadb-10.11"), ("mysql-8.0", "tidb")], ids="-to-".join)
def test_sakila(servers, tmp_path, kinds):
    source, target = servers(kinds[0]), servers(kinds[1])
    feed(source, CORPUS / "sakila-schema.sql")
    feed(source, CORPUS / "sakila-data.sql.gz")
    job = Job(tmp_path, source, target, schemas=["sakila"])
    first = job.run_ok()
    assert first.last["rows"] > 40000
    assert "view" in first.stderr.lower() and "trigger" in first.stderr.lower(), first.stderr[-2000:]
    assert_equal(source, target, schemas=["sakila"])
    changed = set()
    with source.connect(database="sakila", autocommit=True) as c, c.cursor() as cursor:
        for statement in CHANGES:
            cursor.execute(statement)
            changed.add(statement.split()[{"UPDATE": 1, "INSERT": 2, "DELETE": 2, "ALTER": 2}[statement.split()[0]]])
    assert changed == set(base_tables(source)), set(base_tables(source)) ^ changed
    job.run_ok()
    assert_equal(source, target, schemas=["sakila"])


def base_tables(server):
    return [r[0] for r in server.query("SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'sakila' AND TABLE_TYPE = 'BASE TABLE'")]
