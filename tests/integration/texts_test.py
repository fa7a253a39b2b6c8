"""What a user reads where a file or an argument is wrong, and where a row filter stops: the place, the reason, the way out."""

import subprocess

from support import zoo
from support.dmlib import EXIT_CHECK, EXIT_CONFIG, EXIT_TASK, Job, assert_error, find_program

TASK = """name: it
task-mode: all
timezone: {zone}
target-database: {{host: 127.0.0.1, port: 1, user: root}}
mysql-instances:
  - {{source-id: s1, route-rules: [r]}}
routes:
  r: {{schema-pattern: a, table-pattern: t*, target-schema: b, target-table: t, extract-table: {{table-regexp: "{regexp}", target-column: c}}}}
"""


def said(folder, *argv):
    done = subprocess.run([find_program(), *argv], stdin=subprocess.DEVNULL, capture_output=True, timeout=60, cwd=folder)
    return done.returncode, done.stderr.decode()


def files(folder, zone="UTC", regexp="t_(.*)"):
    (folder / "task.yaml").write_text(TASK.format(zone=zone, regexp=regexp))
    (folder / "source.yaml").write_text("source-id: s1\nfrom: {host: 127.0.0.1, port: 1, user: root}\n")
    (folder / "folder").mkdir(exist_ok=True)


def test_a_folder_is_no_file(tmp_path):
    files(tmp_path)
    for argv in (["check", "folder", "--source", "source.yaml"], ["check", "task.yaml", "--source", "folder"], ["run", "folder", "--source", "source.yaml"], ["config", "convert", "folder"]):
        code, text = said(tmp_path, *argv)
        assert code == EXIT_CONFIG and "folder:1:1: this is a folder, not a file" in text, (argv, text)


def test_problems_have_their_line_before_any_server_is_asked(tmp_path):
    files(tmp_path, zone="Mars")
    code, text = said(tmp_path, "check", "task.yaml", "--source", "source.yaml")
    assert code == EXIT_CONFIG and text.startswith("task.yaml:3:1: timezone: 'Mars' is not a time zone") and "Asia/Shanghai" in text, text
    files(tmp_path, regexp="t_.*")
    code, text = said(tmp_path, "check", "task.yaml", "--source", "source.yaml")
    assert code == EXIT_CONFIG and text.startswith("task.yaml:8:") and "'t_.*' has no group" in text and "parentheses" in text, text


def test_versions_of_dm(tmp_path):
    files(tmp_path)
    for version in ("9.9", "4", "x", "5.3.", "2.1"):
        code, text = said(tmp_path, "config", "convert", "--from", version, "task.yaml")
        assert code == EXIT_CONFIG and f"--from {version}: there is no such version of DM" in text, (version, text)
    for version in ("1.0.6", "2.0", "v5.3.0", "8.5.6", "9.0.0", "26.3"):
        assert said(tmp_path, "config", "convert", "--from", version, "task.yaml")[0] == 0, version


def test_row_filters_that_stop(servers, tmp_path):
    source, target = servers("mariadb-10.11"), servers("mariadb-10.11")
    zoo.run_all(source, ["CREATE DATABASE it_x"])
    zoo.run_all(source, ["CREATE TABLE t (id int PRIMARY KEY, a int, b int)", "INSERT INTO t VALUES (1, 1, 1)"], "it_x")
    rule = {"schema": "it_x", "table": "t", "insert-value-expr": "a > 10", "update-old-value-expr": "a > 10"}

    def job(name):
        target.query("DROP DATABASE IF EXISTS it_x")
        made = Job(tmp_path / name, source, target, name=name, instance={"expression-filters": ["big"]}, **{"expression-filter": {"big": rule}})
        made.run_ok()
        return made
    minimal = job("minimal")
    with source.connect(database="it_x", autocommit=True) as c, c.cursor() as cursor:
        cursor.execute("SET SESSION binlog_row_image = MINIMAL")
        cursor.execute("UPDATE t SET b = 5 WHERE id = 1")
    outcome = minimal.run()
    assert_error(outcome.error, "sync-row-filter", task="minimal", table=("it_x", "t"), position=True)
    assert "lacks column `a`" in outcome.error["message"] and "binlog_row_image" in outcome.error["message"], outcome.error
    assert "SET GLOBAL binlog_row_image='FULL'" in outcome.error["workaround"] and "copy the table again" in outcome.error["workaround"], outcome.error
    dropped = job("dropped")
    running = dropped.start(until=None)
    running.wait_for(lambda line: line.get("caught_up"), why="a task that follows")
    zoo.run_all(source, ["ALTER TABLE t DROP COLUMN a", "INSERT INTO t VALUES (7, 7)"], "it_x")
    outcome = running.wait(60)
    assert outcome.code == EXIT_TASK, outcome
    assert_error(outcome.error, "config-rule", task="dropped", table=("it_x", "t"))
    assert "no column `a`" in outcome.error["message"] and "take the expression out" in outcome.error["workaround"], outcome.error
    again = dropped.run()
    # By the check, where the checkpoint is behind the statement already, else at the same place as before.
    assert again.code in (EXIT_CHECK, EXIT_TASK) and "take the expression out" in again.error["workaround"], again
