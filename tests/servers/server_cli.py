"""The commands `up` and `down`."""

import argparse
import json
import os
import shlex
import sys
from concurrent.futures import ThreadPoolExecutor

import server_cache
import servers
from server_kinds import ALIASES, KINDS, find_kind
from wire import WireError

EXIT_UNAVAILABLE = 77


def pairs(items):
    out = {}
    for item in items or ():
        key, sep, value = item.partition("=")
        out[key] = value if sep else None
    return out


def print_facts(server, args):
    facts = server.facts
    if args.json:
        print(json.dumps(facts))
        return
    for key, value in facts.items():
        if key in ("settings", "unset", "claims", "start_ticks"):
            continue
        if key == "tls":
            for k, v in value.items():
                print(f"{args.prefix}tls_{k}={shlex.quote(v)}")
            continue
        text = shlex.join(value) if isinstance(value, list) else "" if value is None else str(value)
        print(f"{args.prefix}{key}={shlex.quote(text)}")


def list_all():
    for kind, present in server_cache.cached_kinds():
        names = " ".join([kind.name, *(f"(= {a})" for a, k in ALIASES.items() if k == kind.name)])
        print(f"{names:28} {'ready' if present else 'not in the cache' if kind.origin != 'system' else 'not installed'}")
    for s in servers.instances():
        print(f"{s.name:28} {s.kind} {s.host}:{s.port} {'pid ' + str(s.pid) if s.alive() else 'stopped'} {s.dir}")


def run_up(argv):
    p = argparse.ArgumentParser(prog="up", description="Start a private database server on loopback.")
    p.add_argument("kind", nargs="*", metavar="KIND", help=", ".join([*KINDS, *ALIASES]))
    p.add_argument("--dir", help="folder of the instance (default: below $TMPDIR/dmlib-servers-UID)")
    p.add_argument("--name", help="name of the instance and its folder")
    p.add_argument("--set", action="append", metavar="KEY=VALUE", help="a server setting, instead of the tool's own")
    p.add_argument("--unset", action="append", metavar="KEY", default=[], help="leave a setting at the server's default")
    p.add_argument("--tls", action="store_true", help="make a CA and certificates for 127.0.0.1 and use them")
    p.add_argument("--tz", action="store_true", help="load the time zone tables")
    p.add_argument("--json", action="store_true", help="print one JSON object, not shell lines")
    p.add_argument("--prefix", default="", help="put this before each name of the shell lines")
    p.add_argument("--fetch", action="store_true", help="only prepare the cache for KIND...")
    p.add_argument("--again", metavar="DIR", help="start a stopped or killed instance on the same port and data")
    p.add_argument("--list", action="store_true", help="show kinds and instances")
    args = p.parse_args(argv)
    if args.list:
        list_all()
    elif args.fetch:
        fetch_all([find_kind(k) for k in args.kind or list(KINDS)])
    elif args.again:
        print_facts(servers.load(args.again).again(pairs(args.set), args.unset), args)
    elif len(args.kind) == 1:
        print_facts(servers.up(args.kind[0], args.dir, args.name, pairs(args.set), args.unset, args.tls, args.tz), args)
    else:
        p.error("name one KIND")


def fetch_all(kinds):
    """Every kind that can be had is prepared, also when another cannot. Prints where each is."""
    missing = []
    for kind in kinds:
        try:
            program = server_cache.fetch(kind)
            servers.template(program, {}, None if kind.flavour == "tidb" else servers.server_user(servers.instances_dir()), False)
        except (server_cache.Unavailable, servers.ServerError) as e:
            missing.append(str(e))
        else:
            print(kind.name, program.prefix or program.basedir)
    if missing:
        raise server_cache.Unavailable("; ".join(missing))


def run_down(argv):
    p = argparse.ArgumentParser(prog="down", description="Stop instances that `up` started, and remove their folders.")
    p.add_argument("instance", nargs="*", metavar="DIR|NAME")
    p.add_argument("--all", action="store_true", help="every instance below the default folder")
    what = p.add_mutually_exclusive_group()
    what.add_argument("--keep", action="store_true", help="keep folder, data and port for `up --again`")
    what.add_argument("--kill9", action="store_true", help="kill -9 and keep everything: a crash")
    what.add_argument("--pause", action="store_true", help="SIGSTOP: a server that hangs")
    what.add_argument("--resume", action="store_true", help="SIGCONT")
    args = p.parse_args(argv)
    if not args.instance and not args.all:
        p.error("name instances, or --all")
    chosen = servers.instances() if args.all else [servers.load(i) for i in args.instance]
    verb = "kill9" if args.kill9 else "pause" if args.pause else "resume" if args.resume else "down"

    def act(server):
        getattr(server, verb)(*([args.keep] if verb == "down" else []))

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(act, chosen))


def main(run):
    os.umask(0o022)
    try:
        run(sys.argv[1:])
    except server_cache.Unavailable as e:
        print(f"SKIP: {e}", file=sys.stderr)
        sys.exit(1 if os.environ.get("CI", "").lower() in ("true", "1") else EXIT_UNAVAILABLE)
    except (servers.ServerError, WireError, OSError, ValueError) as e:
        print(f"error: {e}", file=sys.stderr)
        sys.exit(2)
