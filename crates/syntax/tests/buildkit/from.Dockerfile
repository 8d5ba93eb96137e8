ARG TAG=12
ARG BASE
FROM --platform=$BUILDPLATFORM debian:${TAG:-12} AS one
FROM registry.example.com:5000/team/app@sha256:00aa AS two
FROM scratch
FROM $BASE
FROM ${BASE%-x}
FROM "debian:12"
