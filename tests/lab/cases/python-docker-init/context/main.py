import os


async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    body = f"uid is not 0: {os.getuid() != 0}\n".encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", str(len(body)).encode())]})
    await send({"type": "http.response.body", "body": body})
