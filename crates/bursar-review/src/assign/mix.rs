//! Exchanges of reviewers between applications, so that scores can be compared over the round.
//!
//! Two applications can be compared where they have a reviewer in common, and two groups of them
//! cannot where no reviewer connects them. With loads as they are, the most pairs have one in
//! common where two reviewers meet over as few applications as can be (Cook, Golany, Kress, Penn,
//! Raviv: Optimal Allocation of Proposals to Reviewers to Facilitate Effective Ranking, Management
//! Science 51, 2005, maximise the same pairs): reviewers `r` and `s` who meet over `n` of them see
//! `n (n - 1) / 2` pairs both, and by Bonferroni's inequality at least the sum of everybody's pairs
//! less these is in common. So an exchange is a gain where the sum of `n (n - 1) / 2` falls.
//!
//! An exchange leaves loads as they are. It is a search for better neighbours, not for the best.

use super::flow::{NEVER, State};
use super::prepare::{Prepared, UNIT};

/// Exchanges that are weighed at the most: about half a second.
const TRIES_MAX: u64 = 8_000_000;
/// Of those that could connect two groups, how many are tried: the cheapest ones.
const BRIDGES_MAX: usize = 256;

/// Connects groups, then mixes. Gives what it cost.
pub(super) fn mix(prepared: &Prepared<'_>, state: &mut State) -> i64 {
    let mut mixer = Mixer::new(prepared, state);
    let bridges = mixer.connect();
    bridges + mixer.exchange()
}

/// A line that can move: its application and its reviewer.
type Place = (usize, usize);

struct Mixer<'a> {
    prepared: &'a Prepared<'a>,
    state: &'a mut State,
    lines: Vec<Place>,
    /// Over how many applications two reviewers meet.
    meetings: Vec<u32>,
    tries: u64,
}

impl<'a> Mixer<'a> {
    fn new(prepared: &'a Prepared<'a>, state: &'a mut State) -> Self {
        let count = prepared.reviewers.len();
        let lines = state.reviewers.iter().enumerate();
        let mut lines: Vec<Place> = lines
            .flat_map(|(application, reviewers)| {
                reviewers.iter().map(move |one| (application, *one))
            })
            .collect();
        lines.sort_unstable();
        let mut mixer = Self { prepared, state, lines, meetings: vec![0; count * count], tries: 0 };
        for application in 0..prepared.applications.len() {
            let reviewers: Vec<usize> = mixer.reviewers_of(application).collect();
            for one in &reviewers {
                for other in reviewers.iter().filter(|other| *other != one) {
                    mixer.meetings[one * count + other] += 1;
                }
            }
        }
        mixer
    }

    fn reviewers_of(&self, application: usize) -> impl Iterator<Item = usize> {
        self.prepared.reviewers_of(self.state, application)
    }

    fn has(&self, application: usize, reviewer: usize) -> bool {
        self.reviewers_of(application).any(|other| other == reviewer)
    }

    /// What a line costs by its topics and by the earlier plan; `None` where there is a conflict.
    fn line(&self, application: usize, reviewer: usize) -> Option<i64> {
        let cost = self.prepared.network.cost(application, reviewer);
        // What lies below a unit is chance.
        (cost != NEVER).then(|| cost.div_euclid(UNIT))
    }

    /// What an exchange of reviewers between two lines costs; `None` where there is a
    /// conflict.
    fn exchanged(&self, (one, with_one): Place, (other, with_other): Place) -> Option<i64> {
        if one == other || with_one == with_other {
            return None;
        }
        let after = self.line(one, with_other)? + self.line(other, with_one)?;
        let before = self.line(one, with_one)? + self.line(other, with_other)?;
        Some(after - before)
    }

    /// Whether both of an exchange are new to what they get.
    fn are_new(&self, (one, with_one): Place, (other, with_other): Place) -> bool {
        !self.has(one, with_other) && !self.has(other, with_one)
    }

