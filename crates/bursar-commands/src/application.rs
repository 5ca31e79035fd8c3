//! `bursar application`: applications as officers see them, and decisions in their names.

use anyhow::Context as _;
use bursar_api_types::{
    AddReviewer, ApplicationDetail, ApplicationLine, Applications, ApplicationsQuery, ApproveAward,
    DecideOn, ReviewersDetail, ScreenApplication, TakeBackDecision,
};
use bursar_client::Client;
use bursar_kernel::{ApplicationId, ProgramId, RoundId, Usd};
use bursar_service::{SheetOrder, State};
use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};

use super::output::{Column, Output, dollars, facts, moment, table};
use super::{program_id, round_id};

/// Applications.
#[derive(Debug, Subcommand)]
pub enum ApplicationCommand {
    /// List applications; drafts are their writers' own
    List {
        /// Of this program only
        #[arg(long, value_name = "PROGRAM", value_parser = program_id())]
        program: Option<ProgramId>,
        /// In this state only
        #[arg(long, value_name = "STATE", value_parser = states())]
        state: Option<String>,
        /// In this round only: 2026-12
        #[arg(long, value_name = "ROUND", value_parser = round_id())]
        round: Option<RoundId>,
        /// With all of these words in title, applicant, institution or identifier
        #[arg(long, value_name = "WORDS")]
        words: Option<String>,
        /// In this order
        #[arg(long, value_name = "ORDER", value_parser = orders())]
        order: Option<String>,
        /// This page of 50 only, from 1
        #[arg(long, value_name = "PAGE")]
        page: Option<usize>,
    },
    /// Show an application with its screening, its reviews and its decision
    Show {
        /// The application
        application: ApplicationId,
    },
    /// Show who reviews an application, who could, and who must not
    Reviewers {
        /// The application
        application: ApplicationId,
    },
    /// Propose a reviewer for an application; `bursar round invite` asks them
    Assign {
        /// The application
        application: ApplicationId,
        /// The reviewer's mail address
        #[arg(long, value_name = "EMAIL")]
        reviewer: String,
    },
    /// Decide an application in an officer's name: an award, the waiting list, or a decline
    Decide(DecideArgs),
    /// Say whether an application is eligible, in an officer's name
    Screen {
        /// The application
        application: ApplicationId,
        /// The officer's mail address
        #[arg(long, value_name = "EMAIL")]
        officer: String,
        /// Whether it is
        #[arg(long, value_name = "YES-OR-NO", value_parser = ["yes", "no"])]
        eligible: String,
        /// Why; needed where the program's rules say otherwise
        #[arg(long, value_name = "TEXT", default_value = "")]
        reason: String,
    },
    /// Take a decision back before anybody outside has heard of it
    TakeBack {
        /// The application
        application: ApplicationId,
        /// The officer's mail address
        #[arg(long, value_name = "EMAIL")]
        officer: String,
    },
    /// Offer an application on the waiting list its award now; the pool pays
    Offer {
        /// The application
        application: ApplicationId,
    },
    /// Approve an award above the typical maximum in a second officer's name
    Approve {
        /// The application
        application: ApplicationId,
        /// The second officer's mail address
        #[arg(long, value_name = "EMAIL")]
        officer: String,
    },
}

/// What is decided.
#[derive(Debug, Args)]
pub struct DecideArgs {
    /// The application
    application: ApplicationId,
    /// The officer's mail address
    #[arg(long, value_name = "EMAIL")]
    officer: String,
    /// How much is awarded, in dollars
    #[arg(long, value_name = "USD")]
    award: Option<Usd>,
    /// How much would be offered from the waiting list, in dollars; last in turn
    #[arg(long, value_name = "USD", conflicts_with = "award")]
    waitlist: Option<Usd>,
    /// Why, for the applicant
    #[arg(long, value_name = "TEXT")]
    reasons: String,
    /// Why the award is above the typical maximum
    #[arg(long, value_name = "TEXT")]
    justification: Option<String>,
}

/// The states that a list can show: all but the draft.
fn states() -> PossibleValuesParser {
    let shown = State::ALL.iter().filter(|state| **state != State::Draft);
    PossibleValuesParser::new(shown.map(|state| state.name()))
}

fn orders() -> PossibleValuesParser {
    PossibleValuesParser::new(SheetOrder::ALL.map(SheetOrder::name))
}

