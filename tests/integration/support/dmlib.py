"""Runs the real `dmlib` command and holds what it says against the contract of docs/formats.md."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import yaml

EXIT_OK, EXIT_CONFIG, EXIT_CHECK, EXIT_TASK, EXIT_STOPPED = 0, 2, 3, 4, 130
TREE = Path(__file__).resolve().parents[3]


def find_program():
    """The command under test: $DMLIB_BIN, or the one below $DMLIB_BUILD_DIR (build/release)."""
    given = os.environ.get("DMLIB_BIN")
    if given and os.access(given, os.X_OK):
        return given
    build = Path(os.environ.get("DMLIB_BUILD_DIR", TREE / "build/release"))
    for path in sorted(build.glob("**/dmlib")):
        if path.is_file() and os.access(path, os.X_OK):
            return str(path)
    import pytest
    message = f"no dmlib command: build the target dmlib_cli, or set DMLIB_BIN (looked in {build})"
    if os.environ.get("CI", "").lower() in ("true", "1"):
        pytest.fail(message)
    pytest.skip(message)


class Outcome:
    """How a run ended."""

    def __init__(self, code, lines, stderr, seconds, raw):
        self.code, self.lines, self.stderr, self.seconds, self.raw = code, lines, stderr, seconds, raw
        self.results = [line for line in lines if "result" in line]
        self.status = [line for line in lines if "result" not in line and "code" not in line]

    @property
    def last(self):
        return self.results[-1] if self.results else None

    @property
    def error(self):
        return self.last["error"] if self.last else None

    def __str__(self):
        last = self.raw[-3:] if self.raw else []
        return f"exit {self.code} after {self.seconds:.1f} s\nlast lines: {'; '.join(last)}\nstderr: {self.stderr[-3000:]}"


class Running:
    """A run under way. `lines` are (seconds since the start, object)."""

    def __init__(self, argv, folder):
        self.started = time.monotonic()
        self.errors = tempfile.NamedTemporaryFile("w+b", dir=folder, prefix="stderr-", delete=False)
        self.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.errors, cwd=folder)
        self.lines, self.raw, self.changed = [], [], threading.Condition()
        self.ended = False
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for raw in self.process.stdout:
            text = raw.decode("utf-8").rstrip("\n")
            try:
                parsed = json.loads(text)
            except ValueError:
                parsed = None
            with self.changed:
                self.raw.append(text)
                if isinstance(parsed, dict):
                    self.lines.append((time.monotonic() - self.started, parsed))
                self.changed.notify_all()
        with self.changed:
            self.ended = True
            self.changed.notify_all()

    @property
    def pid(self):
        return self.process.pid

    def wait_for(self, condition, seconds=60, why="the expected status line"):
        """The first line, from the first on, for which the condition holds."""
        end, seen = time.monotonic() + seconds, 0
        with self.changed:
            while True:
                for _, line in self.lines[seen:]:
                    if condition(line):
                        return line
                seen = len(self.lines)
                if self.ended:
                    raise AssertionError(f"the run ended before {why}: {self._finish()}")
                if not self.changed.wait(end - time.monotonic()) and time.monotonic() >= end:
                    raise AssertionError(f"{seconds} s without {why}; last line: {self.raw[-1:]}; stderr: {self._stderr()[-1500:]}")

    def mark(self):
        """Lines that come from now on: pass the result to wait_after."""
        with self.changed:
            return len(self.lines)

    def wait_after(self, mark, condition, seconds=60, why="the expected status line"):
        count = [0]

        def later(line):
            count[0] += 1
            return count[0] > mark and condition(line)
        return self.wait_for(later, seconds, why)

    def signal(self, number):
        self.process.send_signal(number)

    def interrupt(self):
        self.signal(signal.SIGINT)

    def kill9(self):
        self.process.kill()
        self.process.wait()
        self.reader.join(10)

    def alive(self):
        return self.process.poll() is None

    def wait(self, seconds=180):
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            stacks = stack_names(self.pid)
            self.kill9()
            raise AssertionError(f"no end after {seconds} s; threads wait in {stacks}; {self._finish()}") from None
        self.reader.join(10)
        return self._finish()

    def _stderr(self):
        return Path(self.errors.name).read_text(errors="replace")

    def _finish(self):
        return Outcome(self.process.poll(), [line for _, line in self.lines], self._stderr(),
                       time.monotonic() - self.started, list(self.raw))

    def rss(self):
        """Bytes in memory now."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        return 0


