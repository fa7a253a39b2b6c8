"""Private database servers on loopback for tests, demos and benchmarks.

    from servers import up, Unavailable
    with up("mysql-9.7") as source, up("tidb") as target:
        connection = source.connect()           # needs pymysql; source.query("SELECT 1") does not

See README.md beside this file. The programs come from a cache outside the tree (server_cache.py).
"""

import contextlib
import hashlib
import json
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import server_cache
import timezones
from server_cache import Unavailable, cache_dir, fetch, locked, reachable_by_others
from server_kinds import INIT_SETTINGS, config_text, find_kind, merged_settings, normalise
from wire import Wire, WireError

START_TIMEOUT = float(os.environ.get("DMLIB_SERVER_START_TIMEOUT", "60"))
TEMPLATE_VERSION = "1"          # raise it when the way templates are made changes
_children = {}                  # pid -> Popen of servers that this very process started, to reap them


class ServerError(Exception):
    """A server could not be started, stopped or found."""


# ---- places, users, ports -------------------------------------------------------------------------------------------

def instances_dir():
    given = os.environ.get("DMLIB_SERVER_DIR")
    path = Path(given) if given else Path(tempfile.gettempdir()) / f"dmlib-servers-{os.getuid()}"
    path.mkdir(parents=True, exist_ok=True)
    return path.absolute()


def server_user(folder):
    """The account to run as: ours when we are not root; nobody when it can reach folder and cache; else root by name."""
    if os.geteuid() != 0:
        return None
    return "nobody" if reachable_by_others(folder) and reachable_by_others(cache_dir()) else "root"


def give_to(user, path):
    if user and user != "root":
        entry = pwd.getpwnam(user)
        os.chown(path, entry.pw_uid, entry.pw_gid)


def make_folder(path, user):
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(0o755)
    give_to(user, path)


def port_range():
    """Below the ports of outgoing connections, or one of those could take our port while our server is dead."""
    low = 32768
    with contextlib.suppress(OSError, ValueError):
        low = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    return (20000, low - 1) if low > 21000 else (2000, 65000)


def port_is_free(port):
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            s.bind(("127.0.0.1", port))
            return True
        except OSError:
            return False


def claims_dir():
    path = cache_dir() / "ports"
    path.mkdir(exist_ok=True)
    return path


def claim_port(folder):
    """A free port that no other instance has, also none that is down at the moment. The claim lives until `down`."""
    for _ in range(2000):
        port = random.randint(*port_range())
        claim = claims_dir() / str(port)
        drop_stale_claim(claim)
        try:
            fd = os.open(claim, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644)
        except FileExistsError:
            continue
        with os.fdopen(fd, "w") as f:
            f.write(str(folder))
        if port_is_free(port):
            return port
        claim.unlink(missing_ok=True)
    raise ServerError("no free port found")


def drop_stale_claim(claim):
    """A claim whose instance folder is gone (removed by hand). A young one may belong to a folder yet to be made."""
    with contextlib.suppress(OSError):
        if time.time() - claim.stat().st_mtime > 120 and not Path(claim.read_text()).exists():
            claim.unlink()


def release_ports(*ports):
    for port in ports:
        if port:
            (claims_dir() / str(port)).unlink(missing_ok=True)


# ---- processes ------------------------------------------------------------------------------------------------------

