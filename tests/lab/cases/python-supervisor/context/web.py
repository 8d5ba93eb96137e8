import http.server
import pathlib


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        log = pathlib.Path("/var/lib/ticks/log")
        count = len(log.read_text().splitlines()) if log.exists() else 0
        self.send_response(200 if count else 503)
        self.end_headers()
        self.wfile.write(f"ticks: {count}\n".encode())


http.server.HTTPServer(("", 8000), Handler).serve_forever()
