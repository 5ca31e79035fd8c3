//! What the store is asked for, and given back, of rate limits: a question at a time for each
//! holder and class, whose answer all calls share that wait for it.

use std::sync::{Arc, PoisonError, Weak};
use std::time::Duration;

use bursar_kernel::{Actor, PersonId, RateLimit};
use bursar_policy::{Borrower as By, Line, Measure, RateAsk, Share};
use bursar_store::{Batch, CommitError, RateWrite, Write};
use tokio::sync::watch;
use tokio::time::Instant;
use tracing::warn;

use super::{FULL_FOR, Paced, Paces, State, Wanted, subtract};

/// How long others are waited for that were asked for what they do not use: they hear of it within
/// a hundred milliseconds, and it takes a commit.
const ASKED_BACK_WITHIN: Duration = Duration::from_millis(400);
/// How often the store is asked whether they have answered.
const LOOK_EVERY: Duration = Duration::from_millis(30);
/// How often it is looked who calls no more: what they have goes back.
const TEND_EVERY: Duration = Duration::from_secs(10);

/// The answer to a question: whether the store gave one. `None` while it is out.
pub(super) type Answered = watch::Receiver<Option<bool>>;

/// A call that waits for an answer.
pub(super) struct Waiting {
    paced: Arc<Paced>,
    takes: Wanted,
    answered: Answered,
}

impl Waiting {
    pub(super) fn new(paced: &Arc<Paced>, takes: Wanted, answered: Answered) -> Self {
        Self { paced: Arc::clone(paced), takes, answered }
    }

    /// Whether the store answered by then.
    pub(super) async fn until(mut self, deadline: Instant) -> bool {
        let answered = self.answered.wait_for(Option::is_some);
        let answered = tokio::time::timeout_at(deadline, answered).await;
        // Whoever asked is never dropped before it has said how that went.
        answered.is_ok_and(|answered| answered.is_ok_and(|how| *how == Some(true)))
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        subtract(&mut self.paced.lock().wanted, &self.takes);
    }
}

impl Paces {
    /// Sends a question out.
    pub(super) fn ask(
        self: &Arc<Self>,
        paced: &Arc<Paced>,
        state: &mut State,
        limit: RateLimit,
    ) -> Answered {
        let (answer, answered) = watch::channel(None);
        state.asking = Some(answered.clone());
        let (paces, paced) = (Arc::clone(self), Arc::clone(paced));
        tokio::spawn(async move {
            let borrowed = paces.borrow(&paced, &limit).await;
            if let Err(error) = &borrowed {
                warn!(%error, "the store cannot be asked for room in a rate limit");
            }
            paces.answered(&paced, &answer, borrowed.is_ok());
        });
        answered
    }

    /// Nothing is out any more. Whoever was asked back meanwhile gives back now.
    fn answered(
        self: &Arc<Self>,
        paced: &Arc<Paced>,
        answer: &watch::Sender<Option<bool>>,
        is_well: bool,
    ) {
        let is_asked_back = {
            let mut state = paced.lock();
            state.asking = None;
            let State { pace, wanted, is_asked_back, .. } = &mut *state;
            if is_well {
                pace.asked(wanted, self.now() + FULL_FOR);
            }
            std::mem::take(is_asked_back)
        };
        answer.send_replace(Some(is_well));
        if is_asked_back {
            self.give_back(paced);
        }
    }

    /// Borrows what the calls that wait need. Before any of them is refused, others are asked for
    /// what they do not use.
    async fn borrow(&self, paced: &Paced, limit: &RateLimit) -> Result<(), CommitError> {
        let short = self.borrow_once(paced, limit).await?;
        if !short.is_empty() && self.is_shared && self.ask_back(paced, &short).await? {
            self.borrow_once(paced, limit).await?;
        }
        Ok(())
    }

    /// Of which limits less was lent than is needed.
    async fn borrow_once(
        &self,
        paced: &Paced,
        limit: &RateLimit,
    ) -> Result<Vec<Measure>, CommitError> {
        let (lines, life) = {
            let mut state = paced.lock();
            let State { pace, wanted, life, .. } = &mut *state;
            (pace.lines(limit, wanted, self.now()), *life)
        };
        if lines.is_empty() {
            return Ok(Vec::new());
        }
        self.tell(paced, lines, life).await?;
        let mut state = paced.lock();
        let State { pace, wanted, .. } = &mut *state;
        Ok(pace.short_of(limit, wanted, self.now()))
    }

    /// Says what is kept and what is wanted, and takes in what was lent.
    async fn tell(&self, paced: &Paced, lines: Vec<Line>, life: u64) -> Result<(), CommitError> {
        let (of, nodes) = (paced.of.clone(), self.borrower.nodes());
        let ask = RateAsk { by: self.by(), of, nodes, lines };
        let lent = self.store.commit(self.batch(RateWrite::Lend(Box::new(ask)))).await;
        let mut state = paced.lock();
        match lent {
            Ok(receipt) if state.life == life => {
                state.pace.lent(receipt.lent.first().map_or(&[], Vec::as_slice));
                Ok(())
            }
            // What was lent before all was lost was ended with it, or is unknown here.
            Ok(_) => {
                state.pace.lost_an_answer();
                Ok(())
            }
            Err(error) => {
                state.pace.lost_an_answer();
                Err(error)
            }
        }
    }

