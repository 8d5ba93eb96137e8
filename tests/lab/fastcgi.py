"""Asks a FastCGI server, as a web server in front of it does."""

from __future__ import annotations

import socket
import struct

BEGIN, END, PARAMETERS, STDIN, STDOUT = 1, 3, 4, 5, 6
RESPONDER = 1


def _record(kind, content):
    return struct.pack(">BBHHBx", 1, kind, 1, len(content), 0) + content


def _pair(name, value):
    words = name.encode(), value.encode()
    return b"".join(struct.pack(">I", len(word) | 1 << 31) for word in words) + b"".join(words)


def ask(request):
    """Has the script at `path` run; status and body."""
    sent = request.get("send", "")
    parameters = {
        "REQUEST_METHOD": request.get("method", "GET"), "SCRIPT_FILENAME": request["path"], "SCRIPT_NAME": request["path"],
        "REQUEST_URI": request["path"], "QUERY_STRING": request.get("query", ""), "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_LENGTH": str(len(sent)), "REMOTE_ADDR": "127.0.0.1",
    }
    with socket.create_connection(("127.0.0.1", request["port"]), timeout=10) as connection:
        connection.sendall(
            _record(BEGIN, struct.pack(">HB5x", RESPONDER, 0))
            + _record(PARAMETERS, b"".join(_pair(*item) for item in parameters.items())) + _record(PARAMETERS, b"")
            + (_record(STDIN, sent.encode()) if sent else b"") + _record(STDIN, b"")
        )
        head, _, body = _answer(connection.makefile("rb")).decode(errors="replace").partition("\r\n\r\n")
    status = next((line.split()[1] for line in head.splitlines() if line.lower().startswith("status:")), "200")
    return int(status), body


def _answer(stream):
    """What the script wrote, up to the end of the request."""
    written = b""
    while len(header := stream.read(8)) == 8:
        _, kind, _, length, padding = struct.unpack(">BBHHBx", header)
        content = stream.read(length)
        stream.read(padding)
        if kind == STDOUT:
            written += content
        if kind == END:
            return written
    raise ConnectionError("the answer has no end")
