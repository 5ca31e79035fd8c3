//! The dependency law: who may know whom.

use std::path::Path;

use super::{Violation, from_root};
use crate::workspace::Package;

/// Crates of rules: pure, so that they can be tested by the thousand and read by themselves.
const RULES: [&str; 10] = [
    "bursar-kernel",
    "bursar-toml",
    "bursar-catalog",
    "bursar-program",
    "bursar-award",
    "bursar-review",
    "bursar-ledger",
    "bursar-market",
    "bursar-policy",
    "bursar-meter",
];
/// Machines and simulations that build on rules: as pure as they are.
const PURE: [&str; 4] = ["bursar-lease", "bursar-realtime", "bursar-sim", "bursar-talk"];
/// What a rule may build on among our own crates.
const SHARED: [&str; 2] = ["bursar-kernel", "bursar-toml"];
/// Crates that touch the world: time, chance, sockets, databases, terminals.
const WORLD: [&str; 9] = [
    "axum",
    "getrandom",
    "hyper",
    "rand",
    "rusqlite",
    "tokio",
    "tokio-postgres",
    "tower",
    "tracing-subscriber",
];
/// Crates that remember.
const STORES: [&str; 3] = ["bursar-store", "bursar-store-sqlite", "bursar-store-postgres"];
/// The crates that each name the drivers of one database; other tests may look into a database
/// through what these offer, or through its own programs.
const ENGINES: [(&str, &[&str]); 2] = [
    ("bursar-store-sqlite", &["rusqlite"]),
    ("bursar-store-postgres", &["tokio-postgres", "deadpool-postgres"]),
];
/// Doors, and the use cases behind them.
const DOORS: [&str; 21] = [
    "bursar-payments",
    "bursar-telemetry",
    "bursar-node",
    "bursar-calls",
    "bursar-accounts",
    "bursar-service",
    "bursar-operator",
    "bursar-studies",
    "bursar-reviewing",
    "bursar-api-types",
    "bursar-trading",
    "bursar-failures",
    "bursar-socket",
    "bursar-sessions",
    "bursar-gateway",
    "bursar-portal",
    "bursar-api",
    "bursar-sandbox",
    "bursar-stripe-double",
    "bursar-world",
    "bursar",
];
/// Doors that stand side by side.
const SIDE_BY_SIDE: [&str; 3] = ["bursar-gateway", "bursar-api", "bursar-portal"];

/// Whether the law asks what a crate reaches, beyond what its manifest names.
pub(super) fn concerns_reach(package: &str) -> bool {
    RULES.contains(&package)
        || PURE.contains(&package)
        || STORES.contains(&package)
        || package == BINARY
}

/// The crate that the binary is made of.
pub(super) const BINARY: &str = "bursar";

/// Breaches of the dependency law and of the crates' first lines.
pub(super) fn check(root: &Path, packages: &[Package]) -> Vec<Violation> {
    let mut found = Vec::new();
    for package in packages {
        let manifest = from_root(root, &package.manifest_path);
        let breaches = [rules(package), stores(package), doors(package)].concat();
        found.extend(breaches.into_iter().map(|breach| Violation::new(&manifest, 1, breach)));
    }
    found
}

fn rules(package: &Package) -> Vec<String> {
    let name = package.name.as_str();
    if !RULES.contains(&name) && !PURE.contains(&name) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for world in WORLD.iter().filter(|world| package.reach.contains(**world)) {
        let how = format!("`cargo tree -p {name} -e normal -i {world}` shows how");
        found.push(format!("`{name}` is a rule and reaches `{world}`; {how}"));
    }
    if PURE.contains(&name) {
        return found;
    }
    for other in package.normal().filter(|other| is_ours(other)) {
        let is_shared = SHARED.contains(&other) && name != "bursar-kernel";
        if !is_shared {
            found.push(format!("`{name}` is a rule and depends on `{other}`; hand it in instead"));
        }
    }
    found
}

fn stores(package: &Package) -> Vec<String> {
    let name = package.name.as_str();
    let mut found = Vec::new();
    if STORES.contains(&name) {
        for door in DOORS.iter().filter(|door| package.reach.contains(**door)) {
            found.push(format!("`{name}` remembers and reaches the door `{door}`"));
        }
    }
    for (engine, drivers) in ENGINES {
        for driver in drivers.iter().filter(|_| name != engine) {
            if package.named().any(|other| other == *driver) {
                found.push(format!("`{name}` names `{driver}`; only `{engine}` may"));
            }
        }
        if name != "bursar" && package.normal().any(|other| other == engine) {
            found.push(format!("`{name}` depends on `{engine}`; only `bursar` chooses an engine"));
        }
    }
    found
}

fn doors(package: &Package) -> Vec<String> {
    let name = package.name.as_str();
    if !SIDE_BY_SIDE.contains(&name) {
        return Vec::new();
    }
    let others = package.named().filter(|other| SIDE_BY_SIDE.contains(other));
    others.map(|other| format!("`{name}` is a door and depends on the door `{other}`")).collect()
}

fn is_ours(name: &str) -> bool {
    name == "bursar" || name.starts_with("bursar-")
}
