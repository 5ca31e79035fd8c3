//! A draw that whoever has its seed can draw again.
//!
//! An application's ticket is the BLAKE3 hash of the seed's text followed by the text of its
//! identifier, and the lowest ticket comes first: `printf '%s%s' SEED APPLICATION | b3sum` writes
//! it. Who is to trust the draw is told the commitment, the hash of the seed alone, before the
//! applications are known, and the seed afterwards. Identifiers are all of one length, so no two
//! seeds and applications make one text.

use std::fmt;

use bursar_kernel::ApplicationId;

/// A BLAKE3 hash, displayed as `b3sum` writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket([u8; 32]);

impl fmt::Display for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Characters of a seed at the least: shorter ones are found by trying.
pub const SEED_CHARACTERS_MIN: usize = 16;

/// Why there is no draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("draw with a seed of {0} characters\nhint: a seed has {SEED_CHARACTERS_MIN} or more")]
pub struct SeedError(pub usize);

/// What is told before a draw: the hash of its seed.
pub fn commitment(seed: &str) -> Result<Ticket, SeedError> {
    let length = seed.chars().count();
    if length < SEED_CHARACTERS_MIN {
        return Err(SeedError(length));
    }
    Ok(Ticket(*blake3::hash(seed.as_bytes()).as_bytes()))
}

/// Draws: applications with their tickets, the lowest first. One that is listed twice has one
/// ticket.
pub fn draw(
    seed: &str,
    applications: impl IntoIterator<Item = ApplicationId>,
) -> Result<Vec<(ApplicationId, Ticket)>, SeedError> {
    commitment(seed)?;
    let mut drawn: Vec<(ApplicationId, Ticket)> = applications
        .into_iter()
        .map(|application| (application, ticket(seed, application)))
        .collect();
    drawn.sort_by_key(|(application, ticket)| (*ticket, *application));
    drawn.dedup();
    Ok(drawn)
}

fn ticket(seed: &str, application: ApplicationId) -> Ticket {
    let mut hasher = blake3::Hasher::new();
    hasher.update(seed.as_bytes());
    hasher.update(application.to_string().as_bytes());
    Ticket(*hasher.finalize().as_bytes())
}

#[cfg(test)]
mod tests {
    //! A draw that another program has drawn as well, and what no draw depends on.

    use proptest::prelude::*;

    use super::*;

    fn application(number: u8) -> ApplicationId {
        ApplicationId::from_bytes([number; 16])
    }

    #[test]
    fn another_program_draws_the_same() {
        let seed = "a seed for the tests, 2026-12";
        let drawn = draw(seed, (1..=3).map(application)).unwrap();
        let told: Vec<String> =
            drawn.iter().map(|(application, ticket)| format!("{ticket} {application}")).collect();
        assert_eq!(told, VECTOR);
        assert_eq!(commitment(seed).unwrap().to_string(), COMMITMENT);
    }

    const COMMITMENT: &str = "9c490577fbfb7b4e6f49bcf04b00c19b459d79e6922c880d560d4742da781f5f";
    const VECTOR: [&str; 3] = [
        "0d0337a342a4b717f0d29e1c71b6d8081a414bcd234f77134435dda24a1c5cc2 \
         application_02081040g2081040g2081040g2",
        "cc1cbdf4076404a42c3cdb0bc7d1c08f05ab8b015cd40be9729077412acd1927 \
         application_01040g2081040g2081040g2081",
        "fe420af7f568214d1d02b8949c8cfdaaf77e0c0eb88f3f4860ae62366a326209 \
         application_030c1g60r30c1g60r30c1g60r3",
    ];

    #[test]
    fn a_seed_that_is_found_by_trying_is_refused() {
        assert_eq!(commitment("short"), Err(SeedError(5)));
        assert_eq!(draw("fifteen letters", []), Err(SeedError(15)));
        let told = SeedError(5).to_string();
        assert_eq!(told, "draw with a seed of 5 characters\nhint: a seed has 16 or more");
    }

    proptest! {
        #[test]
        fn the_order_of_the_list_does_not_matter_and_nobody_is_lost(
            mut numbers in prop::collection::vec(any::<u8>(), 0..20), seed in "[a-z]{16}",
        ) {
            let one = draw(&seed, numbers.iter().copied().map(application)).unwrap();
            numbers.reverse();
            let other = draw(&seed, numbers.iter().copied().map(application)).unwrap();
            prop_assert_eq!(&one, &other);
            for number in numbers {
                let own = one.iter().filter(|(id, _)| *id == application(number)).count();
                prop_assert_eq!(own, 1);
            }
        }
    }

    #[test]
    fn everybody_is_drawn_first_as_often_as_anybody_else() {
        let mut first = [0_u32; 4];
        for round in 0..2_000 {
            let drawn =
                draw(&format!("seed of round {round:04}"), (0..4).map(application)).unwrap();
            first[usize::from(drawn[0].0.to_bytes()[0])] += 1;
        }
        assert!(first.iter().all(|count| (420..580).contains(count)), "{first:?}");
    }
}
