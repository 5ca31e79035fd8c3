//! What a study comes to: tables for the cases, and the laws that no study breaks.

use bursar_kernel::{ModelId, ServiceTier, Serving, StudyLine, Usage, Usd};
use jiff::civil::{Date, date};
use proptest::prelude::*;

use super::*;
use crate::price::price;
use crate::testing::{card, catalog as testing_catalog, named};

const TODAY: Date = date(2026, 11, 25);

/// The small catalog, where a mini has a nano beside it and ends, and has a batch.
fn catalog() -> Catalog {
    let mut catalog = testing_catalog();
    let mut mini = named("gpt-4o-mini");
    mini.input_tokens_max = Some(128_000);
    mini.shutdown = Some(date(2027, 1, 14));
    mini.successor = Some(ModelId::new("nano"));
    mini.prices.as_mut().unwrap().batch = Some(card("0.075", "0.075", "0.3"));
    let mut nano = named("gpt-4o-mini");
    nano.id = ModelId::new("nano");
    nano.prices.as_mut().unwrap().standard = card("0.05", "0.05", "0.2");
    let mut gone = nano.clone();
    gone.id = ModelId::new("gone");
    gone.shutdown = Some(TODAY);
    let mut soon = nano.clone();
    soon.id = ModelId::new("soon");
    soon.shutdown = Some(date(2027, 1, 13));
    for model in [mini, nano, gone, soon] {
        catalog.models.insert(model.id.clone(), std::sync::Arc::new(model));
    }
    catalog
}

fn line(model: &str, items: u64, input: u64, output: u64) -> StudyLine {
    StudyLine {
        model: ModelId::new(model),
        items,
        variants: 1,
        repeats: 1,
        input_tokens: input,
        output_tokens: output,
        serving: Serving::Default,
    }
}

fn counted(study: &[StudyLine]) -> Result<StudyCost, Vec<StudyWrong>> {
    let limited = [ModelId::new("gpt-6-sol")];
    estimate(&Prospect { catalog: &catalog(), limited: &limited, today: TODAY }, study)
}

fn total(study: &[StudyLine]) -> Usd {
    counted(study).unwrap().total
}

fn refused(study: &[StudyLine]) -> String {
    let wrong = counted(study).unwrap_err();
    let said = wrong.iter().map(|wrong| {
        let place = wrong.line.map_or("-".to_owned(), |line| line.to_string());
        format!("{place} {}: {wrong}", wrong.why.part())
    });
    said.collect::<Vec<_>>().join("\n")
}

fn usd(text: &str) -> Usd {
    text.parse().unwrap()
}

#[test]
fn a_line_is_its_calls_at_the_list_price() {
    let study = [StudyLine { variants: 2, repeats: 5, ..line("gpt-4o-mini", 1_200, 900, 300) }];
    let cost = counted(&study).unwrap();
    let [found] = &cost.lines[..] else { panic!("one line") };
    // 12,000 calls of 900 tokens at $0.15 and of 300 at $0.60 a million.
    assert_eq!((found.cost, cost.total), (usd("3.78"), usd("3.78")));
    assert_eq!((found.size.calls, found.size.tokens), (12_000, 14_400_000));
    // Of those that cost less, one is gone and one ends sooner.
    assert_eq!(found.cheaper, [(ModelId::new("nano"), usd("1.26"))]);
    assert_eq!((found.by_batch, cost.by_batch), (Some(usd("1.89")), Some(usd("1.89"))));
    let alias = counted(&[line("gpt-4o-mini-2024-07-18", 1, 1, 0)]).unwrap();
    assert_eq!(alias.lines[0].line.model.as_str(), "gpt-4o-mini");
}

#[test]
fn each_way_of_serving_has_its_price_and_a_long_input_its_own() {
    let at = |serving| StudyLine { serving, ..line("gpt-4o-mini", 1_000, 1_000, 0) };
    assert_eq!(total(&[at(Serving::Default)]), usd("0.15"));
    assert_eq!(total(&[at(Serving::Batch)]), usd("0.075"));
    assert_eq!(total(&[at(Serving::Priority)]), usd("0.25"));
    assert_eq!(refused(&[at(Serving::Flex)]), "0 serving: `gpt-4o-mini` has no flex price");
    // The step for long inputs is a call's, however many there are.
    assert_eq!(total(&[line("gpt-6-sol", 1_000, 272_000, 0)]), usd("544"));
    assert_eq!(total(&[line("gpt-6-sol", 1_000, 272_001, 0)]), usd("1088.004"));
    let flex = StudyLine { serving: Serving::Flex, ..line("gpt-6-sol", 1, 272_001, 0) };
    assert_eq!(refused(&[flex]), "0 serving: `gpt-6-sol` has no flex price for so long an input");
    assert_eq!(total(&[line("text-embedding-3-small", 1_000, 1_000, 7)]), usd("0.02"));
    assert_eq!(total(&[line("omni-moderation-latest", 1_000, 1_000, 0)]), Usd::ZERO);
}

