FROM debian:12
RUN <<EOF
first
# not a comment

second \
  third
EOF
USER app
