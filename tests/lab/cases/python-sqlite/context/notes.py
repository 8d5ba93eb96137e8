import signal
import sqlite3
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

connection = sqlite3.connect("db/notes.sqlite")
connection.execute("create table if not exists note (text)")


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        with connection:
            connection.execute("insert into note values (?)", (text,))
        self.send_response(201)
        self.end_headers()

    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write("\n".join(row[0] for row in connection.execute("select text from note")).encode())


signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
HTTPServer(("", 8000), Handler).serve_forever()
