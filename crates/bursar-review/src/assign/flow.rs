//! The flow of least cost, by successive shortest paths with potentials (Ahuja, Magnanti, Orlin:
//! Network Flows, 1993, section 9.7).
//!
//! Each application sends as many units as it wants reviews, over reviewers, to one sink. The
//! `k`-th unit through a reviewer costs more than the one before (convex), and so does the `k`-th
//! unit that finds no reviewer: that one goes to nobody, at a cost above all others, so that as
//! few as can be are missing, and not all from one application.
//!
//! Applications are many and reviewers few, and an application's units pass only reviewers. So
//! paths are searched over reviewers alone: from one to another goes the application that it is
//! cheapest to hand over (`Handing`). That is what a general solver cannot know, and why this is
//! not one: a path costs the square of the reviewers, whatever the number of applications.

/// Forbidden: no line of the plan. Sums with it stay above [`FAR`] and below overflow.
pub(super) const NEVER: i64 = i64::MAX / 4;
/// Above all that can be reached.
const FAR: i64 = NEVER / 2;
/// What the first missing review of an application costs; the second costs twice as much. It is
/// above what any path comes to: at most a thousand reviewers on it, each of two costs of at most
/// 2 × 10⁴ × 2²⁴ (mismatch and removal), and a load of at most 10⁴ × 10⁴ × 2²⁴: 2.4 × 10¹⁵.
const MISSING: i64 = 10_000_000_000_000_000;

/// Who may review what at which cost, by places.
pub(super) struct Network {
    /// How many applications.
    pub(super) applications: usize,
    /// How many reviewers.
    pub(super) reviewers: usize,
    /// What a pair costs, application by application; [`NEVER`] for one that is forbidden.
    pub(super) costs: Vec<i64>,
    /// How many reviews each application wants.
    pub(super) wants: Vec<u32>,
    /// How many applications each reviewer has whatever is planned.
    pub(super) has: Vec<u32>,
    /// How many more each takes.
    pub(super) room: Vec<u32>,
    /// What a reviewer's second application costs.
    pub(super) balance: i64,
}

impl Network {
    /// What a pair costs.
    pub(super) fn cost(&self, application: usize, reviewer: usize) -> i64 {
        self.costs[application * self.reviewers + reviewer]
    }
}

/// A plan while it is made.
pub(super) struct State {
    /// Each application's reviewers.
    pub(super) reviewers: Vec<Vec<usize>>,
    /// Each reviewer's applications.
    pub(super) applications: Vec<Vec<usize>>,
}

/// The plan with the fewest reviews missing, and of those the cheapest.
pub(super) fn solve(network: &Network) -> State {
    let mut solver = Solver::new(network);
    let most = network.wants.iter().copied().max().unwrap_or(0);
    for turn in 0..most {
        for application in 0..network.applications {
            if turn < network.wants[application] {
                solver.send(application);
            }
        }
    }
    solver.state
}

struct Solver<'n> {
    network: &'n Network,
    state: State,
    /// What each pair costs; [`NEVER`] also for one that is in the plan.
    open: Vec<i64>,
    handing: Handing,
    /// What keeps the cost of handing over from being negative.
    potentials: Vec<i64>,
    missing: Vec<u32>,
}

impl<'n> Solver<'n> {
    fn new(network: &'n Network) -> Self {
        Self {
            network,
            state: State {
                reviewers: vec![Vec::new(); network.applications],
                applications: vec![Vec::new(); network.reviewers],
            },
            open: network.costs.clone(),
            handing: Handing::new(network.reviewers),
            potentials: vec![0; network.reviewers],
            missing: vec![0; network.applications],
        }
    }

