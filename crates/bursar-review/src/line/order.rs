//! Who comes before whom: by score, and in the tie band by priorities and the draw.

use std::collections::BTreeSet;

use bursar_kernel::{ApplicationId, Usd};

use super::allot::Allotted;
use super::{Candidate, LineError, Terms, Why};

/// Checks what is given, and puts it in order.
pub(super) fn checked<'c>(
    terms: &Terms,
    candidates: &'c [Candidate],
) -> Result<Vec<&'c Candidate>, LineError> {
    if terms.pool.is_negative() {
        return Err(LineError::Pool(terms.pool));
    }
    let mut groups = BTreeSet::new();
    if let Some(twice) = terms.reserves.iter().find(|reserve| !groups.insert(&reserve.group)) {
        return Err(LineError::ReserveTwice(twice.group.clone()));
    }
    let shares: u32 = terms.reserves.iter().map(|reserve| reserve.share.get()).sum();
    if bursar_kernel::BasisPoints::WHOLE.get() < shares {
        return Err(LineError::Reserves);
    }
    for (place, tier) in terms.tiers.iter().enumerate() {
        let is_twice =
            terms.tiers[..place].iter().any(|other| other.from.total_cmp(&tier.from).is_eq());
        if !tier.from.is_finite() || is_twice {
            return Err(LineError::Tier(tier.from));
        }
    }
    let mut seen = BTreeSet::new();
    for candidate in candidates {
        let application = candidate.application;
        if !seen.insert(application) {
            return Err(LineError::Twice(application));
        }
        let amounts = [Some(candidate.asked), candidate.award];
        if let Some(amount) = amounts.into_iter().flatten().find(|amount| *amount <= Usd::ZERO) {
            return Err(LineError::NotPositive { application, amount });
        }
        let is_sound = candidate.points.is_none_or(f64::is_finite)
            && candidate.interval.is_none_or(|(low, high)| low <= high);
        if !is_sound {
            return Err(LineError::NoNumber(application));
        }
    }
    let mut order: Vec<&Candidate> = candidates.iter().collect();
    let points = |candidate: &Candidate| candidate.points.unwrap_or(f64::NEG_INFINITY);
    order.sort_by(|a, b| points(b).total_cmp(&points(a)).then(a.application.cmp(&b.application)));
    Ok(order)
}

/// Where the line lies: the score of the last that is funded by its place, and of the first that
/// is not for want of money or awards.
pub(super) fn line(order: &[&Candidate], allotted: &Allotted) -> Option<(f64, f64)> {
    let is_short = |why: Why| matches!(why, Why::NoMoney { .. } | Why::AwardsMax);
    let whys = || allotted.shares.iter().map(|share| share.why);
    // An officer's word has no place of its own.
    let mut places = order.iter().zip(whys());
    let first_not = places.position(|(one, why)| one.word.is_none() && is_short(why))?;
    let below = order[first_not].points?;
    let by_place =
        whys().take(first_not).rposition(|why| why == Why::ByPlace || why == Why::ByReserve);
    let above = by_place.and_then(|place| order[place].points).unwrap_or(below);
    Some((above, below))
}

/// The places of those whose interval overlaps with the line. Those on whom an officer has spoken
/// are not among them, nor those whom more money would not fund.
pub(super) fn band(
    order: &[&Candidate],
    allotted: &Allotted,
    line: Option<(f64, f64)>,
) -> Vec<usize> {
    let Some((above, below)) = line else { return Vec::new() };
    let overlaps = |candidate: &Candidate| {
        candidate.interval.is_some_and(|(low, high)| low <= above && below <= high)
    };
    let is_open = |why: Why| match why {
        Why::ByPlace | Why::ByReserve | Why::NoMoney { .. } | Why::BehindLine | Why::AwardsMax => {
            true
        }
        Why::ByWord
        | Why::Declined
        | Why::PersonCap
        | Why::InstitutionCap
        | Why::BelowTiers
        | Why::NoScore => false,
    };
    let places = order.iter().zip(&allotted.shares).enumerate();
    places
        .filter(|(_, (candidate, share))| {
            is_open(share.why) && candidate.word.is_none() && overlaps(candidate)
        })
        .map(|(place, _)| place)
        .collect()
}

/// Lets those of the tie band change places among themselves: by priorities, then by the draw,
/// then as they were. Whether anything could change.
pub(super) fn settle(
    terms: &Terms,
    band: &[usize],
    order: &mut [&Candidate],
) -> Result<bool, LineError> {
    if band.len() < 2 || (terms.priorities.is_empty() && terms.draw.is_empty()) {
        return Ok(false);
    }
    let drawn = |application: ApplicationId| {
        let place = terms.draw.iter().position(|other| *other == application);
        match place {
            None if !terms.draw.is_empty() => Err(LineError::NotDrawn(application)),
            place => Ok(place),
        }
    };
    let mut members = Vec::with_capacity(band.len());
    for place in band {
        let candidate = order[*place];
        members.push((
            priority(terms, candidate),
            drawn(candidate.application)?,
            *place,
            candidate,
        ));
    }
    members.sort_by_key(|(priority, drawn, place, _)| (*priority, *drawn, *place));
    for (place, (_, _, _, candidate)) in band.iter().zip(members) {
        order[*place] = candidate;
    }
    Ok(true)
}

/// The first of the stated priorities that an application has; the last place without any.
pub(super) fn priority(terms: &Terms, candidate: &Candidate) -> usize {
    let has = |group: &String| candidate.groups.contains(group);
    terms.priorities.iter().position(has).unwrap_or(terms.priorities.len())
}
