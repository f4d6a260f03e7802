//! Bytes as a profile, and as a trace with a profile.

use sigprof::check::{self, Narrow, TraceSide};
use sigprof::pprof;
use sigprof::trace::Reader;
use sigprof::trace::v1::{self as trace, Trace};

/// A profile is read or refused, and what is read hangs together.
pub(crate) fn profile(bytes: &[u8]) {
    match pprof::read(bytes) {
        Ok(profile) => whole(&profile),
        Err(error) => {
            let is_packed = sigprof::gzip::is_gzip(bytes);
            // Offsets are of what was packed.
            assert!(is_packed || error.offset() <= bytes.len() as u64, "{error}");
        }
    }
}

/// Every frame is there, counts add up, and labels are in order.
pub(super) fn whole(profile: &pprof::Profile) {
    let mut total = 0_u64;
    for sample in &profile.samples {
        assert_eq!(profile.stack(sample).count(), sample.frames.len());
        assert!(sample.labels.is_sorted(), "{:?}", sample.labels);
        total = total.checked_add(sample.count).expect("less than 2^63");
    }
    assert!(i64::try_from(total).is_ok(), "{total}");
}

/// The two inputs in one: a length of two bytes, a trace of that many, and a profile.
pub(crate) fn split(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    let length = usize::from(u16::from_le_bytes(*length)).min(rest.len());
    Some(rest.split_at(length))
}

/// A trace and a profile are compared, whatever they are.
pub(crate) fn pair(bytes: &[u8]) {
    let Some((trace, profile)) = split(bytes) else {
        return;
    };
    let Ok(profile) = pprof::read(profile) else {
        return;
    };
    let narrow = Narrow::default();
    if let Ok(trace) = trace::read(trace) {
        // The last byte of a profile that is read is mostly part of a text.
        let which = bytes.last().copied().unwrap_or_default();
        compared(&trace, &profile, &narrow, which);
    }
}

/// The outcome does not depend on the order of samples, nor on whether events were collected; or
/// it is the sum of its stacks and can be shown: one of these.
pub(super) fn compared(trace: &Trace, profile: &pprof::Profile, narrow: &Narrow, which: u8) {
    let outcome = check::check_collected(trace, profile, narrow);
    if which & 3 == 0 {
        let mut other = profile.clone();
        other.samples.reverse();
        return match (outcome, check::check_collected(trace, &other, narrow)) {
            (Ok(one), Ok(other)) => {
                assert_eq!((one.verdict, one.reason), (other.verdict, other.reason));
                assert_eq!(one.summary, other.summary);
            }
            (Err(error), Err(other)) => assert_eq!(error, other),
            (one, other) => panic!("{one:?}, but {other:?}"),
        };
    }
    if which & 3 == 1 {
        let json = |report| serde_json::to_string(report).expect("JSON");
        let mut reader = Reader::new(trace.reader.bytes()).expect("a trace that was read");
        let side = TraceSide::read(&mut reader, narrow).expect("a trace that was read");
        let streamed = side.check(profile.clone());
        return assert_eq!(outcome.as_ref().map(json), streamed.as_ref().map(json));
    }
    let Ok(report) = outcome else { return };
    let missing = report
        .stacks
        .iter()
        .filter(|s| s.verdict != check::Verdict::Synthetic);
    let missing = missing
        .map(|s| s.profile.saturating_sub(s.trace))
        .sum::<u64>();
    assert_eq!(report.missing, missing);
    assert!([0, 1, 5].contains(&report.verdict.exit_code()));
    if which & 4 == 0 {
        let text = check::words::text(&report, check::words::Layout::default());
        assert!(text.starts_with(&report.summary));
    } else {
        serde_json::to_vec(&report).expect("JSON");
    }
}
