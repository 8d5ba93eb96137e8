const fs = require("fs");
const http = require("http");
const path = require("path");
require("ms");

const notes = path.join(process.env.DATA_DIR, "notes");
const server = http.createServer((request, response) => {
  if (request.method === "POST") {
    request.on("data", (chunk) => fs.appendFileSync(notes, chunk + "\n"));
    request.on("end", () => { response.statusCode = 201; response.end("kept\n"); });
  } else {
    response.end(fs.readFileSync(notes));
  }
});
server.listen(3000);
process.on("SIGTERM", () => { server.close(); server.closeAllConnections(); process.exit(0); });
