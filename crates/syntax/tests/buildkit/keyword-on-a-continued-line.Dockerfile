FROM debian:12
RUN echo \
COPY a b
COPY c d
