//! The day on which an accepted award arrives.

use std::collections::BTreeMap;

use bursar_kernel::ApplicationId;
use bursar_service::{OfficerPage, ServiceError};
use bursar_ui::{Input, routes};

use super::application::{Typed, show_page};
use crate::pages::decide::DeliveryPanel;
use bursar_web::{Answer, At, Done, OrPage, Posted, Trouble, Visit, invalid};

pub(super) async fn set(At(id): At<ApplicationId>, mut form: Posted) -> Answer {
    match set_day(&form, id).await {
        Ok(()) => form.visit.done(&routes::decide(id), Done::DaySet),
        Err(error) => {
            let errors = form.visit.again(error)?;
            let typed = Typed { day: form.input(errors), ..Typed::default() };
            show_page(&form.visit, id, typed).await
        }
    }
}

async fn set_day(form: &Posted, id: ApplicationId) -> Result<(), ServiceError> {
    let (service, viewer) = (form.visit.service(), &form.visit.viewer);
    let page = service.application_for_officer(viewer, id).await?;
    let grant = page.grant.ok_or_else(|| {
        let text = "set a day for an award that nobody has accepted\n\
                    hint: wait for the applicant's answer";
        ServiceError::Refused(text.to_owned())
    })?;
    let day = form.field("day").parse();
    let day = day.map_err(|_| invalid("day", "Enter a day, like 2027-02-03"))?;
    service.set_delivery_day(viewer, grant.id, day).await?;
    Ok(())
}

/// The panel of an accepted award.
pub(super) async fn panel(
    visit: &Visit,
    page: &OfficerPage,
    typed: Input,
) -> Result<Option<DeliveryPanel>, Trouble> {
    let Some(grant) = &page.grant else { return Ok(None) };
    let announced = visit.service().announced(grant).await.or_page(visit)?;
    let set = (grant.deliver_from == grant.deliver_until).then_some(grant.deliver_from);
    let shown = set.unwrap_or(grant.deliver_from).to_zoned(visit.frame().zone.clone()).date();
    let values = BTreeMap::from([("day".to_owned(), shown.to_string())]);
    let input = if typed == Input::default() { Input { values, ..typed } } else { typed };
    let arrived = grant.delivered_at.zip(grant.expires_at);
    Ok(Some(DeliveryPanel { announced, set, arrived, input }))
}
