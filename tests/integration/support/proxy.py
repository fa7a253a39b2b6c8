"""A TCP proxy on loopback in front of a target that understands enough of the protocol to cut a connection where it hurts.

    with CutProxy(target, seed=1) as proxy:      proxy.port; proxy.cutting = 0.2; proxy.counts

Where: `commit lost`, the client's COMMIT never reaches the server; `answer lost`, the server commits and its answer never reaches the client;
`ddl answer lost`, the same for a DDL statement; `half an answer`, the connection ends within an answer. A `delay` cuts nothing.
`proxy.answer_once("SET x=1", (1205, "HY000", "too late"))` answers the next such statement in the server's place; None cuts there.
"""

import random
import socket
import struct
import threading
import time
from collections import Counter

QUERY = 3
SSL = 0x0800
DDL = ("ALTER", "CREATE", "DROP", "RENAME", "TRUNCATE")
SMALL = 1 << 16


class Cut(Exception):
    """This connection ends here."""


def read_exactly(sock, size):
    out = bytearray()
    while len(out) < size:
        piece = sock.recv(min(size - len(out), 1 << 16))
        if not piece:
            raise Cut
        out += piece
    return bytes(out)


class Connection:
    def __init__(self, proxy, client):
        self.proxy, self.client = proxy, client
        self.server = socket.create_connection((proxy.target.host, proxy.target.port))
        for s in (client, self.server):
            s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.swallow = None     # name of the cut that happens with the next answer

    def start(self):
        for work in (self.upwards, self.downwards):
            threading.Thread(target=self.guarded, args=(work,), daemon=True).start()

    def guarded(self, work):
        try:
            work()
        except (Cut, OSError):
            pass
        self.close()

    def close(self):
        for s in (self.client, self.server):
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def upwards(self):
        """Packets of the client."""
        while True:
            head = read_exactly(self.client, 4)
            size = int.from_bytes(head[:3], "little")
            if size > SMALL:
                self.server.sendall(head)
                self.pass_on(size)
                continue
            body = read_exactly(self.client, size)
            if size and body[0] == QUERY and head[3] == 0:
                sql = body[1:].decode("utf-8", "replace")
                if self.answered(sql):
                    continue
                self.before_query(sql)
            self.server.sendall(head + body)

    def answered(self, sql):
        """Whether the statement had its answer here."""
        found, error = self.proxy.take_answer(sql)
        if not found:
            return False
        self.proxy.count("answered")
        if error is None:
            raise Cut
        number, state, text = error
        packet = b"\xff" + struct.pack("<H", number) + b"#" + state.encode() + text.encode()
        self.client.sendall(len(packet).to_bytes(3, "little") + b"\x01" + packet)
        return True

    def pass_on(self, size):
        while size:
            piece = self.client.recv(min(size, 1 << 16))
            if not piece:
                raise Cut
            self.server.sendall(piece)
            size -= len(piece)

    def before_query(self, sql):
        commit = sql.rstrip("; ").upper().endswith("COMMIT")
        ddl = sql.lstrip().upper().startswith(DDL) and "_dmlib_" not in sql
        what = self.proxy.choose(commit, ddl)
        if what == "delay":
            time.sleep(self.proxy.pause())
        elif what == "commit lost":
            self.proxy.count(what)
            raise Cut
        elif what:
            self.swallow = what

    def downwards(self):
        """Bytes of the server. The client is told that there is no TLS, or nothing could be read here."""
        head = read_exactly(self.server, 4)
        body = bytearray(read_exactly(self.server, int.from_bytes(head[:3], "little")))
        if body[0] == 10:
            at = body.index(0, 1) + 1 + 4 + 8 + 1
            flags = struct.unpack_from("<H", body, at)[0]
            struct.pack_into("<H", body, at, flags & ~SSL)
        self.client.sendall(head + body)
        while True:
            piece = self.server.recv(1 << 16)
            if not piece:
                raise Cut
            what, self.swallow = self.swallow, None
            if what == "half an answer":
                self.client.sendall(piece[:max(1, len(piece) // 2)])
            if what:
                self.proxy.count(what)
                raise Cut
            self.client.sendall(piece)


class CutProxy:
    def __init__(self, target, seed=1):
        self.target, self.rng, self.counts, self.lock = target, random.Random(seed), Counter(), threading.Lock()
        self.cutting = 0.0      # how many of the statements that may be cut are
        self.answers = {}       # statement -> error packet's contents, or None for a cut
        self.closed = False
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.host, self.port = self.listener.getsockname()
        self.connections = []

    def __enter__(self):
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.closed = True
        self.listener.close()
        for c in self.connections:
            c.close()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            try:
                c = Connection(self, client)
            except OSError:
                client.close()
                continue
            self.connections.append(c)
            c.start()

    def answer_once(self, sql, error):
        with self.lock:
            self.answers[sql] = error

    def take_answer(self, sql):
        with self.lock:
            return sql in self.answers, self.answers.pop(sql, None)

    def choose(self, commit, ddl):
        with self.lock:
            if self.rng.random() >= self.cutting:
                return None
            if commit:
                return self.rng.choice(["commit lost", "answer lost", "answer lost", "half an answer", "delay"])
            if ddl:
                return self.rng.choice(["ddl answer lost", "delay"])
            return "half an answer" if self.rng.random() < 0.02 else None

    def pause(self):
        with self.lock:
            return self.rng.random() * 0.3

    def count(self, what):
        with self.lock:
            self.counts[what] += 1

    def cuts(self):
        with self.lock:
            return sum(self.counts.values())
