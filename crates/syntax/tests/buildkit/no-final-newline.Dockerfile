FROM debian:12
CMD ["date"]