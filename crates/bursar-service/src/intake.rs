//! Who may apply now: whether a program takes applications, and what it gives one person.

use std::collections::BTreeMap;

use bursar_kernel::program::{Intake, OfferState};
use bursar_kernel::{PersonId, Program, Timestamp};
use bursar_program::calendar::{self, Round};
use bursar_store::GrantFilter;

use crate::{Service, ServiceError};

/// Refuses an application to a program that takes none.
pub(crate) fn takes_applications(program: &Program) -> Result<(), ServiceError> {
    if program.takes_applications() {
        return Ok(());
    }
    let text = match (program.intake, program.offer.state) {
        (Intake::Officers, _) => {
            "apply to a program whose credit officers issue\n\
             hint: ask an officer, or choose a program that takes applications"
        }
        (Intake::Open, OfferState::Forecast) => {
            "apply to a program that is announced and not open yet\n\
             hint: read on its page what is known, and come back"
        }
        (Intake::Open, OfferState::Paused) => {
            "apply to a program that is paused\n\
             hint: read on its page what is known, and come back"
        }
        (Intake::Open, OfferState::Discontinued | OfferState::Open) => {
            "apply to a program that is discontinued\n\
             hint: read on its page what came in its place"
        }
    };
    Err(ServiceError::Refused(text.to_owned()))
}

/// The round that an application handed in now is part of.
pub(crate) fn round_to_join(program: &Program, now: Timestamp) -> Result<Round, ServiceError> {
    takes_applications(program)?;
    let Some(round) = calendar::round_for(program, now) else {
        let text = "submit after the last call has closed\n\
                    hint: the draft is kept; the program's page says whether there will be another";
        return Err(ServiceError::Refused(text.to_owned()));
    };
    if !round.collects(now) {
        let opens = round.collects_from.to_zoned(program.review.zone.clone());
        let opens = opens.strftime("%-d %B %Y, %H:%M %Z");
        let text = format!(
            "submit before applications are taken, which is from {opens} on\n\
             hint: the draft is kept; come back then"
        );
        return Err(ServiceError::Refused(text));
    }
    Ok(round)
}

impl Service {
    /// Refuses an application of somebody who has had all the grants that one person gets.
    pub(crate) async fn has_room_for(
        &self,
        program: &Program,
        applicant: PersonId,
        answers: &BTreeMap<String, String>,
    ) -> Result<(), ServiceError> {
        let Some(most) = program.award.of(answers).per_person_max else { return Ok(()) };
        let filter = GrantFilter {
            program: Some(program.id.clone()),
            holder: Some(applicant),
            ..GrantFilter::default()
        };
        let grants = self.store.grants(filter).await?;
        let awarded = grants.iter().filter(|grant| grant.application.is_some()).count();
        if usize::try_from(most).is_ok_and(|most| awarded < most) {
            return Ok(());
        }
        let often = if most == 1 { "once".to_owned() } else { format!("{most} times") };
        let text = format!(
            "apply once more: this program awards credit to one person {often}\n\
             hint: look for another program in the directory"
        );
        Err(ServiceError::Refused(text))
    }
}
