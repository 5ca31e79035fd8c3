//! The officer's desk: an application with its reviews, the decision, the second officer's word.

use bursar_award::{Application, Command, Decide, Event, Outcome, Progress, Review, State};
use bursar_kernel::program::Audience;
use bursar_kernel::{ApplicationId, PersonId, Program, Role};
use bursar_policy::{Action, Viewer};
use bursar_program::calendar::Round;
use bursar_store::ApplicationFilter;
use bursar_store::rows::{Grant, Person};

use crate::{Service, ServiceError};

/// An application as an officer sees it.
#[derive(Clone, Debug)]
pub struct OfficerPage {
    /// The application.
    pub application: Application,
    /// Who applies.
    pub applicant: Person,
    /// What reviewers advise, with their names.
    pub reviews: Vec<(Review, Person)>,
    /// What happened to it.
    pub history: Vec<Event>,
    /// When its round reviews.
    pub round: Option<Round>,
    /// The application that it follows.
    pub earlier: Option<Application>,
    /// What the grant that it follows had come to.
    pub progress: Option<Progress>,
    /// The grant that its award is, once it is accepted.
    pub grant: Option<Grant>,
}

/// The place on a waiting list behind all that are there.
pub const LAST: u32 = 0;

/// What an officer decides.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// Award, decline, or a place on the waiting list: [`LAST`] is behind all that are there.
    pub outcome: Outcome,
    /// Why, for the applicant.
    pub reasons: String,
    /// Why the award is above the typical maximum, where it is.
    pub justification: Option<String>,
}

impl Service {
    /// Takes back a decision that nobody outside has heard of: the application stands where it
    /// stood before.
    pub async fn take_back_decision(
        &self,
        viewer: &Viewer,
        officer: Option<&str>,
        id: ApplicationId,
    ) -> Result<(), ServiceError> {
        let application = self.load_application(id).await?;
        self.allow_to_decide(viewer, &application).await?;
        let (by, in_whose_name) = self.officer(viewer, officer).await?;
        let batch = crate::batch_of(viewer, self.now())?;
        let line = crate::audit_line(&batch, "application.decision_taken_back", id, in_whose_name);
        let command = Command::TakeBackDecision { by };
        self.step(batch, application, command, |batch, _| batch.with(line)).await?;
        Ok(())
    }

    /// Decides an application, or decides it anew while nobody outside knows. An award above the
    /// typical maximum then waits for a second officer, where the program says so.
    ///
    /// The administrator's token has no name of its own: it names the officer who decides.
    pub async fn decide(
        &self,
        viewer: &Viewer,
        officer: Option<&str>,
        id: ApplicationId,
        verdict: Verdict,
    ) -> Result<(), ServiceError> {
        let application = self.load_application(id).await?;
        self.allow_to_decide(viewer, &application).await?;
        let (by, in_whose_name) = self.officer(viewer, officer).await?;
        let program = self.program_of(&application)?;
        if matches!(verdict.outcome, Outcome::Award { .. }) {
            self.round_has_room(program, &application).await?;
        }
        let outcome = self.with_place(&application, verdict.outcome).await?;
        let command = Command::Decide(Decide {
            by,
            outcome,
            reasons: verdict.reasons,
            justification: verdict.justification,
            terms: program.award.of(&application.answers),
        });
        let batch = crate::batch_of(viewer, self.now())?;
        let line = crate::audit_line(&batch, "application.decided", id, in_whose_name);
        self.step(batch, application, command, |batch, _| batch.with(line)).await?;
        Ok(())
    }

    /// An outcome whose place on the waiting list is one.
    async fn with_place(
        &self,
        application: &Application,
        outcome: Outcome,
    ) -> Result<Outcome, ServiceError> {
        let (Outcome::Waitlist { amount, place: LAST }, Some(round)) =
            (outcome, &application.round)
        else {
            return Ok(outcome);
        };
        let filter = ApplicationFilter {
            program: Some(application.program.clone()),
            round: Some(round.clone()),
            ..ApplicationFilter::default()
        };
        let all = self.store.applications(filter).await?;
        let place = |one: &Application| match one.decision.as_ref()?.outcome {
            Outcome::Waitlist { place, .. } if one.id != application.id => Some(place),
            Outcome::Waitlist { .. } | Outcome::Award { .. } | Outcome::Decline => None,
        };
        let last = all.iter().filter_map(place).max().unwrap_or(0);
        Ok(Outcome::Waitlist { amount, place: last.saturating_add(1) })
    }

