//! What was written is read back, and what is wrong is told with its line.

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;

fn rubric() -> Vec<Criterion> {
    let criterion = |id: &str, label: &str, scale| Criterion {
        id: id.to_owned(),
        label: label.to_owned(),
        asks: "Is it good?".to_owned(),
        weight: 50,
        scale,
    };
    vec![criterion("question", "The question", 5), criterion("method", "The method", 3)]
}

fn part(number: u8, fields: &[(&str, &str)]) -> FormPart {
    FormPart {
        application: ApplicationId::from_bytes([number; 16]),
        heading: vec!["Do models\nsandbag?".to_owned(), "Due on 22 December 2026".to_owned()],
        answers: vec![
            ("What do you ask?".to_owned(), "One\r\n----- comment\n===== end".to_owned()),
            ("Anything else?".to_owned(), String::new()),
        ],
        rubric: rubric(),
        fields: fields.iter().map(|(name, text)| ((*name).into(), (*text).into())).collect(),
        shown_with: "comment:00".to_owned(),
    }
}

/// What is read and found wrong.
fn said(file: &str) -> String {
    let mistakes = match read(file) {
        Ok(parts) => parts.iter().flat_map(|part| check(part, &rubric())).collect(),
        Err(mistakes) => mistakes,
    };
    let lines = mistakes.iter().map(|one| format!("{}: {}\n  {}\n", one.line, one.what, one.hint));
    lines.collect()
}

/// What is said of a file in which some text was replaced by another.
fn check_changed(changes: &[(&str, &str)], expected: Expect) {
    let mut file = write(&[part(1, &[("comment", "Good"), ("score-method", "2")])]);
    for (what, with) in changes {
        assert_eq!(file.matches(what).count(), 1, "{what} in {file}");
        file = file.replace(what, with);
    }
    expected.assert_eq(&said(&file));
}

