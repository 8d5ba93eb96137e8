//! One stage becomes two: a builder with a shell and a distroless runtime. The planner behind it is [`crate::split`].

use crate::finding::Level;
use crate::rule::Rule;

/// The rule's record.
pub(crate) static RULE: Rule = Rule {
    id: "stage-split",
    summary: "final stages whose build can be left out of the image",
    level: Level::Note,
    docs: "\
## What it finds

A final stage that runs commands, where all that the commands leave behind can be traced, and the start command needs no
shell.

## Why it matters on Wolfi

A `-dev` image has a shell, a package manager and compilers, which the finished application does not need. The image of
the same name without `-dev` has none of them.

## What it does

The stage keeps its lines and becomes the builder. A new stage on the distroless image begins behind the last command;
what the commands made is copied into it, and ports, labels, volumes, the user and the start command go along. OS packages
that are needed at run time are installed over a copy of the runtime image, the way Chainguard's guides do it.

What cannot be traced is not guessed: the file then stays with one stage, and `dev-image` says why. `--split never` leaves
all stages as they are.

## Example

```dockerfile
FROM python:3.12
WORKDIR /app
COPY requirements.txt .
RUN pip install -r requirements.txt
COPY . .
EXPOSE 8000
CMD [\"gunicorn\", \"app:app\"]
```

## Result

```dockerfile
FROM cgr.dev/chainguard/python:latest-dev AS builder
WORKDIR /app
USER root
RUN python -m venv /opt/venv
ENV PATH=\"/opt/venv/bin:$PATH\"
COPY requirements.txt .
RUN pip install -r requirements.txt

FROM cgr.dev/chainguard/python:latest
ENV PATH=\"/opt/venv/bin:$PATH\"
WORKDIR /app
COPY --from=builder /opt/venv /opt/venv
COPY --chown=65532:65532 . .
EXPOSE 8000
ENTRYPOINT [\"gunicorn\", \"app:app\"]
```
",
};
