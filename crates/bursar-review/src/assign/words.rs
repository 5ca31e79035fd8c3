//! From places back to people, with the reasons in words.

use std::collections::BTreeMap;

use bursar_kernel::ApplicationId;

use super::flow::State;
use super::mix::Groups;
use super::prepare::{Prepared, UNIT};
use super::{
    Alternates, Cost, Lack, Line, Load, Mode, Plan, Problem, Removed, Reviewer, Shortfall, Wanted,
    Why,
};

impl Prepared<'_> {
    /// An application's reviewers, those that stay first.
    pub(super) fn reviewers_of<'s>(
        &'s self,
        state: &'s State,
        application: usize,
    ) -> impl Iterator<Item = usize> + use<'s> {
        self.fixed[application].iter().chain(&state.reviewers[application]).copied()
    }

    /// How many applications each reviewer has.
    fn loads(&self, state: &State) -> Vec<u32> {
        let counts = state.applications.iter().map(Vec::len);
        let counts = counts.map(|count| u32::try_from(count).unwrap_or(u32::MAX));
        self.network.has.iter().zip(counts).map(|(has, count)| has.saturating_add(count)).collect()
    }

    /// What a plan costs.
    pub(super) fn cost(&self, state: &State) -> Cost {
        let mut cost = Cost::default();
        for application in 0..self.applications.len() {
            for reviewer in self.reviewers_of(state, application) {
                let mismatch = self.pairs.mismatch(application, reviewer).unwrap_or(0);
                cost.mismatch += u64::from(mismatch);
            }
        }
        for load in self.loads(state).into_iter().map(u64::from) {
            cost.balance += u64::from(self.costs.balance) * (load * load.saturating_sub(1) / 2);
        }
        let gone = self
            .loose
            .iter()
            .filter(|(application, reviewer)| !state.reviewers[*application].contains(reviewer));
        cost.removal = u64::from(self.costs.removal) * u64::try_from(gone.count()).unwrap_or(0);
        cost
    }
}

/// The plan in words.
pub(super) fn told(problem: &Problem, prepared: &Prepared<'_>, state: &State, paid: i64) -> Plan {
    let loads = prepared.loads(state);
    let mut plan = Plan { removed: prepared.removed.clone(), ..Plan::default() };
    for (place, wanted) in prepared.applications.iter().enumerate() {
        let mut reviewers: Vec<usize> = prepared.reviewers_of(state, place).collect();
        reviewers.sort_unstable();
        for number in &reviewers {
            let reviewer = prepared.reviewers[*number];
            let is_fixed = prepared.fixed[place].contains(number);
            let is_kept = is_fixed || prepared.loose.contains(&(place, *number));
            plan.lines.push(line(wanted, reviewer, is_kept, loads[*number]));
        }
        plan.shortfalls.extend(shortfall(prepared, place, reviewers.len()));
        let reviewers = alternates(problem, prepared, (place, &reviewers), &loads);
        plan.alternates.push(Alternates { application: wanted.application, reviewers });
    }
    for (application, reviewer) in &prepared.loose {
        if !state.reviewers[*application].contains(reviewer) {
            plan.removed.push(Removed {
                application: prepared.applications[*application].application,
                reviewer: prepared.reviewers[*reviewer].person,
                why: Why::Replanned,
            });
        }
    }
    plan.removed.sort_by_key(|one| (one.application, one.reviewer));
    let each = prepared.reviewers.iter().zip(&loads);
    plan.loads = each
        .map(|(one, count)| Load { reviewer: one.person, count: *count, max: one.max })
        .collect();
    plan.cost = Cost { mixing: u64::try_from(paid).unwrap_or(0), ..prepared.cost(state) };
    plan.groups = groups(prepared, state);
    plan.pairs_in_common = pairs_in_common(prepared, state);
    assert_sound(problem, &plan);
    plan
}

/// What no plan may have, checked once more on what leaves this room.
fn assert_sound(problem: &Problem, plan: &Plan) {
    let is_forbidden = |line: &Line| problem.conflicts.contains(&(line.application, line.reviewer));
    assert!(!plan.lines.iter().any(is_forbidden), "a plan has a pair with a conflict");
    let is_twice = |pair: &[Line]| {
        (pair[0].application, pair[0].reviewer) == (pair[1].application, pair[1].reviewer)
    };
    assert!(!plan.lines.windows(2).any(is_twice), "a plan has a pair twice");
    if problem.mode == Mode::Adjust && problem.kept.iter().all(|kept| !kept.has_begun) {
        let is_above = |load: &Load| load.max < load.count;
        assert!(!plan.loads.iter().any(is_above), "a plan is above what somebody takes");
    }
}