pub(crate) async fn run(
    command: ApplicationCommand,
    client: &Client,
    output: Output,
) -> anyhow::Result<()> {
    match command {
        ApplicationCommand::List { program, state, round, words, order, page } => {
            let which = ApplicationsQuery { state, program, round, words, order, page };
            let found = client.applications(&which).await;
            output.show(&found.context("failed to list the applications")?, list)
        }
        ApplicationCommand::Show { application } => {
            let found = client.application(application).await;
            output.show(&found.context("failed to show the application")?, detail)
        }
        ApplicationCommand::Reviewers { application } => {
            let found = client.reviewers(application).await;
            output.show(&found.context("failed to show the reviewers")?, reviewers)
        }
        ApplicationCommand::Assign { application, reviewer } => {
            let added = client.add_reviewer(application, &AddReviewer { reviewer }).await;
            output.show(&added.context("failed to assign the reviewer")?, reviewers)
        }
        ApplicationCommand::Decide(args) => {
            let DecideArgs { application, officer, award, waitlist, reasons, justification } = args;
            let wanted = DecideOn { officer, award, waitlist, reasons, justification };
            let decided = client.decide(application, &wanted).await;
            output.show(&decided.context("failed to decide the application")?, detail)
        }
        ApplicationCommand::Screen { application, officer, eligible, reason } => {
            let eligible = eligible == "yes";
            let wanted = ScreenApplication { officer, eligible, reason };
            let screened = client.screen(application, &wanted).await;
            output.show(&screened.context("failed to screen the application")?, detail)
        }
        ApplicationCommand::TakeBack { application, officer } => {
            let back = client.take_back_decision(application, &TakeBackDecision { officer }).await;
            output.show(&back.context("failed to take the decision back")?, detail)
        }
        ApplicationCommand::Offer { application } => {
            let offered = client.offer_award(application).await;
            output.show(&offered.context("failed to offer the award")?, detail)
        }
        ApplicationCommand::Approve { application, officer } => {
            let approved = client.approve(application, &ApproveAward { officer }).await;
            output.show(&approved.context("failed to approve the award")?, detail)
        }
    }
}

fn reviewers(found: &ReviewersDetail) -> String {
    let columns = [Column::Left("reviewer"), Column::Left("state"), Column::Left("why")];
    let assigned = found.reviewers.iter();
    let assigned =
        assigned.map(|one| vec![one.name.clone(), one.state.clone(), one.because.clone()]);
    let could = found.candidates.iter();
    let could = could.map(|one| vec![one.name.clone(), "could".to_owned(), one.because.clone()]);
    let must_not = found.conflicts.iter().map(|one| {
        let state = if one.is_set_aside { "set aside" } else { "conflict" };
        vec![one.name.clone(), state.to_owned(), one.reason.clone()]
    });
    table(&columns, assigned.chain(could).chain(must_not).collect(), "nobody reviews here")
}

fn detail(found: &ApplicationDetail) -> String {
    let line = &found.application;
    let flags: Vec<&str> = found
        .screening
        .findings
        .iter()
        .filter(|finding| finding.standing != "eligible")
        .map(|finding| finding.reason.as_str())
        .collect();
    let waits = found.waits_for_approval.then(|| "a second officer's approval".to_owned());
    facts([
        ("application", Some(line.id.to_string())),
        ("state", Some(line.state.clone())),
        ("applicant", Some(line.applicant.email.clone())),
        ("asks for", line.requested.map(dollars)),
        ("estimate", found.estimate.as_ref().map(|it| dollars(it.total))),
        ("screening", Some(found.screening.standing.clone())),
        ("flags", (!flags.is_empty()).then(|| flags.join(" "))),
        ("priority", Some(format!("{} of {}", found.priority_points, found.priority_points_of))),
        ("reviews", Some(found.reviews.len().to_string())),
        ("mean score", found.mean_score.clone()),
        ("decision", line.decision.clone()),
        ("awarded", line.awarded.map(dollars)),
        ("waits for", waits),
        ("earlier grant", found.progress.clone()),
    ])
}

fn list(found: &Applications) -> String {
    let columns = [
        Column::Left("APPLICATION"),
        Column::Left("ROUND"),
        Column::Left("STATE"),
        Column::Left("APPLICANT"),
        Column::Right("ASKS FOR"),
        Column::Right("AWARDED"),
        Column::Left("SUBMITTED"),
    ];
    let row = |line: &ApplicationLine| {
        vec![
            line.id.to_string(),
            line.round.as_ref().map(RoundId::to_string).unwrap_or_default(),
            line.state.clone(),
            line.applicant.email.clone(),
            line.requested.map(dollars).unwrap_or_default(),
            line.awarded.map(dollars).unwrap_or_default(),
            line.submitted_at.map(moment).unwrap_or_default(),
        ]
    };
    table(&columns, found.applications.iter().map(row).collect(), "no application matches")
}
