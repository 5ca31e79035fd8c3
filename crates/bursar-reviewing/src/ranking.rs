//! A round ranked: what its scores come to, how sure that is, and whom the pool would pay for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bursar_award::assignment::Assignment;
use bursar_award::{Application, Decision, Outcome, Review, Screening, State, score};
use bursar_kernel::program::{self, AwardCap, FieldKind};
use bursar_kernel::{ApplicationId, PersonId, Program, ProgramId, RoundId, Usd, institution_of};
use bursar_policy::Viewer;
use bursar_program::answers::title;
use bursar_program::calendar::Round;
use bursar_program::eligibility::priority;
use bursar_review::line::{self, Candidate, Cap, Reserve, Shortage, Terms, Tier, Verdict, Word};
use bursar_review::lottery::{self, Ticket};
use bursar_review::scores::{self, Calibration, Disagreement, Fit, Score, Standing};
use bursar_service::{Service, ServiceError};
use bursar_store::AssignmentFilter;

use crate::round::name;

/// Of how many such intervals each hundred hold what they are about.
pub const CONFIDENCE_PERCENT: u32 = 80;
pub(crate) const CONFIDENCE: f64 = 0.8;

/// What somebody wants to know: what if.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WhatIf {
    /// Another pool than what the program has left.
    pub pool: Option<Usd>,
    /// What a draw among those whom the evidence cannot tell apart is made with.
    pub seed: Option<String>,
}

/// A round ranked.
#[derive(Clone, Debug)]
pub struct Ranking {
    /// The program.
    pub program: Arc<Program>,
    /// The round.
    pub round: Round,
    /// What is to be known before anybody reads the figures.
    pub warning: Option<String>,
    /// The applications, in the order in which the line takes them.
    pub rows: Vec<Ranked>,
    /// What there is to award.
    pub pool: Usd,
    /// What the awards above the line come to, and what is left.
    pub awarded: (Usd, Usd),
    /// How each reviewer scores, by name.
    pub reviewers: Vec<(String, Calibration)>,
    /// The draw among the tie band, lowest ticket first, where one was made.
    pub draw: Vec<(ApplicationId, Ticket)>,
}

/// An application in its place.
#[derive(Clone, Debug)]
pub struct Ranked {
    /// The application.
    pub application: Application,
    /// What it is called.
    pub title: String,
    /// What its scores say.
    pub standing: Standing,
    /// From where to where its score may lie.
    pub interval: Option<(f64, f64)>,
    /// What the line says of it.
    pub verdict: Verdict,
    /// Whether the evidence does not say on which side of the line it belongs.
    pub in_band: bool,
    /// What it asks for.
    pub asked: Usd,
}

/// Ranks a round: raw means beside scores that take reviewers' severity out, with what they may be,
/// and a budget line over them. Nothing is decided by it, and nothing is written.
pub async fn ranking(
    service: &Service,
    viewer: &Viewer,
    program: &ProgramId,
    round: &RoundId,
    what_if: WhatIf,
) -> Result<Ranking, ServiceError> {
    let page = service.round(viewer, program, round).await?;
    let program = Arc::clone(service.program(program)?);
    let mut applications = page.applications;
    let begun = [State::InReview, State::Decided];
    applications.retain(|one| begun.contains(&one.state) || one.released_at.is_some());
    // What was declined before the review began was never on the list.
    applications.retain(|one| one.decision.as_ref().is_none_or(|decision| !decision.at_desk));
    applications.sort_by_key(|one| one.id);
    let reviews = counting(service, &program, round, &applications).await?;
    let fit = weigh(service, &applications, &reviews)?;
    let has = service.program_money(viewer, &program.id).await?.pool;
    // What was released has left the pool already, and stands on the list all the same.
    let released = applications.iter().filter(|one| one.released_at.is_some() && !is_given_up(one));
    let released = Usd::sum(released.filter_map(|one| one.decision.as_ref()?.outcome.amount()));
    let had = released.and_then(|released| has.checked_add(released)).unwrap_or(Usd::MAX);
    let pool = what_if.pool.unwrap_or(had);
    let candidates = candidates(service, &fit, &applications)?;
    let mut terms = terms(&program, pool);
    let refused = |why: line::LineError| ServiceError::Refused(why.to_string());
    let mut drawn_line = line::line(&terms, &candidates).map_err(refused)?;
    let mut draw = Vec::new();
    if let Some(seed) = &what_if.seed {
        draw = lottery::draw(seed, drawn_line.band.iter().copied())
            .map_err(|why| ServiceError::field("seed", why.to_string()))?;
        terms.draw = draw.iter().map(|(application, _)| *application).collect();
        drawn_line = line::line(&terms, &candidates).map_err(refused)?;
    }
    let (awarded, reviewers) =
        ((drawn_line.awarded, drawn_line.left), calibrated(service, &fit).await?);
    let rows = rows(service, &fit, &candidates, applications, drawn_line)?;
    Ok(Ranking {
        warning: fit.warning(),
        rows,
        pool,
        awarded,
        reviewers,
        draw,
        program,
        round: page.round,
    })
}

