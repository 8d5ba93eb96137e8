FROM debian:12
RUN echo a#b # c \
  d
ENV A #b
COPY x# /y
