//! Who calls: keys by their hashes, from memory, with the store asked once on a miss.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bursar_kernel::{
    Caps, GrantId, KeyId, ModelId, PersonId, Program, ProgramId, StudyId, Tier, TierId, Timestamp,
    Usd,
};
use bursar_policy::{
    AccessRequest, Admission, Approval, Denial, Permit, Standing, StudyStanding, admit, may_call,
    tier_of,
};
use bursar_sources::hash;
use bursar_store::rows::{SecretHash, Stoppable, Study};
use bursar_store::{AccessFilter, LotFilter, LotState, ReadError};
use jiff::SignedDuration;

use crate::Calls;

/// How long a key that nobody knows is remembered as such, so that a flood of one wrong key does
/// not become a flood of reads.
const UNKNOWN_FOR: SignedDuration = SignedDuration::from_secs(2);
/// Unknown keys that are remembered at a time.
const UNKNOWN_MAX: usize = 10_000;

/// A caller of the gateway, identified.
#[derive(Debug)]
pub struct Caller {
    /// The hash of its key.
    hash: SecretHash,
    /// Whether something has changed since it was read.
    is_outdated: AtomicBool,
    standing: Standing,
    program: Arc<Program>,
    /// Limited models that the grant was approved for; each says itself until when.
    approved: Vec<Approval>,
    /// The tier of its calls; `None` in a program that limits nothing.
    tier: Option<TierId>,
    /// What the grant could still spend when last heard: a hint for how carefully to count, never
    /// what a hold is decided on.
    available_nanos: AtomicI64,
}

impl Caller {
    /// The key it called with.
    pub fn key(&self) -> KeyId {
        self.standing.key
    }

    /// The caps that its calls go on.
    pub const fn caps(&self) -> Caps {
        self.standing.caps
    }

    /// The study that its key belongs to.
    pub fn study(&self) -> Option<StudyId> {
        self.standing.study.as_ref().map(|study| study.id)
    }

    /// The grant whose credit the key spends.
    pub fn grant(&self) -> GrantId {
        self.standing.grant
    }

    /// Who holds the grant.
    pub fn holder(&self) -> PersonId {
        self.standing.holder
    }

    /// The tier of its calls; `None` in a program that limits nothing.
    pub fn tier(&self) -> Option<&Tier> {
        self.program.tiers.tier(self.tier.as_ref()?)
    }

    /// The program whose rules the grant carries.
    pub fn program(&self) -> &Arc<Program> {
        &self.program
    }

    /// What the grant could still spend when last heard.
    pub fn available_hint(&self) -> Usd {
        Usd::from_nanos(self.available_nanos.load(Ordering::Relaxed))
    }

    pub(crate) fn heard(&self, available: Usd) {
        self.available_nanos.store(available.nanos(), Ordering::Relaxed);
    }

    /// When an officer took all that was left of the grant back.
    pub fn voided_at(&self) -> Option<Timestamp> {
        self.standing.voided_at
    }

    /// When the key or the credit behind it ends, whichever does first; `None` while nobody knows.
    pub fn ends_at(&self) -> Option<Timestamp> {
        [self.standing.key_expires_at, self.standing.expires_at].into_iter().flatten().min()
    }

    /// Leave to make a call, or why not.
    pub fn admit(
        &self,
        endpoint: bursar_kernel::Endpoint,
        model: &bursar_kernel::Model,
        now: Timestamp,
    ) -> Result<Permit, Denial> {
        let limited: &[ModelId] = &self.program.entitlements.limited_models;
        let approved = &self.approved;
        admit(&self.standing, &Admission { endpoint, model, limited, approved, now })
    }

    /// Whether the key may be used and its grant may still pay, whatever it is for.
    pub fn may_call(&self, now: Timestamp) -> Result<(), Denial> {
        may_call(&self.standing, now)
    }

    /// Whether the key itself may still be used, whatever the grant's money.
    pub fn is_stopped(&self, now: Timestamp) -> bool {
        self.standing.key_revoked_at.is_some()
            || self.standing.key_expires_at.is_some_and(|at| at <= now)
    }

    /// Whether a model is open to this caller.
    pub fn may_use(&self, model: &ModelId, now: Timestamp) -> bool {
        !self.program.entitlements.limited_models.contains(model)
            || self.approved.iter().any(|approval| approval.opens(model, now))
    }
}

/// Callers by the hashes of their keys.
#[derive(Default)]
pub struct Directory {
    known: Mutex<Known>,
    /// Grows when something is forgotten, so that a read begun before is not kept after.
    generation: AtomicU64,
    loading: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Known {
    callers: HashMap<SecretHash, Arc<Caller>>,
    unknown: HashMap<SecretHash, Timestamp>,
}

impl Directory {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next call with this key asks the store again.
    pub fn forget_key(&self, key: KeyId) {
        self.forget(|caller| caller.key() == key);
    }

    /// The next call with a key of this study asks the store again.
    pub fn forget_study(&self, study: StudyId) {
        self.forget(|caller| caller.study() == Some(study));
    }

    /// The next call with a key of this grant asks the store again.
    pub fn forget_grant(&self, grant: GrantId) {
        self.forget(|caller| caller.grant() == grant);
    }

    /// The next call with a key of a grant of this program asks the store again.
    pub fn forget_program(&self, program: &ProgramId) {
        self.forget(|caller| caller.program.id == *program);
    }

    /// The next call with a key of this holder's asks the store again.
    pub fn forget_holder(&self, holder: PersonId) {
        self.forget(|caller| caller.holder() == holder);
    }

