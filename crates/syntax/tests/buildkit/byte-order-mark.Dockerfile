# escape=`
FROM debian:12 `
 AS base
WORKDIR /srv
