import six


def create():
    def application(environ, start_response):
        body = f"locked {six.__version__}\n".encode()
        start_response("200 OK", [("Content-Length", str(len(body)))])
        return [body]

    return application
