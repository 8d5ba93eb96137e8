const settings = require("fs").readFileSync("/tmp/settings.json");
require("http").createServer((_, response) => response.end(settings)).listen(3000);
process.on("SIGTERM", () => process.exit(0));
