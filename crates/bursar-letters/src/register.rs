//! Every letter that there is, by name, each with a sample that fills all that can be in it.

use bursar_kernel::{
    AccessRequestId, BasisPoints, GrantId, GrantRole, ListingId, LotId, MemberRole, ModelId,
    Origin, PersonId, Program, Timestamp, TradeId, Usd,
};
use bursar_market::Trade;
use bursar_outbox::Manner;
use bursar_policy::{AccessRequest, AccessState};
use bursar_store::rows::CardFace;

use crate::evidence::samples;
use crate::{Letter, ending, offers, panel};

/// What links of samples begin with.
const BASE: &str = "https://credits.example.edu";
/// When samples are written: 4 January 2027, 09:00 UTC.
const NOW_MS: i64 = 1_799_053_200_000;
/// The reasons that a sample names: as somebody may write them.
pub(crate) const REASONS: &str = "The question is clear, and the method fits it.\n\
                       Say more about \"limited funding\" & <other> sources: 資金, ميزانية.";

/// A letter that there is.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// Its name.
    pub name: &'static str,
    /// When it is written.
    pub when: &'static str,
    /// What kind of letter it is on its way out.
    pub manner: Manner,
    sample: fn(&Program) -> Letter,
}

impl Kind {
    /// The letter as a program would write it.
    pub fn sample(&self, program: &Program) -> Letter {
        (self.sample)(program)
    }
}

/// The letter of a name.
pub fn kind(name: &str) -> Option<&'static Kind> {
    register().iter().find(|kind| kind.name == name)
}

macro_rules! kinds {
    ($($name:literal, $manner:ident, $when:literal, $sample:expr;)*) => {
        &[$(Kind { name: $name, when: $when, manner: Manner::$manner, sample: $sample }),*]
    };
}

/// All of them, in the order in which a person meets them.
pub const fn register() -> &'static [Kind] {
    REGISTER
}

