//! What the guide page says beyond the rules.

/// What the guide page says beyond what the rules above already say.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Guide {
    /// Rows of the "at a glance" table that no rule computes, as name and text.
    pub at_a_glance: Vec<(String, String)>,
    /// What the credit is good for.
    pub covers: Vec<String>,
    /// What happens when, as moment and text.
    pub timeline: Vec<(String, String)>,
    /// Who qualifies.
    pub eligible: Vec<String>,
    /// Who does not.
    pub not_eligible: Vec<String>,
    /// The steps, in order.
    pub steps: Vec<String>,
    /// The limits.
    pub limits: Vec<String>,
    /// Advice, each piece with the tool that does what it says.
    pub advice: Vec<Advice>,
    /// Questions and answers.
    pub questions: Vec<(String, String)>,
}

/// A piece of advice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advice {
    /// What to do.
    pub text: String,
    /// What does it here.
    pub tool: Option<Tool>,
}

/// What does what a piece of advice says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// The check of whether somebody qualifies.
    Eligibility,
    /// The advice on a proposal.
    ProposalCheck,
    /// The application form.
    Form,
    /// From a day to a round, and back.
    Planner,
    /// The check of a payment card.
    Card,
    /// An application that follows a declined one.
    Resubmission,
    /// How long a grant lasts, and what would be lost.
    Forecast,
}
