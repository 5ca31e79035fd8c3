//! Documents of the archive that are small: whole in memory.

use std::collections::BTreeSet;

use bursar_award::appeals::Appeal;
use bursar_award::asking::Question;
use bursar_award::claims::{Claim, ClaimState, Proof};
use bursar_award::members::Member;
use bursar_award::panel::ConflictSource;
use bursar_award::participants::Participant;
use bursar_award::review_draft::ReviewDraft;
use bursar_award::{Application, Event, Review, applicant_view};
use bursar_kernel::program::FieldKind;
use bursar_kernel::{GrantId, PersonId, Timestamp};
use bursar_ledger::Account;
use bursar_program::files::{Listed, listed};
use bursar_service::{Service, ServiceError};
use bursar_store::rows::{CardCheck, Grant, Key, Person, Session};
use bursar_store::{
    AccessFilter, ApplicationFilter, AssignmentFilter, CardCheckFilter, GrantFilter, ListingFilter,
    LotFilter, TradeFilter,
};
use serde_json::{Value, json};

use super::Step;

/// Browsers and trades that are told of: more than anybody has.
const SESSIONS_MAX: usize = 1_000;
const TRADES_MAX: usize = 10_000;
/// Characters of a file's name in the archive, in front of what tells it from others.
const NAME_CHARACTERS_MAX: usize = 80;

/// The files of the archive.
pub(super) async fn steps(service: &Service, who: &Person) -> Result<Vec<Step>, ServiceError> {
    let mut steps = vec![Step::Text("account.json", text(&account(service, who).await?))];
    let filter = ApplicationFilter { applicant: Some(who.id), ..ApplicationFilter::default() };
    let applications = service.store().applications(filter).await?;
    let mut documents = Vec::with_capacity(applications.len());
    let mut uploads = Vec::new();
    for application in &applications {
        let files = files(service, application);
        documents.push(application_document(service, application, &files, who.id).await?);
        uploads.extend(files.iter().filter_map(|file| {
            let hash = from_hex(&file.hash)?;
            Some(Step::Upload { name: path(application, file), application: application.id, hash })
        }));
    }
    let taking_part: Vec<Value> =
        service.store().memberships(who.id).await?.iter().map(membership).collect();
    let all = json!({ "applications": documents, "taking_part": taking_part });
    steps.push(Step::Text("applications.json", text(&all)));
    steps.extend(uploads);
    let claims = service.store().claims_of(who.id).await?;
    steps.extend(claims.iter().filter_map(document_of));
    steps.push(Step::Text("evidence.json", text(&evidence(service, who, &claims).await?)));
    let reviews = service.store().reviews_by(who.id).await?;
    steps.push(Step::Text("reviews.json", text(&reviewing(service, who, &reviews).await?)));
    let filter = GrantFilter { holder: Some(who.id), ..GrantFilter::default() };
    let grants = service.store().grants(filter).await?;
    let mut documents = Vec::with_capacity(grants.len());
    for grant in &grants {
        documents.push(grant_document(service, grant).await?);
    }
    let (shared, elsewhere) = shared(service, who).await?;
    let all = json!({ "grants": documents, "taking_part": shared });
    steps.push(Step::Text("grants.json", text(&all)));
    steps.push(Step::Text("market.json", text(&market(service, who.id).await?)));
    steps.extend([Step::Cash { earned: true }, Step::Cash { earned: false }]);
    steps.extend(grants.iter().flat_map(|grant| of_grant(grant.id)));
    let own = |grant| Step::Calls { grant, whose: Some(who.id), part: 1, before: None };
    steps.extend(elsewhere.into_iter().map(own));
    steps.extend([Step::Mails(who.email.clone()), Step::Audit]);
    Ok(steps)
}

/// What somebody reviewed, was asked to review and said of themselves as a reviewer; of conflicts
/// of interest what they declared: of another they know no application.
async fn reviewing(
    service: &Service,
    who: &Person,
    reviews: &[Review],
) -> Result<Value, ServiceError> {
    let theirs = AssignmentFilter { reviewer: Some(who.id), ..AssignmentFilter::default() };
    let assignments = service.store().assignments(theirs).await?.into_iter();
    let asked: Vec<_> = assignments.filter(|one| one.invited_at.is_some()).collect();
    let conflicts = service.store().conflicts_of(who.id).await?.into_iter();
    let declared: Vec<Value> = conflicts
        .filter(|one| one.source == ConflictSource::Declared)
        .map(|one| json!({ "application": one.application, "because": one.because }))
        .collect();
    let profile = service.store().profile(who.id).await?;
    let drafts = service.store().review_drafts(Some(who.id), None).await?.into_iter();
    let drafts: Vec<Value> = drafts
        .filter(ReviewDraft::is_there)
        .map(|one| {
            let (application, saved_at) = (one.application, one.saved_at);
            json!({ "application": application, "typed": one.fields, "saved_at": saved_at })
        })
        .collect();
    Ok(json!({
        "reviews": reviews, "not_sent_in": drafts, "asked_to_review": asked,
        "declared_conflicts": declared, "said_of_themselves": profile,
    }))
}

