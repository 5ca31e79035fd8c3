//! What some of the studies cost, as their applicants counted it. One asks for far more.

/// A line of an estimate: the model, its items, prompts and repeats, and a call's tokens in and
/// out.
pub(in super::super) type Line = (&'static str, [u64; 3], [u64; 2]);

/// By whom, for the application that asks for so many dollars.
pub(super) static TABLE: [(&str, &str, &[Line]); 6] = [
    (
        "amara.okonkwo-lindqvist@norrasund-university.example",
        "1000",
        &[
            ("gpt-4.1", [212, 3, 1], [290_000, 1_500]),
            ("gpt-4.1-mini", [212, 1, 1], [330_000, 1_500]),
            ("o3", [60, 3, 2], [180_000, 10_000]),
            ("gpt-5.2", [212, 1, 1], [240_000, 4_000]),
            ("text-embedding-3-small", [36_000, 1, 1], [600, 0]),
        ],
    ),
    (
        "j.whitcombe@pinebarrow.example",
        "400",
        &[
            ("gpt-4.1", [300, 2, 20], [900, 1_100]),
            ("gpt-4.1-mini", [300, 2, 20], [900, 1_100]),
            ("gpt-5-mini", [300, 2, 20], [900, 1_700]),
            ("o3", [180, 2, 20], [600, 2_600]),
        ],
    ),
    // Counted by nobody before: the amount asked for is twenty times what the study costs.
    (
        "b.achterhoek@delfshoorn.example",
        "300",
        &[
            ("gpt-4o-mini", [800, 8, 6], [350, 60]),
            ("gpt-5-nano", [800, 8, 6], [350, 60]),
            ("gpt-4.1-mini", [800, 8, 6], [350, 60]),
        ],
    ),
    (
        "o.bergstrom@tundrafjord.example",
        "600",
        &[
            ("gpt-4.1", [1_800, 1, 3], [900, 500]),
            ("gpt-5.2", [1_800, 1, 3], [900, 1_500]),
            ("gpt-5.4", [1_800, 1, 3], [900, 1_500]),
            ("gpt-5.6-terra", [1_800, 1, 3], [900, 1_500]),
            ("o3", [6_000, 1, 1], [1_500, 3_000]),
        ],
    ),
    (
        "yasmin.elsherif@delta-nile.example",
        "700",
        &[
            ("gpt-5.4", [180, 2, 6], [9_000, 3_000]),
            ("gpt-5.6-sol", [180, 2, 6], [9_000, 3_000]),
            ("o3", [180, 2, 6], [9_000, 4_000]),
            ("gpt-4.1", [180, 2, 6], [9_000, 800]),
            ("gpt-6.1-sol", [180, 2, 6], [9_000, 4_000]),
        ],
    ),
    // On a draft.
    (
        "i.kowalczyk@bialowieza-univ.example",
        "500",
        &[
            ("gpt-6.1-terra", [400, 2, 5], [2_800, 1_200]),
            ("gpt-5.4-mini", [400, 2, 5], [2_800, 1_200]),
        ],
    ),
];
