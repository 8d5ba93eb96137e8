//! Final stages that keep a shell, and why.

use crate::finding::Level;
use crate::rule::Rule;

/// The rule's record.
pub(crate) static RULE: Rule = Rule {
    id: "dev-image",
    summary: "final stages that stay on an image with a shell",
    level: Level::Note,
    docs: "\
## What it finds

A final stage that runs commands and cannot be split into a builder and a distroless runtime.

## Why it matters on Wolfi

The image works, but it carries a shell, a package manager and often a compiler. The finding says what stands in the way:
a start command that needs a shell, a command whose effects cannot be traced, a package that is not known.

## Example

```dockerfile
FROM python:3.12
WORKDIR /app
COPY . .
RUN ./prepare.sh
CMD [\"python\", \"app.py\"]
```

## Result

```dockerfile
FROM cgr.dev/chainguard/python:latest-dev
WORKDIR /app
COPY . .
USER root
RUN ./prepare.sh
USER 65532
ENTRYPOINT [\"python\", \"app.py\"]
```
",
};
