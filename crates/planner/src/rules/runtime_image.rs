//! Final stages that need no shell any more. The planner behind it is [`crate::split`].

use crate::finding::Level;
use crate::rule::Rule;

/// The rule's record.
pub(crate) static RULE: Rule = Rule {
    id: "runtime-image",
    summary: "final stages that a distroless image can take the place of",
    level: Level::Note,
    docs: "\
## What it finds

A final stage whose commands only did what the distroless image has or needs no command for: certificates, a user that is
not root, the owner of files, packages that can be laid over the image. And a final stage on a bare distribution that
starts a program another stage compiles.

## Why it matters on Wolfi

Nothing in such a stage needs a shell or a package manager, so the finished image can do without. A program that is linked
statically runs on `static`, any other on `glibc-dynamic`.

## What it does

Takes the image without a shell, removes the commands, and writes owners into `COPY --chown`. Accounts give way to the
image's own user, uid 65532. `--split never` leaves the stage as it is.

## Example

```dockerfile
FROM golang:1.24 AS build
WORKDIR /src
COPY . .
RUN CGO_ENABLED=0 go build -o /out/server ./cmd/server

FROM alpine:3.20
RUN apk add --no-cache ca-certificates && adduser -D app
COPY --from=build /out/server /usr/local/bin/server
USER app
ENTRYPOINT [\"server\"]
```

## Result

```dockerfile
FROM cgr.dev/chainguard/go:latest-dev AS build
WORKDIR /src
COPY . .
RUN CGO_ENABLED=0 go build -o /out/server ./cmd/server

FROM cgr.dev/chainguard/static:latest
COPY --from=build /out/server /usr/local/bin/server
USER 65532
ENTRYPOINT [\"server\"]
```
",
};
