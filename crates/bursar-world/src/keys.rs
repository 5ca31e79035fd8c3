//! Which keys the holders of grants make, and what becomes of those.

/// A key that a holder makes.
#[derive(Clone, Copy, Debug)]
pub(super) struct KeyPlan {
    /// What its maker calls it.
    pub(super) name: &'static str,
    /// What it may spend in all, in dollars.
    pub(super) cap_dollars: Option<i64>,
    /// How many days after the delivery it is made.
    pub(super) made_day: i64,
    /// How many days after the delivery it is revoked.
    pub(super) revoked_day: Option<i64>,
    /// How much of the work it does, beside the others.
    pub(super) share: u64,
}

impl KeyPlan {
    const fn new(name: &'static str, made_day: i64, share: u64) -> Self {
        Self { name, cap_dollars: None, made_day, revoked_day: None, share }
    }
}

/// The main researcher's: one lost with a laptop, one capped for a student.
pub(super) const MAIN: &[KeyPlan] = &[
    KeyPlan { revoked_day: Some(20), ..KeyPlan::new("Laptop (lost on a train)", 0, 40) },
    KeyPlan::new("Cluster, nightly runs", 2, 70),
    KeyPlan { cap_dollars: Some(120), ..KeyPlan::new("Student assistant, annotation", 12, 25) },
];

/// The name of the main researcher's fresh key.
pub(super) const FRESH: &str = "Demonstration";

/// What other holders make, in turn.
pub(super) const OTHERS: [&[KeyPlan]; 4] = [
    &[KeyPlan::new("Study", 1, 10)],
    &[KeyPlan::new("Evaluation runner", 0, 30), KeyPlan::new("Notebook", 3, 10)],
    &[
        KeyPlan::new("Lab server", 2, 30),
        KeyPlan { cap_dollars: Some(50), ..KeyPlan::new("Co-author", 5, 8) },
    ],
    &[KeyPlan::new("Experiments", 4, 10)],
];
