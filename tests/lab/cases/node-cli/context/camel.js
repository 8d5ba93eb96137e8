#!/usr/bin/env node
console.log(process.argv[2].replace(/-(.)/g, (_, letter) => letter.toUpperCase()));