    /// The next call with any key asks the store again.
    pub fn forget_all(&self) {
        self.forget(|_| true);
        self.known().unknown.clear();
    }

    fn forget(&self, which: impl Fn(&Caller) -> bool) {
        let mut known = self.known();
        self.generation.fetch_add(1, Ordering::AcqRel);
        known.callers.retain(|_, caller| {
            let is_forgotten = which(caller);
            if is_forgotten {
                caller.is_outdated.store(true, Ordering::Release);
            }
            !is_forgotten
        });
    }

    fn find(&self, hash: &SecretHash, now: Timestamp) -> Found {
        let known = self.known();
        if let Some(caller) = known.callers.get(hash) {
            return Found::Caller(Arc::clone(caller));
        }
        match known.unknown.get(hash) {
            Some(until) if now < *until => Found::Nobody,
            Some(_) | None => Found::AskTheStore,
        }
    }
}

/// What memory knows of a key.
enum Found {
    Caller(Arc<Caller>),
    Nobody,
    AskTheStore,
}

impl Calls {
    /// Who calls with a key; `None` if nobody does. A stopped key still names its caller: the
    /// permit refuses it.
    pub async fn identify(&self, secret: &str) -> Result<Option<Arc<Caller>>, ReadError> {
        self.identify_by(hash(secret)).await
    }

    /// The caller as it stands now: whoever has waited asks again before it goes on.
    pub async fn identify_again(&self, caller: &Arc<Caller>) -> Result<Arc<Caller>, ReadError> {
        if !caller.is_outdated.load(Ordering::Acquire) {
            return Ok(Arc::clone(caller));
        }
        // A key is never deleted.
        Ok(self.identify_by(caller.hash).await?.unwrap_or_else(|| Arc::clone(caller)))
    }

    async fn identify_by(&self, hash: SecretHash) -> Result<Option<Arc<Caller>>, ReadError> {
        let now = self.now();
        match self.directory.find(&hash, now) {
            Found::Caller(caller) => return Ok(Some(caller)),
            Found::Nobody => return Ok(None),
            Found::AskTheStore => {}
        }
        let _one_at_a_time = self.directory.loading.lock().await;
        match self.directory.find(&hash, now) {
            Found::Caller(caller) => return Ok(Some(caller)),
            Found::Nobody => return Ok(None),
            Found::AskTheStore => {}
        }
        let generation = self.directory.generation.load(Ordering::Acquire);
        let caller = self.load_caller(hash).await?.map(Arc::new);
        let mut known = self.directory.known();
        match &caller {
            // Something was forgotten while the store was read: what was read serves this one
            // call, which began before, and is not kept.
            Some(caller) if self.directory.generation.load(Ordering::Acquire) != generation => {
                caller.is_outdated.store(true, Ordering::Release);
            }
            Some(caller) => {
                known.callers.insert(hash, Arc::clone(caller));
            }
            None => {
                if UNKNOWN_MAX <= known.unknown.len() {
                    known.unknown.clear();
                }
                known.unknown.insert(hash, now + UNKNOWN_FOR);
            }
        }
        Ok(caller)
    }

    async fn load_caller(&self, hash: SecretHash) -> Result<Option<Caller>, ReadError> {
        let Some(key) = self.store.key_by_hash(hash).await? else { return Ok(None) };
        let Some(grant) = self.store.grant(key.grant).await? else { return Ok(None) };
        let study = match key.study {
            Some(study) => self.store.study(study).await?,
            None => None,
        };
        let lots = self.store.lots(LotFilter::Grant(grant.id)).await?;
        let available = Usd::sum(lots.iter().map(LotState::available));
        let program = self.program(&grant.program).cloned();
        let program = program.ok_or_else(|| unknown(&grant.program))?;
        let program_stopped_at = self.stopped_at(Stoppable::Program(grant.program.clone())).await?;
        let has_card = self.store.card(grant.holder).await?.is_some();
        let requests = self.store.access_requests(AccessFilter::Grant(grant.id)).await?;
        let tier = tier_of(&program.tiers, has_card, grant.tier.as_ref());
        Ok(Some(Caller {
            hash,
            is_outdated: AtomicBool::new(false),
            approved: requests.iter().filter_map(AccessRequest::approval).collect(),
            tier: tier.map(|tier| tier.id.clone()),
            program,
            standing: Standing {
                key: key.id,
                grant: grant.id,
                holder: grant.holder,
                caps: key.caps(study.as_ref()),
                key_expires_at: key.expires_at,
                key_revoked_at: key.revoked_at,
                scope: key.scope,
                study: study.map(standing_of),
                delivered_at: grant.delivered_at,
                expires_at: grant.expires_at,
                voided_at: grant.voided_at,
                grant_stopped_at: self.stopped_at(Stoppable::Grant(grant.id)).await?,
                program_stopped_at,
                deliver_from: grant.deliver_from,
            },
            available_nanos: AtomicI64::new(available.unwrap_or(Usd::MAX).nanos()),
        }))
    }

    /// Since when something is stopped, if it is.
    async fn stopped_at(&self, of: Stoppable) -> Result<Option<Timestamp>, ReadError> {
        let stop = self.store.stop(of).await?;
        Ok(stop.filter(|stop| stop.is_stopped).map(|stop| stop.at))
    }
}

fn standing_of(study: Study) -> StudyStanding {
    StudyStanding {
        id: study.id,
        starts_at: study.terms.starts_at,
        ends_at: study.terms.ends_at,
        closed_at: study.closed_at,
        scope: study.terms.scope,
    }
}

fn unknown(program: &ProgramId) -> ReadError {
    ReadError(format!("program `{program}` does not run here"))
}
