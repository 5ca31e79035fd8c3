//! A model's prices, and the rules that catch a slip of the pen in them.

use bursar_kernel::catalog::LongContext;
use bursar_kernel::{Mode, Prices, Rate, RateCard};
use bursar_toml::Table;

/// How a price compares with the standard one of the same kind.
#[derive(Clone, Copy)]
enum Against {
    AtMost,
    AtLeast,
}

/// The prices of a model's table; `None` if it has none, so that every call to it is refused.
pub(crate) fn read(model: Table<'_>, mode: Option<Mode>) -> Option<Prices> {
    let standard = tier(model, "standard");
    let batch = tier(model, "batch");
    let flex = tier(model, "flex");
    let priority = tier(model, "priority");
    let long = model.get("long_context").table();
    let long = long.map(|table| {
        let above = table.need("above_input_tokens").integer(1..=100_000_000_u64);
        (table, above, card(table))
    });
    let Some((table, card)) = standard else {
        if batch.is_some() || flex.is_some() || priority.is_some() || long.is_some() {
            model.error("the model has no standard price", "add `standard = { ... }`");
        }
        return None;
    };
    check_units(table, &card, mode);
    let dearer = long.as_ref().map(|(table, _, card)| (*table, *card));
    for (name, other, against) in [
        ("batch", batch, Against::AtMost),
        ("flex", flex, Against::AtMost),
        ("priority", priority, Against::AtLeast),
        ("long_context", dearer, Against::AtLeast),
    ] {
        if let Some((table, other)) = other {
            compare(table, name, &other, &card, against);
        }
    }
    Some(Prices {
        standard: card,
        batch: batch.map(|(_, card)| card),
        flex: flex.map(|(_, card)| card),
        priority: priority.map(|(_, card)| card),
        long_context: long.and_then(|(_, above, card)| {
            above.map(|above_input_tokens| LongContext { above_input_tokens, card })
        }),
    })
}

fn tier<'d>(model: Table<'d>, name: &str) -> Option<(Table<'d>, RateCard)> {
    model.get(name).table().map(|table| (table, card(table)))
}

fn card(table: Table<'_>) -> RateCard {
    let rate = |kind| table.get(kind).rate();
    let card = RateCard {
        input: rate("input"),
        cached: rate("cached"),
        cache_write: rate("cache_write"),
        audio_in: rate("audio_in"),
        audio_cached: rate("audio_cached"),
        image_in: rate("image_in"),
        output: rate("output"),
        audio_out: rate("audio_out"),
        image_out: rate("image_out"),
        character: rate("character"),
        second: rate("second"),
    };
    if let Some((cached, input)) = card.cached.zip(card.input)
        && input < cached
    {
        table.get("cached").error(
            format!("`cached` is {cached}, more than `input` at {input}"),
            "input from the cache is never dearer; correct one of the two",
        );
    }
    if let Some((cached, heard)) = card.audio_cached.zip(card.audio_in)
        && heard < cached
    {
        table.get("audio_cached").error(
            format!("`audio_cached` is {cached}, more than `audio_in` at {heard}"),
            "input from the cache is never dearer; correct one of the two",
        );
    }
    card
}

/// Every kind of usage with its price.
pub(crate) fn kinds(card: &RateCard) -> [(&'static str, Option<Rate>); 11] {
    [
        ("input", card.input),
        ("cached", card.cached),
        ("cache_write", card.cache_write),
        ("audio_in", card.audio_in),
        ("audio_cached", card.audio_cached),
        ("image_in", card.image_in),
        ("output", card.output),
        ("audio_out", card.audio_out),
        ("image_out", card.image_out),
        ("character", card.character),
        ("second", card.second),
    ]
}

/// The kinds of usage that a model's calls cannot do without.
pub(crate) const fn needed(mode: Mode) -> &'static [&'static str] {
    match mode {
        Mode::Chat | Mode::Responses | Mode::Completion | Mode::Voice | Mode::Realtime => {
            &["input", "output"]
        }
        Mode::Embedding | Mode::Moderation => &["input"],
        Mode::Image => &["input", "image_out"],
        Mode::Speech | Mode::Transcription => &[],
    }
}

/// A model is billed by one unit, and each call it answers has a price for what it must use.
fn check_units(table: Table<'_>, card: &RateCard, mode: Option<Mode>) {
    let priced =
        |name: &str| kinds(card).iter().any(|(kind, rate)| *kind == name && rate.is_some());
    let needed = mode.map_or(&[][..], needed);
    for name in needed.iter().filter(|name| !priced(name)) {
        table.error(
            format!("the model has no price for `{name}`"),
            format!("add `{name} = \"...\"`, or remove all its prices to have it refused"),
        );
    }
    let units = kinds(card).iter().filter(|(_, rate)| rate.is_some()).count();
    let by_token = units - usize::from(priced("character")) - usize::from(priced("second"));
    let billing_units = [0 < by_token, priced("character"), priced("second")];
    match billing_units.into_iter().filter(|used| *used).count() {
        0 => table.error("the model has no price", "add one, or remove the empty table"),
        1 => {}
        _ => table.error(
            "the model is priced by more than one unit",
            "keep tokens, characters or seconds, whichever the provider bills",
        ),
    }
}

fn compare(table: Table<'_>, name: &str, tier: &RateCard, standard: &RateCard, against: Against) {
    for ((kind, price), (_, usual)) in kinds(tier).into_iter().zip(kinds(standard)) {
        let (Some(price), Some(usual)) = (price, usual) else {
            if price.is_some() && usual.is_none() {
                table.get(kind).error(
                    format!("`{kind}` has a price in `{name}` and none in `standard`"),
                    "add the standard price, or remove this one",
                );
            }
            continue;
        };
        let (wrong, side) = match against {
            Against::AtMost => (usual < price, "more"),
            Against::AtLeast => (price < usual, "less"),
        };
        if wrong {
            table.get(kind).error(
                format!("`{kind}` is {price} in `{name}`, {side} than the standard {usual}"),
                "prices are dollars per million units; correct one of the two",
            );
        }
    }
}