def start_ticks(pid):
    """When the process began, in clock ticks since boot; None when there is none or only its zombie."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = text[text.rindex(")") + 2:].split()
    return None if fields[0] in "ZX" else int(fields[19])


def is_ours(pid, ticks, folder):
    """The process that we started for this folder, not another one that got its number later."""
    if not pid or start_ticks(pid) is None or (ticks and start_ticks(pid) != ticks):
        return False
    try:
        return os.fsencode(str(folder)) in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def launch(argv, out):
    """Start a server in a session of its own, with nothing of our environment that could change what it does."""
    env = {"PATH": os.environ.get("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"), "TZ": os.environ.get("DMLIB_SERVER_TZ", "UTC"), "LC_ALL": "C"}
    with open(out, "ab") as log:
        p = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, env=env, cwd="/")
    _children[p.pid] = p
    return p.pid


def gone(pid, ticks):
    child = _children.get(pid)
    if child is not None:
        if child.poll() is None:
            return False
        del _children[pid]
        return True
    return start_ticks(pid) != ticks


def wait_gone(pid, ticks, seconds):
    end = time.monotonic() + seconds
    while not gone(pid, ticks):
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


# ---- templates: an initialised data directory per program and init settings ------------------------------------------

def template(program, settings, user, tz):
    chosen = {k: v for k, v in settings.items() if k in INIT_SETTINGS}
    variant = "-".join([f"{k}={str(v).replace('/', '_')}" for k, v in sorted(chosen.items())] + (["tz"] if tz else [])) or "default"
    owner = user or f"uid{os.getuid()}"
    family = cache_dir() / "templates" / program.kind.name
    final = family / f"v{TEMPLATE_VERSION}-{program.stamp()}-{owner}" / variant
    if not final.exists():
        with locked(f"template-{program.kind.name}"):
            if not final.exists():
                final.parent.mkdir(parents=True, exist_ok=True)
                work = Path(tempfile.mkdtemp(prefix=".new.", dir=family))
                try:
                    make_folder(work, user)
                    make_template(program, work, chosen, user, tz)
                    copy_template(work / "data", work / "sparse")
                    (work / "sparse").rename(final)
                except Exception:
                    failed = cache_dir() / f"failed-{program.kind.name}"
                    shutil.rmtree(failed, ignore_errors=True)
                    shutil.rmtree(work / "data", ignore_errors=True)
                    work.rename(failed)                 # its logs say why
                    raise
                finally:
                    shutil.rmtree(work, ignore_errors=True)
                drop_old_templates(family, final.parent)
    return final


def drop_old_templates(family, current):
    for p in family.iterdir():
        if p != current and p.name.split("-")[-1] == current.name.split("-")[-1]:
            shutil.rmtree(p, ignore_errors=True)


def make_template(program, work, chosen, user, tz):
    server_cache.say(f"initialising a data directory of {program.kind.name} {' '.join(f'{k}={v}' for k, v in chosen.items())}")
    if program.kind.flavour == "tidb":
        make_tidb_template(program, work)
        return
    keep = {"innodb_flush_method", "innodb_use_native_aio", "innodb_doublewrite", "innodb_log_file_size", "innodb_redo_log_capacity",
            "performance_schema", "mysqlx", "secure_file_priv", "innodb_buffer_pool_size"}
    settings = {k: v for k, v in merged_settings(program.kind, {}).items() if k in keep} | chosen
    settings |= {"skip_log_bin": None, "skip_networking": None} | paths(program, work)
    config = work / "my.cnf"
    config.write_text(config_text(settings))
    argv = [*program.server, f"--defaults-file={config}", *([f"--user={user}"] if user else [])]
    if program.kind.flavour == "mysql" and program.kind.series >= (5, 7):
        run_init(program, [*argv, "--initialize-insecure"], work)
    else:
        bootstrap(program, argv, work, user)
    finish_template(program, argv, work, tz)
    for name in ("auto.cnf", "err.log"):        # the copy gets a server_uuid of its own
        (work / "data" / name).unlink(missing_ok=True)


def run_init(program, argv, work, script=None):
    with open(work / "init.log", "ab") as log:
        done = subprocess.run(argv, input=script, stdin=None if script is not None else subprocess.DEVNULL, stdout=log, stderr=log, cwd="/")
    if done.returncode:
        raise ServerError(f"{program.kind.name}: initialising failed: {tail(work / 'err.log', work / 'init.log')}")


def bootstrap(program, argv, work, user):
    """What mysql_install_db does, without the script, which cannot run through a private loader."""
    make_folder(work / "data", user)
    make_folder(work / "data/mysql", user)
    parts = [b"create database if not exists mysql;\nuse mysql;\nset @auth_root_socket=NULL;\nset @skip_auth_anonymous=1;\n"]
    parts += [p.read_bytes() + b"\n" for p in server_cache.system_tables(program.share)]
    run_init(program, [*argv, "--bootstrap", "--skip-grant-tables"], work, b"".join(parts) + b"flush privileges;\n")


def finish_template(program, argv, work, tz):
    """One start makes certificates and temporary files; root@localhost stays the only account besides the server's own."""
    with started_once(program, argv, work) as db:
        extra = db.query("SELECT CONCAT(QUOTE(User), '@', QUOTE(Host)) FROM mysql.user WHERE User = '' AND Host <> '' "
                         "OR User = 'root' AND Host NOT IN ('localhost', '127.0.0.1', '::1')")
        for (account,) in extra:
            db.query(f"DROP USER {account}")
        db.query("DELETE FROM mysql.db WHERE User = ''")
        if tz:
            for table in ("time_zone", "time_zone_name", "time_zone_transition", "time_zone_transition_type", "time_zone_leap_second"):
                db.query(f"TRUNCATE TABLE mysql.{table}")
            for statement in timezones.statements():
                db.query(statement)


