//! One grant: what is left, until when, and where it went.

use std::collections::BTreeMap;

use bursar_kernel::program::Term;
use bursar_kernel::{GrantId, PersonId, Program, Timestamp, TransferPolicy, Usd};
use bursar_policy::{Action, may};
use bursar_service::{GrantState, KeyLine, StudyBasis as Basis, Within};
use bursar_store::{DaySpend, LotState};
use bursar_studies::StudyLine;
use bursar_ui::Input;
use jiff::civil::Date;

use super::{card, grant_rows, models, next};
use crate::estimate;
use crate::pages::wallet::{
    Expiry, GrantPage, GrantRow, GrantsList, HowToUse, KeyRow, MakesKeys, May, Money, Pace,
    PassingOn, StudyBasis, StudyTime,
};
use crate::{shown, stops};
use bursar_web::{Answer, At, OrPage, Trouble, Visit};

pub(super) async fn list(visit: Visit) -> Answer {
    let mut grants = visit.service().my_grants(&visit.viewer).await.or_page(&visit)?;
    grants.sort_by_key(|page| page.grant.expires_at.unwrap_or(Timestamp::MAX));
    let shared = shared_rows(&visit).await?;
    visit.page(&GrantsList { grants: grant_rows(&grants, false), shared })
}

pub(super) async fn show(visit: Visit, At(id): At<GrantId>) -> Answer {
    show_page(&visit, id, Input::default()).await
}

pub(super) async fn show_page(visit: &Visit, id: GrantId, input: Input) -> Answer {
    let found = visit.service().forecast(&visit.viewer, id).await.or_page(visit)?;
    let heading = next::heading(&found);
    let (page, program) = (found.page, &*found.program);
    let now = visit.frame().now;
    let ending = visit.service().ending_models(&visit.viewer, id).await.or_page(visit)?;
    let (service, viewer) = (visit.service(), &visit.viewer);
    let within = service.within(viewer, id).await.or_page(visit)?;
    let whose = page.keys.iter().map(|line| line.key.person);
    let whose = bursar_study_portal::others_of(visit, whose).await?;
    let studies = bursar_studies::studies(service, viewer, id).await.or_page(visit)?;
    let calls = page.keys.iter().map(|line| line.spend.calls).sum();
    let method = visit.service().payment_method(&visit.viewer, &page.grant).await.or_page(visit)?;
    visit.page(&GrantPage {
        id,
        title: page.grant.title.clone(),
        program: program.name.clone(),
        status: shown::grant_state(&page),
        money: money(&page),
        expiry: expiry(&page, program),
        heading,
        ending: if page.state == GrantState::Expired {
            Vec::new()
        } else {
            models::ending(&ending)
        },
        chart: bursar_study_portal::chart(&[("All calls".to_owned(), days_of(&page.days))], now),
        keys: page
            .keys
            .iter()
            .map(|line| key_row(line, &studies, (&within, &whose), now))
            .collect(),
        studies: bursar_study_portal::rows(&studies, now),
        input,
        calls,
        holder: (!within.is_owner()).then(|| bursar_web::name_of(&page.holder)),
        may: may_here(&within, &studies),
        passing_on: passing_on(&page, program, now),
        may_take_back: may_take_back(visit, (&within, &page), now),
        stopped: page.stopped.as_ref().map(stops::shown),
        program_stopped: page.program_stopped.as_ref().map(stops::shown),
        may_stop: may_stop(visit, (&within, &page)),
        payment_method: method.map(card::section),
        pace: if within.sees_figures() { pace(visit, &page, program).await? } else { None },
    })
}

/// What whoever looks may do. The installation's own token is nobody who makes keys on a page.
fn may_here(within: &Within, studies: &[StudyLine]) -> May {
    let Some(person) = within.viewer.person() else { return May::READ };
    let mut open = studies.iter().filter(|line| line.study.closed_at.is_none());
    let makes = |study| within.may_manage_key(person, study);
    let keys = if makes(None) {
        MakesKeys::Anywhere
    } else if open.any(|line| makes(Some(line.study.id))) {
        MakesKeys::InStudies
    } else {
        MakesKeys::Nowhere
    };
    May {
        see_figures: within.sees_figures(),
        keys,
        make_studies: within.may_manage_studies(),
        pass_on: within.may_pass_on(),
    }
}

/// Grants of others that whoever looks takes part in.
pub(crate) async fn shared_rows(visit: &Visit) -> Result<Vec<GrantRow>, Trouble> {
    let shared = visit.service().shared_grants(&visit.viewer).await.or_page(visit)?;
    let pages: Vec<_> = shared.into_iter().map(|(page, _)| page).collect();
    Ok(grant_rows(&pages, true))
}

/// Whether whoever looks may take its credit back, and there is any.
fn may_take_back(
    visit: &Visit,
    (within, page): (&Within, &bursar_service::GrantPage),
    now: Timestamp,
) -> bool {
    let alive = page.grant.expires_at.is_none_or(|at| now < at);
    let (holder, takes_part) = (page.grant.holder, within.takes_part());
    let action = Action::TakeBack { holder, takes_part };
    alive && page.grant.voided_at.is_none() && may(&visit.viewer, action)
}

