//! Delivery: the day is set within the announced range, and the job delivers on it.

use bursar_award::Command as AwardCommand;
use bursar_kernel::{Actor, GrantId, Origin, Timestamp, TransferId};
use bursar_ledger::{Command, Source};
use bursar_policy::{Action, Viewer};
use bursar_program::calendar;
use bursar_store::rows::Grant;
use bursar_store::{Batch, Expect, Row, Write};
use jiff::civil::Date;

use crate::grants::{deliver_into, lot_for};
use crate::letters::Post as _;
use crate::{Service, ServiceError, entropy, letters};

impl Service {
    /// Sets the day on which the credit of an accepted award arrives: a day of the range that the
    /// applicant was told, by the program's clocks. Until then it can be set anew.
    pub async fn set_delivery_day(
        &self,
        viewer: &Viewer,
        id: GrantId,
        day: Date,
    ) -> Result<Grant, ServiceError> {
        crate::allow(viewer, Action::RunPrograms)?;
        let found = self.store.grant(id).await?;
        let mut grant = found.ok_or_else(|| ServiceError::NotFound(format!("grant `{id}`")))?;
        let program = self.edition(&grant.program, grant.program_version)?;
        let now = self.now();
        crate::taking_back::check_not_voided(&grant)?;
        if grant.delivered_at.is_some() {
            let text = "set the day of credit that has arrived\n\
                        hint: its term has begun, and nothing moves it";
            return Err(ServiceError::Refused(text.to_owned()));
        }
        let (from, until) = self.announced(&grant).await?;
        let zone = &program.review.zone;
        let day_of = |at: Timestamp| at.to_zoned(zone.clone()).date();
        let (first, last) = (day_of(from.max(now)), day_of(until));
        let words = |day: Date| day.strftime("%-d %B %Y").to_string();
        if day < first || last < day {
            let message = if last < first {
                "The range has passed: the job delivers within the minute".to_owned()
            } else {
                format!("The day must be from {} to {}", words(first), words(last))
            };
            return Err(ServiceError::field("day", message));
        }
        let begins = day.to_zoned(zone.clone()).and_then(|midnight| midnight.start_of_day());
        let begins = begins.map_err(|_| ServiceError::field("day", "There is no such day"))?;
        let at = begins.timestamp().max(from).max(now);
        let before = grant.version;
        grant.deliver_from = at;
        grant.deliver_until = at;
        grant.version = before.saturating_add(1);
        let holder = self.person_of(grant.holder).await?;
        let url = format!("{}/grants/{id}", self.base_url);
        let letter = letters::day_set(&program.name, grant.amount, &words(day), &url);
        let batch = crate::batch_of(viewer, now)?;
        let line = crate::audit_line(&batch, "grant.delivery_set", id, day.to_string());
        let row = Write::Row(Row::Grant(Box::new(grant.clone())), Expect::Version(before));
        self.commit(batch.with(row).with(line).with(letter.to(&holder.email, now))).await?;
        Ok(grant)
    }

    /// The range that the applicant was told with the decision.
    pub async fn announced(&self, grant: &Grant) -> Result<(Timestamp, Timestamp), ServiceError> {
        let application = match grant.application {
            Some(application) => self.store.application(application).await?,
            None => None,
        };
        let program = self.edition(&grant.program, grant.program_version)?;
        let offered_at = application.and_then(|application| application.award_offered_at());
        Ok(offered_at.map_or((grant.deliver_from, grant.deliver_until), |offered_at| {
            calendar::delivery_window(program, offered_at)
        }))
    }

    /// The instant of the decision that a grant goes back to: that of its offer, or of its issue.
    async fn decided_at(&self, grant: &Grant) -> Result<Timestamp, ServiceError> {
        let Some(application) = grant.application else { return Ok(grant.created_at) };
        let offered_at = self.load_application(application).await?.award_offered_at();
        Ok(offered_at.unwrap_or(grant.created_at))
    }

    /// Delivers the credit of an accepted award: its term begins at this instant.
    pub(crate) async fn deliver(
        &self,
        mut grant: Grant,
        now: Timestamp,
    ) -> Result<(), ServiceError> {
        let program = self.edition(&grant.program, grant.program_version)?.clone();
        let holder = self.person_of(grant.holder).await?;
        let decided_at = self.decided_at(&grant).await?;
        let expires_at = calendar::expiry(&program, decided_at, now);
        let lot = lot_for(&program, &grant, Origin::ResearchGrant, now, expires_at);
        let before = grant.version;
        deliver_into(&mut grant, &lot, now);
        grant.version = before.saturating_add(1);
        let url = format!("{}/grants/{}", self.base_url, grant.id);
        let until = expires_at.to_zoned(program.review.zone.clone());
        let until = until.strftime("%-d %B %Y, %H:%M %Z").to_string();
        let letter = letters::delivered(&program.name, grant.amount, &until, &url);
        let batch = Batch::new(Actor::Job("delivery".to_owned()), now);
        let line =
            crate::audit_line(&batch, "grant.delivered", grant.id, format!("${}", grant.amount));
        let issue = Command::Issue {
            id: TransferId::new(now, entropy::draw()),
            lot,
            from: Source::Committed,
        };
        let (id, application) = (grant.id, grant.application);
        let row = Write::Row(Row::Grant(Box::new(grant)), Expect::Version(before));
        let batch = batch.with(issue).with(row).with(line).with(letter.to(&holder.email, now));
        match application {
            Some(application) => {
                let application = self.load_application(application).await?;
                let command = AwardCommand::Deliver { grant: id };
                self.step(batch, application, command, |batch, _| batch).await?;
            }
            None => {
                self.commit(batch).await?;
            }
        }
        self.calls.directory().forget_grant(id);
        Ok(())
    }
}
