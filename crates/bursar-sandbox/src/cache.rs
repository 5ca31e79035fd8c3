//! The provider's prompt cache, as far as usage shows it: which prefixes were seen before.

use std::collections::{HashSet, VecDeque};

/// The shortest prefix that the provider caches (prompt caching guide, 2026).
const PREFIX_TOKENS_MIN: usize = 1_024;
/// Longer prefixes are cached in steps of so many tokens.
const STEP_TOKENS: usize = 128;
/// Prefixes that are remembered: those of sixteen prompts of half a million tokens.
const PREFIXES_MAX: usize = 65_536;

type Hash = [u8; 16];

/// Prefixes seen before, the oldest forgotten first.
#[derive(Debug, Default)]
pub(crate) struct PrefixCache {
    known: HashSet<Hash>,
    order: VecDeque<Hash>,
}

impl PrefixCache {
    /// How many tokens of a prompt were seen before, as a prefix of a prompt to the same model.
    /// From now on the prompt's own prefixes are known.
    pub(crate) fn read_and_write(&mut self, model: &str, prompt: &[u32]) -> usize {
        let mut hasher = blake3::Hasher::new();
        hasher.update(model.as_bytes());
        let (mut cached, mut length) = (0, 0);
        for step in prompt.chunks_exact(STEP_TOKENS) {
            for token in step {
                hasher.update(&token.to_le_bytes());
            }
            length += STEP_TOKENS;
            if length < PREFIX_TOKENS_MIN {
                continue;
            }
            let mut hash = [0; 16];
            hash.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
            if !self.learn(hash) {
                cached = length;
            }
        }
        cached
    }

    /// Whether the prefix is new.
    fn learn(&mut self, hash: Hash) -> bool {
        if !self.known.insert(hash) {
            return false;
        }
        self.order.push_back(hash);
        if self.order.len() > PREFIXES_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        true
    }
}
