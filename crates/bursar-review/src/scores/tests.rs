//! What scores say in rounds that can be reckoned by hand, in rounds that were made up with a known
//! truth, and whatever they are.

use bursar_kernel::{ApplicationId, PersonId};
use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;

fn person(number: usize) -> PersonId {
    PersonId::from_bytes((number as u128).to_be_bytes())
}

fn application(number: usize) -> ApplicationId {
    ApplicationId::from_bytes((number as u128).to_be_bytes())
}

/// Scores as rows of applications: `60 70 -` is 60 from reviewer 0, 70 from 1, none from 2; `x` is
/// an abstention.
fn table(rows: &str) -> Vec<Score> {
    let mut scores = Vec::new();
    for (place, row) in rows.lines().map(str::trim).filter(|row| !row.is_empty()).enumerate() {
        for (number, cell) in row.split_whitespace().enumerate().filter(|(_, cell)| *cell != "-") {
            let (application, reviewer) = (application(place), person(number));
            scores.push(Score { application, reviewer, points: cell.parse().ok() });
        }
    }
    scores
}

fn told(fit: &Fit) -> String {
    let mut rows = vec![format!("{:?} mean {}", fit.basis, some(fit.mean))];
    if let Some(Variances { application, reviewer, noise }) = fit.variances {
        rows.push(format!("variances {application:.2} {reviewer:.2} {noise:.2}"));
    }
    for one in &fit.applications {
        let number = u128::from_be_bytes(one.application.to_bytes());
        let rank = |rank: Option<usize>| rank.map_or("-".to_owned(), |rank| rank.to_string());
        rows.push(format!(
            "application {number}: raw {} adjusted {} ± {}, place {} -> {}{}",
            some(one.raw_mean),
            some(one.adjusted),
            some(one.standard_error),
            rank(one.raw_rank),
            rank(one.rank),
            one.disagreement.map_or(String::new(), |one| format!(" {one:.2?}")),
        ));
    }
    for one in &fit.reviewers {
        let number = u128::from_be_bytes(one.reviewer.to_bytes());
        rows.push(format!(
            "reviewer {number}: severity {} ± {}, agreement {}",
            some(one.severity),
            some(one.standard_error),
            some(one.agreement)
        ));
    }
    let groups: Vec<usize> = fit.groups.iter().map(Vec::len).collect();
    rows.push(format!("groups {groups:?}"));
    rows.extend(fit.warning());
    rows.join("\n") + "\n"
}

fn some(value: Option<f64>) -> String {
    value.map_or("-".to_owned(), |value| format!("{value:.2}"))
}

fn check(rows: &str, expected: &Expect) {
    let listed: Vec<ApplicationId> = (0..rows.lines().count().max(2)).map(application).collect();
    expected.assert_eq(&told(&fit(&listed, &table(rows), Disagreement::default()).unwrap()));
}

