//! Money goes down the list, reserves to their groups, until it ends.

use std::collections::BTreeMap;

use bursar_kernel::{PersonId, Usd};

use super::{Candidate, Cap, LineError, Shortage, Terms, Why};

/// What becomes of each application, in the order of the list.
pub(super) struct Allotted {
    pub(super) shares: Vec<Share>,
    /// What is left outside of reserves.
    pub(super) free: Usd,
    /// What is left of each reserve.
    pub(super) reserves: Vec<Usd>,
}

/// What becomes of one.
pub(super) struct Share {
    pub(super) amount: Usd,
    pub(super) why: Why,
    /// What it draws from reserves: their places, and amounts.
    pub(super) reserved: Vec<(usize, Usd)>,
}

/// Goes down the list: first those that an officer funds, then everybody; and again, while a
/// reserve is left that nobody of its group waits for.
pub(super) fn allot(terms: &Terms, order: &[&Candidate]) -> Result<Allotted, LineError> {
    let reserves: Vec<Usd> =
        terms.reserves.iter().map(|reserve| reserve.share.of(terms.pool)).collect();
    // Shares are rounded down and come to the whole at the most.
    let free = reserves.iter().try_fold(terms.pool, |rest, reserve| rest.checked_sub(*reserve));
    let shares = order.iter().map(|candidate| {
        let (amount, why) = asked(terms, candidate);
        Share { amount, why, reserved: Vec::new() }
    });
    let allotted =
        Allotted { shares: shares.collect(), free: free.ok_or(LineError::Reserves)?, reserves };
    let mut walk = Walk {
        terms,
        order,
        allotted,
        awards: 0,
        people: BTreeMap::new(),
        places: BTreeMap::new(),
    };
    loop {
        walk.down(|candidate| candidate.word.as_ref().is_some_and(|word| word.fund));
        walk.down(|candidate| candidate.word.is_none());
        if !walk.release() {
            return Ok(walk.allotted);
        }
    }
}

/// What an application is to get, and what it is before anybody has looked at the money.
fn asked(terms: &Terms, candidate: &Candidate) -> (Usd, Why) {
    let whole = candidate.award.unwrap_or(candidate.asked);
    let open = Why::BehindLine;
    if let Some(word) = &candidate.word {
        return (whole, if word.fund { open } else { Why::Declined });
    }
    let Some(points) = candidate.points else { return (whole, Why::NoScore) };
    if candidate.award.is_some() || terms.tiers.is_empty() {
        return (whole, open);
    }
    let fits = terms.tiers.iter().filter(|tier| tier.from <= points);
    match fits.max_by(|a, b| a.from.total_cmp(&b.from)) {
        None => (whole, Why::BelowTiers),
        Some(tier) => {
            let part = tier.share.of(candidate.asked);
            let amount = tier.most.map_or(part, |most| part.min(most));
            // A part that is nothing funds nobody.
            (amount, if amount.is_positive() { open } else { Why::BelowTiers })
        }
    }
}

struct Walk<'w> {
    terms: &'w Terms,
    order: &'w [&'w Candidate],
    allotted: Allotted,
    awards: u32,
    people: BTreeMap<PersonId, Held>,
    places: BTreeMap<&'w str, Held>,
}

/// What somebody has of the round so far.
#[derive(Clone, Copy, Default)]
struct Held {
    awards: u32,
    amount: Usd,
}

impl Held {
    /// With one more award; `None` where a cap does not let it.
    fn with(self, amount: Usd, cap: &Cap) -> Option<Self> {
        let awards = self.awards.checked_add(1)?;
        let amount = self.amount.checked_add(amount)?;
        let fits = cap.awards.is_none_or(|most| awards <= most)
            && cap.amount.is_none_or(|most| amount <= most);
        fits.then_some(Self { awards, amount })
    }
}

