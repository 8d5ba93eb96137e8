const fs = require("fs");
fs.mkdirSync("dist");
fs.writeFileSync("dist/index.html", "<p>one page</p>\n");
fs.writeFileSync("dist/app.js", "app()\n");
