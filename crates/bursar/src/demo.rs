//! `bursar demo`: the same server over a believable world, with a clock that can be turned.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use bursar_kernel::{Clock, GrantId, PersonId, Role};
use bursar_portal::Demonstration;
use bursar_service::clock::{SystemClock, TurnableClock};
use bursar_service::{Secret, Service};
use bursar_stripe_double::Double;
use clap::Args;
use serde::{Deserialize, Serialize};

use crate::config::Config;
use crate::engine::Engine;
use crate::installation::{Doors, Installation, Plan, reachable};
use crate::{payments, secrets, server};
use bursar_commands::Global;

/// What `bursar demo` takes. Without `--data`, the world lives in a folder of its own until the
/// demonstration stops.
#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// Where to listen; port 0 picks a free one
    #[arg(long, env = "BURSAR_LISTEN", value_name = "ADDR", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
}

/// What a demonstration remembers of its world from one start to the next, readable by its owner
/// only: the key's secret and the doors are nowhere else.
#[derive(Debug, Serialize, Deserialize)]
struct Remembered {
    api_key: String,
    grant: GrantId,
    doors: Vec<(Role, PersonId, String)>,
}

/// The file of what a demonstration remembers.
const REMEMBERED: &str = "demonstration.json";

/// Runs the demonstration until it is asked to stop.
pub(crate) async fn run(args: DemoArgs, global: &Global) -> anyhow::Result<()> {
    if !global.json {
        crate::serve::begin_log(false, false);
    }
    let (directory, _until_the_end) = if let Some(directory) = &global.data_given {
        (directory.clone(), None)
    } else {
        let folder = tempfile::Builder::new().prefix("bursar-demo-").tempdir()?;
        (folder.path().to_owned(), Some(folder))
    };
    let listener = server::bind(args.listen).await?;
    let address = reachable(listener.local_addr()?);
    let engine = Engine::open(&directory, None).await?;
    let store = engine.store();
    let offset_ms = Service::clock_offset_ms(store.as_ref()).await?;
    let clock = Arc::new(TurnableClock::ahead_by(offset_ms));
    let config = Config { list_shipped: true, ..Config::default() };
    let catalog = config.load_catalog()?;
    let programs = config.load_programs(&catalog)?;
    let listed = config.load_listed(&catalog, &programs)?;
    let base_url = format!("http://{address}");
    let (double, payments) =
        payments::open_double(&base_url, Arc::clone(&clock) as Arc<dyn Clock>).await?;
    let installation = Installation::open(Plan {
        directory: directory.clone(),
        base_url,
        payments: Some(payments),
        catalog,
        master_keys: config.master_keys(&directory),
        institutions: config.institutions.clone(),
        programs,
        listed,
        clock: Arc::clone(&clock) as Arc<dyn Clock>,
        clock_turns: true,
        engine,
        market: config.market,
    })
    .await?;
    let remembered = world(&installation.service, (&clock, &double), &directory).await?;
    let doors = Doors {
        telemetry: None,
        courier: None,
        providers: Vec::new(),
        upstreams: Vec::new(),
        sandbox: true,
        demonstration: Some(Demonstration {
            clock: Arc::clone(&clock),
            doors: remembered.doors.clone(),
            api_key: remembered.api_key.clone(),
        }),
        turnable: Some(clock),
        double: Some(double),
    };
    let json = global.json;
    installation
        .serve(listener, doors, |portal| announce(portal, &remembered, &directory, json))
        .await
}