#[test]
fn what_is_wrong_is_said_of_every_line_at_once() {
    let study = [
        line("gpt-9", 1, 1, 1),
        line("mystery", 1, 1, 1),
        line("gpt-4o-mini", 0, 1, 1),
        line("gpt-4o-mini", 1, 128_001, 1),
        line("gpt-4o-mini", 1, 1, 16_385),
        line("gpt-4o-mini", 1_000_000_001, 1, 1),
        line("gpt-4o-mini", 1, 0, 1),
    ];
    assert_eq!(
        refused(&study),
        "0 model: There is no model `gpt-9` in the catalog\n\
         1 model: `mystery` has no price in the catalog, so calls to it are refused\n\
         2 items: Enter a whole number of at least 1\n\
         3 input_tokens: `gpt-4o-mini` takes at most 128000 input tokens a call\n\
         4 output_tokens: `gpt-4o-mini` takes at most 16384 output tokens a call\n\
         5 items: A line has at most a billion calls\n\
         6 input_tokens: Enter a whole number of at least 1"
    );
    assert!(refused(&[]).starts_with("- model: Add a line"));
    let many = vec![line("gpt-4o-mini", 1, 1, 1); STUDY_LINES_MAX + 1];
    assert_eq!(refused(&many), "- model: A study has at most 8 lines");
    assert!(refused(&[line("gpt-6-sol", 1_000_000_000, 10_000_000, 0)]).contains("more than can"));
}

#[test]
fn what_to_know_of_a_model_is_noted_and_does_not_stop_the_count() {
    let notes = |model: &str| counted(&[line(model, 1, 1, 1)]).unwrap().lines.remove(0).notes;
    let successor = Some(ModelId::new("nano"));
    let ends = Note::Ends { from: date(2027, 1, 14), is_over: false, successor };
    assert_eq!(notes("gpt-4o-mini"), [ends]);
    let [Note::Ends { is_over: true, .. }] = notes("gone")[..] else { panic!("it is over") };
    assert_eq!(notes("gpt-6-sol"), [Note::Limited, Note::Reasons]);
    let batch = StudyLine { serving: Serving::Batch, ..line("gpt-4o-mini", 1, 1, 1) };
    assert!(counted(&[batch]).unwrap().lines[0].notes.contains(&Note::Batch));
}

/// A line of any size, on a model that has a price.
fn any_line() -> impl Strategy<Value = StudyLine> {
    let model = prop::sample::select(vec!["gpt-4o-mini", "nano", "text-only", "gpt-6-sol"]);
    let figures = (1..3_000_u64, 1..9_u64, 1..9_u64, 1..9_000_u64, 0..4_000_u64);
    (model, figures).prop_map(|(model, (items, variants, repeats, input, output))| StudyLine {
        variants,
        repeats,
        ..line(model, items, input, output)
    })
}

proptest! {
    #[test]
    fn the_total_is_the_sum_of_lines_in_any_order(
        study in prop::collection::vec(any_line(), 1..=STUDY_LINES_MAX),
        turn in 0..STUDY_LINES_MAX,
    ) {
        let sum = Usd::sum(study.iter().map(|line| total(std::slice::from_ref(line)))).unwrap();
        prop_assert_eq!(total(&study), sum);
        let mut turned = study.clone();
        turned.rotate_left(turn % study.len());
        turned.reverse();
        prop_assert_eq!(total(&turned), sum);
    }

    #[test]
    fn more_of_anything_never_costs_less(line in any_line(), more in 1..50_u64) {
        let now = total(std::slice::from_ref(&line));
        let grown = [
            StudyLine { items: line.items + more, ..line.clone() },
            StudyLine { variants: line.variants + more, ..line.clone() },
            StudyLine { repeats: line.repeats + more, ..line.clone() },
            StudyLine { input_tokens: line.input_tokens + more, ..line.clone() },
            StudyLine { output_tokens: line.output_tokens + more, ..line.clone() },
        ];
        for study in grown {
            prop_assert!(now <= total(std::slice::from_ref(&study)), "{study:?}");
        }
    }

    #[test]
    fn a_line_costs_what_its_calls_are_charged_but_for_their_rounding(line in any_line()) {
        let catalog = catalog();
        let model = catalog.model(line.model.as_str()).unwrap();
        let call = Usage {
            input: line.input_tokens,
            output: line.output_tokens,
            ..Usage::default()
        };
        let call = price(model.prices.as_ref().unwrap(), ServiceTier::Default, &call).unwrap();
        let found = counted(std::slice::from_ref(&line)).unwrap().lines.remove(0);
        let calls = i64::try_from(found.size.calls).unwrap();
        let charged = call.checked_mul(calls).unwrap();
        prop_assert!(found.cost <= charged);
        prop_assert!(charged.nanos() - found.cost.nanos() < calls);
    }

    #[test]
    fn no_figures_overflow(figures in any::<[u64; 5]>(), serving in 0..4_usize) {
        let [items, variants, repeats, input, output] = figures;
        let serving = Serving::ALL[serving];
        let study = StudyLine { variants, repeats, serving, ..line("nano", items, input, output) };
        let _ = counted(&vec![study; STUDY_LINES_MAX]);
        let calls = items % 1_000_000_000 + 1;
        let (input, output) = (input % 10_000_000 + 1, output % 10_000_000);
        let _ = counted(&vec![line("gpt-6-sol", calls, input, output); STUDY_LINES_MAX]);
    }

    #[test]
    fn what_is_called_cheaper_is(line in any_line()) {
        let found = counted(std::slice::from_ref(&line)).unwrap().lines.remove(0);
        for (model, cost) in &found.cheaper {
            prop_assert!(*cost < found.cost);
            let other = StudyLine { model: model.clone(), ..line.clone() };
            prop_assert_eq!(total(&[other]), *cost);
        }
        prop_assert!(found.by_batch.is_none_or(|batch| batch < found.cost));
    }
}
