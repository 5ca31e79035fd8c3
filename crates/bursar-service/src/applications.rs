//! Applications: drafts, submission, the officer's decision, the answer to an offer.

use std::collections::BTreeMap;

use bursar_award::{
    AcceptedPolicy, ApplicantStatus, Application, Command, Event, Progress, Start, State, Submit,
    applicant_view, decide, resubmit, start,
};
use bursar_kernel::program::{FieldKind, FormField};
use bursar_kernel::{
    ApplicationId, Estimate, GrantId, PersonId, Program, ProgramId, Timestamp, TransferId, Usd,
};
use bursar_ledger as ledger;
use bursar_policy::{Action, Viewer, may};
use bursar_program::answers::{Occasion, check_answers, questions};
use bursar_program::calendar::{self, Round};
use bursar_program::eligibility::{self, Points, Standing, priority};
use bursar_store::rows::{Grant, Person};
use bursar_store::{ApplicationFilter, Batch, Expect, GrantFilter, Row, Write};

use crate::letters::Post as _;
use crate::{Service, ServiceError, entropy, intake, letters};

/// Characters that a draft's answers may take in all.
const DRAFT_CHARACTERS_MAX: usize = 200_000;
/// Applications that one person may have open with a program at a time.
const OPEN_PER_PERSON_MAX: usize = 3;

/// An application as its applicant sees it.
#[derive(Clone, Debug)]
pub struct ApplicantPage {
    /// Its status, neutral until the release.
    pub status: ApplicantStatus,
    /// What the applicant answered.
    pub answers: BTreeMap<String, String>,
    /// When its round reviews, once it is in one.
    pub round: Option<Round>,
    /// When its credit arrives, once it is released with an award: one instant twice, once the
    /// day is set.
    pub delivery: Option<(Timestamp, Timestamp)>,
    /// The grant that its award is, once it is accepted.
    pub grant: Option<Grant>,
    /// What it follows, and so what it is asked.
    pub occasion: Occasion,
    /// What was answered in the application that it follows.
    pub earlier: Option<BTreeMap<String, String>>,
    /// What the grant that it follows has come to, by the books; as it was when it was handed in.
    pub progress: Option<Progress>,
    /// What its study costs, as the applicant counted it.
    pub estimate: Option<Estimate>,
    /// What counts in its favour among equals, once its decision is released.
    pub priority: Option<Points>,
}

impl Service {
    /// Begins an application, or hands back the draft that the person has.
    pub async fn start_application(
        &self,
        viewer: &Viewer,
        program: &ProgramId,
    ) -> Result<ApplicationId, ServiceError> {
        crate::allow(viewer, Action::Apply)?;
        let applicant = viewer.person().ok_or(ServiceError::SignInFirst)?;
        let program = self.program(program)?;
        intake::takes_applications(program)?;
        let filter = ApplicationFilter {
            program: Some(program.id.clone()),
            applicant: Some(applicant),
            ..ApplicationFilter::default()
        };
        let mine = self.store.applications(filter).await?;
        if let Some(draft) = mine.iter().find(|mine| mine.state == State::Draft) {
            return Ok(draft.id);
        }
        let open = mine.iter().filter(|mine| !mine.state.is_final()).count();
        if OPEN_PER_PERSON_MAX <= open {
            let text = "have more than three applications open at a time\n\
                        hint: wait for one to be decided, or withdraw one";
            return Err(ServiceError::Refused(text.to_owned()));
        }
        may_come_back(program, &mine)?;
        let now = self.now();
        let id = ApplicationId::new(now, entropy::draw());
        let after_grant = self.latest_grant(program, applicant).await?;
        let started = match mine.iter().find(|mine| mine.state.is_final()) {
            Some(earlier) => resubmit(earlier, id, program.version, after_grant, now)?,
            None => start(
                Start {
                    id,
                    program: program.id.clone(),
                    program_version: program.version,
                    applicant,
                    after_grant,
                },
                now,
            ),
        };
        let application = Application::new(started.clone());
        let batch = crate::batch_of(viewer, now)?;
        let line = crate::audit_line(&batch, "application.started", id, program.id.as_str());
        let row = Row::Application(Box::new(application), vec![Event::Started(started)]);
        self.commit(batch.with(Write::Row(row, Expect::New)).with(line)).await?;
        Ok(id)
    }

    /// Saves a draft with anything missing.
    pub async fn save_draft(
        &self,
        viewer: &Viewer,
        id: ApplicationId,
        answers: BTreeMap<String, String>,
    ) -> Result<(), ServiceError> {
        let application = self.own_application(viewer, id).await?;
        let answers = self.known_answers(&application, answers)?;
        let batch = crate::batch_of(viewer, self.now())?;
        self.step(batch, application, Command::SaveDraft { answers }, |batch, _| batch).await?;
        Ok(())
    }

