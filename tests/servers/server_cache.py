"""Fills the cache with server programs: from the system, from apt suites, from Maven artifacts, from the Go module."""

import contextlib
import fcntl
import glob
import json
import os
import platform
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from server_kinds import KINDS

HERE = Path(__file__).resolve().parent


class Unavailable(Exception):
    """This machine cannot have that server. The text is one line that says what to install."""


@dataclass
class Program:
    kind: object
    prefix: Path | None          # None: the system's own
    server: list                 # argv that runs the server
    client: list                 # argv of a command line client, or []
    basedir: Path
    share: Path                  # error messages, character sets, system table scripts
    plugins: Path | None

    def stamp(self):
        """Changes when the program does, so that templates of an older one are not used."""
        st = os.stat(self.server[-1])
        return f"{st.st_size:x}-{st.st_mtime_ns:x}"


def say(text):
    print(f"servers: {text}", file=sys.stderr, flush=True)


def reachable_by_others(path):
    """Whether another user can walk to `path` (the part of it that exists)."""
    path = Path(path).absolute()
    for p in [path, *path.parents]:
        try:
            if not p.stat().st_mode & stat.S_IXOTH:
                return False
        except FileNotFoundError:
            continue
    return True


def cache_dir():
    given = os.environ.get("DMLIB_SERVER_CACHE")
    if given:
        path = Path(given)
    else:
        path = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "dmlib-servers"
        # As root the servers run as nobody, who cannot pass a home directory of mode 0700.
        if os.geteuid() == 0 and not reachable_by_others(path):
            path = Path("/var/cache/dmlib-servers")
    path.mkdir(parents=True, exist_ok=True)
    return path.absolute()


@contextlib.contextmanager
def locked(name):
    """One filler at a time, across processes. The kernel drops the lock of a process that dies."""
    folder = cache_dir() / "locks"
    folder.mkdir(exist_ok=True)
    with open(folder / name, "w") as f:
        try:
            fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"waiting for another process that prepares {name}")
            fcntl.flock(f, fcntl.LOCK_EX)
        yield


def need(kind, *programs):
    missing = [p for p in programs if not shutil.which(p)]
    if missing:
        raise Unavailable(f"{kind.name} is not available: no {', '.join(missing)} here; needs {kind.install}")


def run_quietly(kind, argv, log, **kw):
    """Run a helper with its output in `log`; its last lines tell why when it fails."""
    with open(log, "ab") as out:
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out, **kw)
    if done.returncode:
        tail = " | ".join(Path(log).read_text(errors="replace").strip().splitlines()[-3:])
        raise Unavailable(f"{kind.name} is not available: {Path(argv[0]).name} failed ({tail}); needs {kind.install}")


def drop_unneeded(prefix, patterns):
    for pattern in patterns:
        for p in glob.glob(str(prefix / pattern)):
            shutil.rmtree(p) if os.path.isdir(p) and not os.path.islink(p) else os.unlink(p)


def make_traversable(prefix):
    """Archives come with odd modes; the server's user must be able to read and run all of it."""
    for root, dirs, files in os.walk(prefix):
        os.chmod(root, os.stat(root).st_mode | 0o755)
        for f in files:
            p = os.path.join(root, f)
            if not os.path.islink(p):
                os.chmod(p, os.stat(p).st_mode | 0o444)


def write_runner(prefix, body):
    """PREFIX/run PROGRAM ARG... starts a program of the prefix with the libraries of the prefix."""
    run = prefix / "run"
    run.write_text('#!/bin/sh\np=$(dirname "$(readlink -f "$0")")\n' + body)
    run.chmod(0o755)


# ---- apt: packages of another Debian suite, unpacked beside the system with their own libc -------------------------

_SKIP_DEBS = ("perl", "libperl", "libgdbm", "libdb5", "gcc-", "adduser", "passwd", "debconf", "libc-bin", "tzdata")


