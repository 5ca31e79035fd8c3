//! Keys: made and shown once, capped anew, revoked.

use bursar_kernel::{GrantId, KeyId, Usd};
use bursar_service::{KeyLine, ServiceError};
use bursar_studies::NewKey;
use bursar_ui::{Input, routes};

use super::grant;
use crate::pages::wallet::{ChangeCap, KeyMade, RevokeKey};
use crate::shown;
use bursar_web::{Answer, At, Done, OrPage, Posted, Trouble, Visit, invalid, read_amount};

/// Makes a key and shows it, on this answer and on no other.
pub(super) async fn make(At(id): At<GrantId>, mut form: Posted) -> Answer {
    let made = match new_key(&form, id) {
        Ok(wanted) => {
            bursar_studies::make_key(form.visit.service(), &form.visit.viewer, wanted).await
        }
        Err(error) => Err(error),
    };
    let made = match made {
        Ok(made) => made,
        Err(error) => {
            let errors = form.visit.again(error)?;
            return grant::show_page(&form.visit, id, form.input(errors)).await;
        }
    };
    let visit = form.visit;
    let page = visit.service().grant(&visit.viewer, id).await.or_page(&visit)?;
    let program = visit.service().program(&page.grant.program).or_page(&visit)?;
    visit.page(&KeyMade {
        grant: id,
        name: made.key.name.clone(),
        secret: made.secret.reveal().to_owned(),
        model: shown::example_model(&visit.service().catalog(), program, visit.frame().now),
    })
}

/// The address of the form itself, as a browser asks for it after signing in anew.
pub(super) async fn back_to_grant(visit: Visit, At(id): At<GrantId>) -> Answer {
    visit.go(&routes::grant(id))
}

fn new_key(form: &Posted, grant: GrantId) -> Result<NewKey, ServiceError> {
    let (name, cap) = (form.field("name").to_owned(), cap_of(form)?);
    let study = match form.field("study").trim() {
        "" => None,
        text => Some(text.parse().map_err(|_| invalid("study", "Choose a study of this grant"))?),
    };
    Ok(NewKey { cap, study, ..NewKey::of(grant, name) })
}

/// What was typed for a cap; nothing is no cap.
fn cap_of(form: &Posted) -> Result<Option<Usd>, ServiceError> {
    match form.field("cap").trim() {
        "" => Ok(None),
        text => Ok(Some(read_amount(text).map_err(|text| invalid("cap", text))?)),
    }
}

pub(super) async fn ask_cap(visit: Visit, At((id, key)): At<(GrantId, KeyId)>) -> Answer {
    let page = cap_page(&visit, id, key, Input::default()).await?;
    visit.page(&page)
}

pub(super) async fn cap(At((id, key)): At<(GrantId, KeyId)>, mut form: Posted) -> Answer {
    // The key has to be one of this grant, so that a page's address never lies.
    find(&form.visit, id, key).await?;
    let changed = match cap_of(&form) {
        Ok(cap) => {
            bursar_studies::change_cap(form.visit.service(), &form.visit.viewer, key, cap).await
        }
        Err(error) => Err(error),
    };
    match changed {
        Ok(_) => form.visit.done(&routes::grant(id), Done::Capped),
        Err(error) => {
            let errors = form.visit.again(error)?;
            let input = form.input(errors);
            let page = cap_page(&form.visit, id, key, input).await?;
            form.visit.page(&page)
        }
    }
}

async fn cap_page(
    visit: &Visit,
    id: GrantId,
    key: KeyId,
    input: Input,
) -> Result<ChangeCap, Trouble> {
    let KeyLine { key, spend } = find(visit, id, key).await?;
    Ok(ChangeCap {
        grant: id,
        key: key.id,
        name: key.name,
        hint: format!("…{}", key.hint),
        cap: key.cap,
        spent: spend.cost,
        input,
    })
}

pub(super) async fn ask_revoke(visit: Visit, At((id, key)): At<(GrantId, KeyId)>) -> Answer {
    let page = revoke_page(&visit, id, key).await?;
    visit.page(&page)
}

pub(super) async fn revoke(At((id, key)): At<(GrantId, KeyId)>, form: Posted) -> Answer {
    let visit = form.visit;
    // The key has to be one of this grant, so that a page's address never lies.
    revoke_page(&visit, id, key).await?;
    bursar_studies::revoke_key(visit.service(), &visit.viewer, key).await.or_page(&visit)?;
    visit.done(&routes::grant(id), Done::Revoked)
}

async fn revoke_page(visit: &Visit, id: GrantId, key: KeyId) -> Result<RevokeKey, Trouble> {
    let key = find(visit, id, key).await?.key;
    Ok(RevokeKey { grant: id, key: key.id, name: key.name, hint: format!("…{}", key.hint) })
}

async fn find(visit: &Visit, id: GrantId, key: KeyId) -> Result<KeyLine, Trouble> {
    let page = visit.service().grant(&visit.viewer, id).await.or_page(visit)?;
    let found = page.keys.into_iter().find(|line| line.key.id == key);
    found.ok_or_else(|| visit.not_found())
}
