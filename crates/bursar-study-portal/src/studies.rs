//! Studies of a grant: made, changed, closed, and budget moved between them.

use std::collections::{BTreeMap, BTreeSet};

use crate::spending::{chart, series};
use bursar_kernel::{GrantId, Model, ModelId, PersonId, Scope, StudyId, Timestamp, Usd};
use bursar_service::{FieldError, KeyLine, ServiceError};
use bursar_store::rows::Study;
use bursar_studies::{BudgetMove, By, NewStudy, StudyLine, StudyTerms};
use bursar_study_pages::studies::{
    CloseStudy, MoveBudget, StudyForm, StudyKey, StudyPage, StudyRow,
};
use bursar_ui::{Choice, Input, Status, Tone, exact, routes};
use bursar_web::{Answer, At, Done, OrPage as _, Posted, Trouble, Visit, read_amount};
use jiff::ToSpan as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// Studies as rows of a list.
pub fn rows(lines: &[StudyLine], now: Timestamp) -> Vec<StudyRow> {
    lines.iter().map(|line| row(line, now)).collect()
}

fn row(line: &StudyLine, now: Timestamp) -> StudyRow {
    let study = &line.study;
    StudyRow {
        id: study.id,
        name: study.terms.name.clone(),
        tags: study.terms.tags.clone(),
        status: status(line, now),
        is_open: study.closed_at.is_none(),
        budget: study.terms.budget,
        spent: line.spend.cost,
        used_at: line.spend.last_at,
    }
}

fn status(line: &StudyLine, now: Timestamp) -> Status {
    let study = &line.study;
    let is_over = study.terms.ends_at.is_some_and(|at| at <= now);
    let waits = study.terms.starts_at.is_some_and(|at| now < at);
    let is_spent = line.left().is_some_and(|left| !left.is_positive());
    match (study.closed_at, is_over, waits, is_spent) {
        (Some(_), _, _, _) => Status::new(Tone::Neutral, "Closed"),
        (None, true, _, _) => Status::new(Tone::Neutral, "Ended"),
        (None, false, true, _) => Status::new(Tone::Info, "Not begun"),
        (None, false, false, true) if study.terms.stops => {
            Status::new(Tone::Warning, "Budget spent")
        }
        (None, false, false, true) => Status::new(Tone::Warning, "Over its budget"),
        (None, false, false, false) => Status::new(Tone::Good, "Running"),
    }
}

pub(crate) async fn show(visit: Visit, At(id): At<StudyId>) -> Answer {
    let line = find(&visit, id).await?;
    let others = open_others(&visit, &line).await?;
    let of = (By::Model, Some(id));
    let spent = bursar_studies::spending(visit.service(), &visit.viewer, line.grant.id, of).await;
    let spent = spent.or_page(&visit)?;
    let (study, now) = (&line.study, visit.frame().now);
    visit.page(&StudyPage {
        row: row(&line, now),
        grant: line.grant.id,
        grant_title: line.grant.title.clone(),
        stops: study.terms.stops,
        calls: line.spend.calls,
        runs: (study.terms.starts_at, study.terms.ends_at),
        closed_at: study.closed_at,
        models: study.terms.scope.models.iter().flatten().map(ToString::to_string).collect(),
        notes: study.terms.notes.clone(),
        chart: chart(&series(&spent.parts), now),
        keys: key_rows(&visit, &line.keys, now).await?,
        may_change: line.may_manage && study.closed_at.is_none(),
        may_move: line.left().is_some_and(Usd::is_positive) && !others.is_empty(),
    })
}

pub(crate) fn key_row(line: &KeyLine, whose: Option<String>, now: Timestamp) -> StudyKey {
    StudyKey {
        name: line.key.name.clone(),
        hint: format!("…{}", line.key.hint),
        whose,
        status: bursar_shown::shown::key_status(line, now),
        cap: line.key.cap,
        spent: line.spend.cost,
        used_at: line.spend.last_at,
    }
}

