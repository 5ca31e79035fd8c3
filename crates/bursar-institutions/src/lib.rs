//! What the domain of a mail address says about whoever has it: academic, anybody's, or nothing.
//! Never opens a file, never asks a name server, and never takes silence for a no.

pub mod dump;
mod encode;
mod listed;
pub mod ror;
mod table;

use bursar_kernel::{DomainList, MailDomain};

pub use encode::{Entry, encode};
pub use listed::{domains, overrides};
pub use ror::Institution;
pub use table::{Kind, Name, Table};

/// The list of domains that ships, in two parts. Source and licence are noted beside the data.
pub static LISTED: Table =
    Table::new(&[include_bytes!("../data/domains-1.bin"), include_bytes!("../data/domains-2.bin")]);

/// What a domain says about whoever has an address of it. Domains in it are those that fitted:
/// the domain itself, or one above it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer<'d> {
    /// An academic institution gives such addresses.
    Academic {
        /// The domain that is on the list.
        domain: &'d str,
        /// The institution, where the list names it.
        name: Option<Name>,
        /// Who says so.
        by: Source,
    },
    /// Anybody may have such an address.
    FreeMail(&'d str),
    /// The domain is known, and shows nothing.
    Refused {
        /// The domain that is on the list.
        domain: &'d str,
        /// Who says so.
        by: Source,
    },
    /// No list has it: it may be academic all the same.
    Unknown,
}

impl Answer<'_> {
    /// The name that JSON uses: `free_mail`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Academic { .. } => "academic",
            Self::FreeMail(_) => "free_mail",
            Self::Refused { .. } => "refused",
            Self::Unknown => "unknown",
        }
    }
}

/// Whose list an answer is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The program's file.
    Program,
    /// The operator's configuration.
    Operator,
    /// The list that ships.
    Listed,
}

/// What a domain says: by the program's own list, then by the operator's, then by the one that
/// ships.
pub fn look_up<'d>(
    domain: &'d MailDomain,
    program: &DomainList,
    operator: &DomainList,
) -> Answer<'d> {
    for (list, by) in [(program, Source::Program), (operator, Source::Operator)] {
        if let Some((is_academic, entry)) = list.says(domain) {
            let text = domain.as_str();
            let domain = text.get(text.len() - entry.len()..).unwrap_or(text);
            return if is_academic {
                Answer::Academic { domain, name: None, by }
            } else {
                Answer::Refused { domain, by }
            };
        }
    }
    match LISTED.look_up(domain) {
        None => Answer::Unknown,
        Some((Kind::Free, domain)) => Answer::FreeMail(domain),
        Some((Kind::Stopped, domain)) => Answer::Refused { domain, by: Source::Listed },
        Some((Kind::Academic(name), domain)) => {
            Answer::Academic { domain, name, by: Source::Listed }
        }
    }
}
