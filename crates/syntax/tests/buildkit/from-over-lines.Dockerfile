FROM \
  # which
  debian:12 \
  AS \
  base
