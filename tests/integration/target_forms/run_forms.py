#!/usr/bin/env python3
"""Runs the target forms of the zoo on a real target and compares what it then has.

    DMLIB_TARGET_FORMS_OUT=DIR test_schema '[.target_forms]'
    python3 tests/integration/target_forms/run_forms.py DIR TARGET PORT [SOURCE ...]

TARGET is the name in the files (tidb, mysql-9.7, mariadb-10.11, mariadb-11.8); root without password on
127.0.0.1. For each history the steps of each statement run in order; after each statement every table
must be what its whole definition gives (CREATE TABLE in another database), as SHOW CREATE TABLE prints it.
"""
import json
import pathlib
import re
import subprocess
import sys

DATABASES = ("zoo", "zoo_other")
SESSION = ("SET sql_mode='STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION'; SET foreign_key_checks=0; ")


class Target:
    def __init__(self, port, name):
        self.base = ["mariadb", "--no-defaults", "-h127.0.0.1", f"-P{port}", "-uroot", "-BN", "--raw", "--default-character-set=utf8mb4"]
        # TiDB always has it; MariaDB 10.11 cannot set it in a session.
        fixed = name in ("mariadb-10.11", "tidb")
        self.session = SESSION if fixed else SESSION + "SET explicit_defaults_for_timestamp=1; "

    def run(self, sql):
        done = subprocess.run(self.base, input=self.session + sql, capture_output=True, text=True, check=False)
        return done.stderr.strip() if done.returncode else "", done.stdout

    def show(self, name):
        schema, table = name.split(".", 1)
        error, text = self.run(f"SHOW CREATE TABLE `{schema}`.`{table.replace('`', '``')}`")
        return error if error else text.split("\t", 1)[1]


def comparable(text):
    """Order of keys and constraints, and generated names of them, do not matter."""
    text = text.replace("`expect_", "`")
    text = re.sub(r" AUTO_INCREMENT=\d+", "", text)
    text = re.sub(r" /\*T!\[auto_id_cache\].*?\*/", "", text)
    lines = [line.rstrip(",").strip() for line in text.splitlines()]
    columns = [line for line in lines if line.startswith("`")]
    others = sorted(line for line in lines if not line.startswith("`"))
    return "\n".join(columns + others)


def main():
    folder, target_name, port, *sources = sys.argv[1:]
    target = Target(port, target_name)
    good = bad = 0
    for file in sorted(pathlib.Path(folder).glob(f"*__{target_name}.jsonl")):
        source = file.name.split("__")[0]
        if sources and source not in sources:
            continue
        case = ""
        broken = False
        for line in file.read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            if "case" in record:
                case, broken = record["case"], False
                for db in DATABASES:
                    target.run(f"DROP DATABASE IF EXISTS {db}; DROP DATABASE IF EXISTS expect_{db}")
                target.run("CREATE DATABASE zoo")
                continue
            if broken:
                continue
            faults = list(record["errors"])
            for step in record["steps"]:
                error, _ = target.run(step)
                if error:
                    faults.append(f"{step}\n    {error}")
                    broken = True
                    break
            if not faults:
                for db in DATABASES:
                    target.run(f"DROP DATABASE IF EXISTS expect_{db}; CREATE DATABASE expect_{db}")
                for name, create in record["expect"].items():
                    error, _ = target.run(create)
                    if error:
                        faults.append(f"{create}\n    {error}")
                        continue
                    has, wanted = target.show(name), target.show("expect_" + name)
                    if comparable(has) != comparable(wanted):
                        faults.append(f"{name}\nHAS    {has}\nWANTED {wanted}")
            if faults:
                bad += 1
                print(f"{source} -> {target_name} {case}: {record['sql'][:300]}\n  " + "\n  ".join(faults))
            else:
                good += 1
    for db in DATABASES:
        target.run(f"DROP DATABASE IF EXISTS {db}; DROP DATABASE IF EXISTS expect_{db}")
    print(f"{target_name}: {good} of {good + bad} statements")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
