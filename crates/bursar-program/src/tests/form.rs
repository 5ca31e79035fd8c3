//! Forms in parts, with questions of each kind: what is asked, when it is done, what is wrong.

use std::collections::BTreeMap;

use bursar_kernel::Program;
use bursar_kernel::program::{Audience, Condition, FormField};
use bursar_toml::Document;
use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::openai;
use crate::answers::{Done, Occasion, advice, asked, check_answers, section};
use crate::{format, lint, read};

/// The program that ships, with the form that has a question of each kind.
fn program() -> Program {
    let document = Document::parse(format::FORM.0, format::FORM.1).unwrap();
    let form = read::form::form(document.root(), &[], None);
    Program {
        sections: form.sections,
        form: form.fields,
        justification_field: None,
        progress_field: None,
        ..openai()
    }
}

fn answers(given: &[(&str, &str)]) -> BTreeMap<String, String> {
    given.iter().map(|(id, answer)| ((*id).to_owned(), (*answer).to_owned())).collect()
}

fn good() -> BTreeMap<String, String> {
    let file = format!("{} pdf 9 plan.pdf", "0f".repeat(32));
    answers(&[
        ("title", "Refusals by language"),
        ("plan", "Ask, and count."),
        ("models", "image\ntext"),
        ("pictures", "lab.example"),
        ("items", "1,200"),
        ("begins", "2027-01-15"),
        ("amount", "750"),
        ("protocol", &file),
        ("organization", "org-1a2B3c4D"),
        ("email", "Chair@Lab.example"),
        ("orcid", "https://orcid.org/0000-0002-1825-0097"),
        ("humans", "no"),
    ])
}

fn said(given: &BTreeMap<String, String>) -> String {
    match check_answers(&program(), Occasion::First, given) {
        Ok(answers) => {
            let lines = answers.values.iter().map(|(id, it)| format!("{id}: {it:?}\n"));
            lines.collect::<Vec<_>>().concat()
        }
        Err(errors) => {
            let lines = errors.iter().map(|error| format!("{}: {}\n", error.field, error.message));
            lines.collect::<Vec<_>>().concat()
        }
    }
}

