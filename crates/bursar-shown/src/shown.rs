//! From what the service gives to what pages show: names, states, answers, dates.

use std::sync::Arc;

use std::collections::BTreeMap;

use bursar_award::Application;
use bursar_kernel::program::{Audience, Cadence, Every, FieldKind, FormField};
use bursar_kernel::{Actor, ApplicationId, Catalog, Mode, Model, ModelId, Program, Timestamp, Usd};
use bursar_policy::{AccessRequest, AccessState};
pub use bursar_program::answers::title;
use bursar_program::answers::{Occasion, asked};
use bursar_program::calendar::{self, Plan, Round, plan_of};
use bursar_program::files::{Listed, in_words as file_in_words, listed};
use bursar_service::{GrantPage, GrantState, KeyLine, Stage, State};
use bursar_store::rows::{CardFace, Person};
use bursar_ui::{Answer, Status, Tone, available, routes};
use jiff::SignedDuration;

use bursar_pages::discover::RoundDates;
use bursar_pages::wallet::CardShown;

/// What examples call, the first that is open.
const EXAMPLE_MODELS: [&str; 3] = ["gpt-5.4-mini", "gpt-5-mini", "gpt-4.1-mini"];

/// Who did something, with the person if a person did.
pub fn actor(actor: &Actor, person: Option<&Person>) -> String {
    match (actor, person) {
        (Actor::Person(_), Some(person)) => bursar_web::name_of(person),
        (Actor::Person(id), None) => id.to_string(),
        (Actor::Key(key), _) => key.to_string(),
        (Actor::Operator, _) => "The administrator".to_owned(),
        (Actor::Job(name), _) => format!("The {name} job"),
    }
}

/// What an application follows, and so what it was asked.
pub const fn occasion(application: &Application) -> Occasion {
    match application.after_grant {
        Some(_) => Occasion::AfterGrant,
        None => Occasion::First,
    }
}

/// The answers of a form to the questions that were asked, in its order, with their files.
pub fn answers(
    program: &Program,
    occasion: Occasion,
    given: &BTreeMap<String, String>,
    of: ApplicationId,
    reader: Audience,
) -> Vec<Answer> {
    answers_of(program, occasion, given, (of, None), |field| field.visible_to.has(reader))
}

/// Those of them that are meant, with the way to change each in a draft.
pub fn answers_of(
    program: &Program,
    occasion: Occasion,
    given: &BTreeMap<String, String>,
    (of, draft): (ApplicationId, Option<ApplicationId>),
    is_meant: impl Fn(&FormField) -> bool,
) -> Vec<Answer> {
    let answer = |field: &FormField| {
        let text = given.get(&field.id).map_or("", String::as_str);
        let has_files = matches!(field.kind, FieldKind::Attachment { .. });
        let files = if has_files { listed(text) } else { Vec::new() };
        let link = |file: &Listed| (routes::application_file(of, &file.hash), file_in_words(file));
        Answer {
            question: field.label.clone(),
            answer: if text.is_empty() { String::new() } else { in_words(field, text) },
            change: draft.map(|id| crate::address(program, id, &field.id)),
            files: files.iter().map(link).collect(),
        }
    };
    let asked = asked(program, occasion, given).into_iter();
    asked.filter(|field| is_meant(field)).map(answer).collect()
}

/// An answer as a person reads it: an option by its label, an amount with its currency.
fn in_words(field: &FormField, answer: &str) -> String {
    match answer.parse::<Usd>() {
        Ok(amount) if field.kind == FieldKind::Amount => available(amount),
        Ok(_) | Err(_) => bursar_program::eligibility::in_words(field, answer),
    }
}

/// A round's dates, as an applicant needs them at an instant.
pub fn round_dates(program: &Program, round: &Round, now: Timestamp) -> RoundDates {
    let Plan { advised_by, decision, credit, expires, round } = plan_of(program, round.clone());
    RoundDates {
        label: match program.review.cadence {
            Cadence::Rolling { every: Every::Day, .. } => String::new(),
            Cadence::Rolling { .. }
            | Cadence::Months(_)
            | Cadence::MonthlyOn { .. }
            | Cadence::Calls(_)
            | Cadence::Unsaid => calendar::name(program, &round),
        },
        opens: Some(round.collects_from).filter(|opens| now < *opens),
        last_day: round.review_begins - SignedDuration::from_millis(1),
        advised_by,
        closes: round.review_begins,
        decision,
        credit,
        expires,
        zone: program.review.zone.clone(),
        round: round.id,
    }
}

/// The dates of the round that an application handed in now would be part of.
pub fn next_round(program: &Program, now: Timestamp) -> Option<RoundDates> {
    calendar::round_for(program, now).map(|round| round_dates(program, &round, now))
}

/// A day in a program's zone, in words.
pub fn day(program: &Program, at: Timestamp) -> String {
    bursar_ui::day(at.to_zoned(program.review.zone.clone()).date())
}

/// Where an application stands, as its applicant reads it.
pub fn stage(stage: Stage) -> Status {
    match stage {
        Stage::Draft => Status::new(Tone::Info, "Draft"),
        Stage::Submitted => Status::new(Tone::Info, "Submitted"),
        Stage::AwardOffered => Status::new(Tone::Good, "Award offered"),
        Stage::Declined => Status::new(Tone::Neutral, "No award"),
        Stage::Accepted => Status::new(Tone::Good, "Accepted"),
        Stage::Granted => Status::new(Tone::Good, "Granted"),
        Stage::Withdrawn => Status::new(Tone::Neutral, "Withdrawn"),
        Stage::AwardDeclined => Status::new(Tone::Neutral, "Award declined"),
        Stage::Waitlisted => Status::new(Tone::Info, "On the waiting list"),
        Stage::AwardLapsed => Status::new(Tone::Neutral, "Award lapsed"),
    }
}

