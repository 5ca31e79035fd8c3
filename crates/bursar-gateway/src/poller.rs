//! Batches and responses that are under way: asked after until they end, and then charged, once.
//! Uploads that nobody completes are ended.
//!
//! Nobody else charges them. Where nobody knows what one cost, its hold goes to suspense.

mod batches;
mod responses;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use bursar_calls::OperationEnd;
use bursar_kernel::BelongingId;
use bursar_kernel::limits::{CALL_SECONDS_MAX, OPEN_PER_TURN_MAX};
use bursar_store::rows::{Belonging, Owed, What};
use bursar_store::{BelongingFilter, CommitError};
use futures_util::StreamExt;
use jiff::SignedDuration;
use tokio::time::Instant;
use tracing::{error, warn};

use crate::gateway::Gateway;
use crate::uploads;

/// How often it is looked what is due to be asked after.
const TURN_EVERY: Duration = Duration::from_secs(1);
/// Each is asked after again when a twentieth of its age has gone by, within these bounds.
const ASK_AGAIN: [Duration; 2] = [Duration::from_secs(1), Duration::from_mins(1)];
const PART_OF_ITS_AGE: u32 = 20;
/// How many are asked after at a time: one upstream that hangs keeps few others waiting.
const AT_A_TIME_MAX: usize = 8;
/// How long something may be without a name: sending it takes no longer than any call.
const NAMED_WITHIN: SignedDuration = SignedDuration::from_secs(2 * CALL_SECONDS_MAX);

/// What asks after batches and responses that are under way.
pub struct Poller {
    gateway: Arc<Gateway>,
    /// When each is asked after again.
    next: HashMap<BelongingId, Instant>,
}

/// What was seen of something that is under way.
struct Looked {
    /// Its row, as it stands now.
    row: Belonging,
    /// How it ended, if it has.
    end: Option<OperationEnd>,
}

impl Poller {
    pub(crate) fn new(gateway: Arc<Gateway>) -> Self {
        Self { gateway, next: HashMap::new() }
    }

    /// Asks for as long as it is left to, where this process is the one that does.
    pub async fn run(mut self) {
        loop {
            tokio::time::sleep(TURN_EVERY).await;
            if self.gateway.calls.leads() {
                self.turn().await;
            } else {
                self.next.clear();
            }
        }
    }

    /// Asks after all that is under way, at once.
    pub async fn ask_after_all(&mut self) {
        self.next.clear();
        self.turn().await;
    }

    /// Asks after those that are due. What is out of sight of this process, because a
    /// server before it sent it, is as much its affair as any.
    async fn turn(&mut self) {
        let open = BelongingFilter::Open(OPEN_PER_TURN_MAX);
        let rows = match self.gateway.calls.belongings(open).await {
            Ok(rows) => rows,
            Err(error) => {
                warn!(%error, "cannot tell what is under way");
                return;
            }
        };
        let now = Instant::now();
        let mut next = HashMap::with_capacity(rows.len());
        let mut due = Vec::new();
        for row in rows {
            let later = self.next.get(&row.id).filter(|next| now < **next);
            next.insert(row.id, later.map_or_else(|| now + self.wait(&row), |later| *later));
            if later.is_none() {
                due.push(row);
            }
        }
        self.next = next;
        let ask = |row| ask_after(&self.gateway, row);
        futures_util::stream::iter(due).for_each_concurrent(AT_A_TIME_MAX, ask).await;
    }

    /// How long each is left alone once it was asked after.
    fn wait(&self, row: &Belonging) -> Duration {
        let age = self.gateway.calls.now().duration_since(row.created_at);
        let [soonest, latest] = ASK_AGAIN;
        (Duration::try_from(age).unwrap_or_default() / PART_OF_ITS_AGE).clamp(soonest, latest)
    }
}

/// Looks at something, and charges it if it has ended.
async fn ask_after(gateway: &Gateway, row: Belonging) {
    let id = row.id;
    if row.upload().is_some() {
        uploads::sweep(gateway, row).await;
        return;
    }
    let Some(owed) = row.owed().cloned() else { return };
    if row.upstream_id.is_none() {
        // Whoever sent it died before it was told its name, or is at it.
        if row.created_at + NAMED_WITHIN < gateway.calls.now() {
            end(gateway, row, OperationEnd::Unknown).await;
        }
        return;
    }
    let looked = match &row.what {
        What::Batch(_) => batches::look(gateway, row.clone(), &owed).await,
        What::Response(_) => responses::look(gateway, row.clone(), &owed).await,
        What::File(_) | What::Upload(_) => return,
    };
    match looked {
        Ok(Looked { row, end: Some(how) }) => end(gateway, row, how).await,
        Ok(Looked { row, end: None }) => give_up_in_time(gateway, row, &owed).await,
        Err(not_done) => {
            let said = not_done.failure().envelope.error.message;
            warn!(belonging.id = %id, said, "cannot tell whether it has ended; it is tried again");
            give_up_in_time(gateway, row, &owed).await;
        }
    }
}

/// What has not ended, or cannot be read, when its hold is due is nobody's to wait for.
async fn give_up_in_time(gateway: &Gateway, row: Belonging, owed: &Owed) {
    if owed.settle_by <= gateway.calls.now() {
        end(gateway, row, OperationEnd::Unknown).await;
    }
}

async fn end(gateway: &Gateway, row: Belonging, how: OperationEnd) {
    let id = row.id;
    if how == OperationEnd::Unknown {
        error!(belonging.id = %id, "nobody knows what it cost: its hold goes to suspense");
    }
    let ended = match gateway.calls.end_operation(row.clone(), how).await {
        // Its hold was ended before: its time was over, or somebody else was faster.
        Err(CommitError::Refused(refusal)) => {
            warn!(belonging.id = %id, %refusal, "a hold was ended before");
            gateway.calls.operation_was_ended(row).await
        }
        ended => ended,
    };
    if let Err(error) = ended {
        warn!(belonging.id = %id, %error, "cannot charge it yet; it is tried again");
    }
}
