//! Lists of domains in files that people write.

use bursar_kernel::{DomainList, MailDomain};
use bursar_toml::Table;

use crate::{Kind, LISTED};

/// An operator's list: `academic` and `not`. What is wrong with it is reported with its line.
pub fn overrides(table: Table<'_>) -> DomainList {
    let list = DomainList { academic: domains(table, "academic"), refused: domains(table, "not") };
    for element in table.get("not").texts() {
        let domain = MailDomain::of(element.text);
        if domain.is_some_and(|domain| list.academic.iter().any(|one| one == domain.as_str())) {
            table.error_at(
                element.place,
                format!("`{}` stands in `academic` too", element.text),
                "keep it in one of the two",
            );
        }
    }
    for element in table.get("academic").texts() {
        let Some(domain) = MailDomain::of(element.text) else { continue };
        if matches!(LISTED.look_up(&domain), Some((Kind::Free, _))) {
            table.error_at(
                element.place,
                format!("`{}` gives addresses to anybody", element.text),
                "take it out: such an address shows nothing about who has it",
            );
        }
    }
    list
}

/// The domains below a key, as [`MailDomain`] writes them.
pub fn domains(table: Table<'_>, key: &str) -> Vec<String> {
    let mut domains: Vec<String> = Vec::new();
    for element in table.get(key).texts() {
        let sound = !element.text.contains(['@', '*', '/']);
        match MailDomain::of(element.text).filter(|_| sound) {
            Some(domain) if domains.iter().any(|one| one == domain.as_str()) => table.error_at(
                element.place,
                format!("`{}` stands there twice", element.text),
                "keep it once: what lies below a domain is meant with it",
            ),
            Some(domain) => domains.push(domain.as_str().to_owned()),
            None => table.error_at(
                element.place,
                format!("`{}` is not a domain", element.text),
                "write it as in an address, after the `@`: `example.edu`; what lies below is \
                 meant with it",
            ),
        }
    }
    domains
}
