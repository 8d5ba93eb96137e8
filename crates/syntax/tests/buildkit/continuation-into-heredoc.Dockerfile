FROM debian:12
RUN make && \
  <<EOF cat \
  -n
x
EOF
CMD a
