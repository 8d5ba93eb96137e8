FROM debian:12
RUN \

  # nothing here
  make \
  install
