//! `bursar grant`: grants and their calls.

use std::fmt::Write as _;

use anyhow::Context as _;
use bursar_api_types::{
    CallLine, Calls, CallsQuery, ClawBack, DeliveryDay, GrantLine, Grants, GrantsQuery, IssueGrant,
    ModelStanding, ModelStandings, NameTier, RateLimitLine, Return, Source, TakenBack, TierLine,
    Void,
};
use bursar_client::{Client, Statement, Stoppable};
use bursar_kernel::{GrantId, ProgramId, RequestId, TierId, TransferId, Usd};
use clap::builder::{NonEmptyStringValueParser, PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};

use super::output::{Column, Output, dollars, facts, moment, table};
use super::statement::{self, StatementArgs};
use super::{key, program_id, stops};

mod forecast;
mod people;

use people::PeopleCommand;

/// Grants and their calls.
#[derive(Debug, Subcommand)]
pub enum GrantCommand {
    /// Issue credit at once, without an application, from the program's pool
    Issue(Issue),
    /// Show a grant with its money and its keys
    Show {
        /// The grant
        grant: GrantId,
    },
    /// Say where a grant's balance is heading, what waiting costs, and both roads to more
    Forecast {
        /// The grant
        grant: GrantId,
    },
    /// Who spends a grant beside its holder
    #[command(subcommand)]
    People(PeopleCommand),
    /// Set the day on which an accepted award arrives, within the announced range
    Deliver {
        /// The grant
        grant: GrantId,
        /// The day: 2027-02-03
        #[arg(long, value_name = "DAY")]
        on: String,
    },
    /// Show a grant's tier with its limits, or name one: its calls have it where it is higher
    /// than its holder's own
    Tier {
        /// The grant
        grant: GrantId,
        /// The tier to name, by its name in the program's file
        #[arg(long, value_name = "TIER", value_parser = tier_id(), requires = "reason")]
        tier: Option<TierId>,
        /// Why, for the audit trail
        #[arg(long, value_name = "TEXT", requires = "tier")]
        reason: Option<String>,
    },
    /// List the models as they stand to a grant: open, limited, asked for or approved
    Models {
        /// The grant
        grant: GrantId,
    },
    /// List grants, latest first
    List {
        /// Of this program only
        #[arg(long, value_name = "PROGRAM", value_parser = program_id())]
        program: Option<ProgramId>,
    },
    /// List a grant's calls, newest first
    Calls {
        /// The grant
        grant: GrantId,
        /// At the most so many
        #[arg(long, value_name = "N", default_value_t = 50)]
        limit: usize,
        /// Only calls older than this one
        #[arg(long, value_name = "CALL")]
        before: Option<RequestId>,
    },
    /// Show what stood on a grant, what moved and what stands on it now; calls are summed by day
    Statement {
        /// The grant
        grant: GrantId,
        #[command(flatten)]
        args: StatementArgs,
    },
    /// Hand a grant's free credit back to its program's pool
    Return {
        /// The grant
        grant: GrantId,
        /// How much, in dollars; all that is free if left out
        #[arg(long, value_name = "USD")]
        amount: Option<Usd>,
    },
    /// Take a part of a grant's credit back for its program's pool; its holder is mailed why
    ClawBack {
        /// The grant
        grant: GrantId,
        /// How much, in dollars: at the most what is free
        #[arg(long, value_name = "USD", allow_negative_numbers = true)]
        amount: Usd,
        /// Why: its holder reads it
        #[arg(long, value_name = "TEXT")]
        reason: String,
        /// The movement's name, so that the same command again takes nothing more [default: drawn]
        #[arg(long, value_name = "TRANSFER")]
        id: Option<TransferId>,
    },
    /// Take all that is left of a grant back: it can spend nothing more; its holder is mailed why
    Void {
        /// The grant
        grant: GrantId,
        /// Why: its holder reads it
        #[arg(long, value_name = "TEXT")]
        reason: String,
        /// The movement's name, so that the same command again does nothing more [default: drawn]
        #[arg(long, value_name = "TRANSFER")]
        id: Option<TransferId>,
    },
    /// Stop a grant's calls, at once and on every server; no money moves
    Stop {
        /// The grant
        grant: GrantId,
        /// Why: its holder reads it
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Start a grant's calls again
    Start {
        /// The grant
        grant: GrantId,
        /// Why, for the audit trail
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Show one settled call
    Call {
        /// The call's `x-request-id`
        call: RequestId,
    },
}

/// What to issue.
#[derive(Debug, Args)]
pub struct Issue {
    /// The program whose pool it comes from
    #[arg(long, value_name = "PROGRAM", value_parser = program_id())]
    program: ProgramId,
    /// The mail address of whom it is for; an account is made if there is none
    #[arg(long, value_name = "EMAIL")]
    holder: String,
    /// How much, in dollars
    #[arg(long, value_name = "USD", allow_negative_numbers = true)]
    amount: Usd,
    /// When it expires, if sooner than the program's term: a date, which means its first instant
    /// in the program's zone, or an instant
    #[arg(long, value_name = "DATE")]
    expires: Option<String>,
    /// What it is for, in a line
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
    /// Where the credit comes from
    #[arg(long, value_name = "SOURCE", value_parser = source(), default_value = "research")]
    origin: Source,
    /// The tier of its calls, where that is higher than its holder's own
    #[arg(long, value_name = "TIER", value_parser = tier_id())]
    tier: Option<TierId>,
}

fn tier_id() -> impl TypedValueParser<Value = TierId> {
    NonEmptyStringValueParser::new().map(TierId::new)
}

/// The sources by their names in JSON.
fn source() -> impl TypedValueParser<Value = Source> {
    let names = ["research", "startup", "enterprise", "prepaid"];
    PossibleValuesParser::new(names).map(|name| match name.as_str() {
        "startup" => Source::Startup,
        "enterprise" => Source::Enterprise,
        "prepaid" => Source::Prepaid,
        _ => Source::Research,
    })
}

pub(crate) async fn run(
    command: GrantCommand,
    client: &Client,
    output: Output,
) -> anyhow::Result<()> {
    match command {
        GrantCommand::Issue(Issue { program, holder, amount, expires, title, origin, tier }) => {
            let origin = Some(origin);
            let wanted = IssueGrant { program, holder, amount, expires, title, origin, tier };
            let grant = client.issue_grant(&wanted).await.context("failed to issue the grant")?;
            output.show(&grant, show)
        }
        GrantCommand::Show { grant } => {
            let grant = client.grant(grant).await.context("failed to show the grant")?;
            output.show(&grant, show)
        }
        GrantCommand::Forecast { grant } => {
            let found = client.forecast(grant).await.context("failed to forecast the grant")?;
            output.show(&found, forecast::show)
        }
        GrantCommand::People(command) => people::run(command, client, output).await,
        GrantCommand::Deliver { grant, on } => {
            let grant = client.set_delivery_day(grant, &DeliveryDay { day: on }).await;
            output.show(&grant.context("failed to set the day")?, show)
        }
        GrantCommand::Tier { grant, tier, reason } => {
            if let Some((tier, reason)) = tier.zip(reason) {
                let named = client.name_tier(grant, &NameTier { tier, reason }).await;
                named.context("failed to name the tier")?;
            }
            let tier = client.tier(grant).await.context("failed to show the tier")?;
            output.show(&tier, tier_shown)
        }
        GrantCommand::Models { grant } => {
            let found = client.grant_models(grant).await.context("failed to list the models")?;
            output.show(&found, models)
        }
        GrantCommand::List { program } => {
            let grants = client.grants(&GrantsQuery { program }).await;
            output.show(&grants.context("failed to list the grants")?, list)
        }
        GrantCommand::Calls { grant, limit, before } => {
            let page = CallsQuery { before, limit: Some(limit) };
            let found = client.calls(grant, &page).await.context("failed to list the calls")?;
            output.show(&found, calls)
        }
        GrantCommand::Statement { grant, args } => {
            statement::run(Statement::Grant(grant), args, client, output).await
        }
        GrantCommand::Return { grant, amount } => {
            let returned = client.return_credit(grant, &Return { amount }).await;
            output.show(&returned.context("failed to return the credit")?, show)
        }
        GrantCommand::ClawBack { grant, amount, reason, id } => {
            let taken = client.claw_back(grant, &ClawBack { id, amount, reason }).await;
            output.show(&taken.context("failed to take the credit back")?, taken_back)
        }
        GrantCommand::Void { grant, reason, id } => {
            let taken = client.void_grant(grant, &Void { id, reason }).await;
            output.show(&taken.context("failed to void the grant")?, taken_back)
        }
        GrantCommand::Stop { grant, reason } => {
            stops::stop(Stoppable::Grant(grant), reason, client, output).await
        }
        GrantCommand::Start { grant, reason } => {
            stops::start(Stoppable::Grant(grant), reason, client, output).await
        }
        GrantCommand::Call { call } => {
            let call = client.call(call).await.context("failed to show the call")?;
            output.show(&call, |call| calls_table(std::slice::from_ref(call)))
        }
    }
}

fn taken_back(taken: &TakenBack) -> String {
    let what = facts([
        ("taken back", Some(dollars(taken.amount))),
        ("transfer", Some(taken.id.to_string())),
    ]);
    format!("{what}\n{}", show(&taken.grant))
}

fn show(grant: &GrantLine) -> String {
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let moved = |amount: Usd| amount.is_positive().then(|| dollars(amount));
    let text = facts([
        ("grant", some(&grant.id.to_string())),
        ("program", some(grant.program.as_str())),
        ("holder", some(&grant.holder.email)),
        ("title", some(&grant.title)),
        ("state", some(&grant.state)),
        ("awarded", some(&dollars(grant.amount))),
        ("available", some(&dollars(grant.available))),
        ("set aside", some(&dollars(grant.held))),
        ("spent", some(&dollars(grant.spent))),
        ("in question", moved(grant.in_question)),
        ("sold", moved(grant.sold)),
        ("returned", moved(grant.returned)),
        ("revoked", moved(grant.taken_back)),
        ("tier", grant.tier.as_ref().map(ToString::to_string)),
        ("due", grant.deliver_from.map(moment)),
        ("delivered", grant.delivered_at.map(moment)),
        ("expires", grant.expires_at.map(moment)),
        ("voided", grant.voided_at.map(moment)),
        ("stopped", grant.stopped.as_ref().map(stops::told)),
        ("all stopped", grant.program_stopped.as_ref().map(stops::told)),
    ]);
    if grant.keys.is_empty() {
        let hint = format!("`bursar key create --grant {}` makes one", grant.id);
        return format!("{text}\nno keys yet; {hint}\n");
    }
    format!("{text}\n{}", key::keys_table(&grant.keys))
}

fn tier_shown(found: &TierLine) -> String {
    let Some(tier) = &found.tier else { return "the program limits nothing\n".to_owned() };
    let by = if found.is_named { "an officer" } else { "its holder's standing" };
    let text = facts([
        ("tier", Some(tier.to_string())),
        ("name", found.name.clone()),
        ("named by", Some(by.to_owned())),
        ("next", found.next.as_ref().map(ToString::to_string)),
    ]);
    let columns = [
        Column::Left("MODELS"),
        Column::Right("REQUESTS A MINUTE"),
        Column::Right("REQUESTS A DAY"),
        Column::Right("TOKENS A MINUTE"),
        Column::Right("TOKENS A DAY"),
        Column::Right("IMAGES A MINUTE"),
        Column::Right("CALLS AT A TIME"),
        Column::Right("TOKENS IN BATCHES"),
    ];
    let row = |limit: &RateLimitLine| {
        let shown = |most: Option<u64>| match most {
            _ if !limit.is_open => "closed".to_owned(),
            Some(most) => most.to_string(),
            None => "no limit".to_owned(),
        };
        vec![
            limit.name.clone(),
            shown(limit.requests_per_minute),
            shown(limit.requests_per_day),
            shown(limit.tokens_per_minute),
            shown(limit.tokens_per_day),
            shown(limit.images_per_minute),
            shown(limit.concurrent_calls),
            shown(limit.batch_queue_tokens),
        ]
    };
    format!("{text}\n{}", table(&columns, found.limits.iter().map(row).collect(), ""))
}

fn models(found: &ModelStandings) -> String {
    let columns = [
        Column::Left("MODEL"),
        Column::Left("ACCESS"),
        Column::Left("UNTIL"),
        Column::Left("ENDS"),
        Column::Left("SUCCESSOR"),
    ];
    let row = |line: &ModelStanding| {
        vec![
            line.model.to_string(),
            line.access.clone(),
            line.until.map(moment).unwrap_or_default(),
            line.shutdown.map(|day| day.to_string()).unwrap_or_default(),
            line.successor.as_ref().map(ToString::to_string).unwrap_or_default(),
        ]
    };
    table(&columns, found.models.iter().map(row).collect(), "no model has a price here")
}

fn list(grants: &Grants) -> String {
    let columns = [
        Column::Left("GRANT"),
        Column::Left("PROGRAM"),
        Column::Left("HOLDER"),
        Column::Left("STATE"),
        Column::Right("AWARDED"),
        Column::Right("AVAILABLE"),
        Column::Right("SPENT"),
        Column::Left("EXPIRES"),
    ];
    let row = |grant: &GrantLine| {
        vec![
            grant.id.to_string(),
            grant.program.to_string(),
            grant.holder.email.clone(),
            grant.state.clone(),
            dollars(grant.amount),
            dollars(grant.available),
            dollars(grant.spent),
            grant.expires_at.map(moment).unwrap_or_default(),
        ]
    };
    table(&columns, grants.grants.iter().map(row).collect(), "no grant matches")
}

fn calls(found: &Calls) -> String {
    let mut text = calls_table(&found.calls);
    if let Some(next) = found.next {
        let _ = writeln!(text, "\nolder calls: --before {next}");
    }
    text
}

fn calls_table(calls: &[CallLine]) -> String {
    let columns = [
        Column::Left("CALL"),
        Column::Left("WHEN"),
        Column::Left("MODEL"),
        Column::Right("IN"),
        Column::Right("OUT"),
        Column::Right("COST"),
        Column::Left("BASIS"),
        Column::Left("OUTCOME"),
    ];
    let row = |call: &CallLine| {
        let used = &call.usage;
        let read = [used.input, used.cached, used.cache_write, used.image_in];
        let heard = [used.audio_in, used.audio_cached];
        let input = [read.as_slice(), &heard].concat();
        let sum = |parts: &[u64]| parts.iter().fold(0_u64, |sum, part| sum.saturating_add(*part));
        vec![
            call.id.to_string(),
            moment(call.started_at),
            call.model.to_string(),
            sum(&input).to_string(),
            sum(&[used.output, used.audio_out, used.image_out]).to_string(),
            dollars(call.cost),
            call.basis.clone(),
            call.outcome.clone(),
        ]
    };
    table(&columns, calls.iter().map(row).collect(), "no calls yet")
}
