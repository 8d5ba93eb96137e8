FROM debian:12
RUN a bc
ENV A=1 B=2
USER  app 
