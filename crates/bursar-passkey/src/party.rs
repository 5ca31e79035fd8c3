//! The site that passkeys are for.

use std::net::Ipv6Addr;

use ring::digest::{SHA256, digest};

/// The site that passkeys are for: a host that browsers trust to be the one it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    id: String,
    origin: String,
}

impl Party {
    /// The site of a base address; `None` where browsers keep no passkeys for it: by plain HTTP,
    /// save on this machine by its name, and where the host is a number.
    pub fn of(base_url: &str) -> Option<Self> {
        let (scheme, rest) = base_url.split_once("://")?;
        let authority = rest.split(['/', '?', '#']).next()?.to_ascii_lowercase();
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority.as_str(), None),
        };
        let is_local = host == "localhost" || host.ends_with(".localhost");
        let is_number = host.rsplit('.').next()?.bytes().all(|byte| byte.is_ascii_digit())
            || host.starts_with('[')
            || host.parse::<Ipv6Addr>().is_ok();
        let is_safe = scheme == "https" || (scheme == "http" && is_local);
        if host.is_empty() || is_number || !is_safe || host.contains('@') {
            return None;
        }
        // An origin does not name the port that its scheme has anyway.
        let port = match (scheme, port) {
            (_, None) | ("https", Some("443")) | ("http", Some("80")) => String::new(),
            (_, Some(port)) => format!(":{port}"),
        };
        Some(Self { origin: format!("{scheme}://{host}{port}"), id: host.to_owned() })
    }

    /// Its name in the protocol: the host.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Where its pages are.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    pub(crate) fn hash(&self) -> Vec<u8> {
        digest(&SHA256, self.id.as_bytes()).as_ref().to_vec()
    }
}

#[cfg(test)]
mod tests {
    //! Which addresses browsers keep passkeys for.

    use super::*;

    fn check(base_url: &str, expected: Option<(&str, &str)>) {
        let party = Party::of(base_url);
        let found = party.as_ref().map(|party| (party.id(), party.origin()));
        assert_eq!(found, expected, "{base_url}");
    }

    #[test]
    fn a_site_is_a_host_that_is_reached_safely() {
        let plain = Some(("credits.example.edu", "https://credits.example.edu"));
        check("https://credits.example.edu", plain);
        check("https://Credits.example.edu:443/", plain);
        check(
            "https://credits.example.edu:8443/x",
            Some(("credits.example.edu", "https://credits.example.edu:8443")),
        );
        check("http://localhost:8080", Some(("localhost", "http://localhost:8080")));
        for refused in [
            "http://credits.example.edu",
            "http://127.0.0.1:8080",
            "https://10.0.0.1",
            "https://[::1]:8443",
            "https://",
            "localhost",
        ] {
            check(refused, None);
        }
    }
}
