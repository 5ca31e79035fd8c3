//! Files that can be read and cannot be meant.

use std::collections::BTreeMap;

use bursar_kernel::Program;
use bursar_kernel::program::{FieldKind, FormField, Verdict};
use expect_test::{Expect, expect};

use crate::answers::{Occasion, check_answers};
use crate::eligibility::Standing;
use crate::lint::{Gravity, lint};
use crate::{EXAMPLES, SHIPPED, calendar, editions, eligibility, guide, shipped};

const NOW: &str = "2026-11-30T12:00:00Z";

/// The program that ships, with some of its text replaced.
fn changed(changes: &[(&str, &str)]) -> String {
    let mut text = SHIPPED[0].1.to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "`{from}` is not in the file");
        text = text.replacen(from, to, 1);
    }
    text
}

/// What is found in it, each with how grave it is.
fn check(changes: &[(&str, &str)], on: &str, expected: Expect) {
    let (text, now) = (changed(changes), on.parse().unwrap());
    let (_, found) = lint("p.toml", &text, &bursar_catalog::shipped(), now).unwrap();
    let said = found.iter().map(|one| format!("{}: {}\n", one.gravity.name(), one.diagnostic));
    expected.assert_eq(&said.collect::<String>());
}

#[test]
fn nothing_that_ships_contradicts_itself() {
    for (name, text) in SHIPPED.into_iter().chain(EXAMPLES) {
        let now = NOW.parse().unwrap();
        let (_, found) = lint(name, text, &bursar_catalog::shipped(), now).unwrap();
        assert!(found.iter().all(|one| one.gravity == Gravity::Remark), "{name}: {found:?}");
    }
}

