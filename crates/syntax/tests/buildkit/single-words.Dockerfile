FROM debian:12
MAINTAINER A Person <a@example.com>
STOPSIGNAL sigterm
EXPOSE 80/tcp 90-95 $PORT
USER "a b":c
WORKDIR "/a b" c
VOLUME /a /b
VOLUME ["/c d"]
