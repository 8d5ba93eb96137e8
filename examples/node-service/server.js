require('node:http')
  .createServer((request, response) => response.end('ok\n'))
  .listen(process.env.PORT || 3000);
