//! A program's guide as text (Markdown): what its rules say, computed, and what its file adds.

use std::fmt::{self, Write};

use bursar_kernel::Program;
use bursar_kernel::program::FieldKind;

use crate::answers::dollars;
use crate::calendar::Plan;

/// The guide, with what an application can expect in the rounds that follow.
pub fn text(program: &Program, ahead: &[Plan]) -> String {
    let mut text = String::new();
    write(program, ahead, &mut text).expect("a text takes all");
    text
}

fn write(program: &Program, ahead: &[Plan], text: &mut String) -> fmt::Result {
    writeln!(text, "# {}\n\n{}\n", program.name, one_line(&program.summary))?;
    at_a_glance(program, text)?;
    part(text, "Who qualifies", &program.guide.eligible)?;
    part(text, "Who does not", &program.guide.not_eligible)?;
    part(text, "What it pays for", &program.guide.covers)?;
    writeln!(text, "\n## Steps\n")?;
    for (step, number) in program.guide.steps.iter().zip(1_u32..) {
        writeln!(text, "{number}. {}", one_line(step))?;
    }
    if program.takes_applications() {
        calendar(program, ahead, text)?;
        form(program, text)?;
    }
    if !program.guide.timeline.is_empty() {
        writeln!(text, "\n## What happens when\n\n| when | what |\n| --- | --- |")?;
        for (when, what) in &program.guide.timeline {
            writeln!(text, "| {} | {} |", cell(when), cell(what))?;
        }
    }
    part(text, "Limits", &program.guide.limits)?;
    writeln!(text, "\n## If you will not use it all\n")?;
    let clause = &program.transfer_clause;
    writeln!(text, "{} ({})\n", one_line(&clause.says), one_line(&clause.source))?;
    bullets(text, &clause.ways_on)?;
    let advice: Vec<String> = program.guide.advice.iter().map(|one| one.text.clone()).collect();
    part(text, "Advice", &advice)?;
    if !program.guide.questions.is_empty() {
        writeln!(text, "\n## Questions")?;
        for (question, answer) in &program.guide.questions {
            writeln!(text, "\n**{}**\n{}", one_line(question), one_line(answer))?;
        }
    }
    writeln!(text, "\nSource: {}", one_line(&program.source))?;
    if !program.assumptions.is_empty() {
        writeln!(text, "\n## What nobody has confirmed\n")?;
        for assumption in &program.assumptions {
            writeln!(text, "- `{}`: {}", assumption.about, one_line(&assumption.because))?;
        }
    }
    Ok(())
}

fn at_a_glance(program: &Program, text: &mut String) -> fmt::Result {
    writeln!(text, "## At a glance\n\n| | |\n| --- | --- |")?;
    let mut row = |name: &str, said: &str| writeln!(text, "| {} | {} |", cell(name), cell(said));
    row("Provider", &program.provider)?;
    let above = program.award.above_typical.as_ref();
    let above = above.map(|above| {
        let approved = if above.second_approver { " and a second officer's approval" } else { "" };
        format!("; up to {} with a justification{approved}", dollars(above.max))
    });
    let amount =
        format!("Up to {}{}", dollars(program.award.typical_max), above.unwrap_or_default());
    row("Amount", &amount)?;
    row(
        "Duration",
        &format!("{} months from the arrival of the credit; hard", program.term.months),
    )?;
    if program.takes_applications() {
        row("Review", &format!("Each {}", program.review.in_words()))?;
        row("Credit arrives", &format!("{} after the decision", program.delivery.in_words()))?;
    }
    row("Passing on", program.transfer_policy.in_words())?;
    if let Some(card) = &program.card {
        row(
            "Card required",
            &format!("Yes; {} is held for a moment, never charged", dollars(card.hold)),
        )?;
    }
    for (name, said) in &program.guide.at_a_glance {
        row(name, said)?;
    }
    row("Official page", &program.official_page)
}

fn calendar(program: &Program, ahead: &[Plan], text: &mut String) -> fmt::Result {
    if ahead.is_empty() {
        return Ok(());
    }
    let zone = &program.review.zone;
    let name = zone.iana_name().unwrap_or("UTC");
    writeln!(text, "\n## When\n\nDays in {name}; submit before the day begins.\n")?;
    writeln!(
        text,
        "| round | best by | submit before | decision from | credit arrives | expires |"
    )?;
    writeln!(text, "| --- | --- | --- | --- | --- | --- |")?;
    for plan in ahead {
        let day = |at: jiff::Timestamp| at.to_zoned(zone.clone()).date();
        writeln!(
            text,
            "| {} | {} | {} | {} | {} to {} | {} to {} |",
            plan.round.id,
            day(plan.advised_by),
            day(plan.round.review_begins),
            day(plan.decision_from),
            day(plan.credit_from),
            day(plan.credit_to),
            day(plan.expires_from),
            day(plan.expires_to)
        )?;
    }
    Ok(())
}

fn form(program: &Program, text: &mut String) -> fmt::Result {
    writeln!(text, "\n## What the form asks\n")?;
    for field in &program.form {
        let limit = match &field.kind {
            FieldKind::Line { characters_max } => format!("a line, {characters_max} characters"),
            FieldKind::Text { words_max } => format!("up to {words_max} words"),
            FieldKind::Choice { options } => format!("one of {}", options.len()),
            FieldKind::Amount => "an amount of dollars".to_owned(),
        };
        let optional = if field.optional { ", may be left out" } else { "" };
        writeln!(text, "- {} ({limit}{optional})", one_line(&field.label))?;
    }
    Ok(())
}

fn part(text: &mut String, title: &str, items: &[String]) -> fmt::Result {
    if items.is_empty() {
        return Ok(());
    }
    writeln!(text, "\n## {title}\n")?;
    bullets(text, items)
}

fn bullets(text: &mut String, items: &[String]) -> fmt::Result {
    for item in items {
        writeln!(text, "- {}", one_line(item))?;
    }
    Ok(())
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A line that ends no cell of a table.
fn cell(text: &str) -> String {
    one_line(text).replace('|', "\\|")
}
