"""What a Dockerfile's RUNs left in a root, and how two such states differ."""

from __future__ import annotations

import dataclasses
import re
import stat

import execute


@dataclasses.dataclass(frozen=True)
class Difference:
    """`kind` is what the cases' `allowed` column names."""

    kind: str
    before: str
    after: str

    def __str__(self):
        return f"{self.kind}: {self.before} | {self.after}"


@dataclasses.dataclass
class State:
    failed: list
    passwd: dict
    group: dict
    shadow: dict
    gshadow: dict | None
    # Paths that are new or changed, and those that are gone.
    changed: dict
    gone: list
    # The accounts as they were before: by table, then name.
    before: dict


def _table(root, name):
    path = root.place / "etc" / name
    if not path.exists():
        return None
    rows = [line.split(":") for line in path.read_text(errors="replace").splitlines() if line]
    return {row[0]: row[1:] for row in rows}


def observe(root, commands, first_in_path):
    """Runs the instructions and looks at what they left."""
    before = root.listing()
    accounts = {name: _table(root, name) or {} for name in ("passwd", "group", "shadow")}
    results = execute.execute(root, commands, first_in_path)
    after = root.listing()
    failed = [f"status {status} ({' '.join((stderr or stdout).split())[-120:]})" for status, stdout, stderr in results if status]
    return State(
        failed,
        _table(root, "passwd") or {},
        _table(root, "group") or {},
        _table(root, "shadow") or {},
        _table(root, "gshadow"),
        {path: found for path, found in after.items() if before.get(path) != found},
        sorted(path for path in before if path not in after),
        accounts,
    )


def password_class(field):
    """Passwords are salted, so only their nature can be compared."""
    if field is None or field in ("", "*"):
        return field
    if field in ("!", "!!"):
        return "!"
    if field.startswith("!"):
        return "!hash"
    return "hash" if re.match(r"\$\w+\$", field) else field


def _touched(state, user):
    """Whether the commands changed a user, its password or its groups."""
    old, new = state.before["passwd"].get(user), state.passwd.get(user)
    secrets = [table.get(user, [None])[0] for table in (state.before["shadow"], state.shadow)]
    groups = [{name for name, row in table.items() if user in row[2].split(",")} for table in (state.before["group"], state.group)]
    return old != new or secrets[0] != secrets[1] or groups[0] != groups[1]


def _users(left, right, gecos_known, same_base):
    for user in sorted(set(left.passwd) | set(right.passwd)):
        if not same_base and not _touched(left, user) and not _touched(right, user):
            continue
        old, new = left.passwd.get(user), right.passwd.get(user)
        if old is None or new is None:
            yield Difference("user", f"{'' if old else 'no '}{user}", f"{'' if new else 'no '}{user}")
            continue
        for index, field in enumerate(("password", "uid", "gid", "gecos", "home", "shell")):
            # BusyBox before 1.38 wrote this where no comment was given.
            # Debian's adduser writes commas between fields that are all empty.
            if field == "gecos" and not old[index].strip(",") and not new[index].strip(","):
                continue
            if field == "gecos" and not gecos_known and not old[index].strip(",") and new[index].startswith("Linux User"):
                continue
            if field != "password" and old[index] != new[index]:
                yield Difference(field, f"{user}:{old[index]}", f"{user}:{new[index]}")
        yield from _secrets(user, left.shadow.get(user), right.shadow.get(user))
        mine, theirs = _groups_of(left, user), _groups_of(right, user)
        if mine != theirs:
            yield Difference("groups", f"{user}:{','.join(mine)}", f"{user}:{','.join(theirs)}")


def _secrets(user, old, new):
    kinds = [password_class(row[0]) if row else None for row in (old, new)]
    if kinds[0] != kinds[1]:
        yield Difference("lock", f"{user}:{kinds[0]}", f"{user}:{kinds[1]}")
    if old and new and old[2:7] != new[2:7]:
        yield Difference("aging", f"{user}:{':'.join(old[2:7])}", f"{user}:{':'.join(new[2:7])}")


def _groups_of(state, user):
    own = state.passwd[user][2]
    return sorted(
        name for name, row in state.group.items() if row[1] == own or user in row[2].split(",")
    )


def _groups(left, right, same_base):
    every = sorted(set(left.group) | set(right.group))
    if not same_base:
        every = [name for name in every if any(state.before["group"].get(name) != state.group.get(name) for state in (left, right))]
    for group in every:
        old, new = left.group.get(group), right.group.get(group)
        if old is None or new is None:
            yield Difference("group", f"{'' if old else 'no '}{group}", f"{'' if new else 'no '}{group}")
        elif old[1] != new[1]:
            yield Difference("ggid", f"{group}:{old[1]}", f"{group}:{new[1]}")
    # BusyBox knows no gshadow, so only what a group's password or administrator says is compared.
    for group, old in (left.gshadow or {}).items():
        new = (right.gshadow or {}).get(group)
        if group in every and new and (_closed(old[0]), old[1]) != (_closed(new[0]), new[1]):
            yield Difference("gshadow", f"{group}:{old[0]}:{old[1]}", f"{group}:{new[0]}:{new[1]}")


def _closed(password):
    kind = password_class(password)
    return "closed" if kind in ("!", "*", "x") else kind


def _owner(state, found):
    """Owner and group by name, because ids that the translation may choose differ."""
    users = {row[1]: name for name, row in state.passwd.items()}
    groups = {row[1]: name for name, row in state.group.items()}
    return f"{users.get(str(found[1]), found[1])}:{groups.get(str(found[2]), found[2])}"


def _is_new_home(left, path, old, new):
    """BusyBox makes homes with mode 2755, useradd with 0755, 0750 or 0700: a known difference that harms nobody."""
    homes = {row[4] for row in left.passwd.values() if len(row) > 4}
    return path in homes and stat.S_ISDIR(old[0]) and old[3] in (0o755, 0o750, 0o700) and new[3] == 0o2755


def _paths(left, right):
    for path in sorted(set(left.changed) | set(right.changed)):
        old, new = left.changed.get(path), right.changed.get(path)
        if old is None or new is None:
            yield Difference("path", f"{'' if old else 'no '}{path}", f"{'' if new else 'no '}{path}")
            continue
        if old[0] != new[0]:
            yield Difference("type", f"{path}:{stat.S_IFMT(old[0]):o}", f"{path}:{stat.S_IFMT(new[0]):o}")
        if _owner(left, old) != _owner(right, new):
            yield Difference("owner", f"{path}:{_owner(left, old)}", f"{path}:{_owner(right, new)}")
        if old[3] != new[3] and not _is_new_home(left, path, old, new):
            yield Difference("mode", f"{path}:{old[3]:o}", f"{path}:{new[3]:o}")
    if left.gone != right.gone:
        yield Difference("gone", " ".join(left.gone), " ".join(right.gone))


def differences(left, right, gecos_known, same_base=True):
    """What differs; nothing where both did the same.

    Where the two started from accounts of their own, those that neither touched are not compared.
    """
    found = []
    if bool(left.failed) != bool(right.failed):
        found.append(Difference("rc", ", ".join(left.failed) or "done", ", ".join(right.failed) or "done"))
    found += _users(left, right, gecos_known, same_base)
    found += _groups(left, right, same_base)
    found += _paths(left, right)
    return found
