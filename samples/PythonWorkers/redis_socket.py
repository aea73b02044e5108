"""Redis without a package: one command, one answer, over a plain socket (the protocol is RESP2)."""
import socket


class Redis:
    def __init__(self, host="localhost", port=6379):
        self._socket = socket.create_connection((host, port))
        self._answers = self._socket.makefile("rb")

    def __call__(self, *command):
        parts = [part if isinstance(part, bytes) else str(part).encode() for part in command]
        self._socket.sendall(b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts))
        return self._read()

    def _read(self):
        line = self._answers.readline().rstrip(b"\r\n")
        kind, rest = line[:1], line[1:]
        if kind == b"-":
            raise RuntimeError(rest.decode())
        if kind == b"$":
            return None if rest == b"-1" else self._answers.read(int(rest) + 2)[:-2]
        if kind == b"*":
            return [self._read() for _ in range(int(rest))]
        return int(rest) if kind == b":" else rest
