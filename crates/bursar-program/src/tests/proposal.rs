//! Advice on proposals: thin ones are told what would help, good ones are left alone.

use std::collections::BTreeMap;

use expect_test::{Expect, expect};

use super::openai;
use crate::proposal::check;

const METHOD: &str = "\
    We translate 200 prompts into 12 languages, ask each of three models for five samples, and two \
    raters label every answer as a refusal or not. We compare the rate of refusals between \
    languages and estimate the difference with a mixed model, by topic and by model.";
const NEED: &str = "\
    36,000 calls to gpt-4.1-mini and gpt-5-mini, which are the models that the studied services \
    use: open models cannot stand in, because the refusals are those of the served ones.";

fn told(given: &[(&str, &str)], expected: Expect) {
    let given = given.iter().map(|(field, answer)| ((*field).to_owned(), (*answer).to_owned()));
    let given: BTreeMap<String, String> = given.collect();
    let lines = check(&openai(), &given).into_iter().map(|point| {
        format!("{} {}: {}", if point.found { "+" } else { "-" }, point.id, point.says)
    });
    expected.assert_eq(&lines.collect::<Vec<_>>().join("\n"));
}

#[test]
fn a_good_proposal_is_left_alone() {
    told(
        &[
            ("research_question", "Do refusals differ by the language of the request?"),
            ("research_description", METHOD),
            ("api_use", NEED),
            ("limited_funding", "yes"),
            ("amount", "750"),
        ],
        expect![[r#"
            + question: It asks something that a study could answer.
            + method: It says what is done, with how many, and what is measured.
            + need: It names models and calls, and gives a reason.
            + funding: You say so, and it counts in your favour.
            + amount: It is within what the program awards, and the plan has figures behind it."#]],
    );
}

#[test]
fn a_thin_proposal_is_told_what_would_help() {
    told(
        &[
            ("research_question", "I want to study AI."),
            ("research_description", "We will look at many things."),
            ("api_use", "For our project."),
            ("amount", "3,000"),
        ],
        expect![[r#"
            - question: Put it as a question that a study could answer, with a question mark.
            - method: It would help to describe the steps in some sentences; to say how many: items, prompts, people, weeks; to say what you measure or compare.
            - need: It would help to say why the study needs the API, and what would be impossible without it; to name the models; to say roughly how many calls.
            - funding: Say whether funding is limited: if it is, it counts in your favour.
            - amount: More than $1,000 takes a reason: what makes the project larger."#]],
    );
    told(
        &[],
        expect![[r#"
        - question: Put it as a question that a study could answer, with a question mark.
        - method: It would help to describe the steps in some sentences; to say how many: items, prompts, people, weeks; to say what you measure or compare.
        - need: It would help to say why the study needs the API, and what would be impossible without it; to name the models; to say roughly how many calls.
        - funding: Say whether funding is limited: if it is, it counts in your favour.
        - amount: Say how much you ask for."#]],
    );
}

#[test]
fn a_larger_amount_takes_a_reason() {
    told(
        &[
            ("research_question", "Do refusals differ by the language of the request?"),
            ("research_description", METHOD),
            ("api_use", NEED),
            ("limited_funding", "no"),
            ("amount", "$3,000"),
            (
                "justification",
                "Eleven services in five countries take part, each with prompts and raters of its \
                 own; a smaller sample could not tell a difference from chance.",
            ),
        ],
        expect![[r#"
            + question: It asks something that a study could answer.
            + method: It says what is done, with how many, and what is measured.
            + need: It names models and calls, and gives a reason.
            + funding: You say that it is not limited. If it is after all, say so: it counts in your favour.
            + amount: It is within what the program awards, and the plan has figures behind it."#]],
    );
}
