# syntax=docker/dockerfile:1
# escape=`
FROM debian:12
RUN copy a\ `
  b
