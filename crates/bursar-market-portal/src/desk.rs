//! All trades, and cash that moves by bank.

use bursar_service::ServiceError;
use bursar_ui::{Input, routes};

use crate::pages::market::{CashMove, Desk, DeskTrade, Owed};
use bursar_web::{Answer, Done, OrPage, Posted, Visit, invalid, read_amount};

pub(super) async fn show(visit: Visit) -> Answer {
    show_page(&visit, Input::default()).await
}

pub(super) async fn record(mut form: Posted) -> Answer {
    match recorded(&form).await {
        Ok(()) => form.visit.done(routes::MARKET_DESK, Done::CashMoved),
        Err(error) => {
            let errors = form.visit.again(error)?;
            let input = form.input(errors);
            show_page(&form.visit, input).await
        }
    }
}

async fn recorded(form: &Posted) -> Result<(), ServiceError> {
    let (service, viewer) = (form.visit.service(), &form.visit.viewer);
    let what = CashMove::ALL.into_iter().find(|(value, _)| *value == form.field("what"));
    let (_, what) = what.ok_or_else(|| invalid("what", "Select what happened"))?;
    let person = bursar_trading::person_by_email(service, viewer, form.field("person")).await?;
    let amount = read_amount(form.field("amount")).map_err(|text| invalid("amount", text))?;
    let reference = form.field("reference");
    match what {
        CashMove::PaidIn => {
            bursar_trading::pay_in(service, viewer, person.id, amount, reference).await
        }
        CashMove::Refunded => {
            bursar_trading::refund(service, viewer, person.id, amount, reference).await
        }
        CashMove::PaidOut => {
            bursar_trading::pay_out(service, viewer, person.id, amount, reference).await
        }
    }?;
    Ok(())
}

async fn show_page(visit: &Visit, input: Input) -> Answer {
    let desk = bursar_trading::market_desk(visit.service(), &visit.viewer).await.or_page(visit)?;
    let trades = desk.trades.iter().map(|(trade, seller, buyer)| DeskTrade {
        id: trade.id,
        at: trade.at,
        seller: bursar_web::name_of(seller),
        buyer: bursar_web::name_of(buyer),
        source: trade.source.label().to_owned(),
        face: trade.face,
        cost: trade.cost,
        price: trade.price,
    });
    let owed = desk.owed.iter().map(|(person, amount)| Owed {
        name: bursar_web::name_of(person),
        email: person.email.clone(),
        amount: *amount,
    });
    visit.page(&Desk { trades: trades.collect(), owed: owed.collect(), fees: desk.fees, input })
}
