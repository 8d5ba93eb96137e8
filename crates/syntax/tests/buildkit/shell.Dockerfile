# escape=`
FROM debian:12
SHELL ["powershell", "-Command"]
RUN Get-Item C:\a\
RUN dir `
  C:\b