/// What the program says of its line, with a pool.
pub(crate) fn terms(program: &Program, pool: Usd) -> Terms {
    let cap = |cap: AwardCap| Cap { awards: cap.awards, amount: cap.amount };
    let own = &program.line;
    let tiers = own.tiers.iter().map(|tier| Tier {
        from: f64::from(tier.from),
        share: tier.share,
        most: tier.most,
    });
    let reserves = own.reserves.iter();
    let reserves =
        reserves.map(|one| Reserve { group: one.group.clone(), share: one.share }).collect();
    Terms {
        pool,
        awards_max: program.award.per_round_max,
        per_person: cap(own.per_person),
        per_institution: cap(own.per_institution),
        reserves,
        tiers: tiers.collect(),
        shortage: if own.skips { Shortage::Skip } else { Shortage::Stop },
        priorities: priorities(program),
        ..Terms::default()
    }
}

/// The groups that answers belong to: what counts in their favour, and whom money is kept for.
fn groups(program: &Program, answers: &BTreeMap<String, String>) -> BTreeSet<String> {
    let counted = priority(program, answers).reasons.into_iter().map(|(why, _)| why);
    let is_of = |one: &&program::Reserve| {
        answers.get(&one.field).is_some_and(|answer| one.answers.contains(answer))
    };
    let kept = program.line.reserves.iter().filter(is_of).map(|one| one.group.clone());
    counted.chain(kept).collect()
}

/// The applications in the order of the line. Candidates and standings are by identifier, as the
/// applications are.
fn rows(
    service: &Service,
    fit: &Fit,
    candidates: &[Candidate],
    applications: Vec<Application>,
    drawn: line::Line,
) -> Result<Vec<Ranked>, ServiceError> {
    let mut by_id: BTreeMap<ApplicationId, Application> =
        applications.into_iter().map(|one| (one.id, one)).collect();
    let band: BTreeSet<ApplicationId> = drawn.band.iter().copied().collect();
    let mut rows = Vec::with_capacity(drawn.verdicts.len());
    for verdict in drawn.verdicts {
        let id = verdict.application;
        let place = candidates.binary_search_by_key(&id, |one| one.application);
        let (Some(application), Ok(place)) = (by_id.remove(&id), place) else { continue };
        let (standing, candidate) = (&fit.applications[place], &candidates[place]);
        rows.push(Ranked {
            title: title(service.program_of(&application)?, &application.answers),
            standing: standing.clone(),
            interval: candidate.interval,
            in_band: band.contains(&id),
            asked: candidate.asked,
            verdict,
            application,
        });
    }
    Ok(rows)
}

/// How reviewers score, by name.
async fn calibrated(
    service: &Service,
    fit: &Fit,
) -> Result<Vec<(String, Calibration)>, ServiceError> {
    let mut reviewers = Vec::with_capacity(fit.reviewers.len());
    for one in &fit.reviewers {
        let person = service.store().person(one.reviewer).await?;
        let name = person.map_or_else(|| one.reviewer.to_string(), |person| name(&person));
        reviewers.push((name, one.clone()));
    }
    reviewers.sort_by(|one, other| one.0.cmp(&other.0));
    Ok(reviewers)
}

