//! The demonstration's story: what to do, in order, each step with the doors it is seen through.

use bursar_kernel::Role;
use bursar_service::ServiceError;
use bursar_store::GrantFilter;
use bursar_ui::routes;

use crate::Demonstration;
use crate::pages::operate::{Chapter, StoryStep};
use bursar_web::{OrPage, Trouble, Visit};

/// The whole story, chapter by chapter.
pub(super) async fn chapters(
    visit: &Visit,
    demonstration: &Demonstration,
) -> Result<Vec<Chapter>, Trouble> {
    let service = visit.service();
    let Some(program) = service.programs().first() else { return Err(visit.not_found()) };
    let guide = routes::program(&program.id);
    let form = format!("/form/{}", program.form_address);
    let holder = demonstration.person(Role::Researcher);
    let grants = service.store().grants(GrantFilter { holder, ..GrantFilter::default() }).await;
    let grants = grants.map_err(ServiceError::from).or_page(visit)?;
    let grant = grants.iter().find(|grant| grant.delivered_at.is_some());
    let grant = grant.map_or_else(|| routes::GRANTS.to_owned(), |grant| routes::grant(grant.id));
    let seen_by = |role: Role, to: &str| demonstration.door_to(role, to);
    Ok(vec![
        find_out(&guide, &routes::estimate_for(&program.id)),
        apply(&seen_by(Role::Researcher, &form)),
        decide(&seen_by),
        spend(&seen_by, &grant),
        pass_on(&seen_by, &grant),
        look_behind(&seen_by),
    ])
}

fn find_out(guide: &str, estimate: &str) -> Chapter {
    chapter(
        "Find out",
        vec![
            step(
                "What there is",
                "Programs side by side: how much, for whom, when next, for how long. The guide is \
                 made from the program's file, so that the two cannot contradict each other.",
                &[("Compare the programs", routes::PROGRAMS), ("Read the guide", guide)],
            ),
            step(
                "Whether you qualify",
                "An answer at once, before any account, with the reason and what would change it.",
                &[("Check in a minute", &format!("{guide}/eligibility"))],
            ),
            step(
                "What a study costs",
                "Counted before any account from your own sample and the list prices: what it \
                 comes to, how long it takes at each tier, and what would cost less. The estimate \
                 goes with the application, to the officer and on to the grant.",
                &[("Count a study", estimate)],
            ),
        ],
    )
}

fn apply(form: &str) -> Chapter {
    chapter(
        "Apply",
        vec![step(
            "Write, check, submit on any day",
            "Drafts are kept. The form says when you would hear and when credit would arrive, and \
             the proposal check says what reviewers will miss. Nothing is sent before you have \
             checked your answers and accepted both policies.",
            &[("Apply as the researcher", form)],
        )],
    )
}

fn decide(seen_by: &dyn Fn(Role, &str) -> String) -> Chapter {
    chapter(
        "Decide",
        vec![
            step(
                "Review",
                "Turn the clock to the next deadline: the round closes. Plan who reads which \
                 application, by what they know and without a conflict of interest, and invite \
                 them. Whoever agrees scores it against the program's rubric.",
                &[
                    ("Plan as the officer", &seen_by(Role::Officer, routes::ROUNDS)),
                    ("Review as the reviewer", &seen_by(Role::Reviewer, routes::REVIEWS)),
                ],
            ),
            step(
                "Decide and release",
                "Decide with reasons; above the typical maximum a second officer has to approve. \
                 Until the review is over and the round is released, the applicant sees nothing \
                 of it. Then each gets a letter.",
                &[
                    ("Decide as the officer", &seen_by(Role::Officer, routes::DECIDE)),
                    ("Release a round", &seen_by(Role::Officer, routes::ROUNDS)),
                    ("Read the letters", &seen_by(Role::Operator, routes::OUTBOX)),
                ],
            ),
            step(
                "Accept, and wait four to six weeks",
                "An accepted award becomes a grant. Turn the clock on four weeks: the credit is \
                 there, and lives for twelve months from that instant.",
                &[("Accept as the researcher", &seen_by(Role::Researcher, routes::APPLICATIONS))],
            ),
        ],
    )
}

fn spend(seen_by: &dyn Fn(Role, &str) -> String, grant: &str) -> Chapter {
    chapter(
        "Spend",
        vec![
            step(
                "Add a payment method",
                "$5 is held on the card for a moment and released; the limits of the next tier \
                 apply at once. The payment processor is a double that charges nobody.",
                &[("See the grant", &seen_by(Role::Researcher, grant))],
            ),
            step(
                "Call any public model",
                "The official SDK works unchanged: text, reasoning, images, speech, embeddings, \
                 moderation. The exact charge is on the grant's page before the answer's last \
                 byte has left.",
                &[("Call a model", "#call")],
            ),
            step(
                "Ask for a limited model",
                "GPT-5 in full and GPT-5.1 need a further approval even with credit: ask with a \
                 reason, let the officer approve, and call again.",
                &[
                    ("Ask as the researcher", &seen_by(Role::Researcher, &within(grant, "models"))),
                    ("Approve as the officer", &seen_by(Role::Officer, "/decide/access")),
                ],
            ),
        ],
    )
}

fn pass_on(seen_by: &dyn Fn(Role, &str) -> String, grant: &str) -> Chapter {
    chapter(
        "Use it up, or pass it on",
        vec![
            step(
                "Where it is heading",
                "What will be lost at the expiry, what waiting costs a day, and both roads to more \
                 credit: a new application with its dates, the market with its price. Letters \
                 tell the holder in time. One of the researcher's grants is untouched, with three \
                 weeks left.",
                &[
                    (
                        "See what is lost first, as the researcher",
                        &seen_by(Role::Researcher, routes::NEXT),
                    ),
                    (
                        "See the forecast of the grant",
                        &seen_by(Role::Researcher, &within(grant, "next")),
                    ),
                    ("Read the letters", &seen_by(Role::Operator, routes::OUTBOX)),
                ],
            ),
            step(
                "The market",
                "Companies and labs list credit that they have a right to sell, at a discount to \
                 the list price. This program's own credit cannot be sold: the page says why, and \
                 returns it to the pool with one click.",
                &[
                    ("Open the market", "/market"),
                    ("Sell or return as the researcher", &seen_by(Role::Researcher, grant)),
                ],
            ),
            step(
                "The end",
                "Turn the clock a year on: the credit expires to the instant, and nobody can move \
                 it. A new application, with the progress so far, is the way on.",
                &[("Turn the clock", "#clock")],
            ),
        ],
    )
}

fn look_behind(seen_by: &dyn Fn(Role, &str) -> String) -> Chapter {
    chapter(
        "Look behind it",
        vec![step(
            "Every step left a line",
            "The audit trail, every letter, and where every dollar is.",
            &[
                ("The audit trail", &seen_by(Role::Operator, routes::AUDIT)),
                ("The program's money", &seen_by(Role::Officer, routes::MONEY)),
            ],
        )],
    )
}

/// A page below a grant's; the list of grants has none.
fn within(grant: &str, page: &str) -> String {
    if grant == routes::GRANTS { grant.to_owned() } else { format!("{grant}/{page}") }
}

fn chapter(title: &str, steps: Vec<StoryStep>) -> Chapter {
    Chapter { title: title.to_owned(), steps }
}

fn step(title: &str, text: &str, links: &[(&str, &str)]) -> StoryStep {
    let owned = |(label, href): &(&str, &str)| ((*label).to_owned(), (*href).to_owned());
    StoryStep {
        title: title.to_owned(),
        text: text.to_owned(),
        links: links.iter().map(owned).collect(),
    }
}
