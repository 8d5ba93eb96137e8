FROM debian:12
RUN ["make", "all"]
RUN [ "a" , "b\"c", "\u00e9\n" ]
RUN ["a", 'b']
RUN ["a" "b"]
RUN ["a", "b",]
RUN []
ENTRYPOINT ["a", \
  # why
  "b"]
CMD [ -f /x ] && y