/// The reviews of a round that count; see [`Service::counting_reviews`].
pub(crate) async fn counting(
    service: &Service,
    program: &Program,
    round: &RoundId,
    applications: &[Application],
) -> Result<Vec<Review>, ServiceError> {
    let mut reviews = service.store().reviews_in(program.id.clone(), round.clone()).await?;
    let of_round = AssignmentFilter {
        round: Some((program.id.clone(), round.clone())),
        open: true,
        ..AssignmentFilter::default()
    };
    let assigned = service.store().assignments(of_round).await?;
    let agreed: BTreeSet<(ApplicationId, PersonId)> = assigned
        .iter()
        .filter(|one| Assignment::reviews(one))
        .map(|one| (one.application, one.reviewer))
        .collect();
    let mut asks = BTreeMap::new();
    for one in applications {
        asks.insert(one.id, service.program_of(one)?.panel.is_some());
    }
    reviews.retain(|review| match asks.get(&review.application) {
        Some(true) => agreed.contains(&(review.application, review.reviewer)),
        Some(false) => true,
        None => false,
    });
    Ok(reviews)
}

pub(crate) fn weigh(
    service: &Service,
    applications: &[Application],
    reviews: &[Review],
) -> Result<Fit, ServiceError> {
    let by_id: BTreeMap<ApplicationId, &Application> =
        applications.iter().map(|one| (one.id, one)).collect();
    let mut given = Vec::with_capacity(reviews.len());
    for review in reviews {
        let Some(application) = by_id.get(&review.application) else { continue };
        let rubric = &service.program_of(application)?.rubric;
        // Tenths of a point, of 100.
        let points = score(rubric, &review.scores).map(|score| f64::from(score.0) / 10.0);
        let (application, reviewer) = (review.application, review.reviewer);
        given.push(Score { application, reviewer, points });
    }
    let ids: Vec<ApplicationId> = applications.iter().map(|one| one.id).collect();
    scores::fit(&ids, &given, Disagreement::default())
        .map_err(|why| ServiceError::Refused(why.to_string()))
}

pub(crate) fn candidates(
    service: &Service,
    fit: &Fit,
    applications: &[Application],
) -> Result<Vec<Candidate>, ServiceError> {
    let mut candidates = Vec::with_capacity(applications.len());
    for (standing, one) in fit.applications.iter().zip(applications) {
        assert_eq!(standing.application, one.id, "both are by identifier");
        let program = service.program_of(one)?;
        let terms = program.award.of(&one.answers);
        let asked = one.requested.filter(|asked| asked.is_positive());
        let decided = one.decision.as_ref();
        let interval = standing.interval(CONFIDENCE);
        candidates.push(Candidate {
            application: one.id,
            people: BTreeSet::from([one.applicant]),
            institution: institution(program, one),
            points: standing.adjusted,
            interval: interval.map_err(|why| ServiceError::Refused(why.to_string()))?,
            asked: asked.unwrap_or(terms.typical_max).min(terms.most()),
            award: decided.and_then(|decision| decision.outcome.amount()),
            groups: groups(program, &one.answers),
            word: decided
                .map(|decision| word(one, decision))
                .or_else(|| one.screening.as_ref().and_then(screened)),
        });
    }
    Ok(candidates)
}

/// Whether its award went back to the pool.
const fn is_given_up(application: &Application) -> bool {
    matches!(application.state, State::AwardDeclined | State::AwardLapsed)
}

/// What an officer has decided stands, whatever its place; but what was not taken is not funded.
fn word(application: &Application, decision: &Decision) -> Word {
    if is_given_up(application) {
        return Word { fund: false, reason: "the award was not taken".to_owned() };
    }
    Word {
        fund: matches!(decision.outcome, Outcome::Award { .. }),
        reason: decision.reasons.clone(),
    }
}

/// What is not eligible is not funded, whatever its place.
pub(crate) fn screened(screening: &Screening) -> Option<Word> {
    let reason = if screening.reason.is_empty() {
        "it is not eligible".to_owned()
    } else {
        format!("it is not eligible: {}", screening.reason)
    };
    (!screening.is_eligible).then_some(Word { fund: false, reason })
}

fn institution(program: &Program, one: &Application) -> Option<String> {
    let is_institution = |kind: &FieldKind| matches!(kind, FieldKind::Institution);
    let field = program.form.iter().find(|field| is_institution(&field.kind))?;
    let (name, ror) = institution_of(one.answers.get(&field.id)?);
    Some(ror.unwrap_or(name).to_lowercase())
}

/// What counts in applicants' favour, the weightiest first.
fn priorities(program: &Program) -> Vec<String> {
    let mut all: Vec<_> = program.eligibility.priorities.iter().collect();
    all.sort_by_key(|one| std::cmp::Reverse(one.points));
    all.into_iter().map(|one| one.reason.clone()).collect()
}
