//! The calls of a grant, planned: when, which model, what they use, what they cost.
//! Pure: what the store makes of them is the stage's affair.

use std::sync::Arc;

use bursar_kernel::{
    Catalog, Endpoint, Model, ModelId, Program, ServiceTier, Timestamp, Usage, Usd,
};
use bursar_meter::price::price;
use bursar_service::Settled;
use bursar_store::rows::{Basis, CallOutcome};
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan};

use super::chance::Chance;
use super::habits::{Habits, Work};
use super::keys::KeyPlan;

/// After so many days a holder has spent what their habits say.
const SETTLED_IN_DAYS: i64 = 75;
/// A call that ends less than so long ago is left out, so that none is in the future.
const QUIET: SignedDuration = SignedDuration::from_mins(30);

/// A call that will be made.
#[derive(Debug)]
pub(super) struct Planned {
    /// The application whose grant pays.
    pub(super) record: usize,
    /// The key, by its place among the grant's.
    pub(super) key: usize,
    /// When it is received.
    pub(super) at: Timestamp,
    /// When it is settled.
    pub(super) ends: Timestamp,
    /// The model.
    pub(super) model: ModelId,
    /// Where it goes.
    pub(super) endpoint: Endpoint,
    /// Whether its answer is streamed.
    pub(super) streamed: bool,
    /// What is set aside.
    pub(super) held: Usd,
    /// How it ends.
    pub(super) settled: Settled,
}

/// A grant to plan calls for.
pub(super) struct Holder<'a> {
    /// The application.
    pub(super) record: usize,
    /// What was awarded.
    pub(super) face: Usd,
    /// When it is delivered.
    pub(super) delivered_at: Timestamp,
    /// The keys.
    pub(super) keys: &'static [KeyPlan],
    /// How they work.
    pub(super) habits: &'static Habits,
    /// Whose entitlements count.
    pub(super) program: &'a Program,
    /// Models and prices.
    pub(super) catalog: &'a Catalog,
}

/// A grant's money while it is planned. The calls of a week are in flight together, so what they
/// set aside comes back only when the week is over.
struct Purse {
    left: i64,
    keys_left: Vec<i64>,
    coming_back: i64,
    keys_coming_back: Vec<i64>,
}

impl Purse {
    fn of(holder: &Holder<'_>) -> Self {
        let cap = |key: &KeyPlan| {
            key.cap_dollars.and_then(Usd::from_dollars).map_or(i64::MAX / 2, Usd::nanos)
        };
        Self {
            left: holder.face.nanos(),
            keys_left: holder.keys.iter().map(cap).collect(),
            coming_back: 0,
            keys_coming_back: vec![0; holder.keys.len()],
        }
    }

    /// Sets a call's money aside, if there is enough.
    fn pay(&mut self, call: &Planned) -> bool {
        let (held, cost) = (call.held.nanos(), call.settled.cost.nanos());
        if self.left < held || self.keys_left[call.key] < held {
            return false;
        }
        self.left -= held;
        self.keys_left[call.key] -= held;
        self.coming_back += held - cost;
        self.keys_coming_back[call.key] += held - cost;
        true
    }

    /// What the week's calls did not cost can be spent again.
    fn end_week(&mut self) {
        self.left += std::mem::take(&mut self.coming_back);
        for (left, back) in self.keys_left.iter_mut().zip(&mut self.keys_coming_back) {
            *left += std::mem::take(back);
        }
    }
}

/// Every call of a grant from its delivery until now, in the order in which they begin.
pub(super) fn plan(holder: &Holder<'_>, now: Timestamp) -> Vec<Planned> {
    let mut chance = Chance::of(holder.record);
    let first = day_of(holder.delivered_at);
    let days = i64::from((day_of(now) - first).get_days()).saturating_add(1);
    let share = u64::try_from(holder.habits.busy_days_max * 100 / days.max(1)).unwrap_or(0);
    let weights: Vec<i64> = (0..days)
        .map(|day| {
            let weight = weight(&mut chance, holder.habits, first.saturating_add(day.days()));
            if chance.happens(share) { weight } else { 0 }
        })
        .collect();
    let all: i64 = weights.iter().sum::<i64>().max(1);
    let target = holder.face.nanos() / 100 * holder.habits.spent_percent;
    let target = target / SETTLED_IN_DAYS * days.min(SETTLED_IN_DAYS);
    let mut purse = Purse::of(holder);
    let mut planned = Vec::new();
    for (day, weight) in (0..days).zip(weights) {
        let date = first.saturating_add(day.days());
        if date.weekday() == Weekday::Monday {
            purse.end_week();
        }
        // Nobody calls on the day on which the credit arrives.
        if 0 < day && 0 < weight {
            let budget = target / all * weight;
            planned.extend(plan_day(holder, &mut chance, &mut purse, day, date, budget));
        }
    }
    planned.retain(|call| call.ends + QUIET < now);
    planned.sort_by_key(|call| call.at);
    planned
}

/// How busy a day is, beside the others.
fn weight(chance: &mut Chance, habits: &Habits, date: Date) -> i64 {
    let is_weekend = matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday);
    let (idle, low, high) = if is_weekend { (72, 8, 45) } else { (habits.idle_percent, 40, 150) };
    if chance.happens(idle) {
        return 0;
    }
    let weight = chance.between_i64(low, high);
    // A campaign: one day in nine is a long one.
    if chance.happens(11) { weight.saturating_mul(2) } else { weight }
}

