//! Awards as their applicants meet them: what a release makes known, what nobody answers, and who
//! waits for what comes back.

use bursar_award::{ANSWER_REMINDED_BEFORE, Application, Command, Outcome, State};
use bursar_kernel::program::Term;
use bursar_kernel::{
    Actor, ApplicationId, Program, ProgramId, RoundId, Timestamp, TransferId, Usd,
};
use bursar_ledger as ledger;
use bursar_policy::{Action, Viewer};
use bursar_program::calendar;
use bursar_program::eligibility::priority;
use bursar_store::{ApplicationFilter, Batch};
use tracing::{info, warn};

use crate::letters::{self, Letter, Post as _, Turn};
use crate::{Service, ServiceError, entropy};

/// What a decision comes to when it is made known.
pub(crate) struct News {
    /// The letter.
    pub(crate) letter: Letter,
    /// The money that is promised, if any is.
    pub(crate) promise: Option<ledger::Command>,
    /// Until when the award can be answered, or the place on the waiting list holds.
    pub(crate) open_until: Option<Timestamp>,
}

/// Where a waiting application stands, for whoever decides.
#[derive(Clone, Debug)]
pub struct Waitlisted {
    /// The application.
    pub application: Application,
    /// What it would be offered.
    pub amount: Usd,
    /// Its place on the list.
    pub place: u32,
}

impl Service {
    /// What an outcome comes to for whoever applies.
    pub(crate) fn news(
        &self,
        application: &Application,
        outcome: Outcome,
        turn: Turn,
        now: Timestamp,
    ) -> Result<News, ServiceError> {
        let program = self.program_of(application)?;
        let url = format!("{}/applications/{}", self.base_url, application.id);
        let decision = application.decision.as_ref();
        let reasons = decision.map_or("", |decision| decision.reasons.as_str());
        let counted = priority(program, &application.answers).reasons;
        let ends = |days| calendar::end_of_day_after(program, now, days);
        Ok(match outcome {
            Outcome::Award { amount } => {
                let (from, until) = calendar::delivery_window(program, now);
                let delivery =
                    format!("between {} and {}", day(program, from), day(program, until));
                let open_until = program.award.answer_days.map(ends);
                let answer_by = open_until.map(|until| last_day(program, until));
                let award = letters::Award {
                    amount,
                    reasons,
                    counted: &counted,
                    delivery: &delivery,
                    lives: &program.term.map_or_else(String::new, Term::from_when),
                    answer_by: answer_by.as_deref(),
                    turn,
                };
                let letter = letters::awarded(&program.name, &award, &url);
                let id = TransferId::new(now, entropy::draw());
                let promise = ledger::Command::Commit { id, program: program.id.clone(), amount };
                News { letter, promise: Some(promise), open_until }
            }
            Outcome::Waitlist { .. } => {
                let days = program.award.waiting_days.unwrap_or(0);
                let until = ends(days);
                let last = last_day(program, until);
                let letter = letters::waitlisted(&program.name, reasons, &counted, &last, &url);
                News { letter, promise: None, open_until: Some(until) }
            }
            Outcome::Decline => {
                let form = self.apply_again_at(program);
                let again = again(program, &form);
                let letter = letters::declined(&program.name, reasons, &counted, &again, &url);
                News { letter, promise: None, open_until: None }
            }
        })
    }

    fn apply_again_at(&self, program: &Program) -> String {
        format!("{}/programs/{}", self.base_url, program.id)
    }

    /// Who waits for an award of a round to come back, in their turn, and what has come back and
    /// was not offered yet.
    pub async fn waiting_list(
        &self,
        viewer: &Viewer,
        program: &ProgramId,
        round: &RoundId,
    ) -> Result<(Vec<Waitlisted>, Usd), ServiceError> {
        crate::allow(viewer, Action::RunPrograms)?;
        let all = self.of_round(program, round).await?;
        let back = came_back(&all);
        let all = self.free_to_decide(viewer, all).await?;
        Ok((in_turn(all), back))
    }

    /// Offers a waiting application its award before anything has come back: the pool pays.
    pub async fn offer_waiting(
        &self,
        viewer: &Viewer,
        id: ApplicationId,
    ) -> Result<(), ServiceError> {
        let application = self.load_application(id).await?;
        self.allow_to_decide(viewer, &application).await?;
        let batch = crate::batch_of(viewer, self.now())?;
        self.give_turn(batch, application).await
    }

