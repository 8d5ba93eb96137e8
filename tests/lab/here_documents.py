"""Writes a Dockerfile for a builder that knows no here-documents, so that it does what BuildKit would do.

A `RUN` with here-documents becomes its exec form: the shell of the stage with the whole script. What is nothing but one
here-document is the script itself. A `COPY` or `ADD` of here-documents copies files that are laid beside the context's.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

START = re.compile(r"^[ \t]*(RUN|COPY|ADD)[ \t]", re.I)
MARK = re.compile(r"(?<!<)<<(-?)([\"']?)([A-Za-z_][A-Za-z0-9_]*)\2")
FLAGS = re.compile(r"^((?:--\S+[ \t]+)*)(.*)$", re.S)
PLACE = ".lab-here-documents"
DEFAULT_SHELL = ["/bin/sh", "-c"]


def expand(text, context):
    """The text without here-documents; files for COPY are written below the context."""
    if "<<" not in text:
        return text
    lines = text.splitlines(keepends=True)
    shell, done, number = DEFAULT_SHELL, [], 0
    while lines:
        line = lines.pop(0)
        if re.match(r"^[ \t]*FROM[ \t]", line, re.I):
            shell = DEFAULT_SHELL
        if found := re.match(r"^[ \t]*SHELL[ \t]+(\[.*\])[ \t]*$", line, re.I):
            shell = json.loads(found[1])
        raw, whole = _instruction(line, lines)
        if not (START.match(line) and MARK.search(whole)):
            done += raw
            continue
        word, rest = whole.strip().split(None, 1)
        documents = [_document(lines, *mark) for mark in MARK.findall(rest)]
        if word.upper() == "RUN":
            done.append(_run(shell, rest, documents))
        else:
            done.append(_copy(word, rest, documents, Path(context, PLACE), number))
            number += len(documents)
    return "".join(done)


def _instruction(line, lines):
    """An instruction with its continuations, taken from the lines: as it stands, and as one line."""
    raw, whole = [line], line
    if line.lstrip().startswith("#"):
        return raw, ""
    while whole.rstrip().endswith("\\") and lines:
        whole = whole.rstrip()[:-1]
        raw.append(lines.pop(0))
        whole += "\\\n" if raw[-1].lstrip().startswith("#") else raw[-1]
    return raw, whole


def _document(lines, dash, quote, name):
    """Name, quote, the lines as they stand, and the content."""
    raw = []
    while lines and (lines[0].lstrip("\t") if dash else lines[0]).rstrip("\n") != name:
        raw.append(lines.pop(0))
    end = lines.pop(0)
    return name, quote, "".join(raw) + end, "".join(line.lstrip("\t") if dash else line for line in raw)


def _run(shell, rest, documents):
    flags, command = FLAGS.match(rest).groups()
    if len(documents) == 1 and MARK.fullmatch(command.strip()):
        script = documents[0][3]
        if script.startswith("#!"):
            raise ValueError("the lab does not run here-documents with an interpreter of their own")
    else:
        script = command + "\n" + "".join(raw for _, _, raw, _ in documents)
    return f"RUN {flags}{json.dumps([*shell, script])}\n"


def _copy(word, rest, documents, place, number):
    place.mkdir(exist_ok=True)
    sources = iter(documents)

    def source(_):
        nonlocal number
        name, quote, _, content = next(sources)
        if not quote and re.search(r"(?<!\\)\$", content):
            raise ValueError("the lab fills no variables into here-documents that are copied")
        folder = place / str(number)
        folder.mkdir(exist_ok=True)
        (folder / name).write_text(content)
        number += 1
        return f"{PLACE}/{folder.name}/{name}"

    return f"{word} {MARK.sub(source, rest)}\n"
