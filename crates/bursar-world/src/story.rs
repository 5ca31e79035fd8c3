//! What happens in the world, and when: every step that lies in the past, in order.
//! Pure: the stage plays it.

use std::collections::BTreeMap;

use bursar_kernel::{Catalog, Program, RoundId, Timestamp, Usd};
use bursar_program::calendar::Round;
use jiff::SignedDuration;

use super::applications;
use super::calls::{self, Holder, Planned};
use super::chance::Chance;
use super::habits::{self, Habits};
use super::keys::{self, KeyPlan};
use super::market;
use super::people::RESEARCHER;
use super::record::{Fate, Record};
use super::rounds::{self, Rounds};

/// How long after the credit arrived the researcher adds a card.
const CARD_CHECKED_AFTER: SignedDuration = SignedDuration::from_hours(3);

/// How long after a review begins its reviewers are asked, and have agreed. The first reviews come
/// after that.
const ASSIGNED_AFTER: SignedDuration = SignedDuration::from_hours(9);
const AGREED_AFTER: SignedDuration = SignedDuration::from_hours(26);

/// Something that somebody does. Applications are named by their place in the tables.
#[derive(Debug)]
pub(super) enum Step {
    /// The applicant makes an account and begins a draft.
    Begin(usize),
    /// The applicant hands it in.
    Submit(usize),
    /// The applicant takes it back.
    Withdraw(usize),
    /// The jobs run.
    RunDue,
    /// The officer plans a round and asks its reviewers.
    Assign(RoundId),
    /// The reviewers agree to what they were asked.
    Agree,
    /// A reviewer sends their advice in, by its place in the record.
    Review(usize, usize),
    /// The officer decides.
    Decide(usize),
    /// The officer releases a round.
    Release(RoundId),
    /// The applicant accepts the award.
    Accept(usize),
    /// The applicant turns the award down.
    TurnDown(usize),
    /// The holder makes a key.
    MakeKey(usize, usize, KeyPlan),
    /// The holder revokes a key.
    RevokeKey(usize, usize),
    /// The holder has a payment card checked.
    VerifyCard(usize),
    /// Calls of a week, of all grants, in flight together.
    Call(Vec<Planned>),
    /// Somebody's credit is brought in, by their place in the market's table.
    BringIn(usize),
    /// They list a part of it.
    List(usize),
    /// Somebody pays in and buys, by the purchase's place in the market's table.
    Purchase(usize),
}

impl Step {
    /// What it does, after "failed to".
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Begin(_) => "begin an application",
            Self::Submit(_) => "submit an application",
            Self::Withdraw(_) => "withdraw an application",
            Self::RunDue => "run the jobs",
            Self::Assign(_) => "assign reviewers",
            Self::Agree => "agree to review",
            Self::Review(..) => "send a review in",
            Self::Decide(_) => "decide an application",
            Self::Release(_) => "release a round",
            Self::Accept(_) => "accept an award",
            Self::TurnDown(_) => "turn an award down",
            Self::MakeKey(..) => "make a key",
            Self::RevokeKey(..) => "revoke a key",
            Self::VerifyCard(_) => "check a card",
            Self::Call(_) => "make a week's calls",
            Self::BringIn(_) => "bring credit in",
            Self::List(_) => "list credit",
            Self::Purchase(_) => "buy credit",
        }
    }
}

/// Every step up to now, in order.
pub(super) fn tell(
    program: &Program,
    catalog: &Catalog,
    rounds: &Rounds,
    now: Timestamp,
) -> Vec<(Timestamp, Step)> {
    let mut steps = Vec::new();
    let mut calls = Vec::new();
    for round in rounds.each() {
        steps.push((round.review_begins, Step::RunDue));
        steps.push((round.review_begins + ASSIGNED_AFTER, Step::Assign(round.id.clone())));
        steps.push((round.review_begins + AGREED_AFTER, Step::Agree));
        steps.push((rounds::released_at(round), Step::Release(round.id.clone())));
        steps.push((rounds::delivered_at(program, round), Step::RunDue));
    }
    for (index, (cohort, record)) in applications::all().enumerate() {
        let round = rounds.of(cohort);
        let is_again = applications::all().take(index).any(|(_, earlier)| earlier.by == record.by);
        apply(&mut steps, index, record, window(rounds, round, is_again, now));
        judge(&mut steps, index, record, round);
        if let Fate::Awarded(dollars, _) = record.fate {
            let (keys, habits) = ways(index, record);
            let delivered_at = rounds::delivered_at(program, round);
            make_keys(&mut steps, index, keys, delivered_at);
            // Early, as the guide advises; other holders have yet to do it.
            if record.by == RESEARCHER {
                steps.push((delivered_at + CARD_CHECKED_AFTER, Step::VerifyCard(index)));
            }
            if delivered_at < now {
                let face = Usd::from_dollars(dollars).unwrap_or(Usd::ZERO);
                let record = index;
                let holder = Holder { record, face, delivered_at, keys, habits, program, catalog };
                calls.extend(calls::plan(&holder, now));
            }
        }
    }
    let weeks = weeks(calls, &steps);
    steps.extend(weeks);
    steps.extend(market::steps(now));
    steps.retain(|(at, _)| *at < now);
    steps.sort_by_key(|(at, _)| *at);
    steps
}

