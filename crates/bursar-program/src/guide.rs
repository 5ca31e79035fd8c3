//! A program's guide as text (Markdown): what its rules say, computed, and what its file adds.

use std::fmt::{self, Write};

use bursar_kernel::program::{
    AboveTypical, Cadence, EvidenceTerms, FieldKind, Intake, LeadTime, OfferState, Term,
    TermLength, TermStart,
};
use bursar_kernel::{Program, Timestamp, Usd};

use crate::answers::dollars;
use crate::calendar::{Between, Plan};
use crate::evidence;

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
    to_show(program, text)?;
    part(text, "What it pays for", &program.guide.covers)?;
    writeln!(text, "\n## Steps\n")?;
    for (step, number) in program.guide.steps.iter().zip(1_u32..) {
        writeln!(text, "{number}. {}", one_line(step))?;
    }
    if program.intake == Intake::Open {
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

/// What has to be shown, by when, and by what.
fn to_show(program: &Program, text: &mut String) -> fmt::Result {
    let Some(terms) = &program.eligibility.evidence else { return Ok(()) };
    writeln!(text, "\n## What you have to show\n\nShow {}.\n", one_line(&terms.shows))?;
    for line in evidence_lines(terms) {
        writeln!(text, "- {}", one_line(&line))?;
    }
    Ok(())
}

/// What has to be shown by when, and by what, a sentence each.
pub fn evidence_lines(terms: &EvidenceTerms) -> Vec<String> {
    let by = |level: Option<usize>, when: &str| {
        let level = level?;
        let ways = evidence::in_words(&evidence::ways(terms, level));
        Some(format!("{when}: \"{}\", by {ways}.", terms.label(level)))
    };
    let mut lines: Vec<String> = [
        by(terms.to_submit, "Before you hand an application in"),
        by(terms.to_award, "Before anything is awarded"),
    ]
    .into_iter()
    .flatten()
    .collect();
    if lines.is_empty() {
        lines.push("Nothing has to be shown before you hand an application in.".to_owned());
    }
    for accepted in &terms.accepts {
        lines.push(format!(
            "{} counts as \"{}\", and is believed for {} months.",
            capital(accepted.kind.words()),
            terms.label(accepted.level),
            accepted.months
        ));
    }
    lines
}

fn at_a_glance(program: &Program, text: &mut String) -> fmt::Result {
    writeln!(text, "## At a glance\n\n| | |\n| --- | --- |")?;
    let mut row = |name: &str, said: &str| writeln!(text, "| {} | {} |", cell(name), cell(said));
    row("Provider", &program.provider)?;
    for line in amounts(program) {
        row("Amount", &line)?;
    }
    row("Duration", &duration(program))?;
    if program.intake == Intake::Open {
        row("On offer", &on_offer(program))?;
        row("Review", &capital(&program.review.in_words()))?;
        row("Credit arrives", &arrival(program))?;
    }
    // Of a program that others run, nobody knows here.
    if program.lacks().is_empty() {
        row("Who spends it", program.people.in_words())?;
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

/// How much is awarded: a line for everybody or one for each kind of applicant, and what is not
/// dollars.
pub fn amounts(program: &Program) -> Vec<String> {
    let award = &program.award;
    let up_to = |typical: Usd, above: &Option<AboveTypical>| {
        let above = above.as_ref().map(|above| {
            let approved =
                if above.second_approver { " and a second officer's approval" } else { "" };
            format!(
                "; sometimes more, up to {}: larger or higher-impact projects, with a \
                 justification{approved}",
                dollars(above.max)
            )
        });
        format!("up to {}{}", dollars(typical), above.unwrap_or_default())
    };
    let mut lines: Vec<String> = Vec::new();
    // What is a kind's own says who gets it.
    let is_said = award.kinds.iter().any(|kind| kind.typical_max == award.typical_max);
    if award.typical_max.is_positive() && !is_said {
        lines.push(capital(&up_to(award.typical_max, &award.above_typical)));
    }
    lines.extend(award.kinds.iter().map(|kind| {
        let most = up_to(kind.typical_max, &kind.above_typical);
        let often = match kind.per_person_max {
            Some(1) => ", once",
            Some(_) | None => "",
        };
        format!("{}: {most}{often}", kind.label)
    }));
    lines.extend(award.in_kind.as_deref().map(capital));
    lines
}

/// How long the credit lives, in a line.
pub fn duration(program: &Program) -> String {
    let from_when = |term: Term| match (term.length, term.from) {
        (TermLength::Until(_), _) => format!("{}. No extension.", capital(&term.in_words())),
        (_, TermStart::Delivery) => {
            let length = term.in_words();
            format!("{length} from the grant date, the instant the credit arrives. No extension.")
        }
        (_, TermStart::Decision) => format!("{}. No extension.", term.from_when()),
    };
    program.term.map_or_else(|| "Not said".to_owned(), from_when)
}

/// When credit arrives, in a line.
pub fn arrival(program: &Program) -> String {
    let after = |lead: LeadTime| format!("{} after the decision", lead.in_words());
    program.delivery.map_or_else(|| "Not said".to_owned(), after)
}

/// Whether a program is on offer, and what came in its place, in a line.
pub fn on_offer(program: &Program) -> String {
    let offer = &program.offer;
    let state = match offer.state {
        OfferState::Open => "Open",
        OfferState::Forecast => "Announced, and not open yet",
        OfferState::Paused => "Paused",
        OfferState::Discontinued => "Discontinued",
    };
    let note = offer.note.iter().map(|note| format!(". {}", one_line(note)));
    let next = offer.successor.iter().map(|next| format!(". What came in its place: {next}"));
    std::iter::once(state.to_owned()).chain(note).chain(next).collect()
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn calendar(program: &Program, ahead: &[Plan], text: &mut String) -> fmt::Result {
    if ahead.is_empty() || matches!(program.review.cadence, Cadence::Rolling { .. }) {
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
    let day = |at: Timestamp| at.to_zoned(zone.clone()).date();
    let between = |span: Option<Between>| {
        span.map_or_else(
            || "not said".to_owned(),
            |(from, to)| format!("{} to {}", day(from), day(to)),
        )
    };
    for plan in ahead {
        let decided = plan.decision.map(|(from, _)| day(from).to_string());
        writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} |",
            plan.round.id,
            day(plan.advised_by),
            day(plan.round.review_begins),
            decided.unwrap_or_else(|| "not said".to_owned()),
            between(plan.credit),
            between(plan.expires)
        )?;
    }
    Ok(())
}

fn form(program: &Program, text: &mut String) -> fmt::Result {
    writeln!(text, "\n## What the form asks\n")?;
    for field in &program.form {
        let limit = limit(&field.kind);
        let optional = if field.optional { ", may be left out" } else { "" };
        let depends = if field.show_if.is_some() { ", depending on an earlier answer" } else { "" };
        writeln!(text, "- {} ({limit}{optional}{depends})", one_line(&field.label))?;
    }
    Ok(())
}

fn limit(kind: &FieldKind) -> String {
    match kind {
        FieldKind::Line { characters_max, .. } => format!("a line, {characters_max} characters"),
        FieldKind::Text { words_max, .. } => format!("up to {words_max} words"),
        FieldKind::Choice { options } => format!("one of {}", options.len()),
        FieldKind::Choices { options, most } => format!("up to {most} of {}", options.len()),
        FieldKind::Amount => "an amount of dollars".to_owned(),
        FieldKind::Date { .. } => "a day".to_owned(),
        FieldKind::Number { .. } => "a whole number".to_owned(),
        FieldKind::Email => "a mail address".to_owned(),
        FieldKind::Web => "a web address".to_owned(),
        FieldKind::Orcid => "an ORCID iD".to_owned(),
        FieldKind::Institution => "an institution".to_owned(),
        FieldKind::Attachment { types, bytes_max, files_max } => {
            let types: Vec<&str> = types.iter().map(|kind| kind.words()).collect();
            let (types, size) = (types.join(", "), crate::files::size(*bytes_max));
            let files = if *files_max == 1 {
                "a file".to_owned()
            } else {
                format!("up to {files_max} files")
            };
            format!("{files}: {types}, {size} each at the most")
        }
    }
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
