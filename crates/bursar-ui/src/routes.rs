//! The address of every page, so that links and handlers cannot disagree.

use bursar_kernel::{
    AccessRequestId, AppealId, ApplicationId, AssignmentId, CardCheckId, ClaimId, ConflictId,
    GrantId, KeyId, ListingId, MailId, MemberId, ModelId, ParticipantId, PriceVersion, ProgramId,
    QuestionId, RequestId, RoundId, SessionId, StudyId, TradeId,
};

/// The first page: what this is, and the programs.
pub const HOME: &str = "/";
/// The programs.
pub const PROGRAMS: &str = "/programs";
/// The deadlines of all programs, for a calendar that subscribes to them.
pub const DIRECTORY_CALENDAR: &str = "/programs.ics";
/// What a study costs; posts it, with samples that are counted and not kept.
pub const ESTIMATE: &str = "/estimate";
/// Verdicts that officers are asked to look at.
pub const APPEALS: &str = "/decide/asked";
/// Institutions by name, for the script.
pub const INSTITUTIONS: &str = "/institutions";
/// How somebody is called.
pub const ACCOUNT: &str = "/account";
/// Asks for an e-mail address, and posts it.
pub const SIGN_IN: &str = "/sign-in";
/// Posts the token of a mailed link.
pub const SIGN_IN_CONFIRM: &str = "/sign-in/confirm";
/// Posted to sign out.
pub const SIGN_OUT: &str = "/sign-out";
/// The applicant's own applications and grants.
pub const APPLICATIONS: &str = "/applications";
/// The holder's grants.
pub const GRANTS: &str = "/grants";
/// Leads to the forecast of the grant that expires first.
pub const NEXT: &str = "/grants/next";
/// The market: what is on offer, for everybody to read.
pub const MARKET: &str = "/market";
/// One's own listings, trades and cash.
pub const MY_MARKET: &str = "/market/mine";
/// All trades, and cash that moves by bank, for those who oversee the market.
pub const MARKET_DESK: &str = "/decide/market";
/// The reviewer's queue.
pub const REVIEWS: &str = "/reviews";
/// The officer's applications.
pub const DECIDE: &str = "/decide/applications";
/// What a reviewer says of themselves.
pub const REVIEWER: &str = "/reviews/profile";
/// One's own earlier reviews.
pub const REVIEW_PAST: &str = "/reviews/past";
/// A letter of them, between two days.
pub const REVIEW_LETTER: &str = "/reviews/past/letter";
/// Where files to review with come from and come back to.
pub const REVIEW_OFFLINE: &str = "/reviews/offline";
/// All that waits for a reviewer, as a file to fill in.
pub const REVIEW_FILE: &str = "/reviews/offline/reviews.txt";
/// The officer's rounds.
pub const ROUNDS: &str = "/decide/rounds";
/// The programs' money.
pub const MONEY: &str = "/decide/money";
/// All grants.
pub const ALL_GRANTS: &str = "/decide/grants";
/// Requests for limited models.
pub const ACCESS: &str = "/decide/access";
/// The mails that went out.
pub const OUTBOX: &str = "/operate/outbox";
/// Every letter that there is.
pub const LETTERS: &str = "/decide/letters";
/// Everything about who is signed in, as an archive.
pub const EXPORT: &str = "/account/export";
/// What it means to be forgotten; posted to ask for it.
pub const ERASE: &str = "/account/erase";
/// Posted to keep the account after all.
pub const ERASE_CANCEL: &str = "/account/erase/cancel";
/// Posts the token of a mailed link, to have an account erased.
pub const ERASURE: &str = "/erasure";
/// Posted by the script to sign in with a passkey.
pub const SIGN_IN_PASSKEY: &str = "/sign-in/passkey";
/// What the script asks an authenticator with, to sign in.
pub const SIGN_IN_PASSKEY_OPTIONS: &str = "/sign-in/passkey/options";
/// Posted by the script to add a passkey.
pub const PASSKEYS: &str = "/account/passkeys";
/// What the script asks an authenticator with, to add a passkey.
pub const PASSKEY_OPTIONS: &str = "/account/passkeys/options";
/// Posted to remove a passkey.
pub const REMOVE_PASSKEY: &str = "/account/passkeys/remove";
/// Posted to take a way to sign in away.
pub const REMOVE_WAY: &str = "/account/ways/remove";
/// Posted to be reminded of what comes, or not to be.
pub const REMINDERS: &str = "/account/reminders";
/// The upstreams.
pub const UPSTREAMS: &str = "/operate/upstreams";
/// What nobody knows whether it was spent.
pub const SUSPENSE: &str = "/operate/suspense";
/// The price tables.
pub const PRICES: &str = "/operate/prices";
/// The audit trail.
pub const AUDIT: &str = "/operate/audit";
/// The demonstration's front page.
pub const DEMONSTRATION: &str = "/demonstration";
/// Posted to turn the demonstration's clock.
pub const CLOCK: &str = "/demonstration/clock";