    /// Sends one more unit from an application, by the cheapest path.
    fn send(&mut self, application: usize) {
        let search = Search::run(self, application);
        let limit = search.limit;
        let end = search.end.map_or_else(|| self.in_vain(&search, application), End::Room);
        for (potential, distance) in self.potentials.iter_mut().zip(&search.distances) {
            *potential += (*distance).min(limit);
        }
        let (mut reviewer, dropped) = match end {
            End::Nobody => {
                self.missing[application] += 1;
                return;
            }
            End::Room(reviewer) => (reviewer, None),
            End::Dropping { reviewer, application } => (reviewer, Some(application)),
        };
        // All of the path is read before any of it changes what it was made of.
        let mut path = Vec::new();
        let last = reviewer;
        while let Some(before) = search.before[reviewer] {
            path.push((before, reviewer, self.handing.application(before, reviewer)));
            reviewer = before;
        }
        if let Some(dropped) = dropped {
            self.missing[dropped] += 1;
            self.take(dropped, last);
        }
        for (from, to, handed) in path {
            self.take(handed, from);
            self.give(handed, to);
        }
        self.give(application, reviewer);
    }

    /// The cheapest end of a path that reaches no room: somebody gives an application up, or this
    /// one goes without.
    fn in_vain(&self, search: &Search, application: usize) -> End {
        let without = MISSING * i64::from(self.missing[application] + 1);
        let mut best = (without, End::Nobody);
        for (reviewer, distance) in search.distances.iter().enumerate() {
            if FAR < *distance {
                continue;
            }
            for other in &self.state.applications[reviewer] {
                let without = MISSING * i64::from(self.missing[*other] + 1);
                let cost = distance + self.potentials[reviewer] + without
                    - self.network.cost(*other, reviewer);
                if cost < best.0 {
                    best = (cost, End::Dropping { reviewer, application: *other });
                }
            }
        }
        best.1
    }

    fn give(&mut self, application: usize, reviewer: usize) {
        self.state.reviewers[application].push(reviewer);
        self.state.applications[reviewer].push(application);
        self.open[application * self.network.reviewers + reviewer] = NEVER;
        self.handing.offer(self.network, &self.open, application, reviewer);
        for holder in &self.state.reviewers[application] {
            if self.handing.application(*holder, reviewer) == application {
                let list = &self.state.applications[*holder];
                self.handing.renew(self.network, &self.open, list, (*holder, reviewer));
            }
        }
    }

    fn take(&mut self, application: usize, reviewer: usize) {
        self.state.reviewers[application].retain(|other| *other != reviewer);
        self.state.applications[reviewer].retain(|other| *other != application);
        let place = application * self.network.reviewers + reviewer;
        self.open[place] = self.network.costs[place];
        for other in 0..self.network.reviewers {
            if self.handing.application(reviewer, other) == application {
                let list = &self.state.applications[reviewer];
                self.handing.renew(self.network, &self.open, list, (reviewer, other));
            }
        }
        for holder in &self.state.reviewers[application] {
            let list = [application];
            self.handing.better(self.network, &self.open, &list, (*holder, reviewer));
        }
    }

    /// What a reviewer's next application costs by their load; `None` where there is no room.
    fn next(&self, reviewer: usize) -> Option<i64> {
        let count = u32::try_from(self.state.applications[reviewer].len()).ok()?;
        let load = i64::from(self.network.has[reviewer]) + i64::from(count);
        (count < self.network.room[reviewer]).then(|| self.network.balance * load)
    }
}

/// Where a path ends.
enum End {
    /// At a reviewer with room.
    Room(usize),
    /// At a reviewer who gives up an application, which then lacks one more review.
    Dropping { reviewer: usize, application: usize },
    /// Where it begins: the application lacks one more review.
    Nobody,
}

/// One search, by Dijkstra over all reviewers.
struct Search {
    /// How far each reviewer is, less what the potentials say; above [`FAR`] if out of reach.
    distances: Vec<i64>,
    /// Whom each is reached from; `None` from the application itself.
    before: Vec<Option<usize>>,
    /// The reviewer at whom the cheapest path to some room ends.
    end: Option<usize>,
    /// No reviewer who was not looked at is nearer than this.
    limit: i64,
}

