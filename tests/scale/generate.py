#!/usr/bin/env python3
"""Makes a monorepo of Dockerfiles: generate.py DIRECTORY COUNT [--seed N]. The same arguments give the same bytes."""

from __future__ import annotations

import argparse
import random
from pathlib import Path

APT = "curl git build-essential libpq-dev ca-certificates unzip gnupg wget procps libxml2-dev jq openssh-client".split()
APK = "curl git build-base postgresql-dev ca-certificates unzip bash tzdata jq openssl-dev libffi-dev".split()
DNF = "gcc make git tar gzip which openssl-devel python3-pip java-17-openjdk-devel libxml2-devel".split()
TEAMS = "billing search identity mobile platform data ml payments catalog media ops edge".split()


def some(chance, names, most=5):
    return sorted(chance.sample(names, chance.randint(1, most)))


def apt(chance):
    names = some(chance, APT)
    if chance.random() < 0.04:
        names.append(f"acme-internal-{chance.randint(1, 30)}")
    if chance.random() < 0.5:
        lines = " \\\n    ".join(names)
        return f"RUN apt-get update && apt-get install -y --no-install-recommends \\\n    {lines} \\\n && rm -rf /var/lib/apt/lists/*\n"
    return f"RUN apt-get update && apt-get install -y {' '.join(names)}\n"


def account(chance):
    if chance.random() < 0.4:
        return ""
    return f"RUN groupadd -r app && useradd -r -g app -u {chance.randint(1000, 1010)} app\nUSER app\n"


def python(chance):
    tag = chance.choice(["3.12-slim", "3.11-slim", "3.11", "3.9-slim-bullseye", "3.10-alpine"])
    install = apt(chance) if "alpine" not in tag else f"RUN apk add --no-cache {' '.join(some(chance, APK))}\n"
    return (f"FROM python:{tag}\nENV PYTHONUNBUFFERED=1\n{install}WORKDIR /app\nCOPY requirements.txt .\n"
            f"RUN pip install --no-cache-dir -r requirements.txt\nCOPY . .\n{account(chance) if 'alpine' not in tag else ''}"
            "EXPOSE 8000\nCMD [\"gunicorn\", \"app:app\", \"--bind\", \"0.0.0.0:8000\"]\n")


def node(chance):
    tag = chance.choice(["20", "20-alpine", "18-bullseye-slim", "22", "lts"])
    return (f"FROM node:{tag} AS build\nWORKDIR /src\nCOPY package*.json ./\nRUN npm ci\nCOPY . .\nRUN npm run build\n\n"
            f"FROM node:{tag}\nWORKDIR /app\nCOPY --from=build /src/dist ./dist\nUSER node\nCMD [\"node\", \"dist/main.js\"]\n")


def go(chance):
    version = chance.choice(["1.22", "1.21-alpine", "1.23-bookworm"])
    last = chance.choice(["alpine:3.19", "debian:bookworm-slim", "scratch", "gcr.io/distroless/static"])
    extra = "RUN apk add --no-cache ca-certificates\n" if last.startswith("alpine") else ""
    return (f"FROM golang:{version} AS build\nWORKDIR /src\nCOPY go.* ./\nRUN go mod download\nCOPY . .\n"
            f"RUN CGO_ENABLED=0 go build -o /out/app ./cmd/app\n\nFROM {last}\n{extra}COPY --from=build /out/app /app\nENTRYPOINT [\"/app\"]\n")


def java(chance):
    return (f"FROM maven:3.9-eclipse-temurin-{chance.choice(['17', '21'])} AS build\nWORKDIR /src\nCOPY . .\nRUN mvn -q package\n\n"
            "FROM eclipse-temurin:17-jre\nCOPY --from=build /src/target/app.jar /app.jar\nENTRYPOINT [\"java\", \"-jar\", \"/app.jar\"]\n")


def debian(chance):
    image = chance.choice(["debian:12", "ubuntu:22.04", "ubuntu:20.04", "debian:bookworm-slim"])
    return f"ARG VERSION=1.{chance.randint(0, 9)}\nFROM {image}\n# the tools of the team\n{apt(chance)}{apt(chance)}{account(chance)}CMD [\"bash\"]\n"


def alpine(chance):
    return (f"FROM alpine:3.{chance.randint(16, 20)}\nRUN apk add --no-cache --virtual .build {' '.join(some(chance, APK))} \\\n"
            " && make install \\\n && apk del .build\nRUN adduser -D app\nUSER app\n")


def fedora(chance):
    image = chance.choice(["fedora:40", "centos:7", "registry.access.redhat.com/ubi9/ubi"])
    return f"FROM {image}\nRUN {'yum' if 'centos' in image else 'dnf'} install -y {' '.join(some(chance, DNF))} && {'yum' if 'centos' in image else 'dnf'} clean all\n"


def private(chance):
    return f"FROM registry.acme.example/base/{chance.choice(['java', 'python', 'web'])}:{chance.randint(1, 9)}\n{apt(chance)}"


def done(_chance):
    return "FROM cgr.dev/chainguard/python:latest-dev\nWORKDIR /app\nCOPY . .\nCMD [\"-m\", \"app\"]\n"


def broken(chance):
    return chance.choice(["FROM {{ base }}\nRUN true\n", "RUN apt-get update\nFROM debian:12\n", "FROM mcr.microsoft.com/windows/nanoserver\n"])


KINDS = [(python, 24), (node, 20), (go, 14), (java, 9), (debian, 13), (alpine, 8), (fedora, 4), (private, 4), (done, 3), (broken, 1)]


def generate(directory, count, seed):
    chance = random.Random(seed)
    makers, weights = zip(*KINDS)
    for number in range(count):
        folder = directory / chance.choice(TEAMS) / f"group-{number % 97:02}" / f"service-{number:06}"
        folder.mkdir(parents=True)
        (folder / "Dockerfile").write_text(chance.choices(makers, weights)[0](chance))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("count", type=int)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    generate(options.directory, options.count, options.seed)


if __name__ == "__main__":
    main()
