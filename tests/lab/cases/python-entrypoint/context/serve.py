import os
import signal
import sys
import tomllib
from http.server import BaseHTTPRequestHandler, HTTPServer

with open("/tmp/settings.toml", "rb") as file:
    SETTINGS = tomllib.load(file)


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(f"{SETTINGS['greeting']} from {os.getuid()}".encode())


signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
HTTPServer(("", 8080), Handler).serve_forever()
