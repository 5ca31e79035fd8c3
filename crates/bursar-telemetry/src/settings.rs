//! Where spans go, and with what.

use bursar_kernel::BasisPoints;
use http::{HeaderName, HeaderValue, Uri};
use secrecy::{ExposeSecret, SecretString};

/// Headers that a file may have: a collector wants one or two.
const HEADERS_MAX: usize = 16;

/// Where spans go, and with what.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The collector, without the path of traces: `http://collector:4318`.
    pub endpoint: String,
    /// What else every request to it carries. No log shows the values.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The share of all traces that is exported.
    pub share: BasisPoints,
}

/// Why spans go nowhere.
#[derive(Debug, thiserror::Error)]
pub enum BadSettings {
    /// The address is none.
    #[error(
        "`{0}` is not the address of a collector\n\
         hint: write it as `http://host:4318`, without a path for traces and without a password"
    )]
    Endpoint(String),
    /// A line of the file of headers is none. What it says is not repeated: it may be a secret.
    #[error("line {0} is not a header\nhint: write each as `Name: value` on a line of its own")]
    Header(usize),
    /// There are more headers than anybody needs.
    #[error("there are more than {HEADERS_MAX} headers\nhint: keep those that the collector reads")]
    ManyHeaders,
    /// The machine has no certificates to trust.
    #[error("no certificates could be loaded")]
    Certificates(#[source] std::io::Error),
}

impl Settings {
    /// Where traces are sent.
    pub(crate) fn traces(&self) -> Result<Uri, BadSettings> {
        let bad = || BadSettings::Endpoint(self.endpoint.clone());
        let base = self.endpoint.trim_end_matches('/');
        let uri: Uri = format!("{base}/v1/traces").parse().map_err(|_| bad())?;
        let is_known = matches!(uri.scheme_str(), Some("http" | "https"));
        let authority = uri.authority().ok_or_else(bad)?;
        if !is_known || authority.as_str().contains('@') || uri.query().is_some() {
            return Err(bad());
        }
        Ok(uri)
    }
}

/// Reads a file of headers, a line each. Empty lines and those that begin with `#` are none.
pub fn read_headers(text: &SecretString) -> Result<Vec<(HeaderName, HeaderValue)>, BadSettings> {
    let mut headers = Vec::new();
    for (line, number) in text.expose_secret().lines().zip(1..) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let bad = || BadSettings::Header(number);
        let (name, value) = line.split_once(':').ok_or_else(bad)?;
        let name: HeaderName = name.trim().parse().map_err(|_| bad())?;
        let mut value: HeaderValue = value.trim().parse().map_err(|_| bad())?;
        value.set_sensitive(true);
        headers.push((name, value));
        if HEADERS_MAX < headers.len() {
            return Err(BadSettings::ManyHeaders);
        }
    }
    Ok(headers)
}

#[cfg(test)]
mod tests;
