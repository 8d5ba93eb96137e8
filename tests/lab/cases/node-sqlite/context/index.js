const Database = require("better-sqlite3");

const database = new Database(":memory:");
console.log(database.prepare("select 6 * 7 as answer").get().answer);
