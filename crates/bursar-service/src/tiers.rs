//! Tiers: which one a grant's calls have, how fast they may go, and how long a study would take.

use bursar_kernel::{
    Estimate, ExactCost, GrantId, Model, ProgramId, StudyPace, StudySize, Tier, TierId, Usd,
};
use bursar_policy::{Action, Viewer, study_pace, tier_of};
use bursar_store::rows::Grant;
use bursar_store::{Expect, Row, Write};

use crate::estimates::study_parts;
use crate::{Service, ServiceError};

/// The model, and the tokens of a call, that a study without an estimate is sized by: the most
/// used of the small models, a page of input, a paragraph of output.
const TYPICAL_MODEL: &str = "gpt-4o-mini";
const TYPICAL_INPUT: u64 = 1_000;
const TYPICAL_OUTPUT: u64 = 300;

/// A grant's tier, as its page tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TierStanding {
    /// The tier that its calls have.
    pub tier: Tier,
    /// Whether an officer named it.
    pub is_named: bool,
    /// The next one that its holder can reach.
    pub next: Option<Tier>,
    /// How long the study takes; `None` where nothing limits it.
    pub study: Option<StudyTime>,
}

/// How long a study takes at a tier and at the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StudyTime {
    /// How large it is.
    pub size: StudySize,
    /// What that rests on.
    pub basis: StudyBasis,
    /// At the grant's tier.
    pub now: StudyPace,
    /// At the next one, where there is one.
    pub next: Option<StudyPace>,
}

/// What the size of a study rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StudyBasis {
    /// The estimate that the grant's application carried.
    Estimate(Estimate),
    /// The grant's money, spent on typical calls.
    Typical {
        /// To this model.
        model: &'static str,
        /// Of so many tokens in and out.
        call: (u64, u64),
    },
}

impl Service {
    /// Puts a grant's calls at a tier, whatever its holder's own: an officer's word, audited.
    pub async fn name_tier(
        &self,
        viewer: &Viewer,
        id: GrantId,
        tier: &TierId,
        reason: &str,
    ) -> Result<(), ServiceError> {
        crate::allow(viewer, Action::RunPrograms)?;
        let grant = self.readable_grant(viewer, id).await?;
        self.known_tier(&grant.program, tier)?;
        let missing = "Say why, for whoever reads the audit trail";
        let reason = crate::access::read_text("reason", reason, missing)?;
        let batch = crate::batch_of(viewer, self.now())?;
        let line = crate::audit_line(&batch, "grant.tier_named", id, format!("{tier}: {reason}"));
        let before = grant.version;
        let changed =
            Grant { tier: Some(tier.clone()), version: before.saturating_add(1), ..grant };
        let row = Write::Row(Row::Grant(Box::new(changed)), Expect::Version(before));
        self.commit(batch.with(row).with(line)).await?;
        self.calls.directory().forget_grant(id);
        Ok(())
    }

    /// Refuses a tier that a program does not have.
    pub(crate) fn known_tier(
        &self,
        program: &ProgramId,
        tier: &TierId,
    ) -> Result<(), ServiceError> {
        let tiers = &self.program(program)?.tiers;
        if tiers.tier(tier).is_some() {
            return Ok(());
        }
        let known: Vec<&str> = tiers.tiers.iter().map(|tier| tier.id.as_str()).collect();
        let message = if known.is_empty() {
            "The program has no tiers".to_owned()
        } else {
            format!("The tier must be one of {}", known.join(", "))
        };
        Err(ServiceError::field("tier", message))
    }

    /// A grant's tier; `None` in a program that limits nothing.
    pub async fn tier_standing(
        &self,
        viewer: &Viewer,
        id: GrantId,
    ) -> Result<Option<TierStanding>, ServiceError> {
        let grant = self.readable_grant(viewer, id).await?;
        let tiers = &self.program(&grant.program)?.tiers;
        let has_card = self.has_card(grant.holder).await?;
        let Some(tier) = tier_of(tiers, has_card, grant.tier.as_ref()) else { return Ok(None) };
        let own = tier_of(tiers, has_card, None);
        let next = tiers.next(&tier.id);
        Ok(Some(TierStanding {
            is_named: own.is_none_or(|own| own.id != tier.id),
            study: self.study_time(&grant, tier, next).await?,
            tier: tier.clone(),
            next: next.cloned(),
        }))
    }

    /// How long the study of a grant takes: the one that its application estimated, or its face
    /// spent on typical calls.
    async fn study_time(
        &self,
        grant: &Grant,
        tier: &Tier,
        next: Option<&Tier>,
    ) -> Result<Option<StudyTime>, ServiceError> {
        let tiers = &self.program(&grant.program)?.tiers;
        let application = match grant.application {
            Some(id) => self.store.application(id).await?,
            None => None,
        };
        let estimate = application.and_then(|application| application.estimate);
        let catalog = self.catalog();
        let (basis, size) = match (estimate, catalog.model(TYPICAL_MODEL)) {
            (Some(estimate), _) => {
                let sizes = || estimate.lines.iter().map(|line| line.size);
                let sum = |of: fn(StudySize) -> u64| sizes().map(of).fold(0, u64::saturating_add);
                let size = StudySize { calls: sum(|it| it.calls), tokens: sum(|it| it.tokens) };
                (StudyBasis::Estimate(estimate), size)
            }
            (None, Some(model)) => {
                let Some(size) = typical_size(grant.amount, model) else { return Ok(None) };
                let call = (TYPICAL_INPUT, TYPICAL_OUTPUT);
                (StudyBasis::Typical { model: TYPICAL_MODEL, call }, size)
            }
            (None, None) => return Ok(None),
        };
        let parts = match &basis {
            StudyBasis::Estimate(estimate) => {
                study_parts(&catalog, estimate.lines.iter().map(|line| (&line.line, line.size)))
            }
            StudyBasis::Typical { model, .. } => {
                let model = catalog.model(model);
                model.map(|model| (&**model, size)).into_iter().collect()
            }
        };
        let now = study_pace(tiers, tier, &parts);
        let next = next.map(|next| study_pace(tiers, next, &parts));
        Ok(Some(StudyTime { size, basis, now, next }))
    }
}

/// How many typical calls an amount pays for.
fn typical_size(amount: Usd, model: &Model) -> Option<StudySize> {
    let card = &model.prices.as_ref()?.standard;
    let call = ExactCost::ZERO
        .plus(card.input?, TYPICAL_INPUT)?
        .plus(card.output?, TYPICAL_OUTPUT)?
        .round_up()?;
    let calls = u64::try_from(amount.nanos().checked_div(call.nanos())?).ok()?;
    let tokens = calls.checked_mul(TYPICAL_INPUT.saturating_add(TYPICAL_OUTPUT))?;
    Some(StudySize { calls, tokens })
}