const REGISTER: &[Kind] = kinds! {
    "sign_in", Proof, "Somebody asks for a sign-in link",
        |_| crate::sign_in(&url("sign-in/8m2kq0v4t6"), now());
    "trial", Proof, "An operator tries whether mail goes out",
        |_| crate::trial(BASE);
    "passkey_added", Ordinary, "Somebody adds a passkey to their account",
        |_| crate::passkey_added(PASSKEY, &url("account"));
    "passkey_removed", Ordinary, "Somebody removes a passkey",
        |_| crate::passkey_removed(PASSKEY, &url("account"));
    "passkey_copied", Ordinary, "A passkey is used whose count went back",
        |_| crate::passkey_copied(PASSKEY, &url("account"));
    "erasure_asked", Proof, "Somebody wants their account erased",
        |_| crate::erasure_asked(&url("erasure/8m2kq0v4t6"), now());
    "erasure_set", Ordinary, "They confirm that",
        |_| crate::erasure_set("11 January 2027, 09:00 UTC", &url("account/erase"));
    "erasure_cancelled", Ordinary, "They take it back",
        |_| crate::erasure_cancelled(&url("account/erase"));
    "erasure_stopped", Ordinary, "Something is open on the day",
        |_| crate::erasure_stopped(&url("account/erase"));
    "erased", Ordinary, "An account was erased; the last letter",
        |_| crate::erased(BASE);
    "submitted", Ordinary, "An application arrives", |program| {
        let span = "from 1 March 2027 to 31 March 2027";
        crate::submitted(&program.name, &url(APPLICATION), "2027-03", span)
    };
    "invited", Ordinary, "Somebody is asked to take part in an application", |program| {
        let link = url("invitations/8m2kq0v4t6");
        crate::invited("Ada", "ada@example.edu", &program.name, MemberRole::Edit, &link)
    };
    "asked", Ordinary, "An officer asks about an application", |program| {
        let link = url(&format!("{APPLICATION}/questions/question_01kag3v5f0e7s9m4q2x8w6t1zc"));
        crate::asked(&program.name, REASONS, "15 January 2027", &link)
    };
    "answered", Ordinary, "Those who apply answer; to the officer", |program| {
        crate::answered(&program.name, &url(&format!("decide/{APPLICATION}")))
    };
    "sponsor_asked", Ordinary, "Somebody is asked where an applicant belongs", samples::sponsor;
    "claim_answered", Ordinary, "What was to be shown is believed, or not", samples::claim;
    "appeal_begun", Proof, "Somebody without an account asks a person", samples::begun;
    "appeal_answered", Ordinary, "An officer answers whoever asked", samples::answered;
    "review_asked", Ordinary, "A reviewer is asked to review", panel::samples::asked;
    "review_reminder", Reminder, "A review waits for an answer, or is due",
        panel::samples::reminder;
    "review_released", Ordinary, "A reviewer is released from a review", panel::samples::released;
    "review_date", Ordinary, "The date of a review is changed, or stays", panel::samples::date;
    "awarded", Ordinary, "A round is released: an award", offers::samples::awarded;
    "declined", Ordinary, "A round is released: no award", offers::samples::declined;
    "waitlisted", Ordinary, "A round is released: a place on the waiting list",
        offers::samples::waitlisted;
    "offered", Ordinary, "An award comes back, and goes to whoever waits",
        offers::samples::offered;
    "award_reminder", Reminder, "An award waits for an answer, and its day comes near",
        offers::samples::reminder;
    "award_lapsed", Ordinary, "Nobody answered an award in time", offers::samples::lapsed;
    "wait_ended", Ordinary, "The waiting list is closed", offers::samples::wait_ended;
    "day_set", Ordinary, "An officer sets the day of an award's credit",
        |program| crate::day_set(&program.name, usd(1000), "12 April 2027", &grant());
    "delivered", Ordinary, "Credit arrives", |program| {
        crate::delivered(&program.name, usd(1000), "12 April 2028, 09:00 UTC", &grant())
    };
    "grant_invited", Ordinary, "Somebody is asked to spend a grant with its holder", |program| {
        let (who, link) = (("Ada", "ada@example.edu"), url("grants/invitations/8m2kq0v4t6"));
        crate::people::grant_invited(who, &program.name, TITLE, GrantRole::Member, &link, now())
    };
    "grant_answered", Ordinary, "They accept or decline; to the holder",
        |program| crate::people::grant_answered("Grace", &program.name, true, &people());
    "grant_part_changed", Ordinary, "What they may do changes",
        |program| crate::people::grant_part_changed(&program.name, GrantRole::Manager, &grant());
    "grant_removed", Ordinary, "They are taken out, or an invitation is taken back",
        |program| crate::people::grant_removed(&program.name, TITLE, &url("grants"));
    "grant_left", Ordinary, "They leave; to the holder",
        |program| crate::people::grant_left("Grace", &program.name, &people());
    "days_90", Reminder, "Credit ends in 90 days", ending::sample_90;
    "days_30", Reminder, "Credit ends in 30 days", ending::sample_30;
    "days_7", Reminder, "Credit ends in 7 days", ending::sample_7;
    "days_1", Reminder, "Credit ends in a day", ending::sample_1;
    "used_80", Reminder, "Four fifths of a grant are spent", ending::sample_80;
    "used_100", Reminder, "A grant is used up", ending::sample_100;
    "expired", Ordinary, "Credit has ended",
        |program| crate::expired(&program.name, usd(42), &grant());
    "returned", Ordinary, "A holder gives credit back",
        |program| crate::returned(&program.name, usd(250), &grant());
    "bought", Ordinary, "Somebody buys credit on the market",
        |_| crate::bought(&trade(), "12 April 2028, 09:00 UTC", &grant());
    "sold", Ordinary, "Somebody's listed credit is bought",
        |_| crate::sold(&trade(), &url("market/trades/trade_01kag3v5f0e7s9m4q2x8w6t1zc"));
    "clawed_back", Ordinary, "An officer takes a part of a grant back",
        |program| crate::clawed_back(&program.name, usd(100), REASONS, &grant());
    "stopped", Ordinary, "An officer stops a grant's calls",
        |program| crate::stopped(&program.name, REASONS, &grant());
    "started", Ordinary, "An officer starts a grant's calls again",
        |program| crate::started(&program.name, REASONS, &grant());
    "voided", Ordinary, "An officer voids a grant",
        |program| crate::voided(&program.name, usd(812), REASONS, &grant());
    "access_asked", Ordinary, "A holder asks for a limited model; to the officers",
        |_| crate::access_asked("ada@example.edu", &request(AccessState::Asked), &access());
    "access_approved", Ordinary, "A request for a limited model is approved",
        |program| answered(program, AccessState::Approved);
    "access_declined", Ordinary, "A request for a limited model is declined",
        |program| answered(program, AccessState::Declined);
    "card_checked", Ordinary, "A card is verified", |_| {
        let (brand, last4) = ("visa".to_owned(), "4242".to_owned());
        let face = CardFace { brand, last4, exp_month: 12, exp_year: 2029 };
        let check = "card/check_01kag3v5f0e7s9m4q2x8w6t1zc";
        crate::card_checked(usd(1), Some(&face), &format!("{}/{check}", grant()))
    };
};

