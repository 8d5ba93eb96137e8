const http = require("http");
require("ms");

http.createServer((request, response) => {
  response.statusCode = request.url === "/health" ? 200 : 404;
  response.end(`ok ${process.env.NODE_ENV}\n`);
}).listen(3000);
process.on("SIGTERM", () => process.exit(143));