    async fn give_turn(&self, batch: Batch, application: Application) -> Result<(), ServiceError> {
        let (id, now) = (application.id, batch.now);
        let decision = application.decision.as_ref();
        let amount = decision.and_then(|decision| decision.outcome.at_most()).unwrap_or(Usd::ZERO);
        let outcome = Outcome::Award { amount };
        let news = self.news(&application, outcome, Turn::WaitingList, now)?;
        let applicant = self.person_of(application.applicant).await?;
        let line = crate::audit_line(&batch, "award.offered", id, format!("${amount}"));
        let command = Command::Offer { open_until: news.open_until };
        self.step(batch, application, command, |batch, _| {
            let batch = batch.with(line).with(news.letter.to(&applicant.email, now));
            news.promise.into_iter().fold(batch, Batch::with)
        })
        .await?;
        Ok(())
    }

    /// Reminds whoever has not answered an award, ends awards that nobody answered in time, offers
    /// what came back to whoever waits, and closes waiting lists. Gives how many of these.
    pub(crate) async fn run_offers(&self, now: Timestamp) -> Result<usize, ServiceError> {
        let mut done = 0_usize;
        for application in self.standing(State::AwardOffered).await? {
            let Some(until) = application.open_until else { continue };
            if until <= now {
                self.lapse(application, now).await?;
            } else if until - ANSWER_REMINDED_BEFORE <= now && application.reminded_at.is_none() {
                self.remind_to_answer(application, until, now).await?;
            } else {
                continue;
            }
            done = done.saturating_add(1);
        }
        for (program, round) in self.store.rounds_with(State::Waitlisted).await? {
            done = done.saturating_add(self.offer_what_came_back(&program, &round, now).await?);
        }
        for application in self.standing(State::Waitlisted).await? {
            if application.open_until.is_some_and(|until| until <= now) {
                self.end_wait(application, now).await?;
                done = done.saturating_add(1);
            }
        }
        Ok(done)
    }

    async fn lapse(&self, application: Application, now: Timestamp) -> Result<(), ServiceError> {
        let program = self.program_of(&application)?;
        let amount = application.released_award().unwrap_or(Usd::ZERO);
        let applicant = self.person_of(application.applicant).await?;
        let url = self.apply_again_at(program);
        let letter = letters::award_lapsed(&program.name, amount, &again(program, &url));
        let back = ledger::Command::Uncommit {
            id: TransferId::new(now, entropy::draw()),
            program: program.id.clone(),
            amount,
        };
        let batch = Batch::new(Actor::Job("offers".to_owned()), now);
        let id = application.id;
        let line = crate::audit_line(&batch, "award.lapsed", id, format!("${amount}"));
        self.step(batch, application, Command::Lapse, |batch, _| {
            batch.with(back).with(line).with(letter.to(&applicant.email, now))
        })
        .await?;
        info!(application.id = %id, "the award of application `{id}` has lapsed");
        Ok(())
    }

