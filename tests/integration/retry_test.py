"""What the checker of a source file says about going on after a failure, on real servers."""

import time

import pytest

from support import zoo
from support.dmlib import EXIT_TASK, Job, assert_error, assert_last_line
from support.same import assert_equal
from support.small import DB, changes, make_large, make_small

KIND = "mariadb-10.11"


def replicating(servers, tmp_path, **checker):
    """A run that has caught up, with that checker in the source file."""
    source, target = servers(KIND), servers(KIND)
    make_small(source)
    job = Job(tmp_path, source, target, source_keys={"checker": checker})
    run = job.start(until=None, give_up="2m")
    run.wait_for(lambda line: line.get("caught_up"), 60, "replication")
    return source, target, job, run


def finish(run, job, source, target):
    run.interrupt()
    assert run.wait(30).code == 130
    job.run_ok()
    assert_equal(source, target)


@pytest.mark.parametrize("which", ["target", "source"])
def test_waits_are_those_of_the_file(servers, tmp_path, which):
    """Constant short waits; the status says what is tried, since when, how often and what would help."""
    source, target, job, run = replicating(servers, tmp_path, **{"backoff-min": "200ms", "backoff-max": "1s", "backoff-factor": 1, "backoff-jitter": False})
    victim = target if which == "target" else source
    victim.kill9()
    if which == "target":
        changes(source)
    line = run.wait_after(run.mark(), lambda line: line.get("blocked_on"), 30, "blocked_on")
    first = line["blocked_on"]
    assert first["name"].startswith("db-") and first["code"] > 10000 and first["workaround"], first
    assert 100 < first["gives_up_seconds"] <= 120 and first["since"].endswith("Z"), first
    time.sleep(3)
    line = run.wait_after(run.mark(), lambda line: line.get("blocked_on"), 5, "blocked_on")
    later = line["blocked_on"]
    assert 6 <= later["tries"] - first["tries"] <= 18, (first, later)
    assert 0 <= later["next_try_seconds"] <= 0.3 and line["retries"] >= later["tries"], line
    assert later["since_seconds"] > first["since_seconds"] + 2, (first, later)
    victim.again()
    changes(source, start=6000)
    back = run.wait_after(run.mark(), lambda line: line.get("unit") == "sync" and line["caught_up"] and not line["blocked_on"], 30, "going on")
    assert back["retries"] >= later["tries"], back
    finish(run, job, source, target)


def test_no_wait_is_shorter_than_the_interval(servers, tmp_path):
    source, target, job, run = replicating(servers, tmp_path, **{"check-interval": "3s", "backoff-min": "100ms", "backoff-factor": 1})
    target.kill9()
    changes(source)
    line = run.wait_after(run.mark(), lambda line: line.get("blocked_on"), 30, "blocked_on")
    began = line["blocked_on"]["tries"]
    time.sleep(4)
    line = run.wait_after(run.mark(), lambda line: line.get("blocked_on"), 5, "blocked_on")
    assert line["blocked_on"]["tries"] - began <= 2, line
    target.again()
    run.wait_after(run.mark(), lambda line: line.get("unit") == "sync" and line["caught_up"] and not line["blocked_on"], 30, "going on")
    finish(run, job, source, target)


@pytest.mark.parametrize("phase", ["copy", "replication"])
def test_without_resuming(servers, tmp_path, phase):
    """check-enable: false: the failure ends the task, and the next run goes on."""
    source, target = servers(KIND), servers(KIND)
    make_large(source, 300000 if phase == "copy" else 1000)
    job = Job(tmp_path, source, target, source_keys={"checker": {"check-enable": False}})
    run = job.start(until=None)
    if phase == "copy":
        run.wait_for(lambda line: line.get("unit") == "load" and line["rows_done"] > 0, 60, "the copy")
    else:
        run.wait_for(lambda line: line.get("caught_up"), 60, "replication")
    target.kill9()
    if phase == "replication":
        changes(source)
    died = time.monotonic()
    outcome = run.wait(60)
    assert outcome.code == EXIT_TASK, str(outcome)
    assert time.monotonic() - died < 15
    error = assert_last_line(outcome, result="error")["error"]
    assert_error(error, ("db-connection-lost", "db-connect"), "it")
    assert "check-enable" in error["workaround"], error
    assert not any(line.get("blocked_on") for line in outcome.status)
    target.again()
    job.run_ok()
    assert_equal(source, target)


def test_what_waiting_does_not_cure_is_not_tried_again(servers, tmp_path):
    """A row that somebody else wrote to the target: one failure, no loop."""
    source, target, job, run = replicating(servers, tmp_path, **{"backoff-min": "1ms"})
    target.query(f"INSERT INTO {DB}.t VALUES (7000, 7000, 'not ours')")
    began = time.monotonic()
    zoo.run_all(source, ["INSERT INTO t VALUES (7000, 7001, 'ours')"], DB)
    outcome = run.wait(30)
    assert outcome.code == EXIT_TASK and time.monotonic() - began < 10, str(outcome)
    assert_error(assert_last_line(outcome, result="error")["error"], ("db-duplicate-entry", "db-affected-rows"), source="src-1", table=(DB, "t"), position=True)
    assert all(line.get("retries", 0) == 0 and not line.get("blocked_on") for line in outcome.status)
    target.query(f"DELETE FROM {DB}.t WHERE id = 7000")
    job.run_ok()
    assert_equal(source, target)