/// Whether whoever looks may stop its calls, or start them again, and that is of any use.
fn may_stop(visit: &Visit, (within, page): (&Within, &bursar_service::GrantPage)) -> bool {
    let is_over = matches!(page.state, GrantState::Expired | GrantState::Voided);
    let (holder, takes_part) = (page.grant.holder, within.takes_part());
    let action = Action::StopGrant { holder, takes_part };
    (!is_over || page.stopped.is_some()) && may(&visit.viewer, action)
}

/// How fast the grant's calls may go, and what would be faster.
async fn pace(
    visit: &Visit,
    page: &bursar_service::GrantPage,
    program: &Program,
) -> Result<Option<Pace>, Trouble> {
    let standing = visit.service().tier_standing(&visit.viewer, page.grant.id).await;
    let Some(standing) = standing.or_page(visit)? else { return Ok(None) };
    let study = standing.study.map(|study| StudyTime {
        size: study.size,
        basis: match study.basis {
            Basis::Estimate(estimate) => StudyBasis::Estimate {
                total: estimate.total,
                address: estimate::address(&program.id, &estimate.study()),
            },
            Basis::Typical { model, call } => {
                StudyBasis::Typical { amount: page.grant.amount, model: model.to_owned(), call }
            }
        },
        now: study.now,
        next: study.next,
    });
    Ok(Some(Pace {
        tiers: program.tiers.clone(),
        tier: standing.tier,
        is_named: standing.is_named,
        next: standing.next,
        add_card: visit.service().payments().map(|_| "#payment-method".to_owned()),
        study,
    }))
}

pub(super) async fn how_to_use(visit: Visit, At(id): At<GrantId>) -> Answer {
    let page = visit.service().grant(&visit.viewer, id).await.or_page(&visit)?;
    let program = visit.service().program(&page.grant.program).or_page(&visit)?;
    visit.page(&HowToUse {
        grant: id,
        title: page.grant.title.clone(),
        model: shown::example_model(&visit.service().catalog(), program, visit.frame().now),
        output_tokens_default: program.entitlements.output_tokens_default,
    })
}

/// Where a grant's money is. What an ended grant has not spent has expired, save what is in
/// question; of a running one it is held by open calls.
fn money(page: &bursar_service::GrantPage) -> Money {
    let face = page.grant.amount;
    let (sold, returned, taken_back) = (page.sold, page.returned, page.taken_back);
    let in_question = page.in_question;
    let gone = [in_question, sold, returned, taken_back];
    let accounted = Usd::sum([page.available, page.held, page.spent].into_iter().chain(gone));
    let rest = accounted.and_then(|all| face.checked_sub(all)).unwrap_or(Usd::ZERO);
    let (more_held, expired) = match page.state {
        GrantState::Waiting => (Usd::ZERO, Usd::ZERO),
        GrantState::Expired => (Usd::ZERO, rest),
        GrantState::Voided if page.grant.delivered_at.is_none() => (Usd::ZERO, Usd::ZERO),
        GrantState::Active | GrantState::Spent | GrantState::Voided => (rest, Usd::ZERO),
    };
    let held = page.held.checked_add(more_held).unwrap_or(page.held);
    let (left, spent) = (page.available, page.spent);
    Money { face, left, held, spent, in_question, expired, sold, returned, taken_back }
}

/// What its holder can do with what they will not use.
fn passing_on(page: &bursar_service::GrantPage, program: &Program, now: Timestamp) -> PassingOn {
    let is_free = |state: &LotState| now < state.lot.expires_at && state.available().is_positive();
    let policy =
        page.lots.iter().find(|state| is_free(state)).map(|state| state.lot.transfer_policy);
    let clause = &program.transfer_clause;
    PassingOn {
        clause: clause.says.clone(),
        source: clause.source.clone(),
        may_sell: policy == Some(TransferPolicy::Market)
            && program.transfer_policy == TransferPolicy::Market,
        may_return: policy.is_some_and(|policy| policy != TransferPolicy::None),
    }
}

fn expiry(page: &bursar_service::GrantPage, program: &Program) -> Expiry {
    match (page.grant.delivered_at, page.grant.expires_at) {
        (Some(at), Some(expires_at)) => Expiry::Delivered { at, expires_at },
        (_, _) => Expiry::NotDelivered {
            from: page.grant.deliver_from,
            to: page.grant.deliver_until,
            lives: program.term.map_or_else(|| "not said".to_owned(), Term::from_when),
        },
    }
}

fn days_of(days: &[DaySpend]) -> BTreeMap<Date, Usd> {
    days.iter().map(|spend| (spend.day, spend.cost)).collect()
}

fn key_row(
    line: &KeyLine,
    studies: &[StudyLine],
    (within, whose): (&Within, &BTreeMap<PersonId, String>),
    now: Timestamp,
) -> KeyRow {
    let key = &line.key;
    let is_person = within.viewer.person().is_some();
    let may_manage = is_person && within.may_manage_key(key.person, key.study);
    let expired = key.expires_at.is_some_and(|at| at <= now);
    KeyRow {
        id: key.id,
        name: key.name.clone(),
        hint: format!("…{}", key.hint),
        study: studies
            .iter()
            .find(|line| Some(line.study.id) == key.study)
            .map(|line| (line.study.id, line.study.terms.name.clone())),
        whose: whose.get(&key.person).cloned(),
        status: shown::key_status(line, now),
        cap: key.cap,
        spent: line.spend.cost,
        used_at: line.spend.last_at,
        can_cap: may_manage && key.revoked_at.is_none() && !expired,
        can_revoke: may_manage && key.revoked_at.is_none(),
    }
}
