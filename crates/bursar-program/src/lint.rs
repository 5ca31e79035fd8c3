//! What a sound program file says that cannot be meant: it is read, and contradicts itself.

use std::collections::BTreeMap;

use bursar_kernel::program::{
    Cadence, EligibilityRule, FieldKind, FormField, Intake, OfferState, Tool, Verdict,
};
use bursar_kernel::{Catalog, Diagnostic, Diagnostics, ModelId, Program, RateLimit, Timestamp};
use bursar_toml::Document;
use jiff::civil::Date;

use crate::{calendar, read};

mod evidence;
mod form;
mod panel;

/// How far lint looks ahead: as far as `plan` does.
const LOOKS_AHEAD_MONTHS: u32 = 24;

/// What a sound file says that somebody should look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How grave it is.
    pub gravity: Gravity,
    /// Where it stands, what it is, and what to do.
    pub diagnostic: Diagnostic,
}

/// How grave a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gravity {
    /// The file contradicts itself: it cannot be meant.
    Contradiction,
    /// It can be meant, and helps nobody.
    Remark,
}

impl Gravity {
    /// The name that JSON uses: `remark`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Contradiction => "contradiction",
            Self::Remark => "remark",
        }
    }
}

/// A contradiction: the key that it is about, what it is, and what to do.
struct Contradiction {
    about: &'static str,
    message: String,
    hint: String,
}

/// Looks through a program file as it would be on an instant. An error holds everything that is
/// wrong with it, as [`crate::read`] does; what is read comes with what was found in it, in the
/// order of the file.
pub fn lint(
    file_name: &str,
    text: &str,
    catalog: &Catalog,
    now: Timestamp,
) -> Result<(Program, Vec<Finding>), Diagnostics> {
    let document = Document::parse(file_name, text)?;
    let program = document.finish(read::program(document.root(), catalog))?;
    let mut found = of_eligibility(&program);
    found.extend(evidence::contradictions(&program));
    found.extend(of_the_form(&program));
    found.extend(form::contradictions(&program));
    found.extend(of_the_guide(&program));
    found.extend(of_tiers(&program));
    found.extend(of_dates(&program, now));
    found.extend(of_the_award(&program));
    found.extend(of_the_calendar(&program, now));
    found.extend(panel::contradictions(&program, now));
    let mut remarks = of_models(&program, catalog, now);
    remarks.extend(of_the_offer(&program));
    remarks.extend(form::remarks(&program));
    remarks.extend(panel::remarks(&program));
    let place = |gravity: Gravity, found: Vec<Contradiction>| {
        let document = &document;
        found.into_iter().map(move |Contradiction { about, message, hint }| {
            let place = document.place_of(about);
            Finding { gravity, diagnostic: document.diagnostic(place, message, Some(hint)) }
        })
    };
    let mut placed: Vec<Finding> = place(Gravity::Contradiction, found).collect();
    placed.extend(place(Gravity::Remark, remarks));
    placed.sort_by_key(|found| (found.diagnostic.line, found.diagnostic.column));
    Ok((program, placed))
}

fn of_eligibility(program: &Program) -> Vec<Contradiction> {
    let mut by_field = BTreeMap::<&str, Vec<&EligibilityRule>>::new();
    for rule in &program.eligibility.rules {
        by_field.entry(&rule.field).or_default().push(rule);
    }
    let mut found = Vec::new();
    for field in &program.form {
        let FieldKind::Choice { options } = &field.kind else { continue };
        let Some(rules) = by_field.get(field.id.as_str()) else { continue };
        let mut nobody = true;
        for (value, label) in options {
            let mut said: Vec<Verdict> = rules
                .iter()
                .filter(|rule| rule.answers.contains(value))
                .map(|rule| rule.verdict)
                .collect();
            said.sort_unstable();
            said.dedup();
            match said.as_slice() {
                [] => {
                    nobody = false;
                    found.push(Contradiction {
                        about: "eligibility.rule",
                        message: format!("no rule says what \"{label}\" means for `{}`", field.id),
                        hint: format!("add a rule with answers = [\"{value}\"]"),
                    });
                }
                [one] => nobody &= *one == Verdict::Ineligible,
                [..] => {
                    nobody = false;
                    found.push(Contradiction {
                        about: "eligibility.rule",
                        message: format!(
                            "two rules contradict each other on `{}`: \"{label}\"",
                            field.id
                        ),
                        hint: format!("keep `{value}` in one of them"),
                    });
                }
            }
        }
        if nobody {
            found.push(Contradiction {
                about: "eligibility.rule",
                message: format!("no answer to `{}` qualifies", field.id),
                hint: "let one of them be \"eligible\" or \"flagged\"".to_owned(),
            });
        }
    }
    found
}

