# syntax=docker/dockerfile:1
FROM debian:12

RUN first \
  # why

  && second
LABEL a="b c"