    /// Refuses an award beyond those that the program makes in a round.
    async fn round_has_room(
        &self,
        program: &Program,
        application: &Application,
    ) -> Result<(), ServiceError> {
        let (Some(most), Some(round)) = (program.award.per_round_max, &application.round) else {
            return Ok(());
        };
        let filter = ApplicationFilter {
            program: Some(program.id.clone()),
            round: Some(round.clone()),
            ..ApplicationFilter::default()
        };
        let all = self.store.applications(filter).await?;
        let is_award = |one: &&Application| {
            let decision = one.decision.as_ref();
            one.id != application.id
                && decision.is_some_and(|decision| decision.outcome.amount().is_some())
        };
        let awards = all.iter().filter(is_award).count();
        if usize::try_from(most).is_ok_and(|most| awards < most) {
            return Ok(());
        }
        let text = format!(
            "make more than {most} awards in a round of this program\n\
             hint: decline another application of the round first"
        );
        Err(ServiceError::Refused(text))
    }

    /// A second officer's approval of an award above the typical maximum.
    pub async fn approve(
        &self,
        viewer: &Viewer,
        officer: Option<&str>,
        id: ApplicationId,
    ) -> Result<(), ServiceError> {
        let application = self.load_application(id).await?;
        self.allow_to_decide(viewer, &application).await?;
        let (by, in_whose_name) = self.officer(viewer, officer).await?;
        let batch = crate::batch_of(viewer, self.now())?;
        let line = crate::audit_line(&batch, "application.approved", id, in_whose_name);
        let command = Command::Approve { by };
        self.step(batch, application, command, |batch, _| batch.with(line)).await?;
        Ok(())
    }

    /// An application as an officer sees it.
    pub async fn application_for_officer(
        &self,
        viewer: &Viewer,
        id: ApplicationId,
    ) -> Result<OfficerPage, ServiceError> {
        let mut application = self.load_application(id).await?;
        self.allow_to_decide(viewer, &application).await?;
        self.show_to(Audience::Officer, &mut application)?;
        if application.state == State::Draft {
            // Drafts are their writers' own.
            return Err(ServiceError::NotFound(format!("application `{id}`")));
        }
        let mut reviews = Vec::new();
        for review in self.counting_reviews(&application).await? {
            let reviewer = self.person_of(review.reviewer).await?;
            reviews.push((review, reviewer));
        }
        Ok(OfficerPage {
            applicant: self.person_of(application.applicant).await?,
            reviews,
            history: self.store.history(id).await?,
            round: self.round_of(&application),
            earlier: self.earlier(&application).await?,
            progress: self.progress_for(&application).await?,
            grant: self.grant_of(&application).await?,
            application,
        })
    }

    /// Applications for an officer's list, latest first. Drafts are their writers' own, and what an
    /// officer is not free to judge is not on it.
    pub async fn applications_for_officer(
        &self,
        viewer: &Viewer,
        mut filter: ApplicationFilter,
    ) -> Result<Vec<(Application, Person)>, ServiceError> {
        crate::allow(viewer, Action::RunPrograms)?;
        if filter.states.is_empty() {
            filter.states = State::ALL.to_vec();
        }
        filter.states.retain(|state| *state != State::Draft);
        let found = self.store.applications(filter).await?;
        let found = self.free_to_decide(viewer, found).await?;
        let people = self.people_by_ids(found.iter().map(|one| one.applicant)).await?;
        let mut list = Vec::with_capacity(found.len());
        for application in found {
            let missing = || ServiceError::NotFound(format!("person `{}`", application.applicant));
            let applicant = people.get(&application.applicant).ok_or_else(missing)?.clone();
            list.push((application, applicant));
        }
        Ok(list)
    }

    /// Lets nobody by who does not decide on an application.
    pub async fn allow_to_decide(
        &self,
        viewer: &Viewer,
        application: &Application,
    ) -> Result<(), ServiceError> {
        let conflicted = self.is_conflicted(viewer, application.id).await?;
        crate::allow(viewer, Action::Decide { applicant: application.applicant, conflicted })
    }

    /// The officer whose word it is, and what the audit trail says where it is not the viewer's.
    pub async fn officer(
        &self,
        viewer: &Viewer,
        named: Option<&str>,
    ) -> Result<(PersonId, String), ServiceError> {
        match (viewer.person(), named) {
            (Some(person), None) => Ok((person, String::new())),
            (Some(_), Some(_)) => {
                let text = "decide in somebody else's name\nhint: leave the officer out";
                Err(ServiceError::Refused(text.to_owned()))
            }
            (None, None) => {
                let message = "Name the officer whose decision it is, by e-mail address";
                Err(ServiceError::field("officer", message))
            }
            (None, Some(email)) => {
                let email = email.trim().to_lowercase();
                let found = self.store.person_by_email(email.clone()).await?;
                let is_officer = |person: &Person| {
                    let viewer = Viewer::Person { id: person.id, roles: person.roles.clone() };
                    viewer.is(Role::Officer)
                };
                let Some(person) = found.filter(is_officer) else {
                    let message = format!("`{email}` is not an officer here");
                    return Err(ServiceError::field("officer", message));
                };
                Ok((person.id, format!("in the name of {email}")))
            }
        }
    }
}
