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
    /// The study that it belongs to.
    pub(super) study: Option<StudyPlan>,
}

/// A study that a holder plans: its budget stops its calls.
#[derive(Clone, Copy, Debug)]
pub(super) struct StudyPlan {
    /// What its people call it.
    pub(super) name: &'static str,
    /// What its keys may spend together, in dollars.
    pub(super) budget_dollars: i64,
    /// A word that it is found by.
    pub(super) tag: &'static str,
}

impl KeyPlan {
    const fn new(name: &'static str, made_day: i64, share: u64) -> Self {
        Self { name, cap_dollars: None, made_day, revoked_day: None, share, study: None }
    }
}

/// The main researcher's: one lost with a laptop, one capped for a student.
pub(super) const MAIN: &[KeyPlan] = &[
    KeyPlan { revoked_day: Some(20), ..KeyPlan::new("Laptop (lost on a train)", 0, 40) },
    KeyPlan { study: Some(MAIN_RUN), ..KeyPlan::new("Cluster, nightly runs", 2, 70) },
    KeyPlan {
        cap_dollars: Some(120),
        study: Some(ANNOTATION),
        ..KeyPlan::new("Student assistant, annotation", 12, 25)
    },
];

const MAIN_RUN: StudyPlan =
    StudyPlan { name: "Nightly evaluation", budget_dollars: 700, tag: "main run" };
const ANNOTATION: StudyPlan =
    StudyPlan { name: "Agreement with annotators", budget_dollars: 150, tag: "pilot" };

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
