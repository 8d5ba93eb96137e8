from debian:12 as base
run make
onbuild run more
healthcheck none
Cmd ["a"]
