FROM debian:12
RUN cat <<E >/f && echo done
x
E
RUN cat <<E>/g
y
E>/g
USER app
