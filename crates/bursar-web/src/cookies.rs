//! What a browser keeps for us: who it is, where it was going, and what it has just done.

use axum::http::{HeaderMap, HeaderValue, header};
use bursar_kernel::limits::{SESSION_LIFE, SIGN_IN_LINK_LIFE};
use bursar_service::Secret;
use bursar_ui::{Flash, Tone};

/// A cookie of ours, without the prefix that a secure site puts before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cookie {
    /// Who is signed in.
    Session,
    /// A browser that nobody is signed in with, so that its forms have a token too.
    Guest,
    /// What the last action did.
    Done,
    /// Where somebody was going when they were asked to sign in.
    Next,
    /// What ties a provider's answer to the browser that asked.
    Attempt,
    /// What opens the form that was typed when the session had ended: that session's own secret,
    /// which is good for nothing else any more.
    Kept,
}

impl Cookie {
    const fn name(self) -> &'static str {
        match self {
            Self::Session => "bursar-session",
            Self::Guest => "bursar-guest",
            Self::Done => "bursar-done",
            Self::Next => "bursar-next",
            Self::Attempt => "bursar-attempt",
            Self::Kept => "bursar-kept",
        }
    }

    /// Seconds that the browser keeps it.
    fn seconds(self) -> i64 {
        match self {
            Self::Session | Self::Guest => SESSION_LIFE.as_secs(),
            Self::Done => 60,
            Self::Kept => 24 * 60 * 60,
            Self::Next | Self::Attempt => SIGN_IN_LINK_LIFE.as_secs(),
        }
    }

    /// The value of a `Set-Cookie` header; an empty value takes the cookie away.
    pub(crate) fn set(self, value: &str, secure: bool) -> HeaderValue {
        let (prefix, flag) = if secure { ("__Host-", "; Secure") } else { ("", "") };
        let seconds = if value.is_empty() { 0 } else { self.seconds() };
        let text = format!(
            "{prefix}{}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{flag}",
            self.name()
        );
        HeaderValue::from_str(&text).expect("cookies are plain letters")
    }

    /// What the browser sent.
    pub(crate) fn read(self, headers: &HeaderMap, secure: bool) -> Option<String> {
        let prefix = if secure { "__Host-" } else { "" };
        let pairs = headers.get_all(header::COOKIE).iter();
        pairs
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(name, _)| name.strip_prefix(prefix) == Some(self.name()))
            .map(|(_, value)| value.to_owned())
            .filter(|value| !value.is_empty())
    }
}

/// The token that the forms of a browser carry: made from its cookie, which no other site can read
/// and from which nobody else can make it.
pub(crate) fn token_of(cookie: &str) -> blake3::Hash {
    blake3::Hash::from_bytes(blake3::derive_key("bursar portal form token v1", cookie.as_bytes()))
}

/// A new guest.
pub(crate) fn new_guest() -> String {
    Secret::draw("").reveal().to_owned()
}

macro_rules! done {
    ($($name:ident = $code:literal, $text:literal;)*) => {
        /// What the last action did, told once on the next page.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Done {
            $(#[doc = $text] $name,)*
        }

        impl Done {
            /// Its name in the cookie.
            pub(crate) const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// What to say, if a cookie's value is one of ours.
            pub(crate) fn flash(code: &str) -> Option<Flash> {
                let text = match code { $($code => $text,)* _ => return None };
                Some(Flash { tone: Tone::Good, text: text.to_owned() })
            }
        }
    };
}

