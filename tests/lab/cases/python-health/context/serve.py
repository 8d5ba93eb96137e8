import signal
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/healthz" else 404)
        self.end_headers()
        self.wfile.write(b"fine")


signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
HTTPServer(("", 5000), Handler).serve_forever()