#[test]
fn a_severe_reviewer_costs_nobody_a_place() {
    // Reviewer 0 gives twenty points less than the others, and sees the best applications.
    check(
        "60 80 -\n62 82 -\n58 - 78\n- 70 70\n- 68 69\n40 60 -\n39 - 60\n- 75 74\n",
        &expect![[r#"
            Model mean 64.90
            variances 74.54 136.13 0.23
            application 0: raw 70.00 adjusted 73.39 ± 6.75, place 3 -> 2
            application 1: raw 72.00 adjusted 75.39 ± 6.75, place 2 -> 1
            application 2: raw 68.00 adjusted 71.32 ± 6.75, place 6 -> 3
            application 3: raw 70.00 adjusted 63.27 ± 6.75, place 3 -> 5
            application 4: raw 68.50 adjusted 61.77 ± 6.75, place 5 -> 6
            application 5: raw 50.00 adjusted 53.42 ± 6.75, place 7 -> 7
            application 6: raw 49.50 adjusted 52.85 ± 6.75, place 8 -> 8
            application 7: raw 74.50 adjusted 67.76 ± 6.75, place 1 -> 4
            reviewer 0: severity 13.47 ± 6.74, agreement 1.00
            reviewer 1: severity -6.67 ± 6.74, agreement 1.00
            reviewer 2: severity -6.80 ± 6.74, agreement 1.00
            groups [8]
        "#]],
    );
}

#[test]
fn rounds_that_say_little_say_that_they_do() {
    check(
        "",
        &expect![[r#"
            NoScores mean -
            application 0: raw - adjusted - ± -, place - -> -
            application 1: raw - adjusted - ± -, place - -> -
            groups []
            nobody has scored anything yet
        "#]],
    );
    check(
        "70",
        &expect![[r#"
            OneScoreEach mean 70.00
            application 0: raw 70.00 adjusted 70.00 ± -, place 1 -> 1
            application 1: raw - adjusted - ± -, place - -> -
            reviewer 0: severity - ± -, agreement -
            groups [1]
            no application has two scores, so severity cannot be told from quality
        "#]],
    );
    check(
        "70 -\n- 60\n",
        &expect![[r#"
            OneScoreEach mean 65.00
            application 0: raw 70.00 adjusted 70.00 ± -, place 1 -> 1
            application 1: raw 60.00 adjusted 60.00 ± -, place 2 -> 2
            reviewer 0: severity - ± -, agreement -
            reviewer 1: severity - ± -, agreement -
            groups [1, 1]
            no application has two scores, so severity cannot be told from quality; 2 groups of applications have no reviewer in common, so between them severity cannot be told from quality
        "#]],
    );
    check(
        "70 70\n70 70\n",
        &expect![[r#"
            AllEqual mean 70.00
            application 0: raw 70.00 adjusted 70.00 ± 0.00, place 1 -> 1
            application 1: raw 70.00 adjusted 70.00 ± 0.00, place 1 -> 1
            reviewer 0: severity - ± -, agreement -
            reviewer 1: severity - ± -, agreement -
            groups [2]
            all scores are the same, so none tells applications apart
        "#]],
    );
    check(
        "x x\nx x\n",
        &expect![[r#"
            NoScores mean -
            application 0: raw - adjusted - ± -, place - -> -
            application 1: raw - adjusted - ± -, place - -> -
            reviewer 0: severity - ± -, agreement -
            reviewer 1: severity - ± -, agreement -
            groups []
            nobody has scored anything yet
        "#]],
    );
}

#[test]
fn what_cannot_be_told_apart_is_not_said() {
    // One reviewer.
    check(
        "70\n60\n80\n",
        &expect![[r#"
            OneScoreEach mean 70.00
            application 0: raw 70.00 adjusted 70.00 ± -, place 2 -> 2
            application 1: raw 60.00 adjusted 60.00 ± -, place 3 -> 3
            application 2: raw 80.00 adjusted 80.00 ± -, place 1 -> 1
            reviewer 0: severity - ± -, agreement -
            groups [3]
            no application has two scores, so severity cannot be told from quality
        "#]],
    );
    // One application.
    check(
        "70 60 50\n",
        &expect![[r#"
            Model mean 60.00
            variances 0.00 0.00 100.00
            application 0: raw 60.00 adjusted 60.00 ± 5.77, place 1 -> 1
            application 1: raw - adjusted - ± -, place - -> -
            reviewer 0: severity - ± -, agreement -
            reviewer 1: severity - ± -, agreement -
            reviewer 2: severity - ± -, agreement -
            groups [1]
        "#]],
    );
    // Two groups, and an application with none.
    check(
        "70 60 - -\n50 55 - -\n- - 60 75\n- - 30 35\nx - - -\n",
        &expect![[r#"
            Model mean 54.38
            variances 235.46 4.77 41.81
            application 0: raw 65.00 adjusted 64.06 ± 4.67, place 2 -> 2
            application 1: raw 52.50 adjusted 52.58 ± 4.67, place 3 -> 3
            application 2: raw 67.50 adjusted 66.50 ± 4.67, place 1 -> 1
            application 3: raw 32.50 adjusted 34.36 ± 4.67, place 4 -> 4
            application 4: raw - adjusted - ± -, place - -> -
            reviewer 0: severity -0.31 ± 2.07, agreement -
            reviewer 1: severity 0.15 ± 2.07, agreement -
            reviewer 2: severity 1.01 ± 2.07, agreement -
            reviewer 3: severity -0.85 ± 2.07, agreement -
            groups [2, 2]
            2 groups of applications have no reviewer in common, so between them severity cannot be told from quality
        "#]],
    );
}

#[test]
fn what_reviewers_disagree_about_is_flagged() {
    check(
        "90 30\n60 58\n55 57\n61 63\n70 68\n40 41\n",
        &expect![[r#"
        Model mean 57.75
        variances 0.00 7.98 242.21
        application 0: raw 60.00 adjusted 57.75 ± 4.92, place 3 -> 1 Range(60.00)
        application 1: raw 59.00 adjusted 57.75 ± 4.92, place 4 -> 1
        application 2: raw 56.00 adjusted 57.75 ± 4.92, place 5 -> 1
        application 3: raw 62.00 adjusted 57.75 ± 4.92, place 2 -> 1
        application 4: raw 69.00 adjusted 57.75 ± 4.92, place 1 -> 1
        application 5: raw 40.50 adjusted 57.75 ± 4.92, place 6 -> 1
        reviewer 0: severity -0.81 ± 2.71, agreement -0.26
        reviewer 1: severity 0.81 ± 2.71, agreement -0.26
        groups [6]
    "#]],
    );
    let narrow = Disagreement { range: 1_000.0, deviations: 2.0 };
    let fit = fit(&[], &table("90 30\n60 58\n55 57\n61 63\n70 68\n40 41\n"), narrow).unwrap();
    let flagged: Vec<bool> =
        fit.applications.iter().map(|one| one.disagreement.is_some()).collect();
    assert_eq!(flagged, [true, false, false, false, false, false]);
}

#[test]
fn scores_that_cannot_be_weighed_are_refused() {
    let refused = |scores: &[Score]| fit(&[], scores, Disagreement::default()).unwrap_err();
    let score = |points| Score { application: application(1), reviewer: person(1), points };
    expect![[r#"
        weigh two scores of person_00000000000000000000000001 for application_00000000000000000000000001
        hint: hand in the latest of each alone"#]].assert_eq(&refused(&[score(Some(1.0)), score(None)]).to_string());
    expect![[r#"
        weigh a score of NaN for application_00000000000000000000000001
        hint: scores are at most 1,000,000"#]]
    .assert_eq(&refused(&[score(Some(f64::NAN))]).to_string());
    expect![[r#"
        weigh a score of 10000000 for application_00000000000000000000000001
        hint: scores are at most 1,000,000"#]]
    .assert_eq(&refused(&[score(Some(1e7))]).to_string());
}

/// A balanced table has a solution in closed form: with every reviewer's score of every
/// application, the variances are those of the analysis of variance where none is negative
/// (Searle, Casella and others: Variance Components, 1992, section 4.7), and an application's
/// effect is its raw one times `n s_a / (n s_a + s_e)`.
#[test]
fn a_balanced_table_agrees_with_the_analysis_of_variance() {
    let rows = "71 64 80\n55 40 62\n90 85 99\n33 40 41\n60 49 75\n";
    let scores = table(rows);
    let points = |a: usize, r: usize| scores[a * 3 + r].points.unwrap();
    let (apps, revs) = (5, 3);
    let grand = scores.iter().map(|score| score.points.unwrap()).sum::<f64>() / 15.0;
    let of_app = |a: usize| (0..revs).map(|r| points(a, r)).sum::<f64>() / 3.0 - grand;
    let of_rev = |r: usize| (0..apps).map(|a| points(a, r)).sum::<f64>() / 5.0 - grand;
    let mean_a = 3.0 * (0..apps).map(|a| of_app(a).powi(2)).sum::<f64>() / 4.0;
    let mean_r = 5.0 * (0..revs).map(|r| of_rev(r).powi(2)).sum::<f64>() / 2.0;
    let residual = |a, r| points(a, r) - grand - of_app(a) - of_rev(r);
    let cells = (0..apps).flat_map(|a| (0..revs).map(move |r| (a, r)));
    let noise = cells.map(|(a, r)| residual(a, r).powi(2)).sum::<f64>() / 8.0;
    let (between, severity) = ((mean_a - noise) / 3.0, (mean_r - noise) / 5.0);
    let fit = fit(&[], &scores, Disagreement::default()).unwrap();
    let got = fit.variances.unwrap();
    let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-3 * b.abs().max(1.0), "{a} {b}");
    near(got.noise, noise);
    near(got.application, between);
    near(got.reviewer, severity);
    near(fit.mean.unwrap(), grand);
    for (a, one) in fit.applications.iter().enumerate() {
        let shrunk = grand + of_app(a) * 3.0 * between / (3.0 * between + noise);
        near(one.adjusted.unwrap(), shrunk);
    }
    for (r, one) in fit.reviewers.iter().enumerate() {
        near(one.severity.unwrap(), -of_rev(r) * 5.0 * severity / (5.0 * severity + noise));
    }
    // Of the distance between two applications: twice `s_a s_e / (3 s_a + s_e)`, for reviewers
    // are common to both.
    let apart = fit.apart(application(0), application(1)).unwrap();
    near(apart.standard_error.powi(2), 2.0 * between * noise / (3.0 * between + noise));
}

/// Chance that is the same in each run.
struct Chance(u64);

impl Chance {
    fn share(&mut self) -> f64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        f64::from(u32::try_from(self.0 >> 32).unwrap()) / 4_294_967_296.0
    }

    /// A normal number, as the sum of twelve even ones.
    fn normal(&mut self, spread: f64) -> f64 {
        spread * ((0..12).map(|_| self.share()).sum::<f64>() - 6.0)
    }
}

/// A round of 60 applications, 12 reviewers, three scores each; its truth first.
fn made_up(seed: u64) -> (Vec<f64>, Vec<Score>) {
    let mut chance = Chance(seed.wrapping_mul(77_777) + 1);
    let severities: Vec<f64> = (0..12).map(|_| chance.normal(12.0)).collect();
    let truths: Vec<f64> = (0..60).map(|_| 60.0 + chance.normal(10.0)).collect();
    let mut scores = Vec::new();
    for (place, truth) in truths.iter().enumerate() {
        let mut order: Vec<(f64, usize)> =
            (0..12).map(|reviewer| (chance.share(), reviewer)).collect();
        order.sort_by(|a, b| a.0.total_cmp(&b.0));
        for (_, number) in order.into_iter().take(3) {
            let points = Some(truth + severities[number] + chance.normal(8.0));
            let (application, reviewer) = (application(place), person(number));
            scores.push(Score { application, reviewer, points });
        }
    }
    (truths, scores)
}

#[test]
fn adjusting_is_nearer_to_the_truth_than_the_raw_mean_and_knows_how_near() {
    let (mut raw, mut adjusted, mut within, mut of) = (0.0, 0.0, 0, 0);
    for seed in 0..40 {
        let (truths, scores) = made_up(seed);
        let fit = fit(&[], &scores, Disagreement::default()).unwrap();
        for (truth, one) in truths.iter().zip(&fit.applications) {
            raw += (one.raw_mean.unwrap() - truth).powi(2);
            adjusted += (one.adjusted.unwrap() - truth).powi(2);
            let (low, high) = one.interval(0.9).unwrap().unwrap();
            within += u32::from(low <= *truth && *truth <= high);
            of += 1;
        }
    }
    assert!(adjusted < 0.55 * raw, "{adjusted} {raw}");
    let share = f64::from(within) / f64::from(of);
    assert!((0.87..0.93).contains(&share), "{share}");
}

#[test]
fn a_tie_holds_whoever_the_evidence_cannot_tell_apart() {
    let (_, scores) = made_up(3);
    let fit = fit(&[], &scores, Disagreement::default()).unwrap();
    let order = fit.ranking();
    let line = order[20];
    let narrow = fit.tied_with(line, 0.5).unwrap().unwrap();
    let wide = fit.tied_with(line, 0.9).unwrap().unwrap();
    assert!(narrow.contains(&line) && narrow.len() < wide.len() && wide.len() < order.len());
    assert!(narrow.iter().all(|one| wide.contains(one)));
    assert!(!wide.contains(&order[0]) && !wide.contains(&order[59]));
    for one in &order {
        let apart = fit.apart(line, *one).unwrap();
        let is_tied = apart.points.abs() <= 1.644_853_626_951 * apart.standard_error;
        assert_eq!(wide.contains(one), is_tied);
    }
    assert_eq!(fit.tied_with(application(1_000), 0.9), Ok(None));
    assert_eq!(fit.tied_with(line, 90.0), Err(LevelError(90.0)));
}

prop_compose! {
    fn any_scores()(
        cells in prop::collection::btree_map(
            (0_usize..8, 0_usize..5), prop::option::weighted(0.9, 0_u32..=10), 0..40,
        ),
    ) -> Vec<Score> {
        let score = |((place, number), points): ((usize, usize), Option<u32>)| Score {
            application: application(place),
            reviewer: person(number),
            points: points.map(f64::from),
        };
        cells.into_iter().map(score).collect()
    }
}

proptest! {
    #[test]
    fn whatever_the_scores_are_the_figures_are_sound(scores in any_scores()) {
        let fit = fit(&[application(9)], &scores, Disagreement::default()).unwrap();
        for one in &fit.applications {
            for value in [one.raw_mean, one.adjusted, one.standard_error].into_iter().flatten() {
                prop_assert!(value.is_finite());
            }
            if let Some(error) = one.standard_error {
                prop_assert!((0.0..100.0).contains(&error), "{error}");
            }
            if one.adjusted.is_some() && fit.basis == Basis::Model {
                // Nobody lies outside of what reviewers gave, by more than their severity.
                prop_assert!((-5.0..15.0).contains(&one.adjusted.unwrap()));
            }
        }
        for one in &fit.reviewers {
            prop_assert!(one.severity.is_none_or(|severity| severity.abs() <= 10.0));
            prop_assert!(one.agreement.is_none_or(|agreement| (-1.0..=1.0).contains(&agreement)));
        }
        prop_assert_eq!(fit.tied_with(application(9), 0.9), Ok(None));
        for one in fit.ranking().into_iter().filter(|_| fit.basis == Basis::Model) {
            prop_assert!(fit.tied_with(one, 0.9).unwrap().unwrap().contains(&one));
        }
    }

    #[test]
    fn the_order_of_the_scores_does_not_matter(scores in any_scores(), turn in 0_usize..40) {
        let mut turned = scores.clone();
        turned.reverse();
        turned.rotate_left(turn.min(scores.len()));
        let one = fit(&[], &scores, Disagreement::default()).unwrap();
        let other = fit(&[], &turned, Disagreement::default()).unwrap();
        prop_assert_eq!(&one.applications, &other.applications);
        prop_assert_eq!(&one.reviewers, &other.reviewers);
    }

    #[test]
    fn another_zero_or_scale_moves_all_alike(
        scores in any_scores(), zero in -50.0_f64..50.0, scale in 0.5_f64..4.0,
    ) {
        let moved: Vec<Score> = scores
            .iter()
            .map(|score| Score { points: score.points.map(|p| zero + scale * p), ..*score })
            .collect();
        let one = fit(&[], &scores, Disagreement::default()).unwrap();
        let other = fit(&[], &moved, Disagreement::default()).unwrap();
        for (a, b) in one.applications.iter().zip(&other.applications) {
            let same = |a: Option<f64>, b: Option<f64>, zero: f64| match (a, b) {
                (Some(a), Some(b)) => (zero + scale * a - b).abs() < 0.02 * scale,
                (None, None) => true,
                (Some(_), None) | (None, Some(_)) => false,
            };
            prop_assert!(same(a.adjusted, b.adjusted, zero), "{a:?} {b:?}");
            prop_assert!(same(a.standard_error, b.standard_error, 0.0), "{a:?} {b:?}");
        }
    }
}