done! {
    DraftSaved = "draft-saved", "The draft is saved.";
    FileAdded = "file-added", "The file is added, and the draft is saved.";
    FileRemoved = "file-removed", "The file is removed.";
    Invited = "invited", "The invitation is on its way.";
    GrantJoined = "grant-joined", "You take part in this grant. Make your first key below.";
    GrantLeft = "grant-left", "You take no part in that grant any more.";
    PartChanged = "part-changed", "It is changed, and they have been mailed.";
    Uninvited = "uninvited", "They take no part any more.";
    Joined = "joined", "You take part in this application.";
    NotJoined = "not-joined", "The invitation is declined.";
    Asked = "asked", "The question is on its way to those who apply.";
    QuestionTakenBack = "question-taken-back", "The question is taken back.";
    SponsorNamed = "sponsor-named", "The letter to them is on its way.";
    DocumentAdded = "document-added", "The document waits for an officer.";
    ClaimTakenBack = "claim-taken-back", "It is taken back.";
    SponsorAnswered = "sponsor-answered", "Thank you: your answer is with the program.";
    ClaimAnswered = "claim-answered", "It is recorded, and the applicant has been mailed.";
    Vouched = "vouched", "Your word is recorded.";
    AppealSent = "appeal-sent", "An officer reads it. The answer comes by letter.";
    AppealAnswered = "appeal-answered", "The answer is on its way to whoever asked.";
    Answered = "answered", "Your answer is with the program.";
    EstimateSet = "estimate-set", "The estimate is in your draft, and goes with the application.";
    EstimateRemoved = "estimate-removed", "The estimate is taken out of your draft.";
    Withdrawn = "withdrawn", "The application is withdrawn.";
    Accepted = "accepted", "You have accepted the award.";
    Declined = "declined", "You have declined the award.";
    Reviewed = "reviewed", "Your review is submitted.";
    ReviewFileTaken = "review-file-taken", "The file is in your drafts. Nothing is submitted yet.";
    ReviewFileSame = "review-file-same", "Your drafts have all that is in the file already.";
    AgreedToReview = "agreed-to-review", "You have agreed to review it. All of it is here now.";
    ReviewDeclined = "review-declined", "Your answer is with the officers.";
    SteppedBack = "stepped-back", "You have stepped back. Somebody else is asked.";
    DateAsked = "date-asked", "An officer answers by mail.";
    ReviewerSaved = "reviewer-saved", "What you said of yourself is saved.";
    PanelPlanned = "panel-planned", "The round is planned. Nobody has been asked yet.";
    ReviewersInvited = "reviewers-invited", "The reviewers are asked, by mail.";
    ReviewerAdded = "reviewer-added", "The reviewer is on the plan.";
    ReviewerReleased = "reviewer-released", "The assignment is taken back.";
    ReviewDateSet = "review-date-set", "The reviewer is told the date.";
    ConflictWritten = "conflict-written", "What you know is written down.";
    ConflictLifted = "conflict-lifted", "It is taken back.";
    Decided = "decided", "The decision is recorded. Nobody outside the program sees it yet.";
    DecisionTakenBack = "decision-taken-back", "The decision is taken back.";
    Screened = "screened", "It is recorded, for officers only.";
    AwardOffered = "award-offered", "The award is offered, and the applicant has been mailed.";
    RoundDecided = "round-decided", "The decisions are recorded. Nobody outside sees them yet.";
    RoundApproved = "round-approved", "You have approved the decisions as their second officer.";
    Approved = "approved", "You have approved the award as its second officer.";
    DaySet = "day-set", "The day is set, and the applicant has been mailed.";
    Released = "released", "The decisions are released, and the applicants have been mailed.";
    Funded = "funded", "The money is in the pool.";
    Capped = "capped", "The cap is changed, on every server.";
    StudyMade = "study-made", "The study is made. Create a key for it.";
    StudyChanged = "study-changed", "The study is changed, on every server.";
    StudyClosed = "study-closed", "The study is closed. Its keys make no more calls.";
    BudgetMoved = "budget-moved", "The budget is moved, on every server.";
    Revoked = "revoked", "The key is revoked. New calls with it are refused.";
    Turned = "turned", "The clock is turned, and everything that fell due has happened.";
    Listed = "listed", "Your credit is on the market. You go on using what is not sold.";
    ListedLow = "listed-low", "Your credit is on the market, below the customary price.";
    Unlisted = "unlisted", "The listing is withdrawn. What is left stays yours.";
    Returned = "returned", "The credit is back in the pool. Thank you.";
    TakenBack = "taken-back", "The credit is in the pool, and its holder has been mailed.";
    Voided = "voided", "The grant is voided, and its holder has been mailed.";
    PricesApproved = "prices-approved", "The price table is approved, on every server.";
    PricesRejected = "prices-rejected", "The price table is not used.";
    Stopped = "stopped", "It is stopped, on every server.";
    Started = "started", "It is started again, on every server.";
    CardPaid = "card-paid", "Your card has paid. It stands in your balance: confirm the purchase.";
    CashMoved = "cash-moved", "The cash is in the books.";
    Named = "named", "Your name is saved.";
    WayLinked = "way-linked", "You can sign in with it from now on.";
    WayRemoved = "way-removed", "It is no way into your account any more.";
    PasskeyAdded = "passkey-added", "The passkey is added, and you have been mailed.";
    PasskeyRemoved = "passkey-removed", "The passkey is removed, and you have been mailed.";
    ErasureAsked = "erasure-asked", "The link is on its way. Nothing happens before you confirm.";
    ErasureCancelled = "erasure-cancelled", "Your account is kept, and you have been mailed.";
    SessionEnded = "session-ended", "That browser is signed out.";
    RemindersChosen = "reminders-chosen", "What you want to be reminded of is saved.";
    MailRetried = "mail-retried", "The mail is tried again.";
    ModelAsked = "model-asked", "Your request is with the program's officers.";
    ModelTakenBack = "model-taken-back", "Your request is taken back.";
    ModelAnswered = "model-answered", "The answer is recorded, and its holder has been mailed.";
    Settled = "settled", "It is settled, and the audit trail says why.";
    SignedOut = "signed-out", "You are signed out.";
}

#[cfg(test)]
mod tests {
    //! Cookies that only this site sets and only this site gets.

    use super::*;

    #[test]
    fn a_secure_site_binds_its_cookies_to_its_host() {
        let cookie = Cookie::Next.set("/grants", true);
        let expected = "__Host-bursar-next=/grants; Path=/; HttpOnly; SameSite=Lax; \
                        Max-Age=1800; Secure";
        assert_eq!(cookie.to_str().unwrap(), expected);
        let kept = HeaderValue::from_static("bursar-next=/evil; __Host-bursar-next=/grants");
        let headers = HeaderMap::from_iter([(header::COOKIE, kept)]);
        assert_eq!(Cookie::Next.read(&headers, true).as_deref(), Some("/grants"));
        assert_eq!(Cookie::Session.read(&headers, true), None);
    }
}
