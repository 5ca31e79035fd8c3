//! Selling what a grant will not use, and handing it back.

use std::collections::BTreeMap;

use bursar_kernel::{BasisPoints, GrantId, ListingId, Origin};
use bursar_service::{ListingWarning, STATEMENT, ServiceError};
use bursar_trading::{NewListing, Right, SellDesk};
use bursar_ui::{Input, routes};

use crate::pages::market::{GiveBack, NotForSale, Sell};
use bursar_web::{Answer, At, Done, OrPage, Posted, Visit, invalid, read_amount};

pub(super) async fn show(visit: Visit, At(id): At<GrantId>) -> Answer {
    show_page(&visit, id, None).await
}

/// Lists it, with the right to sell it.
pub(super) async fn list(At(id): At<GrantId>, mut form: Posted) -> Answer {
    let listed = match new_listing(&form, id) {
        Ok(wanted) => {
            bursar_trading::list_credit(form.visit.service(), &form.visit.viewer, wanted).await
        }
        Err(error) => Err(error),
    };
    match listed {
        Ok(listed) if listed.warnings.contains(&ListingWarning::BelowBand) => {
            form.visit.done(routes::MY_MARKET, Done::ListedLow)
        }
        Ok(_) => form.visit.done(routes::MY_MARKET, Done::Listed),
        Err(error) => {
            let errors = form.visit.again(error)?;
            let input = form.input(errors);
            show_page(&form.visit, id, Some(input)).await
        }
    }
}

pub(super) async fn withdraw(At(id): At<ListingId>, form: Posted) -> Answer {
    let visit = form.visit;
    bursar_trading::withdraw_listing(visit.service(), &visit.viewer, id).await.or_page(&visit)?;
    visit.done(routes::MY_MARKET, Done::Unlisted)
}

pub(super) async fn ask_return(visit: Visit, At(id): At<GrantId>) -> Answer {
    return_page(&visit, id, Input::default()).await
}

pub(super) async fn give_back(At(id): At<GrantId>, mut form: Posted) -> Answer {
    let given = match read_amount(form.field("amount")) {
        Ok(amount) => form.visit.service().return_credit(&form.visit.viewer, id, amount).await,
        Err(text) => Err(invalid("amount", text)),
    };
    match given {
        Ok(()) => form.visit.done(&routes::grant(id), Done::Returned),
        Err(error) => {
            let errors = form.visit.again(error)?;
            let input = form.input(errors);
            return_page(&form.visit, id, input).await
        }
    }
}

async fn return_page(visit: &Visit, id: GrantId, input: Input) -> Answer {
    let desk =
        bursar_trading::sell_desk(visit.service(), &visit.viewer, id).await.or_page(visit)?;
    visit.page(&GiveBack {
        grant: id,
        title: desk.grant.title.clone(),
        program: desk.program.name.clone(),
        available: desk.available,
        input,
    })
}

/// The form, or why the credit may not be sold and what to do instead.
async fn show_page(visit: &Visit, id: GrantId, input: Option<Input>) -> Answer {
    let desk =
        bursar_trading::sell_desk(visit.service(), &visit.viewer, id).await.or_page(visit)?;
    let Some(lot) = desk.lot.as_ref().filter(|_| desk.refused.is_none()) else {
        return visit.page(&not_for_sale(&desk));
    };
    let settings = visit.service().market();
    let prefilled = || {
        let known = [("amount", desk.available.to_string()), ("source", source_of(lot.origin))];
        let values = known.map(|(field, value)| (field.to_owned(), value));
        Input { values: BTreeMap::from(values), ..Input::default() }
    };
    visit.page(&Sell {
        grant: id,
        title: desk.grant.title.clone(),
        source: lot.origin.label().to_owned(),
        available: desk.available,
        expires_at: lot.expires_at,
        band: (settings.band_from, settings.band_to),
        ceiling: settings.ceiling,
        fee: settings.fee,
        smallest: settings.smallest,
        statement: STATEMENT.to_owned(),
        input: input.unwrap_or_else(prefilled),
    })
}

fn not_for_sale(desk: &SellDesk) -> NotForSale {
    let why = match (&desk.refused, &desk.lot) {
        (_, None) => "Its credit has not arrived yet.".to_owned(),
        (Some(_), Some(lot)) if lot.expires_at <= desk.now => "Its credit has expired.".to_owned(),
        (_, Some(lot)) => format!(
            "The terms of {} do not let it be sold: its transfer policy is \u{201c}{}\u{201d}.",
            desk.program.name,
            lot.transfer_policy.name()
        ),
    };
    let clause = &desk.program.transfer_clause;
    NotForSale {
        grant: desk.grant.id,
        title: desk.grant.title.clone(),
        why,
        clause: clause.says.clone(),
        clause_source: clause.source.clone(),
        ways_on: clause.ways_on.clone(),
        may_return: desk.may_return.then_some(desk.available),
    }
}

/// What the form calls a source.
fn source_of(origin: Origin) -> String {
    let name = match origin {
        Origin::ResearchGrant => "research",
        Origin::StartupGrant => "startup",
        Origin::Enterprise => "enterprise",
        Origin::Prepaid => "prepaid",
        Origin::Purchase | Origin::Return => "",
    };
    name.to_owned()
}

fn read_source(text: &str) -> Option<Origin> {
    [Origin::ResearchGrant, Origin::StartupGrant, Origin::Enterprise, Origin::Prepaid]
        .into_iter()
        .find(|origin| source_of(*origin) == text)
}

fn new_listing(form: &Posted, grant: GrantId) -> Result<NewListing, ServiceError> {
    let face = read_amount(form.field("amount")).map_err(|text| invalid("amount", text))?;
    let price = form.field("price").trim().trim_end_matches('%').trim_end();
    let wrong = || invalid("price", "Enter a percentage of face value, like 55");
    let minimum = match form.field("minimum").trim() {
        "" => None,
        text => Some(read_amount(text).map_err(|text| invalid("minimum", text))?),
    };
    Ok(NewListing {
        grant,
        face,
        price: price.parse::<BasisPoints>().map_err(|_| wrong())?,
        minimum,
        right: Right {
            source: read_source(form.field("source")),
            issuer: form.field("issuer").to_owned(),
            reference: form.field("reference").to_owned(),
            accepted: form.field("accepted") == "yes",
        },
    })
}
