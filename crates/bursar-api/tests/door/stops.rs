//! Programs, grants and upstreams are stopped and started by a script, each once.

use bursar_api::types::{IssueGrant, StopState, TurnStop};
use bursar_client::Stoppable;

use crate::house::{House, program};

fn stop(reason: &str) -> TurnStop {
    TurnStop { stopped: true, reason: reason.to_owned() }
}

fn start(reason: &str) -> TurnStop {
    TurnStop { stopped: false, reason: reason.to_owned() }
}

fn said(state: &StopState) -> String {
    let StopState { kind, stopped, reason, at, .. } = state;
    let when = if at.is_some() { "at an instant" } else { "never" };
    format!("{kind} {stopped} {when}: {}", reason.as_deref().unwrap_or_default())
}

#[tokio::test]
async fn what_can_be_stopped_is_stopped_once_shown_and_started_again() {
    let house = House::open().await;
    let client = &house.client;
    client.fund(&program(), "1000".parse().unwrap()).await.unwrap();
    let wanted = IssueGrant {
        program: program(),
        holder: "ada@example.edu".to_owned(),
        amount: "100".parse().unwrap(),
        expires: None,
        title: None,
        origin: None,
        tier: None,
    };
    let grant = client.issue_grant(&wanted).await.unwrap();
    // As the gateway does that serves it.
    house.service.calls().upstream("one/1");
    let all = [
        Stoppable::Grant(grant.id),
        Stoppable::Program(program()),
        Stoppable::Upstream("one/1".to_owned()),
    ];
    let mut told = Vec::new();
    for of in &all {
        let never = client.turn(of, &start("It never was.")).await.unwrap();
        assert_eq!((never.stopped, never.reason, never.at), (false, None, None));
        let silent = client.turn(of, &stop(" ")).await.unwrap_err().to_string();
        assert!(silent.contains("Say why"), "{silent}");
        let stopped = client.turn(of, &stop("To see.")).await.unwrap();
        assert_eq!(client.turn(of, &stop("Again.")).await.unwrap(), stopped, "the first stands");
        told.push(said(&stopped));
    }
    let kinds = ["grant", "program", "upstream"];
    assert_eq!(told, kinds.map(|kind| format!("{kind} true at an instant: To see.")));
    let shown = client.grant(grant.id).await.unwrap();
    assert_eq!((shown.available, shown.state.as_str()), ("100".parse().unwrap(), "active"));
    let reasons = [shown.stopped, shown.program_stopped].map(|stop| stop.unwrap().reason);
    assert_eq!(reasons.map(Option::unwrap), ["To see.", "To see."]);
    let programs = client.programs().await.unwrap().programs;
    let of_program = programs.iter().find(|line| line.id == program()).unwrap();
    assert!(of_program.stopped.as_ref().unwrap().stopped);
    let upstreams = client.upstreams().await.unwrap().upstreams;
    assert_eq!(upstreams.iter().map(said).collect::<Vec<_>>(), [told[2].clone()]);

    for of in &all {
        assert!(!client.turn(of, &start("Seen.")).await.unwrap().stopped);
    }
    let shown = client.grant(grant.id).await.unwrap();
    assert_eq!((shown.stopped, shown.program_stopped), (None, None));
    assert!(!client.upstreams().await.unwrap().upstreams[0].stopped);
    let trail = house.service.store().audit_trail(50).await.unwrap();
    let lines = trail.iter().filter(|line| line.action.contains(".st")).count();
    assert_eq!(lines, 6, "three were stopped and started, once each");
}

#[tokio::test]
async fn what_is_not_there_is_not_stopped() {
    let house = House::open().await;
    let missing = [
        (Stoppable::Program(bursar_kernel::ProgramId::new("none")), "there is no program `none`"),
        (Stoppable::Upstream("none".to_owned()), "there is no upstream `none`\nhint: "),
    ];
    for (of, wanted) in missing {
        let refused = house.client.turn(&of, &stop("To see.")).await.unwrap_err().to_string();
        assert!(refused.starts_with(wanted), "{refused}");
    }
    assert_eq!(house.client.upstreams().await.unwrap().upstreams, []);
}
