import http.server
import signal
import subprocess
import sys


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = subprocess.check_output(["node", "render.js"])
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)


signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
http.server.HTTPServer(("", 8000), Handler).serve_forever()
