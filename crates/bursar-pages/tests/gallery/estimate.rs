//! What a study costs: before it is asked, counted, and wrong.

use bursar_kernel::{ProgramId, StudyPace, StudySize};
use bursar_pages::estimate::{
    EstimatePage, EstimateShown, KindShown, LineShown, Sampled, StudyResult,
};
use bursar_pages::ui::{Choice, Input};
use jiff::SignedDuration;

use super::people::input;
use super::{HOSTILE, LONG, Sample, at, researcher, sample, stranger, usd};

pub(super) fn samples() -> Vec<Sample> {
    let counted = EstimatePage {
        lines: 2,
        sampled: Some(Sampled { prompts: 3, answers: 2, items: 1_200 }),
        result: Some(result()),
        use_it: Some(("/programs/x/apply?model-1=a".to_owned(), "Use it in an application")),
        input: input(&[("model-1", "gpt-4.1-mini"), ("items-1", "1200"), ("repeats-1", "5")], &[]),
        ..empty()
    };
    let wrong = EstimatePage {
        input: input(
            &[("model-1", HOSTILE), ("items-1", LONG)],
            &[
                ("items-1", "Enter a whole number, like 1200"),
                ("input_tokens-1", "`gpt-4.1-mini` takes at most 1047576 input tokens a call"),
            ],
        ),
        ..empty()
    };
    let page = "/estimate";
    vec![
        sample("estimate-empty", &empty(), &stranger(page)),
        sample("estimate", &counted, &researcher(page)),
        sample("estimate-wrong", &wrong, &stranger(page)),
    ]
}

fn empty() -> EstimatePage {
    EstimatePage {
        program: ProgramId::new("researcher-access"),
        name: LONG.to_owned(),
        typical_max: usd("1000"),
        kinds: vec![KindShown {
            title: "Change prompts and compare".to_owned(),
            about: "The same items under several prompts.".to_owned(),
            href: "/estimate?model-1=gpt-4.1-mini".to_owned(),
        }],
        models: vec![Choice::new("", "No model"), Choice::new("gpt-4.1-mini", "gpt-4.1-mini")],
        servings: vec![Choice::new("default", "At the list price")],
        lines: 1,
        may_add: true,
        input: Input::default(),
        sampled: None,
        result: None,
        use_it: None,
    }
}

fn lines() -> Vec<LineShown> {
    let line = |model: &str, cost: &str| LineShown {
        model: model.to_owned(),
        detail: "1,200 items × 5 repeats, 900 tokens in and 300 out".to_owned(),
        size: StudySize { calls: 6_000, tokens: 7_200_000 },
        cost: usd(cost),
        cheaper: vec![("gpt-6-luna".to_owned(), usd("1.44"))],
        by_batch: Some(usd("2.52")),
    };
    vec![line("gpt-4.1-mini", "5.04"), line(LONG, "999.999999999")]
}

fn result() -> StudyResult {
    StudyResult {
        lines: lines(),
        total: usd("1005.039999999"),
        by_batch: Some(usd("5.04")),
        paces: vec![
            ("Free (Explore)".to_owned(), StudyPace::Takes(SignedDuration::from_hours(720))),
            (LONG.to_owned(), StudyPace::Closed),
            ("Tier 5".to_owned(), StudyPace::Unlimited),
        ],
        warnings: vec!["The provider refuses it from 14 January 2027 on.".to_owned()],
        remarks: vec!["gpt-6-luna reasons out of sight.".to_owned()],
        prices: "openai-2026-11-22 (the provider's pages)".to_owned(),
    }
}

/// The estimate of an application whose amount is far from it.
pub(super) fn shown() -> EstimateShown {
    EstimateShown {
        lines: lines(),
        total: usd("1005.039999999"),
        prices: "openai-2026-11-22".to_owned(),
        at: at("2026-11-20T10:00:00Z"),
        flag: Some("The amount asked for, $100.00, is $905.04 short of the estimate.".to_owned()),
        address: "/estimate?model-1=gpt-4.1-mini".to_owned(),
    }
}