fn plan_day(
    holder: &Holder<'_>,
    chance: &mut Chance,
    purse: &mut Purse,
    day: i64,
    date: Date,
    budget: i64,
) -> Vec<Planned> {
    let mut calls: Vec<Planned> = Vec::new();
    let mut spent = 0_i64;
    let opens = chance.between_i64(7, 15);
    for _ in 0..holder.habits.calls_max {
        if budget <= spent {
            break;
        }
        let Some(key) = key_for(chance, holder.keys, day) else { break };
        let Some(call) = plan_call(holder, chance, key, date, opens) else { continue };
        if purse.pay(&call) {
            spent = spent.saturating_add(call.settled.cost.nanos());
            calls.push(call);
        }
    }
    calls
}

/// A key that can be used on a day: made on an earlier one, and not yet revoked.
fn key_for(chance: &mut Chance, keys: &[KeyPlan], day: i64) -> Option<usize> {
    let share = |key: &KeyPlan| {
        let is_usable =
            key.made_day < day && key.revoked_day.is_none_or(|revoked_day| day < revoked_day);
        if is_usable { key.share } else { 0 }
    };
    let shares = keys.iter().map(share);
    if shares.clone().sum::<u64>() == 0 {
        return None;
    }
    Some(chance.weighted(shares))
}

/// One call of a kind that the holder makes; none if no model of that kind is alive.
fn plan_call(
    holder: &Holder<'_>,
    chance: &mut Chance,
    key: usize,
    date: Date,
    opens: i64,
) -> Option<Planned> {
    let work = holder.habits.work;
    let work = &work[chance.weighted(work.iter().map(|work| work.weight))];
    let second = chance.between_i64(opens * 3_600, (opens + 8).min(23) * 3_600);
    let milli = chance.between_i64(0, 999);
    let usage = usage_of(chance, work);
    let luck = chance.between(1, 1_000);
    let streamed = chance.happens(work.streamed_percent);
    let model = alive(holder, work, date)?;
    let prices = model.prices.as_ref()?;
    let cost = price(prices, work.tier, &usage).ok()?;
    let held = price(prices, work.tier, &most(&usage)).ok()?;
    let at = midnight(date) + SignedDuration::from_millis(second * 1_000 + milli);
    let pace = if 0 < usage.reasoning { 9 } else { 6 };
    let took = chance.between(180, 900) + usage.output * pace + usage.input / 90;
    let took = i64::try_from(took.min(480_000)).ok()?;
    let settled = outcome(usage, cost, work.tier, streamed, luck);
    Some(Planned {
        record: holder.record,
        key,
        at,
        ends: at + SignedDuration::from_millis(took),
        model: model.id.clone(),
        endpoint: work.endpoint,
        streamed,
        held,
        settled,
    })
}

fn usage_of(chance: &mut Chance, work: &Work) -> Usage {
    let input = chance.between(work.input.0, work.input.1);
    let cached_percent = chance.between(0, work.cached_percent);
    // The provider's cache works in steps of 128 tokens.
    let cached = if chance.happens(60) { input * cached_percent / 100 / 128 * 128 } else { 0 };
    let output = chance.between(work.output.0, work.output.1);
    let reasoning_percent = match work.reasoning_percent {
        0 => 0,
        percent => chance.between(percent / 2, percent),
    };
    // Reasoning is counted in steps of 64 tokens.
    let reasoning = output * reasoning_percent / 100 / 64 * 64;
    Usage { input: input.saturating_sub(cached), cached, output, reasoning, ..Usage::default() }
}

/// What a hold is computed on: every input token at the full price, and a round output limit.
fn most(usage: &Usage) -> Usage {
    let limits = [0, 256, 1_024, 2_048, 4_096, 8_192, 16_384, 32_768];
    let output = limits.into_iter().find(|limit| usage.output <= *limit);
    Usage {
        input: usage.input_total() + usage.input_total() / 50,
        output: output.unwrap_or(usage.output),
        ..Usage::default()
    }
}

/// Nearly every call is answered; a few fail upstream, and a few clients hang up.
fn outcome(usage: Usage, cost: Usd, tier: ServiceTier, streamed: bool, luck: u64) -> Settled {
    let answered = Settled {
        usage,
        cost,
        basis: Basis::Reported,
        tier,
        outcome: CallOutcome::Answered,
        status: 200,
    };
    match (luck, streamed) {
        (..=14, _) => Settled {
            usage: Usage::default(),
            cost: Usd::ZERO,
            basis: Basis::Nothing,
            outcome: CallOutcome::UpstreamFailed,
            status: 502,
            ..answered
        },
        (15..=54, true) => {
            Settled { basis: Basis::Counted, outcome: CallOutcome::Abandoned, ..answered }
        }
        (_, _) => answered,
    }
}

/// The first model of a kind of work that the provider serves on a day and that needs no
/// approval.
fn alive<'a>(holder: &Holder<'a>, work: &Work, date: Date) -> Option<&'a Arc<Model>> {
    let limited = &holder.program.entitlements.limited_models;
    work.models.iter().filter_map(|name| holder.catalog.model(name)).find(|model| {
        model.shutdown.is_none_or(|shutdown| date < shutdown)
            && model.released.is_none_or(|released| released <= date)
            && !limited.contains(&model.id)
    })
}

/// The week of an instant, in the zone in which spending is counted.
pub(super) fn week_of(at: Timestamp) -> (i16, i8) {
    let week = day_of(at).iso_week_date();
    (week.year(), week.week())
}

/// The day of an instant, in the zone in which spending is counted.
fn day_of(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

fn midnight(date: Date) -> Timestamp {
    date.to_zoned(TimeZone::UTC).map_or(Timestamp::MAX, |midnight| midnight.timestamp())
}
