//! Stopping a grant, a program or an upstream, and starting it again: a form that says what comes
//! of it, and then it does.

use bursar_kernel::{GrantId, ProgramId};
use bursar_service::{ServiceError, Turn};
use bursar_store::rows::{Stop, Stoppable};
use bursar_ui::{Input, routes};

use crate::pages::stops::{StopForm, StopShown, StopWhat};
use bursar_web::{Answer, At, Done, OrPage, Posted, Visit, invalid};

pub(crate) async fn ask_grant(visit: Visit, At(id): At<GrantId>) -> Answer {
    ask(&visit, &Stoppable::Grant(id), Input::default()).await
}

pub(crate) async fn turn_grant(At(id): At<GrantId>, form: Posted) -> Answer {
    turn(&Stoppable::Grant(id), &routes::grant(id), form).await
}

pub(crate) async fn ask_program(visit: Visit, At(id): At<ProgramId>) -> Answer {
    ask(&visit, &Stoppable::Program(id), Input::default()).await
}

pub(crate) async fn turn_program(At(id): At<ProgramId>, form: Posted) -> Answer {
    turn(&Stoppable::Program(id), routes::MONEY, form).await
}

pub(crate) async fn ask_upstream(visit: Visit, At(name): At<String>) -> Answer {
    ask(&visit, &Stoppable::Upstream(name), Input::default()).await
}

pub(crate) async fn turn_upstream(At(name): At<String>, form: Posted) -> Answer {
    turn(&Stoppable::Upstream(name), routes::UPSTREAMS, form).await
}

/// Since when and why, for a page.
pub(crate) fn shown(stop: &Stop) -> StopShown {
    StopShown { since: stop.at, reason: stop.reason.clone() }
}

async fn ask(visit: &Visit, of: &Stoppable, input: Input) -> Answer {
    let stop = visit.service().stop_desk(&visit.viewer, of).await.or_page(visit)?;
    let what = match of {
        Stoppable::Grant(id) => {
            let page = visit.service().grant(&visit.viewer, *id).await.or_page(visit)?;
            StopWhat::Grant { id: *id, title: page.grant.title }
        }
        Stoppable::Program(id) => {
            let program = visit.service().program(id).or_page(visit)?;
            StopWhat::Program { id: id.clone(), name: program.name.clone() }
        }
        Stoppable::Upstream(name) => StopWhat::Upstream { name: name.clone() },
    };
    visit.page(&StopForm { what, stopped: stop.as_ref().map(shown), input })
}

async fn turn(of: &Stoppable, then: &str, mut form: Posted) -> Answer {
    let wanted: Result<(Turn, Done), ServiceError> = match form.field("turn") {
        "stop" => Ok((Turn::Stop, Done::Stopped)),
        "start" => Ok((Turn::Start, Done::Started)),
        _ => Err(invalid("turn", "Say whether to stop it or to start it again".to_owned())),
    };
    let turned = match wanted {
        Ok((turn, done)) => {
            let visit = &form.visit;
            let turned = visit.service().turn(&visit.viewer, of, turn, form.field("reason")).await;
            turned.map(|_| done)
        }
        Err(error) => Err(error),
    };
    match turned {
        Ok(done) => form.visit.done(then, done),
        Err(error) => {
            let errors = form.visit.again(error)?;
            let input = form.input(errors);
            ask(&form.visit, of, input).await
        }
    }
}
