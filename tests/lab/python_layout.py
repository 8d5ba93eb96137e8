"""Undoes Debian's own layout of Python: pip installs into `site-packages` below the prefix, as upstream and Wolfi have it."""

from __future__ import annotations

import re

SCHEME = "deb_build = os.environ.get('DEB_PYTHON_INSTALL_LAYOUT', 'posix_local')"
UPSTREAM_SCHEME = "return dict(prefix='posix_prefix', home='posix_home', user='posix_user')"
# `site` is frozen into Debian's interpreter, which looks for `dist-packages` beside the standard library.
LINK = ("usr/lib/python3.11/dist-packages", "site-packages")


def upstream(path, content):
    """A file of Debian's Python as upstream has it; any other file as it is."""
    if not re.fullmatch(r"usr/lib/python3\.\d+/sysconfig\.py", path):
        return content
    text = content.decode()
    assert SCHEME in text, f"{path} is not as it was"
    return text.replace(SCHEME, UPSTREAM_SCHEME).encode()
