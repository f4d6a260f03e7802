//! Seeds, their named sub-streams, and the generator that they feed.
//!
//! Laws, each guarded by a test below:
//!
//! - L1 A seed reads back as it prints: `0x` and 16 hex digits.
//! - L2 A sub-stream depends on its parent and its name only: a new sub-stream, or
//!   a new draw in one, moves no other.
//! - L3 Seeds are mixed, never masked: under one name, different parents have
//!   different children.
//! - L4 The figures are for ever: a seed in a bug report replays the same run in
//!   every later version. Nothing here may change without a new name for it.
//!
//! The mixing, so that anyone can compute it again; all sums wrap at 2^64:
//!
//! ```text
//! mix(z)       = splitmix64's output function: z ^= z >> 30; z *= 0xbf58476d1ce4e5b9;
//!                z ^= z >> 27; z *= 0x94d049bb133111eb; z ^= z >> 31
//! split(s, n)  = mix(mix(s + G) ^ fnv1a64(n)),  G = 0x9e3779b97f4a7c15
//! rng(s)       = ChaCha8 with stream 0 and the 32-byte key
//!                mix(s + G), mix(s + 2G), mix(s + 3G), mix(s + 4G), each little-endian
//! ```

use std::fmt;
use std::str::FromStr;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// Splitmix64's step: 2^64 over the golden ratio, odd.
const GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;

/// Keeps [`Seed::draws`] apart from the generator: pi, as far as it goes.
const DRAWS: u64 = 0x3243_f6a8_885a_308d;

/// Hex digits of a printed seed.
const HEX_DIGITS: usize = 16;

/// Where all randomness of a run comes from.
///
/// ```
/// use sigprof_sim::Seed;
///
/// let seed: Seed = "0x000000000000002a".parse()?;
/// assert_eq!(seed, "42".parse()?);
/// assert_ne!(seed.split("signal"), seed.split("workload"));
/// # Ok::<(), sigprof_sim::seed::SeedError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seed(
    /// The seed as a number.
    pub u64,
);

impl Seed {
    /// The seed of the sub-stream `name` of this one.
    ///
    /// Each subsystem draws from a sub-stream of its own, so that a new draw in
    /// one moves no other (L2).
    #[inline(always)]
    #[must_use]
    pub fn split(self, name: &str) -> Self {
        Self(mix(
            mix(self.0.wrapping_add(GAMMA)) ^ fnv1a64(name.as_bytes())
        ))
    }

    /// A few draws of this seed, for who needs a handful: the generator is made for many, and
    /// takes longer to begin than a short run of the engine.
    #[inline]
    #[must_use]
    pub fn draws(self) -> Draws {
        Draws(mix(self.0 ^ DRAWS))
    }

    /// The generator of this seed.
    ///
    /// ChaCha, because its stream is fixed by the cipher's specification: the same
    /// on every platform and in every version of `rand`, which `StdRng` and
    /// `SmallRng` say they are not. Eight rounds, because nobody attacks it. The key
    /// is spread here and not by `seed_from_u64`, whose spreading belongs to
    /// `rand_core` and may change with it.
    ///
    /// L4 holds for the raw words (`next_u64`, `fill_bytes`). Ranges and shuffles are
    /// `rand`'s: they may draw differently in its next major version.
    #[must_use]
    pub fn rng(self) -> ChaCha8Rng {
        ChaCha8Rng::from_seed(self.key())
    }

    /// The key of its generator.
    pub(crate) fn key(self) -> [u8; 32] {
        let mut key = [0; 32];
        let mut state = self.0;
        for word in key.chunks_exact_mut(size_of::<u64>()) {
            state = state.wrapping_add(GAMMA);
            word.copy_from_slice(&mix(state).to_le_bytes());
        }
        key
    }
}

/// Splitmix64: each draw moves its state on by 2^64 over the golden ratio, and mixes it. L4 holds for all of it.
#[derive(Clone, Debug)]
pub struct Draws(u64);

impl Draws {
    /// 64 random bits.
    #[inline]
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GAMMA);
        mix(self.0)
    }

    /// A number below `count`, which is not 0, with a bias below `count / 2^64`.
    #[inline]
    pub fn below(&mut self, count: usize) -> usize {
        let scaled = (u128::from(self.bits()) * count as u128) >> 64;
        usize::try_from(scaled).unwrap_or(0)
    }
}