#[test]
fn a_model_that_ends_before_credit_arrives_is_told_with_its_successor() {
    check(
        &[],
        "2026-11-30T12:00:00Z",
        expect![[r#"
            remark: p.toml:58:1: `gpt-5` is shut down on 2026-12-11, before credit of the next round arrives, at the earliest on 2027-01-29
            hint: name `gpt-6.1-sol`, which follows it
        "#]],
    );
    // While credit can still arrive before, it is of use.
    check(&[], "2026-08-30T12:00:00Z", expect![[r#""#]]);
}

#[test]
fn rules_that_leave_out_contradict_or_exclude_everybody_are_found() {
    check(
        &[
            // Somebody takes a rule out, names an answer twice, and turns the last yes into a no.
            ("answers = [\"individual\"]", "answers = [\"company\"]"),
            (
                "answers = [\"research\"]\nverdict = \"eligible\"",
                "answers = [\"research\"]\nverdict = \"ineligible\"",
            ),
        ],
        "2026-08-30T12:00:00Z",
        expect![[r#"
            contradiction: p.toml:291:15: no answer to `purpose` qualifies
            hint: let one of them be "eligible" or "flagged"
            contradiction: p.toml:291:15: no rule says what "Independent researcher, without an institution" means for `role`
            hint: add a rule with answers = ["individual"]
            contradiction: p.toml:291:15: two rules contradict each other on `role`: "Employee or founder of a company"
            hint: keep `company` in one of them
        "#]],
    );
}

#[test]
fn what_the_form_the_guide_and_the_tiers_promise_is_there() {
    check(
        &[
            ("words_max = 300\noptional = true", "words_max = 300"),
            (
                "# No `resubmissions_max`: a declined application may come back as often as it likes.",
                "resubmissions_max = 0",
            ),
            ("as_of = 2026-08-05", "as_of = 2027-08-05"),
            ("version = \"2025-10-29\"", "version = \"2028-10-29\""),
            (
                "small = { requests_per_minute = 30_000, tokens_per_minute = 150_000_000 }",
                "small = { requests_per_minute = 400, tokens_per_minute = 150_000_000 }",
            ),
        ],
        "2026-08-30T12:00:00Z",
        expect![[r#"
            contradiction: p.toml:29:1: `justification` is asked of everybody, also of who asks for less
            hint: add `optional = true` to the question
            contradiction: p.toml:94:1: the list of countries was taken on 2027-08-05, which is to come
            hint: write the day on which it was taken
            contradiction: p.toml:650:3: policy `usage` is accepted in its edition of 2028-10-29, which is to come
            hint: name the edition that holds
            contradiction: p.toml:714:9: "If you are declined, come back with more detail; there is no limit to how often.": no declined application may come back: `resubmissions_max` is 0
            hint: remove the advice, or its `tool`
            contradiction: p.toml:963:3: tier `tier-5` gives less than `tier-1` in class `small`: requests_per_minute
            hint: tiers stand in order, the slowest first
        "#]],
    );
}

#[test]
fn windows_that_never_open_and_credit_that_ends_before_it_arrives_are_found() {
    let months = "months = [3, 6, 9, 12]\nzone = \"UTC\"";
    check(
        &[
            (months, "zone = \"UTC\"\n\n[[review.call]]\ncloses = 2026-06-30"),
            (
                "[award.above_typical]",
                "[[award.kind]]\nlabel = \"Companies\"\nfield = \"role\"\nanswers = [\"company\"]\ntypical_max = \"1\"\n\n[[award.kind]]\nlabel = \"Firms\"\nfield = \"role\"\nanswers = [\"company\", \"faculty\"]\ntypical_max = \"1\"\n\n[award.above_typical]",
            ),
        ],
        "2026-08-30T12:00:00Z",
        expect![[r#"
            remark: p.toml:7:1: it can be listed and not run: it does not say review
            hint: say them, if somebody is to apply here
            contradiction: p.toml:26:9: "Companies" have an amount, and none of them qualifies
            hint: let a rule of eligibility take them, or remove the kind
            contradiction: p.toml:26:9: "Companies" and "Firms" share an answer to `role`
            hint: keep it with one of them
            contradiction: p.toml:54:10: nobody can apply any more: the last call closed on 2026-06-30
            hint: add a call, or say status = "paused" or "discontinued"
        "#]],
    );
    check(
        &[
            ("months = 12", "days = 30\nfrom = \"decision\""),
            ("version = 4", "version = 4\nstatus = \"forecast\""),
        ],
        "2026-08-30T12:00:00Z",
        expect![[r#"
            remark: p.toml:9:1: it is forecast, and nobody reads why
            hint: add `status_note`, with a date
        "#]],
    );
    check(
        &[("months = 12", "days = 30\nfrom = \"decision\"")],
        "2026-08-30T12:00:00Z",
        expect![[r#"
            contradiction: p.toml:33:2: credit of the round 2026-09 ends on 2026-10-31, and arrives between 2026-10-29 and 2026-11-12
            hint: lengthen the term, or shorten [delivery]
        "#]],
    );
}

#[test]
fn the_difference_of_two_editions_is_said_in_words() {
    let later = changed(&[
        ("version = 4", "version = 5"),
        ("typical_max = \"1000\"", "typical_max = \"2000\""),
        ("months = [3, 6, 9, 12]", "months = [6, 12]"),
        ("YE = \"Yemen\"\n", ""),
        ("ZM = \"Zambia\"", "ZM = \"Zambia\"\nXK = \"Kosovo\""),
        ("words_max = 800", "words_max = 600"),
        ("limited_models = [\"gpt-5\", \"gpt-5.1\"]", "limited_models = [\"gpt-5.1\", \"o3\"]"),
        ("[[form]]\nid = \"department\"", "[[form]]\nid = \"lab\""),
        ("minutes_to_apply = 30\n", "minutes_to_apply = 30\nintake = \"open\"\n"),
        ("points = 2", "points = 3"),
    ]);
    let said = editions::difference(("old.toml", SHIPPED[0].1), ("new.toml", &later)).unwrap();
    expect![[r#"
        Which edition of the rules this is; applications are pinned to one: was "4", and is "5".
        The typical maximum of an award, in dollars: was "1000", and is "2000".
        The months of review, 1 to 12, in order: gone: "3", "9".
        Models that need a further approval: gone: "gpt-5"; new: "o3".
        A country where applicants may be based (YE): was "Yemen"; it is not said any more.
        How much it counts (limited_funding: yes): was "2", and is "3".
        Words of a text at the most (research_description): was "800", and is "600".
        Gone: a question of the form "department".
        Who begins: anybody who applies, or officers who issue the credit: "open"; it was not said before.
        A country where applicants may be based (XK): "Kosovo"; it was not said before.
        New: a question of the form "lab"."#]].assert_eq(&said.join("\n"));
    let same = editions::difference(SHIPPED[0], SHIPPED[0]).unwrap();
    assert!(same.is_empty(), "{same:?}");
}

#[test]
fn a_guide_is_written_from_each_program_that_ships() {
    for program in shipped(&bursar_catalog::shipped()) {
        let ahead = calendar::months_ahead(&program, NOW.parse().unwrap(), 12);
        let text = guide::text(&program, &ahead);
        assert!(text.starts_with(&format!("# {}\n", program.name)));
        for part in ["\n## At a glance\n", "\n## Steps\n", "\n## Limits\n"] {
            assert_eq!(text.matches(part).count(), 1, "{part:?} in {text}");
        }
        assert_eq!(text.contains("\n## When\n"), program.takes_applications());
        let rounds = ahead.iter().filter(|plan| text.contains(plan.round.id.as_str())).count();
        assert_eq!(rounds, if program.takes_applications() { ahead.len() } else { 0 });
    }
}

#[test]
fn a_calendar_ends_with_the_last_round_that_begins_in_its_months() {
    let program = shipped(&bursar_catalog::shipped()).remove(0);
    let names = |months| {
        let ahead = calendar::months_ahead(&program, NOW.parse().unwrap(), months);
        ahead.iter().map(|plan| plan.round.id.to_string()).collect::<Vec<_>>()
    };
    // The review of December begins tomorrow; that of March on the first, three months and a day on.
    assert_eq!(names(1), ["2026-12"]);
    assert_eq!(names(3), ["2026-12"]);
    assert_eq!(names(4), ["2026-12", "2027-03"]);
    assert_eq!(names(24).len(), 8);
}

/// Answers that follow every rule of a form.
fn answered(program: &Program) -> BTreeMap<String, String> {
    let answer = |field: &FormField| match &field.kind {
        FieldKind::Line { .. } | FieldKind::Text { .. } => "Said in a few words.".to_owned(),
        FieldKind::Choice { options } => {
            let rules = program.eligibility.rules.iter().filter(|rule| rule.field == field.id);
            let against = |value: &str| {
                let said = rules.clone().find(|rule| rule.answers.iter().any(|one| one == value));
                said.is_some_and(|rule| rule.verdict != Verdict::Eligible)
            };
            let mut values = options.iter().map(|(value, _)| value.clone());
            values.find(|value| !against(value)).unwrap_or_default()
        }
        FieldKind::Choices { options, .. } => options[0].0.clone(),
        FieldKind::Amount => program.award.typical_max.to_string(),
        FieldKind::Date { from, .. } => from.map_or("2027-01-01".into(), |from| from.to_string()),
        FieldKind::Number { least, .. } => least.to_string(),
        FieldKind::Email => "ada@lab.example".to_owned(),
        FieldKind::Web => "https://lab.example".to_owned(),
        FieldKind::Orcid => "0000-0002-1825-0097".to_owned(),
        FieldKind::Institution => "A lab (ror.org/052gg0110)".to_owned(),
        FieldKind::Attachment { .. } => format!("{} pdf 9 plan.pdf", "0f".repeat(32)),
    };
    program.form.iter().map(|field| (field.id.clone(), answer(field))).collect()
}

#[test]
fn every_program_that_takes_applications_can_be_applied_to() {
    let catalog = bursar_catalog::shipped();
    for (name, text) in SHIPPED.into_iter().chain(EXAMPLES) {
        let program = crate::read(name, text, &catalog).unwrap();
        if !program.takes_applications() {
            continue;
        }
        let answers = answered(&program);
        let checked = check_answers(&program, Occasion::AfterGrant, &answers);
        assert!(checked.is_ok(), "{name}: {checked:?}");
        let standing = eligibility::check(&program, &answers).standing;
        assert_eq!(standing, Standing::Eligible, "{name}");
    }
}

#[test]
fn a_panel_that_is_due_too_late_or_knows_nothing_is_found() {
    check(&[("due_days = 21", "due_days = 30")], "2026-08-30T12:00:00Z", expect![[""]]);
    check(
        &[("due_days = 21", "due_days = 31")],
        "2026-08-30T12:00:00Z",
        expect![[r#"
        contradiction: p.toml:647:1: reviews of the round 2026-09 would be due after 31 days, when its review is over
        hint: let them be due sooner, or leave `due_days` out: then it is the review's end
    "#]],
    );
    let without = [("topics = \"area\"\n", "")];
    check(
        &without,
        "2026-08-30T12:00:00Z",
        expect![[r#"
        remark: p.toml:644:2: reviewers are assigned without regard to what they know
        hint: name the choice that tells what an application is about as `topics`
    "#]],
    );
}