def make_tidb_template(program, work):
    port, status = claim_port(work), claim_port(work)
    try:
        config = work / "tidb.toml"
        config.write_text(tidb_config(work, port, status, {}))
        with started_once(program, [*program.server, f"--config={config}"], work) as db:
            db.query("SET GLOBAL time_zone = '+00:00'")
    finally:
        release_ports(port, status)


@contextlib.contextmanager
def started_once(program, argv, work):
    """A connection to a server on a data directory in the making. The server ends cleanly, or at once when something failed."""
    pid = launch(argv, work / "out")
    ticks = start_ticks(pid)
    try:
        with wait_ready(program.kind, pid, ticks, str(socket_path(work)), work) as db:
            yield db
        os.kill(pid, signal.SIGTERM)
        if not wait_gone(pid, ticks, 60):
            raise ServerError(f"{program.kind.name}: the new data directory's server does not stop")
    finally:
        if not gone(pid, ticks):
            os.kill(pid, signal.SIGKILL)
            wait_gone(pid, ticks, 5)
        for leftover in (str(socket_path(work)), f"{socket_path(work)}.lock"):
            Path(leftover).unlink(missing_ok=True)


# ---- configuration --------------------------------------------------------------------------------------------------

def paths(program, folder):
    p = {"datadir": folder / "data", "socket": socket_path(folder), "pid_file": folder / "pid", "log_error": folder / "err.log",
         "tmpdir": folder / "tmp", "basedir": program.basedir, "lc_messages_dir": program.share,
         "character_sets_dir": program.share / "charsets"}
    if program.plugins:
        p["plugin_dir"] = program.plugins
    (folder / "tmp").mkdir(exist_ok=True)
    (folder / "tmp").chmod(0o777)
    return {k: str(v) for k, v in p.items()}


def socket_path(folder):
    """In the folder, unless that is too long for a unix socket (108 bytes with the final zero)."""
    path = folder / "s.sock"
    if len(os.fsencode(path)) < 100:
        return path
    return Path("/tmp") / f"dmlib-{hashlib.sha1(os.fsencode(folder)).hexdigest()[:16]}.sock"


def tidb_config(folder, port, status_port, overrides):
    """Settings with a dot or of a known section are of the file; everything else is a global variable (tidb_variables)."""
    sections = {
        "": {"host": "127.0.0.1", "port": port, "socket": str(socket_path(folder)), "store": "unistore", "path": str(folder / "data"),
             "temp-dir": str(folder / "tmp"), "tmp-storage-path": str(folder / "tmp")},
        "status": {"status-host": "127.0.0.1", "status-port": status_port},
        "log": {"level": "warn"},
        "log.file": {"filename": str(folder / "err.log")},
    }
    for key, value in overrides.items():
        section, _, name = key.rpartition(".")
        sections.setdefault(section, {})[name] = value
    lines = []
    for section in sorted(sections):
        if section:
            lines.append(f"[{section}]")
        lines += [f"{k} = {toml_value(v)}" for k, v in sections[section].items()]
    return "\n".join(lines) + "\n"


def toml_value(value):
    text = str(value)
    if isinstance(value, int) or text in ("true", "false"):
        return text
    with contextlib.suppress(ValueError):
        float(text)
        return text
    return json.dumps(text)


