//! Applications: drafts, submission, the officer's decision, the answer to an offer.

use std::collections::BTreeMap;

use bursar_award::{
    AcceptedPolicy, ApplicantStatus, Application, Command, Event, Progress, Start, State, Submit,
    applicant_view, decide, resubmit, start,
};
use bursar_kernel::program::FieldKind;
use bursar_kernel::{
    ApplicationId, Estimate, GrantId, MemberRole, PersonId, Program, ProgramId, Timestamp, Usd,
};
use bursar_policy::{Action, Viewer, may};
use bursar_program::answers::{Occasion, check_answers, questions};
use bursar_program::calendar::{self, Round};
use bursar_program::eligibility::{self, Points, Standing, priority};
use bursar_store::rows::{Grant, Person};
use bursar_store::{ApplicationFilter, ApplyingWrite, Batch, Expect, GrantFilter, Row, Write};

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
    /// Who applies.
    pub applicant: PersonId,
    /// What the viewer may do as somebody who takes part; `None` for the one who applies.
    pub role: Option<MemberRole>,
    /// When the draft was edited last.
    pub edited_at: Option<Timestamp>,
}

/// What somebody wants to do with an application as one of those who apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Read it.
    Read,
    /// Edit the draft, and answer questions.
    Edit,
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
            Some(earlier) => {
                let mut started = resubmit(earlier, id, program.version, after_grant, now)?;
                if earlier.submitted_at.is_none() {
                    // The files of a draft went with it.
                    started.answers.retain(|id, _| !takes_files(program, id));
                }
                started
            }
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
        let files = started.resubmission_of.map(|from| ApplyingWrite::CopyFiles { from, to: id });
        let application = Application::new(started.clone());
        let mut batch = crate::batch_of(viewer, now)?;
        let line = crate::audit_line(&batch, "application.started", id, program.id.as_str());
        let row = Row::Application(Box::new(application), vec![Event::Started(started)]);
        batch.writes.extend(files.map(Write::Applying));
        self.commit(batch.with(Write::Row(row, Expect::New)).with(line)).await?;
        Ok(id)
    }

    /// Saves a draft with anything missing: these answers take the place of all earlier ones but
    /// the files, and those of questions that are not asked now stay.
    pub async fn save_draft(
        &self,
        viewer: &Viewer,
        id: ApplicationId,
        answers: BTreeMap<String, String>,
    ) -> Result<(), ServiceError> {
        let (application, _) = self.application_as(viewer, id, Need::Edit).await?;
        let program = self.program_of(&application)?;
        let mut changes = BTreeMap::new();
        for field in questions(program, occasion(&application)) {
            let (new, old) = (answers.get(&field.id), application.answers.get(&field.id));
            if new != old && !takes_files(program, &field.id) {
                changes.insert(field.id.clone(), new.cloned());
            }
        }
        self.edit_draft(viewer, application, changes).await?;
        Ok(())
    }

    /// Changes answers of a draft, which holds no more than a person writes.
    pub async fn edit_draft(
        &self,
        viewer: &Viewer,
        application: Application,
        changes: BTreeMap<String, Option<String>>,
    ) -> Result<Application, ServiceError> {
        let by = viewer.person().ok_or(ServiceError::SignInFirst)?;
        let stays = application.answers.iter().filter(|(id, _)| !changes.contains_key(*id));
        let characters: usize = stays
            .map(|(_, answer)| answer)
            .chain(changes.values().flatten())
            .map(|answer| answer.chars().count())
            .sum();
        if DRAFT_CHARACTERS_MAX < characters {
            let text = "keep more than 200,000 characters in a draft\nhint: shorten an answer";
            return Err(ServiceError::Refused(text.to_owned()));
        }
        let batch = crate::batch_of(viewer, self.now())?;
        self.step(batch, application, Command::SaveDraft { changes, by }, |batch, _| batch).await
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
        let now = self.now();
        if let Err(excluded) = is_not_excluded(program, &answers.values) {
            // An officer may have said that the rules do not hold for them, until a day.
            let applicant = self.person_of(application.applicant).await?;
            let asked = self.store.appeals_of(applicant.email).await?;
            let mut asked = asked.iter().filter(|appeal| appeal.program == program.id);
            if !asked.any(|appeal| appeal.exception(now).is_some()) {
                return Err(excluded);
            }
        }
        let policies = accepted_policies(program, &application, accepted, now)?;
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
        self.page_of(application, None).await
    }

    /// An application as those who apply see it.
    pub async fn application_for_applicant(
        &self,
        viewer: &Viewer,
        id: ApplicationId,
    ) -> Result<ApplicantPage, ServiceError> {
        let (application, role) = self.application_as(viewer, id, Need::Read).await?;
        self.page_of(application, role).await
    }

    /// An application of those that the viewer takes part in, with their role: `None` for the one
    /// who applies. Any other does not exist for them.
    pub async fn application_as(
        &self,
        viewer: &Viewer,
        id: ApplicationId,
        need: Need,
    ) -> Result<(Application, Option<MemberRole>), ServiceError> {
        let person = match viewer {
            Viewer::Nobody => return Err(ServiceError::SignInFirst),
            Viewer::Person { id, .. } => Some(*id),
            Viewer::Operator => None,
        };
        let application = self.load_application(id).await?;
        let applicant = application.applicant;
        let mut role = None;
        if let Some(person) = person.filter(|person| *person != applicant) {
            let members = self.store.members(id).await?;
            role = members.iter().filter_map(|member| member.role_of(person)).min();
        }
        if !may(viewer, Action::ReadApplication { applicant, role }) {
            return Err(ServiceError::NotFound(format!("application `{id}`")));
        }
        if need == Need::Edit && !may(viewer, Action::EditApplication { applicant, role }) {
            let text = "change an application that you only read\n\
                        hint: ask whoever applies to let you edit it";
            return Err(ServiceError::Refused(text.to_owned()));
        }
        Ok((application, role))
    }

    /// Decides a command, and writes what it comes to with whatever belongs to it.
    pub async fn step(
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

    /// An application, whoever asks: who may is the caller's to say.
    pub async fn load_application(&self, id: ApplicationId) -> Result<Application, ServiceError> {
        let found = self.store.application(id).await?;
        found.ok_or_else(|| ServiceError::NotFound(format!("application `{id}`")))
    }

    /// An application that the viewer began; anybody else's does not exist for them, unless they
    /// take part in it.
    pub async fn own_application(
        &self,
        viewer: &Viewer,
        id: ApplicationId,
    ) -> Result<Application, ServiceError> {
        let (application, _) = self.application_as(viewer, id, Need::Read).await?;
        if may(viewer, Action::ActAsApplicant { applicant: application.applicant }) {
            return Ok(application);
        }
        let text = "do what only the one who applies does\nhint: ask them to";
        Err(ServiceError::Refused(text.to_owned()))
    }

    /// Somebody with an account.
    pub async fn person_of(&self, id: PersonId) -> Result<Person, ServiceError> {
        let found = self.store.person(id).await?;
        found.ok_or_else(|| ServiceError::NotFound(format!("person `{id}`")))
    }

    pub(crate) fn round_of(&self, application: &Application) -> Option<Round> {
        let program = self.program_of(application).ok()?;
        calendar::parse_round(program, application.round.as_ref()?)
    }

    /// An application as those who apply see it, one of whom has this role.
    pub async fn page_of(
        &self,
        application: Application,
        role: Option<MemberRole>,
    ) -> Result<ApplicantPage, ServiceError> {
        let program = self.program_of(&application)?;
        let offered = application.award_offered_at();
        let window = offered.map(|offered_at| calendar::delivery_window(program, offered_at));
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
            applicant: application.applicant,
            role,
            edited_at: application.edited_at,
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
}

/// What an application follows, and so what it is asked.
pub const fn occasion(application: &Application) -> Occasion {
    match application.after_grant {
        Some(_) => Occasion::AfterGrant,
        None => Occasion::First,
    }
}

fn takes_files(program: &Program, id: &str) -> bool {
    let is_kind = |kind: &FieldKind| matches!(kind, FieldKind::Attachment { .. });
    program.form.iter().any(|field| field.id == id && is_kind(&field.kind))
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

/// What is accepted with the submission, and what was accepted in the draft in its present edition.
fn accepted_policies(
    program: &Program,
    application: &Application,
    accepted: &[String],
    at: Timestamp,
) -> Result<Vec<AcceptedPolicy>, ServiceError> {
    let mut policies = Vec::with_capacity(program.policies.len());
    for policy in &program.policies {
        let before = application.accepted_policies.iter();
        let is_this = |one: &&AcceptedPolicy| one.id == policy.id && one.version == policy.version;
        if let Some(before) = before.clone().find(is_this) {
            policies.push(before.clone());
            continue;
        }
        if !accepted.contains(&policy.id) {
            let message = format!("Accept the {}", policy.title);
            return Err(ServiceError::field(&format!("policy-{}", policy.id), message));
        }
        let (id, version) = (policy.id.clone(), policy.version.clone());
        policies.push(AcceptedPolicy { id, version, at });
    }
    Ok(policies)
}

/// When a round reviews, in words: `from 1 December 2026 to 1 January 2027 (UTC)`.
fn review_span(program: &Program, round: &Round) -> String {
    let zone = &program.review.zone;
    let day = |at: Timestamp| at.to_zoned(zone.clone()).strftime("%-d %B %Y").to_string();
    let name = zone.iana_name().unwrap_or("local time");
    format!("from {} until {} ({name})", day(round.review_begins), day(round.review_ends))
}
