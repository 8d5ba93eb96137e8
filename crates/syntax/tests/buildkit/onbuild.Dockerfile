FROM debian:12
ONBUILD RUN make \
  # why
  install
ONBUILD ENV A=1
ONBUILD CMD ["a"]
ONBUILD COPY --chown=a b c
