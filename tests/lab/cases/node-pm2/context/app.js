require("http").createServer((_, response) => response.end("managed\n")).listen(3000);