/// What somebody claimed and asked, and what was said to them: not by which officer.
async fn evidence(
    service: &Service,
    who: &Person,
    claims: &[Claim],
) -> Result<Value, ServiceError> {
    let claim = |claim: &Claim| {
        let said = match &claim.state {
            ClaimState::Waiting => json!(null),
            ClaimState::Accepted { by: _, at, reason }
            | ClaimState::Refused { by: _, at, reason } => {
                json!({ "at": at, "reason": reason })
            }
            ClaimState::Withdrawn { at } => json!({ "at": at }),
        };
        json!({
            "id": claim.id, "application": claim.application, "program": claim.program,
            "what": claim.what, "state": claim.state.name(), "said": said,
            "made_at": claim.made_at,
        })
    };
    let appeal = |appeal: Appeal| {
        let said = appeal.said.iter().map(|said| {
            let by = if said.officer.is_some() { "an officer" } else { "you" };
            json!({ "by": by, "at": said.at, "text": said.text })
        });
        json!({
            "id": appeal.id, "program": appeal.program, "answers": appeal.answers,
            "verdict": appeal.verdict, "state": appeal.state.name(), "made_at": appeal.made_at,
            "said": said.collect::<Vec<_>>(),
        })
    };
    let appeals = service.store().appeals_of(who.email.clone()).await?;
    Ok(json!({
        "shown": claims.iter().map(claim).collect::<Vec<_>>(),
        "asked": appeals.into_iter().map(appeal).collect::<Vec<_>>(),
    }))
}

/// The document that a claim rests on, if it rests on one.
fn document_of(claim: &Claim) -> Option<Step> {
    let Proof::Document { file, .. } = &claim.what else { return None };
    let file = listed(file).into_iter().next()?;
    let name = format!("evidence/{}/{}", claim.id, name_of(&file));
    Some(Step::Upload { name, application: claim.application, hash: from_hex(&file.hash)? })
}

const fn of_grant(grant: GrantId) -> [Step; 3] {
    [
        Step::Statement(grant),
        Step::Calls { grant, whose: None, part: 1, before: None },
        Step::Belongings(grant),
    ]
}

fn text(document: &Value) -> Vec<u8> {
    let mut text = serde_json::to_vec_pretty(document).expect("it is made of text and numbers");
    text.push(b'\n');
    text
}

async fn account(service: &Service, who: &Person) -> Result<Value, ServiceError> {
    let store = service.store();
    let identities = store.identities(who.id).await?;
    let passkeys = store.passkeys(who.id).await?;
    let passkey = |it: &bursar_store::rows::Passkey| {
        json!({
            "id": it.id, "name": it.name, "created_at": it.created_at,
            "last_used_at": it.last_used_at, "kept_on_several_devices": it.can_be_copied,
        })
    };
    let session = |it: &Session| {
        let (since, until) = (it.created_at, it.expires_at);
        json!({ "id": it.id, "created_at": since, "expires_at": until })
    };
    let sessions = store.sessions(who.id, Timestamp::UNIX_EPOCH, SESSIONS_MAX).await?;
    let card = store.card(who.id).await?;
    let checks = store.card_checks(CardCheckFilter::Person(who.id)).await?;
    Ok(json!({
        "id": who.id,
        "email": who.email,
        "name": who.name,
        "roles": who.roles,
        "created_at": who.created_at,
        "address": store.address(who.email.clone()).await?,
        "identities": identities,
        "passkeys": passkeys.iter().map(passkey).collect::<Vec<_>>(),
        "browsers": sessions.iter().map(session).collect::<Vec<_>>(),
        "card": card,
        "card_checks": checks.iter().map(card_check).collect::<Vec<_>>(),
    }))
}

/// Without the names that the payment provider knows it by.
fn card_check(check: &CardCheck) -> Value {
    json!({
        "id": check.id, "grant": check.grant, "amount": check.amount, "card": check.face,
        "state": check.state, "said": check.said, "started_at": check.started_at,
        "held_at": check.held_at, "ended_at": check.ended_at,
    })
}

