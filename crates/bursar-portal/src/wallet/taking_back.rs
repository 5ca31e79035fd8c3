//! Taking a grant's credit back: a form, a page that says what will happen, and then it does.

use bursar_kernel::{GrantId, TransferId};
use bursar_service::{GrantPage, ServiceError, TakeBack, Taking, entropy};
use bursar_ui::{Input, routes};

use crate::pages::wallet::{TakeBackCheck, TakeBackForm};
use bursar_web::{Answer, At, Done, OrPage, Posted, Visit, invalid, read_amount};

pub(super) async fn ask(visit: Visit, At(id): At<GrantId>) -> Answer {
    ask_page(&visit, id, Input::default()).await
}

/// The address of the form itself, as a browser asks for it after signing in anew.
pub(super) async fn back_to_form(visit: Visit, At(id): At<GrantId>) -> Answer {
    visit.go(&routes::grant_take_back(id))
}

/// Shows what would happen. Nothing does.
pub(super) async fn check(At(id): At<GrantId>, form: Posted) -> Answer {
    let checked = match wanted(&form, id) {
        Ok(wanted) => {
            let visit = &form.visit;
            let page = visit.service().check_take_back(&visit.viewer, &wanted).await;
            page.map(|page| (page, wanted))
        }
        Err(error) => Err(error),
    };
    match checked {
        Ok((page, wanted)) => {
            let check = check_page(&form.visit, page, wanted)?;
            form.visit.page(&check)
        }
        Err(error) => again(form, id, error).await,
    }
}

pub(super) async fn take(At(id): At<GrantId>, form: Posted) -> Answer {
    let taken = match wanted(&form, id) {
        Ok(wanted) => {
            let is_void = wanted.taking == Taking::All;
            let visit = &form.visit;
            visit.service().take_back(&visit.viewer, wanted).await.map(|_| is_void)
        }
        Err(error) => Err(error),
    };
    match taken {
        Ok(true) => form.visit.done(&routes::grant(id), Done::Voided),
        Ok(false) => form.visit.done(&routes::grant(id), Done::TakenBack),
        Err(error) => again(form, id, error).await,
    }
}

async fn again(mut form: Posted, id: GrantId, error: ServiceError) -> Answer {
    let errors = form.visit.again(error)?;
    let input = form.input(errors);
    ask_page(&form.visit, id, input).await
}

async fn ask_page(visit: &Visit, id: GrantId, input: Input) -> Answer {
    let page = visit.service().take_back_desk(&visit.viewer, id).await.or_page(visit)?;
    visit.page(&TakeBackForm {
        grant: id,
        title: page.grant.title.clone(),
        holder: bursar_web::name_of(&page.holder),
        free: page.available,
        input,
    })
}

fn check_page(
    visit: &Visit,
    page: GrantPage,
    wanted: TakeBack,
) -> Result<TakeBackCheck, bursar_web::Trouble> {
    let program = visit.service().program(&page.grant.program).or_page(visit)?;
    Ok(TakeBackCheck {
        grant: page.grant.id,
        title: page.grant.title.clone(),
        holder: bursar_web::name_of(&page.holder),
        program: program.name.clone(),
        part: match wanted.taking {
            Taking::Part(amount) => Some(amount),
            Taking::All => None,
        },
        free: page.available,
        held: page.held,
        reason: wanted.reason.trim().to_owned(),
        id: TransferId::new(visit.frame().now, entropy::draw()),
    })
}

fn wanted(form: &Posted, grant: GrantId) -> Result<TakeBack, ServiceError> {
    let taking = match form.field("taking") {
        "all" => Taking::All,
        "part" => {
            let amount = read_amount(form.field("amount"));
            Taking::Part(amount.map_err(|text| invalid("amount", text))?)
        }
        _ => return Err(invalid("taking", "Select what you take back".to_owned())),
    };
    // A name that cannot be one was never on our page; a new one is drawn for it.
    let id = form.field("id").parse().ok();
    Ok(TakeBack { grant, id, taking, reason: form.field("reason").to_owned() })
}
