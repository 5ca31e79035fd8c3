//! Who carries out the request under a key: one row of the store, which every server of the
//! database sees, and what this server is at.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bursar_kernel::limits::{IDEMPOTENCY_KEY_LIFE, REQUEST_TIME_MAX};
use bursar_kernel::{Actor, NodeId, Timestamp};
use bursar_service::{Service, ServiceError};
use bursar_store::rows::{IdempotencyKey, SealedAnswer, SecretHash};
use bursar_store::{Batch, CommitError, Expect, Row, Write};
use http::StatusCode;

/// Keys that are kept at the most: two requests a second, all day and night, is a script gone
/// wild.
const KEYS_MAX: u64 = 200_000;

/// Where a request under a key stands.
#[derive(Debug)]
pub(super) enum Standing {
    /// It is new: carry it out, and say what came of it.
    New(Claim),
    /// It was carried out before: this was the answer.
    Answered(SealedAnswer),
    /// The key was sent with another request.
    OtherRequest,
    /// It is being carried out at this moment.
    Running,
    /// It was begun and left no answer: nobody knows whether it was carried out.
    Unknown,
    /// No more keys are kept now.
    Full,
}

/// The right to carry a request out, which one sender has at a time.
#[derive(Debug)]
pub(super) struct Claim {
    key: IdempotencyKey,
    working: Arc<Working>,
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.working.lock().remove(&self.key.hash);
    }
}

/// The keys of one door.
pub(super) struct Claims {
    service: Arc<Service>,
    working: Arc<Working>,
}

/// The requests that this server is carrying out, each with what it asks.
#[derive(Debug, Default)]
struct Working(Mutex<HashMap<SecretHash, SecretHash>>);

impl Working {
    fn lock(&self) -> MutexGuard<'_, HashMap<SecretHash, SecretHash>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Claims {
    pub(super) fn new(service: Arc<Service>) -> Self {
        Self { service, working: Arc::default() }
    }

    /// Takes a key for a request, or says what became of the one that had it before.
    pub(super) async fn begin(
        &self,
        actor: Actor,
        hash: SecretHash,
        asked: SecretHash,
    ) -> Result<Standing, ServiceError> {
        {
            let mut working = self.working.lock();
            if let Some(other) = working.get(&hash) {
                let is_same = *other == asked;
                return Ok(if is_same { Standing::Running } else { Standing::OtherRequest });
            }
            working.insert(hash, asked);
        }
        let (now, node) = (self.service.now(), self.node());
        let key = IdempotencyKey { hash, asked, node, since: now, answer: None, version: 1 };
        // From here on this server is not at it any more whenever this is dropped.
        let mut claim = Claim { key, working: Arc::clone(&self.working) };
        let store = self.service.store();
        let found = store.idempotency_key(hash).await?;
        let expect = match found {
            Some(found) if is_free(&found, asked, now) => {
                claim.key.version = found.version.saturating_add(1);
                Expect::Version(found.version)
            }
            Some(found) => return self.stands(found, asked, now).await,
            None if KEYS_MAX <= store.idempotency_keys_before(Timestamp::MAX).await? => {
                return Ok(Standing::Full);
            }
            None => Expect::New,
        };
        match store.commit(batch(actor, now, &claim.key, expect)).await {
            Ok(_) => Ok(Standing::New(claim)),
            // Another server of the same database was sooner. Its answer may be there by now.
            Err(CommitError::Conflict(_)) => {
                let found = store.idempotency_key(hash).await?;
                let Some(found) = found else { return Ok(Standing::Running) };
                self.stands(found, asked, now).await
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Where a request stands that this server is not carrying out.
    async fn stands(
        &self,
        found: IdempotencyKey,
        asked: SecretHash,
        now: Timestamp,
    ) -> Result<Standing, ServiceError> {
        let last_word = match found.answer {
            _ if found.asked != asked => return Ok(Standing::OtherRequest),
            Some(answer) => return Ok(Standing::Answered(answer)),
            None if self.may_be_at_it(&found, now).await? => return Ok(Standing::Running),
            // Whoever was at it may have left its answer before it went.
            None => self.service.store().idempotency_key(found.hash).await?,
        };
        let answer = last_word.and_then(|found| found.answer);
        Ok(answer.map_or(Standing::Unknown, Standing::Answered))
    }

    /// Whether another server may still be carrying a request out: one that lives, and for no
    /// longer than a request may take. This one would know.
    async fn may_be_at_it(
        &self,
        found: &IdempotencyKey,
        now: Timestamp,
    ) -> Result<bool, ServiceError> {
        let store = self.service.store();
        let is_late = found.since + REQUEST_TIME_MAX <= now;
        if found.node == self.node() || is_late || !store.is_shared() {
            return Ok(false);
        }
        Ok(store.peers().await?.iter().any(|peer| peer.node == found.node))
    }

    fn node(&self) -> NodeId {
        self.service.calls().borrower().node()
    }

    /// Keeps the answer to a request, for whoever sends it again.
    pub(super) async fn finish(
        &self,
        actor: Actor,
        claim: Claim,
        answer: SealedAnswer,
    ) -> Result<(), ServiceError> {
        let (before, now) = (claim.key.version, self.service.now());
        let version = before.saturating_add(1);
        let key = IdempotencyKey { since: now, answer: Some(answer), version, ..claim.key.clone() };
        let store = self.service.store();
        match store.commit(batch(actor.clone(), now, &key, Expect::Version(before))).await {
            // The key was forgotten on the way: turning the clock carries it past any life.
            Err(CommitError::Conflict(_)) => {
                let key = IdempotencyKey { version: 1, ..key };
                store.commit(batch(actor, now, &key, Expect::New)).await?;
                Ok(())
            }
            done => Ok(done.map(drop)?),
        }
    }
}

fn batch(actor: Actor, now: Timestamp, key: &IdempotencyKey, expect: Expect) -> Batch {
    Batch::new(actor, now).with(Write::Row(Row::IdempotencyKey(Box::new(key.clone())), expect))
}

/// Whether a key may be taken although it is there: its life is over and nobody has forgotten it
/// yet, or all that came of its request is that the store was out of reach, which changed nothing.
fn is_free(found: &IdempotencyKey, asked: SecretHash, now: Timestamp) -> bool {
    let status = found.answer.as_ref().map(|answer| answer.status);
    let was_turned_away = status == Some(StatusCode::SERVICE_UNAVAILABLE.as_u16());
    found.since + IDEMPOTENCY_KEY_LIFE <= now || (was_turned_away && found.asked == asked)
}
