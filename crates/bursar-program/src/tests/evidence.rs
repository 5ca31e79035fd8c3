//! What has to be shown: how it is read, what is wrong with it, and what it changes.

use std::collections::BTreeMap;

use bursar_kernel::program::{EvidenceKind, Verdict};
use bursar_kernel::{Program, Timestamp};
use proptest::prelude::*;

use super::catalog;
use crate::eligibility::{Standing, check, check_with};
use crate::evidence::{Evidence, Shown, in_words, ways, weigh};
use crate::lint::lint;
use crate::{SHIPPED, read};

const TERMS: &str = r#"
[eligibility.evidence]
shows = "an affiliation with a university"
to_submit = "likely"
to_award = "shown"
academic = ["Lab.Example"]
not = ["spin.lab.example"]
level = [{ id = "likely", label = "Likely" }, { id = "shown", label = "Shown" }]
accept = [
    { kind = "mail_domain", level = "likely", months = 12 },
    { kind = "sponsor", level = "shown", months = 6 },
    { kind = "officer", level = "shown", months = 24 },
]
"#;

/// The program that ships first, with these terms in place of its own.
fn text(terms: &str) -> String {
    let shipped = SHIPPED[0].1;
    let (before, rest) = shipped.split_once("\n[eligibility.evidence]").expect("its own terms");
    let (_, after) = rest.split_once("\n[[eligibility.priority]]").expect("what follows them");
    let text = format!("{before}\n[[eligibility.priority]]{after}\n{terms}");
    let (assumption, own) = ("about = \"eligibility.evidence\"", "evidence = \"shown\"\n");
    text.replacen(own, "", 1).replacen(assumption, "about = \"form\"", 1)
}

fn program(terms: &str) -> Program {
    read("p.toml", &text(terms), catalog()).expect("it is read")
}

fn wrong(terms: &str) -> String {
    read("p.toml", &text(terms), catalog()).expect_err("it is wrong").to_string()
}

fn contradictions(terms: &str) -> String {
    let (_, found) = lint("p.toml", &text(terms), catalog(), now()).expect("it is read");
    let lines: Vec<String> = found.iter().map(|found| found.diagnostic.to_string()).collect();
    lines.join("\n")
}

fn shown(kind: EvidenceKind, since: &str) -> Shown {
    Shown { kind, says: "x".to_owned(), since: since.parse().expect("an instant") }
}

#[test]
fn terms_are_read_with_their_levels_in_order() {
    let program = program(TERMS);
    let terms = program.eligibility.evidence.expect("there are terms");
    assert_eq!((terms.to_submit, terms.to_award), (Some(0), Some(1)));
    assert_eq!(terms.label(1), "Shown");
    assert_eq!(terms.domains.academic, ["lab.example"]);
    assert_eq!(terms.domains.refused, ["spin.lab.example"]);
    let sponsor = terms.of(EvidenceKind::Sponsor).expect("accepted");
    assert_eq!((sponsor.level, sponsor.months), (1, 6));
    assert_eq!(terms.of(EvidenceKind::Document), None);
    let words = in_words(&ways(&terms, 1));
    assert_eq!(words, "the word of somebody at the institution, or an officer's own word");
}

#[test]
fn every_mistake_is_told() {
    let said = wrong(
        &TERMS
            .replace("to_award = \"shown\"", "to_award = \"showm\"")
            .replace("months = 12", "months = 0")
            .replace("\"sponsor\"", "\"sponsors\"")
            .replace("not = [\"spin.lab.example\"]", "not = [\"lab.example\", \"*.edu\"]"),
    );
    for part in [
        "there is no level `showm`\nhint: did you mean `shown`?",
        "`months`",
        "did you mean \"sponsor\"?",
        "`lab.example` stands there twice",
        "`*.edu` is not a domain",
    ] {
        assert!(said.contains(part), "{part} is missing from:\n{said}");
    }
}

#[test]
fn what_cannot_be_meant_is_found() {
    assert_eq!(contradictions(TERMS), contradictions(""), "the terms are sound");
    let found = |from: &str, to: &str| contradictions(&TERMS.replace(from, to));
    let dull = found("level = \"shown\"", "level = \"likely\"");
    assert!(dull.contains("nothing that is accepted reaches \"Shown\""), "{dull}");
    let short = found("level = \"likely\", months = 12", "level = \"likely\", months = 3");
    assert!(short.contains("`mail_domain` is believed for 3 months"), "{short}");
    assert!(short.contains("let `months` be 4 at the least"), "{short}");
    let late = found("to_submit = \"likely\"", "to_submit = \"shown\"")
        .replace("kind = \"sponsor\", level = \"shown\"", "kind = \"sponsor\", level = \"likely\"");
    assert!(!late.contains("only an officer's word"), "a sponsor reaches it: {late}");
    let late =
        contradictions(&TERMS.replace("to_submit = \"likely\"", "to_submit = \"shown\"").replace(
            "kind = \"sponsor\", level = \"shown\"",
            "kind = \"sponsor\", level = \"likely\"",
        ));
    assert!(late.contains("only an officer's word reaches \"Shown\""), "{late}");
    let less = contradictions(
        &TERMS
            .replace("to_submit = \"likely\"", "to_submit = \"shown\"")
            .replace("to_award = \"shown\"", "to_award = \"likely\""),
    );
    assert!(less.contains("less has to be shown to be awarded"), "{less}");
}

