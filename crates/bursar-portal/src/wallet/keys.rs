//! Keys: made and shown once, revoked.

use bursar_kernel::{GrantId, KeyId, Usd};
use bursar_service::{NewKey, ServiceError};
use bursar_ui::routes;

use super::grant;
use crate::pages::wallet::{KeyMade, RevokeKey};
use crate::shown;
use crate::web::{Answer, At, Done, OrPage, Posted, Trouble, Visit, invalid, read_amount};

/// Makes a key and shows it, on this answer and on no other.
pub(super) async fn make(At(id): At<GrantId>, mut form: Posted) -> Answer {
    let made = match new_key(&form, id) {
        Ok(wanted) => form.visit.service().make_key(&form.visit.viewer, wanted).await,
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
        model: shown::example_model(visit.service().catalog(), program, visit.frame().now),
    })
}

/// The address of the form itself, as a browser asks for it after signing in anew.
pub(super) async fn back_to_grant(visit: Visit, At(id): At<GrantId>) -> Answer {
    visit.go(&routes::grant(id))
}

fn new_key(form: &Posted, grant: GrantId) -> Result<NewKey, ServiceError> {
    let cap: Option<Usd> = match form.field("cap").trim() {
        "" => None,
        text => Some(read_amount(text).map_err(|text| invalid("cap", text))?),
    };
    Ok(NewKey { grant, name: form.field("name").to_owned(), cap, expires_at: None })
}

pub(super) async fn ask_revoke(visit: Visit, At((id, key)): At<(GrantId, KeyId)>) -> Answer {
    let page = revoke_page(&visit, id, key).await?;
    visit.page(&page)
}

pub(super) async fn revoke(At((id, key)): At<(GrantId, KeyId)>, form: Posted) -> Answer {
    let visit = form.visit;
    // The key has to be one of this grant, so that a page's address never lies.
    revoke_page(&visit, id, key).await?;
    visit.service().revoke_key(&visit.viewer, key).await.or_page(&visit)?;
    visit.done(&routes::grant(id), Done::Revoked)
}

async fn revoke_page(visit: &Visit, id: GrantId, key: KeyId) -> Result<RevokeKey, Trouble> {
    let page = visit.service().grant(&visit.viewer, id).await.or_page(visit)?;
    let found = page.keys.into_iter().find(|line| line.key.id == key);
    let key = found.ok_or_else(|| visit.not_found())?.key;
    Ok(RevokeKey { grant: id, key: key.id, name: key.name, hint: format!("…{}", key.hint) })
}
