//! Files of the archive that are read while they are written.

use bursar_kernel::{
    Actor, ApplicationId, AuditId, BelongingId, GrantId, MailId, PersonId, RequestId, Timestamp,
};
use bursar_ledger::{Account, StatementOf};
use bursar_policy::Viewer;
use bursar_service::{Service, ServiceError, Statement, StatementPeriod};
use bursar_store::rows::{AuditLine, BelongingKind, Mail, SecretHash};
use bursar_store::{BelongingFilter, CallFilter, StatementRun};
use serde::Serialize;
use serde_json::{Value, json};

use super::Step;

/// Rows that are read at a time.
const PAGE: usize = 500;
/// Bytes after which calls go on in another file: any program opens that, and an archive's entry
/// has a limit.
const FILE_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// What grants make in an upstream's account.
const KINDS: [BelongingKind; 4] =
    [BelongingKind::File, BelongingKind::Batch, BelongingKind::Response, BelongingKind::Upload];
/// Letters whose text is a way into an account.
const WITH_A_LINK: &str = "sign_in";

/// A file that is being written.
pub(super) enum Running {
    Text(Option<Vec<u8>>),
    Upload {
        application: ApplicationId,
        hash: SecretHash,
        number: u32,
    },
    Statement(Box<Statement>),
    Calls {
        grant: GrantId,
        whose: Option<PersonId>,
        part: u32,
        before: Option<RequestId>,
        is_full: bool,
    },
    Belongings {
        grant: GrantId,
        kind: usize,
        after: Option<BelongingId>,
    },
    Cash(Box<StatementRun>),
    Mails {
        email: String,
        before: Option<MailId>,
    },
    Audit {
        person: PersonId,
        before: Option<AuditId>,
    },
}

impl Running {
    pub(super) async fn begin(
        service: &Service,
        viewer: &Viewer,
        person: PersonId,
        step: Step,
    ) -> Result<Self, ServiceError> {
        Ok(match step {
            Step::Text(_, bytes) => Self::Text(Some(bytes)),
            Step::Upload { application, hash, .. } => Self::Upload { application, hash, number: 0 },
            Step::Statement(grant) => {
                let whole = StatementPeriod::default();
                let statement = service.grant_statement(viewer, grant, whole).await?;
                Self::Statement(Box::new(statement))
            }
            Step::Calls { grant, whose, part, before } => {
                Self::Calls { grant, whose, part, before, is_full: false }
            }
            Step::Belongings(grant) => Self::Belongings { grant, kind: 0, after: None },
            Step::Cash { earned } => {
                let of = if earned { Account::Payable(person) } else { Account::BuyerCash(person) };
                let period = (Timestamp::UNIX_EPOCH, service.now());
                let of = StatementOf::Account(of);
                let run = StatementRun::begin(&**service.store(), of, period, true).await?;
                Self::Cash(Box::new(run))
            }
            Step::Mails(email) => Self::Mails { email, before: None },
            Step::Audit => Self::Audit { person, before: None },
        })
    }

