"""What programs and people see of `dmlib run` and `dmlib check`: lines, signals, memory."""

import json
import os
import re
import signal
import subprocess
import time

import pytest

from support.dmlib import EXIT_CHECK, EXIT_STOPPED, Job, assert_last_line, assert_status_line, find_program
from support.same import assert_equal
from support.small import DB, changes, make_large, make_small

KIND = "mariadb-10.11"
STALL_SECONDS = int(os.environ.get("DMLIB_STALL_SECONDS", "20"))


@pytest.fixture
def both(servers, tmp_path):
    source, target = servers(KIND), servers(KIND)
    make_small(source)
    return source, target, Job(tmp_path, source, target)


@pytest.fixture
def large(servers, tmp_path):
    source, target = servers(KIND), servers(KIND)
    make_large(source)
    return source, target, Job(tmp_path, source, target)


def assert_once_a_second(lines, ended):
    """From the first second on."""
    times = [0.0, *(at for at, _ in lines), ended]
    gaps = [b - a for a, b in zip(times, times[1:])]
    assert max(gaps) < 1.6, f"a gap of {max(gaps):.1f} s: {[round(t, 1) for t in times][:40]}"       # 0.6 s for a loaded machine


def test_json_lines(large):
    source, target, job = large
    run = job.start(until=None)
    run.wait_for(lambda line: line.get("unit") == "sync" and line["caught_up"], 120, "replication")
    time.sleep(3)
    changes(source)
    mark = run.mark()
    run.wait_after(mark, lambda line: line["unit"] == "sync" and line["caught_up"] and line["rows_done"] >= 90, 30, "the changes")
    time.sleep(1)
    run.interrupt()
    outcome = run.wait(30)
    assert outcome.code == EXIT_STOPPED, str(outcome)
    assert_last_line(outcome, result="stopped")
    assert all(json.loads(raw) for raw in outcome.raw), "every line of stdout is an object"
    for line in outcome.status:
        assert_status_line(line)
    assert_once_a_second(run.lines[:-1], run.lines[-1][0])
    units = [line["unit"] for line in outcome.status]
    assert list(dict.fromkeys(units)) == ["check", "load", "sync"], units
    copy = [line for line in outcome.status if line["unit"] == "load"]
    rows = [line["rows_done"] for line in copy]
    assert rows == sorted(rows) and rows[-1] > 0
    if not copy[-1].get("estimate"):
        assert copy[-1]["rows_total"] == 300250, copy[-1]
    done = [line for line in outcome.status if line["unit"] == "sync"]
    assert done[-1]["position"]["file"] and done[-1]["position"]["pos"] == done[-1]["source_position"]["pos"]
    assert done[-1]["lag_seconds"] is not None and done[-1]["lag_seconds"] < 30
    assert_equal(source, target)


def test_lines_while_connecting(both):
    """A server that does not answer: lines come all the same."""
    source, target, job = both
    source.pause()
    try:
        run = job.start(give_up="4s")
        outcome = run.wait(60)
    finally:
        source.resume()
    assert outcome.code == EXIT_CHECK, str(outcome)
    assert_last_line(outcome, result="error")
    assert_once_a_second(run.lines[:-1], run.lines[-1][0])
    assert {line["unit"] for line in outcome.status} == {"check"}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["INT", "TERM"])
def test_one_signal_in_the_copy(large, number):
    """It stops, says so, and the next run goes on with what is left."""
    source, target, job = large
    run = job.start()
    run.wait_for(lambda line: line.get("unit") == "load" and line["rows_done"] > 20000, 60, "a part of the copy")
    run.signal(number)
    asked = time.monotonic()
    outcome = run.wait(30)
    assert outcome.code == EXIT_STOPPED, str(outcome)
    assert time.monotonic() - asked < 10
    first = assert_last_line(outcome, result="stopped")["rows"]
    assert 0 < first < 300250
    again = job.run_ok()
    assert again.last["rows"] < 300250 - first * 0.5, (first, again.last)
    assert_equal(source, target)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["INT", "TERM"])
def test_one_signal_in_replication(both, number):
    source, target, job = both
    run = job.start(until=None)
    run.wait_for(lambda line: line.get("caught_up"), 60, "replication")
    changes(source, count=200)
    run.signal(number)
    outcome = run.wait(20)
    assert outcome.code == EXIT_STOPPED, str(outcome)
    assert_last_line(outcome, result="stopped")
    job.run_ok()
    assert_equal(source, target)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["INT", "TERM"])
