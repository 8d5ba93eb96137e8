FROM debian:12
RUN cat <<<EOF
RUN make <<$X
y
$X
USER app
