//! The cost of a study before it starts: for whoever asks, and on an application.

use bursar_award::{Application, Command};
use bursar_kernel::{
    ApplicationId, Catalog, Estimate, LineCost, Model, PriceVersion, Program, Serving, StudyLine,
    StudyPace, StudySize, Tier, Timestamp,
};
use bursar_meter::{Prospect, Sample, SampleCount, StudyCost, StudyWrong, count_sample, estimate};
use bursar_policy::{Viewer, study_pace};
use bursar_program::answers::FieldError;
use jiff::tz::TimeZone;

use crate::{Service, ServiceError};

/// Bytes of a sample up to which it is counted at once: some 6 ms.
const LIGHT_BYTES_MAX: usize = 64 * 1024;

/// What a study costs, and how long it takes at each tier of a program.
#[derive(Clone, Debug)]
pub struct StudyEstimate {
    /// What it costs.
    pub cost: StudyCost,
    /// How long it takes at each tier, but for what is sent in batches.
    pub paces: Vec<(Tier, StudyPace)>,
    /// The price table that it is counted by.
    pub prices: PriceVersion,
}

impl Service {
    /// What a study costs, for anybody; or everything that is wrong with it. Nothing is kept.
    pub fn estimate(
        &self,
        program: &Program,
        study: &[StudyLine],
    ) -> Result<StudyEstimate, Vec<StudyWrong>> {
        let catalog = self.catalog();
        let prospect = Prospect {
            catalog: &catalog,
            limited: &program.entitlements.limited_models,
            today: self.now().to_zoned(TimeZone::UTC).date(),
        };
        let cost = estimate(&prospect, study)?;
        let parts = study_parts(&catalog, cost.lines.iter().map(|line| (&line.line, line.size)));
        let tiers = &program.tiers;
        let pace = |tier: &Tier| (tier.clone(), study_pace(tiers, tier, &parts));
        let paces = tiers.tiers.iter().map(pace).collect();
        Ok(StudyEstimate { cost, paces, prices: catalog.version.clone() })
    }

    /// Counts a sample for models, in their order. It is not kept, and no log has it.
    pub async fn count_sample(&self, models: &[&Model], sample: Sample) -> Vec<SampleCount> {
        let texts = sample.prompts.iter().chain(&sample.answers);
        let bytes = texts.map(String::len).fold(0, usize::saturating_add);
        let models: Vec<Model> = models.iter().copied().cloned().collect();
        if bytes <= LIGHT_BYTES_MAX {
            return counts(&models, &sample);
        }
        let counted = tokio::task::spawn_blocking(move || counts(&models, &sample)).await;
        counted.unwrap_or_default()
    }

    /// Gives a draft of the viewer's own the estimate of a study, or takes it out.
    pub async fn set_estimate(
        &self,
        viewer: &Viewer,
        id: ApplicationId,
        study: Option<&[StudyLine]>,
    ) -> Result<(), ServiceError> {
        let application = self.own_application(viewer, id).await?;
        let program = self.program_of(&application)?;
        let now = self.now();
        let counted = study.map(|study| self.pinned(program, study, now)).transpose();
        let estimate = counted.map_err(|wrong| ServiceError::Invalid(field_errors(&wrong)))?;
        let batch = crate::batch_of(viewer, now)?;
        let command = Command::SetEstimate { estimate };
        self.step(batch, application, command, |batch, _| batch).await?;
        Ok(())
    }

    /// The estimate of an application at today's prices; as it was where a study can no longer be
    /// counted, so that nobody is kept from handing in what the provider changed.
    pub(crate) fn estimate_today(
        &self,
        program: &Program,
        application: &Application,
        now: Timestamp,
    ) -> Option<Estimate> {
        let kept = application.estimate.as_ref()?;
        Some(self.pinned(program, &kept.study(), now).unwrap_or_else(|_| kept.clone()))
    }

    fn pinned(
        &self,
        program: &Program,
        study: &[StudyLine],
        at: Timestamp,
    ) -> Result<Estimate, Vec<StudyWrong>> {
        let StudyEstimate { cost, prices, .. } = self.estimate(program, study)?;
        let lines = cost.lines.into_iter().map(|line| {
            let (size, cost) = (line.size, line.cost);
            LineCost { line: line.line, size, cost }
        });
        Ok(Estimate { lines: lines.collect(), total: cost.total, prices, at })
    }
}

/// What a study sends to each model while its limits count. Batches have limits of their own.
pub(crate) fn study_parts<'a>(
    catalog: &'a Catalog,
    lines: impl Iterator<Item = (&'a StudyLine, StudySize)>,
) -> Vec<(&'a Model, StudySize)> {
    lines
        .filter(|(line, _)| line.serving != Serving::Batch)
        .filter_map(|(line, size)| Some((&**catalog.model(line.model.as_str())?, size)))
        .collect()
}

/// Counts a sample once for each tokenizer and kind of call, however many models share it.
fn counts(models: &[Model], sample: &Sample) -> Vec<SampleCount> {
    let mut known: Vec<(&Model, SampleCount)> = Vec::new();
    let mut counted = Vec::with_capacity(models.len());
    for model in models {
        let like = |other: &&Model| (other.encoding, other.mode) == (model.encoding, model.mode);
        let found = known.iter().find(|(other, _)| like(other)).map(|(_, count)| *count);
        let count = found.unwrap_or_else(|| count_sample(model, sample));
        known.push((model, count));
        counted.push(count);
    }
    counted
}

/// What is wrong with a study, by the part and the number of its line from 1: `model-1`.
pub fn field_errors(wrong: &[StudyWrong]) -> Vec<FieldError> {
    let error = |wrong: &StudyWrong| {
        let number = wrong.line.unwrap_or(0).saturating_add(1);
        let field = format!("{}-{number}", wrong.why.part());
        FieldError { field, message: wrong.to_string() }
    };
    wrong.iter().map(error).collect()
}
