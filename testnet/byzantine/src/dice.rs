//! Chance that follows from a seed: splitmix64.

/// Chooses.
#[derive(Clone, Debug)]
pub(crate) struct Dice {
    state: u64,
}

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below another; 0 below 0.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next().checked_rem(bound).unwrap_or(0)
    }

    /// Whether something that happens with this probability, 0 to 1, happens now.
    pub(crate) fn hits(&mut self, probability: f64) -> bool {
        let part = u32::try_from(self.next() >> 32).unwrap_or(u32::MAX);
        f64::from(part) < probability * f64::from(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chance_follows_from_the_seed_and_keeps_to_its_share() {
        let hits = |seed: u64, share: f64| {
            let mut dice = Dice::new(seed);
            (0..1_000).filter(|_time| dice.hits(share)).count()
        };
        assert_eq!(hits(1, 0.3), hits(1, 0.3));
        assert_eq!((hits(2, 0.0), hits(2, 1.0)), (0, 1_000));
        assert!((200..400).contains(&hits(3, 0.3)));
        assert!((0..100).all(|seed| Dice::new(seed).below(7) < 7));
    }
}
