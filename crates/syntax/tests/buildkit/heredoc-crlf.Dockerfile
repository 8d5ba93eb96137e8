FROM debian:12
RUN <<EOF
first
EOF
USER app
