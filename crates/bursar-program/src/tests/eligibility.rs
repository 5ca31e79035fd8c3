//! Who qualifies: a dozen people by name, with what each is told; and no yes by default.

use std::collections::BTreeMap;

use bursar_kernel::program::{Eligibility, EligibilityRule, Verdict};
use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::openai;
use crate::eligibility::{Standing, check, priority, questions};

fn answers(given: &str) -> BTreeMap<String, String> {
    let pairs = given.split_whitespace().filter_map(|pair| pair.split_once('='));
    pairs.map(|(field, answer)| (field.to_owned(), answer.to_owned())).collect()
}

/// People, one a line as `name: answers`, and what each is told.
fn told(people: &str, expected: Expect) {
    let mut lines = Vec::new();
    for line in people.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (name, given) = line.split_once(':').unwrap();
        let outcome = check(&openai(), &answers(given));
        lines.push(format!("{name}: {}", outcome.standing.name()));
        for finding in outcome.against() {
            lines.push(format!("    {}: {}", finding.field, finding.reason));
        }
    }
    expected.assert_eq(&lines.join("\n"));
}

#[test]
fn a_dozen_people_and_what_each_is_told() {
    told(
        "professor: role=faculty country=DE area=alignment purpose=research
         postdoc: role=postdoc country=JP area=fairness purpose=research
         doctoral student: role=phd_student country=KE area=misuse purpose=research
         graduate researcher: role=graduate_researcher country=BR area=robustness purpose=research
         member of a lab: role=research_organisation country=FR area=alignment purpose=research
         nonprofit, a study: role=nonprofit country=US area=societal_impact purpose=research
         nonprofit, its work: role=nonprofit country=US area=societal_impact purpose=operations
         nonprofit, its chatbot: role=nonprofit country=GB area=societal_impact purpose=chatbot
         professor, a product: role=faculty country=US area=alignment purpose=product
         company: role=company country=US area=alignment purpose=research
         by herself: role=individual country=CA area=interpretability purpose=research
         elsewhere: role=faculty country=elsewhere area=alignment purpose=research
         another subject: role=faculty country=SE area=other purpose=research
         by himself, elsewhere: role=individual country=elsewhere area=other purpose=chatbot
         half a form: role=faculty country=DE
         a role nobody thought of: role=astronaut country=DE area=alignment purpose=research
         nothing at all: ",
        expect![[r#"
            professor: eligible
            postdoc: eligible
            doctoral student: eligible
            graduate researcher: eligible
            member of a lab: flagged
                role: You belong to a research organisation, if your affiliation can be verified.
            nonprofit, a study: eligible
            nonprofit, its work: ineligible
                purpose: Credit is not awarded for operations or internal tools, at a nonprofit either.
            nonprofit, its chatbot: ineligible
                purpose: Credit is not awarded for a chatbot or assistant for one's own organisation.
            professor, a product: ineligible
                purpose: Credit is not awarded for the development of a product or service.
            company: ineligible
                role: Companies and startups are not eligible, and nor is the development of a product.
            by herself: flagged
                role: Individuals without an institution are generally not eligible.
            elsewhere: ineligible
                country: The API is not offered where you are based.
            another subject: flagged
                area: Your subject is outside the areas that the program names.
            by himself, elsewhere: ineligible
                purpose: Credit is not awarded for a chatbot or assistant for one's own organisation.
                country: The API is not offered where you are based.
                area: Your subject is outside the areas that the program names.
                role: Individuals without an institution are generally not eligible.
            half a form: unsaid
                area: This is not answered yet.
                purpose: This is not answered yet.
            a role nobody thought of: unsaid
                role: The rules do not say what this answer means.
            nothing at all: unsaid
                area: This is not answered yet.
                purpose: This is not answered yet.
                role: This is not answered yet.
                country: This is not answered yet."#]],
    );
}

#[test]
fn only_what_the_rules_need_is_asked() {
    let program = openai();
    let asked: Vec<&str> = questions(&program).iter().map(|field| field.id.as_str()).collect();
    assert_eq!(asked, ["area", "purpose", "role", "country"]);
}

#[test]
fn every_verdict_against_somebody_says_what_would_change_it() {
    for rule in openai().eligibility.rules {
        assert!(rule.verdict == Verdict::Eligible || rule.advice.is_some(), "{rule:?}");
    }
    assert!(openai().eligibility.ask.is_some());
}

#[test]
fn limited_funding_and_no_sponsor_count() {
    let of = |given: &str| {
        let points = priority(&openai(), &answers(given));
        (points.total, points.of, points.reasons.len())
    };
    assert_eq!(of("limited_funding=yes corporate_sponsor=no"), (3, 3, 2));
    assert_eq!(of("limited_funding=yes corporate_sponsor=yes"), (2, 3, 1));
    assert_eq!(of("limited_funding=no corporate_sponsor=no"), (1, 3, 1));
    assert_eq!(of(""), (0, 3, 0));
}

#[test]
fn a_program_without_rules_never_says_yes() {
    let mut program = openai();
    program.eligibility = Eligibility::default();
    assert_eq!(check(&program, &answers("role=faculty")).standing, Standing::Unsaid);
}

proptest! {
    #[test]
    fn a_yes_takes_a_rule_for_every_question(
        picks in proptest::collection::vec(any::<usize>(), 4),
        gone in any::<usize>(),
    ) {
        let mut program = openai();
        let mut given = BTreeMap::new();
        for (field, pick) in questions(&program).into_iter().zip(&picks) {
            let bursar_kernel::program::FieldKind::Choice { options } = &field.kind else {
                panic!("rules are about choices");
            };
            given.insert(field.id.clone(), options[pick % options.len()].0.clone());
        }
        let before = check(&program, &given);
        let names = |rule: &EligibilityRule| given.get(&rule.field).is_some_and(|answer| {
            rule.answers.contains(answer)
        });
        let matching: Vec<usize> = (0..program.eligibility.rules.len())
            .filter(|index| names(&program.eligibility.rules[*index]))
            .collect();
        prop_assert!(matching.len() == 4, "each answer of each question has its rule");
        // Without one of the rules that made it, it is no yes any more, and never becomes one.
        let rule = program.eligibility.rules.remove(matching[gone % 4]);
        let after = check(&program, &given);
        prop_assert_ne!(after.standing, Standing::Eligible);
        if rule.verdict == Verdict::Eligible {
            prop_assert!(before.standing <= after.standing);
        }
    }
}