def stack_names(pid):
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*"):
        try:
            found.append(f"{(task / 'comm').read_text().strip()}:{(task / 'wchan').read_text().strip()}")
        except OSError:
            pass
    return sorted(found)


def address(server, user="root", password=""):
    return {"host": server.host, "port": server.port, "user": user, "password": password}


def end_of_binlog(server):
    statement = "SHOW BINARY LOG STATUS" if server.kind == "mysql-9.7" else "SHOW MASTER STATUS"
    row = server.query(statement)[0]
    return row[0], int(row[1])


class Job:
    """A task with its files in a folder of its own."""

    def __init__(self, folder, sources, target, name="it", mode="all", schemas=("it*",), source_keys=None, instance=None, **keys):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.sources = list(sources) if isinstance(sources, (list, tuple)) else [sources]
        self.target, self.name = target, name
        self.no_start = False  # True: an incremental task gets no meta
        self.source_config = [{"source-id": f"src-{i + 1}", "enable-gtid": s.flavour == "mysql", "from": address(s)} | (source_keys or {})
                              for i, s in enumerate(self.sources)]
        self.task_config = {
            "name": name, "task-mode": mode, "meta-schema": "dm_meta", "target-database": address(target),
            "mysql-instances": [{"source-id": c["source-id"], "block-allow-list": "chosen", "mydumper-config-name": "all",
                                 "loader-config-name": "all", "syncer-config-name": "all"} | (instance or {})
                                for c in self.source_config],
            "block-allow-list": {"chosen": {"do-dbs": list(schemas)}},
            "mydumpers": {"all": {"threads": 4, "rows": 5000}}, "loaders": {"all": {"pool-size": 4}},
            "syncers": {"all": {"worker-count": 4, "batch": 50}},
        } | keys

    def begin_at_the_end(self):
        """An incremental task whose file says nothing begins where its source is now."""
        for server, instance in zip(self.sources, self.task_config["mysql-instances"]):
            if "meta" not in instance:
                name, position = end_of_binlog(server)
                instance["meta"] = {"binlog-name": name, "binlog-pos": position}

    def write(self):
        """The YAML files, as the two configurations are now."""
        if self.task_config["task-mode"] == "incremental" and not self.no_start:
            self.begin_at_the_end()
        task = self.folder / "task.yaml"
        task.write_text(yaml.safe_dump(self.task_config, sort_keys=False, allow_unicode=True))
        sources = []
        for config in self.source_config:
            path = self.folder / f"{config['source-id']}.yaml"
            path.write_text(yaml.safe_dump(config, sort_keys=False, allow_unicode=True))
            sources.append(path)
        return task, sources

    def argv(self, *more, command="run", progress="json", until="caught-up", give_up="60s"):
        task, sources = self.write()
        argv = [find_program(), command, str(task)]
        for path in sources:
            argv += ["--source", str(path)]
        if command == "run":
            argv += ["--progress", progress]
            argv += ["--until", until] if until else []
            argv += ["--give-up-after", give_up] if give_up else []
        return [*argv, *more]

    def start(self, *more, **options):
        return Running(self.argv(*more, **options), self.folder)

    def run(self, *more, seconds=180, **options):
        return self.start(*more, **options).wait(seconds)

    def run_ok(self, *more, result="caught_up", **options):
        """A run that has to end well."""
        outcome = self.run(*more, **options)
        assert outcome.code == EXIT_OK, str(outcome)
        assert_last_line(outcome, self.name, result)
        return outcome

    def check(self):
        done = subprocess.run(self.argv("--json", command="check"), stdin=subprocess.DEVNULL, capture_output=True, timeout=120)
        return done.returncode, json.loads(done.stdout) if done.stdout.strip() else None, done.stderr.decode()

    def forget(self):
        """As if the task had never run: its meta schema and the copied schemas are gone from the target."""
        names = [r[0] for r in self.target.query("SHOW DATABASES")]
        system = {"mysql", "information_schema", "performance_schema", "metrics_schema", "sys", "test"}
        for name in names:
            if name.lower() not in system:
                self.target.query("DROP DATABASE `" + name.replace("`", "``") + "`")

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)


