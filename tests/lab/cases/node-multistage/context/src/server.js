import http from "http";
import ms from "ms";

const words = ["built", String(ms("3ms"))];
const server = http.createServer((_, response) => response.end(words.join(" ")));
server.listen(8080);
process.on("SIGTERM", () => process.exit(0));
