#   ESCAPE =  `
FROM debian:12
RUN first `
  second
