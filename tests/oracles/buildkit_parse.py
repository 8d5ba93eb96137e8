"""Instructions and shell bodies of a Dockerfile, as the BuildKit inside PyPI's `dockerfile` reads them."""

from __future__ import annotations

import dataclasses
import re

HEREDOC_ALONE = re.compile(r"""^\s*\d*<<(-?)\s*(["']?)([A-Za-z_][A-Za-z0-9_.]*)\2\s*$""")
SHEBANG = re.compile(r"^#![ \t]*\S*?/?(?:env[ \t]+(?:-\S+[ \t]+)?)?([A-Za-z0-9_.+-]+)(?:[ \t].*)?$")
SHELLS = ("sh", "bash", "ash", "dash")
SHELL_FORM = ("RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK")


@dataclasses.dataclass(frozen=True)
class Body:
    """A script that a shell reads when the image is built or started."""

    keyword: str
    text: str
    # `sh` where the image's default applies, else the shell that SHELL, `#!` or an exec form names.
    shell: str
    line: int


@dataclasses.dataclass(frozen=True)
class Parsed:
    """`error` is None where BuildKit accepts the file."""

    error: str | None
    commands: tuple


def parse(path):
    """Parses a file; `Parsed.error` says why it is not accepted."""
    # Imported here because the Go runtime inside must start after the workers were forked.
    import dockerfile

    try:
        return Parsed(None, dockerfile.parse_file(str(path)))
    except (dockerfile.GoParseError, dockerfile.GoIOError) as error:
        return Parsed(str(error), ())
    except UnicodeDecodeError as error:
        return Parsed(f"not UTF-8: {error}", ())


def base_name(command):
    """The shell's name without folder and `.exe`."""
    return re.split(r"[/\\]", command)[-1].lower().removesuffix(".exe") if command else ""


def script_argument(words):
    """The script in `[sh, -c, script, …]`, with the shell's name; None for anything else."""
    if len(words) < 3 or base_name(words[0]) not in SHELLS:
        return None
    for position, word in enumerate(words[1:], 1):
        if re.fullmatch(r"-[a-z]*c[a-z]*", word):
            return (base_name(words[0]), words[position + 1]) if position + 1 < len(words) else None
        # Options with a value, such as `-o pipefail`, stand before -c.
        if not word.startswith("-") and words[position - 1] not in ("-o", "+o", "-eo", "-euo", "-exo", "-euxo", "-O"):
            return None
    return None


def heredoc_script(body, heredoc, shell):
    """A heredoc that is the whole RUN: its content runs through the shell, or through what its `#!` names."""
    content = heredoc.content
    match = HEREDOC_ALONE.match(body)
    if match and match.group(1):
        content = re.sub(r"(?m)^\t+", "", content)
    return shebang_script(content) or (None if content.startswith("#!") else (shell, content))


def shebang_script(content):
    """`(shell, content)` where a script starts with `#!` and a shell's name."""
    match = SHEBANG.match(content.split("\n", 1)[0])
    return (match.group(1), content) if match and match.group(1) in SHELLS else None


def _command_scripts(keyword, command, shell):
    words = list(command.value)
    if keyword in ("COPY", "ADD"):
        return [script for heredoc in command.heredocs if (script := shebang_script(heredoc.content))]
    if keyword not in SHELL_FORM:
        return []
    if keyword == "HEALTHCHECK":
        if not words or words[0].upper() != "CMD":
            return []
        words = words[1:]
    if command.json:
        script = script_argument(words)
        return [script] if script else []
    text = words[0] if words else ""
    if keyword == "RUN" and len(command.heredocs) == 1 and HEREDOC_ALONE.match(text):
        script = heredoc_script(text, command.heredocs[0], shell)
        return [script] if script else []
    for heredoc in command.heredocs:
        text = text if text.endswith("\n") else text + "\n"
        text += heredoc.content + heredoc.name + "\n"
    return [(shell, text)]


def from_names(command):
    """The base and the stage name of a FROM, in lower case, as BuildKit compares them."""
    words = list(command.value)
    alias = words[2].lower() if len(words) == 3 and words[1].upper() == "AS" else None
    return (words[0].lower() if words else ""), alias


def bodies(commands):
    """Every shell script of a file in order, with the shell that SHELL sets at that point."""
    found, stages, shell, alias = [], {}, "sh", None
    for command in commands:
        keyword = command.cmd.upper()
        if keyword == "FROM":
            base, alias = from_names(command)
            shell = stages.get(base, "sh")
        elif keyword == "SHELL" and command.json and command.value:
            shell = base_name(command.value[0])
        if keyword == "ONBUILD" and command.sub_cmd:
            keyword = command.sub_cmd.upper()
        if alias:
            stages[alias] = shell
        for name, text in _command_scripts(keyword, command, shell):
            found.append(Body(keyword, text, name, command.start_line))
    return found
