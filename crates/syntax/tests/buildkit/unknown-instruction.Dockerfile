FROM debian:12
INSTALL curl