    /// More of it, of which there is so much already; `None` behind the last.
    pub(super) async fn next(
        &mut self,
        service: &Service,
        length: u64,
    ) -> Result<Option<Vec<u8>>, ServiceError> {
        let store = service.store();
        Ok(match self {
            Self::Text(bytes) => bytes.take(),
            Self::Upload { application, hash, number } => {
                let part = store.file_part(*application, *hash, *number).await?;
                *number = number.saturating_add(1);
                part
            }
            Self::Statement(statement) => statement.next_csv().await?.map(String::into_bytes),
            Self::Calls { grant, whose, before, is_full, .. } => {
                if FILE_BYTES_MAX <= length {
                    *is_full = true;
                    return Ok(None);
                }
                let which =
                    CallFilter { grant: *grant, person: *whose, before: *before, limit: PAGE };
                let calls = store.calls(which).await?;
                *before = calls.last().map(|call| call.request);
                written(&calls)
            }
            Self::Belongings { grant, kind, after } => {
                while let Some(of) = KINDS.get(*kind) {
                    let page = BelongingFilter::Page {
                        grant: *grant,
                        kind: *of,
                        purpose: None,
                        after: *after,
                        latest_first: false,
                        limit: PAGE,
                    };
                    let found = store.belongings(page).await?;
                    if let Some(last) = found.last() {
                        *after = Some(last.id);
                        let lines = found.iter().map(belonging).collect::<Vec<_>>();
                        return Ok(written(&lines));
                    }
                    *kind = kind.saturating_add(1);
                    *after = None;
                }
                None
            }
            Self::Cash(run) => {
                let lines = run.next(&**store).await?;
                let rows = lines.as_ref().map(|lines| {
                    let moved = lines.iter().filter_map(|line| line.entry.movement());
                    let row = |moved: &bursar_ledger::Movement| {
                        let of = &moved.transfer;
                        let (kind, amount) = (of.kind.name(), of.amount);
                        json!({ "at": of.at, "kind": kind, "in": moved.is_in, "amount": amount })
                    };
                    moved.map(row).collect::<Vec<_>>()
                });
                rows.map(|rows| written(&rows).unwrap_or_default())
            }
            Self::Mails { email, before } => {
                let mails = store.mails_to(email.clone(), *before, PAGE).await?;
                *before = mails.last().map(|mail| mail.id);
                written(&mails.iter().map(mail).collect::<Vec<_>>())
            }
            Self::Audit { person, before } => {
                let lines = store.audit_of(*person, *before, PAGE).await?;
                *before = lines.last().map(|line| line.id);
                let person = *person;
                written(&lines.iter().map(|line| audit(line, person)).collect::<Vec<_>>())
            }
        })
    }

    /// What is written of the same in another file.
    pub(super) fn rest(self) -> Option<Step> {
        match self {
            Self::Calls { grant, whose, part, before, is_full: true } => {
                Some(Step::Calls { grant, whose, part: part.saturating_add(1), before })
            }
            Self::Text(_)
            | Self::Upload { .. }
            | Self::Statement(_)
            | Self::Calls { .. }
            | Self::Belongings { .. }
            | Self::Cash(_)
            | Self::Mails { .. }
            | Self::Audit { .. } => None,
        }
    }
}

/// Rows, one a line; `None` where there are none.
fn written<T: Serialize>(rows: &[T]) -> Option<Vec<u8>> {
    let mut lines = Vec::new();
    for row in rows {
        lines.extend(serde_json::to_vec(row).expect("rows are text, numbers and lists"));
        lines.push(b'\n');
    }
    (!rows.is_empty()).then_some(lines)
}

/// Where it lies is the installation's, and what it is its owner's.
fn belonging(row: &bursar_store::rows::Belonging) -> Value {
    json!({
        "id": row.upstream_id, "key": row.key, "created_at": row.created_at, "what": row.what,
    })
}

fn mail(mail: &Mail) -> Value {
    let has_link = mail.letter == WITH_A_LINK;
    let text = if has_link { "Left out: it held a link that signs in." } else { &mail.body };
    json!({
        "at": mail.created_at, "sent_at": mail.sent_at, "letter": mail.letter,
        "subject": mail.subject, "text": text,
    })
}

/// Somebody else who did something to them is not named.
fn audit(line: &AuditLine, person: PersonId) -> Value {
    let by = match &line.actor {
        Actor::Person(by) if *by == person => "you".to_owned(),
        Actor::Person(_) | Actor::Operator => "whoever runs this installation".to_owned(),
        Actor::Key(_) => "a key".to_owned(),
        Actor::Job(name) => format!("the {name} job"),
    };
    json!({
        "at": line.at, "by": by, "action": line.action, "subject": line.subject,
        "detail": line.detail,
    })
}