    /// Asks others for what they do not use, and waits until all have answered or for as long as
    /// that may take. Whether there was anybody to ask.
    async fn ask_back(&self, paced: &Paced, short: &[Measure]) -> Result<bool, CommitError> {
        let others = |share: &Share| {
            let is_of_use = short.contains(&share.measure) && share.is_in_use(self.now());
            is_of_use && share.by != self.by()
        };
        if !self.shares(paced).await?.iter().any(others) {
            return Ok(false);
        }
        let of = Box::new(paced.of.clone());
        self.store.commit(self.batch(RateWrite::AskBack { of, by: self.by() })).await?;
        let deadline = Instant::now() + ASKED_BACK_WITHIN;
        while Instant::now() < deadline {
            tokio::time::sleep(LOOK_EVERY).await;
            let shares = self.shares(paced).await?;
            if !shares.iter().any(|share| others(share) && share.free_at.is_none()) {
                break;
            }
        }
        Ok(true)
    }

    async fn shares(&self, paced: &Paced) -> Result<Vec<Share>, CommitError> {
        let shares = self.store.shares(paced.of.clone()).await;
        shares.map_err(|error| CommitError::Unavailable(error.to_string()))
    }

    fn by(&self) -> By {
        By::Node(self.borrower.node())
    }

    fn batch(&self, write: RateWrite) -> Batch {
        Batch::new(Actor::Job("gateway".to_owned()), self.now()).with(Write::Rate(write))
    }

    /// Others need what is lent of a holder's limits and not used.
    pub(crate) fn give_back_of(self: &Arc<Self>, holder: PersonId) {
        for paced in self.all_of(holder) {
            self.give_back(&paced);
        }
    }

    /// Gives back what is not used, at once or when the question that is out is answered.
    fn give_back(self: &Arc<Self>, paced: &Arc<Paced>) {
        let (answer, lines, life) = {
            let mut state = paced.lock();
            if state.asking.is_some() {
                state.is_asked_back = true;
                return;
            }
            let State { pace, wanted, life, .. } = &mut *state;
            let (lines, life) = (pace.give_up_spare(wanted, self.now()), *life);
            if lines.is_empty() {
                return;
            }
            let (answer, answered) = watch::channel(None);
            state.asking = Some(answered);
            (answer, lines, life)
        };
        let (paces, paced) = (Arc::clone(self), Arc::clone(paced));
        tokio::spawn(async move {
            if let Err(error) = paces.tell(&paced, lines, life).await {
                warn!(%error, "cannot give back room in a rate limit; it is given back later");
            }
            // Whoever waited asks for themselves.
            paced.lock().asking = None;
            answer.send_replace(Some(true));
        });
    }

    /// Gives back all that is not used, and waits until the store has heard.
    pub(crate) async fn give_all_back(self: &Arc<Self>) {
        let all = self.all();
        for paced in &all {
            self.give_back(paced);
        }
        let deadline = Instant::now() + ASKED_BACK_WITHIN;
        for paced in all {
            let asking = paced.lock().asking.clone();
            if let Some(mut answered) = asking {
                let answered = answered.wait_for(Option::is_some);
                // Without an answer the store counts it as used: that refuses more, never less.
                drop(tokio::time::timeout_at(deadline, answered).await);
            }
        }
    }

    /// The store has ended all that was lent until given back.
    pub(crate) fn lose_all(&self) {
        for paced in self.all() {
            let mut state = paced.lock();
            state.pace.lose();
            state.life = state.life.wrapping_add(1);
        }
    }

    /// Sees to it that what is idle goes back and is forgotten, for as long as anything is known.
    pub(super) fn tend(self: &Arc<Self>) {
        let mut is_tended = self.is_tended.lock().unwrap_or_else(PoisonError::into_inner);
        if !std::mem::replace(&mut *is_tended, true) {
            tokio::spawn(tend(Arc::downgrade(self)));
        }
    }

    fn tend_once(self: &Arc<Self>) {
        let now = self.now();
        for paced in self.all() {
            let is_idle = {
                let mut state = paced.lock();
                state.pace.is_idle(now) && state.asking.is_none()
            };
            if is_idle && paced.lock().pace.has_spare() {
                self.give_back(&paced);
            }
        }
        self.lock().retain(|_, paced| {
            let is_known_elsewhere = 1 < Arc::strong_count(paced);
            is_known_elsewhere || !paced.lock().pace.is_over(now)
        });
    }
}

async fn tend(paces: Weak<Paces>) {
    loop {
        tokio::time::sleep(TEND_EVERY).await;
        let Some(paces) = paces.upgrade() else { return };
        paces.tend_once();
    }
}