def make_certificates(folder, user):
    """A CA of this instance's own, a server certificate for loopback and a client certificate. RSA, because 5.6 knows no other."""
    d = folder / "tls"
    make_folder(d, user)
    if not shutil.which("openssl"):
        raise Unavailable("--tls is not available: no openssl here; apt-get install openssl")

    def openssl(*args):
        done = subprocess.run(["openssl", *args], cwd=d, capture_output=True, text=True)
        if done.returncode:
            raise ServerError(f"openssl {args[0]} failed: {done.stderr.strip()}")

    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3650", "-keyout", "ca-key.pem", "-out", "ca.pem",
            "-subj", "/CN=dmlib test CA", "-addext", "basicConstraints=critical,CA:TRUE")
    for name, subject in (("server", "/CN=localhost"), ("client", "/CN=dmlib test client")):
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}-key.pkcs8", "-out", f"{name}.csr", "-subj", subject)
        openssl("rsa", "-traditional", "-in", f"{name}-key.pkcs8", "-out", f"{name}-key.pem")
        (d / "ext").write_text("basicConstraints=CA:FALSE\n"
                               + ("subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1\n" if name == "server" else ""))
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca-key.pem", "-CAcreateserial", "-days", "3650",
                "-extfile", "ext", "-out", f"{name}.pem")
    for p in d.iterdir():
        if p.suffix in (".csr", ".pkcs8", ".srl") or p.name == "ext":
            p.unlink()
        else:
            p.chmod(0o644 if p.name.startswith("client") or "key" not in p.name else 0o600)
            give_to(user, p)
    return {"ca": d / "ca.pem", "cert": d / "server.pem", "key": d / "server-key.pem",
            "client_cert": d / "client.pem", "client_key": d / "client-key.pem"}


# ---- readiness ------------------------------------------------------------------------------------------------------

class StartFailed(ServerError):
    def __init__(self, text, bind):
        super().__init__(text)
        self.bind = bind                        # the port was taken: another one will do


def tail(*logs):
    """The lines of the logs that say why, on one line."""
    lines = []
    for log in logs:
        with contextlib.suppress(OSError):
            lines += log.read_text(errors="replace").strip().splitlines()[-200:]
    errors = [line for line in lines if "ERROR" in line.upper() or "FATAL" in line.upper() or "UNKNOWN" in line.upper()]
    return " | ".join((errors or lines)[-3:])[:1500] or "no log"


def wait_ready(kind, pid, ticks, address, folder):
    """A connection, as soon as the server answers. Over its own socket: what listens on the port might be another server."""
    end = time.monotonic() + START_TIMEOUT
    while time.monotonic() < end:
        if gone(pid, ticks):
            logs = "".join(p.read_text(errors="replace") for p in (folder / "err.log", folder / "out") if p.exists()).lower()
            raise StartFailed(f"{kind.name} did not start: {tail(folder / 'err.log', folder / 'out')}",
                              "address already in use" in logs or "bind on tcp/ip port" in logs)
        with contextlib.suppress(OSError, WireError):
            db = Wire(address, timeout=30)
            try:
                db.query("SELECT 1")
                return db
            except BaseException:
                db.close()
                raise
        time.sleep(0.02)
    os.kill(pid, signal.SIGKILL)
    wait_gone(pid, ticks, 5)
    raise ServerError(f"{kind.name} did not answer in {START_TIMEOUT:.0f} s: {tail(folder / 'err.log', folder / 'out')}")


# ---- an instance ----------------------------------------------------------------------------------------------------

