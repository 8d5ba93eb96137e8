"""The table of results and its totals."""

from __future__ import annotations


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


def _share(results):
    passed = sum(result.passed for result in results)
    return f"{passed} of {len(results)} ({100 * passed / len(results):.0f} %)"


def text(results):
    """Totals by language and outcome, and what became smaller."""
    if not results:
        return "no cases"
    lines = ["", "original and result build, and the probes agree:"]
    for title, key in (("language", lambda result: result.language), ("outcome", lambda result: result.outcome)):
        for value in sorted({key(result) for result in results}):
            some = [result for result in results if key(result) == value]
            lines.append(f"  {title} {value:8} {_share(some)}{_reduction(some)}")
    lines.append(f"  all               {_share(results)}{_reduction(results)}")
    unexplained = [result.name for result in results if not result.passed and not result.why]
    if unexplained:
        lines.append(f"failed without an explanation: {', '.join(unexplained)}")
    return "\n".join(lines) + "\n"


def _reduction(results):
    measured = [result for result in results if result.passed and result.before and result.after]
    if not measured:
        return ""
    parts = []
    for name in ("size", "files", "executables"):
        before, after = (sum(getattr(result, when)[name] for result in measured) for when in ("before", "after"))
        parts.append(f"{name} {100 * (after - before) / before:+.0f} %")
    return ": " + ", ".join(parts)
