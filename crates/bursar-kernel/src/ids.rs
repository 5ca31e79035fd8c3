//! Typed identifiers: time-ordered, with a prefix that says what they name.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::time::Timestamp;

/// Crockford's base 32 in lower case: no `i`, `l`, `o`, `u`.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// Characters that 128 bits take in base 32.
const TEXT_LENGTH: usize = 26;
const NO_DIGIT: u8 = 32;
/// What each byte stands for: books are read by the million.
const DIGITS: [u8; 256] = {
    let mut digits = [NO_DIGIT; 256];
    let mut digit = 0;
    while digit < NO_DIGIT {
        digits[ALPHABET[digit as usize] as usize] = digit;
        digit += 1;
    }
    digits
};

/// The random part of an identifier: the caller draws it, so that a test or a simulation can too.
pub type Entropy = [u8; 10];

/// Why a text is not an identifier of the kind that was wanted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {article} identifier; one looks like `{prefix}_01jd3…`")]
pub struct IdError {
    text: String,
    article: &'static str,
    prefix: &'static str,
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal, $article:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u128);

        impl $name {
            /// What its text begins with, before the underscore.
            pub const PREFIX: &'static str = $prefix;

            /// A new identifier: version 7 of RFC 9562, so later ones sort after earlier ones.
            pub fn new(at: Timestamp, entropy: Entropy) -> Self {
                Self(time_ordered(at, entropy))
            }

            /// The identifier as sixteen bytes, for a column.
            pub const fn to_bytes(self) -> [u8; 16] {
                self.0.to_be_bytes()
            }

            /// The identifier that `to_bytes` wrote.
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(u128::from_be_bytes(bytes))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&write_text($prefix, self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&write_text($prefix, self.0))
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                read_text($prefix, text).map(Self).ok_or_else(|| IdError {
                    text: text.chars().take(64).collect(),
                    article: $article,
                    prefix: $prefix,
                })
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

ids! {
    /// Somebody with an account: researcher, reviewer, officer, operator.
    PersonId = "person", "a person's";
    /// One application, through all its states.
    ApplicationId = "application", "an application's";
    /// One reviewer's review of one application.
    ReviewId = "review", "a review's";
    /// An accepted award.
    GrantId = "grant", "a grant's";
    /// Credit of one origin, one expiry, one scope.
    LotId = "lot", "a lot's";
    /// A movement between two accounts.
    TransferId = "transfer", "a transfer's";
    /// Money set aside for one call.
    HoldId = "hold", "a hold's";
    /// A gateway API key (its name, never its secret).
    KeyId = "key", "a key's";
    /// A named budget of a grant, with keys and a cap of its own.
    StudyId = "study", "a study's";
    /// One call through the gateway, as its caller sees it.
    RequestId = "req", "a request's";
    /// A mail in the outbox.
    MailId = "mail", "a mail's";
    /// A line of the audit trail.
    AuditId = "audit", "an audit line's";
    /// A signed-in browser.
    SessionId = "session", "a session's";
    /// One atomic write.
    BatchId = "batch", "a batch's";
    /// Somebody's word on what a call cost, after it was charged.
    CorrectionId = "correction", "a correction's";
    /// An offer to sell credit.
    ListingId = "listing", "a listing's";
    /// A sale of credit.
    TradeId = "trade", "a trade's";
    /// A request for a model that credit alone does not open.
    AccessRequestId = "access", "an access request's";
    /// Somebody who was invited to take part in an application.
    MemberId = "member", "a member's";
    /// Somebody who was invited to take part in a grant.
    ParticipantId = "participant", "a participant's";
    /// A question of an officer's about an application.
    QuestionId = "question", "a question's";
    /// Something that is to show what somebody says of themselves.
    ClaimId = "claim", "a claim's";
    /// A verdict on eligibility that a person is asked to look at.
    AppealId = "appeal", "an appeal's";
    /// One check of a payment card.
    CardCheckId = "check", "a card check's";
    /// Who reviews an application.
    AssignmentId = "assignment", "an assignment's";
    /// Why somebody does not review an application.
    ConflictId = "conflict", "a conflict's";
    /// Something that a grant made in an upstream's account: a file, a batch.
    BelongingId = "belonging", "a belonging's";
    /// A gateway node, through all its lives.
    NodeId = "node", "a node's";
    /// A part of a lot, or of a key's rights, that one life of a node spends by itself.
    LeaseId = "lease", "a lease's";
}

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// A name as it stands in a file, a path or a body.
            pub fn new(name: impl Into<Arc<str>>) -> Self {
                Self(name.into())
            }

            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", &*self.0)
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    )*};
}

names! {
    /// A program's short name, as in `programs/openai-researcher-access.toml`.
    ProgramId;
    /// A review round of a program, named by the month its review begins: `2026-12`.
    RoundId;
    /// A model's name in the catalog: `gpt-4.1-mini`.
    ModelId;
    /// A family of models that the guide's table has a row for: `gpt-4.1`.
    FamilyId;
    /// Upstreams that can serve one another's credit.
    UpstreamGroup;
    /// The price table that produced a charge.
    PriceVersion;
    /// A set of rate limits: `free`.
    TierId;
    /// Models that share a rate limit: `small`.
    RateClassId;
}

