const fs = require("fs");

fs.mkdirSync("dist");
fs.writeFileSync("dist/index.html", "built with 2 pages\n");
fs.writeFileSync("dist/second.html", "second\n");