    /// Hands an application in. Every policy of the program must be among those accepted.
    pub async fn submit(
        &self,
        viewer: &Viewer,
        id: ApplicationId,
        accepted: &[String],
    ) -> Result<ApplicantPage, ServiceError> {
        let application = self.own_application(viewer, id).await?;
        let program = self.program_of(&application)?;
        let answers = check_answers(program, occasion(&application), &application.answers);
        let answers = answers.map_err(ServiceError::Invalid)?;
        is_not_excluded(program, &answers.values)?;
        let now = self.now();
        let policies = accepted_policies(program, accepted, now)?;
        let round = intake::round_to_join(program, now)?;
        self.has_room_for(program, application.applicant, &answers.values).await?;
        let applicant = self.person_of(application.applicant).await?;
        let batch = crate::batch_of(viewer, now)?;
        let line = crate::audit_line(&batch, "application.submitted", id, round.id.as_str());
        let url = format!("{}/applications/{id}", self.base_url);
        let span = review_span(program, &round);
        let letter =
            letters::submitted(&program.name, &url, &calendar::name(program, &round), &span);
        let submit = Submit {
            answers: answers.values,
            requested: answers.amount,
            estimate: self.estimate_today(program, &application, now),
            policies,
            round: round.id.clone(),
            progress: self.progress_for(&application).await?,
        };
        let application = self
            .step(batch, application, Command::Submit(submit), |batch, _| {
                batch.with(line).with(letter.to(&applicant.email, now))
            })
            .await?;
        self.page_of(application).await
    }

    /// Takes an application back.
    pub async fn withdraw(&self, viewer: &Viewer, id: ApplicationId) -> Result<(), ServiceError> {
        let application = self.own_application(viewer, id).await?;
        let batch = crate::batch_of(viewer, self.now())?;
        let line = crate::audit_line(&batch, "application.withdrawn", id, "");
        self.step(batch, application, Command::Withdraw, |batch, _| batch.with(line)).await?;
        Ok(())
    }

    /// Accepts an award: it becomes a grant that waits for its delivery.
    pub async fn accept_award(
        &self,
        viewer: &Viewer,
        id: ApplicationId,
    ) -> Result<GrantId, ServiceError> {
        let application = self.own_application(viewer, id).await?;
        let program = self.program_of(&application)?;
        let released_at = application.released_at.unwrap_or(application.created_at);
        let (deliver_from, deliver_until) = calendar::delivery_window(program, released_at);
        let now = self.now();
        let grant = Grant {
            id: GrantId::new(now, entropy::draw()),
            program: application.program.clone(),
            program_version: application.program_version,
            holder: application.applicant,
            application: Some(id),
            title: title_of(program, &application),
            amount: application.released_award().unwrap_or(Usd::ZERO),
            created_at: now,
            deliver_from,
            deliver_until,
            delivered_at: None,
            expires_at: None,
            expires_no_later_than: None,
            lot: None,
            tier: None,
            voided_at: None,
            version: 1,
        };
        let grant_id = grant.id;
        let batch = crate::batch_of(viewer, now)?;
        let line = crate::audit_line(&batch, "award.accepted", id, grant_id.to_string());
        self.step(batch, application, Command::AcceptAward { deliver_from }, |batch, _| {
            batch.with(Write::Row(Row::Grant(Box::new(grant)), Expect::New)).with(line)
        })
        .await?;
        Ok(grant_id)
    }

    /// Turns an award down; what was promised goes back to the pool.
    pub async fn decline_award(
        &self,
        viewer: &Viewer,
        id: ApplicationId,
    ) -> Result<(), ServiceError> {
        let application = self.own_application(viewer, id).await?;
        let back = application.released_award().map(|amount| ledger::Command::Uncommit {
            id: TransferId::new(self.now(), entropy::draw()),
            program: application.program.clone(),
            amount,
        });
        let batch = crate::batch_of(viewer, self.now())?;
        let line = crate::audit_line(&batch, "award.declined", id, "");
        self.step(batch, application, Command::DeclineAward, |batch, _| {
            let batch = batch.with(line);
            match back {
                Some(back) => batch.with(back),
                None => batch,
            }
        })
        .await?;
        Ok(())
    }

    /// The viewer's own applications, latest first.
    pub async fn my_applications(
        &self,
        viewer: &Viewer,
    ) -> Result<Vec<ApplicantPage>, ServiceError> {
        let applicant = viewer.person().ok_or(ServiceError::SignInFirst)?;
        let filter =
            ApplicationFilter { applicant: Some(applicant), ..ApplicationFilter::default() };
        let mine = self.store.applications(filter).await?;
        let mut pages = Vec::with_capacity(mine.len());
        for application in mine {
            pages.push(self.page_of(application).await?);
        }
        Ok(pages)
    }

