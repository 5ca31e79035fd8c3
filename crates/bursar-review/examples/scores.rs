//! What scores say, for whoever wants to hold it against another program: a round in a line of JSON
//! on the standard input, the answer in a line of JSON on the standard output.
//!
//! In: `{"level": 0.9, "scores": [[application, reviewer, points or null], ...]}`, with whole
//! numbers for applications and reviewers. Out: mean, variances, applications and reviewers.

use std::io::{BufRead as _, Write as _};

use bursar_kernel::{ApplicationId, PersonId};
use bursar_review::scores::{Disagreement, Fit, Score, fit};
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let round: Value = serde_json::from_str(&line?)?;
        let level = round["level"].as_f64().ok_or("a round has a level")?;
        let rows = round["scores"].as_array().ok_or("a round has scores")?;
        let scores: Option<Vec<Score>> = rows.iter().map(score).collect();
        let scores = scores.ok_or("a score is an application, a reviewer and points or null")?;
        let fit = fit(&[], &scores, Disagreement::default())?;
        writeln!(out, "{}", told(&fit, level)?)?;
    }
    Ok(())
}

fn score(row: &Value) -> Option<Score> {
    let number = |place: usize| Some(u128::from(row.get(place)?.as_u64()?).to_be_bytes());
    let points = row.get(2)?;
    Some(Score {
        application: ApplicationId::from_bytes(number(0)?),
        reviewer: PersonId::from_bytes(number(1)?),
        points: if points.is_null() { None } else { Some(points.as_f64()?) },
    })
}

fn told(fit: &Fit, level: f64) -> Result<Value, Box<dyn std::error::Error>> {
    let number = |bytes: [u8; 16]| u64::try_from(u128::from_be_bytes(bytes));
    let mut applications = Vec::new();
    for one in &fit.applications {
        applications.push(json!({
            "application": number(one.application.to_bytes())?,
            "raw_mean": one.raw_mean,
            "adjusted": one.adjusted,
            "standard_error": one.standard_error,
            "interval": one.interval(level)?,
            "rank": one.rank,
        }));
    }
    let mut reviewers = Vec::new();
    for one in &fit.reviewers {
        reviewers.push(json!({
            "reviewer": number(one.reviewer.to_bytes())?,
            "severity": one.severity,
            "standard_error": one.standard_error,
        }));
    }
    let variances = fit
        .variances
        .map(|variances| json!([variances.application, variances.reviewer, variances.noise]));
    Ok(json!({
        "mean": fit.mean,
        "variances": variances,
        "applications": applications,
        "reviewers": reviewers,
        "groups": fit.groups.len(),
    }))
}