#[test]
fn a_form_reads_as_a_letter() {
    expect![[r#"
        BURSAR REVIEW FORM 1
        | Fill in your reviews below the lines that begin with "-----", save this file, and hand it in
        | on the page that you have it from. It becomes your drafts: nothing is submitted by itself.
        | Lines that begin with "|" are for you to read. Leave those that begin with "=====" and
        | "-----" as they are. Should a line of your own be "-----", or begin with "----- " or
        | "===== ", write "\" in front of it.

        ===== application application_01040g2081040g2081040g2081
        ===== made with comment:00
        | Do models
        | sandbag?
        | Due on 22 December 2026
        |
        | WHAT DO YOU ASK?
        | One
        | ----- comment
        | ===== end
        |
        | ANYTHING ELSE?
        | (not answered)
        |
        | YOUR REVIEW

        | The question (weight 50): Is it good?
        | A whole number from 1, the least, to 5, the best.
        ----- score-question

        -----

        | The method (weight 50): Is it good?
        | A whole number from 1, the least, to 3, the best.
        ----- score-method
        3
        -----

        | What do you recommend? One of: award, unsure, decline.
        ----- recommendation

        -----

        | Why? Name the strongest point and the weakest, with where they stand.
        ----- comment
        Good
        \-----
        so far
        -----

        | For the officer only: no applicant and no other reviewer reads it.
        ----- for_officer

        -----

        ===== end
    "#]]
    .assert_eq(&write(&[part(1, &[("comment", "Good\n-----\nso far"), ("score-method", "3")])]));
}

#[test]
fn editors_change_ends_of_lines_and_nothing_else() {
    let file = write(&[part(1, &[("comment", "One\n\ntwo")]), part(2, &[])]);
    let parts = read(&file).unwrap();
    assert_eq!(parts.len(), 2);
    assert_eq!(parts[0].fields["comment"].1, "One\n\ntwo");
    assert_eq!(parts[0].shown_with, "comment:00");
    let windows = format!("\u{feff}{}", file.replace('\n', "\r\n"));
    assert_eq!(read(&windows), Ok(parts));
}

#[test]
fn all_that_is_wrong_is_told_at_once_with_its_line() {
    check_changed(
        &[("Good", "Good\n-----\nIt says more")],
        expect![[r#"
            45: “It says more” stands outside of every answer
              move it below a line that begins with `-----`, or put `|` in front of it; a line of your own that is `-----` needs a `\` in front
            46: this line `-----` ends no answer
              take it out, or put the line that begins the answer back
        "#]],
    );
    check_changed(
        &[
            ("\n2\n", "\n4\n"),
            ("----- recommendation\n", "----- recommendation\nperhaps"),
            ("for_officer", "mood"),
        ],
        expect![[r#"
            47: `mood` is nothing that this form asks
              leave the lines that begin with `-----` alone
            37: “perhaps” is nothing to recommend
              write award, unsure or decline
            32: “4” is no score for “The method”
              write a whole number from 1 to 3
        "#]],
    );
    check_changed(
        &[("\n===== end\n", "\n")],
        expect![[r#"
            51: the file has no line `===== end`
              save the whole file, with that line, so that nothing is lost
        "#]],
    );
    check_changed(
        &[("===== made with comment:00\n", "")],
        expect![[r#"
            50: the line `===== made with` of the application above is missing
              download the form again, and copy your answers into it
        "#]],
    );
    check_changed(
        &[("application_0104", "application_")],
        expect![[r#"
            8: `application_0g2081040g2081040g2081` names no application
              leave this line as it is in the download
        "#]],
    );
    check_changed(
        &[("----- for_officer", "----- comment")],
        expect![[r#"
            47: `comment` is there twice in one application
              keep one of them
        "#]],
    );
    check_changed(
        &[("BURSAR REVIEW FORM 1", "Dear officer,")],
        expect![[r#"
        1: it does not begin with `BURSAR REVIEW FORM 1`
          hand in the file that you downloaded here, as plain text
    "#]],
    );
    let twice = write(&[part(1, &[]), part(1, &[])]);
    assert!(said(&twice).contains("is there twice"), "{}", said(&twice));
    let file = write(&[part(1, &[])]);
    let cut = file.split_once("\n----- comment\n").unwrap().0;
    assert!(said(&format!("{cut}\n----- comment\nhalf a")).contains("in the middle of `comment`"));
    assert!(said(&format!("{file}Regards")).contains("“Regards” stands outside"));
    let many = format!("{HEADER}\n{}", "-----\n".repeat(1_000));
    assert_eq!(read(&many).unwrap_err().len(), MISTAKES_MAX);
}

/// Texts that are close to the form's own lines, and any others.
fn texts() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        Just("-----".to_owned()),
        "\\\\{0,3}(-----|=====)[ -]?(end|comment|x)? {0,2}",
        "[|\\\\] ?.{0,5}",
        "\\PC{0,12}",
        any::<String>(),
    ];
    proptest::collection::vec(line, 0..6).prop_map(|lines| lines.join("\n"))
}

proptest! {
    /// Whatever stands in the fields, and whatever the applicant wrote, is read back as it was.
    #[test]
    fn what_was_written_is_read_back(
        comment in texts(), note in texts(), score in texts(), answer in texts(), title in texts()
    ) {
        let fields = [("comment", &*comment), ("for_officer", &*note), ("score-method", &*score)];
        let mut one = part(1, &fields);
        one.heading.push(title);
        one.answers.push(("A question".to_owned(), answer));
        let read = read(&write(&[one, part(2, &[])])).unwrap();
        prop_assert_eq!(read.len(), 2);
        for (name, text) in fields {
            prop_assert_eq!(&read[0].fields[name].1, &plain(text));
        }
        prop_assert_eq!(read[0].fields.len(), 5);
        prop_assert!(read[1].fields.values().all(|(_, text)| text.is_empty()));
    }

    /// What is read of any text is read again from what is written of it; no text outside of the
    /// form's lines is passed over.
    #[test]
    fn any_text_is_read_or_told(body in texts()) {
        let file = format!("{HEADER}\n{APPLICATION}{}\n{SHOWN_WITH}a:0\n----- comment\n{body}\n-----\n{END}\n",
            ApplicationId::from_bytes([1; 16]));
        let Ok(parts) = read(&file) else { return Ok(()) };
        let marks = plain(&body).split('\n').filter(|line| is_mark(line)).count();
        prop_assert_eq!(parts.len(), 1, "{} marks", marks);
        if marks == 0 {
            let again = part(1, &[("comment", &parts[0].fields["comment"].1)]);
            let again = read(&write(&[again])).unwrap();
            prop_assert_eq!(&again[0].fields["comment"].1, &parts[0].fields["comment"].1);
        }
    }
}
