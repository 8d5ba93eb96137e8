const http = require("http");

const server = http.createServer((_, response) => response.end(`pid not 1: ${process.pid !== 1}\n`));
server.listen(8080);
process.on("SIGTERM", () => server.close(() => process.exit(0)));