/// Keys with whose each is, where it is not of whoever looks.
async fn key_rows(
    visit: &Visit,
    lines: &[KeyLine],
    now: Timestamp,
) -> Result<Vec<StudyKey>, Trouble> {
    let others = others_of(visit, lines.iter().map(|line| line.key.person)).await?;
    let whose = |line: &KeyLine| others.get(&line.key.person).cloned();
    Ok(lines.iter().map(|line| key_row(line, whose(line), now)).collect())
}

/// How people are called, but for whoever looks.
pub async fn others_of(
    visit: &Visit,
    people: impl Iterator<Item = PersonId>,
) -> Result<BTreeMap<PersonId, String>, Trouble> {
    let mut names = BTreeMap::new();
    let ids: BTreeSet<PersonId> = people.filter(|it| visit.viewer.person() != Some(*it)).collect();
    for id in ids {
        let person = visit.service().person_of(id).await.or_page(visit)?;
        names.insert(id, bursar_web::name_of(&person));
    }
    Ok(names)
}

pub(crate) async fn ask(visit: Visit, At(id): At<GrantId>) -> Answer {
    let stops = ("stops".to_owned(), "yes".to_owned());
    let input = Input { values: BTreeMap::from([stops]), errors: BTreeMap::new() };
    let page = new_form(&visit, id, input).await?;
    visit.page(&page)
}

pub(crate) async fn make(At(grant): At<GrantId>, mut form: Posted) -> Answer {
    let zone = zone_of(&form.visit, grant).await?;
    let made = match terms(&form, &zone) {
        Ok(terms) => {
            let (service, viewer) = (form.visit.service(), &form.visit.viewer);
            bursar_studies::make_study(service, viewer, NewStudy { grant, terms }).await
        }
        Err(error) => Err(error),
    };
    match made {
        Ok(study) => form.visit.done(&routes::study(study.id), Done::StudyMade),
        Err(error) => {
            let errors = form.visit.again(error)?;
            let page = new_form(&form.visit, grant, form.input(errors)).await?;
            form.visit.page(&page)
        }
    }
}

async fn new_form(visit: &Visit, grant: GrantId, input: Input) -> Result<StudyForm, Trouble> {
    let within = visit.service().within(&visit.viewer, grant).await.or_page(visit)?;
    within.allow(within.may_manage_studies()).or_page(visit)?;
    Ok(StudyForm {
        grant,
        grant_title: within.grant.title,
        study: None,
        models: models(visit, grant, &Scope::default()).await?,
        input,
    })
}

pub(crate) async fn ask_change(visit: Visit, At(id): At<StudyId>) -> Answer {
    let line = managed(&visit, id).await?;
    let zone = zone_of(&visit, line.grant.id).await?;
    let input = Input { values: values(&line.study, &zone), errors: BTreeMap::new() };
    let page = change_form(&visit, line, input).await?;
    visit.page(&page)
}

pub(crate) async fn change(At(id): At<StudyId>, mut form: Posted) -> Answer {
    let line = managed(&form.visit, id).await?;
    let zone = zone_of(&form.visit, line.grant.id).await?;
    let changed = match terms(&form, &zone) {
        Ok(terms) => {
            let (service, viewer) = (form.visit.service(), &form.visit.viewer);
            bursar_studies::change_study(service, viewer, id, terms).await
        }
        Err(error) => Err(error),
    };
    match changed {
        Ok(_) => form.visit.done(&routes::study(id), Done::StudyChanged),
        Err(error) => {
            let errors = form.visit.again(error)?;
            let page = change_form(&form.visit, line, form.input(errors)).await?;
            form.visit.page(&page)
        }
    }
}

async fn change_form(visit: &Visit, line: StudyLine, input: Input) -> Result<StudyForm, Trouble> {
    Ok(StudyForm {
        grant: line.grant.id,
        models: models(visit, line.grant.id, &line.study.terms.scope).await?,
        grant_title: line.grant.title,
        study: Some(line.study.id),
        input,
    })
}

pub(crate) async fn ask_move(visit: Visit, At(id): At<StudyId>) -> Answer {
    let page = move_form(&visit, id, Input::default()).await?;
    visit.page(&page)
}

