FROM debian:12
COPY <<one <<two /etc/
1
one
2
two
RUN <<one cat && cat <<two
3
one
4
two
USER app
