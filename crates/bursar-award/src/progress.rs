//! What an earlier grant had come to when its holder applied again.

use std::fmt;

use bursar_kernel::{GrantId, ModelId, Timestamp, Usd};
use serde::{Deserialize, Serialize};

/// Models that a line names; the others are counted.
const MODELS_NAMED_MAX: usize = 5;

/// What an earlier grant had come to when its holder applied again, by the books. Displayed, it is
/// the line that stands beside the holder's own account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Progress {
    /// The grant.
    pub grant: GrantId,
    /// What it was for, in a line.
    pub title: String,
    /// How much it was.
    pub amount: Usd,
    /// What its calls had cost.
    pub spent: Usd,
    /// How many calls there were.
    pub calls: u64,
    /// The models that were called, the dearest first.
    pub models: Vec<ModelId>,
    /// When it expires, or did.
    pub expires_at: Option<Timestamp>,
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Of ${} granted, ${} was spent in ", self.amount, to_the_cent(self.spent))?;
        match self.calls {
            1 => f.write_str("1 call")?,
            calls => write!(f, "{calls} calls")?,
        }
        let named: Vec<&str> =
            self.models.iter().take(MODELS_NAMED_MAX).map(ModelId::as_str).collect();
        match (named.split_last(), self.models.len().saturating_sub(named.len())) {
            (None, _) => f.write_str("."),
            (Some((last, [])), 0) => write!(f, " to {last}."),
            (Some((last, rest)), 0) => write!(f, " to {} and {last}.", rest.join(", ")),
            (Some(_), more) => write!(f, " to {} and {more} more models.", named.join(", ")),
        }
    }
}

/// An amount rounded to the cent: a line is read, and the books have the rest.
fn to_the_cent(amount: Usd) -> Usd {
    const CENT: i64 = 10_000_000;
    let cents = amount.nanos().saturating_add(CENT / 2) / CENT;
    Usd::from_nanos(cents.saturating_mul(CENT))
}
