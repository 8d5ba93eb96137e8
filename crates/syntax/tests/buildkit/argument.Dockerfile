ARG A
ARG B=1 C="2 3" D='4 5'
FROM debian:12
ARG E=a\ b F=$A