impl TransferId {
    /// The identifier of the `ordinal`-th movement that resolves a hold. A hold is resolved once,
    /// so its movements can be named after it: a retry makes the same names.
    pub const fn resolving(hold: HoldId, ordinal: u8) -> Self {
        Self(hold.0.wrapping_add(ordinal as u128))
    }

    /// The identifier of the `ordinal`-th movement of a correction.
    pub const fn correcting(correction: CorrectionId, ordinal: u8) -> Self {
        Self(correction.0.wrapping_add(ordinal as u128))
    }

    /// The identifier of the `ordinal`-th movement of a trade: like those of a hold, its movements
    /// are named after it, so that a retry makes the same names.
    pub const fn trading(trade: TradeId, ordinal: u8) -> Self {
        Self(trade.0.wrapping_add(ordinal as u128))
    }
}

impl TransferId {
    /// Whether nothing can be named between another transfer and this one, which comes after it.
    pub const fn follows(self, other: Self) -> bool {
        matches!(other.0.checked_add(1), Some(next) if next == self.0)
    }

    /// The identifier of the `ordinal`-th movement that ends a lease; below [`HOLD_MOVEMENTS`].
    pub const fn ending(lease: LeaseId, ordinal: u8) -> Self {
        Self(lease.0.wrapping_add(ordinal as u128))
    }

    /// The identifier of what a lease's `number`-th report gives back.
    pub const fn giving_back(lease: LeaseId, number: u64) -> Self {
        Self(lease.0.wrapping_add(HOLD_MOVEMENTS).wrapping_add(number as u128))
    }
}

/// Movements that one hold, or one lease's end, can be named after.
const HOLD_MOVEMENTS: u128 = 16;

impl HoldId {
    /// The identifier of the part of a hold that lies on one of several leases. The parts leave
    /// room for the movements that resolve each.
    #[must_use]
    pub const fn part(self, ordinal: u8) -> Self {
        Self(self.0.wrapping_add(HOLD_MOVEMENTS * ordinal as u128))
    }

    /// The identifier of the hold that this is the part of.
    #[must_use]
    pub const fn whole(self, ordinal: u8) -> Self {
        Self(self.0.wrapping_sub(HOLD_MOVEMENTS * ordinal as u128))
    }
}

/// Which life of a node: each start has the next. What an earlier life spent can still be
/// reported, and nothing of it can be spent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Epoch(u64);

impl Epoch {
    /// The life of a number.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// Its number.
    pub const fn number(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// RFC 9562 version 7: 48 bits of milliseconds, then the entropy with version and variant set.
fn time_ordered(at: Timestamp, entropy: Entropy) -> u128 {
    let millis = u64::try_from(at.as_millisecond()).unwrap_or(0) & 0xffff_ffff_ffff;
    let mut bytes = [0_u8; 16];
    bytes[..6].copy_from_slice(&millis.to_be_bytes()[2..]);
    bytes[6..].copy_from_slice(&entropy);
    bytes[6] = (bytes[6] & 0x0f) | 0x70;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    u128::from_be_bytes(bytes)
}

fn write_text(prefix: &str, value: u128) -> String {
    let mut text = String::with_capacity(prefix.len() + 1 + TEXT_LENGTH);
    text.push_str(prefix);
    text.push('_');
    for place in (0..TEXT_LENGTH).rev() {
        let digit = usize::try_from((value >> (place * 5)) & 31).unwrap_or(0);
        text.push(char::from(ALPHABET[digit]));
    }
    text
}

fn read_text(prefix: &str, text: &str) -> Option<u128> {
    let digits = text.strip_prefix(prefix)?.strip_prefix('_')?;
    if digits.len() != TEXT_LENGTH {
        return None;
    }
    digits.bytes().try_fold(0_u128, |value, byte| {
        let digit = DIGITS[usize::from(byte)];
        // The first of the 26 digits carries three bits only: 26 × 5 = 130.
        value.checked_mul(32)?.checked_add(u128::from(digit)).filter(|_| digit < NO_DIGIT)
    })
}

#[cfg(test)]
mod tests {
    //! Identifiers keep their kind, their order and their bytes.

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_text_of_another_kind_is_refused_with_a_hint() {
        let lot = LotId::new(Timestamp::UNIX_EPOCH, [7; 10]);
        let error = lot.to_string().parse::<GrantId>().unwrap_err().to_string();
        assert!(error.contains("is not a grant's identifier; one looks like `grant_"), "{error}");
        assert!("lot_zzzzzzzzzzzzzzzzzzzzzzzzzz".parse::<LotId>().is_err());
    }

    proptest! {
        #[test]
        fn text_and_bytes_are_faithful(millis in 0_i64..4_000_000_000_000, entropy: [u8; 10]) {
            let id = HoldId::new(Timestamp::from_millisecond(millis).unwrap(), entropy);
            prop_assert_eq!(id.to_string().parse::<HoldId>(), Ok(id));
            prop_assert_eq!(HoldId::from_bytes(id.to_bytes()), id);
        }

        #[test]
        fn later_sorts_after_earlier(a in 0_i64..4_000_000_000_000, b in 0_i64..4_000_000_000_000) {
            let id = |millis| KeyId::new(Timestamp::from_millisecond(millis).unwrap(), [9; 10]);
            prop_assert_eq!(id(a).cmp(&id(b)), a.cmp(&b));
            prop_assert_eq!(id(a).to_string().cmp(&id(b).to_string()), a.cmp(&b));
        }
    }
}
