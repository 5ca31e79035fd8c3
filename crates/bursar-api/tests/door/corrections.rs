//! A call's last word through the door: it counts once, and the first charge stays beside it.

use bursar_api::types::{CallsQuery, CorrectCall, IssueGrant, NewKey, StatementQuery};
use bursar_client::Statement;
use bursar_kernel::{CorrectionId, Usd};

use crate::house::{House, program};
use crate::story::spend;

fn usd(text: &str) -> Usd {
    text.parse().unwrap()
}

#[tokio::test]
async fn a_call_is_corrected_and_keeps_what_it_was_charged_first() {
    let house = House::open().await;
    let client = &house.client;
    client.fund(&program(), usd("1000")).await.unwrap();
    let grant = IssueGrant {
        program: program(),
        holder: "ada@example.edu".to_owned(),
        amount: usd("10"),
        expires: None,
        title: None,
        origin: None,
        tier: None,
    };
    let grant = client.issue_grant(&grant).await.unwrap().id;
    let secret = client.make_key(grant, &NewKey::default()).await.unwrap().secret;
    let call = spend(&house, &secret, "0.0004").await;
    let id = Some(CorrectionId::from_bytes([5; 16]));
    let report = |id, cost: &str| CorrectCall {
        id,
        cost: usd(cost),
        reason: "The provider's cost report".to_owned(),
    };
    for _ in 0..2 {
        let corrected = client.correct_call(call, &report(id, "0.0001")).await.unwrap();
        assert_eq!((corrected.cost, corrected.corrected), (usd("0.0004"), Some(usd("0.0001"))));
        assert_eq!(corrected.corrections.len(), 1);
    }
    let refused = client.correct_call(call, &report(id, "0.0002")).await.unwrap_err().to_string();
    assert!(refused.contains("was made before with other content"), "{refused}");
    let refused = client.correct_call(call, &report(None, "-1")).await.unwrap_err().to_string();
    assert!(refused.contains("`cost`"), "{refused}");
    let page = client.grant(grant).await.unwrap();
    assert_eq!((page.available, page.spent), (usd("9.9999"), usd("0.0001")));
    client.correct_call(call, &report(None, "0.5")).await.unwrap();
    let page = client.grant(grant).await.unwrap();
    assert_eq!((page.available, page.spent), (usd("9.5"), usd("0.5")));
    let listed = client.calls(grant, &CallsQuery::default()).await.unwrap().calls;
    assert_eq!((listed[0].cost, listed[0].corrected), (usd("0.0004"), Some(usd("0.5"))));
    let all = StatementQuery { calls: true, ..StatementQuery::default() };
    let statement = client.statement(&Statement::Grant(grant), &all).await.unwrap();
    let corrections: Vec<_> =
        statement.lines.iter().filter(|line| line.kind == "correct").collect();
    assert_eq!(corrections.iter().map(|line| line.call).collect::<Vec<_>>(), [Some(call); 2]);
    assert_eq!(statement.closing, usd("9.5"));
    let (_, findings) = house.service.store().audit().await.unwrap().finish();
    assert_eq!(findings, []);
}
