//! Program files, sound and broken; what their calendars and forms say.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use bursar_kernel::program::{Cadence, FieldKind, LeadTime, Term, TermLength, TermStart};
use bursar_kernel::{Catalog, ModelId, Program, TransferPolicy};

use crate::shipped;

mod answers;
mod broken;
mod calendar;
mod changes;
mod eligibility;
mod evidence;
mod form;
mod lint;
mod proposal;
mod random;
mod tiers;

/// The catalog that ships, read once.
fn catalog() -> &'static Catalog {
    static CATALOG: LazyLock<Catalog> = LazyLock::new(bursar_catalog::shipped);
    &CATALOG
}

/// The program that ships first, read once for all tests.
fn openai() -> Program {
    static OPENAI: LazyLock<Program> =
        LazyLock::new(|| shipped(&bursar_catalog::shipped()).remove(0));
    OPENAI.clone()
}

/// What somebody with a strong case would answer.
fn good_answers() -> BTreeMap<String, String> {
    [
        ("research_question", "Do refusals differ by the language of the request?"),
        ("research_description", "We translate 200 prompts into 12 languages.\r\nThree raters."),
        ("api_use", "About 20,000 calls to three model families."),
        ("area", "fairness"),
        ("purpose", "research"),
        ("affiliation", "  University of Tartu "),
        ("role", "phd_student"),
        ("country", "EE"),
        ("limited_funding", "yes"),
        ("corporate_sponsor", "no"),
        ("amount", "$750"),
    ]
    .map(|(field, answer)| (field.to_owned(), answer.to_owned()))
    .into()
}

#[test]
fn the_program_that_ships_says_what_its_provider_says() {
    let program = openai();
    assert_eq!(program.id.as_str(), "openai-researcher-access");
    assert_eq!(program.award.typical_max, "1000".parse().unwrap());
    let above = program.award.above_typical.unwrap();
    assert!(above.second_approver && program.award.typical_max < above.max);
    let term = Term { length: TermLength::Months(12), from: TermStart::Delivery };
    assert_eq!(program.term, Some(term));
    assert_eq!(program.review.cadence, Cadence::Months(vec![3, 6, 9, 12]));
    assert_eq!(program.delivery, Some(LeadTime { days_min: 28, days_max: 42 }));
    assert_eq!(program.transfer_policy, TransferPolicy::Pool);
    assert_eq!(program.card.unwrap().hold, "5".parse().unwrap());
    let limited: Vec<_> = program.entitlements.limited_models.iter().map(ModelId::as_str).collect();
    assert_eq!(limited, ["gpt-5", "gpt-5.1"]);
    let policies: Vec<_> = program.policies.iter().map(|policy| policy.id.as_str()).collect();
    assert_eq!(policies, ["usage", "sharing"]);
    assert!(160 <= program.countries.supported.len());
    assert_eq!(program.reapplication.resubmissions_max, None);
    assert!(program.reapplication.progress_needed);
    assert!(program.assumptions.iter().any(|assumption| assumption.about == "review.zone"));
}

#[test]
fn its_form_asks_what_the_providers_form_asks() {
    let form: Vec<String> = openai()
        .form
        .iter()
        .map(|field| {
            let kind = match &field.kind {
                FieldKind::Line { characters_max, .. } => format!("line of {characters_max}"),
                FieldKind::Text { words_max, .. } => format!("text of {words_max} words"),
                FieldKind::Choice { options } => format!("one of {}", options.len()),
                FieldKind::Amount => "amount".to_owned(),
                FieldKind::Choices { .. }
                | FieldKind::Date { .. }
                | FieldKind::Number { .. }
                | FieldKind::Email
                | FieldKind::Web
                | FieldKind::Orcid
                | FieldKind::Institution
                | FieldKind::Attachment { .. } => format!("{:?}", field.kind),
            };
            let optional = if field.optional { ", optional" } else { "" };
            format!("{}: {kind}{optional}; {}\n", field.id, field.missing)
        })
        .collect();
    expect_test::expect![[r#"
        research_question: text of 100 words; Enter your research question
        research_description: text of 800 words; Enter your research description
        api_use: text of 400 words; Enter your planned use of the API
        area: one of 8; Select your area of interest
        purpose: one of 4; Select what the credit is for
        affiliation: Institution; Enter your institutional affiliation
        department: line of 200, optional; Enter your department
        role: one of 8; Select your role
        country: one of 189; Select your country
        limited_funding: one of 2; Select yes if your funding is limited
        corporate_sponsor: one of 2; Select yes if a company sponsors this research
        amount: amount; Enter the amount of credit you ask for
        justification: text of 300 words, optional; Enter your justification
        progress: text of 400 words; Enter what the research has come to so far
    "#]]
    .assert_eq(&form.concat());
}

#[test]
fn every_role_is_told_whether_it_qualifies() {
    let program = openai();
    let role = program.form.iter().find(|field| field.id == "role").unwrap();
    let FieldKind::Choice { options } = &role.kind else { panic!("the role is a choice") };
    for (value, label) in options {
        let rules = program.eligibility.rules.iter();
        let about = rules.filter(|rule| rule.field == "role" && rule.answers.contains(value));
        assert_eq!(about.count(), 1, "{label}");
    }
}