def apt_archive_uri(kind):
    """The archive that this system is configured for (mirror or not); nothing of it is ever written down here."""
    need(kind, "apt-get", "dpkg-deb")
    codename = ""
    with contextlib.suppress(OSError):
        for line in Path("/etc/os-release").read_text().splitlines():
            if line.startswith("VERSION_CODENAME="):
                codename = line.split("=", 1)[1].strip('"')
    out = subprocess.run(["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages", f"Codename: {codename}"],
                         capture_output=True, text=True).stdout.split()
    if not out:
        raise Unavailable(f"{kind.name} is not available: apt has no sources for {codename or 'this system'}; needs {kind.install}")
    return out[0]


def fetch_apt(kind, prefix, log):
    uri = apt_archive_uri(kind)
    a = prefix / ".apt"
    (a / "lists/partial").mkdir(parents=True)
    (a / "archives/partial").mkdir(parents=True)
    (a / "status").touch()
    (a / "sources.list").write_text(f"deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] {uri} {kind.suite} main\n")
    options = ["-q=2"]
    for o in (f"Dir::State::lists={a}/lists", f"Dir::State::status={a}/status", f"Dir::Cache={a}", f"Dir::Cache::archives={a}/archives",
              f"Dir::Etc::sourcelist={a}/sources.list", "Dir::Etc::sourceparts=/dev/null", "Dir::Etc::preferences=/dev/null",
              "Dir::Etc::preferencesparts=/dev/null", "APT::Sandbox::User=root", "Debug::NoLocking=1", "Acquire::Retries=3",
              "Acquire::Languages=none"):
        options += ["-o", o]
    run_quietly(kind, ["apt-get", *options, "update"], log)
    run_quietly(kind, ["apt-get", *options, "-y", "--no-install-recommends", "--download-only", "install", *kind.packages], log)
    for deb in sorted((a / "archives").glob("*.deb")):
        if not deb.name.startswith(_SKIP_DEBS):
            run_quietly(kind, ["dpkg-deb", "-x", str(deb), str(prefix)], log)
    shutil.rmtree(a)
    triplet = f"{platform.machine()}-linux-gnu"
    loaders = [p for d in ("usr/lib", "lib") for p in sorted((prefix / d / triplet).glob("ld-*.so*"))]
    if not loaders:
        raise Unavailable(f"{kind.name} is not available: no dynamic loader among its packages; needs {kind.install}")
    loader = loaders[0].relative_to(prefix)
    write_runner(prefix, f'exec "$p/{loader}" --library-path "$p/usr/lib/{triplet}:$p/lib/{triplet}:$p/usr/lib" "$@"\n')


# ---- Maven artifacts ------------------------------------------------------------------------------------------------

def fetch_maven(kind, prefix, log):
    need(kind, "mvn", "unzip")
    if platform.machine() != "x86_64":
        raise Unavailable(f"{kind.name} is not available: its artifact is for x86-64 only")
    # A repository of its own, below the same folder: the archives are large and of no use once unpacked.
    repo = prefix / ".m2"
    run_quietly(kind, ["mvn", "-q", "-B", f"-Dmaven.repo.local={repo}", "dependency:get", "-Dtransitive=false", f"-Dartifact={kind.artifact}"],
                log, cwd=prefix)
    group, artifact, *_ = kind.artifact.split(":")
    archives = [p for p in (repo / group.replace(".", "/") / artifact).rglob("*") if p.suffix in (".zip", ".jar")]
    if not archives:
        raise Unavailable(f"{kind.name} is not available: Maven brought no archive; needs {kind.install}")
    unpacked = prefix / ".unpacked"
    run_quietly(kind, ["unzip", "-q", "-o", str(archives[0]), *([f"{kind.inner}/*"] if kind.inner else []), "-d", str(unpacked)], log)
    shutil.rmtree(repo)
    top = unpacked / kind.inner
    while not (top / "bin").is_dir():           # the archives differ in how many folders are around the server
        inner = [p for p in top.iterdir() if p.is_dir() and not p.name.startswith("META-INF")]
        if len(inner) != 1:
            raise Unavailable(f"{kind.name} is not available: its archive has an unknown layout")
        top = inner[0]
    for p in top.iterdir():
        p.rename(prefix / p.name)
    shutil.rmtree(unpacked)
    for d in ("bin", "scripts"):
        for p in (prefix / d).glob("*"):
            p.chmod(0o755)
    write_runner(prefix, 'LD_LIBRARY_PATH="$p/libs:$p/lib/private${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" exec "$@"\n')