class Server:
    """One instance. `facts` is what `up --json` prints and DIR/instance.json holds; each is an attribute, too."""

    def __init__(self, facts):
        self.facts = facts

    def __getattr__(self, name):
        try:
            return self.__dict__["facts"][name]
        except KeyError:
            raise AttributeError(name) from None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.down()

    def __repr__(self):
        return f"<{self.kind} {self.host}:{self.port} pid {self.pid}>"

    def alive(self):
        return is_ours(self.pid, self.facts["start_ticks"], self.dir)

    def query(self, sql):
        """Rows of text, by the small client of this tool (no pymysql needed)."""
        with Wire((self.host, self.port), timeout=600) as db:
            return db.query(sql)

    def connect(self, **options):
        import pymysql
        return pymysql.connect(**{"host": self.host, "port": self.port, "user": self.user, "password": "", "charset": "utf8mb4"} | options)

    def signal(self, number):
        if not self.alive():
            raise ServerError(f"{self.dir}: its server does not run")
        os.kill(self.pid, number)

    def kill9(self):
        """End it as a power cut of the process: nothing flushed by the server. Returns when it is gone."""
        self.signal(signal.SIGKILL)
        wait_gone(self.pid, self.facts["start_ticks"], 10)

    def pause(self):
        self.signal(signal.SIGSTOP)

    def resume(self):
        self.signal(signal.SIGCONT)

    def stop(self, seconds=30.0):
        """SIGTERM, then SIGKILL; the data stays."""
        if not self.alive():
            return
        ticks = self.facts["start_ticks"]
        os.kill(self.pid, signal.SIGTERM)
        os.kill(self.pid, signal.SIGCONT)       # a paused one would not see it
        if not wait_gone(self.pid, ticks, seconds):
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            wait_gone(self.pid, ticks, 10)

    def again(self, settings=None, unset=()):
        """Start it on the same port and data; more settings may be given. They stay for later starts."""
        if self.alive():
            raise ServerError(f"{self.dir}: its server runs already (pid {self.pid})")
        folder = Path(self.dir)
        self.facts["settings"].update({normalise_for(self.kind, k): v for k, v in (settings or {}).items()})
        self.facts["unset"] = [*self.facts["unset"], *unset]
        end = time.monotonic() + 15
        while True:
            try:
                start(folder, self.facts)
                return self
            except StartFailed as e:            # its port may be busy for a moment: a dying process, a client's half-open connection
                if not e.bind or time.monotonic() > end:
                    raise
                (folder / "err.log").unlink(missing_ok=True)
                time.sleep(0.2)

    def restart(self, **kw):
        self.stop()
        return self.again(**kw)

    def down(self, keep=False):
        """Stop it and remove its folder and its claim of the port. With keep, everything stays for `again`."""
        self.stop(30.0 if keep else 5.0)
        if not keep:
            for leftover in (self.socket, self.socket + ".lock"):     # it may be outside of the folder
                Path(leftover).unlink(missing_ok=True)
            shutil.rmtree(self.dir, ignore_errors=True)
            for claim in self.facts.get("claims", ()):
                Path(claim).unlink(missing_ok=True)


def normalise_for(kind_name, key):
    """TiDB's file has its own spelling, with dots and hyphens."""
    return key.strip() if find_kind(kind_name).flavour == "tidb" else normalise(key)


def save(facts):
    path = Path(facts["dir"]) / "instance.json"
    new = path.with_suffix(".new")
    new.write_text(json.dumps(facts, indent=1) + "\n")
    new.rename(path)


def load(where):
    """The instance of a folder, or of a name below the default folder."""
    for folder in (Path(where), instances_dir() / where):
        if (folder / "instance.json").is_file():
            return Server(json.loads((folder / "instance.json").read_text()))
    raise ServerError(f"{where}: no instance of this tool (no instance.json)")


def instances():
    out = []
    for path in sorted(instances_dir().glob("*/instance.json")):
        with contextlib.suppress(OSError, ValueError):
            out.append(Server(json.loads(path.read_text())))
    return out


def up(kind, dir=None, name=None, settings=None, unset=(), tls=False, tz=False):
    """Start a new instance of `kind` and return its Server. Raises Unavailable when this machine cannot have it."""
    os.umask(0o022)                 # whatever ours is, the server's user must reach what we make
    kind = find_kind(kind)
    program = fetch(kind)
    folder = Path(dir).absolute() if dir else None
    for _ in range(10):
        facts = prepare(kind, program, folder, name, settings or {}, list(unset), tls, tz)
        try:
            start(Path(facts["dir"]), facts)
            return Server(facts)
        except BaseException as e:
            Server(facts).down()
            if not (isinstance(e, StartFailed) and e.bind):
                raise
    raise ServerError(f"{kind.name}: found no port that it can listen on")


