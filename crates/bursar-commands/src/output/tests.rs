//! What people read, as they read it.

use super::*;

#[test]
fn words_keep_left_and_figures_right() {
    let columns = [Column::Left("GRANT"), Column::Right("SPENT")];
    let row = |name: &str, amount| vec![name.to_owned(), dollars(Usd::from_nanos(amount))];
    let rows = vec![row("a", 210_000), row("über", -1_000_000_000)];
    let expected = "GRANT     SPENT\na      $0.00021\nüber     -$1.00\n";
    assert_eq!(table(&columns, rows, "none"), expected);
    assert_eq!(table(&columns, Vec::new(), "none"), "none");
}

#[test]
fn absent_facts_leave_no_line() {
    let some = |text: &str| Some(text.to_owned());
    let text = facts([("grant", some("g")), ("expires", None), ("state", some("active"))]);
    assert_eq!(text, "grant    g\nstate    active\n");
}

#[test]
fn what_people_wrote_does_not_steer_the_terminal() {
    let text = facts([("title", Some("red \u{1b}[31m\r\nalert".to_owned()))]);
    assert_eq!(text, "title  red \u{fffd}[31m\u{fffd}\u{fffd}alert\n");
}
