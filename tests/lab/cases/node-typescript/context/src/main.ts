import { createServer } from "http";

const answer: string = process.env.NODE_ENV === "production" ? "compiled" : "not for production";
const server = createServer((_, response) => response.end(answer + "\n"));
server.listen(4000);
process.on("SIGTERM", () => process.exit(0));
process.on("SIGINT", () => process.exit(0));
