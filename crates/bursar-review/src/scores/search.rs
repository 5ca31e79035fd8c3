//! The least value of a function of a few numbers, without derivatives.

/// Evaluations at the most; some 60 are needed.
const EVALUATIONS_MAX: usize = 400;
/// Where two values of a deviance are the same: far below what a variance is known to.
const NEAR: f64 = 1e-8;

/// Where a function is least, by the downhill simplex method (Nelder and Mead, A Simplex Method
/// for Function Minimization, Computer Journal 7, 1965), from a point and as far around it.
pub(super) fn least(start: &[f64], step: f64, value: impl Fn(&[f64]) -> f64) -> Vec<f64> {
    let dimensions = start.len();
    if dimensions == 0 {
        return Vec::new();
    }
    let mut simplex: Vec<(f64, Vec<f64>)> = (0..=dimensions)
        .map(|corner| {
            let mut point = start.to_vec();
            if let Some(coordinate) = corner.checked_sub(1).and_then(|place| point.get_mut(place)) {
                *coordinate += step;
            }
            (value(&point), point)
        })
        .collect();
    let mut evaluations = simplex.len();
    loop {
        simplex.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (best, worst) = (simplex[0].0, simplex[dimensions].0);
        if worst - best < NEAR || EVALUATIONS_MAX < evaluations {
            return simplex.swap_remove(0).1;
        }
        let centre: Vec<f64> = (0..dimensions)
            .map(|place| {
                let corners = simplex[..dimensions].iter().map(|(_, point)| point[place]);
                corners.sum::<f64>() / super::prepare::real(dimensions)
            })
            .collect();
        let towards = |share: f64| -> (f64, Vec<f64>) {
            let away = centre.iter().zip(&simplex[dimensions].1);
            let point: Vec<f64> = away.map(|(c, w)| c + share * (w - c)).collect();
            (value(&point), point)
        };
        let reflected = towards(-1.0);
        evaluations += 2;
        let next = if reflected.0 < best {
            let expanded = towards(-2.0);
            if expanded.0 < reflected.0 { expanded } else { reflected }
        } else if reflected.0 < simplex[dimensions - 1].0 {
            reflected
        } else {
            let contracted = towards(if reflected.0 < worst { -0.5 } else { 0.5 });
            if contracted.0 < worst.min(reflected.0) {
                contracted
            } else {
                // Everything moves half way to the best corner.
                let first = simplex[0].1.clone();
                for (corner, point) in &mut simplex[1..] {
                    for (coordinate, towards) in point.iter_mut().zip(&first) {
                        *coordinate = f64::midpoint(*coordinate, *towards);
                    }
                    *corner = value(point);
                }
                evaluations += dimensions;
                continue;
            }
        };
        simplex[dimensions] = next;
    }
}

#[cfg(test)]
mod tests {
    //! Functions whose least values are known.

    use super::*;

    #[test]
    fn the_least_value_is_found() {
        let bowl =
            |at: &[f64]| (at[0] - 3.0).powi(2) + 10.0 * (at[1] + 1.0).powi(2) + at[0] * at[1];
        let at = least(&[1.0, 0.5], 0.5, bowl);
        // Where both derivatives are zero: 2 (x - 3) + y = 0 and 20 (y + 1) + x = 0.
        assert!(
            (at[0] - 140.0 / 39.0).abs() < 1e-3 && (at[1] + 46.0 / 39.0).abs() < 1e-3,
            "{at:?}"
        );
        let at = least(&[1.0], 0.5, |at| (at[0] * at[0] - 0.04).powi(2));
        assert!((at[0].abs() - 0.2).abs() < 1e-3, "{at:?}");
        assert_eq!(least(&[], 1.0, |_| 0.0), Vec::<f64>::new());
    }
}