    async fn remind_to_answer(
        &self,
        application: Application,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<(), ServiceError> {
        let program = self.program_of(&application)?;
        let amount = application.released_award().unwrap_or(Usd::ZERO);
        let applicant = self.person_of(application.applicant).await?;
        let url = format!("{}/applications/{}", self.base_url, application.id);
        let last = last_day(program, until);
        let letter = letters::award_reminder(&program.name, amount, &last, &url);
        let batch = Batch::new(Actor::Job("offers".to_owned()), now);
        self.step(batch, application, Command::RemindToAnswer, |batch, _| {
            batch.with(letter.to(&applicant.email, now))
        })
        .await?;
        Ok(())
    }

    /// In their turn, as far as what came back goes: whoever is next waits for enough of it, and
    /// nobody behind them is served first.
    async fn offer_what_came_back(
        &self,
        program: &ProgramId,
        round: &RoundId,
        now: Timestamp,
    ) -> Result<usize, ServiceError> {
        let all = self.of_round(program, round).await?;
        let mut left = came_back(&all);
        let mut offered = 0_usize;
        for waiting in in_turn(all) {
            // Whose place has ended has no turn any more, should this run late.
            if waiting.application.open_until.is_some_and(|until| until < now) {
                continue;
            }
            let Some(rest) = left.checked_sub(waiting.amount).filter(|rest| Usd::ZERO <= *rest)
            else {
                break;
            };
            let id = waiting.application.id;
            let batch = Batch::new(Actor::Job("offers".to_owned()), now);
            match self.give_turn(batch, waiting.application).await {
                Ok(()) => {}
                // The pool was spent on something else: they wait for it.
                Err(ServiceError::Refused(why)) => {
                    warn!(application.id = %id, "nothing to offer to application `{id}`: {why}");
                    break;
                }
                Err(error) => return Err(error),
            }
            info!(application.id = %id, "offered application `{id}` what came back");
            left = rest;
            offered = offered.saturating_add(1);
        }
        Ok(offered)
    }

    async fn end_wait(&self, application: Application, now: Timestamp) -> Result<(), ServiceError> {
        let program = self.program_of(&application)?;
        let applicant = self.person_of(application.applicant).await?;
        let page = format!("{}/applications/{}", self.base_url, application.id);
        let url = self.apply_again_at(program);
        let letter = letters::wait_ended(&program.name, &again(program, &url), &page);
        let batch = Batch::new(Actor::Job("offers".to_owned()), now);
        self.step(batch, application, Command::EndWait, |batch, _| {
            batch.with(letter.to(&applicant.email, now))
        })
        .await?;
        Ok(())
    }

    /// When the next award or place on a waiting list comes to something by itself.
    pub(crate) async fn next_offer(
        &self,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, ServiceError> {
        let mut next = None;
        let mut open = self.standing(State::AwardOffered).await?;
        open.extend(self.standing(State::Waitlisted).await?);
        for until in open.into_iter().filter_map(|one| one.open_until) {
            let at = [until - ANSWER_REMINDED_BEFORE, until].into_iter().find(|at| now < *at);
            next = next.into_iter().chain(at).min();
        }
        Ok(next)
    }

    async fn standing(&self, state: State) -> Result<Vec<Application>, ServiceError> {
        let filter = ApplicationFilter { states: vec![state], ..ApplicationFilter::default() };
        Ok(self.store.applications(filter).await?)
    }

    async fn of_round(
        &self,
        program: &ProgramId,
        round: &RoundId,
    ) -> Result<Vec<Application>, ServiceError> {
        let filter = ApplicationFilter {
            program: Some(program.clone()),
            round: Some(round.clone()),
            ..ApplicationFilter::default()
        };
        Ok(self.store.applications(filter).await?)
    }
}

/// Whoever waits, in their turn.
fn in_turn(applications: Vec<Application>) -> Vec<Waitlisted> {
    let waits = |application: Application| match application.decision.as_ref()?.outcome {
        Outcome::Waitlist { amount, place } if application.state == State::Waitlisted => {
            Some(Waitlisted { application, amount, place })
        }
        Outcome::Waitlist { .. } | Outcome::Award { .. } | Outcome::Decline => None,
    };
    let mut waiting: Vec<Waitlisted> = applications.into_iter().filter_map(waits).collect();
    waiting.sort_by_key(|one| (one.place, one.application.id));
    waiting
}

/// What came back of a round's awards and was offered to nobody else.
fn came_back(applications: &[Application]) -> Usd {
    let award = |one: &Application| one.decision.as_ref()?.outcome.amount();
    let given_up =
        |one: &&Application| matches!(one.state, State::AwardDeclined | State::AwardLapsed);
    let back = Usd::sum(applications.iter().filter(given_up).filter_map(award));
    let again = applications.iter().filter(|one| one.offered_at.is_some());
    let again = Usd::sum(again.filter_map(award));
    let left = back.zip(again).and_then(|(back, again)| back.checked_sub(again));
    left.unwrap_or(Usd::ZERO).max(Usd::ZERO)
}

/// How an applicant comes back, and where.
const fn again<'a>(program: &Program, url: &'a str) -> letters::Again<'a> {
    letters::Again { most: program.reapplication.resubmissions_max, url }
}

fn day(program: &Program, at: Timestamp) -> String {
    at.to_zoned(program.review.zone.clone()).strftime("%-d %B %Y").to_string()
}

/// The last whole day before an instant at which a day ends.
fn last_day(program: &Program, until: Timestamp) -> String {
    day(program, until - jiff::SignedDuration::from_secs(1))
}
