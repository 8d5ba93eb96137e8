FROM debian:12
ENV A="${B:-c d}" E="${B:+x y}" \
  F=${B#*/}
WORKDIR ${A:-/a b}
