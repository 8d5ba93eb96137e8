# escape=ab
FROM debian:12
