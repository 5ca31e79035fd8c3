//! The directory: what is run here beside what is only described, and the dates of both.

use axum::http::header;
use bursar_kernel::Actor;
use bursar_store::rows::Edition;
use bursar_store::{Batch, Expect, Row, Write};
use serde_json::Value;

use crate::world::{World, program};

#[tokio::test]
async fn programs_are_searched_and_put_side_by_side_without_an_account() {
    let world = World::new().await;
    let mut reader = world.browser();
    let all = reader.see("/programs").await;
    all.says("15 programs.").says("OpenAI Researcher Access Program").says("Nebius");
    all.says("Issued by an officer, without an application");
    all.says("Faculty and postdoctoral researchers: up to $5,000, once");
    all.says("Up to 30,000 hours of an H100, or hardware").says("Discontinued").says("Paused");
    all.says("On any day; decided within 6 to 8 weeks").says("nobody says");

    let found = reader.see("/programs?q=PhD+students").await;
    found.says("2 of 15 programs.").hides("Nebius").says("value=\"PhD students\"");
    let open = reader.see("/programs?open=yes&no_card=yes").await;
    open.hides("NVIDIA Academic").hides("OpenAI Researcher").says("Lambda Research Grant");
    reader.see("/programs?q=%3Cscript%3E").await.says("No program fits").hides("<script>");

    let chosen = "/programs?compare=lambda-research-grant&compare=nairr-pilot-start-up";
    let table = reader.see(chosen).await.between("id=\"compare\"", "</table>");
    assert!(table.contains("NAIRR") && table.contains("3 months"), "{table}");
    assert!(!table.contains("Nebius"), "{table}");
}

#[tokio::test]
async fn a_program_that_is_run_elsewhere_is_described_and_not_applied_to() {
    let world = World::new().await;
    world.appoint("ana@lab.test", "Ana", &[]).await;
    let mut reader = world.sign_in("ana@lab.test").await;
    let guide = reader.see("/programs/google-cloud-research-credits").await;
    guide.says("run by its provider").hides("/apply\"").says("365 days");
    guide.says("What nobody has confirmed");
    reader.post("/programs/google-cloud-research-credits/apply", &[]).await.is(404);
    let check = "/programs/google-cloud-research-credits/eligibility?role=master_student";
    reader.see(check).await.says("Master's students are not eligible").hides("/apply\"");
    let plan = "/programs/google-cloud-research-credits?submit_on=2026-12-01";
    reader.see(plan).await.says("decision between").says("13 January 2027").says("plan.ics");
    let gone = reader.see("/programs/microsoft-afmr").await;
    gone.says("Discontinued").says("AARI").says("No round to come is known.");
    let unsaid = "/programs/microsoft-afmr?need_by=2027-12-01";
    reader.see(unsaid).await.says("No round is decided and paid by then");
}

#[tokio::test]
async fn programs_are_opportunities_for_whoever_gathers_them() {
    let world = World::new().await;
    let mut reader = world.browser();
    let list = "/common-grants/opportunities";
    let none = reader.see(list).await;
    assert_eq!(none.headers[header::CONTENT_TYPE], "application/json");
    none.says("\"items\":[]").says("\"totalItems\":0");
    let at = world.service.now();
    let edition = Edition {
        program: program(),
        edition: 1,
        document: "secret = true".to_owned(),
        first_run_at: at,
    };
    let row = Write::Row(Row::Edition(Box::new(edition)), Expect::New);
    world.service.commit(Batch::new(Actor::Operator, at).with(row)).await.unwrap();

    let all: Value = serde_json::from_str(&reader.see(list).await.html).unwrap();
    let one = &all["items"][0];
    assert_eq!(
        (&all["paginationInfo"]["totalItems"], &one["status"]["value"]),
        (&1.into(), &"open".into())
    );
    assert_eq!(one["keyDates"]["closeDate"]["date"], "2026-12-01", "{one}");
    assert_eq!(one["funding"]["maxAwardAmount"]["currency"], "USD");
    assert_eq!(one["createdAt"], at.to_string());
    let id = one["id"].as_str().unwrap();
    assert_eq!((id.len(), &id[14..15], id.matches('-').count()), (36, "8", 4));
    let read: Value =
        serde_json::from_str(&reader.see(&format!("{list}/{id}")).await.html).unwrap();
    assert_eq!(&read["data"], one);
    reader.get(&format!("{list}/x")).await.is(404).says("no such opportunity");
    reader.get(&format!("{list}?page=0")).await.is(400).says("a whole number from 1 on");
    let past = reader.get(&format!("{list}?page=9&pageSize=1")).await;
    past.is(200).says("\"items\":[]").hides("secret");
}

#[tokio::test]
async fn dates_come_as_calendars() {
    let world = World::new().await;
    let mut reader = world.browser();
    let feed = reader.see("/programs/openai-researcher-access/calendar.ics").await;
    assert_eq!(feed.headers[header::CONTENT_TYPE], "text/calendar; charset=utf-8");
    feed.says("BEGIN:VCALENDAR\r\n").says("UID:openai-researcher-access-2026-12-closes@bursar");
    feed.says("DTSTART:20261130T230000Z\r\nDTEND:20261201T000000Z\r\n");
    assert_eq!(feed.html.matches("-closes@bursar").count(), 8, "two years of quarters");
    let all = reader.see("/programs.ics").await;
    all.says("nebius-research-credits-2026-12-opens").hides("nvidia-academic-grant");
    let plan = "/programs/openai-researcher-access/plan.ics?submit_on=";
    reader.see(&format!("{plan}2026-12-03")).await.says("2027-03-expires@bursar");
    reader.get(&format!("{plan}someday")).await.is(400).says("Enter a day");
    reader.get("/programs/openai-researcher-access/plan.ics").await.is(400);
    reader.get("/programs/nothing/calendar.ics").await.is(404);
}