    /// How the sum of pairs that two reviewers see both changes by an exchange.
    fn gain(&self, (one, with_one): Place, (other, with_other): Place) -> i64 {
        let count = self.prepared.reviewers.len();
        let meet = |a: usize, b: usize| i64::from(self.meetings[a * count + b]);
        let mut change = 0;
        for reviewer in self.reviewers_of(one).filter(|reviewer| *reviewer != with_one) {
            if !self.has(other, reviewer) {
                change += meet(reviewer, with_other) - (meet(reviewer, with_one) - 1);
            }
        }
        for reviewer in self.reviewers_of(other).filter(|reviewer| *reviewer != with_other) {
            if !self.has(one, reviewer) {
                change += meet(reviewer, with_one) - (meet(reviewer, with_other) - 1);
            }
        }
        -change
    }

    /// Exchanges the reviewers of two lines. Done twice, nothing has changed.
    fn apply(&mut self, line: usize, other_line: usize) {
        let ((one, with_one), (other, with_other)) = (self.lines[line], self.lines[other_line]);
        self.hand(one, with_one, with_other);
        self.hand(other, with_other, with_one);
        self.lines[line] = (one, with_other);
        self.lines[other_line] = (other, with_one);
    }

    fn hand(&mut self, application: usize, from: usize, to: usize) {
        let count = self.prepared.reviewers.len();
        let others: Vec<usize> =
            self.reviewers_of(application).filter(|reviewer| *reviewer != from).collect();
        for other in others {
            for (a, b) in [(from, other), (other, from)] {
                self.meetings[a * count + b] -= 1;
            }
            for (a, b) in [(to, other), (other, to)] {
                self.meetings[a * count + b] += 1;
            }
        }
        let reviewers = &mut self.state.reviewers[application];
        if let Some(place) = reviewers.iter_mut().find(|reviewer| **reviewer == from) {
            *place = to;
        }
        self.state.applications[from].retain(|other| *other != application);
        self.state.applications[to].push(application);
    }

    /// Connects groups of applications while an exchange does at no more than a bridge may cost.
    /// Gives what it cost.
    fn connect(&mut self) -> i64 {
        let mut paid = 0;
        loop {
            let groups = Groups::of(self.prepared, self.state);
            if groups.count <= 1 {
                return paid;
            }
            let bridges = self.bridges(&groups);
            let connects = bridges.into_iter().find(|(_, line, other)| {
                self.apply(*line, *other);
                let fewer = Groups::of(self.prepared, self.state).count < groups.count;
                if !fewer {
                    self.apply(*line, *other);
                }
                fewer
            });
            match connects {
                Some((cost, _, _)) => paid += cost,
                None => return paid,
            }
        }
    }

    /// The cheapest exchanges between two groups.
    fn bridges(&mut self, groups: &Groups) -> Vec<(i64, usize, usize)> {
        let most = i64::from(self.prepared.costs.bridge);
        let mut found = Vec::new();
        for line in 0..self.lines.len() {
            let group = groups.of_reviewer(self.lines[line].1);
            if group == groups.largest {
                continue;
            }
            for other in 0..self.lines.len() {
                let theirs = groups.of_reviewer(self.lines[other].1);
                // Between two small groups one direction is enough.
                if theirs == group || (theirs != groups.largest && other < line) {
                    continue;
                }
                self.tries += 1;
                if TRIES_MAX < self.tries {
                    return found;
                }
                let (one, another) = (self.lines[line], self.lines[other]);
                let cost = self.exchanged(one, another).filter(|cost| *cost <= most);
                if let Some(cost) = cost.filter(|_| self.are_new(one, another)) {
                    found.push((cost, line, other));
                }
            }
            if 4 * BRIDGES_MAX < found.len() {
                found.sort_unstable();
                found.truncate(BRIDGES_MAX);
            }
        }
        found.sort_unstable();
        found.truncate(BRIDGES_MAX);
        found
    }