fn of_the_form(program: &Program) -> Vec<Contradiction> {
    let mut found = Vec::new();
    let justification = program.justification_field.as_ref();
    let asked = program.form.iter().find(|field| Some(&field.id) == justification);
    if let Some(FormField { id, optional: false, .. }) = asked {
        found.push(Contradiction {
            about: "award.above_typical.justification",
            message: format!("`{id}` is asked of everybody, also of who asks for less"),
            hint: "add `optional = true` to the question".to_owned(),
        });
    }
    let asks_for_an_amount = program.form.iter().any(|field| field.kind == FieldKind::Amount);
    if program.award.above_typical.is_some()
        && program.intake == Intake::Open
        && !asks_for_an_amount
    {
        found.push(Contradiction {
            about: "award.above_typical",
            message: "more than the typical maximum can be awarded, and nobody can ask for it"
                .to_owned(),
            hint: "add a question of kind = \"amount\"".to_owned(),
        });
    }
    found
}

/// Kinds of applicants, each with amounts of its own: nobody is of two, and none is of nobody.
fn of_the_award(program: &Program) -> Vec<Contradiction> {
    let mut found = Vec::new();
    let kinds = &program.award.kinds;
    for (place, kind) in kinds.iter().enumerate() {
        let also = kinds.iter().take(place).find(|other| {
            other.field == kind.field
                && other.answers.iter().any(|answer| kind.answers.contains(answer))
        });
        if let Some(also) = also {
            found.push(Contradiction {
                about: "award.kind",
                message: format!(
                    "\"{}\" and \"{}\" share an answer to `{}`",
                    also.label, kind.label, kind.field
                ),
                hint: "keep it with one of them".to_owned(),
            });
        }
        let excluded = |answer: &String| {
            program.eligibility.rules.iter().any(|rule| {
                rule.field == kind.field
                    && rule.verdict == Verdict::Ineligible
                    && rule.answers.contains(answer)
            })
        };
        if kind.answers.iter().all(excluded) {
            found.push(Contradiction {
                about: "award.kind",
                message: format!("\"{}\" have an amount, and none of them qualifies", kind.label),
                hint: "let a rule of eligibility take them, or remove the kind".to_owned(),
            });
        }
    }
    found
}

/// A window that never opens, and credit that is gone before it arrives.
fn of_the_calendar(program: &Program, now: Timestamp) -> Vec<Contradiction> {
    if !program.takes_applications() {
        return Vec::new();
    }
    let mut found = Vec::new();
    if let Cadence::Calls(calls) = &program.review.cadence
        && calendar::round_for(program, now).is_none()
    {
        let last = calls.last().map(|call| format!(": the last call closed on {}", call.closes));
        found.push(Contradiction {
            about: "review.call",
            message: format!("nobody can apply any more{}", last.unwrap_or_default()),
            hint: "add a call, or say status = \"paused\" or \"discontinued\"".to_owned(),
        });
    }
    // The next round counts however far off it is.
    let ahead = calendar::months_ahead(program, now, LOOKS_AHEAD_MONTHS);
    for plan in calendar::plan(program, now).into_iter().chain(ahead) {
        let (Some((arrives, latest)), Some((ends, _))) = (plan.credit, plan.expires) else {
            continue;
        };
        if ends <= latest {
            let day = |at: Timestamp| at.to_zoned(program.review.zone.clone()).date();
            found.push(Contradiction {
                about: "term",
                message: format!(
                    "credit of the round {} ends on {}, and arrives between {} and {}",
                    plan.round.id,
                    day(ends),
                    day(arrives),
                    day(latest)
                ),
                hint: "lengthen the term, or shorten [delivery]".to_owned(),
            });
            break;
        }
    }
    found
}

/// What stands in the way of running a program, and what its readers are left to guess.
fn of_the_offer(program: &Program) -> Vec<Contradiction> {
    let lacks = program.lacks();
    let mut found = Vec::new();
    if !lacks.is_empty() {
        found.push(Contradiction {
            about: "id",
            message: format!("it can be listed and not run: it does not say {}", lacks.join(", ")),
            hint: "say them, if somebody is to apply here".to_owned(),
        });
    }
    if program.offer.state != OfferState::Open && program.offer.note.is_none() {
        found.push(Contradiction {
            about: "status",
            message: format!("it is {}, and nobody reads why", program.offer.state.name()),
            hint: "add `status_note`, with a date".to_owned(),
        });
    }
    found
}