def prepare(kind, program, folder, name, given, unset, tls, tz):
    port = claim_port(folder or instances_dir())
    status_port = claim_port(folder or instances_dir()) if kind.flavour == "tidb" else None
    folder = folder or instances_dir() / (name or f"{kind.name}-{port}")
    claims = [claims_dir() / str(p) for p in (port, status_port) if p]
    for claim in claims:
        claim.write_text(str(folder))
    made = False
    try:
        if folder.exists() and any(folder.iterdir()):
            raise ServerError(f"{folder} is not empty; an instance there is started by --again and removed by down")
        made = True
        user = None if kind.flavour == "tidb" else server_user(folder)
        make_folder(folder, user)
        settings = {normalise_for(kind.name, k): v for k, v in given.items()}
        copy_template(template(program, settings, user, tz), folder / "data")
        facts = {"kind": kind.name, "flavour": kind.flavour, "version": "", "name": folder.name, "host": "127.0.0.1", "port": port,
                 "status_port": status_port, "socket": str(socket_path(folder)), "user": "root", "password": "", "pid": 0, "start_ticks": 0,
                 "dir": str(folder), "datadir": str(folder / "data"), "log": str(folder / "err.log"), "server_id": port,
                 "client": program.client, "prefix": str(program.prefix or ""), "run_as": user, "settings": settings, "unset": unset, "claims": [str(c) for c in claims], "tls": {}}
        if tls:
            facts["tls"] = {k: str(v) for k, v in make_certificates(folder, user).items()}
        return facts
    except BaseException:
        release_ports(port, status_port)
        if made:
            shutil.rmtree(folder, ignore_errors=True)
        raise


def copy_template(source, target):
    """Logs and tablespaces are mostly zeros, which need not be stored."""
    subprocess.run(["cp", "-a", "--sparse=always", "--reflink=auto", str(source), str(target)], check=True)


def start(folder, facts):
    kind = find_kind(facts["kind"])
    program = fetch(kind)
    argv = (configure_tidb if kind.flavour == "tidb" else configure)(program, folder, facts)
    # A killed server may stay a zombie until init reaps it, and MySQL takes the zombie in its lock file for a running server.
    for leftover in (facts["socket"], facts["socket"] + ".lock", folder / "pid", folder / "out"):
        Path(leftover).unlink(missing_ok=True)
    pid = launch(argv, folder / "out")
    facts |= {"pid": pid, "start_ticks": start_ticks(pid) or 0}
    save(facts)
    with wait_ready(kind, pid, facts["start_ticks"], facts["socket"], folder) as db:
        if kind.flavour == "tidb":
            for key, value in facts["settings"].items():
                if "." not in key:
                    db.query(f"SET GLOBAL {key} = {sql_value(value)}")
        facts["version"] = db.query("SELECT VERSION()")[0][0]
    # The loader or a wrapper script may have been seen before its exec: the moment of birth is the same, the rest is checked now.
    save(facts)


def configure(program, folder, facts):
    settings = merged_settings(program.kind, facts["settings"], facts["unset"])
    fixed = {"port": facts["port"], "server_id": facts["server_id"]} | paths(program, folder)
    settings = fixed | settings
    if facts["tls"]:
        settings = {f"ssl_{k}": facts["tls"][k] for k in ("ca", "cert", "key")} | settings
    config = folder / "my.cnf"
    config.write_text(config_text(settings))
    return [*program.server, f"--defaults-file={config}", *([f"--user={facts['run_as']}"] if facts["run_as"] else [])]


def configure_tidb(program, folder, facts):
    overrides = {k: v for k, v in facts["settings"].items() if "." in k}
    if facts["tls"]:
        overrides |= {f"security.ssl-{k}": facts["tls"][k] for k in ("ca", "cert", "key")}
    (folder / "tmp").mkdir(exist_ok=True)
    config = folder / "tidb.toml"
    config.write_text(tidb_config(folder, facts["port"], facts["status_port"], overrides))
    return [*program.server, f"--config={config}"]


def sql_value(value):
    text = str(value)
    with contextlib.suppress(ValueError):
        float(text)
        return text
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def up_or_skip(kind, **kw):
    """For pytest: a server, or a loud skip; with CI=true a missing server is a failure."""
    try:
        return up(kind, **kw)
    except Unavailable as e:
        import pytest
        if os.environ.get("CI", "").lower() in ("true", "1"):
            pytest.fail(str(e))
        pytest.skip(str(e))


def down(where, keep=False):
    (where if isinstance(where, Server) else load(where)).down(keep)