    /// Exchanges while a gain is worth what it costs. Gives what was paid.
    fn exchange(&mut self) -> i64 {
        let groups = Groups::of(self.prepared, self.state).count;
        let mut paid = 0;
        loop {
            let mut changed = false;
            let lines = self.lines.iter();
            let most = lines.map(|line| self.to_gain(*line)).max().unwrap_or(0);
            for line in 0..self.lines.len() {
                if !self.meets_again(self.lines[line]) {
                    continue;
                }
                let Some((cost, other)) = self.best(line, most) else { continue };
                self.apply(line, other);
                if groups < Groups::of(self.prepared, self.state).count {
                    self.apply(line, other);
                    continue;
                }
                paid += cost;
                changed = true;
            }
            if !changed || TRIES_MAX < self.tries {
                return paid;
            }
        }
    }

    /// Whether a line's reviewer meets another of its application's over a further one as well.
    fn meets_again(&self, (application, reviewer): Place) -> bool {
        let count = self.prepared.reviewers.len();
        let mut others = self.reviewers_of(application).filter(|other| *other != reviewer);
        others.any(|other| 2 <= self.meetings[reviewer * count + other])
    }

    /// What is gained where a line's reviewer leaves it, before anybody takes their place.
    fn to_gain(&self, (application, reviewer): Place) -> i64 {
        let count = self.prepared.reviewers.len();
        let others = self.reviewers_of(application).filter(|other| *other != reviewer);
        others.map(|other| i64::from(self.meetings[reviewer * count + other]) - 1).sum()
    }

    /// The exchange that is worth most beyond its cost, and of those the one with most to gain.
    /// No other line has more to gain by itself than `most`.
    fn best(&mut self, line: usize, most: i64) -> Option<(i64, usize)> {
        let worth = i64::from(self.prepared.costs.meeting);
        let one = self.lines[line];
        let dear = worth * (self.to_gain(one) + most);
        let mut best: Option<(i64, i64, i64, usize)> = None;
        for other in 0..self.lines.len() {
            self.tries += 1;
            if TRIES_MAX < self.tries {
                break;
            }
            let another = self.lines[other];
            let Some(cost) = self.exchanged(one, another).filter(|cost| *cost <= dear) else {
                continue;
            };
            if !self.are_new(one, another) {
                continue;
            }
            let gain = self.gain(one, another);
            let net = cost - worth * gain;
            if net <= 0 && 0 < gain && best.is_none_or(|best| (net, -gain) < (best.0, best.1)) {
                best = Some((net, -gain, cost, other));
            }
        }
        best.map(|(_, _, cost, other)| (cost, other))
    }
}

/// Reviewers by what common applications connect.
pub(super) struct Groups {
    /// For each reviewer one of their group; themselves where they have nothing.
    parents: Vec<usize>,
    /// How many groups have an application.
    pub(super) count: usize,
    /// The group with the most lines.
    largest: usize,
}

impl Groups {
    pub(super) fn of(prepared: &Prepared<'_>, state: &State) -> Self {
        let mut parents: Vec<usize> = (0..prepared.reviewers.len()).collect();
        let mut lines = vec![0_usize; parents.len()];
        for application in 0..prepared.applications.len() {
            let mut reviewers = prepared.reviewers_of(state, application);
            let Some(first) = reviewers.next() else { continue };
            lines[first] += 1;
            for other in reviewers {
                lines[other] += 1;
                let (a, b) = (root(&mut parents, first), root(&mut parents, other));
                // The lesser place leads, so that the order of lines does not matter.
                parents[a.max(b)] = a.min(b);
            }
        }
        for reviewer in 0..parents.len() {
            parents[reviewer] = root(&mut parents, reviewer);
        }
        let mut sizes = vec![0_usize; parents.len()];
        for (parent, lines) in parents.iter().zip(lines) {
            sizes[*parent] += lines;
        }
        let largest = (0..sizes.len()).rev().max_by_key(|place| sizes[*place]).unwrap_or(0);
        Self { count: sizes.iter().filter(|size| 0 < **size).count(), parents, largest }
    }

    /// The group of a reviewer.
    pub(super) fn of_reviewer(&self, reviewer: usize) -> usize {
        self.parents[reviewer]
    }
}

fn root(parents: &mut [usize], mut place: usize) -> usize {
    while parents[place] != place {
        parents[place] = parents[parents[place]];
        place = parents[place];
    }
    place
}