fn of_the_guide(program: &Program) -> Vec<Contradiction> {
    let lacks = |tool: Tool| match tool {
        Tool::Card if program.card.is_none() => {
            Some("a card is checked nowhere: [card] is not there")
        }
        Tool::ProposalCheck if program.proposal.question.is_none() => {
            Some("no proposal is checked: [proposal] names no question")
        }
        Tool::Eligibility if program.eligibility.rules.is_empty() => {
            Some("nothing is checked: there is no rule of eligibility")
        }
        Tool::Resubmission if program.reapplication.resubmissions_max == Some(0) => {
            Some("no declined application may come back: `resubmissions_max` is 0")
        }
        Tool::Form | Tool::Planner if program.intake == Intake::Officers => {
            Some("nobody applies: `intake` is \"officers\"")
        }
        Tool::Card
        | Tool::ProposalCheck
        | Tool::Eligibility
        | Tool::Resubmission
        | Tool::Form
        | Tool::Planner
        | Tool::Forecast => None,
    };
    let advice = program.guide.advice.iter();
    let found = advice.filter_map(|advice| {
        let why = lacks(advice.tool?)?;
        Some(Contradiction {
            about: "guide.advice",
            message: format!("\"{}\": {why}", advice.text),
            hint: "remove the advice, or its `tool`".to_owned(),
        })
    });
    found.collect()
}

/// A tier that takes more gives no less.
fn of_tiers(program: &Program) -> Vec<Contradiction> {
    let tiers = &program.tiers.tiers;
    let mut found = Vec::new();
    for (slow, fast) in tiers.iter().zip(tiers.iter().skip(1)) {
        for (class, before) in &slow.limits {
            let after = fast.limits.get(class);
            for (name, limit) in LIMITS {
                let (before, after) = (limit(before), after.map(limit));
                let less = match (before, after) {
                    // Not limited, and then limited; or closed altogether.
                    (None, Some(Some(_))) | (_, None) => true,
                    (Some(before), Some(Some(after))) => after < before,
                    (_, Some(None)) => false,
                };
                if less {
                    found.push(Contradiction {
                        about: "tier",
                        message: format!(
                            "tier `{}` gives less than `{}` in class `{class}`: {name}",
                            fast.id, slow.id
                        ),
                        hint: "tiers stand in order, the slowest first".to_owned(),
                    });
                    break;
                }
            }
        }
    }
    found
}

type Limit = (&'static str, fn(&RateLimit) -> Option<u64>);

const LIMITS: [Limit; 7] = [
    ("requests_per_minute", |limit| limit.requests_per_minute),
    ("requests_per_day", |limit| limit.requests_per_day),
    ("tokens_per_minute", |limit| limit.tokens_per_minute),
    ("tokens_per_day", |limit| limit.tokens_per_day),
    ("images_per_minute", |limit| limit.images_per_minute),
    ("concurrent_calls", |limit| limit.concurrent_calls),
    ("batch_queue_tokens", |limit| limit.batch_queue_tokens),
];

/// A model that is gone before any credit can arrive helps nobody.
fn of_models(program: &Program, catalog: &Catalog, now: Timestamp) -> Vec<Contradiction> {
    let Some((first, _)) = calendar::plan(program, now).and_then(|plan| plan.credit) else {
        return Vec::new();
    };
    let first = first.to_zoned(program.review.zone.clone()).date();
    let limited = program.entitlements.limited_models.iter();
    let limited = limited.map(|model| ("entitlements.limited_models", model));
    let studied = program.studies.iter().flat_map(|study| &study.lines);
    let studied = studied.map(|line| ("study", &line.model));
    let mut said: Vec<&ModelId> = Vec::new();
    let mut found = Vec::new();
    for (about, model) in limited.chain(studied) {
        let known = catalog.models.get(model);
        let Some(day) = known.and_then(|model| model.shutdown).filter(|day| *day <= first) else {
            continue;
        };
        if said.contains(&model) {
            continue;
        }
        said.push(model);
        let successor = known.and_then(|model| model.successor.as_ref());
        let hint = match successor {
            Some(successor) => format!("name `{successor}`, which follows it"),
            None => "name another model".to_owned(),
        };
        found.push(Contradiction {
            about,
            message: format!(
                "`{model}` is shut down on {day}, before credit of the next round arrives, at the \
                 earliest on {first}"
            ),
            hint,
        });
    }
    found
}

fn of_dates(program: &Program, now: Timestamp) -> Vec<Contradiction> {
    let today = now.to_zoned(program.review.zone.clone()).date();
    let mut found = Vec::new();
    if today < program.countries.as_of {
        found.push(Contradiction {
            about: "countries.as_of",
            message: format!("the list of countries was taken on {}, which is to come", {
                program.countries.as_of
            }),
            hint: "write the day on which it was taken".to_owned(),
        });
    }
    for policy in &program.policies {
        if policy.version.parse::<Date>().is_ok_and(|day| today < day) {
            found.push(Contradiction {
                about: "policy",
                message: format!(
                    "policy `{}` is accepted in its edition of {}, which is to come",
                    policy.id, policy.version
                ),
                hint: "name the edition that holds".to_owned(),
            });
        }
    }
    found
}
