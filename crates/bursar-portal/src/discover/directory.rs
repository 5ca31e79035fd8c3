//! The directory: programs that fit, beside one another, and their dates as calendars.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use bursar_kernel::program::{Cadence, DecisionDays, Intake, OfferState};
use bursar_kernel::{Program, ProgramId, Timestamp};
use bursar_program::calendar::plan;
use bursar_program::guide;
use bursar_program::ics::Calendar;
use bursar_ui::{Status, Tone};

use super::check::read_day;
use crate::pages::discover::{Home, Next, ProgramCard, Search, Stopped};
use bursar_web::{Answer, Asked, At, OrPage, Visit};

/// Characters that somebody searches for.
const WORDS_CHARACTERS_MAX: usize = 200;

pub(super) async fn list(visit: Visit, Asked(asked): Asked<Vec<(String, String)>>) -> Answer {
    let search = search(&asked);
    let now = visit.frame().now;
    let service = visit.service();
    let here = service.programs().iter().map(|program| (program, true));
    let all: Vec<_> = here.chain(service.listed().iter().map(|program| (program, false))).collect();
    let found = all.iter().filter(|(program, _)| fits(program, &search));
    let programs = found.map(|(program, here)| card(program, *here, now)).collect();
    visit.page(&Home { programs, all: all.len(), search })
}

pub(super) async fn calendar(visit: Visit) -> Answer {
    let now = visit.frame().now;
    let service = visit.service();
    let programs = service.programs().iter().chain(service.listed());
    let empty = Calendar::new("API credit for research", now, service.base_url());
    let calendar = programs.fold(empty, |calendar, program| calendar.with_rounds(program, now));
    Ok(file("programs.ics", calendar))
}

pub(super) async fn program_calendar(visit: Visit, At(id): At<ProgramId>) -> Answer {
    let program = visit.service().described(&id).or_page(&visit)?;
    let now = visit.frame().now;
    let calendar = Calendar::new(&program.name, now, visit.service().base_url());
    Ok(file(&format!("{id}.ics"), calendar.with_rounds(program, now)))
}

/// What follows an application on a day.
pub(super) async fn plan_calendar(
    visit: Visit,
    At(id): At<ProgramId>,
    Asked(asked): Asked<BTreeMap<String, String>>,
) -> Answer {
    let program = visit.service().described(&id).or_page(&visit)?;
    let now = visit.frame().now;
    let day = asked.get("submit_on").map_or("", String::as_str);
    let refused = |why: String| visit.stopped(StatusCode::BAD_REQUEST, &Stopped::refused(why));
    let at = read_day(program, now, day).map_err(|message| refused(format!("{message}.")))?;
    let Some(plan) = plan(program, at.max(now)) else {
        return Err(refused("No round of this program is to come then.".to_owned()));
    };
    let calendar = Calendar::new(&program.name, now, visit.service().base_url());
    Ok(file(&format!("{id}-{}.ics", plan.round.id), calendar.with_plan(program, &plan)))
}

fn file(name: &str, calendar: Calendar) -> Response {
    let named = format!("inline; filename=\"{name}\"");
    let headers = [
        (header::CONTENT_TYPE, "text/calendar; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=3600"),
        (header::CONTENT_DISPOSITION, &named),
    ];
    (headers, calendar.finish()).into_response()
}

fn search(asked: &[(String, String)]) -> Search {
    let first = |name: &str| asked.iter().find(|(key, _)| key == name).map(|(_, value)| value);
    let words: String =
        first("q").map_or("", |words| words.trim()).chars().take(WORDS_CHARACTERS_MAX).collect();
    let chosen = asked.iter().filter(|(key, _)| key == "compare");
    Search {
        words,
        open: first("open").is_some(),
        without_card: first("no_card").is_some(),
        compare: chosen.map(|(_, id)| ProgramId::new(id.as_str())).collect(),
    }
}

/// Whether a program has every word that is searched for, and what else is asked of it.
fn fits(program: &Arc<Program>, search: &Search) -> bool {
    let guide = &program.guide;
    let mut text = vec![program.name.as_str(), &program.provider, &program.summary];
    text.extend(guide.at_a_glance.iter().map(|(_, text)| text.as_str()));
    text.extend(
        [&guide.covers, &guide.eligible, &guide.limits].into_iter().flatten().map(String::as_str),
    );
    text.extend(program.areas.iter().map(|(_, label)| label.as_str()));
    text.extend(program.award.in_kind.as_deref());
    let text = text.join("\n").to_lowercase();
    search.words.to_lowercase().split_whitespace().all(|word| text.contains(word))
        && (!search.open || program.takes_applications())
        && (!search.without_card || program.card.is_none())
}

fn card(program: &Program, runs_here: bool, now: Timestamp) -> ProgramCard {
    let said = |name: &str| {
        let mut rows = program.guide.at_a_glance.iter();
        rows.find(|(row, _)| row == name).map(|(_, text)| text.clone())
    };
    let closed = match program.offer.state {
        OfferState::Open => None,
        OfferState::Forecast => Some(Status::new(Tone::Info, "Announced")),
        OfferState::Paused => Some(Status::new(Tone::Warning, "Paused")),
        OfferState::Discontinued => Some(Status::new(Tone::Neutral, "Discontinued")),
    };
    ProgramCard {
        id: program.id.clone(),
        name: program.name.clone(),
        provider: program.provider.clone(),
        summary: program.summary.clone(),
        amounts: guide::amounts(program),
        term: program.term_in_words(),
        runs_here,
        closed,
        next: next(program, now),
        zone: program.review.zone.clone(),
        card_needed: program.card.is_some(),
        who: said("Eligibility"),
        difficulty: said("Difficulty"),
        best_for: said("Best for"),
        accelerator: said("Startup accelerator"),
    }
}

fn next(program: &Program, now: Timestamp) -> Next {
    if program.intake == Intake::Officers {
        return Next::Officers;
    }
    if let Cadence::Rolling { decided, .. } = &program.review.cadence {
        return Next::AnyDay { decided: decided.map(DecisionDays::in_words) };
    }
    plan(program, now).map_or(Next::Unsaid, |plan| Next::Round {
        opens: Some(plan.round.collects_from).filter(|opens| now < *opens),
        closes: plan.round.review_begins,
        credit_by: plan.credit.map(|(_, latest)| latest),
    })
}
