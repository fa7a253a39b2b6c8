"""The least of the MySQL protocol that starting a server needs: log in without a password, run text statements.

The standard library has no client, and the tool must work before any package is installed.
"""

import socket
import struct


class WireError(Exception):
    pass


_CAPABILITIES = 0x1 | 0x4 | 0x200 | 0x2000 | 0x8000 | 0x80000   # long password/flags, 4.1, transactions, 4.1 auth, plugins


class Wire:
    """A connection as `user` with an empty password, over a unix socket (path) or TCP ((host, port))."""

    def __init__(self, address, user="root", timeout=10.0):
        self.sock = socket.socket(socket.AF_UNIX if isinstance(address, str) else socket.AF_INET)
        self.sock.settimeout(timeout)
        try:
            self.sock.connect(address)
            self.file = self.sock.makefile("rb")
            hello = self._read()
            self._raise_if_error(hello)
            self.version = hello[1:hello.index(0, 1)].decode()
            self._write(struct.pack("<IIB23x", _CAPABILITIES, 1 << 24, 45) + user.encode() + b"\0\0mysql_native_password\0")
            answer = self._read()
            if answer[0] == 0xFE:                # the account has another plugin; an empty password is empty in all of them
                self._write(b"")
                answer = self._read()
            self._raise_if_error(answer)
        except BaseException:
            self.sock.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.file.close()
        self.sock.close()

    def query(self, sql):
        """The rows as tuples of str or None; [] for a statement without a result."""
        self.sequence = 255
        self._write(b"\x03" + sql.encode())
        head = self._read()
        self._raise_if_error(head)
        if head[0] == 0:
            return []
        for _ in range(head[0]):
            self._read()
        self._read()
        rows = []
        while True:
            packet = self._read()
            if packet[0] == 0xFE and len(packet) < 9:
                return rows
            self._raise_if_error(packet)
            rows.append(tuple(self._cells(packet)))

    @staticmethod
    def _cells(packet):
        i = 0
        while i < len(packet):
            n = packet[i]
            i += 1
            if n == 0xFB:
                yield None
                continue
            if n > 0xFB:
                size = {0xFC: 2, 0xFD: 3, 0xFE: 8}[n]
                n = int.from_bytes(packet[i:i + size], "little")
                i += size
            yield packet[i:i + n].decode("utf-8", "replace")
            i += n

    @staticmethod
    def _raise_if_error(packet):
        if packet[0] == 0xFF:
            raise WireError(packet[9:].decode("utf-8", "replace") if packet[3:4] == b"#" else packet[3:].decode("utf-8", "replace"))

    def _read(self):
        head = self.file.read(4)
        if len(head) < 4:
            raise WireError("the server closed the connection")
        self.sequence = head[3]
        return self.file.read(int.from_bytes(head[:3], "little"))

    def _write(self, payload):
        self.sock.sendall(len(payload).to_bytes(3, "little") + bytes([(self.sequence + 1) & 255]) + payload)
