"""Runs the last stage of a Dockerfile in a root, as far as it touches accounts, directories and files.

COPY and ADD are not done. A RUN that fails does not end the run, because what it fails on (the network, a language's
package manager) may have nothing to do with what is compared; its status is kept.
"""

from __future__ import annotations

import posixpath
import re

import buildkit_parse
import roots

VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)(?:(:[-+])([^}]*))?\})")


class Stage:
    """FROM and the instructions after it."""

    def __init__(self, command):
        words = list(command.value)
        self.base = words[0]
        self.name = words[2].lower() if len(words) == 3 else None
        self.commands = []


def stages(commands):
    found = []
    for command in commands:
        if command.cmd.upper() == "FROM":
            found.append(Stage(command))
        elif found:
            found[-1].commands.append(command)
    return found


def last_chain(commands):
    """(base image of the last stage, the instructions from there to the end of the file)."""
    every = stages(commands)
    named = {stage.name: stage for stage in every if stage.name}
    chain, stage = [], every[-1]
    while stage is not None and stage not in chain:
        chain.insert(0, stage)
        stage = named.get(stage.base.lower())
    return chain[0].base, [command for stage in chain for command in stage.commands]


def expand(text, environment):
    """`$X`, `${X}`, `${X:-y}` and `${X:+y}`, as in ENV, WORKDIR and USER."""

    def value(match):
        name = match.group(1) or match.group(2)
        held = environment.get(name, "")
        if match.group(3) == ":-":
            return held or match.group(4)
        if match.group(3) == ":+":
            return match.group(4) if held else ""
        return held

    return VARIABLE.sub(value, text)


def unquote(word):
    return word[1:-1] if len(word) > 1 and word[0] == word[-1] and word[0] in "'\"" else word


class Container:
    """The state that instructions leave for those after them."""

    def __init__(self, root, first_in_path=""):
        self.root = root
        self.environment = {"PATH": first_in_path + roots.PATH, "HOME": "/root", "LC_ALL": "C"}
        self.shell = ["/bin/sh", "-c"]
        self.directory = "/"
        self.user = None
        # (status, stdout, stderr) of each RUN.
        self.results = []

    def do(self, command):
        action = getattr(self, "_" + command.cmd.lower(), None)
        if action:
            action(command)

    def _env(self, command):
        # Name, value and separator, three by three.
        values = list(command.value)
        for name, value in zip(values[0::3], values[1::3]):
            self.environment[name] = expand(unquote(value), self.environment)

    def _arg(self, command):
        for word in command.value:
            name, given, value = word.partition("=")
            if given and name not in self.environment:
                self.environment[name] = expand(unquote(value), self.environment)

    def _shell(self, command):
        self.shell = list(command.value)

    def _workdir(self, command):
        wanted = expand(unquote(command.value[0]), self.environment)
        self.directory = posixpath.normpath(posixpath.join(self.directory, wanted))
        (self.root.place / self.directory[1:]).mkdir(parents=True, exist_ok=True)

    def _user(self, command):
        self.user = expand(unquote(command.value[0]), self.environment)

    def _run(self, command):
        words = list(command.value)
        if not command.json:
            found = buildkit_parse.bodies([command])
            if not found:
                return
            shell = self.shell if found[0].shell == "sh" else ["/bin/" + found[0].shell, "-c"]
            words = [*shell, found[0].text]
        user = None if self.user in (None, "root", "0", "0:0", "root:root") else self._numbers()
        environment = dict(self.environment)
        self.results.append(self.root.run(words, environment, self.directory, user))

    def _numbers(self):
        """`USER name:group` as numbers, from the root's own files."""
        name, _, group = self.user.partition(":")
        uid, gid = name, "0"
        for line in (self.root.place / "etc/passwd").read_text().splitlines():
            fields = line.split(":")
            if name in (fields[0], fields[2]):
                uid, gid = fields[2], fields[3]
                break
        for line in (self.root.place / "etc/group").read_text().splitlines():
            fields = line.split(":")
            if group and group == fields[0]:
                group = fields[2]
                break
        return f"+{uid}:+{group or gid}"


def execute(root, commands, first_in_path=""):
    """Does the instructions in the root and returns the results of the RUNs."""
    container = Container(root, first_in_path)
    for command in commands:
        container.do(command)
    return container.results
