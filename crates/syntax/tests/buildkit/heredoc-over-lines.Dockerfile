FROM debian:12
RUN echo a && \
  cat <<EOF && \
  echo b
x
EOF
USER app
