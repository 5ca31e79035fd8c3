//! Models as they stand to a grant, and requests for those that are limited.

use std::sync::Arc;

use bursar_kernel::{GrantId, Model, ModelId};
use bursar_policy::{AccessRequest, AccessState};
use bursar_service::{GrantModel, ModelAccess, ModelLine};
use bursar_ui::{Input, Status, Tone, routes};
use jiff::civil::Date;

use crate::pages::wallet::{GrantModels, ModelPage, ModelRow, RequestShown};
use crate::shown;
use bursar_web::{Answer, At, Done, OrPage, Posted, Visit};

pub(super) async fn list(visit: Visit, At(id): At<GrantId>) -> Answer {
    let found = visit.service().grant_models(&visit.viewer, id).await.or_page(&visit)?;
    let all = visit.service().ending_models(&visit.viewer, id).await.or_page(&visit)?;
    visit.page(&GrantModels {
        grant: id,
        title: found.grant.title.clone(),
        ending: ending(&all),
        rows: found.models.iter().map(row).collect(),
    })
}

/// Models that end while a grant lives: the day, and what follows.
pub(super) fn ending(models: &[Arc<Model>]) -> Vec<(ModelId, Date, Option<ModelId>)> {
    let line =
        |model: &Arc<Model>| Some((model.id.clone(), model.shutdown?, model.successor.clone()));
    models.iter().filter_map(line).collect()
}

pub(super) async fn show(visit: Visit, At((id, model)): At<(GrantId, String)>) -> Answer {
    show_with(&visit, id, &model, Input::default()).await
}

pub(super) async fn ask(At((id, model)): At<(GrantId, String)>, mut form: Posted) -> Answer {
    let (service, viewer) = (form.visit.service(), &form.visit.viewer);
    match service.ask_for_model(viewer, id, &model, form.field("reason")).await {
        Ok(asked) => form.visit.done(&routes::grant_model(id, &asked.model), Done::ModelAsked),
        Err(error) => {
            let errors = form.visit.again(error)?;
            show_with(&form.visit, id, &model, form.input(errors)).await
        }
    }
}

pub(super) async fn withdraw(At((id, model)): At<(GrantId, String)>, mut form: Posted) -> Answer {
    let (service, viewer) = (form.visit.service(), &form.visit.viewer);
    let found = service.grant_model(viewer, id, &model).await.or_page(&form.visit)?;
    let Some(request) = found.requests.iter().find(|request| request.state == AccessState::Asked)
    else {
        return form.visit.go(&routes::grant_model(id, &found.line.model.id));
    };
    match service.withdraw_access_request(viewer, request.id).await {
        Ok(request) => {
            let path = routes::grant_model(id, &request.model);
            form.visit.done(&path, Done::ModelTakenBack)
        }
        Err(error) => {
            let errors = form.visit.again(error)?;
            show_with(&form.visit, id, &model, form.input(errors)).await
        }
    }
}

async fn show_with(visit: &Visit, id: GrantId, model: &str, input: Input) -> Answer {
    let found = visit.service().grant_model(&visit.viewer, id, model).await.or_page(visit)?;
    let GrantModel { grant, line, requests, may_ask, may_withdraw, .. } = found;
    let model = &line.model;
    let families = &visit.service().catalog().families;
    let family = families.iter().find(|family| family.id == model.family);
    visit.page(&ModelPage {
        grant: id,
        title: grant.title,
        row: row(&line),
        about: family.map_or(String::new(), |family| format!("{}: {}", family.label, family.about)),
        tokens_max: (model.input_tokens_max, model.output_tokens_max),
        batch: model.prices.as_ref().and_then(|prices| prices.batch),
        limited: line.access != ModelAccess::Open,
        until: match line.access {
            ModelAccess::Approved(until) => until,
            ModelAccess::Open | ModelAccess::Limited | ModelAccess::Asked => None,
        },
        requests: requests.iter().map(|request| shown_request(request, visit)).collect(),
        input: may_ask.then_some(input),
        may_withdraw,
    })
}

fn row(line: &ModelLine) -> ModelRow {
    let model = &line.model;
    ModelRow {
        model: model.id.clone(),
        status: match line.access {
            ModelAccess::Open => Status::new(Tone::Good, "Open"),
            ModelAccess::Limited => Status::new(Tone::Warning, "Limited"),
            ModelAccess::Asked => Status::new(Tone::Info, "Asked"),
            ModelAccess::Approved(_) => Status::new(Tone::Good, "Approved"),
        },
        in_use: line.in_use,
        card: model.prices.as_ref().map(|prices| prices.standard),
        shutdown: model.shutdown,
        successor: model.successor.clone(),
    }
}

fn shown_request(request: &AccessRequest, visit: &Visit) -> RequestShown {
    RequestShown {
        asked_at: request.asked_at,
        reason: request.reason.clone(),
        status: shown::access_state(request, visit.frame().now),
        answer: request.decided_at.map(|at| (at, request.note.clone())),
    }
}
