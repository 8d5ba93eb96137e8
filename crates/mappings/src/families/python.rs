//! Python and its modules.

use super::{Answer, Context, absent, dropped, mapped};
use crate::lookup::{Confidence, Distro};

const RULE: &str = "Python modules are py3-NAME";
const PYTHON_2: &str = "Python 2 is not in Wolfi; this is for Python 3";

/// A distribution's name of a module and the name Wolfi (or PyPI) uses.
const MODULES: [(&str, &str); 41] = [
    ("attr", "attrs"),
    ("bs4", "beautifulsoup4"),
    ("ceph-argparse", "ceph"),
    ("crypto", "pycryptodome"),
    ("cryptodome", "pycryptodome"),
    ("curl", "pycurl"),
    ("dateutil", "python-dateutil"),
    ("dbus", "dbus-python"),
    ("dns", "dnspython"),
    ("docker-py", "docker"),
    ("dockerpy", "docker"),
    ("djangorestframework", "django-rest-framework"),
    ("git", "gitpython"),
    ("gi", "pygobject"),
    ("googleapi", "google-api-python-client"),
    ("imaging", "pillow"),
    ("jwt", "pyjwt"),
    ("ldap", "python-ldap"),
    ("levenshtein", "python-levenshtein"),
    ("magic", "python-magic"),
    ("memcache", "python-memcached"),
    ("mysqldb", "mysqlclient"),
    ("networkmanager", "python-networkmanager"),
    ("nacl", "pynacl"),
    ("openssl", "pyopenssl"),
    ("pil", "pillow"),
    ("pip-whl", "pip"),
    ("pkg-resources", "setuptools"),
    ("prettytable", "prettytable"),
    ("psycopg2-binary", "psycopg2"),
    ("pymysql", "pymysql"),
    ("serial", "pyserial"),
    ("setuptools-whl", "setuptools"),
    ("skimage", "scikit-image"),
    ("sklearn", "scikit-learn"),
    ("socks", "pysocks"),
    ("usb", "pyusb"),
    ("websocket", "websocket-client"),
    ("yaml", "pyyaml"),
    ("zmq", "pyzmq"),
    ("opencv", "opencv-python"),
];

/// `python3`, `python3.11-dev`, `python3-yaml`, `python-numpy`, `python36u-pip`, `py-lxml`, `libpython3-dev`.
pub(super) fn resolve(context: Context<'_>, name: &str) -> Answer {
    let name = name.strip_prefix("lib").filter(|rest| rest.starts_with("python")).unwrap_or(name);
    let (version, module) = split(context.distro, name)?;
    let streams = context.streams("python");
    let stream = streams.contains(&version.as_str()).then_some(version.as_str());
    let note = if version.starts_with('2') || (version.is_empty() && !name.starts_with("py-")) {
        Some(PYTHON_2.to_owned())
    } else if version.contains('.') && stream.is_none() {
        Some(format!("Python {version} is not in Wolfi; this is the newest stream"))
    } else {
        None
    };
    let confidence = if note.is_some() { Confidence::Low } else { Confidence::Medium };
    let interpreter = stream.map_or_else(|| "python3".to_owned(), |stream| format!("python-{stream}"));
    match module.as_str() {
        "" | "minimal" | "full" | "libs" | "all" | "stdlib" => mapped(vec![interpreter], confidence, RULE, note),
        "dev" | "devel" | "all-dev" => mapped(vec![format!("{interpreter}-dev")], confidence, RULE, note),
        "venv" | "ensurepip" | "lib2to3" | "testsuite" | "idle" => dropped("is part of Wolfi's python", RULE),
        "dbg" | "debug" | "doc" | "examples" | "test" => dropped("only helps to debug or document Python", RULE),
        "tk" | "tkinter" => {
            let newest = stream.or_else(|| streams.first().copied())?;
            mapped(vec![context.first_known([format!("python-{newest}-tk")])?], confidence, RULE, note)
        }
        "distutils" => mapped(vec!["py3-setuptools".to_owned()], confidence, RULE, note),
        module => resolve_module(context, stream, module, note),
    }
}

fn resolve_module(context: Context<'_>, stream: Option<&str>, module: &str, note: Option<String>) -> Answer {
    let module = module.to_ascii_lowercase();
    let base = module.strip_suffix("-devel").or_else(|| module.strip_suffix("-dev")).unwrap_or(&module);
    let alias = MODULES.iter().find(|(name, _)| *name == base).map_or(base, |(_, alias)| alias);
    let names =
        [alias.to_owned(), base.to_owned(), base.replace('_', "-"), format!("py{base}"), format!("python-{base}")];
    let of_stream = stream.map(|stream| names.clone().map(|name| format!("py{stream}-{name}")));
    let unversioned = names.clone().map(|name| format!("py3-{name}"));
    let newest =
        context.streams("python").into_iter().flat_map(|stream| names.clone().map(|name| format!("py{stream}-{name}")));
    let candidates = of_stream.into_iter().flatten().chain(unversioned).chain(newest);
    match context.first_known(candidates) {
        Some(package) => {
            let confidence = if note.is_some() { Confidence::Low } else { Confidence::Medium };
            mapped(vec![package], confidence, RULE, note)
        }
        None => absent(
            format!("Wolfi has no package of this Python module: install {alias} with pip in a virtual environment"),
            RULE,
        ),
    }
}

/// The version (`3.11`, `3`, `2.7`, empty) and the module of a Python package's name.
fn split(distro: Distro, name: &str) -> Option<(String, String)> {
    let rest = match distro {
        Distro::Alpine => name.strip_prefix("python").or_else(|| name.strip_prefix("py"))?,
        Distro::Debian | Distro::Fedora => name.strip_prefix("python")?,
    };
    let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.').len();
    let (version, rest) = rest.split_at(digits);
    // EPEL, SCL and IUS write python36 and python36u for 3.6, python27 for 2.7.
    let version = match version.as_bytes() {
        [b'2' | b'3', b'0'..=b'9', ..] if !version.contains('.') => format!("{}.{}", &version[..1], &version[1..]),
        _ => version.to_owned(),
    };
    let rest = rest.strip_prefix('u').filter(|rest| rest.is_empty() || rest.starts_with('-')).unwrap_or(rest);
    if rest.is_empty() {
        return Some((version, String::new()));
    }
    let module = rest.strip_prefix('-')?;
    let module = module.strip_prefix("python-").unwrap_or(module);
    Some((version, module.to_owned()))
}
