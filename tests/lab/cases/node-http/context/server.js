const http = require("http");
const mime = require("mime");

const server = http.createServer((request, response) => {
  response.setHeader("Content-Type", "text/plain");
  response.end(`${request.url} is ${mime.getType(request.url)}\n`);
});
server.listen(process.env.PORT);
process.on("SIGTERM", () => server.close(() => process.exit(0)));
