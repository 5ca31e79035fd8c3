//! Who gets which page: every path for every role.

use bursar_kernel::Role;

use crate::browser::Browser;
use crate::world::{PROGRAM, ROUND, World, apply, begin};

/// Statuses for nobody, a stranger, the applicant, a reviewer, an officer, an operator.
type Row = (&'static str, [u16; 6]);

const EVERYBODY: [u16; 6] = [200; 6];
const SIGNED_IN: [u16; 6] = [303, 200, 200, 200, 200, 200];
const NOBODY: [u16; 6] = [404; 6];
const OWN: [u16; 6] = [303, 404, 200, 404, 404, 404];
const REVIEWERS: [u16; 6] = [303, 403, 403, 200, 403, 403];
const OFFICERS: [u16; 6] = [303, 403, 403, 403, 200, 200];
const OPERATORS: [u16; 6] = [303, 403, 403, 403, 403, 200];

/// `{own}` is the applicant's application in review, `{draft}` another one's draft.
const TABLE: [Row; 60] = [
    ("/", EVERYBODY),
    ("/programs", EVERYBODY),
    ("/programs/{program}", EVERYBODY),
    ("/programs/none", NOBODY),
    ("/form/researcher-access-program", [303; 6]),
    ("/form/none", NOBODY),
    ("/sign-in", EVERYBODY),
    ("/sign-in/none", EVERYBODY),
    ("/account", SIGNED_IN),
    ("/account/export", SIGNED_IN),
    ("/account/erase", SIGNED_IN),
    ("/erasure/none", EVERYBODY),
    ("/applications", SIGNED_IN),
    ("/grants", SIGNED_IN),
    ("/applications/{own}", OWN),
    ("/applications/{own}/withdraw", OWN),
    ("/applications/{own}/submitted", OWN),
    ("/applications/{own}/form", [303, 404, 303, 404, 404, 404]),
    ("/applications/{own}/letter", [303, 404, 303, 404, 404, 404]),
    ("/applications/{own}/accept", [303, 404, 303, 404, 404, 404]),
    ("/applications/application_x", NOBODY),
    ("/grants/grant_x", NOBODY),
    ("/grants/grant_x/stop", NOBODY),
    ("/reviews", REVIEWERS),
    ("/reviews/{own}", [404, 404, 404, 200, 404, 404]),
    ("/reviews/{draft}", NOBODY),
    ("/reviews/profile", REVIEWERS),
    ("/reviews/past", REVIEWERS),
    ("/reviews/past/letter?from=2026-01-01&until=2026-12-31", REVIEWERS),
    ("/reviews/offline", REVIEWERS),
    ("/reviews/offline/reviews.txt", REVIEWERS),
    ("/reviews/{own}/review.txt", [303, 403, 403, 200, 403, 403]),
    ("/reviews/{own}/answer", [303, 403, 403, 404, 403, 403]),
    ("/reviews/{own}/step-back", [404, 404, 404, 200, 404, 404]),
    ("/reviews/{own}/date", [404, 404, 404, 200, 404, 404]),
    ("/decide/applications", OFFICERS),
    ("/decide/applications/{own}", OFFICERS),
    ("/decide/applications/{draft}", [303, 403, 403, 403, 404, 404]),
    ("/decide/rounds", OFFICERS),
    ("/decide/rounds/{program}/{round}", OFFICERS),
    ("/decide/rounds/{program}/{round}/panel", OFFICERS),
    ("/decide/rounds/{program}/{round}/ranking", OFFICERS),
    ("/decide/rounds/{program}/{round}/report", OFFICERS),
    ("/decide/rounds/{program}/{round}/export.csv", OFFICERS),
    ("/decide/rounds/{program}/{round}/export.json", OFFICERS),
    ("/decide/applications/{own}/reviewers", OFFICERS),
    ("/decide/applications/{draft}/reviewers", [303, 403, 403, 403, 404, 404]),
    ("/decide/money", OFFICERS),
    ("/decide/grants", OFFICERS),
    ("/decide/money/{program}/stop", OFFICERS),
    ("/decide/access", OFFICERS),
    ("/decide/access/access_x", NOBODY),
    ("/operate/outbox", OPERATORS),
    ("/operate/upstreams", OPERATORS),
    ("/operate/upstreams/none/stop", [303, 403, 403, 403, 403, 404]),
    ("/operate/suspense", OPERATORS),
    ("/operate/suspense/hold_x", NOBODY),
    ("/operate/audit", OPERATORS),
    ("/operate/prices", OPERATORS),
    ("/demonstration", NOBODY),
];

#[tokio::test]
async fn every_page_is_for_whom_it_is_for() {
    let world = World::new().await;
    let mut applicant = world.sign_in("amara@uni.test").await;
    let own = apply(&mut applicant).await;
    let mut other = world.sign_in("chen@uni.test").await;
    let draft = begin(&mut other).await;
    let roles = [Role::Reviewer, Role::Officer, Role::Operator];
    world.turn_to("2026-12-01T00:00:00Z").await;
    let mut browsers: Vec<Browser> = vec![
        world.browser(),
        world.sign_in("nobody@uni.test").await,
        world.sign_in("amara@uni.test").await,
    ];
    for role in roles {
        let email = format!("{role:?}@lab.test").to_lowercase();
        world.appoint(&email, "Somebody", &[role]).await;
        browsers.push(world.sign_in(&email).await);
    }
    let last = |path: &str| path.rsplit('/').next().unwrap().to_owned();
    world.assign("reviewer@lab.test", &last(&own)).await;
    let mut wrong = Vec::new();
    for (path, expected) in TABLE {
        let path = path
            .replace("{program}", PROGRAM)
            .replace("{round}", ROUND)
            .replace("{own}", &last(&own))
            .replace("{draft}", &last(&draft));
        let mut statuses = [0; 6];
        for (status, browser) in statuses.iter_mut().zip(&mut browsers) {
            let shown = browser.get(&path).await;
            assert!(shown.headers.contains_key("content-security-policy"), "{path}");
            *status = shown.status.as_u16();
        }
        if statuses != expected {
            wrong.push(format!("{path}: {statuses:?}, expected {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn somebody_elses_grant_is_not_there() {
    let world = World::new().await;
    let wanted = bursar_service::IssueGrant {
        program: crate::world::program(),
        holder_email: "amara@uni.test".to_owned(),
        amount: "25".parse().unwrap(),
        expires_at: None,
        title: "A small study".to_owned(),
        origin: bursar_kernel::Origin::ResearchGrant,
        tier: None,
    };
    let operator = bursar_policy::Viewer::Operator;
    let grant = world.service.issue_grant(&operator, wanted).await.unwrap();
    let mut amara = world.sign_in("amara@uni.test").await;
    let mut chen = world.sign_in("chen@uni.test").await;
    for path in ["", "/use", "/calls"] {
        let path = format!("/grants/{grant}{path}");
        amara.see(&path).await;
        chen.get(&path).await.is(404);
    }
    chen.post(&format!("/grants/{grant}/keys"), &[("name", "mine")]).await.is(404);
    amara.see(&format!("/grants/{grant}")).await.hides("Nightly");
}
