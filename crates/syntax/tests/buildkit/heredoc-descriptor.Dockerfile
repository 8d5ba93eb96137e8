FROM debian:12
RUN 3<<EOF cat <&3
x
EOF
USER app
