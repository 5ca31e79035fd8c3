//! Rounds: what stands where, and the release of decisions.

use bursar_award::{Application, Command, Decision, Feedback, Outcome, State, feedback};
use bursar_kernel::{ProgramId, RoundId, Timestamp, Usd};
use bursar_policy::{Action, Viewer};
use bursar_program::calendar::Round;
use bursar_store::{ApplicationFilter, Batch};

use crate::letters::{self, Post as _, Turn};
use crate::{Service, ServiceError};

/// A round as an officer sees it.
#[derive(Clone, Debug)]
pub struct RoundPage {
    /// When it collects and reviews.
    pub round: Round,
    /// Its applications, latest first.
    pub applications: Vec<Application>,
    /// Those that nobody has decided yet.
    pub undecided: usize,
    /// Those that are decided and not released.
    pub decided: usize,
    /// Of which awards that wait for a second officer.
    pub unapproved: usize,
    /// What the unreleased awards come to.
    pub to_award: Usd,
}

fn award_of(application: &Application) -> Option<Usd> {
    application.decision.as_ref()?.outcome.amount()
}

fn counted(round: Round, applications: Vec<Application>) -> RoundPage {
    let count = |states: &[State]| {
        applications.iter().filter(|application| states.contains(&application.state)).count()
    };
    let awards = applications
        .iter()
        .filter(|application| application.state == State::Decided)
        .filter_map(award_of);
    let waits = |one: &&Application| {
        let decision = one.decision.as_ref();
        one.state == State::Decided && decision.is_some_and(Decision::waits_for_approval)
    };
    RoundPage {
        round,
        unapproved: applications.iter().filter(waits).count(),
        undecided: count(&[State::Submitted, State::InReview]),
        decided: count(&[State::Decided]),
        to_award: Usd::sum(awards).unwrap_or(Usd::MAX),
        applications,
    }
}

impl Service {
    /// A round of a program, without what the officer is not free to judge: it is in no count and
    /// no sum either.
    pub async fn round(
        &self,
        viewer: &Viewer,
        program: &ProgramId,
        id: &RoundId,
    ) -> Result<RoundPage, ServiceError> {
        let mut page = self.whole_round(viewer, program, id).await?;
        let all = std::mem::take(&mut page.applications);
        let shown = self.free_to_decide(viewer, all).await?;
        Ok(counted(page.round, shown))
    }

    /// All of a round, to release it.
    async fn whole_round(
        &self,
        viewer: &Viewer,
        program: &ProgramId,
        id: &RoundId,
    ) -> Result<RoundPage, ServiceError> {
        crate::allow(viewer, Action::RunPrograms)?;
        let round = self.find_round(program, id)?;
        let filter = ApplicationFilter {
            program: Some(program.clone()),
            round: Some(id.clone()),
            ..ApplicationFilter::default()
        };
        let applications = self.store.applications(filter).await?;
        Ok(counted(round, applications))
    }

    /// Makes a round's decisions known, each with its letter and its promise of money, once the
    /// review is over. Gives how many.
    pub async fn release_round(
        &self,
        viewer: &Viewer,
        program: &ProgramId,
        id: &RoundId,
    ) -> Result<usize, ServiceError> {
        let page = self.whole_round(viewer, program, id).await?;
        let now = self.now();
        if now < page.round.decided_from {
            let text = format!(
                "a round is released when its review is over, or a rolling one's first decision \
                 can be there, at {}\n\
                 hint: decisions can be changed until then",
                page.round.decided_from
            );
            return Err(ServiceError::Refused(text));
        }
        let unapproved = page.unapproved;
        if 0 < unapproved {
            let text = format!(
                "release a round in which {unapproved} of the awards wait for a second officer\n\
                 hint: have each approved on its page, or decide it anew"
            );
            return Err(ServiceError::Refused(text));
        }
        let awards = page.applications.iter().filter_map(award_of).count();
        if let Some(most) = self.program(program)?.award.per_round_max
            && usize::try_from(most).is_ok_and(|most| most < awards)
        {
            let text = format!(
                "release {awards} awards in a round of a program that makes {most}\n\
                 hint: decline some of them first"
            );
            return Err(ServiceError::Refused(text));
        }
        let mut released = 0_usize;
        for application in page.applications {
            if application.state == State::Decided {
                self.release(viewer, &page.round, application, now).await?;
                released = released.saturating_add(1);
            }
        }
        Ok(released)
    }

    async fn release(
        &self,
        viewer: &Viewer,
        round: &Round,
        application: Application,
        now: Timestamp,
    ) -> Result<(), ServiceError> {
        let applicant = self.person_of(application.applicant).await?;
        let decision = application.decision.as_ref();
        let outcome = decision.map_or(Outcome::Decline, |decision| decision.outcome);
        let feedback = self.feedback(&application).await?;
        let mut news = self.news(&application, outcome, Turn::Round, now)?;
        news.letter = letters::with_feedback(news.letter, feedback.iter().map(ToString::to_string));
        let batch = crate::batch_of(viewer, now)?;
        let line =
            crate::audit_line(&batch, "application.released", application.id, round.id.as_str());
        let command = Command::Release {
            decided_from: round.decided_from,
            open_until: news.open_until,
            feedback,
        };
        self.step(batch, application, command, |batch, _| {
            let batch = batch.with(line).with(news.letter.to(&applicant.email, now));
            news.promise.into_iter().fold(batch, Batch::with)
        })
        .await?;
        Ok(())
    }

    /// What reviewers' scores came to, where the program tells its applicants.
    async fn feedback(&self, application: &Application) -> Result<Vec<Feedback>, ServiceError> {
        let program = self.program_of(application)?;
        if program.panel.as_ref().is_none_or(|panel| !panel.feedback) {
            return Ok(Vec::new());
        }
        let reviews = self.counting_reviews(application).await?;
        Ok(feedback(&program.rubric, reviews.iter().map(|review| &review.scores)))
    }

    fn find_round(&self, program: &ProgramId, id: &RoundId) -> Result<Round, ServiceError> {
        self.program(program)?;
        let found = self.round_named(program, id);
        found.ok_or_else(|| ServiceError::NotFound(format!("round `{id}` of `{program}`")))
    }
}
