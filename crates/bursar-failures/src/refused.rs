//! Calls for which the book sets no money aside.

use bursar_calls::HoldRefused;
use bursar_kernel::{Cap, Usd};
use bursar_ledger::Refusal;
use http::StatusCode;

use super::{BUSY_RETRY_SECONDS, Failure, Pages, Retry};

/// A call that does not fit, and what would.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shortage {
    /// Output tokens, for each choice, with which the same prompt would fit what is available.
    /// `None` where a shorter answer changes nothing.
    pub fitting_output: Option<u64>,
    /// The output limit that did not fit.
    pub asked_output: u64,
}

impl Failure {
    /// No money was set aside.
    pub fn hold_refused(refused: &HoldRefused, shortage: Shortage, pages: Pages<'_>) -> Self {
        match refused {
            HoldRefused::Unavailable(error) => Self::no_store(error),
            // Batches alone have a queue, and say more of it.
            HoldRefused::Full(_) => Self::no_store(refused),
            HoldRefused::Busy { available, needed } => {
                Self::money_is_busy((*available, *needed), shortage, pages)
            }
            HoldRefused::Refused(refusal) => Self::refused(refusal, shortage, pages),
        }
    }

    /// Calls in flight had set it aside for as long as a call waits: it may come back any moment.
    fn money_is_busy(
        (available, needed): (Usd, Usd),
        shortage: Shortage,
        pages: Pages<'_>,
    ) -> Self {
        let message = format!(
            "The grant's calls in flight have set aside what this call needs: it may cost up to \
             ${needed} and ${available} is free. Try again when some of them have ended. {} {} \
             shows the balance.",
            shortage.advice(),
            pages.grant(),
        );
        Self::new(StatusCode::TOO_MANY_REQUESTS, "requests", "rate_limit_exceeded", message)
            .retry(Retry::After(BUSY_RETRY_SECONDS))
    }

    fn refused(refusal: &Refusal, shortage: Shortage, pages: Pages<'_>) -> Self {
        match refusal {
            Refusal::InsufficientCredit { available, needed, held } => {
                let detail = format!(
                    "This call may cost up to ${needed} and ${available} of the grant is \
                     available.{} {} {} shows the balance.",
                    in_flight(*held),
                    shortage.advice(),
                    pages.grant(),
                );
                Self::quota("credit_balance_exhausted", &detail)
            }
            Refusal::CapReached { available, needed, cap } => {
                let detail = format!(
                    "This call may cost up to ${needed} and ${available} of {} is left. {} {} {}.",
                    whose(*cap),
                    shortage.advice(),
                    pages.grant(),
                    raise(*cap),
                );
                Self::quota("project_spend_limit_exceeded", &detail)
            }
            Refusal::Expired { at } => Self::grant_expired(*at, pages),
            Refusal::NotYetActive { from } => Self::not_delivered(*from, pages),
            Refusal::NoCredit => {
                let detail = format!(
                    "The grant has no credit for this model and endpoint. {} shows what its \
                     credit is for.",
                    pages.grant()
                );
                Self::quota("credit_balance_exhausted", &detail)
            }
            Refusal::InsufficientFunds { .. }
            | Refusal::NotPositive(_)
            | Refusal::TransferConflict(_)
            | Refusal::HoldConflict(_)
            | Refusal::LotExists(_)
            | Refusal::UnknownLot(_)
            | Refusal::UnknownHold(_)
            | Refusal::AlreadyResolved { .. }
            | Refusal::DeadLot
            | Refusal::NotExpired { .. }
            | Refusal::NotTransferable { .. }
            | Refusal::OwnLot(_)
            | Refusal::NotCarriedOver(_)
            | Refusal::UnknownLease(_)
            | Refusal::LeaseConflict(_)
            | Refusal::LeaseEnded(_)
            | Refusal::LeaseTooLong { .. }
            | Refusal::PastWatermark { .. }
            | Refusal::ReportOutOfOrder { .. }
            | Refusal::OnLease(_)
            | Refusal::CorrectionConflict(_)
            | Refusal::NothingCharged(_)
            | Refusal::CorrectedTooOften(_)
            | Refusal::NotInSuspense(_)
            | Refusal::SettledBefore { .. }
            | Refusal::AboveHold { .. }
            | Refusal::FeeOutOfRange { .. }
            | Refusal::Overflow => {
                tracing::error!(%refusal, "the book refused a hold for a reason no call has");
                Self::bug()
            }
        }
    }
}

/// What is used up, where a cap is.
pub(crate) const fn whose(cap: Cap) -> &'static str {
    match cap {
        Cap::Key(_) => "this key's cap",
        Cap::Study(_) => "this study's budget",
    }
}

/// What its page does about it.
pub(crate) const fn raise(cap: Cap) -> &'static str {
    match cap {
        Cap::Key(_) => "makes keys with a higher cap",
        Cap::Study(_) => "raises it, where the grant has more",
    }
}

impl Shortage {
    fn advice(self) -> String {
        match self.fitting_output {
            Some(0) => "Not even one token of output would fit: shorten the prompt.".to_owned(),
            Some(tokens) => format!(
                "It would fit with `max_completion_tokens` of at most {tokens} instead of {}.",
                self.asked_output
            ),
            None => "A shorter input would fit.".to_owned(),
        }
    }
}

/// What calls in flight hold, as a sentence after a space.
fn in_flight(held: Usd) -> String {
    if held.is_positive() {
        format!(" Calls in flight hold ${held}, some of which may come back when they end.")
    } else {
        String::new()
    }
}
