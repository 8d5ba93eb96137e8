ARG A=1
RUN make
FROM debian:12
