//! What is a conflict, what is none, and what an officer can do about it.

use bursar_kernel::{ApplicationId, PersonId, Timestamp};
use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;

const OXFORD: &str = "052gg0110";
const CAMBRIDGE: &str = "013meh722";
const TERMS: Terms = Terms { institution_years: 3, coauthor_years: 2, applicants_review: true };

fn person(number: u8) -> PersonId {
    PersonId::from_bytes([number; 16])
}

fn application(number: u8) -> ApplicationId {
    ApplicationId::from_bytes([number; 16])
}

fn at(text: &str) -> Timestamp {
    format!("{text}T00:00:00Z").parse().unwrap()
}

fn reviewer(number: u8) -> ReviewerFacts {
    ReviewerFacts {
        person: person(number),
        name: String::new(),
        addresses: Vec::new(),
        domains: Vec::new(),
        affiliations: Vec::new(),
        coauthors: Vec::new(),
        declared: Vec::new(),
        applies: false,
    }
}

fn facts(people: Vec<Somebody>) -> ApplicationFacts {
    ApplicationFacts {
        application: application(1),
        people,
        domains: Vec::new(),
        affiliations: Vec::new(),
        coauthors: Vec::new(),
        pins: Vec::new(),
    }
}

fn named(name: &str) -> Somebody {
    Somebody { name: name.to_owned(), ..Somebody::default() }
}

fn held(ror: &str, name: &str, until: Option<&str>) -> Affiliation {
    Affiliation { ror: Some(ror.to_owned()), name: name.to_owned(), until: until.map(at) }
}

#[test]
fn an_institution_without_an_id_is_known_by_its_name() {
    let unnamed = |name: &str| Affiliation { ror: None, ..held("", name, None) };
    let check = |theirs: Affiliation, applies: Affiliation, wanted: usize| {
        let (mut one, mut two) = (reviewer(1), facts(Vec::new()));
        one.affiliations = vec![theirs];
        two.affiliations = vec![applies];
        let terms = Terms { institution_years: 3, coauthor_years: 3, applicants_review: true };
        let found = find(&[one], &[two], terms, at("2026-12-01")).unwrap();
        assert_eq!(found.conflicts.len(), wanted, "{found:?}");
    };
    check(unnamed("Universität Øst"), unnamed("UNIVERSITAT  OST"), 1);
    check(unnamed("Oxford"), held(OXFORD, "Oxford", None), 1);
    check(held(OXFORD, "Oxford", None), unnamed("Oxford"), 1);
    check(unnamed("Oxford"), unnamed("Oxford Brookes"), 0);
    check(unnamed(""), unnamed(""), 0);
    // Two that are called the same and are not.
    check(held(CAMBRIDGE, "St Mary", None), held(OXFORD, "St Mary", None), 0);
    check(held(OXFORD, "One name", None), held(OXFORD, "Another", None), 1);
}

fn told(findings: &Findings) -> String {
    let line = |conflict: &Conflict| {
        let by_name = if conflict.by_name { ", by name" } else { "" };
        let (kind, source) = (conflict.kind.name(), conflict.source.name());
        format!("{kind} ({source}{by_name}): {}\n", conflict.reason)
    };
    let aside = |one: &SetAside| format!("set aside: {}/ {}\n", line(&one.conflict), one.words);
    let conflicts = findings.conflicts.iter().map(line);
    conflicts.chain(findings.set_aside.iter().map(aside)).collect()
}

fn check(reviewer: ReviewerFacts, facts: ApplicationFacts, expected: &Expect) {
    let found = find(&[reviewer], &[facts], TERMS, at("2026-12-01"));
    expected.assert_eq(&found.map_or_else(|error| error.to_string(), |found| told(&found)));
}

