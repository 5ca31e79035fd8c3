//! How holders spend: which models, how long the inputs, how often, how much of the grant.

use bursar_kernel::{Endpoint, ServiceTier};

/// One kind of call.
#[derive(Debug)]
pub(super) struct Work {
    /// Models, the first that is alive on the day.
    pub(super) models: &'static [&'static str],
    /// Where the call goes.
    pub(super) endpoint: Endpoint,
    /// How often, beside the other kinds.
    pub(super) weight: u64,
    /// Input tokens, from and to.
    pub(super) input: (u64, u64),
    /// How much of the input the provider's cache holds, in percent at the most.
    pub(super) cached_percent: u64,
    /// Output tokens, from and to.
    pub(super) output: (u64, u64),
    /// How much of the output is reasoning, in percent at the most.
    pub(super) reasoning_percent: u64,
    /// How fast it is served.
    pub(super) tier: ServiceTier,
    /// How many of a hundred calls are streamed.
    pub(super) streamed_percent: u64,
}

/// How a holder works.
#[derive(Debug)]
pub(super) struct Habits {
    /// The kinds of call.
    pub(super) work: &'static [Work],
    /// How much of the grant is spent after two and a half months, in percent.
    pub(super) spent_percent: i64,
    /// Calls on a day at the most.
    pub(super) calls_max: usize,
    /// A grant that has been there for longer than so many days works on so many of them, which
    /// keeps the world small enough to be up within seconds.
    pub(super) busy_days_max: i64,
    /// How many of a hundred working days see no call.
    pub(super) idle_percent: u64,
}

const fn chat(
    models: &'static [&'static str],
    weight: u64,
    input: (u64, u64),
    output: (u64, u64),
) -> Work {
    Work {
        models,
        endpoint: Endpoint::ChatCompletions,
        weight,
        input,
        cached_percent: 0,
        output,
        reasoning_percent: 0,
        tier: ServiceTier::Default,
        streamed_percent: 20,
    }
}

const fn thinking(work: Work) -> Work {
    Work { reasoning_percent: 85, streamed_percent: 5, ..work }
}

const fn cached(work: Work) -> Work {
    Work { cached_percent: 60, ..work }
}

const fn embedding(weight: u64, input: (u64, u64)) -> Work {
    let chat = chat(&["text-embedding-3-small"], weight, input, (0, 0));
    Work { endpoint: Endpoint::Embeddings, streamed_percent: 0, ..chat }
}

const fn moderation(weight: u64) -> Work {
    let chat = chat(&["omni-moderation-latest"], weight, (60, 900), (0, 0));
    Work { endpoint: Endpoint::Moderations, streamed_percent: 0, ..chat }
}

const LONG: &[&str] = &["gpt-4.1", "gpt-6.1-sol"];
const MINI: &[&str] = &["gpt-4.1-mini", "gpt-6.1-terra"];
const SMALL: &[&str] = &["gpt-4o-mini", "gpt-6-luna"];
const REASONING: &[&str] = &["o3", "gpt-6.1-sol"];
const REASONING_SMALL: &[&str] = &["gpt-5-mini", "gpt-6-luna"];
const NANO: &[&str] = &["gpt-5-nano", "gpt-6-luna"];

/// Whole case files in one prompt: the main researcher's.
pub(super) const MAIN: Habits = Habits {
    work: &[
        cached(chat(LONG, 52, (110_000, 330_000), (350, 1_900))),
        chat(MINI, 9, (90_000, 330_000), (300, 1_500)),
        thinking(chat(REASONING, 22, (35_000, 150_000), (3_500, 14_000))),
        thinking(chat(REASONING_SMALL, 7, (9_000, 90_000), (1_900, 7_200))),
        embedding(6, (1_200, 8_000)),
        moderation(4),
    ],
    spent_percent: 32,
    calls_max: 30,
    busy_days_max: 120,
    idle_percent: 12,
};

/// Inputs to the limit of the window: spends a grant to its end.
pub(super) const HEAVY: Habits = Habits {
    work: &[
        chat(LONG, 66, (210_000, 590_000), (200, 900)),
        chat(MINI, 22, (220_000, 610_000), (200, 900)),
        thinking(chat(REASONING, 12, (60_000, 150_000), (4_000, 14_000))),
    ],
    spent_percent: 98,
    calls_max: 20,
    busy_days_max: 100,
    idle_percent: 10,
};

/// What other holders do, in turn.
pub(super) const OTHERS: [Habits; 4] = [
    Habits {
        work: &[
            chat(SMALL, 25, (500, 3_500), (80, 700)),
            moderation(15),
            thinking(chat(REASONING, 40, (6_000, 40_000), (6_000, 24_000))),
            chat(MINI, 20, (1_500, 60_000), (150, 1_900)),
        ],
        spent_percent: 20,
        calls_max: 4,
        busy_days_max: 60,
        idle_percent: 38,
    },
    Habits {
        work: &[
            cached(chat(LONG, 60, (60_000, 240_000), (400, 2_600))),
            chat(MINI, 25, (42_000, 170_000), (300, 1_800)),
            embedding(15, (2_000, 8_000)),
        ],
        spent_percent: 38,
        calls_max: 4,
        busy_days_max: 60,
        idle_percent: 30,
    },
    Habits {
        work: &[
            thinking(Work {
                tier: ServiceTier::Flex,
                ..chat(&["gpt-5-mini", "gpt-6.1-terra"], 40, (13_000, 90_000), (4_000, 22_000))
            }),
            chat(SMALL, 35, (2_000, 46_000), (200, 3_400)),
            chat(NANO, 25, (800, 26_000), (300, 7_000)),
        ],
        spent_percent: 9,
        calls_max: 2,
        busy_days_max: 60,
        idle_percent: 50,
    },
    Habits {
        work: &[
            thinking(chat(REASONING, 60, (18_000, 120_000), (6_000, 29_000))),
            cached(chat(LONG, 30, (80_000, 320_000), (500, 3_000))),
            moderation(10),
        ],
        spent_percent: 55,
        calls_max: 5,
        busy_days_max: 60,
        idle_percent: 26,
    },
];
