  FROM debian:12
	 RUN make
   # a comment
	USER app