/// Where an application stands, as officers read it.
pub fn state(state: State) -> Status {
    match state {
        State::Draft => Status::new(Tone::Info, "Draft"),
        State::Submitted => Status::new(Tone::Info, "Submitted"),
        State::InReview => Status::new(Tone::Warning, "In review"),
        State::Decided => Status::new(Tone::Info, "Decided"),
        State::AwardOffered => Status::new(Tone::Good, "Award offered"),
        State::Declined => Status::new(Tone::Neutral, "Declined"),
        State::Accepted => Status::new(Tone::Good, "Accepted"),
        State::Granted => Status::new(Tone::Good, "Granted"),
        State::Withdrawn => Status::new(Tone::Neutral, "Withdrawn"),
        State::AwardDeclined => Status::new(Tone::Neutral, "Award declined"),
        State::Waitlisted => Status::new(Tone::Info, "On the waiting list"),
        State::AwardLapsed => Status::new(Tone::Neutral, "Award lapsed"),
    }
}

/// Where a grant stands.
pub fn grant_state(page: &GrantPage) -> Status {
    match page.state {
        // Its credit is there, and no call may spend it.
        GrantState::Active if page.stopped.is_some() || page.program_stopped.is_some() => {
            Status::new(Tone::Warning, "Stopped")
        }
        GrantState::Waiting => Status::new(Tone::Info, "Waiting for delivery"),
        GrantState::Active => Status::new(Tone::Good, "Active"),
        GrantState::Spent => Status::new(Tone::Neutral, "Spent"),
        GrantState::Expired => Status::new(Tone::Bad, "Expired"),
        GrantState::Voided => Status::new(Tone::Bad, "Voided"),
    }
}

/// Where a key stands.
pub fn key_status(line: &KeyLine, now: Timestamp) -> Status {
    let key = &line.key;
    let is_expired = key.expires_at.is_some_and(|at| at <= now);
    let is_spent = key.cap.is_some_and(|cap| cap <= line.spend.cost);
    match (key.revoked_at, is_expired, is_spent) {
        (Some(_), _, _) => Status::new(Tone::Neutral, "Revoked"),
        (None, true, _) => Status::new(Tone::Neutral, "Expired"),
        (None, false, true) => Status::new(Tone::Warning, "Cap spent"),
        (None, false, false) => Status::new(Tone::Good, "Active"),
    }
}

/// Where a request for a limited model stands; that it has lapsed is read off the clock.
pub fn access_state(request: &AccessRequest, now: Timestamp) -> Status {
    match request.state {
        AccessState::Asked => Status::new(Tone::Info, "Asked"),
        AccessState::Approved if request.is_open(now) => Status::new(Tone::Good, "Approved"),
        AccessState::Approved => Status::new(Tone::Neutral, "Lapsed"),
        AccessState::Declined => Status::new(Tone::Bad, "Declined"),
        AccessState::Withdrawn => Status::new(Tone::Neutral, "Taken back"),
    }
}

/// A round's name for an application, where it is in one.
pub fn round_of(program: &Program, application: &Application) -> Option<String> {
    let round = calendar::parse_round(program, application.round.as_ref()?)?;
    Some(calendar::name(program, &round))
}

/// Whether the provider still answers for a model.
pub fn is_alive(model: &Model, now: Timestamp) -> bool {
    let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
    model.shutdown.is_none_or(|shutdown| today < shutdown)
}

/// A chat model for examples: alive, priced, open to everybody.
pub fn example_model(catalog: &Catalog, program: &Program, now: Timestamp) -> ModelId {
    let open = |model: &&Arc<Model>| {
        model.mode == Mode::Chat
            && model.prices.is_some()
            && is_alive(model, now)
            && !program.entitlements.limited_models.contains(&model.id)
    };
    let favourites = EXAMPLE_MODELS.iter().filter_map(|name| catalog.model(name));
    let found = favourites.chain(catalog.models.values()).find(open);
    found.map_or_else(|| ModelId::new(EXAMPLE_MODELS[0]), |model| model.id.clone())
}

/// One page of a list that is read whole.
pub struct Slice {
    /// How many rows come before it.
    pub from: usize,
    /// Where newer ones are.
    pub newer: Option<String>,
    /// Where older ones are.
    pub older: Option<String>,
    /// What is shown: `1 to 50`.
    pub position: String,
}

/// Where a page of a list stands; `path` ends where `page=2` can follow.
pub fn slice(path: &str, page: usize, of: usize) -> Slice {
    let most = bursar_kernel::limits::ROWS_PER_PAGE;
    let page = page.clamp(1, of.div_ceil(most).max(1));
    let from = page.saturating_sub(1).saturating_mul(most);
    let to = from.saturating_add(most).min(of);
    Slice {
        from,
        newer: (1 < page).then(|| format!("{path}page={}", page - 1)),
        older: (to < of).then(|| format!("{path}page={}", page + 1)),
        position: format!("{} to {to}", from.saturating_add(1).min(to)),
    }
}

/// A card for a person's eyes.
pub fn card(face: &CardFace) -> CardShown {
    let brand = match face.brand.as_str() {
        "amex" => "American Express".to_owned(),
        "unknown" => "Card".to_owned(),
        brand => bursar_web::capitalised(brand),
    };
    let expiry = format!("{:02}/{}", face.exp_month, face.exp_year);
    CardShown { brand, last4: face.last4.clone(), expiry }
}