/// What a study costs by a program's limits and award, with nothing filled in.
pub fn estimate_for(program: &ProgramId) -> String {
    format!("{ESTIMATE}?program={}", escaped(program.as_str()))
}

/// Stop an upstream, or start it again. A configuration may call it anything.
pub fn upstream_stop(name: &str) -> String {
    format!("{UPSTREAMS}/{}/stop", escaped(name).replace('/', "%2F"))
}

macro_rules! paths {
    ($($(#[$doc:meta])* $name:ident($($arg:ident: $kind:ty),+) = $format:literal;)*) => {$(
        $(#[$doc])*
        pub fn $name($($arg: $kind),+) -> String {
            format!($format)
        }
    )*};
}

/// Asks to sign in, and leads on to a path of this site.
pub fn sign_in_then(next: &str) -> String {
    format!("{SIGN_IN}?next={}", escaped(next))
}

/// Signs somebody into the demonstration at once, and leads on to a path of this site.
pub fn enter_to(door: &str, to: &str) -> String {
    format!("{}?to={}", enter(door), escaped(to))
}

/// A text as the value of a query.
pub fn escaped(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte);
    let escape = |byte: u8| {
        if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }
    };
    path.bytes().map(escape).collect()
}

paths! {
    /// Signs somebody into the demonstration at once.
    enter(door: &str) = "/demonstration/enter/{door}";
    /// A price table, and the form that decides on it.
    price_table(version: &PriceVersion) = "/operate/prices/{version}";
    /// A program's guide.
    program(id: &ProgramId) = "/programs/{id}";
    /// Whether somebody qualifies for a program.
    eligibility(id: &ProgramId) = "/programs/{id}/eligibility";
    /// A program's rounds, for a calendar that subscribes to them.
    program_calendar(id: &ProgramId) = "/programs/{id}/calendar.ics";
    /// What follows an application on a day, for a calendar.
    plan_calendar(id: &ProgramId, day: &str) = "/programs/{id}/plan.ics?submit_on={day}";
    /// Advice on a proposal; posts it, and keeps nothing.
    proposal_check(id: &ProgramId) = "/programs/{id}/proposal";
    /// Asks for a new study of a grant; makes it.
    grant_studies(id: GrantId) = "/grants/{id}/studies";
    /// Where a grant's money went.
    grant_spending(id: GrantId) = "/grants/{id}/spending";
    /// A study.
    study(id: StudyId) = "/studies/{id}";
    /// Asks what a study is to be; changes it.
    study_change(id: StudyId) = "/studies/{id}/change";
    /// Asks how much of a study's budget goes to another; moves it.
    study_move(id: StudyId) = "/studies/{id}/move";
    /// Asks before a study is closed; closes it.
    study_close(id: StudyId) = "/studies/{id}/close";
    /// Posted to begin an application.
    apply(id: &ProgramId) = "/programs/{id}/apply";
    /// Where an application stands.
    application(id: ApplicationId) = "/applications/{id}";
    /// The tasks of a draft.
    application_form(id: ApplicationId) = "/applications/{id}/form";
    /// A section of the form; saves and continues.
    application_section(id: ApplicationId, section: &str) = "/applications/{id}/form/{section}";
    /// One question of a section that asks one by one.
    application_question(id: ApplicationId, section: &str, field: &str) =
        "/applications/{id}/form/{section}/{field}";
    /// The policies to accept.
    application_policies(id: ApplicationId) = "/applications/{id}/policies";
    /// Who takes part; invites.
    application_people(id: ApplicationId) = "/applications/{id}/people";
    /// Posted to take somebody out, or to leave.
    application_member_remove(id: ApplicationId, member: MemberId) =
        "/applications/{id}/people/{member}/remove";
    /// A file of an application, to download.
    application_file(id: ApplicationId, hash: &str) = "/applications/{id}/files/{hash}";
    /// What an officer asks, and its answer.
    application_asked(id: ApplicationId, question: QuestionId) =
        "/applications/{id}/questions/{question}";
    /// An invitation to take part in an application.
    invitation(secret: &str) = "/invitations/{secret}";
    /// Posted by an officer to ask those who apply something.
    decide_ask(id: ApplicationId) = "/decide/applications/{id}/questions";
    /// Posted to take such a question back.
    decide_ask_withdraw(id: ApplicationId, question: QuestionId) =
        "/decide/applications/{id}/questions/{question}/withdraw";
    /// Posted to take the estimate out of a draft.
    application_estimate_remove(id: ApplicationId) = "/applications/{id}/estimate/remove";
    /// Check the answers, accept the policies, submit.
    application_check(id: ApplicationId) = "/applications/{id}/check";
    /// What happens after submitting.
    application_submitted(id: ApplicationId) = "/applications/{id}/submitted";
    /// Withdraw, after a question.
    application_withdraw(id: ApplicationId) = "/applications/{id}/withdraw";
    /// The decision letter.
    application_letter(id: ApplicationId) = "/applications/{id}/letter";
    /// Accept the award.
    award_accept(id: ApplicationId) = "/applications/{id}/accept";
    /// Decline the award.
    award_decline(id: ApplicationId) = "/applications/{id}/decline";
    /// A reviewer's view of an application.
    review(id: ApplicationId) = "/reviews/{id}";
    /// A reviewer's answer to an invitation.
    review_answer(id: ApplicationId) = "/reviews/{id}/answer";
    /// Step back from a review, after a question.
    review_step_back(id: ApplicationId) = "/reviews/{id}/step-back";
    /// An application as a file to review with.
    review_file(id: ApplicationId) = "/reviews/{id}/review.txt";
    /// Ask for another date of a review.
    review_date(id: ApplicationId) = "/reviews/{id}/date";
    /// Who reviews an application, for officers; a further reviewer is posted here.
    decide_reviewers(id: ApplicationId) = "/decide/applications/{id}/reviewers";
    /// Posted to say that there is a conflict of interest, or none.
    decide_conflicts(id: ApplicationId) = "/decide/applications/{id}/conflicts";
    /// Posted to take back what was said of a conflict of interest.
    conflict_lift(id: ConflictId) = "/decide/conflicts/{id}/lift";
    /// Posted to take an assignment back.
    assignment_release(id: AssignmentId) = "/decide/assignments/{id}/release";
    /// Posted to give a review another date, or not.
    assignment_due(id: AssignmentId) = "/decide/assignments/{id}/due";
    /// Who reviews what in a round.
    round_panel(program: &ProgramId, round: &RoundId) = "/decide/rounds/{program}/{round}/panel";
    /// A round ranked, with its budget line.
    round_ranking(program: &ProgramId, round: &RoundId) =
        "/decide/rounds/{program}/{round}/ranking";
    /// What deciding a round as its line says would come to; it is posted here.
    round_proposal(program: &ProgramId, round: &RoundId) =
        "/decide/rounds/{program}/{round}/proposal";
    /// What of a round waits for a second officer; the approval is posted here.
    round_approve(program: &ProgramId, round: &RoundId) =
        "/decide/rounds/{program}/{round}/approve";
    /// What a round came to.
    round_report(program: &ProgramId, round: &RoundId) =
        "/decide/rounds/{program}/{round}/report";
    /// A round without its people, as a file: `csv` or `json`.
    round_export(program: &ProgramId, round: &RoundId, format: &str) =
        "/decide/rounds/{program}/{round}/export.{format}";
    /// Posted to plan who reviews what.
    round_panel_plan(program: &ProgramId, round: &RoundId) =
        "/decide/rounds/{program}/{round}/panel/plan";
    /// Posted to ask the reviewers whom the plan proposes.
    round_panel_invite(program: &ProgramId, round: &RoundId) =
        "/decide/rounds/{program}/{round}/panel/invite";
    /// An officer's view of an application; the decision is posted here.
    decide(id: ApplicationId) = "/decide/applications/{id}";
    /// Posted by a second officer to approve an award above the typical maximum.
    decide_approve(id: ApplicationId) = "/decide/applications/{id}/approve";
    /// Posted to say whether an application is eligible.
    decide_screen(id: ApplicationId) = "/decide/applications/{id}/screening";
    /// Which other applications an application is like.
    decide_similar(id: ApplicationId) = "/decide/applications/{id}/similar";
    /// Posted to take a decision back that nobody outside has heard of.
    decide_take_back(id: ApplicationId) = "/decide/applications/{id}/take-back";
    /// Posted to offer a waiting application its award.
    decide_offer(id: ApplicationId) = "/decide/applications/{id}/offer";
    /// Posted to set the day on which an accepted award arrives.
    decide_delivery(id: ApplicationId) = "/decide/applications/{id}/delivery";
    /// A round of a program.
    round(program: &ProgramId, round: &RoundId) = "/decide/rounds/{program}/{round}";
    /// Posted to release a round's decisions.
    round_release(program: &ProgramId, round: &RoundId) =
        "/decide/rounds/{program}/{round}/release";
    /// Posted to add money to a program's pool.
    pool_fund(program: &ProgramId) = "/decide/money/{program}/fund";
    /// A grant.
    grant(id: GrantId) = "/grants/{id}";
    /// Posted to make a key; shows it once.
    grant_keys(id: GrantId) = "/grants/{id}/keys";
    /// Change what a key may spend in all.
    key_cap(grant: GrantId, key: KeyId) = "/grants/{grant}/keys/{key}/cap";
    /// Revoke a key, after a question.
    key_revoke(grant: GrantId, key: KeyId) = "/grants/{grant}/keys/{key}/revoke";
    /// The calls of a grant.
    grant_calls(id: GrantId) = "/grants/{id}/calls";
    /// One call.
    grant_call(grant: GrantId, call: RequestId) = "/grants/{grant}/calls/{call}";
    /// Posted to add a payment card.
    grant_card(id: GrantId) = "/grants/{id}/card";
    /// What became of a check of a card.
    card_check(grant: GrantId, check: CardCheckId) = "/grants/{grant}/card/{check}";
    /// How to use a grant.
    grant_use(id: GrantId) = "/grants/{id}/use";
    /// Where a grant is heading, and the roads on.
    grant_next(id: GrantId) = "/grants/{id}/next";
    /// Sell what a grant will not use.
    grant_sell(id: GrantId) = "/grants/{id}/sell";
    /// Hand back what a grant will not use, after a question.
    grant_return(id: GrantId) = "/grants/{id}/return";
    /// Take a grant's credit back: a form; the answer to the question behind it is posted here.
    grant_take_back(id: GrantId) = "/grants/{id}/take-back";
    /// Posted to see what would come of it.
    grant_take_back_check(id: GrantId) = "/grants/{id}/take-back/check";
    /// Stop a grant's calls, or start them again.
    grant_stop(id: GrantId) = "/grants/{id}/stop";
    /// Stop the calls of a program's grants, or start them again.
    program_stop(program: &ProgramId) = "/decide/money/{program}/stop";
    /// One listing, and the way to buy from it.
    listing(id: ListingId) = "/market/listings/{id}";
    /// Posted to buy from a listing.
    listing_buy(id: ListingId) = "/market/listings/{id}/buy";
    /// Posted to pay in by card what a purchase needs.
    listing_pay(id: ListingId) = "/market/listings/{id}/pay";
    /// Posted to take a listing back.
    listing_withdraw(id: ListingId) = "/market/listings/{id}/withdraw";
    /// A trade's receipt.
    trade(id: TradeId) = "/market/trades/{id}";
    /// What the one who applies has shown.
    evidence(id: ApplicationId) = "/applications/{id}/evidence";
    /// Posted to name a sponsor.
    evidence_sponsor(id: ApplicationId) = "/applications/{id}/evidence/sponsor";
    /// Posted to add a document.
    evidence_document(id: ApplicationId) = "/applications/{id}/evidence/document";
    /// Posted to take back what was claimed.
    claim_take_back(id: ApplicationId, claim: ClaimId) =
        "/applications/{id}/evidence/{claim}/take-back";
    /// A document that was added.
    claim_document(id: ApplicationId, claim: ClaimId) =
        "/applications/{id}/evidence/{claim}/document";
    /// What a sponsor is asked; the answer is posted here.
    sponsor(secret: &str) = "/sponsor/{secret}";
    /// What an applicant has shown, for officers; their own word is posted here.
    decide_evidence(id: ApplicationId) = "/decide/applications/{id}/evidence";
    /// Posted to answer what was claimed.
    decide_claim(id: ApplicationId, claim: ClaimId) =
        "/decide/applications/{id}/evidence/{claim}/answer";
    /// Whether an address shows an institution is posted here, and not kept.
    address_check(program: &ProgramId) = "/programs/{program}/eligibility/address";
    /// Asks a person about a verdict.
    ask_a_person(program: &ProgramId) = "/programs/{program}/ask";
    /// What became of asking, by a letter's link.
    asked(secret: &str) = "/asked/{secret}";
    /// A verdict that an officer is asked to look at; the answer is posted here.
    appeal(id: AppealId) = "/decide/asked/{id}";
    /// Who spends a grant; invites.
    grant_people(id: GrantId) = "/grants/{id}/people";
    /// Posted to invite all who applied with the holder.
    grant_people_applied(id: GrantId) = "/grants/{id}/people/applied";
    /// Asks what somebody may do in a grant; changes it.
    grant_person(id: GrantId, person: ParticipantId) = "/grants/{id}/people/{person}";
    /// Posted to send an invitation again.
    grant_person_again(id: GrantId, person: ParticipantId) = "/grants/{id}/people/{person}/again";
    /// Asks before somebody's part in a grant ends; ends it.
    grant_person_remove(id: GrantId, person: ParticipantId) =
        "/grants/{id}/people/{person}/remove";
    /// An invitation to spend a grant; the answer is posted here.
    grant_invitation(secret: &str) = "/grants/invitations/{secret}";
    /// A grant's statement, for a spreadsheet.
    grant_statement(id: GrantId) = "/grants/{id}/statement.csv";
    /// All models as they stand to a grant.
    grant_models(id: GrantId) = "/grants/{id}/models";
    /// One model as it stands to a grant; a request for it is posted here.
    grant_model(id: GrantId, model: &ModelId) = "/grants/{id}/models/{model}";
    /// Posted to take a request for a model back.
    grant_model_withdraw(id: GrantId, model: &ModelId) = "/grants/{id}/models/{model}/withdraw";
    /// A request for a limited model; the answer is posted here.
    access(id: AccessRequestId) = "/decide/access/{id}";
    /// Something in suspense; what became of it is posted here.
    suspense(id: &str) = "/operate/suspense/{id}";
    /// One mail of the outbox.
    mail(id: MailId) = "/operate/outbox/{id}";
    /// Leads to a provider, to sign in.
    sign_in_with(provider: &str) = "/sign-in/with/{provider}";
    /// Where a provider leads back to.
    sign_in_back(provider: &str) = "/sign-in/with/{provider}/back";
    /// Posted to sign one of one's own browsers out.
    end_session(id: SessionId) = "/account/sessions/{id}/end";
    /// Posted to have a mail tried again.
    retry_mail(id: MailId) = "/operate/outbox/{id}/retry";
    /// A letter, by its sample.
    letter(name: &str) = "/decide/letters/{name}";
}