/// What a sample's grant is called.
const TITLE: &str = "Refusals & \"hedging\" in <low-resource> languages";
const PASSKEY: &str = "Ada's \"work\" <laptop>";
pub(crate) const APPLICATION: &str = "applications/app_01kag3v5f0e7s9m4q2x8w6t1zc";

pub(crate) fn now() -> Timestamp {
    Timestamp::from_millisecond(NOW_MS).unwrap_or(Timestamp::UNIX_EPOCH)
}

pub(crate) fn url(path: &str) -> String {
    format!("{BASE}/{path}")
}

pub(crate) const fn base() -> &'static str {
    BASE
}

/// The grant that samples are about.
pub(crate) const fn grant_id() -> GrantId {
    GrantId::from_bytes(*b"\x01\x9b\xaf\x31 the example")
}

fn people() -> String {
    format!("{}/people", grant())
}

fn grant() -> String {
    url(&format!("grants/{}", grant_id()))
}

pub(crate) fn usd(dollars: i64) -> Usd {
    Usd::from_nanos(dollars.saturating_mul(1_000_000_000))
}

fn answered(program: &Program, state: AccessState) -> Letter {
    let models = format!("{}/models/gpt-5", grant());
    crate::access_answered(&request(state), &program.review.zone, &models)
}

fn access() -> String {
    url("decide/access")
}

fn request(state: AccessState) -> AccessRequest {
    AccessRequest {
        id: AccessRequestId::from_bytes([1; 16]),
        grant: grant_id(),
        holder: PersonId::from_bytes([1; 16]),
        model: ModelId::new("gpt-5"),
        reason: "A comparison of how models reason about <causes> & effects.".to_owned(),
        asked_at: now(),
        state,
        decided_by: None,
        decided_at: None,
        note: Some("Write down what you find: the next one asks too.".to_owned()),
        until: Some(now()),
        version: 1,
    }
}

fn trade() -> Trade {
    let person = |byte| PersonId::from_bytes([byte; 16]);
    let price: BasisPoints = "55".parse().unwrap_or(BasisPoints::WHOLE);
    Trade {
        id: TradeId::from_bytes([1; 16]),
        listing: ListingId::from_bytes([1; 16]),
        program: bursar_kernel::ProgramId::new("market"),
        source: Origin::Enterprise,
        seller: person(1),
        buyer: person(2),
        seller_grant: grant_id(),
        buyer_grant: grant_id(),
        seller_lot: LotId::from_bytes([1; 16]),
        buyer_lot: LotId::from_bytes([2; 16]),
        face: usd(400),
        price,
        cost: usd(220),
        fee: usd(11),
        expires_at: now(),
        at: now(),
    }
}