/// As its applicant sees it: the status, and what happened by their own hand or was told to them.
async fn application_document(
    service: &Service,
    application: &Application,
    files: &[Listed],
    person: PersonId,
) -> Result<Value, ServiceError> {
    let store = service.store();
    let program = service.program_of(application).ok();
    let label = |id: &str| {
        let asked = program.and_then(|program| program.form.iter().find(|field| field.id == id));
        asked.map(|field| field.label.clone())
    };
    let answer = |(id, answer): (&String, &String)| {
        let asked = label(id);
        json!({ "question": id, "asked": asked, "answer": answer })
    };
    let answers: Vec<Value> = application.answers.iter().map(answer).collect();
    let mut history = store.history(application.id).await?;
    history.retain(is_for_the_applicant);
    let file = |file: &Listed| {
        let (name, bytes) = (&file.name, file.bytes);
        json!({ "name": name, "bytes": bytes, "in_this_archive": path(application, file) })
    };
    let invited: Vec<Value> = store.members(application.id).await?.iter().map(invited).collect();
    let questions = store.questions(application.id).await?;
    Ok(json!({
        "status": applicant_view(application),
        "answers": answers,
        "files": files.iter().map(file).collect::<Vec<_>>(),
        "estimate": application.estimate,
        "progress": application.progress,
        "history": history,
        "invited": invited,
        "questions": questions.iter().map(|it| question(it, person)).collect::<Vec<_>>(),
    }))
}

/// Whether an event is the applicant's own, or was told to them. When a review began, and whether
/// something was decided, is neither.
const fn is_for_the_applicant(event: &Event) -> bool {
    match event {
        Event::Started(_)
        | Event::DraftEdited { .. }
        | Event::PoliciesAccepted { .. }
        | Event::DraftSaved { .. }
        | Event::EstimateSet { .. }
        | Event::Submitted { .. }
        | Event::Withdrawn { .. }
        | Event::Released { .. }
        | Event::Offered { .. }
        | Event::AnswerReminded { .. }
        | Event::WaitEnded { .. }
        | Event::AwardLapsed { .. }
        | Event::AwardAccepted { .. }
        | Event::AwardDeclined { .. }
        | Event::Delivered { .. } => true,
        Event::Screened { .. }
        | Event::ReviewBegun { .. }
        | Event::Decided { .. }
        | Event::DecisionTakenBack { .. }
        | Event::Approved { .. } => false,
    }
}

fn invited(member: &Member) -> Value {
    json!({
        "email": member.email, "may": member.role, "state": member.state,
        "invited_at": member.invited_at, "answered_at": member.answered_at,
        "removed_at": member.removed_at,
    })
}

fn membership(member: &Member) -> Value {
    json!({ "application": member.application, "invitation": invited(member) })
}

fn question(question: &Question, person: PersonId) -> Value {
    json!({
        "asked": question.text, "asked_at": question.asked_at, "due": question.due,
        "answer": question.answer, "answered_at": question.answered_at,
        "answered_by_you": question.answered_by.map(|by| by == person),
        "withdrawn_at": question.withdrawn_at,
    })
}

/// The files that an application's answers list.
fn files(service: &Service, application: &Application) -> Vec<Listed> {
    let program = service.program_of(application).ok();
    let takes_files = |id: &str| {
        program.is_none_or(|program| {
            let found = program.form.iter().find(|field| field.id == id);
            found.is_none_or(|field| matches!(field.kind, FieldKind::Attachment { .. }))
        })
    };
    let answers = application.answers.iter().filter(|(id, _)| takes_files(id));
    answers.flat_map(|(_, answer)| listed(answer)).collect()
}

/// `files/APPLICATION/0123abcd-protocol.pdf`.
fn path(application: &Application, file: &Listed) -> String {
    format!("files/{}/{}", application.id, name_of(file))
}

/// `0123abcd-protocol.pdf`: a name that any system takes.
fn name_of(file: &Listed) -> String {
    let is_plain = |c: &char| c.is_alphanumeric() || " .-_()".contains(*c);
    let name: String = file.name.chars().filter(is_plain).collect();
    let skipped = name.chars().count().saturating_sub(NAME_CHARACTERS_MAX);
    // Its end is what says what it is.
    let name: String = name.chars().skip(skipped).collect();
    let hash = file.hash.get(..8).unwrap_or_default();
    format!("{hash}-{}", name.trim())
}

fn from_hex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if text.len() != 64 {
        return None;
    }
    for (at, byte) in bytes.iter_mut().enumerate() {
        let start = at.checked_mul(2)?;
        *byte = u8::from_str_radix(text.get(start..start.checked_add(2)?)?, 16).ok()?;
    }
    Some(bytes)
}

