//! Requests for limited models: one waits at a time, and they are read back in their order.

use bursar_kernel::{AccessRequestId, Actor, GrantId, ModelId};
use bursar_policy::{AccessRequest, AccessState};

use super::world::Desk;
use bursar_store::{AccessFilter, AccessReads, Commit, CommitError, Expect, Row, Write};

/// Writes requests to an engine that is still empty, and reads them back.
pub async fn access(store: &(impl Commit + AccessReads)) {
    let mut desk = Desk::new(5);
    let (ours, theirs) = (desk.some_grant(), desk.some_grant());
    let mut written = Vec::new();
    for (grant, model) in [(ours, "gpt-5"), (ours, "gpt-5.1"), (theirs, "gpt-5")] {
        desk.now = desk.in_hours(1);
        let request = desk.access_request(grant, model);
        assert_eq!(put(store, &desk, &request, Expect::New).await, Ok(()));
        written.push(request);
    }
    // Another that waits for the same model of the same grant, under a name of its own.
    let twice = desk.access_request(ours, "gpt-5");
    assert_eq!(put(store, &desk, &twice, Expect::New).await, conflict(&twice));
    assert_eq!(put(store, &desk, &written[0], Expect::New).await, conflict(&written[0]));

    let approved = AccessRequest {
        state: AccessState::Approved,
        decided_by: Some(Actor::Operator),
        decided_at: Some(desk.now),
        note: Some("Yes; O'Brien & 知".to_owned()),
        until: Some(desk.in_hours(40)),
        version: 2,
        ..written[0].clone()
    };
    assert_eq!(put(store, &desk, &approved, Expect::Version(1)).await, Ok(()));
    assert_eq!(put(store, &desk, &approved, Expect::Version(1)).await, conflict(&approved));
    written[0] = approved;
    // Answered, it stands in nobody's way.
    desk.now = desk.in_hours(1);
    assert_eq!(put(store, &desk, &twice, Expect::New).await, Ok(()));
    written.push(twice);

    for request in &written {
        assert_eq!(store.access_request(request.id).await, Ok(Some(request.clone())));
    }
    let missing = AccessRequestId::new(desk.now, desk.chance.entropy());
    assert_eq!(store.access_request(missing).await, Ok(None));
    let mut latest: Vec<usize> = (0..written.len()).collect();
    latest.sort_by_key(|at| std::cmp::Reverse(written[*at].id));
    let waits = |at: &usize| written[*at].state == AccessState::Asked;
    let waiting = latest.iter().rev().copied().filter(waits).collect();
    let of_ours = latest.iter().copied().filter(|at| written[*at].grant == ours).collect();
    let cases: [(AccessFilter, Vec<usize>); 4] = [
        (AccessFilter::Grant(ours), of_ours),
        (AccessFilter::Grant(desk.some_grant()), Vec::new()),
        (AccessFilter::Waiting, waiting),
        (AccessFilter::Latest(2), latest.iter().copied().take(2).collect()),
    ];
    for (which, indices) in cases {
        let expected: Vec<AccessRequest> =
            indices.into_iter().map(|at| written[at].clone()).collect();
        assert_eq!(store.access_requests(which).await, Ok(expected), "{which:?}");
    }
}

async fn put(
    store: &impl Commit,
    desk: &Desk,
    request: &AccessRequest,
    expect: Expect,
) -> Result<(), CommitError> {
    let row = Row::AccessRequest(Box::new(request.clone()));
    store.commit(desk.batch().with(Write::Row(row, expect))).await.map(|_| ())
}

fn conflict(request: &AccessRequest) -> Result<(), CommitError> {
    Err(CommitError::Conflict(format!("access request `{}`", request.id)))
}

impl Desk {
    fn some_grant(&mut self) -> GrantId {
        GrantId::new(self.now, self.chance.entropy())
    }

    pub(super) fn access_request(&mut self, grant: GrantId, model: &str) -> AccessRequest {
        AccessRequest {
            id: AccessRequestId::new(self.now, self.chance.entropy()),
            grant,
            holder: self.holder,
            model: ModelId::new(model),
            reason: "To compare it with; ''; -- what came before".to_owned(),
            asked_at: self.now,
            state: AccessState::Asked,
            decided_by: None,
            decided_at: None,
            note: None,
            until: None,
            version: 1,
        }
    }
}