#[test]
fn an_answer_of_each_kind_is_taken_and_tidied() {
    let file = "0f".repeat(32);
    let text = said(&good()).replace(&file, "HASH");
    expect![[r#"
        amount: "750.00"
        begins: "2027-01-15"
        email: "Chair@lab.example"
        humans: "no"
        items: "1200"
        models: "text\nimage"
        orcid: "0000-0002-1825-0097"
        organization: "org-1a2B3c4D"
        pictures: "https://lab.example"
        plan: "Ask, and count."
        protocol: "HASH pdf 9 plan.pdf"
        title: "Refusals by language"
    "#]]
    .assert_eq(&text);
}

#[test]
fn an_answer_of_each_kind_is_refused_in_words_that_help() {
    let given = answers(&[
        ("title", "a\nb"),
        ("plan", &"word ".repeat(501)),
        ("models", "text\nimage\naudio"),
        ("pictures", "javascript:alert(1)"),
        ("items", "0"),
        ("begins", "2031-01-01"),
        ("amount", "a lot"),
        ("protocol", "<script>"),
        ("organization", "org-1"),
        ("email", "chair"),
        ("orcid", "0000-0002-1825-0098"),
        ("humans", "maybe"),
    ]);
    expect![[r#"
        title: Title must be on one line
        plan: Plan must be 500 words or fewer
        models: Select 2 or fewer for your kinds of models
        pictures: Source of the pictures must be a web address, like https://lab.example/project
        items: Number of items must be 1 or more
        begins: First day must be 2030-12-31 or earlier
        amount: Amount must be in dollars and cents, like 750 or 750.50
        protocol: Add your protocol
        organization: Enter an organization ID, like org-1a2B3c4D
        email: Supervisor's mail address must be a mail address, like name@university.example
        orcid: ORCID iD has a wrong digit: check it against your ORCID page
        humans: Select yes if people take part
    "#]]
    .assert_eq(&said(&given));
}

#[test]
fn a_question_whose_condition_does_not_hold_is_neither_asked_nor_sent() {
    let mut given = good();
    given.insert("models".into(), "text".into());
    given.insert("pictures".into(), "not an address".into());
    let sent = check_answers(&program(), Occasion::First, &given).unwrap();
    assert!(!sent.values.contains_key("pictures"));
    given.insert("models".into(), "image".into());
    assert!(check_answers(&program(), Occasion::First, &given).is_err(), "it is asked again");
}

#[test]
fn what_depends_on_what_is_not_asked_is_not_asked() {
    let mut program = program();
    let on = |field: &str, answers: &[&str]| {
        let answers = answers.iter().map(|answer| (*answer).to_owned()).collect();
        Some(Condition { field: field.to_owned(), answers })
    };
    let set = |program: &mut Program, id: &str, condition| {
        let field = program.form.iter_mut().find(|field| field.id == id).unwrap();
        field.show_if = condition;
    };
    set(&mut program, "models", on("humans", &["yes"]));
    let ids = |program: &Program, given: &BTreeMap<String, String>| -> Vec<String> {
        let asked = asked(program, Occasion::First, given);
        asked.iter().map(|field| field.id.clone()).collect()
    };
    let mut given = good();
    assert!(!ids(&program, &given).iter().any(|id| id == "models" || id == "pictures"));
    given.insert("humans".into(), "yes".into());
    assert!(ids(&program, &given).iter().any(|id| id == "pictures"));
    // A circle, which no reader takes, ends all the same.
    set(&mut program, "humans", on("pictures", &["x"]));
    assert!(!ids(&program, &given).iter().any(|id| id == "humans"));
}

#[test]
fn a_section_is_done_once_what_it_asks_is_there_and_fits() {
    let program = program();
    let done = |given: &BTreeMap<String, String>, id: &str| {
        section(&program, Occasion::First, id, given).map(|(done, errors)| (done, errors.len()))
    };
    assert_eq!(done(&answers(&[]), "people"), Some((Done::Nothing, 3)));
    assert_eq!(done(&answers(&[("humans", "no")]), "people"), Some((Done::Part, 2)));
    assert_eq!(done(&good(), "people"), Some((Done::All, 0)));
    assert_eq!(done(&good(), "study"), Some((Done::All, 0)));
    assert_eq!(done(&good(), "elsewhere"), None);
    let openai = openai();
    let none = answers(&[]);
    let progress = |occasion| section(&openai, occasion, "progress", &none).map(|(done, _)| done);
    assert_eq!(progress(Occasion::First), None, "there is nothing to report");
    assert_eq!(progress(Occasion::AfterGrant), Some(Done::Nothing));
}

#[test]
fn what_is_longer_than_advised_is_taken_with_a_word() {
    let program = program();
    let field = |id: &str| program.form.iter().find(|field| field.id == id).unwrap();
    let plan = "word ".repeat(301);
    let says = advice(field("plan"), &plan);
    assert_eq!(says.as_deref(), Some("300 words are advised; this has 301."));
    assert_eq!(advice(field("plan"), "word"), None);
    assert_eq!(advice(field("title"), &"é".repeat(80)), None);
    assert!(advice(field("title"), &"é".repeat(81)).is_some());
    assert_eq!(advice(field("items"), &plan), None);
}

#[test]
fn answers_are_read_by_those_they_are_meant_for() {
    let program = program();
    let readers = |who| -> Vec<&str> {
        let hidden = program.form.iter().filter(|field| !field.visible_to.has(who));
        hidden.map(|field| field.id.as_str()).collect()
    };
    assert_eq!(readers(Audience::Reviewer), ["email", "orcid"]);
    assert!(readers(Audience::Officer).is_empty() && readers(Audience::Applicant).is_empty());
}

/// The form with some of its text replaced, and what is said of it.
fn broken(changes: &[(&str, &str)], expected: Expect) {
    let mut text = format::FORM.1.to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "`{from}` is not in the form");
        text = text.replacen(from, to, 1);
    }
    let document = Document::parse("p.toml", &text).unwrap();
    read::form::form(document.root(), &[], None);
    let said = document.finish(None::<()>).map_or_else(|all| all.to_string(), |()| String::new());
    let about_the_form = said.lines().filter(|line| !line.contains("missing key"));
    expected.assert_eq(&about_the_form.collect::<Vec<_>>().join("\n"));
}

#[test]
fn what_does_not_fit_in_a_form_is_found() {
    broken(
        &[
            ("show_if = \"models\"", "show_if = \"modles\""),
            ("visible_to = [\"applicant\", \"officer\"]", "visible_to = [\"officer\"]"),
            ("pattern = \"org-[A-Za-z0-9]{8,32}\"", "pattern = \"org-[\""),
            ("section = \"people\"", "section = \"poeple\""),
            ("least = 1\nmost = 1000000", "least = 5\nmost = 1"),
            ("to = 2030-12-31", "to = 2025-12-31"),
            ("\"csv\"]", "\"exe\"]"),
            ("advised_max = 80", "advised_max = 900"),
            ("id = \"people\"", "id = \"study\""),
        ],
        expect![[r#"
            p.toml:10:6: section `study` stands twice
            hint: rename one of the two
            p.toml:21:15: `advised_max` is 900, and no more than 200 is taken
            hint: advise less than the limit, or remove the key
            p.toml:48:11: the form has no question `modles`
            hint: did you mean `models`?
            p.toml:58:8: no number is from `least` to `most`
            hint: swap the two
            p.toml:67:6: no day is from `from` to `to`
            hint: swap the two
            p.toml:82:40: `types` cannot be "exe"
            hint: use one of `pdf`, `png`, `jpeg`, `text`, `csv`
            p.toml:89:11: there is no section `poeple`
            hint: add a [[section]] of that id
            p.toml:94:11: `pattern` is no regular expression: unclosed character class
            hint: mend it
            p.toml:99:11: there is no section `people`
            hint: add a [[section]] of that id
            p.toml:104:14: nobody could answer what applicants do not see
            hint: add "applicant": whoever answers reads the answer
            p.toml:108:11: there is no section `people`
            hint: add a [[section]] of that id
            p.toml:118:11: there is no section `people`
            hint: add a [[section]] of that id
            p.toml:126:11: there is no section `people`
            hint: add a [[section]] of that id"#]],
    );
    broken(
        &[(
            "kind = \"choices\"",
            "kind = \"choices\"\nshow_if = \"models\"\nshow_if_answers = [\"image\"]",
        )],
        expect![[r#"
            p.toml:39:11: `models` is asked only where it is answered already
            hint: break the circle of `show_if`"#]],
    );
    broken(
        &[
            ("show_if_answers = [\"image\"]", "show_if_answers = [\"video\"]"),
            ("name = \"title\"", "name = \"title\"\nshow_if = \"items\""),
            ("name = \"plan\"", "name = \"plan\"\nshow_if_answers = [\"a\"]"),
        ],
        expect![[r#"
            p.toml:19:11: `items` is not a choice
            hint: conditions are about choices only
            p.toml:19:11: this condition can never hold
            hint: add `show_if_answers`: the answers that make this question asked
            p.toml:29:19: answers to no question
            hint: add `show_if` with the question's id
            p.toml:51:20: `models` has no option `video`
            hint: use the value of an option, not its label"#]],
    );
}

#[test]
fn a_form_that_cannot_be_meant_is_told() {
    let text = |from: &str, to: &str| {
        let text = crate::SHIPPED[0].1;
        assert!(text.contains(from));
        text.replacen(from, to, 1)
    };
    let check = |text: String, expected: Expect| {
        let now = "2026-11-30T12:00:00Z".parse().unwrap();
        let catalog = bursar_catalog::shipped();
        let (_, found) = lint::lint("p.toml", &text, &catalog, now).unwrap();
        let lines = found.iter().filter(|found| {
            found.diagnostic.message.contains("department")
                || found.diagnostic.message.contains("amount")
        });
        let lines: Vec<String> =
            lines.map(|it| format!("{}: {}", it.gravity.name(), it.diagnostic.message)).collect();
        expected.assert_eq(&lines.join("\n"));
    };
    let name = "name = \"department\"";
    check(
        text(name, "name = \"department\"\nvisible_to = [\"applicant\"]\npii = true"),
        expect!["contradiction: `department` is asked, and nobody who decides may see it"],
    );
    check(
        text(name, "name = \"department\"\npii = true"),
        expect!["remark: `department` is about a person, and reviewers read it"],
    );
    check(
        text(name, "name = \"department\"\nshow_if = \"role\"\nshow_if_answers = [\"company\"]"),
        expect![[r#"
            contradiction: `department` is asked only of those whose answer to `role` excludes them
            remark: `department` is decided by `role`, which is asked after it"#]],
    );
    check(
        text("name = \"amount\"", "name = \"amount\"\nvisible_to = [\"applicant\", \"reviewer\"]"),
        expect!["contradiction: officers decide by `amount`, and may not see it"],
    );
}

proptest! {
    /// Whatever is answered: only what is asked is sent, and what is sent passes again.
    #[test]
    fn what_passes_passes_again(picks in proptest::collection::vec(
        proptest::option::of("\\PC{0,40}"), 12), keep in proptest::collection::vec(any::<bool>(), 12)
    ) {
        let program = program();
        let good = good();
        let field = |(field, (pick, keep)): (&FormField, (&Option<String>, &bool))| {
            let answer = if *keep { good.get(&field.id).cloned() } else { pick.clone() };
            answer.map(|answer| (field.id.clone(), answer))
        };
        let given: BTreeMap<String, String> =
            program.form.iter().zip(picks.iter().zip(&keep)).filter_map(field).collect();
        if let Ok(sent) = check_answers(&program, Occasion::First, &given) {
            let ids: Vec<&str> = asked(&program, Occasion::First, &given)
                .iter().map(|field| field.id.as_str()).collect();
            prop_assert!(sent.values.keys().all(|id| ids.contains(&id.as_str())));
            let again = check_answers(&program, Occasion::First, &sent.values);
            prop_assert_eq!(again, Ok(sent));
        }
    }
}