pub(crate) async fn move_budget(At(from): At<StudyId>, mut form: Posted) -> Answer {
    let wanted = budget_move(&form, from);
    let moved = match wanted {
        Ok(wanted) => {
            let (service, viewer) = (form.visit.service(), &form.visit.viewer);
            bursar_studies::move_budget(service, viewer, wanted).await
        }
        Err(error) => Err(error),
    };
    match moved {
        Ok(_) => form.visit.done(&routes::study(from), Done::BudgetMoved),
        Err(error) => {
            let errors = form.visit.again(error)?;
            let page = move_form(&form.visit, from, form.input(errors)).await?;
            form.visit.page(&page)
        }
    }
}

fn budget_move(form: &Posted, from: StudyId) -> Result<BudgetMove, ServiceError> {
    let mut errors = Errors::default();
    let to = form.field("to").parse();
    let to = errors.or_note("to", to.map_err(|_| "Choose a study".to_owned()));
    let amount = errors.or_note("amount", read_amount(form.field("amount")));
    errors.end()?;
    let missing = || ServiceError::field("to", "Choose a study");
    Ok(BudgetMove { from, to: to.ok_or_else(missing)?, amount: amount.unwrap_or(Usd::ZERO) })
}

async fn move_form(visit: &Visit, id: StudyId, input: Input) -> Result<MoveBudget, Trouble> {
    let line = managed(visit, id).await?;
    let (Some(budget), Some(left)) = (line.study.terms.budget, line.left()) else {
        return Err(visit.not_found());
    };
    let choice = |other: &StudyLine| {
        let left = other.left().map(|left| format!("{} left", exact(left)));
        Choice::hinted(
            other.study.id.to_string(),
            other.study.terms.name.clone(),
            left.unwrap_or_default(),
        )
    };
    Ok(MoveBudget {
        study: id,
        others: open_others(visit, &line).await?.iter().map(choice).collect(),
        name: line.study.terms.name,
        budget: (budget, left),
        input,
    })
}

pub(crate) async fn ask_close(visit: Visit, At(id): At<StudyId>) -> Answer {
    let line = managed(&visit, id).await?;
    let now = visit.frame().now;
    let works = |line: &&KeyLine| {
        line.key.revoked_at.is_none() && line.key.expires_at.is_none_or(|at| now < at)
    };
    visit.page(&CloseStudy {
        study: id,
        left: line.left(),
        keys: line.keys.iter().filter(works).count(),
        name: line.study.terms.name,
    })
}

pub(crate) async fn close(At(id): At<StudyId>, form: Posted) -> Answer {
    let visit = form.visit;
    bursar_studies::close_study(visit.service(), &visit.viewer, id).await.or_page(&visit)?;
    visit.done(&routes::study(id), Done::StudyClosed)
}

async fn find(visit: &Visit, id: StudyId) -> Result<StudyLine, Trouble> {
    bursar_studies::study(visit.service(), &visit.viewer, id).await.or_page(visit)
}

/// A study that whoever asks may change.
async fn managed(visit: &Visit, id: StudyId) -> Result<StudyLine, Trouble> {
    let line = find(visit, id).await?;
    let may_change = line.may_manage && line.study.closed_at.is_none();
    if may_change { Ok(line) } else { Err(visit.not_found()) }
}

/// Other open studies of the grant that have a budget.
async fn open_others(visit: &Visit, line: &StudyLine) -> Result<Vec<StudyLine>, Trouble> {
    let (service, viewer) = (visit.service(), &visit.viewer);
    let mut others =
        bursar_studies::studies(service, viewer, line.grant.id).await.or_page(visit)?;
    others.retain(|other| {
        let study = &other.study;
        study.id != line.study.id && study.closed_at.is_none() && study.terms.budget.is_some()
    });
    Ok(others)
}

/// Days are those of the program's zone.
async fn zone_of(visit: &Visit, grant: GrantId) -> Result<TimeZone, Trouble> {
    let page = visit.service().grant(&visit.viewer, grant).await.or_page(visit)?;
    let program = visit.service().program(&page.grant.program).or_page(visit)?;
    Ok(program.review.zone.clone())
}

