FROM debian:12
RUN --mount=type=cache,target=/root/.cache,id="a b" --network=none \
    --security=insecure \
    make --all
RUN -- make
RUN --mount=type=bind make
HEALTHCHECK --interval=5s --retries=3 CMD curl -f localhost
HEALTHCHECK --timeout=1s \
  CMD ["a", "b"]