    /// An application as its applicant sees it.
    pub async fn application_for_applicant(
        &self,
        viewer: &Viewer,
        id: ApplicationId,
    ) -> Result<ApplicantPage, ServiceError> {
        let application = self.own_application(viewer, id).await?;
        self.page_of(application).await
    }

    /// Decides a command, and writes what it comes to with whatever belongs to it.
    pub(crate) async fn step(
        &self,
        batch: Batch,
        application: Application,
        command: Command,
        and: impl FnOnce(Batch, &Application) -> Batch,
    ) -> Result<Application, ServiceError> {
        let events = decide(&application, command, batch.now)?;
        let before = application.version;
        let mut after = application;
        for event in &events {
            after.apply(event);
        }
        let batch = and(batch, &after);
        let row = Row::Application(Box::new(after.clone()), events);
        self.commit(batch.with(Write::Row(row, Expect::Version(before)))).await?;
        Ok(after)
    }

    pub(crate) async fn load_application(
        &self,
        id: ApplicationId,
    ) -> Result<Application, ServiceError> {
        let found = self.store.application(id).await?;
        found.ok_or_else(|| ServiceError::NotFound(format!("application `{id}`")))
    }

    /// An application of the viewer's own; anybody else's does not exist for them.
    pub(crate) async fn own_application(
        &self,
        viewer: &Viewer,
        id: ApplicationId,
    ) -> Result<Application, ServiceError> {
        if *viewer == Viewer::Nobody {
            return Err(ServiceError::SignInFirst);
        }
        let application = self.load_application(id).await?;
        if may(viewer, Action::ActAsApplicant { applicant: application.applicant }) {
            Ok(application)
        } else {
            Err(ServiceError::NotFound(format!("application `{id}`")))
        }
    }

    pub(crate) async fn person_of(&self, id: PersonId) -> Result<Person, ServiceError> {
        let found = self.store.person(id).await?;
        found.ok_or_else(|| ServiceError::NotFound(format!("person `{id}`")))
    }

    pub(crate) fn round_of(&self, application: &Application) -> Option<Round> {
        let program = self.program_of(application).ok()?;
        calendar::parse_round(program, application.round.as_ref()?)
    }

    async fn page_of(&self, application: Application) -> Result<ApplicantPage, ServiceError> {
        let program = self.program_of(&application)?;
        let released = application.released_award().and(application.released_at);
        let window = released.map(|released_at| calendar::delivery_window(program, released_at));
        let grant = self.grant_of(&application).await?;
        let set = grant.as_ref().map(|grant| (grant.deliver_from, grant.deliver_until));
        let decided = application.released_decision();
        Ok(ApplicantPage {
            status: applicant_view(&application),
            round: self.round_of(&application),
            delivery: set.or(window),
            grant,
            occasion: occasion(&application),
            earlier: self.earlier(&application).await?.map(|earlier| earlier.answers),
            progress: self.progress_for(&application).await?,
            priority: decided.map(|_| priority(program, &application.answers)),
            answers: application.answers,
            estimate: application.estimate,
        })
    }

    /// The grant that an accepted award is.
    pub(crate) async fn grant_of(
        &self,
        application: &Application,
    ) -> Result<Option<Grant>, ServiceError> {
        if !matches!(application.state, State::Accepted | State::Granted) {
            return Ok(None);
        }
        let filter = GrantFilter { holder: Some(application.applicant), ..GrantFilter::default() };
        let held = self.store.grants(filter).await?;
        Ok(held.into_iter().find(|grant| grant.application == Some(application.id)))
    }

    /// The application that an application follows.
    pub(crate) async fn earlier(
        &self,
        application: &Application,
    ) -> Result<Option<Application>, ServiceError> {
        match application.resubmission_of {
            Some(earlier) => Ok(self.store.application(earlier).await?),
            None => Ok(None),
        }
    }

    /// What the grant that an application follows has come to: as it was kept when it was handed
    /// in, and as it is until then.
    pub(crate) async fn progress_for(
        &self,
        application: &Application,
    ) -> Result<Option<Progress>, ServiceError> {
        match (&application.progress, application.after_grant) {
            (Some(kept), _) => Ok(Some(kept.clone())),
            (None, Some(grant)) if application.state == State::Draft => self.progress(grant).await,
            (None, _) => Ok(None),
        }
    }

    async fn progress(&self, id: GrantId) -> Result<Option<Progress>, ServiceError> {
        let Some(grant) = self.store.grant(id).await? else { return Ok(None) };
        let by_model = self.store.spend_by_model(id).await?;
        let spent = Usd::sum(by_model.iter().map(|(_, spend)| spend.cost)).unwrap_or(Usd::MAX);
        let calls = by_model.iter().map(|(_, spend)| spend.calls);
        Ok(Some(Progress {
            grant: id,
            title: grant.title,
            amount: grant.amount,
            spent,
            calls: calls.fold(0_u64, u64::saturating_add),
            models: by_model.into_iter().map(|(model, _)| model).collect(),
            expires_at: grant.expires_at,
        }))
    }

