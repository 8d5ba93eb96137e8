FROM debian:12
RUN first \
# last