/// Calls by weeks, each week at its last call. A week is cut where a key is revoked, so that a
/// key's calls are all made while it works.
fn weeks(calls: Vec<Planned>, steps: &[(Timestamp, Step)]) -> Vec<(Timestamp, Step)> {
    let is_revocation = |step: &Step| matches!(step, Step::RevokeKey(..));
    let cuts: Vec<Timestamp> =
        steps.iter().filter(|(_, step)| is_revocation(step)).map(|(at, _)| *at).collect();
    let mut weeks: BTreeMap<_, Vec<Planned>> = BTreeMap::new();
    for call in calls {
        let cut = cuts.iter().filter(|cut| **cut < call.at).count();
        weeks.entry((calls::week_of(call.at), cut)).or_default().push(call);
    }
    let at_its_last = |mut week: Vec<Planned>| {
        week.sort_by_key(|call| call.at);
        let last = week.last().map(|call| call.at);
        last.map(|last| (last, Step::Call(week)))
    };
    weeks.into_values().filter_map(at_its_last).collect()
}

/// From when to when an application can be handed in. Somebody who comes back has heard of the
/// earlier decision before.
fn window(
    rounds: &Rounds,
    round: &Round,
    is_again: bool,
    now: Timestamp,
) -> (Timestamp, Timestamp) {
    let to = round.review_begins.min(now) - SignedDuration::from_mins(70);
    let releases = rounds.each().into_iter().map(rounds::released_at);
    let heard = releases.filter(|released_at| is_again && *released_at < to).max();
    let heard = heard.map(|heard| heard + SignedDuration::from_hours(20));
    (heard.map_or(round.collects_from, |heard| heard.max(round.collects_from)).min(to), to)
}

fn apply(
    steps: &mut Vec<(Timestamp, Step)>,
    index: usize,
    record: &Record,
    (from, to): (Timestamp, Timestamp),
) {
    let mut chance = Chance::of(index + 1_000);
    let span = to.duration_since(from).as_secs().max(1);
    // Most people come late in the window.
    let second = chance.between_i64(0, span - 1).max(chance.between_i64(0, span - 1));
    let submitted = from + SignedDuration::from_secs(second);
    let writing = chance.between_i64(40 * 60, 6 * 24 * 3_600).min(second);
    steps.push((submitted - SignedDuration::from_secs(writing), Step::Begin(index)));
    match record.fate {
        Fate::Draft => {}
        Fate::Withdrawn => {
            steps.push((submitted, Step::Submit(index)));
            let later = SignedDuration::from_secs(to.duration_since(submitted).as_secs() / 2);
            steps.push((submitted + later, Step::Withdraw(index)));
        }
        Fate::Awarded(..)
        | Fate::TurnedDown(..)
        | Fate::Proposed(..)
        | Fate::Declined(_)
        | Fate::Waiting => {
            steps.push((submitted, Step::Submit(index)));
        }
    }
}

fn judge(steps: &mut Vec<(Timestamp, Step)>, index: usize, record: &Record, round: &Round) {
    let mut chance = Chance::of(index + 2_000);
    let mut hours = |from: i64, to: i64| SignedDuration::from_mins(chance.between_i64(from, to));
    for place in 0..record.advice.len() {
        let after = hours(30 * 60, 19 * 24 * 60);
        steps.push((round.review_begins + after, Step::Review(index, place)));
    }
    let decided = round.review_begins + hours(20 * 24 * 60, 26 * 24 * 60);
    let answered = rounds::released_at(round) + hours(3 * 60, 9 * 24 * 60);
    match record.fate {
        Fate::Awarded(..) => {
            steps.push((decided, Step::Decide(index)));
            steps.push((answered, Step::Accept(index)));
        }
        Fate::TurnedDown(..) => {
            steps.push((decided, Step::Decide(index)));
            steps.push((answered, Step::TurnDown(index)));
        }
        Fate::Proposed(..) => {
            let late = hours(6 * 24 * 60, 12 * 24 * 60);
            steps.push((rounds::released_at(round) + late, Step::Decide(index)));
        }
        Fate::Declined(_) => steps.push((decided, Step::Decide(index))),
        Fate::Withdrawn | Fate::Waiting | Fate::Draft => {}
    }
}

fn make_keys(
    steps: &mut Vec<(Timestamp, Step)>,
    index: usize,
    keys: &'static [KeyPlan],
    delivered_at: Timestamp,
) {
    let mut chance = Chance::of(index + 3_000);
    for (place, key) in keys.iter().enumerate() {
        let minutes = chance.between_i64(20, 9 * 60);
        let after = |day: i64| SignedDuration::from_mins(day * 24 * 60 + minutes);
        steps.push((delivered_at + after(key.made_day), Step::MakeKey(index, place, *key)));
        if let Some(day) = key.revoked_day {
            steps.push((delivered_at + after(day), Step::RevokeKey(index, place)));
        }
    }
}

/// Which keys a holder makes, and how they work.
fn ways(index: usize, record: &Record) -> (&'static [KeyPlan], &'static Habits) {
    if record.by == RESEARCHER {
        return (keys::MAIN, &habits::MAIN);
    }
    let ways = keys::OTHERS[index % keys::OTHERS.len()];
    if record.by == applications::HEAVY {
        return (ways, &habits::HEAVY);
    }
    (ways, &habits::OTHERS[index % habits::OTHERS.len()])
}
