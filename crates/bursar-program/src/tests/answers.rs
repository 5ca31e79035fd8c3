//! Answers as people give them, and what they are told.

use std::collections::BTreeMap;

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::{good_answers, openai};
use crate::answers::{Occasion, check_answers};

/// The good answers with some replaced; an empty one is left out.
fn with(changes: &[(&str, &str)]) -> BTreeMap<String, String> {
    let mut answers = good_answers();
    for (field, answer) in changes {
        answers.insert((*field).to_owned(), (*answer).to_owned());
    }
    answers
}

fn check(changes: &[(&str, &str)], expected: Expect) {
    let said = match check_answers(&openai(), Occasion::First, &with(changes)) {
        Ok(answers) => format!("{:?}", answers.amount),
        Err(errors) => errors
            .iter()
            .map(|error| format!("{}: {}\n", error.field, error.message))
            .collect::<Vec<_>>()
            .concat(),
    };
    expected.assert_eq(&said);
}

#[test]
fn good_answers_are_tidied() {
    let answers = check_answers(&openai(), Occasion::First, &good_answers()).unwrap();
    let lines: Vec<String> =
        answers.values.iter().map(|(id, answer)| format!("{id}: {answer:?}\n")).collect();
    expect![[r#"
        affiliation: "University of Tartu"
        amount: "750.00"
        api_use: "About 20,000 calls to three model families."
        area: "fairness"
        corporate_sponsor: "no"
        country: "EE"
        limited_funding: "yes"
        purpose: "research"
        research_description: "We translate 200 prompts into 12 languages.\nThree raters."
        research_question: "Do refusals differ by the language of the request?"
        role: "phd_student"
    "#]]
    .assert_eq(&lines.concat());
    let again = check_answers(&openai(), Occasion::First, &answers.values).unwrap();
    assert_eq!(again, answers, "what was checked once passes again, unchanged");
}

#[test]
fn nothing_answered_is_told_of_every_question() {
    let errors = check_answers(&openai(), Occasion::First, &BTreeMap::new()).unwrap_err();
    let said: Vec<String> = errors.iter().map(|error| format!("{}\n", error.message)).collect();
    expect![[r#"
        Enter your research question
        Enter your research description
        Enter your planned use of the API
        Select your area of interest
        Select what the credit is for
        Enter your institutional affiliation
        Select your role
        Select your country
        Select yes if your funding is limited
        Select yes if a company sponsors this research
        Enter the amount of credit you ask for
    "#]]
    .assert_eq(&said.concat());
}

#[test]
fn limits_of_length_are_told() {
    let words = "word ".repeat(101);
    let endless = "x".repeat(2_001);
    let line = "y".repeat(201);
    check(
        &[("research_question", &words), ("affiliation", &line)],
        expect![[r#"
            research_question: Research question must be 100 words or fewer
        "#]],
    );
    check(
        &[("research_question", &endless)],
        expect![[r"
        research_question: Research question must be 2,000 characters or fewer
    "]],
    );
    check(&[("research_question", &"word ".repeat(100))], expect!["Some(Usd(750.00))"]);
}

#[test]
fn choices_and_stray_characters_are_refused() {
    check(
        &[
            ("area", "astrology"),
            ("country", "Estonia"),
            ("api_use", "ring\u{7}"),
            ("affiliation", "University\nof Tartu"),
            ("department", "a\tb"),
            ("shoe_size", "42"),
        ],
        expect![[r"
            api_use: Planned use of the API must not contain invisible control characters
            area: Select your area of interest
            affiliation: Institutional affiliation must be on one line
            department: Department must be on one line
            country: Select your country
            shoe_size: This form has no question `shoe_size`
        "]],
    );
}

#[test]
fn amounts_are_read_as_people_write_them() {
    check(&[("amount", "$1,000")], expect!["Some(Usd(1000.00))"]);
    check(&[("amount", "750.50")], expect!["Some(Usd(750.50))"]);
    check(
        &[("amount", "1,00")],
        expect![[r"
        amount: Amount must be in dollars and cents, like 750 or 750.50
    "]],
    );
    check(
        &[("amount", "0")],
        expect![[r"
        amount: Amount must be more than $0
    "]],
    );
    check(
        &[("amount", "-5")],
        expect![[r"
        amount: Amount must be more than $0
    "]],
    );
    check(
        &[("amount", "750.505")],
        expect![[r"
        amount: Amount must be in dollars and cents, like 750 or 750.50
    "]],
    );
    check(
        &[("amount", "about 700")],
        expect![[r"
        amount: Amount must be in dollars and cents, like 750 or 750.50
    "]],
    );
    check(
        &[("amount", "99999999999999999999")],
        expect![[r"
        amount: Amount must be in dollars and cents, like 750 or 750.50
    "]],
    );
}

#[test]
fn more_than_usual_takes_a_justification_and_has_an_end() {
    check(
        &[("amount", "1000.01")],
        expect![[r"
        justification: Explain why you need more than $1,000
    "]],
    );
    check(
        &[("amount", "1000.01"), ("justification", "Twelve languages.")],
        expect!["Some(Usd(1000.01))"],
    );
    check(
        &[("amount", "5000.01"), ("justification", "Twelve languages.")],
        expect![[r"
        amount: Amount must be $5,000 or less
    "]],
    );
}

proptest! {
    #[test]
    fn any_answers_are_taken_or_refused(
        field in "(research_question|area|affiliation|amount|country|justification|x)",
        answer in "\\PC{0,40}|[0-9,.$-]{0,12}|[\\x00-\\x20a-z]{0,30}",
    ) {
        let given = with(&[(&field, &answer)]);
        match check_answers(&openai(), Occasion::First, &given) {
            Ok(answers) => {
                prop_assert!(answers.amount.is_some_and(bursar_kernel::Usd::is_positive));
                let again = check_answers(&openai(), Occasion::First, &answers.values);
                prop_assert_eq!(again, Ok(answers));
            }
            Err(errors) => {
                prop_assert!(errors.iter().all(|error| !error.message.is_empty()));
                prop_assert!(errors.iter().any(|error| error.field == field
                    || error.field == "justification"));
            }
        }
    }
}