impl Walk<'_> {
    /// Goes down once, over those that are meant and not funded yet.
    fn down(&mut self, is_meant: impl Fn(&Candidate) -> bool) {
        // What somebody who did not fit waits for is nobody's behind them.
        let mut closed = vec![false; self.terms.reserves.len()];
        let mut is_closed = false;
        for place in 0..self.order.len() {
            let candidate = self.order[place];
            if !is_meant(candidate) || !is_waiting(self.allotted.shares[place].why) {
                continue;
            }
            let why = self.weigh(place, is_closed, &closed);
            self.allotted.shares[place].why = why;
            let falls_short = matches!(why, Why::NoMoney { .. });
            if falls_short && self.terms.shortage == Shortage::Stop && candidate.word.is_none() {
                is_closed = true;
                for reserve in self.reserves_of(candidate) {
                    closed[reserve] = true;
                }
            }
        }
    }

    /// Funds an application, or says why not.
    fn weigh(&mut self, place: usize, is_closed: bool, closed: &[bool]) -> Why {
        let candidate = self.order[place];
        let amount = self.allotted.shares[place].amount;
        let terms = self.terms;
        let mut people = Vec::with_capacity(candidate.people.len());
        for person in &candidate.people {
            let held = self.people.get(person).copied().unwrap_or_default();
            let Some(held) = held.with(amount, &terms.per_person) else { return Why::PersonCap };
            people.push((*person, held));
        }
        let mut at = None;
        if let Some(name) = candidate.institution.as_deref() {
            let held = self.places.get(name).copied().unwrap_or_default();
            let Some(held) = held.with(amount, &terms.per_institution) else {
                return Why::InstitutionCap;
            };
            at = Some((name, held));
        }
        if terms.awards_max.is_some_and(|most| most <= self.awards) {
            return Why::AwardsMax;
        }
        let open = self.reserves_of(candidate).into_iter().filter(|reserve| !closed[*reserve]);
        let open: Vec<usize> = open.collect();
        let free = if is_closed { Usd::ZERO } else { self.allotted.free };
        let (reserved, from_free) = self.drawn(amount, &open);
        if let Some(lacks) = from_free.checked_sub(free).filter(|lacks| lacks.is_positive()) {
            // Behind the line it is not the money that is missing, but the place.
            return if is_closed { Why::BehindLine } else { Why::NoMoney { lacks } };
        }
        for (reserve, part) in &reserved {
            let left = &mut self.allotted.reserves[*reserve];
            *left = left.checked_sub(*part).unwrap_or(Usd::ZERO);
        }
        let left = self.allotted.free.checked_sub(from_free);
        self.allotted.free = left.expect("no more is drawn than there is");
        self.awards += 1;
        self.people.extend(people);
        self.places.extend(at);
        let why = if candidate.word.is_some() {
            Why::ByWord
        } else if reserved.is_empty() {
            Why::ByPlace
        } else {
            Why::ByReserve
        };
        self.allotted.shares[place].reserved = reserved;
        why
    }

    /// What an amount draws from reserves, and what from the rest.
    fn drawn(&self, amount: Usd, open: &[usize]) -> (Vec<(usize, Usd)>, Usd) {
        let mut rest = amount;
        let mut reserved = Vec::new();
        for reserve in open {
            let part = rest.min(self.allotted.reserves[*reserve]);
            if part.is_positive() {
                reserved.push((*reserve, part));
                rest = rest.checked_sub(part).unwrap_or(Usd::ZERO);
            }
        }
        (reserved, rest)
    }

    fn reserves_of(&self, candidate: &Candidate) -> Vec<usize> {
        let reserves = self.terms.reserves.iter().enumerate();
        let own = reserves.filter(|(_, reserve)| candidate.groups.contains(&reserve.group));
        own.map(|(place, _)| place).collect()
    }

    /// Gives reserves that nobody of their group waits for to everybody. Whether there were any.
    fn release(&mut self) -> bool {
        let mut any = false;
        for (place, reserve) in self.terms.reserves.iter().enumerate() {
            let waits = self.order.iter().zip(&self.allotted.shares).any(|(candidate, share)| {
                candidate.groups.contains(&reserve.group) && is_waiting(share.why)
            });
            let left = self.allotted.reserves[place];
            if !waits && left.is_positive() {
                self.allotted.reserves[place] = Usd::ZERO;
                let free = self.allotted.free.checked_add(left);
                self.allotted.free = free.expect("it is a part of the pool");
                any = true;
            }
        }
        any
    }
}

/// Whether money would still fund it.
const fn is_waiting(why: Why) -> bool {
    match why {
        Why::NoMoney { .. } | Why::BehindLine => true,
        Why::ByPlace
        | Why::ByReserve
        | Why::ByWord
        | Why::Declined
        | Why::AwardsMax
        | Why::PersonCap
        | Why::InstitutionCap
        | Why::BelowTiers
        | Why::NoScore => false,
    }
}
