const { createCanvas } = require("canvas");

const canvas = createCanvas(20, 20);
canvas.getContext("2d").fillRect(0, 0, 10, 10);
console.log("png", canvas.toBuffer("image/png").subarray(1, 4).toString() === "PNG");
