//! The input buffer, and whether somebody speaks in it: loudness alone decides.

/// Milliseconds that are looked at in one piece.
const WINDOW_MS: u64 = 20;
/// How far a linear sample is from silence, at the least, to count as speech.
const LOUD: u16 = 500;
/// Bytes of the two laws that mean silence or nearly so.
const QUIET: [u8; 4] = [0xff, 0x7f, 0xd5, 0x55];

/// How samples are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Sound {
    /// 24,000 linear samples a second, of two bytes.
    #[default]
    Linear,
    /// 8,000 a second, of one byte, by either law.
    ByLaw,
}

impl Sound {
    pub(crate) fn bytes_per_ms(self) -> u64 {
        match self {
            Self::Linear => 48,
            Self::ByLaw => 8,
        }
    }

    fn is_loud(self, window: &[u8]) -> bool {
        match self {
            Self::Linear => window
                .chunks_exact(2)
                .any(|sample| LOUD < i16::from_le_bytes([sample[0], sample[1]]).unsigned_abs()),
            Self::ByLaw => window.iter().any(|byte| !QUIET.contains(byte)),
        }
    }
}

/// What was heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// Somebody began to speak, so many milliseconds after the session's beginning.
    Started(u64),
    /// They stopped.
    Stopped(u64),
}

/// The input buffer.
#[derive(Debug, Default)]
pub(crate) struct Ear {
    sound: Sound,
    /// Bytes of a window that is not full.
    rest: Vec<u8>,
    /// Heard in all.
    heard_ms: u64,
    /// Where the buffer begins.
    from_ms: u64,
    /// Since when nobody speaks, while somebody did.
    quiet_since_ms: Option<u64>,
    speaks: bool,
}

impl Ear {
    pub(crate) fn set(&mut self, sound: Sound) {
        if self.sound != sound {
            self.rest.clear();
            self.sound = sound;
        }
    }

    /// Milliseconds in the buffer.
    pub(crate) fn waiting_ms(&self) -> u64 {
        let rest = u64::try_from(self.rest.len()).unwrap_or(0) / self.sound.bytes_per_ms();
        self.heard_ms.saturating_sub(self.from_ms).saturating_add(rest)
    }

    /// Hears some sound. What that means is told where somebody listens for it: after how much
    /// silence what was said has ended.
    pub(crate) fn hear(&mut self, bytes: &[u8], silence_ms: Option<u64>) -> Vec<Heard> {
        self.rest.extend_from_slice(bytes);
        let size = usize::try_from(self.sound.bytes_per_ms() * WINDOW_MS).unwrap_or(usize::MAX);
        let mut heard = Vec::new();
        let mut at = 0_usize;
        while let Some(window) = self.rest.get(at..at.saturating_add(size)) {
            let is_loud = self.sound.is_loud(window);
            at = at.saturating_add(size);
            self.heard_ms = self.heard_ms.saturating_add(WINDOW_MS);
            if let Some(silence_ms) = silence_ms {
                heard.extend(self.listen(is_loud, silence_ms));
            }
        }
        self.rest.drain(..at);
        heard
    }

    fn listen(&mut self, is_loud: bool, silence_ms: u64) -> Option<Heard> {
        if is_loud {
            self.quiet_since_ms = None;
            let began = !std::mem::replace(&mut self.speaks, true);
            return began.then(|| Heard::Started(self.heard_ms.saturating_sub(WINDOW_MS)));
        }
        if !self.speaks {
            return None;
        }
        let since = *self.quiet_since_ms.get_or_insert(self.heard_ms.saturating_sub(WINDOW_MS));
        if self.heard_ms.saturating_sub(since) < silence_ms {
            return None;
        }
        self.speaks = false;
        self.quiet_since_ms = None;
        Some(Heard::Stopped(self.heard_ms))
    }

    /// Empties the buffer, and says how long it was.
    pub(crate) fn take(&mut self) -> u64 {
        let long = self.waiting_ms();
        let rest = u64::try_from(self.rest.len()).unwrap_or(0) / self.sound.bytes_per_ms();
        self.heard_ms = self.heard_ms.saturating_add(rest);
        self.rest.clear();
        self.from_ms = self.heard_ms;
        self.speaks = false;
        self.quiet_since_ms = None;
        long
    }
}

#[cfg(test)]
mod tests {
    //! Loud and quiet.

    use super::*;

    #[test]
    fn speech_begins_loud_and_ends_in_silence() {
        let (loud, quiet) = (vec![0x20; 48 * 100], vec![0; 48 * 100]);
        let mut ear = Ear::default();
        assert_eq!(ear.hear(&quiet, Some(200)), []);
        assert_eq!(ear.hear(&loud, Some(200)), [Heard::Started(100)]);
        assert_eq!(ear.hear(&quiet, Some(200)), []);
        assert_eq!(ear.hear(&quiet, Some(200)), [Heard::Stopped(400)]);
        assert_eq!((ear.take(), ear.waiting_ms()), (400, 0));
        assert_eq!(ear.hear(&loud, None), [], "nobody listens");
        assert_eq!(ear.take(), 100);
    }

    #[test]
    fn sound_by_law_has_a_byte_for_each_sample() {
        let mut ear = Ear::default();
        ear.set(Sound::ByLaw);
        assert_eq!(ear.hear(&[0xff; 8 * 40], Some(20)), []);
        assert_eq!(ear.hear(&[0x12; 8 * 20], Some(20)), [Heard::Started(40)]);
        assert_eq!(ear.hear(&[0xd5; 8 * 20], Some(20)), [Heard::Stopped(80)]);
    }
}