async fn grant_document(service: &Service, grant: &Grant) -> Result<Value, ServiceError> {
    let store = service.store();
    let keys: Vec<Value> = store.keys(grant.id).await?.iter().map(key).collect();
    let studies = store.studies(grant.id).await?;
    let people = store.participants(grant.id).await?;
    let lots = store.lots(LotFilter::Grant(grant.id)).await?;
    let lot = |it: &bursar_store::LotState| json!({ "lot": it.lot, "left": it.available() });
    let notice =
        |it: &bursar_store::rows::Notice| json!({ "about": it.milestone.name(), "at": it.at });
    let notices: Vec<Value> = store.notices(grant.id).await?.iter().map(notice).collect();
    let requests = store.access_requests(AccessFilter::Grant(grant.id)).await?;
    let request = |it: &bursar_policy::AccessRequest| {
        json!({
            "id": it.id, "model": it.model, "reason": it.reason, "asked_at": it.asked_at,
            "state": it.state, "decided_at": it.decided_at, "note": it.note, "until": it.until,
        })
    };
    Ok(json!({
        "id": grant.id,
        "program": grant.program,
        "program_version": grant.program_version,
        "application": grant.application,
        "title": grant.title,
        "amount": grant.amount,
        "created_at": grant.created_at,
        "deliver_from": grant.deliver_from,
        "deliver_until": grant.deliver_until,
        "delivered_at": grant.delivered_at,
        "expires_at": grant.expires_at,
        "voided_at": grant.voided_at,
        "lots": lots.iter().map(lot).collect::<Vec<_>>(),
        "keys": keys,
        "studies": studies,
        "people": people.iter().map(participant).collect::<Vec<_>>(),
        "reminders": notices,
        "requests_for_models": requests.iter().map(request).collect::<Vec<_>>(),
    }))
}

/// Grants of others that somebody takes part in or was invited to, with their own keys there; and
/// those of them that they have keys in.
async fn shared(
    service: &Service,
    who: &Person,
) -> Result<(Vec<Value>, BTreeSet<GrantId>), ServiceError> {
    let store = service.store();
    let mut rows = store.participations(who.id).await?;
    for row in store.participants_at(who.email.clone()).await? {
        if rows.iter().all(|known| known.id != row.id) {
            rows.push(row);
        }
    }
    let (mut documents, mut elsewhere) = (Vec::with_capacity(rows.len()), BTreeSet::new());
    for row in rows {
        let mut keys = store.keys(row.grant).await?;
        keys.retain(|key| key.person == who.id);
        if !keys.is_empty() {
            elsewhere.insert(row.grant);
        }
        let keys: Vec<Value> = keys.iter().map(key).collect();
        documents.push(json!({
            "grant": row.grant, "invitation": participant(&row), "your_keys": keys,
        }));
    }
    Ok((documents, elsewhere))
}

fn participant(row: &Participant) -> Value {
    json!({
        "email": row.email, "may": row.part.role, "studies": row.part.studies,
        "state": row.state, "invited_at": row.invited_at, "expires_at": row.expires_at,
        "answered_at": row.answered_at, "removed_at": row.removed_at,
    })
}

fn key(it: &Key) -> Value {
    json!({
        "id": it.id, "name": it.name, "ends_with": it.hint, "cap": it.cap, "study": it.study,
        "created_at": it.created_at, "expires_at": it.expires_at,
        "revoked_at": it.revoked_at,
    })
}

async fn market(service: &Service, person: PersonId) -> Result<Value, ServiceError> {
    let store = service.store();
    let listings = store.listings(ListingFilter::Seller(person)).await?;
    let trades = TradeFilter { person: Some(person), limit: TRADES_MAX };
    let trade = |it: &bursar_service::Trade| {
        let sold = it.seller == person;
        let grant = if sold { it.seller_grant } else { it.buyer_grant };
        json!({
            "id": it.id, "you": if sold { "sold" } else { "bought" }, "listing": it.listing,
            "program": it.program, "source": it.source, "grant": grant, "face": it.face,
            "price": it.price, "cost": it.cost,
            "fee": sold.then_some(it.fee),
            "expires_at": it.expires_at, "at": it.at,
        })
    };
    let trades: Vec<Value> = store.trades(trades).await?.iter().map(trade).collect();
    let paid_in = store.balance(Account::BuyerCash(person)).await?;
    let earned = store.balance(Account::Payable(person)).await?;
    Ok(json!({
        "listings": listings,
        "trades": trades,
        "cash_paid_in": paid_in.posted,
        "cash_earned": earned.posted,
    }))
}
