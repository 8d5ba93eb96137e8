const http = require("http");
const os = require("os");

const name = os.userInfo().username === "root" ? "root" : "node";
http.createServer((_, response) => response.end(`web as ${name}`)).listen(3000);
process.on("SIGTERM", () => process.exit(0));