impl Search {
    fn run(solver: &Solver<'_>, application: usize) -> Self {
        let count = solver.network.reviewers;
        let row = &solver.open[application * count..(application + 1) * count];
        let distances = row.iter().zip(&solver.potentials).map(|(cost, known)| cost - known);
        let mut search =
            Self { distances: distances.collect(), before: vec![None; count], end: None, limit: 0 };
        let room: Vec<i64> = (0..count)
            .map(|one| solver.next(one).map_or(NEVER, |next| next + solver.potentials[one]))
            .collect();
        let least = room.iter().copied().min().unwrap_or(NEVER);
        let mut open: Vec<usize> = (0..count).collect();
        let mut best = FAR;
        let mut nearest = search.nearest(&open);
        while let Some((place, reviewer)) = nearest {
            let distance = search.distances[reviewer];
            search.limit = distance;
            // Nobody who is left can have room at less than the best so far.
            if search.end.is_some() && best <= distance + least {
                return search;
            }
            open.swap_remove(place);
            if distance + room[reviewer] < best {
                best = distance + room[reviewer];
                search.end = Some(reviewer);
            }
            nearest = search.go_on(solver, reviewer, &open);
        }
        search
    }

    /// The nearest reviewer who was not looked at, and their place among those.
    fn nearest(&self, open: &[usize]) -> Option<(usize, usize)> {
        let within = open.iter().copied().enumerate().filter(|(_, one)| self.distances[*one] < FAR);
        within.min_by_key(|(_, reviewer)| (self.distances[*reviewer], *reviewer))
    }

    /// Goes on from a reviewer to those who were not looked at; the nearest of them, in one pass.
    fn go_on(
        &mut self,
        solver: &Solver<'_>,
        from: usize,
        open: &[usize],
    ) -> Option<(usize, usize)> {
        let here = self.distances[from] + solver.potentials[from];
        let costs = solver.handing.costs(from);
        let mut nearest = None;
        let mut least = (FAR, usize::MAX);
        for (place, reviewer) in open.iter().copied().enumerate() {
            let through = here + costs[reviewer] - solver.potentials[reviewer];
            let distance = &mut self.distances[reviewer];
            if through < *distance {
                *distance = through;
                self.before[reviewer] = Some(from);
            }
            if (*distance, reviewer) < least {
                least = (*distance, reviewer);
                nearest = Some((place, reviewer));
            }
        }
        nearest
    }
}

/// For each two reviewers, the application that it is cheapest to hand from one to the other.
struct Handing {
    reviewers: usize,
    costs: Vec<i64>,
    applications: Vec<usize>,
}

/// No application.
const NONE: usize = usize::MAX;

impl Handing {
    fn new(reviewers: usize) -> Self {
        let pairs = reviewers * reviewers;
        Self { reviewers, costs: vec![NEVER; pairs], applications: vec![NONE; pairs] }
    }

    /// What handing over costs, from a reviewer to each; above [`FAR`] where nothing can be.
    fn costs(&self, from: usize) -> &[i64] {
        &self.costs[from * self.reviewers..(from + 1) * self.reviewers]
    }

    fn application(&self, from: usize, to: usize) -> usize {
        self.applications[from * self.reviewers + to]
    }

    /// An application that a reviewer can hand to each, where it is cheaper than what is known.
    fn offer(&mut self, network: &Network, open: &[i64], application: usize, from: usize) {
        let own = network.cost(application, from);
        let begin = application * self.reviewers;
        let row = from * self.reviewers..(from + 1) * self.reviewers;
        let known = self.costs[row.clone()].iter_mut().zip(&mut self.applications[row]);
        let costs = &open[begin..begin + self.reviewers];
        for ((known, handed), cost) in known.zip(costs) {
            if cost - own < *known && *cost < FAR {
                *known = cost - own;
                *handed = application;
            }
        }
    }

    /// What can go from one to another, of all that the one has.
    fn renew(&mut self, network: &Network, open: &[i64], list: &[usize], pair: (usize, usize)) {
        let place = pair.0 * self.reviewers + pair.1;
        self.costs[place] = NEVER;
        self.applications[place] = NONE;
        self.better(network, open, list, pair);
    }

    /// What of a list can go from one to another at less than what is known.
    fn better(&mut self, network: &Network, open: &[i64], list: &[usize], pair: (usize, usize)) {
        let (from, to) = pair;
        let place = from * self.reviewers + to;
        for application in list {
            let cost = open[application * self.reviewers + to];
            let handed = cost - network.cost(*application, from);
            if cost < FAR && handed < self.costs[place] {
                self.costs[place] = handed;
                self.applications[place] = *application;
            }
        }
    }
}
