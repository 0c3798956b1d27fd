"""Four clients in a process of their own: each line told is a while of asking for one page.

Told in JSON: port, path, cookie, seconds, and how often at least. Answered with how many
answers came and how many seconds that took. They are the least that clients can be, and import
nothing of the product, so that they take little of the machine they share with the servers.
"""

import json
import socket
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

CLIENTS = 4
READ = 1 << 18


class Line:
    """A connection to a server that is kept."""

    def __init__(self, port: int, path: str, cookie: str) -> None:
        head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookie}\r\n\r\n"
        self.request = head.encode()
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self) -> None:
        """Ask once and read the whole answer."""
        self.socket.sendall(self.request)
        answer = self._more()
        while (end := answer.find(b"\r\n\r\n")) < 0:
            answer += self._more()
        head = answer[:end].lower()
        if not head.startswith(b"http/1.1 200"):
            raise ConnectionError(answer[:200].decode())
        length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
        missing = length - (len(answer) - end - 4)
        while missing > 0:
            missing -= len(self._more())

    def _more(self) -> bytes:
        if more := self.socket.recv(READ):
            return more
        raise ConnectionError("the server hung up")


def ask_for_a_while(port: int, path: str, cookie: str, ends_at: float, least: int) -> int:
    """Ask over one connection until a time, and so often at least; return how often."""
    line, came = Line(port, path, cookie), 0
    while came < least or time.perf_counter() < ends_at:
        line.ask()
        came += 1
    line.socket.close()
    return came


def main() -> None:
    with ThreadPoolExecutor(CLIENTS) as clients:
        for told in sys.stdin:
            port, path, cookie, seconds, least = json.loads(told)
            begin = time.perf_counter()
            ask = partial(ask_for_a_while, port, path, cookie, begin + seconds)
            came = sum(clients.map(ask, [least] * CLIENTS))
            print(json.dumps([came, time.perf_counter() - begin]), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
