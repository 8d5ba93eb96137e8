//! Which variables matter to the build, which to the finished application, which to both.

/// Where a variable is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// By build tools only.
    Build,
    /// By the application only.
    Run,
    /// Nobody can tell, or both.
    Both,
}

const BUILD: &[&str] = &[
    "AR",
    "BUILDKIT_INLINE_CACHE",
    "CC",
    "CFLAGS",
    "CGO_CFLAGS",
    "CGO_ENABLED",
    "CGO_LDFLAGS",
    "CI",
    "CPPFLAGS",
    "CXX",
    "CXXFLAGS",
    "DEBIAN_FRONTEND",
    "GO111MODULE",
    "GOARCH",
    "GOARM",
    "GOBIN",
    "GOCACHE",
    "GOFLAGS",
    "GOMODCACHE",
    "GONOSUMDB",
    "GOOS",
    "GOPRIVATE",
    "GOPROXY",
    "GOROOT",
    "GOROOT_BOOTSTRAP",
    "GOSUMDB",
    "LDFLAGS",
    "MAKEFLAGS",
    "NODE_GYP_FORCE_PYTHON",
    "PIPENV_VENV_IN_PROJECT",
    "PKG_CONFIG_PATH",
    "RUSTFLAGS",
    "YARN_VERSION",
    "NPM_VERSION",
    "PIPENV_VERSION",
    "PNPM_HOME",
    "GOLANG_VERSION",
    "DEBCONF_NONINTERACTIVE_SEEN",
];

const BUILD_PREFIXES: &[&str] = &[
    "CARGO_",
    "COMPOSER_",
    "GRADLE_",
    "MAVEN_",
    "NUGET_",
    "PIP_",
    "PIPENV_",
    "POETRY_",
    "RUSTUP_",
    "UV_",
    "YARN_",
    "DOTNET_CLI_",
    "CMAKE_",
];

/// Names of lists of what a RUN installs.
const LISTS: &[&str] = &["_PACKAGES", "_PKGS", "_DEPS", "_DEPENDENCIES"];

const RUN: &[&str] = &[
    "DJANGO_DEBUG",
    "FLASK_APP",
    "FLASK_DEBUG",
    "FLASK_ENV",
    "FLASK_RUN_HOST",
    "FLASK_RUN_PORT",
    "GIN_MODE",
    "GUNICORN_CMD_ARGS",
    "JAVA_OPTS",
    "LISTEN_PORT",
    "LOG_LEVEL",
    "PORT",
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONFAULTHANDLER",
    "PYTHONUNBUFFERED",
    "SERVER_PORT",
    "UVICORN_HOST",
    "UVICORN_PORT",
    "WEB_CONCURRENCY",
    "PYTHONHASHSEED",
];

/// Where a variable is wanted, by its name. `compiled` applications have no use for a compiler's home.
pub(super) fn wanted(name: &str, compiled: bool) -> Wanted {
    if BUILD.contains(&name)
        || BUILD_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
        || (compiled && name == "GOPATH")
        || LISTS.iter().any(|end| name.ends_with(end))
    {
        return Wanted::Build;
    }
    if RUN.contains(&name) { Wanted::Run } else { Wanted::Both }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_names() {
        assert_eq!(wanted("PIP_NO_CACHE_DIR", false), Wanted::Build);
        assert_eq!(wanted("PYTHONUNBUFFERED", false), Wanted::Run);
        assert_eq!(wanted("NODE_ENV", false), Wanted::Both);
        assert_eq!(wanted("GOPATH", true), Wanted::Build);
        assert_eq!(wanted("BUILD_PACKAGES", false), Wanted::Build);
    }
}
