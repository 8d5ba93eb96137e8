//! Getting an index over HTTP or HTTPS; the only part of the program that uses the network.

use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, Error};

use crate::index::MAX_BYTES;
use crate::output::printable;

/// How long to wait for a connection; a shorter limit for the whole wins.
const CONNECT: Duration = Duration::from_secs(20);

/// The bytes at an address.
///
/// Follows redirects, though never from HTTPS to HTTP. Certificates are checked against the roots built in (Mozilla's),
/// or those in the file that `SSL_CERT_FILE` names; `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` are respected.
pub(crate) fn fetch(url: &str, timeout: Duration) -> anyhow::Result<Vec<u8>> {
    let config = Agent::config_builder()
        .timeout_global(Some(timeout))
        .timeout_connect(Some(CONNECT.min(timeout)))
        .https_only(url.starts_with("https:"))
        .max_redirects(5)
        .user_agent(concat!("wolfify/", env!("CARGO_PKG_VERSION")))
        .tls_config(TlsConfig::builder().root_certs(root_certificates()?).build())
        .build();
    let agent = Agent::new_with_config(config);
    let mut response = agent.get(url).call().map_err(|error| explained(&error, timeout))?;
    let body = response.body_mut();
    if body.content_length().is_some_and(|length| length > MAX_BYTES) {
        return Err(explained(&Error::BodyExceedsLimit(MAX_BYTES), timeout));
    }
    body.with_config().limit(MAX_BYTES).read_to_vec().map_err(|error| explained(&error, timeout))
}

/// The address without a user and password, for showing and keeping.
pub(crate) fn without_credentials(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let host = rest[..end].rfind('@').map_or(0, |at| at + 1);
    format!("{scheme}://{}", &rest[host..])
}

fn root_certificates() -> anyhow::Result<RootCerts> {
    let Some(path) = std::env::var_os("SSL_CERT_FILE").filter(|path| !path.is_empty()) else {
        return Ok(RootCerts::WebPki);
    };
    let shown = path.display();
    let pem = std::fs::read(&path).with_context(|| format!("{shown}:1:1: cannot be read; correct SSL_CERT_FILE"))?;
    let items = parse_pem(&pem).filter_map(Result::ok);
    let certificate = |item| if let PemItem::Certificate(certificate) = item { Some(certificate) } else { None };
    let certificates: Vec<_> = items.filter_map(certificate).collect();
    if certificates.is_empty() {
        bail!("{shown}:1:1: holds no certificate in PEM; correct SSL_CERT_FILE");
    }
    Ok(RootCerts::from(certificates))
}

/// What went wrong, and what to do.
fn explained(error: &Error, timeout: Duration) -> anyhow::Error {
    match error {
        Error::StatusCode(status @ (401 | 403)) => {
            anyhow!("the server answered {status}: it wants another user, or none may have this")
        }
        Error::StatusCode(status @ (404 | 410)) => anyhow!("the server answered {status}; check --url and --arch"),
        Error::StatusCode(status) => anyhow!("the server answered {status}; try again later"),
        Error::Timeout(_) => {
            anyhow!("took longer than {} s; try again, or allow more with --timeout", timeout.as_secs())
        }
        Error::BodyExceedsLimit(_) => {
            anyhow!("has more than {} MiB, which no repository index is known to have; check --url", MAX_BYTES >> 20)
        }
        other => {
            anyhow!(
                "cannot be downloaded: {}; check the address, the network and any proxy",
                printable(&other.to_string())
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_not_shown() {
        for (url, shown) in [
            ("https://user:p@ss@host/os", "https://host/os"),
            ("https://host/a@b", "https://host/a@b"),
            ("http://host:80", "http://host:80"),
            ("host", "host"),
        ] {
            assert_eq!(without_credentials(url), shown);
        }
    }
}
