#!/usr/bin/env python3
"""How far the stage planner gets on a folder of real Dockerfiles.

    tests/corpus/outcomes.py FOLDER [--binary target/debug/wolfify] [--context FOLDER] [--all] [--by-language] [--show N]

Prints, for the files with one stage whose image is a language's or a bare distribution's (`--all`: for all files), the
outcomes by language, the ten commonest reasons for which a final stage keeps its shell, the files that keep it without
a reason, and whether any result broke a promise (`internal-error`). Without `--context` every file's own folder is its build context. `--by-language` gives the
ten commonest reasons of each language, too; `--show N` names N files for each reason.
"""

import argparse
import collections
import json
import pathlib
import re
import subprocess
import sys

LANGUAGES = [
    ("python", r"python|pypy"),
    ("node", r"node"),
    ("go", r"golang|(^|/)go$"),
    ("java", r"openjdk|maven|gradle|temurin|tomcat|corretto|jdk|jre|java"),
    ("php", r"php|composer"),
    ("ruby", r"ruby|rails"),
    ("rust", r"rust"),
    ("dotnet", r"dotnet|aspnet"),
    ("c", r"(^|/)gcc"),
    ("web server", r"nginx|httpd|caddy"),
    ("bare", r"ubuntu|debian|alpine|centos|fedora|ubi|rhel|amazonlinux|rocky|alma|oraclelinux|buildpack"),
]
FROM = re.compile(r"^\s*FROM\s+(?:--\S+\s+)*(\S+)", re.IGNORECASE | re.MULTILINE)


def language(text):
    images = FROM.findall(text)
    if not images:
        return None, 0
    name = images[-1].lower().split("@")[0].split(":")[0]
    found = next((language for language, pattern in LANGUAGES if re.search(pattern, name)), None)
    return found, len(images)


def explained(findings, text):
    """Whether a file whose final stage keeps its shell says why: by a reason, or by an image in no table at its end."""
    last = max((number for number, line in enumerate(text.splitlines(), 1) if FROM.match(line)), default=0)
    return any(
        finding["rule"] == "dev-image" or (finding["rule"] == "unknown-base-image" and finding["line"] >= last)
        for finding in findings
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--binary", default="target/debug/wolfify")
    parser.add_argument("--context")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--by-language", action="store_true")
    parser.add_argument("--show", type=int, default=0)
    options = parser.parse_args()

    command = [options.binary, "check", "--exit-zero", "--format=jsonl"]
    command += [f"--context={options.context}"] if options.context else []
    report = subprocess.run([*command, str(options.folder)], capture_output=True, text=True, check=False)
    if report.returncode not in (0, 2):
        sys.exit(report.stderr)
    outcomes = collections.defaultdict(collections.Counter)
    # By language, `None` for all together: reason to files.
    reasons = collections.defaultdict(lambda: collections.defaultdict(list))
    broken, unexplained = [], []
    for line in report.stdout.splitlines():
        file = json.loads(line)
        if "path" not in file:
            continue
        text = pathlib.Path(file["path"]).read_text(errors="replace")
        name, stages = language(text)
        if not options.all and (name is None or stages != 1):
            continue
        outcomes[name or "other"][file["outcome"]] += 1
        if file["outcome"] == "dev" and not explained(file["findings"], text):
            unexplained.append(file["path"])
        for finding in file["findings"]:
            if finding["rule"] == "internal-error":
                broken.append(f"{file['path']}: {finding['message']}")
            if finding["rule"] == "dev-image":
                reason = re.sub(r"`[^`]*`", "`…`", finding["message"].partition("because ")[2])
                example = f"{file['path']}:{finding['line']}: {finding['message']}"
                for group in (None, name or "other"):
                    reasons[group][reason].append(example)

    kinds = ["split", "runtime", "dev", "skipped", "unchanged", "error"]
    print(f"{'language':12}" + "".join(f"{kind:>11}" for kind in kinds))
    total = collections.Counter()
    for name, counts in sorted(outcomes.items()):
        total.update(counts)
        print(f"{name:12}" + "".join(f"{counts[kind]:>11}" for kind in kinds))
    print(f"{'all':12}" + "".join(f"{total[kind]:>11}" for kind in kinds))
    print(f"\n{sum(total.values())} files, {len(broken)} broken, {len(unexplained)} keep a shell without a reason\n")
    for path in unexplained[:10]:
        print(f"          {path}")
    groups = [None, *sorted(group for group in reasons if group)] if options.by_language else [None]
    for group in groups:
        print(f"{group or 'all'}:")
        for reason, found in sorted(reasons[group].items(), key=lambda item: -len(item[1]))[:10]:
            print(f"{len(found):6}  {reason}")
            for example in found[: options.show]:
                print(f"          {example}")
    if broken:
        sys.exit("\n".join(broken))


if __name__ == "__main__":
    main()
