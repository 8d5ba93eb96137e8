"""Stages are still found: names stay, FROM and `--from` refer to stages above them, no instruction stands before FROM."""

from __future__ import annotations

import re

import buildkit_parse
import common

NAME = "stages"
MOUNT_FROM = re.compile(r"(?:^|,)from=([^,]+)")


class Stages:
    """The stages of a file, and what refers to them."""

    def __init__(self, commands):
        self.names, self.bases, self.stray = [], [], []
        # (stage index, reference, line) of every --from.
        self.references = []
        for command in commands:
            keyword = command.cmd.upper()
            if keyword == "FROM":
                base, name = buildkit_parse.from_names(command)
                self.bases.append(base)
                self.names.append(name)
            elif not self.names and keyword != "ARG":
                self.stray.append((keyword, command.start_line))
            for reference in _from_flags(command):
                self.references.append((len(self.names) - 1, reference.lower(), command.start_line))

    def stage_of(self, reference, index):
        """The stage above stage `index` that a name or number means; None for an image, or for nothing."""
        above = self.names[: max(index, 0)]
        if reference.isdigit():
            return int(reference) if int(reference) < len(above) else None
        # The last stage of a name wins.
        return max((place for place, name in enumerate(above) if name == reference), default=None)

    def images_named_like_stages(self):
        """Names that mean an image where they are used, although a stage of that name follows: `FROM scratch AS scratch`."""
        from_base = {base for index, base in enumerate(self.bases) if base not in self.names[:index]}
        return from_base | {name for index, name, _ in self.references if self.stage_of(name, index) is None}


def _from_flags(command):
    for flag in command.flags:
        name, _, value = flag.partition("=")
        if name == "--from":
            yield value.strip("\"'")
        elif name == "--mount":
            yield from (match.group(1) for match in MOUNT_FROM.finditer(value.strip("\"'")))


def problems(before, after):
    """What the new file's stages lack that the old file's had."""
    old, new = Stages(before), Stages(after)
    if new.stray and not old.stray:
        yield f"{new.stray[0][0]} at new line {new.stray[0][1]} stands before the first FROM"
    for name in old.names:
        if name and name not in new.names:
            yield f"stage {name} is gone"
    images = old.images_named_like_stages()
    for index, base in enumerate(new.bases):
        if base in old.names and base not in new.names[:index] and base not in images:
            yield f"FROM {base} means a stage that does not stand above it"
    sound = all(old.stage_of(reference, index) is not None for index, reference, _ in old.references if reference.isdigit())
    for index, reference, line in new.references:
        found = new.stage_of(reference, index)
        if reference.isdigit() and found is None and sound:
            yield f"--from={reference} at new line {line} is no stage above it"
        elif not reference.isdigit() and found is None and reference in old.names and reference not in images:
            yield f"--from={reference} at new line {line} means a stage that does not stand above it"
    yield from _moved(old, new)


def _moved(old, new):
    """A number must still mean the stage of the same name."""
    if len(old.references) > len(new.references):
        return
    for (old_index, reference, _), (new_index, other, line) in zip(old.references, new.references):
        before, after = old.stage_of(reference, old_index), new.stage_of(other, new_index)
        if not (reference.isdigit() and other.isdigit()) or before is None or after is None:
            continue
        if old.names[before] and old.names[before] != new.names[after]:
            yield f"--from={other} at new line {line} means {new.names[after]}, not {old.names[before]}"


def _check(pair):
    before, after = buildkit_parse.parse(pair.path), buildkit_parse.parse(pair.after_path)
    if before.error or after.error:
        return None
    return list(problems(before.commands, after.commands))


def check(pairs):
    verdict = common.Verdict(NAME)
    changed = [pair for pair in pairs if pair.changed and not pair.crash]
    for pair, found in zip(changed, common.parallel(_check, changed)):
        if found is None:
            verdict.note("not parsed")
        elif found:
            verdict.fail(pair.path, found[0])
        else:
            verdict.passed += 1
    return verdict
