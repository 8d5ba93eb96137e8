const sharp = require("sharp");

sharp({ create: { width: 4, height: 3, channels: 3, background: "teal" } })
  .png()
  .toBuffer({ resolveWithObject: true })
  .then(({ info }) => console.log(`${info.format} ${info.width}x${info.height}`));