/// Models to choose from: those that still answer, and whatever is chosen already.
async fn models(visit: &Visit, grant: GrantId, chosen: &Scope) -> Result<Vec<Choice>, Trouble> {
    let found = visit.service().grant_models(&visit.viewer, grant).await.or_page(visit)?;
    let today = visit.frame().now.to_zoned(TimeZone::UTC).date();
    let is_chosen = |id: &ModelId| chosen.models.iter().flatten().any(|model| model == id);
    let answers = |model: &Model| model.shutdown.is_none_or(|day| today < day);
    let models = found.models.iter().map(|line| &line.model);
    let models = models.filter(|model| answers(model) || is_chosen(&model.id));
    Ok(models.map(|model| Choice::new(model.id.to_string(), model.id.to_string())).collect())
}

/// What is wrong with a form, gathered.
#[derive(Default)]
struct Errors(Vec<FieldError>);

impl Errors {
    fn or_note<T>(&mut self, field: &str, read: Result<T, String>) -> Option<T> {
        read.map_err(|message| self.0.push(FieldError { field: field.to_owned(), message })).ok()
    }

    fn end(self) -> Result<(), ServiceError> {
        if self.0.is_empty() { Ok(()) } else { Err(ServiceError::Invalid(self.0)) }
    }
}

/// What the form says of a study.
fn terms(form: &Posted, zone: &TimeZone) -> Result<StudyTerms, ServiceError> {
    let mut errors = Errors::default();
    let budget = errors.or_note("budget", optional(form.field("budget"), read_amount));
    let starts = errors.or_note("starts", optional(form.field("starts"), |text| first(text, zone)));
    let ends = errors.or_note("ends", optional(form.field("ends"), |text| last(text, zone)));
    errors.end()?;
    let lines = form.field("models").lines().map(str::trim).filter(|line| !line.is_empty());
    let models: BTreeSet<ModelId> = lines.map(ModelId::new).collect();
    Ok(StudyTerms {
        name: form.field("name").to_owned(),
        notes: form.field("notes").to_owned(),
        tags: form.field("tags").split(',').map(str::to_owned).collect(),
        budget: budget.flatten(),
        stops: form.field("stops") != "no",
        starts_at: starts.flatten(),
        ends_at: ends.flatten(),
        scope: Scope { models: (!models.is_empty()).then_some(models), endpoints: None },
    })
}

/// What a form that shows a study begins with.
fn values(study: &Study, zone: &TimeZone) -> BTreeMap<String, String> {
    let day = |at: Timestamp| at.to_zoned(zone.clone()).date();
    let last_day = |at: Timestamp| day(at - jiff::SignedDuration::from_nanos(1)).to_string();
    let models = study.terms.scope.models.iter().flatten().map(ToString::to_string);
    let values = [
        ("name", study.terms.name.clone()),
        ("budget", study.terms.budget.map(|budget| budget.to_string()).unwrap_or_default()),
        ("stops", if study.terms.stops { "yes" } else { "no" }.to_owned()),
        ("starts", study.terms.starts_at.map(|at| day(at).to_string()).unwrap_or_default()),
        ("ends", study.terms.ends_at.map(last_day).unwrap_or_default()),
        ("tags", study.terms.tags.join(", ")),
        ("notes", study.terms.notes.clone()),
        ("models", models.collect::<Vec<_>>().join("\n")),
    ];
    values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn optional<T>(text: &str, read: impl Fn(&str) -> Result<T, String>) -> Result<Option<T>, String> {
    match text.trim() {
        "" => Ok(None),
        text => read(text).map(Some),
    }
}

/// The first instant of a day.
fn first(text: &str, zone: &TimeZone) -> Result<Timestamp, String> {
    let day: Date = text.parse().map_err(|_| NO_DAY.to_owned())?;
    zone.to_timestamp(day.at(0, 0, 0, 0)).map_err(|_| NO_DAY.to_owned())
}

/// The first instant after a day.
fn last(text: &str, zone: &TimeZone) -> Result<Timestamp, String> {
    let day: Date = text.parse().map_err(|_| NO_DAY.to_owned())?;
    let next = day.checked_add(1.day()).map_err(|_| NO_DAY.to_owned())?;
    zone.to_timestamp(next.at(0, 0, 0, 0)).map_err(|_| NO_DAY.to_owned())
}

const NO_DAY: &str = "Enter a day, like 2027-01-04";