/// `0x` and 16 hex digits: `0x000000000000002a`.
impl fmt::Display for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#018x}", self.0)
    }
}

/// Reads what [`Display`](fmt::Display) prints, or a plain decimal number.
///
/// Hex may leave out zeros at its beginning: `0x2a`.
impl FromStr for Seed {
    type Err = SeedError;

    fn from_str(text: &str) -> Result<Self, SeedError> {
        let number = match text.strip_prefix("0x") {
            Some(hex)
                if (1..=HEX_DIGITS).contains(&hex.len())
                    && hex.bytes().all(|b| b.is_ascii_hexdigit()) =>
            {
                u64::from_str_radix(hex, 16).ok()
            }
            None if text.bytes().all(|b| b.is_ascii_digit()) => text.parse().ok(),
            _ => None,
        };
        number.map(Self).ok_or_else(|| SeedError {
            text: text.to_owned(),
        })
    }
}

/// A text that is no seed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("bad seed {text:?}: want 0x and up to 16 hex digits, or a decimal number below 2^64")]
pub struct SeedError {
    text: String,
}

/// Splitmix64's output function, a bijection (Steele, Lea and Flood, "Fast
/// splittable pseudorandom number generators", 2014; constants of Stafford's mix 13).
#[inline]
fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The 64-bit FNV-1a hash of what is added to it, piece by piece.
pub(crate) struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(FNV_START)
    }
}

impl Fnv {
    pub(crate) fn add(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(FNV_PRIME);
        }
    }

    pub(crate) fn finish(&self) -> u64 {
        self.0
    }
}

const FNV_START: u64 = 0xcbf2_9ce4_8422_2325;

const FNV_PRIME: u64 = 0x0000_0100_0000_01b3;