#[test]
fn nobody_reviews_their_own_application() {
    let own = Somebody { person: Some(person(7)), ..Somebody::default() };
    check(
        reviewer(7),
        facts(vec![own]),
        &expect![[r#"
            own_application (found): is one of those who apply
        "#]],
    );
    // Somebody who was invited and has no account yet is known by their address.
    let invited = Somebody { addresses: vec![" Ada@Lab.example".to_owned()], ..named("A") };
    check(
        ReviewerFacts { addresses: vec!["ada@lab.example".to_owned()], ..reviewer(7) },
        facts(vec![invited]),
        &expect![[r#"
            own_application (found): is one of those who apply
        "#]],
    );
    check(
        ReviewerFacts { name: "Lovelace, Ada".to_owned(), ..reviewer(7) },
        facts(vec![named("A. Lovelace")]),
        &expect![[r#"
            own_application (found, by name): has the name of somebody who applies, A. Lovelace
        "#]],
    );
}

#[test]
fn an_institution_counts_for_some_years_after_it_ended() {
    let mut one = facts(Vec::new());
    one.affiliations = vec![held(OXFORD, "Oxford", None)];
    let with = |until: Option<&str>| ReviewerFacts {
        affiliations: vec![held(&format!("https://ror.org/{OXFORD}"), "Oxford", until)],
        ..reviewer(7)
    };
    check(
        with(None),
        one.clone(),
        &expect![[r#"
            institution (found): is at Oxford, as somebody who applies
        "#]],
    );
    check(
        with(Some("2023-12-02")),
        one.clone(),
        &expect![[r#"
            institution (found): was at Oxford, as somebody who applies, until 2023-12-02; the program counts 3 years
        "#]],
    );
    // Three years to the day are over.
    check(with(Some("2023-12-01")), one.clone(), &expect![[r#""#]]);
    check(
        with(Some("2027-01-01")),
        one.clone(),
        &expect![[r#"
            institution (found): is at Oxford, as somebody who applies
        "#]],
    );
    one.affiliations = vec![held(CAMBRIDGE, "Cambridge", None)];
    check(with(None), one, &expect![[r#""#]]);
}

#[test]
fn a_mail_domain_is_shared_with_those_above_and_below_it() {
    let with = |domain: &str| ReviewerFacts { domains: vec![domain.to_owned()], ..reviewer(7) };
    let mut one = facts(Vec::new());
    one.domains = vec!["cs.uni.example".to_owned()];
    let shared = &expect![[r#"
        mail_domain (found): has an address at `uni.example`, as somebody who applies has
    "#]];
    check(with("UNI.example"), one.clone(), shared);
    check(with("maths.uni.example"), one.clone(), &expect![[r#""#]]);
    check(with("mini.example"), one.clone(), &expect![[r#""#]]);
    one.domains = vec!["uni.example".to_owned()];
    check(with("maths.uni.example"), one.clone(), shared);
    check(
        with("badly uni"),
        one,
        &expect![[r#"
            read `badly uni` of person_070w3ge1r70w3ge1r70w3ge1r7 as a mail domain
            hint: one looks like `example.edu`"#]],
    );
}

#[test]
fn co_authors_are_recognised_from_both_sides() {
    let wrote = |name: &str, until: Option<&str>| ReviewerFacts {
        coauthors: vec![Coauthor { who: named(name), until: until.map(at) }],
        name: "Grace Hopper".to_owned(),
        ..reviewer(7)
    };
    check(
        wrote("Ada Lovelace", Some("2025-05-05")),
        facts(vec![named("Ada Lovelace")]),
        &expect![[r#"
            coauthor (declared, by name): has written with Ada Lovelace, who applies, until 2025-05-05; the program counts 2 years
        "#]],
    );
    check(
        wrote("Ada Lovelace", Some("2024-05-05")),
        facts(vec![named("Ada Lovelace")]),
        &expect![[r#""#]],
    );
    let mut one = facts(vec![named("Charles Babbage")]);
    one.coauthors = vec![named("G. Hopper")];
    check(
        wrote("Nobody Here", None),
        one,
        &expect![[r#"
            coauthor (found, by name): has the name of a co-author in the application, G. Hopper
        "#]],
    );
}

#[test]
fn what_a_reviewer_declares_holds_and_nobody_sets_it_aside() {
    let declares = |about: About| ReviewerFacts {
        declared: vec![Declared { about, words: "I advised her".to_owned() }],
        ..reviewer(7)
    };
    let mut one = facts(vec![Somebody { person: Some(person(3)), ..named("Ada") }]);
    one.affiliations = vec![held(OXFORD, "", Some("2001-01-01"))];
    let aside = Pin { reviewer: person(7), conflict: false, words: "no matter".to_owned() };
    one.pins = vec![aside];
    let known = Somebody { person: Some(person(3)), ..Somebody::default() };
    check(
        declares(About::Application(application(1))),
        one.clone(),
        &expect![[r#"
            declared (declared): declared a conflict: I advised her
        "#]],
    );
    check(
        declares(About::Person(known)),
        one.clone(),
        &expect![[r#"
            declared (declared): declared a conflict with Ada: I advised her
        "#]],
    );
    check(
        declares(About::Institution(OXFORD.to_owned())),
        one.clone(),
        &expect![[r#"
            declared (declared): declared a conflict with 052gg0110: I advised her
        "#]],
    );
    check(
        declares(About::Institution("Oxford".to_owned())),
        one,
        &expect![[r#"
            read `Oxford` of person_070w3ge1r70w3ge1r70w3ge1r7 as a ROR id
            hint: one looks like `052gg0110`"#]],
    );
}

#[test]
fn an_officer_pins_conflicts_and_sets_found_ones_aside() {
    let pin =
        |conflict, words: &str| Pin { reviewer: person(7), conflict, words: words.to_owned() };
    let mut one = facts(vec![named("Ada Lovelace")]);
    one.domains = vec!["uni.example".to_owned()];
    let with = ReviewerFacts {
        domains: vec!["uni.example".to_owned()],
        name: "Ada Lovelace".to_owned(),
        ..reviewer(7)
    };
    one.pins = vec![pin(false, "another Ada, and a campus of 40,000")];
    check(
        with.clone(),
        one.clone(),
        &expect![[r#"
            set aside: own_application (found, by name): has the name of somebody who applies, Ada Lovelace
            / another Ada, and a campus of 40,000
            set aside: mail_domain (found): has an address at `uni.example`, as somebody who applies has
            / another Ada, and a campus of 40,000
        "#]],
    );
    one.pins.push(pin(true, "they are married"));
    check(
        with,
        one,
        &expect![[r#"
        own_application (found, by name): has the name of somebody who applies, Ada Lovelace
        pinned (pinned): has a conflict, an officer says: they are married
        mail_domain (found): has an address at `uni.example`, as somebody who applies has
    "#]],
    );
    // That somebody applies themselves is no matter of opinion.
    let mut own = facts(vec![Somebody { person: Some(person(7)), ..Somebody::default() }]);
    own.pins = vec![pin(false, "fine")];
    check(
        reviewer(7),
        own,
        &expect![[r#"
        own_application (found): is one of those who apply
    "#]],
    );
}

#[test]
fn a_program_may_keep_applicants_from_reviewing() {
    let applies = ReviewerFacts { applies: true, ..reviewer(7) };
    let terms = Terms { applicants_review: false, ..TERMS };
    let found = |terms| {
        let one = [facts(vec![named("Ada Lovelace")])];
        told(&find(std::slice::from_ref(&applies), &one, terms, at("2026-12-01")).unwrap())
    };
    assert_eq!(found(TERMS), "");
    assert_eq!(found(terms), "also_applies (found): applies in the same round\n");
}

#[test]
fn who_is_listed_twice_is_refused() {
    let twice = find(&[reviewer(1), reviewer(1)], &[], TERMS, at("2026-12-01"));
    assert_eq!(twice, Err(FactError::ReviewerTwice(person(1))));
    let twice = find(&[], &[facts(Vec::new()), facts(Vec::new())], TERMS, at("2026-12-01"));
    assert_eq!(twice, Err(FactError::ApplicationTwice(application(1))));
}

prop_compose! {
    fn any_reviewer(number: u8)(
        name in "[AB]\\. (Ada|Bea)", domain in 0_u8..3, ror in 0_usize..3, until in 2020_i32..2028,
        applies: bool,
    ) -> ReviewerFacts {
        ReviewerFacts {
            name,
            domains: vec![format!("d{domain}.example")],
            affiliations: [OXFORD, CAMBRIDGE].get(ror).iter()
                .map(|ror| held(ror, "", Some(&format!("{until}-06-01")))).collect(),
            applies,
            ..reviewer(number)
        }
    }
}

prop_compose! {
    fn any_application(number: u8)(
        name in "(Ada|Bea) (Ada|Bea)", domain in 0_u8..3, ror in 0_usize..3,
        pins in prop::collection::vec((1_u8..5, any::<bool>(), "[xy]"), 0..4),
    ) -> ApplicationFacts {
        let pin = |(reviewer, conflict, words)| Pin { reviewer: person(reviewer), conflict, words };
        ApplicationFacts {
            application: application(number),
            domains: vec![format!("d{domain}.example")],
            affiliations: [OXFORD, CAMBRIDGE].get(ror).iter()
                .map(|ror| held(ror, "", None)).collect(),
            pins: pins.into_iter().map(pin).collect(),
            ..facts(vec![named(&name)])
        }
    }
}

proptest! {
    #[test]
    fn the_order_of_what_is_compared_does_not_matter(
        mut reviewers in (any_reviewer(1), any_reviewer(2), any_reviewer(3)),
        mut applications in (any_application(1), any_application(2), any_application(3)),
        applicants_review: bool,
    ) {
        let terms = Terms { applicants_review, ..TERMS };
        let now = at("2026-12-01");
        let one = find(&<[_; 3]>::from(reviewers.clone()), &<[_; 3]>::from(applications.clone()), terms, now);
        std::mem::swap(&mut reviewers.0, &mut reviewers.2);
        std::mem::swap(&mut applications.1, &mut applications.2);
        applications.0.pins.reverse();
        applications.1.pins.reverse();
        let other = find(&<[_; 3]>::from(reviewers), &<[_; 3]>::from(applications), terms, now);
        prop_assert_eq!(one, other);
    }

    #[test]
    fn a_longer_memory_never_loses_a_conflict(
        reviewer in any_reviewer(1), application in any_application(1), years in 0_u32..10,
    ) {
        let found = |institution_years| {
            let terms = Terms { institution_years, ..TERMS };
            let one = std::slice::from_ref(&application);
            let found = find(std::slice::from_ref(&reviewer), one, terms, at("2026-12-01"));
            found.unwrap().conflicts.iter().map(|one| one.kind).collect::<Vec<_>>()
        };
        let (short, long) = (found(years), found(years + 1));
        prop_assert!(short.iter().all(|kind| long.contains(kind)), "{short:?} {long:?}");
    }
}
