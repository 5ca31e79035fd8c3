//! The factor of a symmetric matrix, and what is solved with it (Golub and Van Loan, Matrix
//! Computations, 4th edition, section 4.2).

/// A symmetric matrix, of which the lower triangle counts.
pub(super) struct Symmetric {
    size: usize,
    values: Vec<f64>,
}

impl Symmetric {
    /// Zeros.
    pub(super) fn zeros(size: usize) -> Self {
        Self { size, values: vec![0.0; size * size] }
    }

    /// The element of a row and a column that is not beyond it.
    pub(super) fn at(&mut self, row: usize, column: usize) -> &mut f64 {
        let (row, column) = (row.max(column), row.min(column));
        &mut self.values[row * self.size + column]
    }

    /// Its factor; `None` if it is not positive definite.
    pub(super) fn factor(mut self) -> Option<Factor> {
        let size = self.size;
        for row in 0..size {
            let (above, rest) = self.values.split_at_mut(row * size);
            let own = &mut rest[..size];
            for column in 0..row {
                let other = &above[column * size..column * size + size];
                let sum = own[column] - dot(&own[..column], &other[..column]);
                own[column] = sum / other[column];
            }
            let square = own[row] - dot(&own[..row], &own[..row]);
            if square <= 0.0 || !square.is_finite() {
                return None;
            }
            own[row] = square.sqrt();
        }
        Some(Factor { size, values: self.values })
    }
}

/// A lower triangle whose product with its transpose is the matrix.
pub(super) struct Factor {
    size: usize,
    values: Vec<f64>,
}

impl Factor {
    fn row(&self, row: usize) -> &[f64] {
        &self.values[row * self.size..(row + 1) * self.size]
    }

    /// The logarithm of the matrix's determinant.
    pub(super) fn log_determinant(&self) -> f64 {
        2.0 * (0..self.size).map(|row| self.row(row)[row].ln()).sum::<f64>()
    }

    /// What the factor makes the vector of.
    pub(super) fn forward(&self, mut vector: Vec<f64>) -> Vec<f64> {
        for row in 0..self.size {
            let own = self.row(row);
            vector[row] = (vector[row] - dot(&own[..row], &vector[..row])) / own[row];
        }
        vector
    }

    /// The inverse of the matrix, all of it, row by row.
    pub(super) fn inverse(&self) -> Vec<f64> {
        let size = self.size;
        // Row `i` of this holds column `i` of the factor's inverse, which is zero above `i`.
        let mut columns = vec![0.0; size * size];
        for column in 0..size {
            let solved = &mut columns[column * size..(column + 1) * size];
            solved[column] = 1.0 / self.row(column)[column];
            for row in column + 1..size {
                let own = self.row(row);
                let sum = dot(&own[column..row], &solved[column..row]);
                solved[row] = -sum / own[row];
            }
        }
        let mut inverse = vec![0.0; size * size];
        for row in 0..size {
            for column in 0..=row {
                let one = &columns[row * size + row..(row + 1) * size];
                let other = &columns[column * size + row..(column + 1) * size];
                let value = dot(one, other);
                inverse[row * size + column] = value;
                inverse[column * size + row] = value;
            }
        }
        inverse
    }
}

/// A product of two vectors, summed in four lanes so that the processor need not wait for each.
pub(super) fn dot(one: &[f64], other: &[f64]) -> f64 {
    let mut lanes = [0.0; 4];
    let (ones, others) = (one.chunks_exact(4), other.chunks_exact(4));
    let rest = ones.remainder().iter().zip(others.remainder());
    let rest: f64 = rest.map(|(a, b)| a * b).sum();
    for (a, b) in ones.zip(others) {
        for lane in 0..4 {
            lanes[lane] += a[lane] * b[lane];
        }
    }
    (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]) + rest
}

#[cfg(test)]
mod tests {
    //! A factor and an inverse, multiplied out.

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn an_inverse_times_its_matrix_is_one(
            size in 1_usize..9, seed in prop::collection::vec(-1.0_f64..1.0, 81),
        ) {
            let mut full = vec![0.0; size * size];
            for row in 0..size {
                for column in 0..size {
                    let of = |line: usize| &seed[line * 9..line * 9 + size];
                    let product = dot(of(row), of(column));
                    full[row * size + column] = product + if row == column { 0.5 } else { 0.0 };
                }
            }
            let mut matrix = Symmetric::zeros(size);
            for row in 0..size {
                for column in 0..=row {
                    *matrix.at(column, row) = full[row * size + column];
                }
            }
            let factor = matrix.factor().unwrap();
            let inverse = factor.inverse();
            for row in 0..size {
                for column in 0..size {
                    let line = &full[row * size..(row + 1) * size];
                    // The inverse is symmetric: its rows are its columns.
                    let sum = dot(line, &inverse[column * size..(column + 1) * size]);
                    let wanted = if row == column { 1.0 } else { 0.0 };
                    prop_assert!((sum - wanted).abs() < 1e-9, "{row} {column} {sum}");
                }
            }
            let solved = factor.forward(full[..size].to_vec());
            let square = dot(&solved, &solved);
            prop_assert!((square - full[0]).abs() < 1e-9, "{square} {}", full[0]);
        }
    }

    #[test]
    fn what_is_not_positive_definite_has_no_factor() {
        assert!(Symmetric::zeros(1).factor().is_none());
        assert_eq!(Symmetric::zeros(0).factor().unwrap().inverse(), Vec::<f64>::new());
    }
}