# ---- the Go module --------------------------------------------------------------------------------------------------

def fetch_go(kind, prefix, log):
    need(kind, "go")
    run_quietly(kind, ["bash", str(HERE / "build_tidb.sh"), str(prefix)], log)


# ---- the cache ------------------------------------------------------------------------------------------------------

_FETCH = {"apt": fetch_apt, "maven": fetch_maven, "go": fetch_go}


def fetch(kind):
    """Bring the programs of `kind` into the cache unless they are there. Returns the Program."""
    if kind.origin == "system":
        return system_program(kind)
    final = cache_dir() / kind.name
    if not (final / ".ready").exists():
        with locked(kind.name):
            if not (final / ".ready").exists():
                fill(kind, final)
    return cached_program(kind, final)


def fill(kind, final):
    say(f"preparing {kind.name} ({kind.origin}) in {final}")
    started = time.monotonic()
    log = cache_dir() / f"{kind.name}.log"
    log.write_text("")
    shutil.rmtree(final, ignore_errors=True)
    work = Path(tempfile.mkdtemp(prefix=f".{kind.name}.", dir=cache_dir()))
    try:
        _FETCH[kind.origin](kind, work, log)
        drop_unneeded(work, kind.drop)
        make_traversable(work)
        work.chmod(0o755)
        seconds = round(time.monotonic() - started, 1)
        (work / ".ready").write_text(json.dumps({"kind": kind.name, "seconds": seconds}) + "\n")
        work.rename(final)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    say(f"{kind.name} is ready after {seconds} s")


def first(*paths):
    return next((Path(p) for p in paths if Path(p).exists()), None)


def system_program(kind):
    server = shutil.which("mariadbd") or first("/usr/sbin/mariadbd", "/usr/libexec/mariadbd")
    share = first("/usr/share/mariadb", "/usr/share/mysql")
    if not server or not share or not system_tables(share):
        raise Unavailable(f"{kind.name} is not available: no mariadbd here; {kind.install}")
    return Program(kind, None, [str(server)], system_client(), Path("/usr"), share, first("/usr/lib/mysql/plugin", "/usr/lib64/mysql/plugin"))


def system_client():
    client = shutil.which("mariadb") or shutil.which("mysql")
    return [client] if client else []


def cached_program(kind, prefix):
    run = [str(prefix / "run")]
    if kind.origin == "go":
        return Program(kind, prefix, [str(prefix / "tidb-server")], system_client(), prefix, prefix, None)
    base = prefix / "usr" if kind.origin == "apt" else prefix
    server = first(base / "sbin/mariadbd", base / "sbin/mysqld", base / "bin/mariadbd", base / "bin/mysqld")
    client = first(base / "bin/mariadb", base / "bin/mysql")
    share = first(base / "share/mariadb", base / "share/mysql", base / "share")
    if kind.origin == "maven":
        share = base / "share"
    plugins = first(base / "lib/mysql/plugin", base / "lib/plugin")
    return Program(kind, prefix, run + [str(server)], run + [str(client)] if client else system_client(), base, share, plugins)


def system_tables(share):
    """The scripts that make the system tables, by the names they had in each series."""
    for t in ("mariadb", "mysql"):
        if (share / f"{t}_system_tables.sql").exists():
            names = [f"{t}_system_tables.sql", f"{t}_performance_tables.sql", f"{t}_system_tables_data.sql", f"{t}_sys_schema.sql"]
            return [share / n for n in names if (share / n).exists()]
    return []


def cached_kinds():
    """(kind, present) for `up --list`."""
    out = []
    for kind in KINDS.values():
        if kind.origin == "system":
            try:
                present = bool(system_program(kind))
            except Unavailable:
                present = False
        else:
            present = (cache_dir() / kind.name / ".ready").exists()
        out.append((kind, present))
    return out
