//! Tiers: the classes of models that share a limit, and the limits of each tier.

use std::collections::BTreeMap;

use bursar_kernel::{
    Catalog, FamilyId, ModelId, RateClass, RateClassId, RateLimit, Tier, TierId, TierNeeds, Tiers,
};
use bursar_toml::{Field, Table, nearest};

use super::{id, text};

/// Requests and tokens of a limit at the most: ten times what any provider grants, so that a
/// window's memory stays small and a misplaced zero is found.
const REQUESTS_MAX: u64 = 1_000_000;
const TOKENS_MAX: u64 = 2_000_000_000;

const NEEDS: [(&str, TierNeeds); 3] =
    [("nothing", TierNeeds::Nothing), ("card", TierNeeds::Card), ("officer", TierNeeds::Officer)];

/// A program without tiers limits nothing.
pub(super) fn tiers(root: Table<'_>, catalog: &Catalog) -> Option<Tiers> {
    let field = root.get("tier");
    let tables = field.tables();
    let Some(rates) = root.get("rates").table() else {
        if !tables.is_empty() {
            field.error("tiers without [rates]", "say which classes of models they limit");
            return None;
        }
        return Some(Tiers::default());
    };
    if tables.is_empty() {
        rates.error("[rates] without tiers", "add a [[tier]], or remove [rates]");
    }
    let source = text(rates, "source");
    let classes = classes(rates, catalog);
    let mut tiers: Vec<Tier> = Vec::new();
    for table in tables {
        let Some(tier) = tier(table, &classes) else { continue };
        if tiers.iter().any(|other| other.id == tier.id) {
            table.get("id").error(format!("tier `{}` stands twice", tier.id), "rename one");
        } else if tiers.is_empty() && tier.needs != TierNeeds::Nothing {
            let hint = "begin with the tier that everybody has: needs = \"nothing\"";
            table.get("needs").error("the first tier needs something", hint);
        }
        tiers.push(tier);
    }
    Some(Tiers { classes, tiers, source: source? })
}

fn classes(rates: Table<'_>, catalog: &Catalog) -> Vec<RateClass> {
    let mut classes: Vec<RateClass> = Vec::new();
    for table in rates.need("class").tables() {
        let field = table.need("id");
        let (id, name) = (id(&field), text(table, "name"));
        let families = names(&table.get("families"), "family", |name| {
            let found = catalog.families.iter().any(|family| family.id.as_str() == name);
            if found { Ok(()) } else { Err(near(name, families(catalog))) }
        });
        let models = names(&table.get("models"), "model", |name| {
            if catalog.models.contains_key(name) {
                Ok(())
            } else {
                Err(near(name, models(catalog)))
            }
        });
        let Some((id, name)) = id.zip(name) else { continue };
        let class = RateClass {
            id: RateClassId::new(id),
            name,
            families: families.into_iter().map(FamilyId::new).collect(),
            models: models.into_iter().map(ModelId::new).collect(),
        };
        if classes.iter().any(|other| other.id == class.id) {
            field.error(format!("class `{id}` stands twice"), "rename one of the two");
        }
        if class.is_the_rest() && classes.iter().any(RateClass::is_the_rest) {
            field.error(
                format!("`{id}` is a second class for all other models"),
                "name its `families` or its `models`",
            );
        }
        classes.push(class);
    }
    classes
}

fn families(catalog: &Catalog) -> impl Iterator<Item = &str> {
    catalog.families.iter().map(|family| family.id.as_str())
}

pub(super) fn models(catalog: &Catalog) -> impl Iterator<Item = &str> {
    catalog.models.keys().map(ModelId::as_str)
}

/// Names of the catalog; each that is none is reported.
fn names<'d>(
    field: &Field<'d>,
    noun: &str,
    known: impl Fn(&str) -> Result<(), String>,
) -> Vec<&'d str> {
    let mut names = Vec::new();
    for element in field.texts() {
        match known(element.text) {
            Ok(()) => names.push(element.text),
            Err(hint) => {
                field.error(format!("the catalog has no {noun} `{}`", element.text), hint);
            }
        }
    }
    names
}

pub(super) fn near<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    match nearest(name, known) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "use a name from the catalog file".to_owned(),
    }
}

fn tier(table: Table<'_>, classes: &[RateClass]) -> Option<Tier> {
    let id = id(&table.need("id")).map(TierId::new);
    let name = text(table, "name");
    let needs = table.need("needs").word(&NEEDS);
    let mut limits = BTreeMap::new();
    let by_class = table.need("limits").table().map_or_else(Vec::new, Table::tables_by_name);
    for (class, limit) in by_class {
        let known = || classes.iter().map(|class| class.id.as_str());
        if !known().any(|id| id == class) {
            let hint = match nearest(class, known()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => "name the id of a [[rates.class]]".to_owned(),
            };
            limit.error(format!("there is no class `{class}`"), hint);
        }
        limits.insert(RateClassId::new(class), self::limit(limit));
    }
    Some(Tier { id: id?, name: name?, needs: needs?, limits })
}

fn limit(table: Table<'_>) -> RateLimit {
    let amount = |key: &str, max: u64| table.get(key).integer(1..=max);
    let limit = RateLimit {
        requests_per_minute: amount("requests_per_minute", REQUESTS_MAX),
        requests_per_day: amount("requests_per_day", REQUESTS_MAX),
        tokens_per_minute: amount("tokens_per_minute", TOKENS_MAX),
        tokens_per_day: amount("tokens_per_day", TOKENS_MAX),
        images_per_minute: amount("images_per_minute", REQUESTS_MAX),
        concurrent_calls: amount("concurrent_calls", REQUESTS_MAX),
        batch_queue_tokens: amount("batch_queue_tokens", TOKENS_MAX),
    };
    // Each request of a minute is remembered, so that there must be a most of them.
    if limit != RateLimit::default() && !table.has("requests_per_minute") {
        table.error("a limit without `requests_per_minute`", "say how many requests a minute has");
    }
    limit
}
