//! The payment method: on to the hosted page, and back.

use bursar_kernel::{CardCheckId, GrantId};
use bursar_service::PaymentMethod as Method;
use bursar_store::rows::{CardCheck, CardCheckState};
use bursar_ui::{Status, Tone, routes};

use crate::pages::wallet::{CardCheckPage, CardStage, PaymentMethod};
use crate::shown;
use bursar_web::{Answer, At, OrPage, Posted, Visit};

/// Begins a check of a card, or goes on with it: leads to the payment provider's page.
pub(super) async fn start(At(grant): At<GrantId>, form: Posted) -> Answer {
    let visit = form.visit;
    let url = visit.service().start_card_check(&visit.viewer, grant).await.or_page(&visit)?;
    visit.go(&url)
}

/// Where the payment provider's page leads back to. It proves nothing: the provider is asked.
pub(super) async fn come_back(
    visit: Visit,
    At((grant, check)): At<(GrantId, CardCheckId)>,
) -> Answer {
    let check = visit.service().settle_card_check(&visit.viewer, check).await.or_page(&visit)?;
    if check.grant != grant {
        return Err(visit.not_found());
    }
    visit.go(&routes::card_check(grant, check.id))
}

/// A check's receipt, or where it stands.
pub(super) async fn show(visit: Visit, At((grant, check)): At<(GrantId, CardCheckId)>) -> Answer {
    let check = visit.service().card_check(&visit.viewer, check).await.or_page(&visit)?;
    if check.grant != grant {
        return Err(visit.not_found());
    }
    let said = check.said.clone();
    visit.page(&CardCheckPage {
        reference: check.id.to_string(),
        grant,
        amount: check.amount,
        card: check.face.as_ref().map(shown::card),
        stage: match check.state {
            CardCheckState::Started => CardStage::Waits(said),
            CardCheckState::Held => CardStage::Held,
            CardCheckState::Released => CardStage::Released,
            CardCheckState::Failed => CardStage::Failed(said.unwrap_or_default()),
        },
        started_at: check.started_at,
        held_at: check.held_at,
        ended_at: check.ended_at,
        is_own: visit.viewer.person() == Some(check.person),
    })
}

/// A grant's page's section.
pub(super) fn section(method: Method) -> PaymentMethod {
    let Method { rule, takes_cards, card, check } = method;
    let waits = check.as_ref().is_some_and(|check| check.state == CardCheckState::Started);
    PaymentMethod {
        hold: rule.hold,
        purpose: rule.purpose,
        takes_cards,
        card: card.map(|card| (shown::card(&card.face), card.verified_at)),
        check: check.as_ref().map(|it| (routes::card_check(it.grant, it.id), status(it))),
        waits,
    }
}

fn status(check: &CardCheck) -> Status {
    match check.state {
        CardCheckState::Started if check.said.is_some() => Status::new(Tone::Bad, "Declined"),
        CardCheckState::Started => Status::new(Tone::Info, "Waits for a card"),
        CardCheckState::Held => Status::new(Tone::Good, "Verified"),
        CardCheckState::Released => Status::new(Tone::Good, "Verified, hold released"),
        CardCheckState::Failed => Status::new(Tone::Bad, "Came to nothing"),
    }
}
