"""The table of results and its totals."""

from __future__ import annotations

MEASURES = ("size", "files", "executables")


def line(result):
    """One case, and why it failed."""
    measure = ""
    if result.before and result.after:
        measure = "  ".join(f"{result.before[name]:>{width}} → {result.after[name]:<{width}}" for name, width in (("files", 5), ("executables", 4)))
        measure = f"{result.before['size'] / 1e6:6.0f} → {result.after['size'] / 1e6:<6.0f} {measure}"
    verdict = "ok  " if result.passed else "FAIL"
    users = "→".join("-" if user is None else str(user) for user in result.users)
    text = f"{verdict} {result.name:28} {result.language:7} {result.outcome:8} {result.seconds:5.0f} s  {users:13} {measure}".rstrip()
    if not result.passed:
        text += f"\n     {result.step}"
        text += "".join(f"\n     | {part}" for reason in result.reasons for part in str(reason).splitlines()[-25:])
        text += "".join(f"\n     said: {finding[:300]}" for finding in result.findings)
        text += f"\n     known: {result.why}" if result.why else ""
    return text


def text(results):
    """Totals by language and outcome as a table in Markdown: how many agree, and what became smaller in those."""
    if not results:
        return "no cases"
    rows = [("", "build, and behave as before", *MEASURES), ("---",) * 5]
    for key in (lambda result: result.language, lambda result: f"`{result.outcome}`"):
        for value in sorted({key(result) for result in results}):
            rows.append(_row(value, [result for result in results if key(result) == value]))
    rows.append(_row("**all**", results))
    lines = ["", *(f"| {' | '.join(row)} |" for row in rows)]
    unexplained = [result.name for result in results if not result.passed and not result.why]
    if unexplained:
        lines.append(f"failed without an explanation: {', '.join(unexplained)}")
    passed = sum(result.passed for result in results)
    return "\n".join([*lines, f"{passed} passed, {len(results) - passed} failed"]) + "\n"


def _row(title, results):
    passed = [result for result in results if result.passed]
    share = f"{len(passed)} of {len(results)} ({100 * len(passed) / len(results):.0f} %)"
    return (title, share, *(_change(passed, name) for name in MEASURES))


def _change(results, name):
    """By how much a measure changed in all of the results together."""
    before, after = (sum(getattr(result, when)[name] for result in results) for when in ("before", "after"))
    return f"{100 * (after - before) / before:+.0f} %".replace("-", "−") if before else ""