    /// The latest grant of a program that somebody has been given.
    async fn latest_grant(
        &self,
        program: &Program,
        holder: PersonId,
    ) -> Result<Option<GrantId>, ServiceError> {
        let filter = GrantFilter {
            program: Some(program.id.clone()),
            holder: Some(holder),
            ..GrantFilter::default()
        };
        let held = self.store.grants(filter).await?;
        let delivered = held.into_iter().find(|grant| grant.delivered_at.is_some());
        Ok(delivered.map(|grant| grant.id))
    }

    /// Answers to questions of the form; a draft may leave anything out, and hold no more than a
    /// person writes.
    fn known_answers(
        &self,
        application: &Application,
        mut answers: BTreeMap<String, String>,
    ) -> Result<BTreeMap<String, String>, ServiceError> {
        let program = self.program_of(application)?;
        let asked: Vec<&FormField> = questions(program, occasion(application)).collect();
        answers.retain(|id, _| asked.iter().any(|field| field.id == *id));
        let characters: usize = answers.values().map(|answer| answer.chars().count()).sum();
        if DRAFT_CHARACTERS_MAX < characters {
            let text = "keep more than 200,000 characters in a draft\nhint: shorten an answer";
            return Err(ServiceError::Refused(text.to_owned()));
        }
        Ok(answers)
    }
}

/// What an application follows, and so what it is asked.
pub(crate) const fn occasion(application: &Application) -> Occasion {
    match application.after_grant {
        Some(_) => Occasion::AfterGrant,
        None => Occasion::First,
    }
}

/// Refuses to begin anew after more declines than the program takes, where it counts them.
fn may_come_back(program: &Program, mine: &[Application]) -> Result<(), ServiceError> {
    let Some(most) = program.reapplication.resubmissions_max else { return Ok(()) };
    let since = mine.iter().take_while(|mine| mine.state != State::Granted);
    let declined = since.filter(|mine| mine.state == State::Declined).count();
    if declined <= usize::try_from(most).unwrap_or(usize::MAX) {
        return Ok(());
    }
    let text = format!(
        "apply again after {declined} declines\n\
         hint: the program takes {most} more applications after a decline"
    );
    Err(ServiceError::Refused(text))
}

/// Refuses answers that the program's rules exclude. What is flagged may be handed in.
fn is_not_excluded(
    program: &Program,
    answers: &BTreeMap<String, String>,
) -> Result<(), ServiceError> {
    let outcome = eligibility::check(program, answers);
    let against = outcome.against();
    let Some(excludes) = against.first().filter(|one| one.standing == Standing::Ineligible) else {
        return Ok(());
    };
    let reason = excludes.reason.trim_end_matches('.');
    let hint = excludes.advice.as_deref().unwrap_or("ask the program's officers");
    Err(ServiceError::Refused(format!(
        "submit what the program's rules exclude. {reason}\nhint: {}",
        hint.trim_end_matches('.')
    )))
}

fn accepted_policies(
    program: &Program,
    accepted: &[String],
    at: Timestamp,
) -> Result<Vec<AcceptedPolicy>, ServiceError> {
    let mut policies = Vec::with_capacity(program.policies.len());
    for policy in &program.policies {
        if !accepted.contains(&policy.id) {
            let message = format!("Accept the {}", policy.title);
            return Err(ServiceError::field(&format!("policy-{}", policy.id), message));
        }
        let (id, version) = (policy.id.clone(), policy.version.clone());
        policies.push(AcceptedPolicy { id, version, at });
    }
    Ok(policies)
}

/// What a grant is for, in a line: the first line of the application's first long answer.
fn title_of(program: &Program, application: &Application) -> String {
    let mut texts =
        program.form.iter().filter(|field| matches!(field.kind, FieldKind::Text { .. }));
    let answer = texts.find_map(|field| application.answers.get(&field.id));
    let line = answer.and_then(|answer| answer.lines().next()).unwrap_or(&program.name);
    let mut title: String = line.chars().take(120).collect();
    if title.len() < line.len() {
        title.push('…');
    }
    title
}

/// When a round reviews, in words: `from 1 December 2026 to 1 January 2027 (UTC)`.
fn review_span(program: &Program, round: &Round) -> String {
    let zone = &program.review.zone;
    let day = |at: Timestamp| at.to_zoned(zone.clone()).strftime("%-d %B %Y").to_string();
    let name = zone.iana_name().unwrap_or("local time");
    format!("from {} until {} ({name})", day(round.review_begins), day(round.review_ends))
}