#[test]
fn evidence_is_believed_for_so_many_months_and_not_a_moment_longer() {
    let program = program(TERMS);
    let sponsor = || vec![shown(EvidenceKind::Sponsor, "2026-08-31T10:00:00Z")];
    let at = |instant: &str| {
        let now: Timestamp = instant.parse().expect("an instant");
        weigh(&program, sponsor(), now)
    };
    assert_eq!(at("2026-08-31T10:00:00Z").level, Some(1));
    assert_eq!(at("2027-02-28T09:59:59.999Z").level, Some(1), "a short month is its last day");
    assert_eq!(at("2027-02-28T10:00:00Z").level, None);
    assert_eq!(at("2026-08-31T09:59:59.999Z").level, None, "not before it was shown");
    let document = vec![shown(EvidenceKind::Document, "2026-08-31T10:00:00Z")];
    let refused = weigh(&program, document, "2026-09-01T00:00:00Z".parse().expect("an instant"));
    assert_eq!((refused.level, refused.shown[0].level), (None, None), "it is not accepted");
}

#[test]
fn a_rule_can_wait_for_evidence() {
    let mut program = program(TERMS);
    let rule = program
        .eligibility
        .rules
        .iter_mut()
        .find(|rule| rule.verdict == Verdict::Eligible)
        .expect("there is one");
    rule.evidence = Some(1);
    let answers = BTreeMap::from([(rule.field.clone(), rule.answers[0].clone())]);
    let field = rule.field.clone();
    let of = |evidence: &Evidence| {
        let outcome = check_with(&program, &answers, evidence);
        let finding = outcome.findings.into_iter().find(|finding| finding.field == field);
        let finding = finding.expect("it is found");
        (finding.standing, finding.evidence.map(|needed| (needed.is_shown, needed.ways.len())))
    };
    assert_eq!(of(&Evidence::default()), (Standing::Flagged, Some((false, 2))));
    let likely = Evidence { level: Some(0), ..Evidence::default() };
    assert_eq!(of(&likely).0, Standing::Flagged);
    let enough = Evidence { level: Some(1), ..Evidence::default() };
    assert_eq!(of(&enough), (Standing::Eligible, Some((true, 2))));
    assert_eq!(check(&program, &answers), check_with(&program, &answers, &Evidence::default()));
}

#[test]
fn evidence_changes_no_exclusion() {
    let rule = "[[eligibility.rule]]\nfield = \"role\"\nanswers = [\"other\"]\n\
                verdict = \"ineligible\"\nreason = \"No.\"\nevidence = \"shown\"\n";
    let said = wrong(&format!("{rule}{TERMS}"));
    assert!(said.contains("no evidence changes an exclusion"), "{said}");
    let said = wrong(&rule.replace("ineligible", "flagged"));
    assert!(said.contains("no level has a name here"), "{said}");
}

proptest! {
    /// More evidence never makes anybody worse off, and none of it makes an exclusion less.
    #[test]
    fn more_evidence_never_hurts(less in 0..3_usize, more in 0..3_usize, pick in any::<u8>()) {
        let mut program = program(TERMS);
        for (rule, number) in program.eligibility.rules.iter_mut().zip(0_u32..) {
            let waits = rule.verdict != Verdict::Ineligible && pick >> (number % 8) & 1 == 1;
            rule.evidence = waits.then_some(1);
        }
        let level = |level: usize| Evidence { level: level.checked_sub(1), ..Evidence::default() };
        let (low, high) = (level(less.min(more)), level(less.max(more)));
        for rule in &program.eligibility.rules {
            for answer in &rule.answers {
                let answers = BTreeMap::from([(rule.field.clone(), answer.clone())]);
                let of = |evidence: &Evidence| check_with(&program, &answers, evidence);
                for (before, after) in of(&low).findings.iter().zip(of(&high).findings) {
                    prop_assert!(after.standing <= before.standing);
                    let excluded = before.standing == Standing::Ineligible;
                    prop_assert_eq!(excluded, after.standing == Standing::Ineligible);
                }
            }
        }
    }
}

fn now() -> Timestamp {
    "2026-12-01T00:00:00Z".parse().expect("an instant")
}
