import sys


def application(environ, start_response):
    body = f"from {sys.prefix}\n".encode()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]
