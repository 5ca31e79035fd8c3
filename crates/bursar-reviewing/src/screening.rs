//! Screening: what an officer says of whether an application is eligible, and which others it is
//! like.

use std::collections::{BTreeMap, BTreeSet};

use bursar_award::{Application, Command, Screen, State};
use bursar_kernel::program::{Audience, FieldKind};
use bursar_kernel::{ApplicationId, BasisPoints, Program};
use bursar_policy::{Viewer, readable};
use bursar_program::answers::title;
use bursar_program::eligibility::{Standing, check_with};
use bursar_review::duplicates::{self, Limits, Text};
use bursar_service::{Service, ServiceError, audit_line, batch_of};
use bursar_store::ApplicationFilter;
use bursar_store::rows::Person;

/// Passages of a pair that are shown at the most.
const PASSAGES_MAX: usize = 5;

/// Says whether an application is eligible. Where the rules say otherwise, that takes a reason.
///
/// The administrator's token has no name of its own: it names the officer whose word it is.
pub async fn screen(
    service: &Service,
    viewer: &Viewer,
    officer: Option<&str>,
    id: ApplicationId,
    is_eligible: bool,
    reason: String,
) -> Result<(), ServiceError> {
    let standing = bursar_evidence::for_officer(service, viewer, id).await?;
    let (by, in_whose_name) = service.officer(viewer, officer).await?;
    let application = service.load_application(id).await?;
    let found = check_with(&standing.program, &application.answers, &standing.evidence);
    let overrules = match found.standing {
        Standing::Eligible => !is_eligible,
        Standing::Ineligible => is_eligible,
        // The rules leave it to a person.
        Standing::Flagged | Standing::Unsaid => false,
    };
    let batch = batch_of(viewer, service.now())?;
    let line = audit_line(&batch, "application.screened", id, in_whose_name);
    let command = Command::Screen(Screen { by, is_eligible, overrules, reason });
    service.step(batch, application, command, |batch, _| batch.with(line)).await?;
    Ok(())
}

/// An application that says the same as another in nearly the same words.
#[derive(Clone, Debug)]
pub struct Similar {
    /// The other application.
    pub application: Application,
    /// What it is called.
    pub title: String,
    /// Its program's name.
    pub program: String,
    /// Who applies.
    pub applicant: Person,
    /// What both have of all that either has.
    pub alike: BasisPoints,
    /// What the other has of the shorter one.
    pub contained: BasisPoints,
    /// Whether somebody takes part in both: handed in again is no copy.
    pub same_people: bool,
    /// The longest passages that both have: the question in this application, and the words.
    pub passages: Vec<(String, String)>,
}

/// Which other applications an application is like, of all that were ever handed in and that the
/// officer is free to judge. It proves nothing: a person looks at the passages.
pub async fn similar(
    service: &Service,
    viewer: &Viewer,
    id: ApplicationId,
) -> Result<(Application, Vec<Similar>), ServiceError> {
    let page = service.application_for_officer(viewer, id).await?;
    let states = State::ALL.into_iter().filter(|state| *state != State::Draft).collect();
    let filter = ApplicationFilter { states, ..ApplicationFilter::default() };
    let mut others = service.store().applications(filter).await?;
    others.retain(|other| other.id != id && other.submitted_at.is_some());
    let others = service.free_to_decide(viewer, others).await?;
    let mut read = BTreeMap::new();
    for one in others.iter().chain([&page.application]) {
        let program = service.program_of(one)?;
        let answers = readable(&program.form, Audience::Officer, &one.answers);
        read.insert(one.id, (program, answers));
    }
    let members = service.store().members(id).await?;
    let mut mine: BTreeSet<_> = members.iter().filter_map(|member| member.person).collect();
    mine.insert(page.application.applicant);
    let text = |one: &Application| {
        let (program, answers) = read.get(&one.id)?;
        let people = if one.id == id { mine.clone() } else { BTreeSet::from([one.applicant]) };
        Some(Text { application: one.id, people, parts: long_answers(program, answers) })
    };
    let new: Vec<Text<'_>> = text(&page.application).into_iter().collect();
    let earlier: Vec<Text<'_>> = others.iter().filter_map(text).collect();
    let pairs = duplicates::find(&new, &earlier, Limits::default())
        .map_err(|why| ServiceError::Refused(why.to_string()))?;
    let mut found = Vec::with_capacity(pairs.len());
    for pair in pairs {
        let Some(other) = others.iter().find(|other| other.id == pair.other) else { continue };
        let (Some((program, answers)), Some((own_program, own))) =
            (read.get(&pair.other), read.get(&id))
        else {
            continue;
        };
        let passages = pair.places.iter().take(PASSAGES_MAX).filter_map(|place| {
            let answer = own.get(&place.one.part)?;
            let label = own_program.form.iter().find(|field| field.id == place.one.part)?;
            Some((label.label.clone(), answer.get(place.one.from..place.one.to)?.to_owned()))
        });
        found.push(Similar {
            title: title(program, answers),
            program: program.name.clone(),
            applicant: service.person_of(other.applicant).await?,
            alike: pair.alike,
            contained: pair.contained,
            same_people: pair.same_people,
            passages: passages.collect(),
            application: other.clone(),
        });
    }
    Ok((page.application, found))
}

fn long_answers<'a>(
    program: &'a Program,
    answers: &'a BTreeMap<String, String>,
) -> Vec<(&'a str, &'a str)> {
    let texts = program.form.iter().filter(|field| matches!(field.kind, FieldKind::Text { .. }));
    texts.filter_map(|field| Some((&*field.id, &**answers.get(&field.id)?))).collect()
}