fn line(wanted: &Wanted, reviewer: &Reviewer, is_kept: bool, load: u32) -> Line {
    let topics: Vec<String> = wanted.topics.intersection(&reviewer.topics).cloned().collect();
    let kept = if is_kept { "assigned before; " } else { "" };
    let knows = known(wanted, &topics);
    Line {
        application: wanted.application,
        reviewer: reviewer.person,
        is_kept,
        topics,
        reason: format!("{kept}{knows}; {load} of {}", reviewer.max),
    }
}

fn known(wanted: &Wanted, topics: &[String]) -> String {
    if wanted.topics.is_empty() {
        "the application names no topic".to_owned()
    } else if topics.is_empty() {
        "knows none of its topics".to_owned()
    } else {
        format!("knows {}", topics.join(", "))
    }
}

fn shortfall(prepared: &Prepared<'_>, place: usize, has: usize) -> Option<Shortfall> {
    let wanted = prepared.applications[place];
    let has = u32::try_from(has).unwrap_or(u32::MAX);
    let missing = wanted.reviews.saturating_sub(has);
    let (free, of) = (prepared.pairs.free(place), prepared.reviewers.len());
    let is_too_few = free < usize::try_from(wanted.reviews).unwrap_or(usize::MAX);
    let lack = if is_too_few { Lack::WithoutConflict { free, of } } else { Lack::Load { free } };
    (0 < missing).then_some(Shortfall { application: wanted.application, missing, lack })
}

fn alternates(
    problem: &Problem,
    prepared: &Prepared<'_>,
    (place, reviewers): (usize, &[usize]),
    loads: &[u32],
) -> Vec<(bursar_kernel::PersonId, String)> {
    let wanted = prepared.applications[place];
    let mut free = Vec::new();
    for (number, reviewer) in prepared.reviewers.iter().enumerate() {
        let load = loads[number];
        if reviewer.max <= load || reviewers.contains(&number) {
            continue;
        }
        if let Some(mismatch) = prepared.pairs.mismatch(place, number) {
            let balance = u64::from(prepared.costs.balance) * u64::from(load);
            let chance = prepared.network.cost(place, number).rem_euclid(UNIT);
            free.push((u64::from(mismatch) + balance, chance, number));
        }
    }
    free.sort_unstable();
    let first = free.into_iter().take(problem.alternates);
    first
        .map(|(_, _, number)| {
            let reviewer = prepared.reviewers[number];
            let topics: Vec<String> =
                wanted.topics.intersection(&reviewer.topics).cloned().collect();
            let (load, max) = (loads[number], reviewer.max);
            (reviewer.person, format!("{}; {load} of {max}", known(wanted, &topics)))
        })
        .collect()
}

fn groups(prepared: &Prepared<'_>, state: &State) -> Vec<Vec<ApplicationId>> {
    let groups = Groups::of(prepared, state);
    let mut lists: BTreeMap<usize, Vec<ApplicationId>> = BTreeMap::new();
    for (place, wanted) in prepared.applications.iter().enumerate() {
        if let Some(reviewer) = prepared.reviewers_of(state, place).next() {
            lists.entry(groups.of_reviewer(reviewer)).or_default().push(wanted.application);
        }
    }
    let mut lists: Vec<Vec<ApplicationId>> = lists.into_values().collect();
    lists.sort_by(|a, b| b.len().cmp(&a.len()).then(a.cmp(b)));
    lists
}

fn pairs_in_common(prepared: &Prepared<'_>, state: &State) -> u64 {
    let mut applications = vec![Vec::new(); prepared.reviewers.len()];
    for place in 0..prepared.applications.len() {
        for reviewer in prepared.reviewers_of(state, place) {
            applications[reviewer].push(place);
        }
    }
    let mut seen = vec![usize::MAX; prepared.applications.len()];
    let mut count = 0;
    for place in 0..prepared.applications.len() {
        for reviewer in prepared.reviewers_of(state, place) {
            for other in applications[reviewer].iter().filter(|other| place < **other) {
                if seen[*other] != place {
                    seen[*other] = place;
                    count += 1;
                }
            }
        }
    }
    count
}
