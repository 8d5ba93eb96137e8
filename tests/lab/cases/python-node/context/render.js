console.log(`rendered by ${process.version}`);