@pytest.mark.parametrize("hangs", ["source", "target"])
def test_one_signal_in_a_check_that_hangs(both, hangs, number):
    """A server that takes connections and says nothing: a check ends all the same, and at once."""
    source, target, job = both
    task, (source_file,) = job.write()
    server = source if hangs == "source" else target
    server.pause()
    try:
        check = subprocess.Popen([find_program(), "check", task, "--source", source_file, "--json"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        time.sleep(1)
        assert check.poll() is None
        check.send_signal(number)
        asked = time.monotonic()
        out, err = check.communicate(timeout=60)
        took = time.monotonic() - asked
    finally:
        server.resume()
    assert check.returncode == EXIT_STOPPED, (check.returncode, err)
    assert took < 2, f"{took:.1f} s"
    assert out == "" and "stopping the checks" in err, (out, err)


def test_two_signals(both):
    """While the target hangs no transaction can end: the second signal ends the command at once, and nothing is lost."""
    source, target, job = both
    run = job.start(until=None)
    run.wait_for(lambda line: line.get("caught_up"), 60, "replication")
    target.pause()
    try:
        changes(source)
        time.sleep(0.5)
        run.interrupt()
        time.sleep(0.5)
        run.interrupt()
        asked = time.monotonic()
        outcome = run.wait(10)
        assert time.monotonic() - asked < 2
    finally:
        target.resume()
    assert outcome.code == EXIT_STOPPED, str(outcome)
    job.run_ok()
    assert_equal(source, target)


def test_plain_progress(both):
    source, target, job = both
    done = subprocess.run(job.argv(progress="plain"), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines and "\x1b" not in done.stdout
    assert all(re.match(r"\d{4}-\d\d-\d\dT[\d:.]+Z src-1: ", line) for line in lines[:-1]), lines
    assert "caught" in lines[-1], lines[-1]
    none = subprocess.run(job.argv(progress="none"), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    assert none.returncode == 0 and none.stdout == "", none
    assert_equal(source, target)


def test_live_display(both):
    """On a terminal: drawn over itself, not wider than it."""
    source, target, job = both
    import fcntl
    import pty
    import struct
    import termios
    parent, child = pty.openpty()
    fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
    process = subprocess.Popen(job.argv(progress="auto"), stdin=subprocess.DEVNULL, stdout=child, stderr=subprocess.PIPE)
    os.close(child)
    text = b""
    while True:
        try:
            part = os.read(parent, 65536)
        except OSError:
            break
        if not part:
            break
        text += part
    os.close(parent)
    assert process.wait(30) == 0
    shown = text.decode()
    assert "src-1" in shown and "caught" in shown.splitlines()[-1], shown[-500:]
    assert max(len(re.sub(r"\x1b\[[0-9]*[A-Za-z]", "", line)) for line in shown.splitlines()) <= 100


def test_check(both):
    source, target, job = both
    code, answer, _ = job.check()
    assert code == 0 and answer["passed"] is True, answer
    for item in answer["items"]:
        assert set(item) >= {"name", "severity", "passed", "source", "message", "instruction", "table"}, item
        assert item["severity"] in ("error", "warning")
    keyless = [i for i in answer["items"] if not i["passed"] and i["table"] == {"schema": DB, "table": "no_key"}]
    assert keyless and keyless[0]["severity"] == "warning", answer
    assert not [r for r in target.query("SHOW DATABASES") if r[0] in (DB, "dm_meta")], "a check writes nothing"


def test_check_finds_every_problem_at_once(servers, tmp_path):
    source, target = servers(KIND, binlog_format="STATEMENT", binlog_row_image="MINIMAL"), servers(KIND)
    make_small(source)
    source.query("CREATE USER dm@'%' IDENTIFIED BY ''")
    source.query("GRANT SELECT ON *.* TO dm@'%'")
    job = Job(tmp_path, source, target)
    job.source_config[0]["from"]["user"] = "dm"
    code, answer, _ = job.check()
    assert code == EXIT_CHECK and answer["passed"] is False
    failed = [i for i in answer["items"] if not i["passed"] and (i["severity"] == "error" or i["name"] == "binlog_row_image")]
    text = json.dumps(failed)
    for word in ("binlog_format", "binlog_row_image", "REPLICATION SLAVE"):
        assert word in text, (word, failed)
    assert all(i["instruction"] for i in failed), failed


@pytest.mark.parametrize("limit", [64, 256])
def test_memory_while_the_target_stalls(servers, tmp_path, limit):
    """RSS stays below the limit + 64 MiB while the target hangs, in the copy and in replication."""
    source, target = servers(KIND), servers(KIND)
    make_large(source, 500000)
    job = Job(tmp_path, source, target)
    run = job.start(until=None, give_up="never", *["--memory-limit", f"{limit}MiB"])
    run.wait_for(lambda line: line.get("unit") == "load" and line["rows_done"] > 0, 60, "the copy")
    highest = stall(run, target, STALL_SECONDS / 2)
    run.wait_for(lambda line: line.get("caught_up"), 180, "replication")
    with source.connect(database=DB, autocommit=True) as c, c.cursor() as cursor:
        target.pause()
        try:
            for n in range(8):
                cursor.execute("UPDATE large SET c = CONCAT(c, %s) WHERE id BETWEEN %s AND %s", (str(n), n * 50000, n * 50000 + 49999))
            highest = max(highest, stall(run, None, STALL_SECONDS / 2))
        finally:
            target.resume()
    mark = run.mark()
    run.wait_after(mark, lambda line: line.get("caught_up"), 180, "the changes")
    peak = next(int(line.split()[1]) << 10 for line in open(f"/proc/{run.pid}/status") if line.startswith("VmHWM"))
    run.interrupt()
    assert run.wait(30).code == EXIT_STOPPED
    print(f"\nlimit {limit} MiB: at most {highest >> 20} MiB while stalled, {peak >> 20} MiB at all")
    assert peak <= (limit + 64) << 20, f"{peak >> 20} MiB"
    job.run_ok()
    assert_equal(source, target)


def stall(run, target, seconds):
    """The highest RSS while the target does nothing."""
    if target:
        target.pause()
    highest, end = 0, time.monotonic() + seconds
    try:
        while time.monotonic() < end:
            highest = max(highest, run.rss())
            time.sleep(0.1)
    finally:
        if target:
            target.resume()
    return highest


TREE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
COMMANDS = {"run": "run_command.cpp", "check": "run_command.cpp", "explain": "explain_command.cpp", "binlog": "binlog_command.cpp", "schema": "schema_command.cpp", "encrypt": "password_command.cpp",
            "decrypt": "password_command.cpp", "config": "config_command.cpp", "version": None}


def output(*args, stdin=subprocess.DEVNULL):
    done = subprocess.run([find_program(), *args], stdin=stdin, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_help(command):
    """Each option with what it takes and its default, an example that is right; and what is not in the help is no option."""
    code, text, err = output(command, "--help")
    assert code == 0 and err == "" and text.startswith(f"usage: dmlib {command}"), err
    assert output("help", command)[:2] == (0, text) and output(command, "-h")[:2] == (0, text)
    assert max(map(len, text.splitlines())) <= 110
    if command == "version":
        return
    assert "Exit codes:" in text and "Example" in text
    described = set(re.findall(r"^  (--[a-z-]+)", text, re.MULTILINE))
    assert described == set(re.findall(r"--[a-z][a-z-]+", text)) - {"--help"} or command in ("run", "encrypt"), described
    for option in described:        # known to the command: something else is wrong then
        _, _, problem = output(command, option)
        assert "unknown option" not in problem, (option, problem)
    assert "unknown option" in output(command, "--no-such-option", "x")[2]
    with open(os.path.join(TREE, "examples", "cli", COMMANDS[command]), encoding="utf-8") as file:
        taken = set(re.findall(r'"(--[a-z-]+)"', file.read())) - {"--help", "--listen"}
    for option in taken - described:        # of the file's other command
        assert "unknown option" in output(command, option, "x")[2] or command == "encrypt", option


def test_help_names_every_command():
    text = output("--help")[1]
    assert all(f"dmlib {command}" in text for command in COMMANDS)
    assert output("help", "no-such-command")[0] == 0
    assert output("no-such-command", "--help")[0] == 2
