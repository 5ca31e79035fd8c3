//! Broken program files, and everything that is said about each at once.

use expect_test::{Expect, expect, expect_file};

use crate::{SHIPPED, read};

/// The program that ships, with some of its text replaced.
pub(super) fn check(changes: &[(&str, &str)], expected: Expect) {
    let mut text = SHIPPED[0].1.to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "`{from}` is not in the file");
        text = text.replacen(from, to, 1);
    }
    let said = match read("p.toml", &text, &bursar_catalog::shipped()) {
        Ok(program) => format!("{} is sound", program.id),
        Err(mistakes) => mistakes.to_string(),
    };
    expected.assert_eq(&said);
}

#[test]
fn what_ships_is_sound() {
    check(&[], expect!["openai-researcher-access is sound"]);
}

#[test]
fn a_slip_of_the_pen_is_found_with_what_was_meant() {
    check(
        &[
            ("typical_max = \"1000\"", "typical_max = 1000"),
            ("months = 12", "mnoths = 12"),
            ("zone = \"UTC\"", "zone = \"Europe/Berlim\""),
            ("\"gpt-5\", \"gpt-5.1\"", "\"gpt-5\", \"gpt-5.1-2025-11-13\", \"gpt5.1\", \"gpt-5\""),
            ("policy = \"pool\"", "policy = \"pol\""),
            ("verdict = \"flagged\"", "verdict = \"flag\""),
            ("answers = [\"company\"]", "answers = [\"compny\"]"),
        ],
        expect![[r#"
            p.toml:23:15: `typical_max` should be an amount in a string, and is an integer
            hint: quote it: typical_max = "1000"
            p.toml:33:1: missing key `months`
            hint: add `months = ...` to this table
            p.toml:34:1: unknown key `mnoths`
            hint: did you mean `months`?
            p.toml:41:8: there is no time zone `Europe/Berlim`
            hint: did you mean `Europe/Berlin`?
            p.toml:58:28: the catalog has no model `gpt-5.1-2025-11-13`
            hint: did you mean `gpt-5.1`?
            p.toml:58:50: the catalog has no model `gpt5.1`
            hint: did you mean `gpt-5.1`?
            p.toml:58:60: `gpt-5` stands twice
            hint: remove one
            p.toml:68:10: `policy` cannot be "pol"
            hint: did you mean "pool"?
            p.toml:315:11: `verdict` cannot be "flag"
            hint: use one of `eligible`, `flagged`, `ineligible`
            p.toml:321:12: `role` has no option `compny`
            hint: did you mean `company`?"#]],
    );
}

#[test]
fn calendars_and_amounts_have_to_make_sense() {
    check(
        &[
            ("months = [3, 6, 9, 12]", "months = [3, 9, 6, 6]"),
            ("days_min = 28", "days_min = 43"),
            ("max = \"5000\"", "max = \"999\""),
            ("months = 12", "months = 0"),
            ("hold = \"5\"", "hold = \"0\""),
            ("justification = \"justification\"", "justification = \"amount\""),
        ],
        expect![[r#"
            p.toml:27:7: `max` is 999.00, below the typical maximum of 1000.00
            hint: raise it, or remove [award.above_typical]
            p.toml:29:17: `amount` is not a question that takes text
            hint: name a question of the form of kind `line` or `text`
            p.toml:34:10: `months` is 0
            hint: use a number from 1 to 120
            p.toml:40:10: `months` should ascend, each once
            hint: write [3, 6, 9]
            p.toml:46:12: `days_max` is 42, less than `days_min` at 43
            hint: exchange the two
            p.toml:62:8: `hold` is not above zero
            hint: remove [card] if no card is checked"#]],
    );
    check(
        &[("months = [3, 6, 9, 12]", "months = []")],
        expect![[r"
        p.toml:40:10: `months` names no month
        hint: write one at least, such as [6]"]],
    );
    check(
        &[("months = [3, 6, 9, 12]", "months = [0, 13]")],
        expect![[r"
        p.toml:40:11: `months` is 0
        hint: use a number from 1 to 12
        p.toml:40:14: `months` is 13
        hint: use a number from 1 to 12"]],
    );
}

#[test]
fn forms_rules_and_policies_have_to_fit_together() {
    check(
        &[
            ("id = \"department\"", "id = \"affiliation\""),
            ("words_max = 100", "words_max = 0"),
            ("version = \"2025-10-29\"\n", ""),
            ("https://openai.com/policies/sharing", "openai.com/policies/sharing"),
            ("options = { yes = \"Yes\", no = \"No\" }", "options = {}"),
            ("answers = [\"company\"]", "answers = [\"companies\", \"\"]"),
            ("field = \"corporate_sponsor\"", "field = \"corporate_sponsors\""),
            ("label = \"What is your role?\"", "label = \" \""),
            ("about = \"review.zone\"", "about = \"review.hour\""),
            ("EE = \"Estonia\"", "EST = \"Estonia\""),
        ],
        expect![[r#"
            p.toml:96:1: `EST` is not a country code
            hint: use the two capital letters of ISO 3166-1
            p.toml:321:25: `answers` is empty
            hint: write something, or remove the key
            p.toml:424:12: `limited_funding` has no option `yes`
            hint: use the value of an option, not its label
            p.toml:429:9: the form has no question `corporate_sponsors`
            hint: did you mean `corporate_sponsor`?
            p.toml:463:13: `words_max` is 0
            hint: use a number from 1 to 10000
            p.toml:515:6: question `affiliation` stands twice
            hint: rename one of the two
            p.toml:526:9: `label` is empty
            hint: write something, or remove the key
            p.toml:549:1: a choice without options
            hint: add `options = { value = "Label" }`
            p.toml:651:1: missing key `version`
            hint: add `version = ...` to this table
            p.toml:662:7: `openai.com/policies/sharing-publication-policy/` is not an address
            hint: begin with `https://`, without spaces
            p.toml:1006:9: there is no key `review.hour` in this file
            hint: write a path: `a.b`"#]],
    );
}

#[test]
fn a_question_that_is_broken_is_reported_once_however_often_it_is_named() {
    check(
        &[("name = \"role\"", "nmae = \"role\""), ("name = \"justification\"", "name = \"\"")],
        expect![[r#"
            p.toml:523:1: missing key `name`
            hint: add `name = ...` to this table
            p.toml:527:1: unknown key `nmae`
            hint: did you mean `name`?
            p.toml:581:8: `name` is empty
            hint: write something, or remove the key"#]],
    );
}

#[test]
fn an_empty_file_is_told_all_that_a_program_needs() {
    let mistakes = read("empty.toml", "", &bursar_catalog::shipped()).unwrap_err();
    expect_file!["empty.expected"].assert_eq(&format!("{mistakes}\n"));
}
