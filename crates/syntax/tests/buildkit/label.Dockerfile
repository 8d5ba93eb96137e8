FROM debian:12
LABEL one two three
LABEL "a b"="c d" e.f/g=h \
  i=j
LABEL k=""
