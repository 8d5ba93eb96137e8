# a comment
# escape=`
FROM debian:12
RUN first `
CMD second