# ---- the contract ---------------------------------------------------------------------------------------------------

ERROR_KEYS = {"code", "name", "class", "scope", "level", "message", "workaround", "task", "source", "position", "table", "statement"}
CLASSES = {"database", "config", "binlog", "checkpoint", "check", "dump", "load", "sync", "task", "schema", "internal"}


def assert_error(error, name=None, task="it", source=None, table=None, position=False):
    """An ERROR of the contract; `name` one name or several that are right."""
    assert isinstance(error, dict), f"no ERROR: {error!r}"
    assert ERROR_KEYS <= set(error), f"lacks {ERROR_KEYS - set(error)}: {error}"
    assert isinstance(error["code"], int) and error["code"] > 0, error
    for key in ("name", "class", "message", "workaround"):
        assert isinstance(error[key], str) and error[key].strip(), f"{key} is empty: {error}"
    assert error["class"] in CLASSES, error
    assert error["name"].startswith(f"{error['class']}-") or error["class"] in ("database", "internal"), error
    assert error["scope"] in ("upstream", "downstream", "internal"), error
    assert error["level"] in ("high", "medium", "low"), error
    if task is not None:
        assert_place(error)
    if name is not None:
        assert error["name"] in ({name} if isinstance(name, str) else set(name)), error
    if task is not None:
        assert error["task"] == task, error
    if source is not None:
        assert error["source"] == source, error
    if table is not None:
        assert error["table"] == {"schema": table[0], "table": table[1]}, error
    if position:
        assert error["position"] and error["position"]["file"] and error["position"]["pos"] > 0, error


# Faults of a stream before its first event, or of a place that could not be entered at all.
WITHOUT_POSITION = {"binlog-purged", "binlog-read", "binlog-server-id", "binlog-encrypted", "sync-position"}


def assert_place(error):
    """Whoever reads the error finds the place: every raise says what it knows."""
    assert error["task"], f"no task: {error}"
    if error["class"] not in ("config", "check", "task"):
        assert error["source"], f"no source: {error}"
    if error["class"] in ("binlog", "sync") and error["name"] not in WITHOUT_POSITION:
        assert error["position"] or error["table"], f"neither position nor table: {error}"
    if error["class"] in ("load", "dump") and error["name"] != "dump-snapshot":
        assert error["table"] or error["statement"], f"no table: {error}"


def assert_last_line(outcome, task="it", result=None):
    """The last line of stdout, one per task."""
    assert outcome.raw, str(outcome)
    assert len(outcome.results) == 1, outcome.raw[-5:]
    last = json.loads(outcome.raw[-1])
    assert last is not None and last.get("task") == task, last
    assert last["result"] in ("finished", "caught_up", "stopped", "error"), last
    assert isinstance(last["rows"], int) and last["seconds"] >= 0, last
    assert (last["error"] is not None) == (last["result"] == "error"), last
    if last["error"]:
        assert_place(last["error"])
    if result is not None:
        assert last["result"] == result, str(outcome)
    return last


def assert_status_line(line, task="it"):
    """A status line of the contract."""
    assert line["task"] == task and isinstance(line["source"], str), line
    assert len(line["time"]) == len("2026-01-02T03:04:05.678Z") and line["time"].endswith("Z"), line
    assert line["unit"] in ("check", "dump", "load", "sync") and isinstance(line["stage"], str), line
    if line["unit"] == "load":
        for key in ("rows_total", "rows_done", "bytes_total", "bytes_done", "percent", "rows_per_second", "eta_seconds"):
            assert key in line, (key, line)
        assert 0 <= line["percent"] <= 100, line
    if line["unit"] == "sync":
        for key in ("position", "source_position", "lag_seconds", "rows_done", "rows_per_second", "caught_up", "blocked_on"):
            assert key in line, (key, line)
        for key in ("position", "source_position"):
            if line[key] is not None:
                assert {"file", "pos"} <= set(line[key]), line
