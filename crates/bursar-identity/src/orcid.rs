//! ORCID iDs: sixteen digits of which the last one checks the others.

use std::fmt;
use std::str::FromStr;

/// An ORCID iD, as `0000-0002-1825-0097`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Orcid(String);

/// Why a text is no ORCID iD.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is not an ORCID iD, like 0000-0002-1825-0097")]
pub struct BadOrcid;

impl FromStr for Orcid {
    type Err = BadOrcid;

    /// The iD, or its address at orcid.org. The last digit is of ISO 7064 (MOD 11-2).
    fn from_str(text: &str) -> Result<Self, BadOrcid> {
        let text = text.strip_prefix("https://orcid.org/").unwrap_or(text);
        let groups: Vec<&str> = text.split('-').collect();
        if groups.len() != 4 || groups.iter().any(|group| group.len() != 4 || !group.is_ascii()) {
            return Err(BadOrcid);
        }
        let digits: String = groups.concat();
        let (body, check) = digits.split_at(15);
        let mut sum = 0_u32;
        for digit in body.chars() {
            sum = (sum + digit.to_digit(10).ok_or(BadOrcid)?) * 2 % 11;
        }
        let expected = match (12 - sum) % 11 {
            10 => "X".to_owned(),
            digit => digit.to_string(),
        };
        if check == expected { Ok(Self(text.to_owned())) } else { Err(BadOrcid) }
    }
}

impl fmt::Display for Orcid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
