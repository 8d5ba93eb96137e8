"""BuildKit accepts every output whose input it accepts."""

from __future__ import annotations

import buildkit_parse
import common

NAME = "accept"


def _errors(pair):
    before = buildkit_parse.parse(pair.path).error
    after = buildkit_parse.parse(pair.after_path).error if pair.changed else before
    return before, after


def check(pairs, strict):
    """`strict`: a file that BuildKit reads may not be refused either. For files of our own."""
    verdict = common.Verdict(NAME)
    for pair, (before, after) in zip(pairs, common.parallel(_errors, pairs)):
        if pair.crash:
            verdict.fail(pair.path, pair.crash)
        elif before:
            verdict.note("rejected before")
        elif after:
            verdict.fail(pair.path, f"BuildKit rejects the output: {after}")
        elif pair.refused and strict:
            verdict.fail(pair.path, f"refused, but BuildKit reads it: {pair.stderr.strip()[-200:]}")
        else:
            verdict.passed += 1
            if pair.refused:
                verdict.note("refused, left as they were")
            elif pair.changed:
                verdict.note("changed")
    return verdict