/// The world of a data directory: the one that is there, or a new one.
async fn world(
    service: &Arc<Service>,
    (clock, double): (&TurnableClock, &Double),
    directory: &Path,
) -> anyhow::Result<Remembered> {
    let file = directory.join(REMEMBERED);
    if file.is_file() {
        let text = std::fs::read_to_string(&file)
            .with_context(|| format!("failed to read `{}`", file.display()))?;
        return serde_json::from_str(&text).with_context(|| {
            format!("failed to understand `{}`\nhint: start in an empty folder", file.display())
        });
    }
    if !service.store().people().await?.is_empty() {
        bail!(
            "`{}` holds an installation that is not a demonstration, and stays as it is\n\
             hint: name an empty folder with `--data`",
            directory.display()
        );
    }
    let world = bursar_world::build(service, clock, double, SystemClock.now()).await?;
    // Building took a moment: the world begins at the present one.
    clock.turn_to(SystemClock.now());
    let door = |role, person| (role, person, Secret::draw("").reveal().to_owned());
    let remembered = Remembered {
        api_key: world.api_key.reveal().to_owned(),
        grant: world.grant,
        doors: vec![
            door(Role::Researcher, world.researcher),
            door(Role::Reviewer, world.reviewer),
            door(Role::Officer, world.officer),
            door(Role::Operator, world.operator),
        ],
    };
    secrets::write_private(&file, &serde_json::to_string(&remembered)?)?;
    Ok(remembered)
}

/// The one line that scripts read.
#[derive(Serialize)]
struct Ready<'a> {
    portal: &'a str,
    openai_base_url: String,
    api_key: &'a str,
    sign_in: std::collections::BTreeMap<&'static str, String>,
    data: &'a Path,
}

#[expect(clippy::print_stdout, reason = "what a demonstration says on standard output is its use")]
fn announce(
    portal: &str,
    remembered: &Remembered,
    directory: &Path,
    json: bool,
) -> anyhow::Result<()> {
    let sign_in = remembered
        .doors
        .iter()
        .map(|(role, _, token)| (name_of(*role), format!("{portal}/demonstration/enter/{token}")))
        .collect();
    let ready = Ready {
        portal,
        openai_base_url: format!("{portal}/v1"),
        api_key: &remembered.api_key,
        sign_in,
        data: directory,
    };
    if json {
        println!("{}", serde_json::to_string(&ready)?);
    } else {
        println!("{}", in_words(&ready, remembered.grant));
    }
    Ok(())
}

fn name_of(role: Role) -> &'static str {
    match role {
        Role::Researcher => "researcher",
        Role::Reviewer => "reviewer",
        Role::Officer => "officer",
        Role::Operator => "operator",
    }
}

/// A first call, for a terminal.
const CURL: &str = r#"  curl BASE/chat/completions \
    -H 'Authorization: Bearer KEY' -H 'Content-Type: application/json' \
    -d '{"model": "MODEL", "messages": [{"role": "user", "content": "Hello"}]}'"#;

/// A first call, for a notebook.
const PYTHON: &str = r#"  from openai import OpenAI
  client = OpenAI(base_url="BASE", api_key="KEY")
  messages = [{"role": "user", "content": "Hello"}]
  answer = client.chat.completions.create(model="MODEL", messages=messages)
  print(answer.choices[0].message.content, answer.usage)"#;

/// The model of the first call.
const MODEL: &str = "gpt-4.1-mini";

fn in_words(ready: &Ready<'_>, grant: GrantId) -> String {
    let doors: Vec<String> = ["researcher", "reviewer", "officer", "operator"]
        .iter()
        .filter_map(|role| Some(format!("  as {role:<11} {}", ready.sign_in.get(role)?)))
        .collect();
    let filled = |snippet: &str| {
        let snippet = snippet.replace("BASE", &ready.openai_base_url);
        snippet.replace("KEY", ready.api_key).replace("MODEL", MODEL)
    };
    format!(
        "
The demonstration runs at {portal} (answers come from an offline sandbox).

Sign in:
{doors}

Call a model with the ready key:
{curl}

{python}

Follow it from another terminal:
  {bursar} grant show {grant} --data {data}
  {bursar} clock advance 1w --data {data}
  {bursar} verify --data {data}

Ctrl-C stops it.
",
        portal = ready.portal,
        doors = doors.join("\n"),
        curl = filled(CURL),
        python = filled(PYTHON),
        data = ready.data.display(),
        bursar = std::env::args().next().unwrap_or_else(|| "bursar".to_owned()),
    )
}