/// The 64-bit FNV-1a hash.
///
/// A loop that a compiler runs itself where the name is known.
#[inline(always)]
const fn fnv1a64(bytes: &[u8]) -> u64 {
    let (mut hash, mut at) = (FNV_START, 0);
    while at < bytes.len() {
        hash = (hash ^ bytes[at] as u64).wrapping_mul(FNV_PRIME);
        at += 1;
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand::Rng;

    /// The first two words of a seed's generator.
    fn draws(seed: Seed) -> [u64; 2] {
        let mut rng = seed.rng();
        [rng.next_u64(), rng.next_u64()]
    }

    #[test]
    fn prints_all_sixteen_digits() {
        assert_eq!(Seed(0).to_string(), "0x0000000000000000");
        assert_eq!(Seed(42).to_string(), "0x000000000000002a");
        assert_eq!(Seed(u64::MAX).to_string(), "0xffffffffffffffff");
    }

    #[test]
    fn reads_decimal_and_hex() {
        assert_eq!("0".parse(), Ok(Seed(0)));
        assert_eq!("18446744073709551615".parse(), Ok(Seed(u64::MAX)));
        assert_eq!("0x00000000DEADbeef".parse(), Ok(Seed(0xdead_beef)));
        assert_eq!("0xdeadbeef".parse(), Ok(Seed(0xdead_beef)));
        assert_eq!("0x0".parse(), Ok(Seed(0)));
    }

    #[test]
    fn refuses_everything_else() {
        for text in [
            "",
            "0x",
            "0x00000000000000001",
            "0x000000000000000g",
            "0x+00000000000002a",
            "0X000000000000002a",
            "2a",
            "+1",
            "-1",
            " 1",
            "1_000",
            "18446744073709551616",
        ] {
            let got: Result<Seed, _> = text.parse();
            assert!(got.is_err(), "{text:?} read as {got:?}");
        }
    }

    #[test]
    fn a_bad_seed_says_what_is_wanted() {
        assert_eq!(
            "0x2g".parse::<Seed>().unwrap_err().to_string(),
            "bad seed \"0x2g\": want 0x and up to 16 hex digits, or a decimal number below 2^64"
        );
    }

    /// Reference outputs of splitmix64 for the states 0 and 1234567, and of FNV-1a.
    #[test]
    fn parts_give_their_published_vectors() {
        assert_eq!(mix(GAMMA), 0xe220_a839_7b1d_cdaf);
        assert_eq!(mix(GAMMA.wrapping_mul(2)), 0x6e78_9e6a_a1b9_65f4);
        assert_eq!(
            mix(1_234_567_u64.wrapping_add(GAMMA)),
            6_457_827_717_110_365_317
        );
        assert_eq!(fnv1a64(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a64(b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv1a64(b"foobar"), 0x8594_4171_f739_67e8);
    }

    /// L4: these were computed once, outside this crate, and stay.
    #[test]
    fn splits_are_pinned() {
        assert_eq!(Seed(0).split("signal"), Seed(0x01db_7b19_cc44_01bd));
        assert_eq!(Seed(42).split("signal"), Seed(0xe316_7b86_97b9_870c));
        assert_eq!(Seed(42).split("workload"), Seed(0x1021_a0e7_8c3a_b4ee));
        assert_eq!(Seed(42).split(""), Seed(0x3486_9d7f_6b4a_a57f));
        assert_eq!(Seed(u64::MAX).split("signal"), Seed(0x7d9d_022a_d45a_30d8));
    }

    /// L4: as above.
    #[test]
    fn draws_are_pinned() {
        assert_eq!(
            draws(Seed(0)),
            [0xbf94_d133_2d8e_e5e8, 0x3a73_8775_a6da_5a01]
        );
        assert_eq!(
            draws(Seed(42)),
            [0x3115_9ef9_87c9_1afc, 0x1755_9844_b416_9001]
        );
        assert_eq!(
            draws(Seed(u64::MAX)),
            [0x167f_ca9c_60ef_8644, 0xf792_fa24_f2f8_3696]
        );
        assert_eq!(
            draws(Seed(42).split("signal")),
            [0x2cb7_2617_1bdb_eca6, 0xf015_3bf3_8f26_f483]
        );
    }

    /// L4: splitmix64, from a state of its own on.
    #[test]
    fn single_draws_are_pinned() {
        let from = mix(42 ^ 0x3243_f6a8_885a_308d);
        let mut draws = Seed(42).draws();
        assert_eq!(draws.bits(), mix(from.wrapping_add(GAMMA)));
        assert_eq!(draws.bits(), mix(from.wrapping_add(GAMMA.wrapping_mul(2))));
        let below = |count| (0..1_000).map(Seed).map(move |s| s.draws().below(count));
        assert!(below(3).all(|draw| draw < 3) && below(1).all(|draw| draw == 0));
        assert!((0..3).all(|wanted| below(3).any(|draw| draw == wanted)));
    }

    /// L2: splitting and drawing change nothing, in whatever order they come.
    #[test]
    fn a_new_sub_stream_moves_no_other() {
        let seed = Seed(42);
        let before = draws(seed.split("signal"));
        let mut other = seed.split("another").rng();
        other.next_u64();
        assert_eq!(draws(seed.split("signal")), before);
        assert_eq!(draws(Seed(42).split("signal")), before);
    }

    #[test]
    fn sub_streams_of_sub_streams_go_by_their_order() {
        let seed = Seed(42);
        assert_ne!(seed.split("a").split("b"), seed.split("b").split("a"));
        assert_ne!(seed.split("a").split("b"), seed.split("ab"));
        assert_ne!(seed.split(""), seed);
    }

    proptest! {
        /// Law L1 of this module.
        #[test]
        fn reads_what_it_prints(number: u64) {
            prop_assert_eq!(Seed(number).to_string().parse(), Ok(Seed(number)));
            prop_assert_eq!(number.to_string().parse(), Ok(Seed(number)));
        }

        /// L3, for seeds that differ in one bit, the high ones too.
        #[test]
        fn every_bit_of_the_parent_counts(number: u64, bit in 0..64u32, name: String) {
            let neighbour = Seed(number ^ (1 << bit));
            prop_assert_ne!(Seed(number).split(&name), neighbour.split(&name));
            prop_assert_ne!(draws(Seed(number)), draws(neighbour));
        }

        #[test]
        fn every_bit_of_the_name_counts(number: u64, a in "[a-z]{1,8}", b in "[a-z]{1,8}") {
            prop_assume!(a != b);
            prop_assert_ne!(Seed(number).split(&a), Seed(number).split(&b));
        }
    }
}
