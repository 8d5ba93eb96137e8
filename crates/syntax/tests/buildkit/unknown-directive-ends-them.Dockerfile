# wolf=howls
# escape=`
FROM debian:12
RUN first \
 second
